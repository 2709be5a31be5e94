//! What an index keeps of a document: a key for every value at its path, elements of arrays too, and for several fields
//! every combination of those.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::filter::candidates;
use super::super::limits::INDEX_ENTRIES;
use super::super::path::Path;
use super::super::sort::{Direction, Key, key};
use super::super::value::normal;
use super::Index;
use super::key::Component;

/// One key of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its bytes.
    pub key: Vec<u8>,
    /// For each field two bits: whether this is what the document is sorted by there, in the index's direction, and in
    /// the other one.
    pub edges: u8,
}

/// A document has more keys than an index keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a document has more keys than an index keeps")]
pub struct TooManyEntries;

impl Index {
    /// The keys of a document, in their order.
    ///
    /// # Errors
    /// There are too many.
    pub fn entries(&self, document: &Value) -> Result<Vec<Entry>, TooManyEntries> {
        if !self.is_about(document) {
            return Ok(Vec::new());
        }
        let mut all = vec![Entry { key: Vec::new(), edges: 0 }];
        let mut cut = BTreeMap::new();
        for (n, (path, way)) in self.fields.iter().enumerate() {
            let components = components(document, path, *way, self.fields.len());
            let mut next = Vec::new();
            for entry in &all {
                for (component, edges) in &components {
                    let key = [entry.key.as_slice(), &component.bytes].concat();
                    let entry = Entry { key, edges: entry.edges | (edges << (2 * n)) };
                    if component.complete {
                        next.push(entry);
                    } else {
                        // This key stands for whatever the further fields hold, in any order.
                        let further = u8::MAX.checked_shl(u32::try_from(2 * n + 2).unwrap_or(8)).unwrap_or(0);
                        *cut.entry(entry.key).or_insert(0) |= entry.edges | further;
                    }
                }
                if next.len() + cut.len() > INDEX_ENTRIES {
                    return Err(TooManyEntries);
                }
            }
            all = next;
        }
        for entry in all {
            *cut.entry(entry.key).or_insert(0) |= entry.edges;
        }
        Ok(cut.into_iter().map(|(key, edges)| Entry { key, edges }).collect())
    }

    /// What no other document of the collection may have, each in its one written form; nothing, if that is allowed.
    ///
    /// # Errors
    /// There are too many.
    pub fn claims(&self, document: &Value) -> Result<Vec<String>, TooManyEntries> {
        if !self.unique || !self.is_about(document) {
            return Ok(Vec::new());
        }
        let mut all: Vec<Vec<Value>> = vec![Vec::new()];
        for (path, _) in &self.fields {
            let values = values(document, path);
            if all.len() * values.len() > INDEX_ENTRIES {
                return Err(TooManyEntries);
            }
            all = all
                .iter()
                .flat_map(|before| values.iter().map(|value| [before.as_slice(), std::slice::from_ref(value)].concat()))
                .collect();
        }
        let mut texts: Vec<String> = all.into_iter().map(|values| normal(Value::Array(values)).to_string()).collect();
        texts.sort_unstable();
        texts.dedup();
        Ok(texts)
    }
}

/// The values at a path as parts of keys, and whether the document is sorted by each.
fn components(document: &Value, path: &Path, way: Direction, of: usize) -> BTreeMap<Component, u8> {
    let mut all = BTreeMap::new();
    candidates(Some(document), path.steps(), true, &mut |value| {
        all.insert(Component::of(&Key::of(value), way, of), 0);
        false
    });
    for (n, direction) in [way, way.turned()].into_iter().enumerate() {
        *all.entry(Component::of(&key(document, path, direction), way, of)).or_insert(0) |= 1 << n;
    }
    all
}

/// The values at a path: the elements of an array instead of itself, and null for what is missing.
fn values(document: &Value, path: &Path) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    candidates(Some(document), path.steps(), false, &mut |value| {
        match value {
            Some(Value::Array(items)) if !items.is_empty() => all.extend(items.iter().cloned()),
            value => all.push(value.cloned().unwrap_or_default()),
        }
        false
    });
    if all.is_empty() {
        all.push(Value::Null);
    }
    all
}
