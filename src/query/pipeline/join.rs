//! `$lookup`: which documents of another collection are wanted for a batch, and to which of the batch each belongs.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::super::expr::{Failure, Scope};
use super::super::filter::{Filter, Predicate, Test, candidates};
use super::super::path::Path;
use super::super::value::{normal, weight};
use super::Lookup;
use super::state::put;

/// How many documents are looked up at a time.
pub const BATCH: usize = 500;

impl Lookup {
    /// Takes the documents of the other collection that belong to any of the batch.
    #[must_use]
    pub fn wanted(&self, batch: &[Value]) -> Filter {
        let mut values = HashMap::new();
        for document in batch {
            each(document, &self.local, &mut |text, value| drop(values.insert(text, value.clone())));
        }
        let mut values: Vec<(String, Value)> = values.into_iter().collect();
        values.sort_by(|(a, _), (b, _)| a.cmp(b));
        let values = values.into_iter().map(|(_, value)| value).collect();
        Filter::Field(self.foreign.clone(), Test::Has(Predicate::In(values)))
    }

    /// Puts to each document of the batch those that were found and belong to it, in the order in which they were found.
    ///
    /// # Errors
    /// It takes too much.
    pub fn attach(&self, batch: &mut [Value], found: &[Value], scope: &Scope<'_>) -> Result<(), Failure> {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, document) in found.iter().enumerate() {
            each(document, &self.foreign, &mut |text, _| places.entry(text).or_default().push(n));
        }
        for document in batch {
            let mut own = BTreeSet::new();
            each(document, &self.local, &mut |text, _| own.extend(places.get(&text).into_iter().flatten().copied()));
            let mut joined = Vec::new();
            for other in own.into_iter().filter_map(|n| found.get(n)) {
                scope.meter.spend(1 + weight(other) / 64)?;
                joined.push(other.clone());
            }
            put(document, self.into.steps(), Some(&joined.into()), scope)?;
        }
        Ok(())
    }
}

/// Every value at a path, with its one text; what is missing counts as null.
fn each(document: &Value, path: &Path, see: &mut dyn FnMut(String, &Value)) {
    candidates(Some(document), path.steps(), true, &mut |value| {
        let value = normal(value.cloned().unwrap_or_default());
        see(value.to_string(), &value);
        false
    });
}
