//! Keys: bytes that sort as the values do. A component is the place of its kind, then a number in eight bytes, a text
//! with an end, or a truth value; what an object or array holds is not in it. Going down, every byte is turned over.

use serde_json::Value;

use super::super::limits::INDEX_KEY_LENGTH;
use super::super::sort::{Direction, Key};
use super::super::value::Num;

/// Stands after a text that is complete.
const END: u8 = 0;
/// Stands after a text that was cut: it is greater than the one that ends there.
const CUT: u8 = 1;

/// From here on, whole numbers share their eight bytes with others.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// One part of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether they say all of the value. Nothing may follow otherwise: it would decide before the rest of the value.
    pub complete: bool,
}

impl Component {
    /// Of a value, in a key of so many components.
    #[must_use]
    pub fn of(key: &Key, way: Direction, of: usize) -> Self {
        let mut bytes = vec![key.rank + 1];
        let mut complete = true;
        match &key.value {
            Value::String(text) => complete = push_text(text.as_bytes(), INDEX_KEY_LENGTH / of.max(1), &mut bytes),
            Value::Bool(is) => bytes.push(u8::from(*is)),
            value => {
                if let Some(number) = Num::in_value(value) {
                    bytes.extend(ordered(number.real()));
                    complete = number.real().abs() < EXACT;
                }
            }
        }
        Self { bytes, complete }.turned(way)
    }

    /// What all values of a kind begin with.
    #[must_use]
    pub fn kind(key: &Key, way: Direction) -> Self {
        Self { bytes: vec![key.rank + 1], complete: false }.turned(way)
    }

    /// What all texts that begin so begin with.
    #[must_use]
    pub fn texts(start: &str, way: Direction, of: usize) -> Self {
        let most = INDEX_KEY_LENGTH / of.max(1);
        let start = start.as_bytes();
        let bytes = [&[TEXT], &start[..start.len().min(most)]].concat();
        Self { bytes, complete: false }.turned(way)
    }

    fn turned(self, way: Direction) -> Self {
        match way {
            Direction::Up => self,
            Direction::Down => Self { bytes: self.bytes.into_iter().map(|byte| !byte).collect(), ..self },
        }
    }
}

/// The place of texts, as a first byte.
const TEXT: u8 = 4;

fn push_text(text: &[u8], most: usize, bytes: &mut Vec<u8>) -> bool {
    let complete = text.len() <= most;
    bytes.extend(&text[..text.len().min(most)]);
    bytes.push(if complete { END } else { CUT });
    complete
}

/// A number whose bytes sort as it does. Whole numbers beyond 2^53 are rounded: that keeps the order, if not the
/// difference.
fn ordered(number: f64) -> [u8; 8] {
    let bits = number.to_bits();
    let sign = 1 << 63;
    (if bits & sign == 0 { bits | sign } else { !bits }).to_be_bytes()
}

/// The first key after all that begin so; none, if there is no such.
#[must_use]
pub fn after(start: &[u8]) -> Option<Vec<u8>> {
    let last = start.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut next = start[..=last].to_vec();
    next[last] += 1;
    Some(next)
}

/// As it travels in a statement.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|half| DIGITS[usize::from(half)] as char).collect()
}
