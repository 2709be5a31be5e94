//! An update done to a document.

use serde_json::{Map, Value};

use super::super::document;
use super::super::expr::numbers;
use super::super::invalid::Invalid;
use super::super::limits::ARRAY_INDEX;
use super::super::path::{Path, Step};
use super::super::sort::Direction;
use super::super::value::{Num, compare, same};
use super::{Action, By, End, Pull, Push, Update};

/// What an update is done within.
#[derive(Clone, Copy, Debug)]
pub struct Applying<'a> {
    /// The present time, as documents write times.
    pub now: &'a str,
    /// Whether the document is just made.
    pub inserting: bool,
}

/// The update does not fit the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {detail}")]
pub struct NotApplicable {
    /// Where.
    pub path: String,
    /// Why.
    pub detail: &'static str,
}

/// Why a document stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApplied {
    /// The update does not fit it.
    #[error(transparent)]
    Unfit(#[from] NotApplicable),
    /// What would come of it is no document.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

type Done = Result<(), &'static str>;

impl Update {
    /// The body that becomes of a body.
    ///
    /// # Errors
    /// The update does not fit, or what would become of the body is none.
    pub fn apply(&self, body: &Map<String, Value>, within: Applying<'_>) -> Result<Value, NotApplied> {
        let mut changed = Value::Object(body.clone());
        for (path, action) in &self.0 {
            let done = act(&mut changed, path, action, within);
            done.map_err(|detail| NotApplicable { path: path.to_string(), detail })?;
        }
        match changed {
            Value::Object(map) => Ok(document::accept(map)?),
            _ => Ok(changed),
        }
    }

    /// A body with these values at these paths, for an upsert to begin with.
    ///
    /// # Errors
    /// Two of them do not fit together.
    pub fn seed(seeds: &[(&Path, &Value)]) -> Result<Map<String, Value>, NotApplicable> {
        let mut body = Value::Object(Map::new());
        for (path, value) in seeds.iter().filter(|(path, _)| path.server().is_none()) {
            let put = slot(&mut body, path.steps(), true)
                .and_then(|slot| slot.map_or(Ok(()), |slot| slot.put((*value).clone())));
            put.map_err(|detail| NotApplicable { path: path.to_string(), detail })?;
        }
        match body {
            Value::Object(map) => Ok(map),
            _ => Ok(Map::new()),
        }
    }
}

/// Where a path ends: there may be something, and something may be put.
enum Slot<'v> {
    Member(&'v mut Map<String, Value>, &'v str),
    Item(&'v mut Vec<Value>, usize),
}

impl Slot<'_> {
    fn get(&mut self) -> Option<&mut Value> {
        match self {
            Self::Member(map, name) => map.get_mut(*name),
            Self::Item(items, index) => items.get_mut(*index),
        }
    }

    fn put(self, value: Value) -> Done {
        match self {
            Self::Member(map, name) => drop(map.insert(name.to_owned(), value)),
            Self::Item(items, index) => {
                fill(items, index)?;
                match items.get_mut(index) {
                    Some(item) => *item = value,
                    None => items.push(value),
                }
            }
        }
        Ok(())
    }

    /// An element of an array leaves null behind, so that the others keep their places.
    fn remove(self) -> Option<Value> {
        match self {
            Self::Member(map, name) => map.remove(name),
            Self::Item(items, index) => items.get_mut(index).map(Value::take),
        }
    }
}

/// Makes an array long enough for an element at an index.
fn fill(items: &mut Vec<Value>, index: usize) -> Done {
    if index > ARRAY_INDEX && index > items.len() {
        return Err("the index is too far behind the array's end");
    }
    if items.len() < index {
        items.resize(index, Value::Null);
    }
    Ok(())
}

/// Goes down a path; with `make`, through objects that are made where nothing is.
fn slot<'v>(value: &'v mut Value, steps: &'v [Step], make: bool) -> Result<Option<Slot<'v>>, &'static str> {
    let Some((step, rest)) = steps.split_first() else { return Ok(None) };
    let empty = || Value::Object(Map::new());
    match value {
        Value::Object(map) => {
            if rest.is_empty() {
                return Ok(Some(Slot::Member(map, &step.name)));
            }
            if make && !map.contains_key(&step.name) {
                map.insert(step.name.clone(), empty());
            }
            map.get_mut(&step.name).map_or(Ok(None), |next| slot(next, rest, make))
        }
        Value::Array(items) => {
            let Some(index) = step.index.map(|index| index as usize) else {
                return if make { Err("an array has no such member") } else { Ok(None) };
            };
            if rest.is_empty() {
                return Ok(Some(Slot::Item(items, index)));
            }
            if make && index >= items.len() {
                fill(items, index)?;
                items.push(empty());
            }
            items.get_mut(index).map_or(Ok(None), |next| slot(next, rest, make))
        }
        _ if make => Err("what stands in the way is no object"),
        _ => Ok(None),
    }
}

