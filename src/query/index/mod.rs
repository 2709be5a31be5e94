//! Indexes that a collection declares: for each document some keys, which are bytes in the order of the language. They
//! only ever narrow down where is looked or give the order in which it is looked; what a filter takes and how a sort
//! orders stays the matter of the exact conditions, so that a key may be cut and numbers may be rounded.

mod entries;
pub mod key;
mod plan;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::filter::Filter;
use super::invalid::{At, Result, Subject};
use super::limits::{COLLECTION_INDEXES, INDEX_FIELDS, INDEX_NAME_LENGTH};
use super::path::{Path, Root};
use super::sort::{Direction, Sort};

pub use entries::{Entry, TooManyEntries};
pub use plan::{Plan, Range, Walk, Wanted};

/// An index as a collection declares it: `{"name": …, "fields": {"a": 1, "b": -1}, "unique": true, "where": {…}}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// Its name, unique in its collection.
    pub name: String,
    /// What its keys are made of.
    pub fields: Vec<(Path, Direction)>,
    /// Whether no two documents may have a key in common.
    pub unique: bool,
    /// Which documents it is about.
    pub only: Filter,
}

/// An index that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Where its entries stand; those of documents with several entries stand under the negative number too.
    pub number: i64,
    /// What it is.
    pub index: Index,
    /// Whether no document has several entries.
    pub single: bool,
}

impl Index {
    /// Reads the indexes of a collection.
    ///
    /// # Errors
    /// One is none, there are too many, or two have the same name.
    pub fn list(text: &Value) -> Result<Vec<Self>> {
        let at = At::start(Subject::Index).child("indexes");
        let Some(items) = text.as_array() else { return at.refuse("not-a-list", "indexes are a list") };
        if items.len() > COLLECTION_INDEXES {
            let detail = format!("a collection has at most {COLLECTION_INDEXES} indexes");
            return at.refuse("too-many-indexes", detail);
        }
        let mut all: Vec<Self> = Vec::new();
        for (n, item) in items.iter().enumerate() {
            let index = Self::parse(item, &at.child(n))?;
            if all.iter().any(|other| other.name == index.name) {
                return at.child(n).refuse("repeated", "two indexes have the same name");
            }
            all.push(index);
        }
        Ok(all)
    }

    /// Reads one index.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &Value, at: &At) -> Result<Self> {
        let Value::Object(map) = text else { return at.refuse("not-an-object", "an index is an object") };
        if let Some(other) = map.keys().find(|name| !["name", "fields", "unique", "where"].contains(&name.as_str())) {
            return at.child(other).refuse("unknown-member", "an index has a name, fields, unique and where");
        }
        let only = map.get("where").map_or(Ok(Filter::everything()), Filter::parse)?;
        if holds_expression(&only) {
            return at.child("where").refuse("misplaced-operator", "the filter of an index holds no `$expr`");
        }
        Ok(Self {
            name: name(map.get("name"), &at.child("name"))?,
            fields: fields(map.get("fields").unwrap_or(&Value::Null), &at.child("fields"))?,
            unique: match map.get("unique") {
                None => false,
                Some(Value::Bool(unique)) => *unique,
                Some(_) => return at.child("unique").refuse("not-a-boolean", "an index is unique or not"),
            },
            only,
        })
    }

    /// Whether a document, with the server's fields, has entries here.
    #[must_use]
    pub fn is_about(&self, document: &Value) -> bool {
        self.only.takes_element(document)
    }
}

fn name(text: Option<&Value>, at: &At) -> Result<String> {
    let name = text.and_then(Value::as_str).unwrap_or_default();
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if name.is_empty() || name.len() > INDEX_NAME_LENGTH || !plain {
        return at.refuse("bad-name", format!("a name has 1 to {INDEX_NAME_LENGTH} of A-Z, a-z, 0-9, _ and -"));
    }
    Ok(name.to_owned())
}

fn fields(text: &Value, at: &At) -> Result<Vec<(Path, Direction)>> {
    if !text.is_object() {
        return at.refuse("not-an-object", "the fields of an index are an object of paths and 1 or -1");
    }
    let Sort(fields) = Sort::within(text, Root::Stored, at)?;
    if fields.len() > INDEX_FIELDS {
        return at.refuse("too-many-fields", format!("an index has at most {INDEX_FIELDS} fields"));
    }
    Ok(fields)
}

/// Expressions can fail and depend on the time: an index cannot stand on them.
fn holds_expression(filter: &Filter) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().any(holds_expression),
        Filter::Not(part) => holds_expression(part),
        Filter::Field(..) => false,
        Filter::Expr(_) => true,
    }
}
