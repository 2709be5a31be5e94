//! Stages at work: documents are pushed in one by one, and what comes out at the end is collected.

use serde_json::{Map, Value};

use super::super::expr::{Failure, Scope};
use super::super::limits::{OUTPUT_DOCUMENTS, PIPELINE_MEMORY};
use super::super::value::weight;
use super::Stage;
use super::state::{State, by_range, unwound, with_fields};

/// Stages at work. `$lookup` and `$unionWith` ask the database, so whoever runs a pipeline stops before them.
#[derive(Debug)]
pub struct Run {
    stages: Vec<(Stage, State)>,
    output: Vec<Value>,
    most: usize,
    held: usize,
    memory: usize,
    dice: u64,
}

impl Run {
    /// Stages at their beginning; the seed is for `$sample`.
    #[must_use]
    pub fn new(stages: &[Stage], seed: u64) -> Self {
        let stages = stages.iter().map(|stage| (stage.clone(), State::of(stage, seed))).collect();
        Self { stages, output: Vec::new(), most: OUTPUT_DOCUMENTS, held: 0, memory: PIPELINE_MEMORY, dice: seed }
    }

    /// Stages whose output goes on to others, so that only its size in memory is bounded.
    #[must_use]
    pub fn inner(mut self) -> Self {
        self.most = usize::MAX;
        self
    }

    /// Stages that share the memory with others.
    pub(super) const fn within(mut self, memory: usize) -> Self {
        self.memory = memory;
        self
    }

    /// Takes a document in. Answers whether more can change anything.
    ///
    /// # Errors
    /// Something cannot be computed of it, or takes too much.
    pub fn push(&mut self, document: Value, scope: &Scope<'_>) -> Result<bool, Failure> {
        self.enter(0, document, scope)?;
        Ok(!self.is_full())
    }

    fn is_full(&self) -> bool {
        let streaming = |stage: &Stage| !matches!(stage, Stage::Facet(_));
        let before = self.stages.iter().take_while(|(stage, _)| streaming(stage));
        before
            .into_iter()
            .any(|(stage, memo)| matches!((stage, memo), (Stage::Limit(most), State::Seen(seen)) if seen >= most))
    }

    /// What comes out when nothing more comes in.
    ///
    /// # Errors
    /// As [`Run::push`].
    pub fn finish(mut self, scope: &Scope<'_>) -> Result<Vec<Value>, Failure> {
        for at in 0..self.stages.len() {
            for document in self.drain(at, scope)? {
                self.enter(at + 1, document, scope)?;
            }
        }
        Ok(self.output)
    }

    fn hold(&mut self, bytes: usize) -> Result<(), Failure> {
        self.held = self.held.saturating_add(bytes);
        if self.held > self.memory { Err(Failure::TooExpensive) } else { Ok(()) }
    }

    /// A document arrives at a stage, or at the end.
    fn enter(&mut self, at: usize, document: Value, scope: &Scope<'_>) -> Result<(), Failure> {
        scope.meter.spend(1)?;
        let Some((stage, memo)) = self.stages.get_mut(at) else { return self.leave(document) };
        match stage {
            Stage::Sample(_) => self.sample(at, document),
            Stage::Unwind(unwind) => {
                let unwind = unwind.clone();
                unwound(&document, &unwind, scope, &mut |one| self.enter(at + 1, one, scope))
            }
            Stage::Group(_) | Stage::Bucket(_) | Stage::Sort(_) => {
                let bytes = gather(stage, memo, document, scope)?;
                self.hold(bytes)
            }
            stage => match pass(stage, memo, document, scope)? {
                Some(document) => self.enter(at + 1, document, scope),
                None => Ok(()),
            },
        }
    }

    fn leave(&mut self, document: Value) -> Result<(), Failure> {
        self.hold(weight(&document))?;
        if self.output.len() == self.most {
            return Err(Failure::TooExpensive);
        }
        self.output.push(document);
        Ok(())
    }

