//! Which index helps a filter and a sort, and where in it. An index over which a filter says nothing at its first field
//! can still give the order, if it is exactly the one that is asked for.

use serde_json::Value;

use super::super::filter::{Filter, Order, Predicate, Test};
use super::super::limits::INDEX_RANGES;
use super::super::path::Path;
use super::super::sort::{Direction, Key, Sort};
use super::key::{Component, after};
use super::{Index, Kept};

/// Keys from one on, up to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub low: Vec<u8>,
    /// The one after the last; none, if there is no such.
    pub high: Option<Vec<u8>>,
}

impl Range {
    fn starting(start: &[u8]) -> Self {
        Self { low: start.to_vec(), high: after(start) }
    }
}

/// Documents come in the order of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Which of a document's entries counts: the one with these edges.
    pub edges: u8,
    /// Whether from the last to the first.
    pub back: bool,
}

/// How an index is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Where its entries stand.
    pub number: i64,
    /// Where in it.
    pub ranges: Vec<Range>,
    /// Where documents with several entries are looked for besides: two bounds may hold of two different values.
    pub several: Vec<Range>,
    /// Whether it also gives the order; then there is one range.
    pub walk: Option<Walk>,
}

/// What is asked of an index.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Which documents.
    pub filter: &'a Filter,
    /// In which order, if that is wanted.
    pub sort: Option<&'a Sort>,
    /// What the last document that was shown is sorted by.
    pub after: Option<&'a [Key]>,
    /// Whether only the first few are wanted.
    pub few: bool,
}

impl Plan {
    /// The most useful one, if any is.
    #[must_use]
    pub fn best(kept: &[Kept], wanted: Wanted<'_>) -> Option<Self> {
        let mut leaves = Vec::new();
        split(wanted.filter, &mut leaves);
        let usable = kept.iter().filter(|kept| follows(&kept.index.only, &leaves));
        let plans = usable.filter_map(|kept| Draft::of(kept, &leaves).finish(wanted));
        plans.max_by_key(|(worth, _)| *worth).map(|(_, plan)| plan)
    }
}

/// What has to hold in any case.
#[derive(PartialEq)]
enum Leaf<'a> {
    Field(&'a Path, &'a Test),
    Other(&'a Filter),
}

fn split<'a>(filter: &'a Filter, leaves: &mut Vec<Leaf<'a>>) {
    match filter {
        Filter::All(parts) => parts.iter().for_each(|part| split(part, leaves)),
        Filter::Field(path, test) => split_test(path, test, leaves),
        other => leaves.push(Leaf::Other(other)),
    }
}

fn split_test<'a>(path: &'a Path, test: &'a Test, leaves: &mut Vec<Leaf<'a>>) {
    match test {
        Test::All(tests) => tests.iter().for_each(|test| split_test(path, test, leaves)),
        test => leaves.push(Leaf::Field(path, test)),
    }
}

