//! Sorts: by up to eight paths, and always by `_id` in the end, so that no two documents are alike and a page can be
//! continued after its last one. Objects and arrays within arrays count as equal among their kind.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::filter::candidates;
use super::invalid::{At, Result, Subject};
use super::limits::SORT_FIELDS;
use super::path::{Path, Root};
use super::value::{Kind, compare};

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The least.
    Up,
    /// The greatest.
    Down,
}

impl Direction {
    /// An order seen in this direction.
    #[must_use]
    pub const fn apply(self, order: Ordering) -> Ordering {
        match self {
            Self::Up => order,
            Self::Down => order.reverse(),
        }
    }

    /// The other one.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }

    /// The word in SQL.
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Up => "ASC",
            Self::Down => "DESC",
        }
    }
}

/// In which order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sort(pub Vec<(Path, Direction)>);

/// What a document is sorted by at one path.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The place of its kind: an empty array 0, null and missing 1, numbers 2, texts 3, objects 4, arrays 5, booleans 6.
    pub rank: u8,
    /// The number, text or boolean; null for the others.
    pub value: Value,
}

impl Key {
    /// Of a value, taken as a whole; `None` is missing.
    #[must_use]
    pub fn of(value: Option<&Value>) -> Self {
        let rank = match value.map_or(Kind::Null, Kind::of) {
            Kind::Null => 1,
            Kind::Number => 2,
            Kind::Text => 3,
            Kind::Object => 4,
            Kind::Array => 5,
            Kind::Bool => 6,
        };
        let scalar = value.filter(|_| matches!(rank, 2 | 3 | 6));
        Self { rank, value: scalar.cloned().unwrap_or_default() }
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank).then_with(|| compare(&self.value, &other.value))
    }

    /// As it stands in a cursor.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!([self.rank, self.value])
    }

    /// As it stood in a cursor.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let rank = u8::try_from(value.get(0)?.as_u64()?).ok()?;
        let key = Self { rank, value: value.get(1)?.clone() };
        let scalar = matches!((rank, Kind::of(&key.value)), (2, Kind::Number) | (3, Kind::Text) | (6, Kind::Bool));
        (scalar || (matches!(rank, 0 | 1 | 4 | 5) && key.value.is_null())).then_some(key)
    }
}

impl Sort {
    /// Reads a sort of stored documents: `{"n": -1, "s": 1}`, or as a text `-n,s`.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn parse(text: &Value) -> Result<Self> {
        Self::within(text, Root::Stored, &At::start(Subject::Sort))
    }

    /// Reads a sort within a larger text.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn within(text: &Value, root: Root, at: &At) -> Result<Self> {
        let fields: Vec<(Path, Direction)> = match text {
            Value::Object(map) => {
                map.iter().map(|(name, way)| field(name, way, root, &at.child(name))).collect::<Result<_>>()?
            }
            Value::String(list) => list
                .split(',')
                .map(|name| {
                    let (name, way) =
                        name.strip_prefix('-').map_or((name, Direction::Up), |name| (name, Direction::Down));
                    Ok((Path::parse(name, root, at)?, way))
                })
                .collect::<Result<_>>()?,
            _ => return at.refuse("not-an-object", "a sort is an object"),
        };
        if fields.is_empty() || fields.len() > SORT_FIELDS {
            return at.refuse("too-many-fields", format!("a sort has one to {SORT_FIELDS} fields"));
        }
        for (n, (path, _)) in fields.iter().enumerate() {
            if path.steps().iter().any(|step| step.index.is_some()) {
                return at.child(path).refuse("not-sortable", "a sort names no single elements of arrays");
            }
            if fields[..n].iter().any(|(other, _)| other == path) {
                return at.refuse("repeated", format!("`{path}` is named twice"));
            }
        }
        Ok(Self(fields))
    }

    /// What a document is sorted by.
    #[must_use]
    pub fn keys(&self, document: &Value) -> Vec<Key> {
        self.0.iter().map(|(path, way)| key(document, path, *way)).collect()
    }

    /// The order of two documents by their keys.
    #[must_use]
    pub fn compare_keys(&self, a: &[Key], b: &[Key]) -> Ordering {
        let each = self.0.iter().zip(a.iter().zip(b));
        each.map(|((_, way), (a, b))| way.apply(a.compare(b))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Sorts documents, then by `_id`; those that are alike stay in their order.
    pub fn sort(&self, documents: &mut Vec<Value>) {
        let mut keyed: Vec<_> = documents.drain(..).map(|document| (self.keys(&document), document)).collect();
        keyed.sort_by(|(a, first), (b, second)| self.compare_keys(a, b).then_with(|| compare_ids(first, second)));
        documents.extend(keyed.into_iter().map(|(_, document)| document));
    }

    /// Shows every path it looks at.
    pub fn paths(&self, see: &mut dyn FnMut(&str)) {
        self.0.iter().for_each(|(path, _)| see(&path.to_string()));
    }
}

/// The order by `_id`, where both have one.
#[must_use]
pub fn compare_ids(a: &Value, b: &Value) -> Ordering {
    match (a.get("_id"), b.get("_id")) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    }
}

fn field(name: &str, way: &Value, root: Root, at: &At) -> Result<(Path, Direction)> {
    let path = Path::parse(name, root, at)?;
    match way.as_i64() {
        Some(1) => Ok((path, Direction::Up)),
        Some(-1) => Ok((path, Direction::Down)),
        _ => at.refuse("not-a-direction", "a field is sorted by 1 or -1"),
    }
}

/// An array is sorted by its least or greatest element, an empty one before everything; what is nowhere, as missing.
pub(super) fn key(document: &Value, path: &Path, way: Direction) -> Key {
    let mut best: Option<Key> = None;
    let mut offer = |key: Key| {
        if best.as_ref().is_none_or(|best| way.apply(key.compare(best)).is_lt()) {
            best = Some(key);
        }
    };
    candidates(Some(document), path.steps(), false, &mut |value| {
        match value {
            Some(Value::Array(items)) if items.is_empty() => offer(Key { rank: 0, value: Value::Null }),
            Some(Value::Array(items)) => items.iter().for_each(|item| offer(Key::of(Some(item)))),
            value => offer(Key::of(value)),
        }
        false
    });
    best.unwrap_or_else(|| Key::of(None))
}