    /// Keeps each document with the same chance (algorithm R).
    fn sample(&mut self, at: usize, document: Value) -> Result<(), Failure> {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let roll = usize::try_from(self.dice >> 33).unwrap_or_default();
        let bytes = weight(&document);
        let Some((Stage::Sample(size), State::Sampled(kept, seen))) = self.stages.get_mut(at) else { return Ok(()) };
        *seen += 1;
        if kept.len() < *size {
            kept.push(document);
            return self.hold(bytes);
        }
        let place = roll % *seen;
        if let Some(slot) = kept.get_mut(place) {
            *slot = document;
        }
        Ok(())
    }

    /// What a stage has kept until now.
    fn drain(&mut self, at: usize, scope: &Scope<'_>) -> Result<Vec<Value>, Failure> {
        let Some((stage, memo)) = self.stages.get_mut(at) else { return Ok(Vec::new()) };
        match (&*stage, memo) {
            (Stage::Sort(sort), State::Kept(kept)) => {
                let mut kept = std::mem::take(kept);
                sort.sort(&mut kept);
                Ok(kept)
            }
            (Stage::Sample(_), State::Sampled(kept, _)) => Ok(std::mem::take(kept)),
            (Stage::Group(group), State::Groups(groups)) => groups.results(&group.fields),
            (Stage::Bucket(bucket), State::Groups(groups)) => {
                let mut ranges = groups.results(&bucket.fields)?;
                by_range(&mut ranges);
                Ok(ranges)
            }
            (Stage::Count(name), State::Seen(count)) if *count > 0 => {
                Ok(vec![Value::Object(Map::from_iter([(name.clone(), Value::from(*count))]))])
            }
            (Stage::Facet(facets), State::Facets(runs)) => {
                let mut map = Map::new();
                for ((name, _), run) in facets.iter().zip(std::mem::take(runs)) {
                    map.insert(name.clone(), run.finish(scope)?.into());
                }
                Ok(vec![Value::Object(map)])
            }
            _ => Ok(Vec::new()),
        }
    }
}

/// The stages that answer a document with one or none.
fn pass(stage: &Stage, memo: &mut State, document: Value, scope: &Scope<'_>) -> Result<Option<Value>, Failure> {
    let mut seen = |document: Value, goes_on: &dyn Fn(u64) -> bool| {
        let State::Seen(count) = &mut *memo else { return None };
        *count += 1;
        goes_on(*count).then_some(document)
    };
    match stage {
        Stage::Match(filter) => Ok(filter.takes(&document, scope)?.then_some(document)),
        Stage::Project(projection) => projection.apply(&document, scope).map(Some),
        Stage::AddFields(fields) => with_fields(document, fields, scope).map(Some),
        Stage::Replace(expr) => match expr.value(&document, scope)? {
            Some(root @ Value::Object(_)) => Ok(Some(root)),
            _ => Failure::wrong("a document can be replaced by an object only"),
        },
        Stage::Limit(most) => Ok(seen(document, &|count| count <= *most)),
        Stage::Skip(first) => Ok(seen(document, &|count| count > *first)),
        Stage::Count(_) => Ok(seen(document, &|_| false)),
        Stage::Facet(_) => {
            let State::Facets(runs) = memo else { return Ok(None) };
            for run in runs {
                run.push(document.clone(), scope)?;
            }
            Ok(None)
        }
        _ => Failure::wrong("this stage asks the database"),
    }
}

/// The stages that keep what comes until there is no more. Answers how much more they hold.
fn gather(stage: &Stage, memo: &mut State, document: Value, scope: &Scope<'_>) -> Result<usize, Failure> {
    match (stage, memo) {
        (Stage::Group(group), State::Groups(groups)) => groups.take(group, &document, scope),
        (Stage::Bucket(bucket), State::Groups(groups)) => groups.take_range(bucket, &document, scope),
        (_, State::Kept(kept)) => {
            let bytes = weight(&document);
            kept.push(document);
            Ok(bytes)
        }
        _ => Ok(0),
    }
}
