//! Pipelines: what is made of documents, stage by stage. The first stages become SQL, as far as they are a filter, a
//! sort and a window; the others run here as a stream, within a budget of work and memory.

mod group;
mod grouping;
mod join;
mod parse;
mod run;
mod state;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use join::BATCH;
pub use run::Run;

use super::expr::Expr;
use super::filter::Filter;
use super::invalid::{At, Result, Subject};
use super::limits::PIPELINE_NODES;
use super::path::{Path, Root};
use super::projection::Projection;
use super::reader::Reader;
use super::sort::Sort;

/// What is made of documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// The stages, one after the other.
    pub stages: Vec<Stage>,
}

/// One stage.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Only these documents go on.
    Match(Filter),
    /// With these fields.
    Project(Projection),
    /// With these fields besides.
    AddFields(Vec<(Path, Expr)>),
    /// As what this makes of them.
    Replace(Expr),
    /// One for each group.
    Group(Group),
    /// One for each range of values.
    Bucket(Bucket),
    /// In this order.
    Sort(Sort),
    /// So many at most.
    Limit(u64),
    /// Without the first so many.
    Skip(u64),
    /// One for each element of an array.
    Unwind(Unwind),
    /// One with their number.
    Count(String),
    /// Each pipeline's documents in a field of its own.
    Facet(Vec<(String, Vec<Stage>)>),
    /// So many, taken at random.
    Sample(usize),
    /// With the documents of another collection that belong to them.
    Lookup(Lookup),
    /// Followed by the documents of another collection.
    Union(Union),
}

/// Documents that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they have in common.
    pub by: Expr,
    /// What is made of them.
    pub fields: Vec<(String, Accumulator, Expr)>,
}

/// What is made of the values of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accumulator {
    /// The sum of the numbers.
    Sum,
    /// Their mean.
    Avg,
    /// The least value.
    Min,
    /// The greatest.
    Max,
    /// All of them.
    Push,
    /// Each once.
    AddToSet,
    /// The first.
    First,
    /// The last.
    Last,
    /// How many.
    Count,
}

/// Documents by ranges of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// The value.
    pub by: Expr,
    /// Where the ranges begin, and the last one ends.
    pub boundaries: Vec<Value>,
    /// Where all others belong; without it they are an error.
    pub default: Option<Value>,
    /// What is made of them.
    pub fields: Vec<(String, Accumulator, Expr)>,
}

/// An array that is taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Unwind {
    /// Where it stands.
    pub path: Path,
    /// The field for the element's index.
    pub index: Option<Path>,
    /// Whether documents without elements go on as they are.
    pub keep: bool,
}

/// Documents of another collection that belong to each.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// The other collection.
    pub from: String,
    /// The values here.
    pub local: Path,
    /// That equal one there.
    pub foreign: Path,
    /// Where they are put.
    pub into: Path,
}

/// Documents of another collection after these.
#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    /// The other collection.
    pub with: String,
    /// What is made of its documents first.
    pub stages: Vec<Stage>,
}

/// What of a pipeline the database does, and what is left.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan<'a> {
    /// Which documents.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// Without how many.
    pub skip: u64,
    /// How many.
    pub limit: Option<u64>,
    /// What is left to do.
    pub rest: &'a [Stage],
}

impl Pipeline {
    /// Reads a pipeline over stored documents.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn parse(text: &Value) -> Result<Self> {
        let mut reader = Reader::new(PIPELINE_NODES, Root::Any, None);
        parse::pipeline(text, &mut reader, &At::start(Subject::Pipeline)).map(|stages| Self { stages })
    }

    /// What of it the database does.
    #[must_use]
    pub fn plan(&self) -> Plan<'_> {
        plan(&self.stages)
    }

    /// The other collections that it reads.
    #[must_use]
    pub fn collections(&self) -> Vec<&str> {
        elsewhere(&self.stages)
    }

    /// Shows every path it looks at, whether it means a stored field or one that a stage made.
    pub fn paths(&self, see: &mut dyn FnMut(&str)) {
        self.stages.iter().for_each(|stage| stage.paths(see));
    }
}

fn elsewhere(stages: &[Stage]) -> Vec<&str> {
    let mut named = Vec::new();
    for stage in stages {
        match stage {
            Stage::Lookup(lookup) => named.push(lookup.from.as_str()),
            Stage::Union(union) => {
                named.push(union.with.as_str());
                named.extend(elsewhere(&union.stages));
            }
            Stage::Facet(facets) => named.extend(facets.iter().flat_map(|(_, stages)| elsewhere(stages))),
            _ => {}
        }
    }
    named
}

/// What of these stages the database does.
#[must_use]
pub fn plan(stages: &[Stage]) -> Plan<'_> {
    let mut plan = Plan { filter: Filter::everything(), sort: Sort::default(), skip: 0, limit: None, rest: stages };
    while let Some((Stage::Match(filter), rest)) = plan.rest.split_first() {
        plan.filter = plan.filter.and(filter.clone());
        plan.rest = rest;
    }
    if let Some((Stage::Sort(sort), rest)) = plan.rest.split_first() {
        plan.sort = sort.clone();
        plan.rest = rest;
    }
    if let Some((Stage::Skip(skip), rest)) = plan.rest.split_first() {
        plan.skip = *skip;
        plan.rest = rest;
    }
    if let Some((Stage::Limit(limit), rest)) = plan.rest.split_first() {
        plan.limit = Some(*limit);
        plan.rest = rest;
    }
    plan
}

impl Stage {
    fn paths(&self, see: &mut dyn FnMut(&str)) {
        match self {
            Self::Match(filter) => filter.paths(see),
            Self::Project(projection) => projection.paths(see),
            Self::AddFields(fields) => fields.iter().for_each(|(_, expr)| expr.paths(see)),
            Self::Replace(expr) => expr.paths(see),
            Self::Group(Group { by, fields }) | Self::Bucket(Bucket { by, fields, .. }) => {
                by.paths(see);
                for (.., expr) in fields {
                    expr.paths(see);
                }
            }
            Self::Sort(sort) => sort.paths(see),
            Self::Unwind(unwind) => see(&unwind.path.to_string()),
            Self::Facet(facets) => facets.iter().flat_map(|(_, stages)| stages).for_each(|stage| stage.paths(see)),
            Self::Lookup(lookup) => see(&lookup.local.to_string()),
            Self::Limit(_) | Self::Skip(_) | Self::Count(_) | Self::Sample(_) | Self::Union(_) => {}
        }
    }
}
