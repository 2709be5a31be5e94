//! Texts of the language, changed in the bytes and in their structure: each has its answer. It feeds the function that
//! `cargo fuzz` feeds; with `FUZZ_SECONDS` for so long, and from another seed each time.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::generate::{self, Dice};
use super::generate_changes as changes;

#[path = "../../fuzz/fuzz_targets/fed.rs"]
mod fed;

/// How many in a run of the suite.
const ROUNDS: u64 = 20_000;
/// What bytes are replaced by.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "$",
    "\\u0000",
    "\\ud800",
    "$and",
    "$expr",
    "$regex",
    "$where",
    "$$ROOT",
    "$$this",
    "1e400",
    "-0.0",
    "9223372036854775808",
    "a.b.c.d.e.f.g.h.i",
    "null",
    "(a+)+$",
    "\n",
    "é",
    "\u{202e}",
];

fn seconds() -> Option<Duration> {
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
    let given = std::env::var("FUZZ_SECONDS").ok()?;
    given.parse().ok().map(Duration::from_secs)
}

fn text(dice: &mut Dice) -> Value {
    match dice.below(5) {
        0 => generate::filter(dice, 4),
        1 => generate::sort(dice),
        2 => changes::update(dice),
        3 => changes::filter_with_expressions(dice),
        _ => changes::pipeline(dice),
    }
}

/// How many values are within one, itself included.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.values().map(size).sum(),
        _ => 0,
    }
}

/// The n-th of them.
fn nth<'a>(value: &'a mut Value, n: &mut usize) -> Option<&'a mut Value> {
    if *n == 0 {
        return Some(value);
    }
    *n -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, n)),
        Value::Object(map) => map.values_mut().find_map(|item| nth(item, n)),
        _ => None,
    }
}

/// Puts a part of one text into another, at the place of some value.
fn grafted(dice: &mut Dice, mut text: Value) -> Value {
    let mut other = self::text(dice);
    let (mut from, mut to) = (dice.below(size(&other)), dice.below(size(&text)));
    if let (Some(from), Some(to)) = (nth(&mut other, &mut from), nth(&mut text, &mut to)) {
        *to = from.take();
    }
    text
}

fn damaged(dice: &mut Dice, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(3) {
        let (at, end) = (dice.below(bytes.len() + 1), bytes.len());
        match dice.below(4) {
            0 if at < end => bytes[at] ^= 1 << dice.below(8),
            1 => drop(bytes.splice(at..(at + dice.below(4)).min(end), [])),
            2 => bytes.extend_from_within(at..),
            _ => drop(bytes.splice(at..at, dice.pick(PIECES).bytes())),
        }
    }
    bytes
}

#[test]
fn d5_w086_mutated_texts_have_their_answer() {
    let asked = seconds();
    let seed = asked.map_or(20_260_101, |_| u64::from(std::process::id()) << 32);
    let (mut dice, begun, mut rounds, mut read) = (Dice::new(seed), Instant::now(), 0_u64, 0_u64);
    while asked.map_or(rounds < ROUNDS, |most| begun.elapsed() < most) {
        let (mut text, document) = (self::text(&mut dice), generate::value(&mut dice, 3));
        for _ in 0..dice.below(4) {
            text = grafted(&mut dice, text);
        }
        let whole = format!("{text}\n{document}");
        let bytes = if dice.chance(50) { damaged(&mut dice, &whole) } else { whole.into_bytes() };
        let one = Instant::now();
        read += u64::from(fed::fed(&bytes));
        let took = one.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}: {}", String::from_utf8_lossy(&bytes));
        rounds += 1;
    }
    assert!(read * 2 > rounds, "{read} of {rounds} were JSON");
    println!("seed {seed}: {rounds} texts, of them {read} JSON, in {:?}", begun.elapsed());
}