/// Whether what holds in any case makes the filter of an index true.
fn follows(only: &Filter, leaves: &[Leaf<'_>]) -> bool {
    let mut demands = Vec::new();
    split(only, &mut demands);
    demands.iter().all(|demand| {
        leaves.contains(demand) || match demand {
            Leaf::Field(path, Test::Has(Predicate::Exists)) => leaves.iter().any(
                |leaf| matches!(leaf, Leaf::Field(other, Test::Has(found)) if other == path && !found.takes_missing()),
            ),
            _ => false,
        }
    })
}

/// What is known of one field.
enum Known {
    Values(Vec<Component>),
    Between { low: Component, high: Component, open: Option<(Component, Component)> },
    Nothing,
}

fn known(path: &Path, way: Direction, of: usize, leaves: &[Leaf<'_>]) -> Known {
    let predicates = leaves.iter().filter_map(|leaf| match leaf {
        Leaf::Field(other, Test::Has(predicate)) if *other == path => Some(predicate),
        _ => None,
    });
    let (mut low, mut high, mut start) = (None, None, None);
    for predicate in predicates {
        match predicate {
            Predicate::Equal(value) => return Known::Values(vec![whole(value, way, of)]),
            Predicate::In(values) if values.len() <= INDEX_RANGES => {
                return Known::Values(values.iter().map(|value| whole(value, way, of)).collect());
            }
            Predicate::Order(Order::Gt | Order::Gte, value) => low = Some(Key::of(Some(value))),
            Predicate::Order(Order::Lt | Order::Lte, value) => high = Some(Key::of(Some(value))),
            Predicate::Regex(pattern) => start = start.or_else(|| pattern.start()),
            _ => {}
        }
    }
    match (low, high, start) {
        (None, None, None) => Known::Nothing,
        (None, None, Some(start)) => {
            let texts = Component::texts(start, way, of);
            Known::Between { low: texts.clone(), high: texts, open: None }
        }
        (low, high, _) => between(low.as_ref(), high.as_ref(), way, of),
    }
}

fn whole(value: &Value, way: Direction, of: usize) -> Component {
    Component::of(&Key::of(Some(value)), way, of)
}

/// Bounds compare within one kind; of bounds of two kinds, the lower one will do.
fn between(low: Option<&Key>, high: Option<&Key>, way: Direction, of: usize) -> Known {
    let two = matches!((low, high), (Some(low), Some(high)) if low.rank == high.rank);
    let high = if low.is_some() && !two { None } else { high };
    let Some(any) = low.or(high) else { return Known::Nothing };
    let kind = Component::kind(any, way);
    let bound = |key: Option<&Key>| key.map_or(kind.clone(), |key| Component::of(key, way, of));
    let (first, last) = (bound(low), bound(high));
    let order = |first: Component, last: Component| match way {
        Direction::Up => (first, last),
        Direction::Down => (last, first),
    };
    let open = two.then(|| order(first.clone(), kind.clone()));
    let (low, high) = order(first, last);
    Known::Between { low, high, open }
}

/// An index, and how far a filter leads into it.
struct Draft<'a> {
    kept: &'a Kept,
    /// What keys begin with, by the fields whose values are known.
    starts: Vec<Vec<u8>>,
    /// How many fields those are.
    fields: usize,
    /// Whether more could follow.
    complete: bool,
    /// What is known of the next field.
    next: Known,
}

impl<'a> Draft<'a> {
    fn of(kept: &'a Kept, leaves: &[Leaf<'_>]) -> Self {
        let mut draft = Self { kept, starts: vec![Vec::new()], fields: 0, complete: true, next: Known::Nothing };
        let fields = &kept.index.fields;
        for (path, way) in fields {
            match known(path, *way, fields.len(), leaves) {
                Known::Values(values) if draft.starts.len() * values.len() <= INDEX_RANGES => draft.fixed(&values),
                Known::Values(_) => break,
                other => {
                    draft.next = other;
                    break;
                }
            }
            if !draft.complete {
                break;
            }
        }
        draft
    }

    fn fixed(&mut self, values: &[Component]) {
        let all =
            self.starts.iter().flat_map(|start| values.iter().map(move |value| [start, &value.bytes[..]].concat()));
        let mut all: Vec<_> = all.collect();
        all.sort_unstable();
        all.dedup();
        self.starts = all;
        self.fields += 1;
        self.complete = values.iter().all(|value| value.complete);
    }

    fn index(&self) -> &'a Index {
        &self.kept.index
    }

    fn finish(self, wanted: Wanted<'_>) -> Option<(usize, Plan)> {
        let walk = wanted.sort.and_then(|sort| self.walk(sort)).filter(|_| wanted.few || self.fields > 0);
        let between = matches!(self.next, Known::Between { .. });
        if let Some(walk) = walk
            && (!between || self.kept.single)
        {
            let worth = 8 * self.fields + 2 * usize::from(between) + 1;
            return Some((worth, self.walked(walk, wanted)));
        }
        if self.fields == 0 && !between {
            return None;
        }
        let worth = 8 * self.fields + 2 * usize::from(between);
        let (ranges, several) = self.ranges();
        Some((worth, Plan { number: self.kept.number, ranges, several, walk: None }))
    }

    fn ranges(&self) -> (Vec<Range>, Vec<Range>) {
        let Known::Between { low, high, open } = &self.next else {
            return (self.starts.iter().map(|start| Range::starting(start)).collect(), Vec::new());
        };
        let all = |low: &Component, high: &Component| {
            let range = |start: &Vec<u8>| Range {
                low: [&start[..], &low.bytes].concat(),
                high: after(&[&start[..], &high.bytes].concat()),
            };
            self.starts.iter().map(range).collect()
        };
        (all(low, high), open.as_ref().map_or_else(Vec::new, |(low, high)| all(low, high)))
    }

    /// Whether the fields whose values are not known are just those of the sort.
    fn walk(&self, sort: &Sort) -> Option<Walk> {
        let rest = &self.index().fields[self.fields..];
        if self.starts.len() != 1 || !self.complete || sort.0.is_empty() || rest.len() != sort.0.len() {
            return None;
        }
        let back = rest[0].1 != sort.0[0].1;
        let same =
            rest.iter().zip(&sort.0).all(|((path, way), (other, asked))| path == other && (way != asked) == back);
        let edge = |n: usize| 1_u8 << (2 * n + usize::from(back));
        let edges = (self.fields..self.index().fields.len()).map(edge).sum();
        same.then_some(Walk { edges, back })
    }

    fn walked(&self, walk: Walk, wanted: Wanted<'_>) -> Plan {
        let (mut ranges, _) = self.ranges();
        if let (Some(range), Some(keys), Some(start)) = (ranges.first_mut(), wanted.after, self.starts.first()) {
            let mut last = start.clone();
            let fields = &self.index().fields;
            for (key, (_, way)) in keys.iter().zip(&fields[self.fields..]) {
                let component = Component::of(key, *way, fields.len());
                last.extend(&component.bytes);
                if !component.complete {
                    break;
                }
            }
            if walk.back {
                let end = after(&last);
                let sooner = range.high.is_none() || end.as_ref() < range.high.as_ref();
                range.high = if end.is_some() && sooner { end } else { range.high.take() };
            } else if last > range.low {
                range.low = last;
            }
        }
        Plan { number: self.kept.number, ranges, several: Vec::new(), walk: Some(walk) }
    }
}
