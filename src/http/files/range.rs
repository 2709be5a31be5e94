//! Conditions and ranges of a request for bytes (RFC 9110 §13, §14): one range, or the whole.

use std::ops::Range;

use axum::http::HeaderMap;
use axum::http::header::{IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE};

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Everything.
    Whole,
    /// A part.
    Part(Range<u64>),
    /// Nothing: it is known already.
    Known,
    /// Nothing: it is another one than was meant.
    Another,
    /// Nothing: there is no such part.
    Beyond,
}

/// What a request for something of this size and with this entity tag asks for.
#[must_use]
pub fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Wanted {
    let text = |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or("?"));
    if text(IF_MATCH).is_some_and(|list| !names(list, tag, false)) {
        return Wanted::Another;
    }
    if text(IF_NONE_MATCH).is_some_and(|list| names(list, tag, true)) {
        return Wanted::Known;
    }
    let same = text(IF_RANGE).is_none_or(|given| given.trim() == tag);
    match text(RANGE).filter(|_| same).and_then(|range| one(range, size)) {
        Some(Some(range)) => Wanted::Part(range),
        Some(None) => Wanted::Beyond,
        None => Wanted::Whole,
    }
}

/// Whether a list of entity tags names this one; a weak one is enough where only reading is saved (RFC 9110 §8.8.3.2).
#[must_use]
pub fn names(list: &str, tag: &str, weakly: bool) -> bool {
    list.split(',').map(str::trim).any(|given| {
        let given = if weakly { given.strip_prefix("W/").unwrap_or(given) } else { given };
        given == "*" || given == tag
    })
}

/// The one range that is asked for; `None` where there is none or there are several, `Some(None)` where nothing of
/// it is there.
#[expect(clippy::option_option, reason = "a range that is not there is answered, one that is not asked for is not")]
fn one(header: &str, size: u64) -> Option<Option<Range<u64>>> {
    let range = header.trim().strip_prefix("bytes=")?.trim();
    let (from, to) = range.split_once('-')?;
    let number = |text: &str| -> Option<u64> {
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than fit are more bytes than there are.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    if from.trim().is_empty() {
        let last = number(to)?.min(size);
        return Some((last > 0).then(|| size - last..size));
    }
    let from = number(from)?;
    let to = if to.trim().is_empty() { u64::MAX } else { number(to)? };
    if to < from {
        return None;
    }
    Some((from < size).then(|| from..to.saturating_add(1).min(size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Wanted {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name: axum::http::HeaderName = name.parse().unwrap();
            headers.insert(name, value.parse().unwrap());
        }
        wanted(&headers, "\"tag\"", 100)
    }

    #[test]
    fn one_range_is_a_part_and_several_are_the_whole() {
        for (range, wanted) in [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=10-19", Wanted::Part(10..20)),
            ("bytes=90-", Wanted::Part(90..100)),
            ("bytes=90-1000", Wanted::Part(90..100)),
            ("bytes=-5", Wanted::Part(95..100)),
            ("bytes=-500", Wanted::Part(0..100)),
            ("bytes=100-", Wanted::Beyond),
            ("bytes=99999999999999999999999-", Wanted::Beyond),
            ("bytes=-0", Wanted::Beyond),
            ("bytes=5-2", Wanted::Whole),
            ("bytes=0-0,5-6", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("items=0-1", Wanted::Whole),
            ("bytes", Wanted::Whole),
        ] {
            assert_eq!(asked(&[("range", range)]), wanted, "{range}");
        }
    }

    #[test]
    fn f3_a_thousand_ranges_are_no_more_than_the_whole() {
        let many: Vec<String> = (0..1_000).map(|n| format!("{n}-")).collect();
        assert_eq!(asked(&[("range", &format!("bytes={}", many.join(",")))]), Wanted::Whole);
    }

    #[test]
    fn conditions_come_before_ranges() {
        assert_eq!(asked(&[("if-none-match", "W/\"tag\""), ("range", "bytes=0-1")]), Wanted::Known);
        assert_eq!(asked(&[("if-none-match", "\"other\", \"tag\"")]), Wanted::Known);
        assert_eq!(asked(&[("if-none-match", "\"other\"")]), Wanted::Whole);
        assert_eq!(asked(&[("if-match", "\"other\"")]), Wanted::Another);
        assert_eq!(asked(&[("if-match", "W/\"tag\"")]), Wanted::Another);
        assert_eq!(asked(&[("if-match", "*")]), Wanted::Whole);
        assert_eq!(asked(&[("if-range", "\"tag\""), ("range", "bytes=0-1")]), Wanted::Part(0..2));
        assert_eq!(asked(&[("if-range", "W/\"tag\""), ("range", "bytes=0-1")]), Wanted::Whole);
        assert_eq!(asked(&[("if-range", "\"other\""), ("range", "bytes=0-1")]), Wanted::Whole);
    }
}
