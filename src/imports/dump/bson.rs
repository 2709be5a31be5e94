//! BSON, the form of MongoDB's documents (bsonspec.org 1.1), read strictly into JSON: ids and binary data become texts, times
//! texts of RFC 3339 in UTC, decimals texts that lose nothing. What JSON has no word for is named, not bent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

use super::decimal;
use crate::base::Timestamp;

/// MongoDB's own limit.
const DEEPEST: usize = 100;

/// Why a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The bytes are no BSON.
    Damaged,
    /// A field holds something that JSON has no word for.
    Unknown(String),
}

type Result<T> = std::result::Result<T, Problem>;

/// Reads one document, which all of the bytes have to be.
pub(super) fn document(bytes: &[u8]) -> Result<Map<String, Value>> {
    let mut reading = Reading(bytes);
    let map = reading.document(1)?;
    if reading.0.is_empty() { Ok(map) } else { Err(Problem::Damaged) }
}

struct Reading<'a>(&'a [u8]);

impl<'a> Reading<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Problem::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| Problem::Damaged)
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(i32::from_le_bytes(self.array()?)).map_err(|_| Problem::Damaged)
    }

    /// Text up to a NUL.
    fn name(&mut self) -> Result<&'a str> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or(Problem::Damaged)?;
        let name = self.take(end)?;
        self.take(1)?;
        std::str::from_utf8(name).map_err(|_| Problem::Damaged)
    }

    /// Text with its length before it and a NUL behind.
    fn text(&mut self) -> Result<String> {
        let length = self.length()?;
        match self.take(length)?.split_last() {
            Some((0, text)) => String::from_utf8(text.to_vec()).map_err(|_| Problem::Damaged),
            _ => Err(Problem::Damaged),
        }
    }

    /// The elements of a document or array, in order.
    fn elements(&mut self, depth: usize, mut each: impl FnMut(&str, Value) -> Result<()>) -> Result<()> {
        let length = self.length()?.checked_sub(4).ok_or(Problem::Damaged)?;
        let mut inside = Reading(self.take(length)?);
        if depth > DEEPEST {
            return Err(Problem::Damaged);
        }
        loop {
            let [kind] = inside.array()?;
            if kind == 0 {
                return if inside.0.is_empty() { Ok(()) } else { Err(Problem::Damaged) };
            }
            let name = inside.name()?;
            let value = inside.value(kind, depth).map_err(|problem| within(name, problem))?;
            each(name, value)?;
        }
    }

    fn document(&mut self, depth: usize) -> Result<Map<String, Value>> {
        let mut map = Map::new();
        self.elements(depth, |name, value| match map.insert(name.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(Problem::Unknown(format!("the field `{name}` twice"))),
        })?;
        Ok(map)
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        self.elements(depth, |_, value| {
            items.push(value);
            Ok(())
        })?;
        Ok(items)
    }

    fn value(&mut self, kind: u8, depth: usize) -> Result<Value> {
        Ok(match kind {
            0x01 => double(f64::from_le_bytes(self.array()?))?,
            0x02 | 0x0e => self.text()?.into(),
            0x03 => self.document(depth + 1)?.into(),
            0x04 => self.items(depth + 1)?.into(),
            0x05 => self.binary()?.into(),
            0x06 | 0x0a => Value::Null,
            0x07 => hex(self.take(12)?).into(),
            0x08 => match self.array()? {
                [0] => false.into(),
                [1] => true.into(),
                _ => return Err(Problem::Damaged),
            },
            0x09 => time(i64::from_le_bytes(self.array()?))?.into(),
            0x10 => i32::from_le_bytes(self.array()?).into(),
            0x12 => i64::from_le_bytes(self.array()?).into(),
            0x13 => {
                let text = decimal::text(self.array()?);
                text.ok_or_else(|| Problem::Unknown("a decimal that is no number".to_owned()))?.into()
            }
            0x0b => return unknown("a regular expression"),
            0x0c => return unknown("a pointer into another collection"),
            0x0d | 0x0f => return unknown("code"),
            0x11 => return unknown("a timestamp of replication"),
            0x7f | 0xff => return unknown("a key before or after all others"),
            _ => return Err(Problem::Damaged),
        })
    }

    fn binary(&mut self) -> Result<String> {
        let length = self.length()?;
        self.take(1)?;
        Ok(STANDARD.encode(self.take(length)?))
    }
}

fn unknown<T>(what: &str) -> Result<T> {
    Err(Problem::Unknown(what.to_owned()))
}