fn act(body: &mut Value, path: &Path, action: &Action, within: Applying<'_>) -> Done {
    let make = !matches!(action, Action::Unset | Action::Rename(_) | Action::Pop(_) | Action::Pull(_))
        && (within.inserting || !matches!(action, Action::SetOnInsert(_)));
    if let Action::Rename(to) = action {
        return rename(body, path, to);
    }
    let Some(mut slot) = slot(body, path.steps(), make)? else { return Ok(()) };
    match action {
        Action::Set(value) => slot.put(value.clone()),
        Action::SetOnInsert(value) if within.inserting => slot.put(value.clone()),
        Action::SetOnInsert(_) | Action::Rename(_) => Ok(()),
        Action::CurrentDate => slot.put(within.now.into()),
        Action::Unset => {
            slot.remove();
            Ok(())
        }
        Action::Inc(by) => computed(slot, *by, *by, numbers::add),
        Action::Mul(by) => computed(slot, *by, Num::Int(0), numbers::multiply),
        Action::Min(value) => better(slot, value, Direction::Up),
        Action::Max(value) => better(slot, value, Direction::Down),
        Action::Push(_) | Action::AddToSet(_) if slot.get().is_none() => {
            let mut items = Vec::new();
            array(&mut items, action);
            slot.put(items.into())
        }
        action => match slot.get() {
            Some(Value::Array(items)) => {
                array(items, action);
                Ok(())
            }
            Some(_) => Err("this is no array"),
            None => Ok(()),
        },
    }
}

/// Whole numbers that no longer fit are refused, rather than made inexact.
fn computed(mut slot: Slot<'_>, by: Num, first: Num, compute: fn(Num, Num) -> Num) -> Done {
    let result = match slot.get() {
        None => first,
        Some(value) => {
            let before = Num::in_value(value).ok_or("this is no number")?;
            match (before.tidy(), by.tidy(), compute(before, by)) {
                (Num::Int(_), Num::Int(_), Num::Real(_)) => return Err("the result is beyond 64 bits"),
                (.., result) => result,
            }
        }
    };
    let value = result.to_value().ok_or("the result is no number")?;
    slot.put(value)
}

fn better(mut slot: Slot<'_>, value: &Value, way: Direction) -> Done {
    let stays = slot.get().is_some_and(|before| way.apply(compare(before, value)).is_le());
    if stays { Ok(()) } else { slot.put(value.clone()) }
}

fn rename(body: &mut Value, from: &Path, to: &Path) -> Done {
    let taken = match slot(body, from.steps(), false)? {
        Some(Slot::Item(..)) => return Err("an element of an array cannot be renamed"),
        Some(slot) => slot.remove(),
        None => None,
    };
    let Some(value) = taken else { return Ok(()) };
    match slot(body, to.steps(), true)? {
        Some(Slot::Item(..)) => Err("an element of an array cannot be renamed"),
        Some(slot) => slot.put(value),
        None => Ok(()),
    }
}

fn array(items: &mut Vec<Value>, action: &Action) {
    match action {
        Action::Push(push) => pushed(items, push),
        Action::AddToSet(values) => {
            for value in values {
                if !items.iter().any(|item| same(item, value)) {
                    items.push(value.clone());
                }
            }
        }
        Action::Pop(End::First) if !items.is_empty() => drop(items.remove(0)),
        Action::Pop(_) => drop(items.pop()),
        Action::Pull(pull) => items.retain(|item| match pull {
            Pull::Any(values) => !values.iter().any(|value| same(item, value)),
            Pull::Test(test) => !test.holds_of(item),
            Pull::Filter(filter) => !(item.is_object() && filter.takes_element(item)),
        }),
        _ => {}
    }
}

fn pushed(items: &mut Vec<Value>, push: &Push) {
    let length = items.len();
    let magnitude = |whole: i64| usize::try_from(whole.unsigned_abs()).unwrap_or(usize::MAX);
    let at = match push.position {
        None => length,
        Some(position) if position < 0 => length.saturating_sub(magnitude(position)),
        Some(position) => magnitude(position).min(length),
    };
    items.splice(at..at, push.each.iter().cloned());
    match &push.sort {
        Some(By::Element(way)) => items.sort_by(|a, b| way.apply(compare(a, b))),
        Some(By::Fields(sort)) => items.sort_by(|a, b| sort.compare_keys(&sort.keys(a), &sort.keys(b))),
        None => {}
    }
    match push.slice {
        Some(slice) if slice < 0 => drop(items.drain(..items.len().saturating_sub(magnitude(slice)))),
        Some(slice) => items.truncate(magnitude(slice)),
        None => {}
    }
}
