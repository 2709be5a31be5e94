//! Whatever bytes come in: reading them as a filter, sort, projection, update, pipeline or index ends with an answer,
//! and what was read can be evaluated and becomes a statement of bounded size.

#![no_main]

mod fed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fed::fed(bytes);
});