fn within(name: &str, problem: Problem) -> Problem {
    match problem {
        Problem::Unknown(what) => Problem::Unknown(format!("`{name}`: {what}")),
        damaged @ Problem::Damaged => damaged,
    }
}

fn double(number: f64) -> Result<Value> {
    let number = Number::from_f64(number).ok_or_else(|| Problem::Unknown("a number that is none".to_owned()))?;
    Ok(Value::Number(number))
}

/// As documents write times: of one width, so that texts sort as times do.
fn time(milliseconds: i64) -> Result<String> {
    let (seconds, fraction) = (milliseconds.div_euclid(1_000), milliseconds.rem_euclid(1_000));
    match Timestamp(seconds).rfc3339().strip_suffix('Z') {
        Some(text) => Ok(format!("{text}.{fraction:03}Z")),
        None => unknown("a time that no calendar has"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrapped(elements: &[u8]) -> Vec<u8> {
        let length = i32::try_from(elements.len() + 5).unwrap();
        [&length.to_le_bytes()[..], elements, &[0]].concat()
    }

    fn element(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
        [&[kind][..], name.as_bytes(), &[0], value].concat()
    }

    fn text(value: &str) -> Vec<u8> {
        let length = i32::try_from(value.len() + 1).unwrap();
        [&length.to_le_bytes()[..], value.as_bytes(), &[0]].concat()
    }

    #[test]
    fn every_type_that_json_has_a_word_for_is_read() {
        let inner = wrapped(&element(0x02, "0", &text("é")));
        let all = [
            element(0x01, "d", &0.1_f64.to_le_bytes()),
            element(0x02, "s", &text("it's")),
            element(0x04, "a", &inner),
            element(0x03, "o", &inner),
            element(0x05, "b", &[3, 0, 0, 0, 0, 1, 2, 3]),
            element(0x07, "i", &[0x66; 12]),
            element(0x08, "t", &[1]),
            element(0x09, "w", &(-1_i64).to_le_bytes()),
            element(0x0a, "n", &[]),
            element(0x10, "s32", &(-7_i32).to_le_bytes()),
            element(0x12, "s64", &i64::MAX.to_le_bytes()),
        ];
        let read = document(&wrapped(&all.concat())).unwrap();
        let expected = json!({
            "d": 0.1, "s": "it's", "a": ["é"], "o": { "0": "é" }, "b": "AQID", "i": "66".repeat(12), "t": true,
            "w": "1969-12-31T23:59:59.999Z", "n": null, "s32": -7, "s64": i64::MAX,
        });
        assert_eq!(Value::Object(read), expected);
    }

    #[test]
    fn what_json_has_no_word_for_is_named_with_its_place() {
        let pattern = element(0x0b, "p", b"a\0i\0");
        let inside = wrapped(&element(0x03, "o", &wrapped(&pattern)));
        assert_eq!(document(&inside), Err(Problem::Unknown("`o`: `p`: a regular expression".to_owned())));
        let infinite = element(0x01, "d", &f64::INFINITY.to_le_bytes());
        assert!(matches!(document(&wrapped(&infinite)), Err(Problem::Unknown(_))));
        let twice = [element(0x0a, "n", &[]), element(0x0a, "n", &[])].concat();
        assert!(matches!(document(&wrapped(&twice)), Err(Problem::Unknown(_))));
        let late = element(0x09, "w", &i64::MAX.to_le_bytes());
        assert!(matches!(document(&wrapped(&late)), Err(Problem::Unknown(_))));
    }

    #[test]
    fn damage_is_seen_wherever_it_is() {
        let whole = wrapped(&[element(0x02, "s", &text("abc")), element(0x10, "n", &[1, 0, 0, 0])].concat());
        assert!(document(&whole).is_ok());
        for end in 0..whole.len() {
            assert_eq!(document(&whole[..end]), Err(Problem::Damaged), "cut at {end}");
        }
        for bad in [
            wrapped(&element(0x08, "t", &[2])),
            wrapped(&element(0x20, "x", &[])),
            wrapped(&element(0x02, "s", &[0, 0, 0, 0])),
            wrapped(&element(0x02, "s", &[0xff, 0xff, 0xff, 0xff])),
            wrapped(&element(0x02, "s", &[2, 0, 0, 0, 0xff, 0])),
            [whole.clone(), vec![0]].concat(),
        ] {
            assert_eq!(document(&bad), Err(Problem::Damaged), "{bad:?}");
        }
        let deep = (0..=DEEPEST).fold(wrapped(&[]), |inner, _| wrapped(&element(0x03, "o", &inner)));
        assert_eq!(document(&deep), Err(Problem::Damaged));
    }
}
