//! What each stage remembers, and does with a document.

use serde_json::{Map, Value};

use super::super::expr::{Expr, Failure, Scope};
use super::super::limits::PIPELINE_MEMORY;
use super::super::path::{Path, Step};
use super::super::sort::compare_ids;
use super::super::value::{compare, weight};
use super::group::Groups;
use super::run::Run;
use super::{Stage, Unwind};

/// What a stage remembers between documents.
#[derive(Debug)]
pub(super) enum State {
    /// Nothing.
    Nothing,
    /// A number of documents.
    Seen(u64),
    /// Documents.
    Kept(Vec<Value>),
    /// Documents taken at random from so many.
    Sampled(Vec<Value>, usize),
    /// Groups of documents.
    Groups(Groups),
    /// Pipelines within this one.
    Facets(Vec<Run>),
}

impl State {
    pub(super) fn of(stage: &Stage, seed: u64) -> Self {
        match stage {
            Stage::Limit(_) | Stage::Skip(_) | Stage::Count(_) => Self::Seen(0),
            Stage::Sort(_) => Self::Kept(Vec::new()),
            Stage::Sample(_) => Self::Sampled(Vec::new(), 0),
            Stage::Group(_) | Stage::Bucket(_) => Self::Groups(Groups::default()),
            Stage::Facet(facets) => {
                let share = |(_, stages): &(String, Vec<Stage>)| {
                    Run::new(stages, seed).within(PIPELINE_MEMORY / (facets.len() + 1))
                };
                Self::Facets(facets.iter().map(share).collect())
            }
            _ => Self::Nothing,
        }
    }
}

/// The fields of `$addFields`, computed from the document as it was.
pub(super) fn with_fields(document: Value, fields: &[(Path, Expr)], scope: &Scope<'_>) -> Result<Value, Failure> {
    let computed = fields.iter().map(|(_, expr)| expr.value(&document, scope)).collect::<Result<Vec<_>, _>>()?;
    let mut changed = document;
    for ((path, _), value) in fields.iter().zip(computed) {
        put(&mut changed, path.steps(), value.as_ref(), scope)?;
    }
    Ok(changed)
}

/// Puts a value at a path, into each element where an array stands in the way; none takes away what is there.
pub(super) fn put(target: &mut Value, steps: &[Step], value: Option<&Value>, scope: &Scope<'_>) -> Result<(), Failure> {
    let Some((step, rest)) = steps.split_first() else { return Ok(()) };
    scope.meter.spend(1)?;
    if let Value::Array(items) = target {
        return items.iter_mut().try_for_each(|item| put(item, steps, value, scope));
    }
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(map) = target else { return Ok(()) };
    match (rest.is_empty(), value) {
        (true, Some(value)) => {
            scope.meter.spend(weight(value) / 64)?;
            map.insert(step.name.clone(), value.clone());
        }
        (true, None) => drop(map.remove(&step.name)),
        (false, _) => {
            let next = map.entry(step.name.clone()).or_insert_with(|| Value::Object(Map::new()));
            put(next, rest, value, scope)?;
        }
    }
    Ok(())
}

/// One document for each element of the array; what is no array is its only element.
pub(super) fn unwound(
    document: &Value,
    unwind: &Unwind,
    scope: &Scope<'_>,
    emit: &mut dyn FnMut(Value) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let found = unwind.path.steps().iter().try_fold(document, |value, step| value.get(&step.name));
    let mut each = |element: Option<&Value>, index: Option<usize>| {
        scope.meter.spend(1 + weight(document) / 64)?;
        let mut one = document.clone();
        put(&mut one, unwind.path.steps(), element, scope)?;
        if let Some(path) = &unwind.index {
            put(&mut one, path.steps(), Some(&index.map_or(Value::Null, Value::from)), scope)?;
        }
        emit(one)
    };
    match found {
        Some(Value::Array(items)) if items.is_empty() && unwind.keep => each(None, None),
        Some(Value::Array(items)) => items.iter().enumerate().try_for_each(|(n, item)| each(Some(item), Some(n))),
        None if unwind.keep => {
            // Nothing is there to be taken away.
            let mut one = document.clone();
            if let Some(path) = &unwind.index {
                put(&mut one, path.steps(), Some(&Value::Null), scope)?;
            }
            emit(one)
        }
        Some(Value::Null) if unwind.keep => each(Some(&Value::Null), None),
        None | Some(Value::Null) => Ok(()),
        Some(value) => each(Some(value), None),
    }
}

/// Documents of ranges in the order of the ranges.
pub(super) fn by_range(documents: &mut [Value]) {
    documents.sort_by(|a, b| match (a.get("_id"), b.get("_id")) {
        (Some(a), Some(b)) => compare(a, b),
        _ => compare_ids(a, b),
    });
}
