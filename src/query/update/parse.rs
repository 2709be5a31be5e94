//! From JSON to an update.

use serde_json::{Map, Value};

use super::super::filter::{Filter, Test, operators_of, values};
use super::super::invalid::{At, Result};
use super::super::limits::LIST_VALUES;
use super::super::operators;
use super::super::path::{Path, Root};
use super::super::reader::Reader;
use super::super::sort::{Direction, Sort};
use super::super::value::Num;
use super::{Action, By, End, Pull, Push};

/// Reads all operators and sees that their paths do not meet.
pub fn update(text: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Vec<(Path, Action)>> {
    let Some(map) = text.as_object().filter(|map| !map.is_empty()) else {
        return at.refuse("not-an-object", "an update is an object of operators");
    };
    let mut actions: Vec<(Path, Action)> = Vec::new();
    for (name, fields) in map {
        let at = at.child(name);
        if !name.starts_with('$') {
            return at.refuse("mixed", "operators and fields cannot stand side by side");
        }
        let Some(fields) = fields.as_object().filter(|fields| !fields.is_empty()) else {
            known(name, &at)?;
            return at.refuse("not-an-object", format!("`{name}` takes an object of paths"));
        };
        for (path, operand) in fields {
            let at = at.child(path);
            reader.node(&at)?;
            let path = writable(path, reader, &at)?;
            let action = action(name, operand, reader, &at)?;
            actions.push((path, action));
        }
    }
    apart(&actions, at)?;
    Ok(actions)
}

fn known(name: &str, at: &At) -> Result<()> {
    if operators::UPDATE.contains(&name) {
        Ok(())
    } else {
        at.refuse("unknown-operator", format!("`{name}` {}", operators::refusal(name)))
    }
}

/// A path that a caller may change: the server's fields are not among them (D6, W-096).
fn writable(text: &str, reader: &Reader<'_>, at: &At) -> Result<Path> {
    let path = reader.path(text, at)?;
    if path.head().starts_with('_') {
        return at.refuse("server-field", format!("`{text}` is the server's to change"));
    }
    Ok(path)
}

fn apart(actions: &[(Path, Action)], at: &At) -> Result<()> {
    let mut paths: Vec<&Path> = Vec::new();
    for (path, action) in actions {
        let target = if let Action::Rename(to) = action { Some(to) } else { None };
        for path in [Some(path), target].into_iter().flatten() {
            if paths.iter().any(|other| other.overlaps(path)) {
                return at.refuse("conflict", format!("`{path}` is changed twice"));
            }
            paths.push(path);
        }
    }
    Ok(())
}

fn action(name: &str, operand: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Action> {
    Ok(match name {
        "$set" => Action::Set(value(operand, reader, at)?),
        "$setOnInsert" => Action::SetOnInsert(value(operand, reader, at)?),
        "$unset" => Action::Unset,
        "$inc" => Action::Inc(number(operand, reader, at)?),
        "$mul" => Action::Mul(number(operand, reader, at)?),
        "$min" => Action::Min(value(operand, reader, at)?),
        "$max" => Action::Max(value(operand, reader, at)?),
        "$rename" => match operand.as_str() {
            Some(to) => Action::Rename(writable(to, reader, at)?),
            None => return at.refuse("not-a-path", "`$rename` takes another path"),
        },
        "$currentDate" if *operand == Value::Bool(true) => Action::CurrentDate,
        "$currentDate" => return at.refuse("not-true", "`$currentDate` takes true; dates are texts"),
        "$push" => Action::Push(push(operand, reader, at)?),
        "$addToSet" => Action::AddToSet(match each(operand, &["$each"], at)? {
            Some(map) => list(map.get("$each").unwrap_or(&Value::Null), reader, &at.child("$each"))?,
            None => vec![value(operand, reader, at)?],
        }),
        "$pop" => match operand.as_i64() {
            Some(-1) => Action::Pop(End::First),
            Some(1) => Action::Pop(End::Last),
            _ => return at.refuse("not-an-end", "`$pop` takes 1 for the last, -1 for the first element"),
        },
        "$pull" => Action::Pull(pull(operand, reader, at)?),
        "$pullAll" => Action::Pull(Pull::Any(list(operand, reader, at)?)),
        name => {
            known(name, at)?;
            return at.refuse("misplaced-operator", format!("`{name}` stands within `$push`"));
        }
    })
}

fn value(operand: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Value> {
    reader.operand(operand, at).map(Option::unwrap_or_default)
}

fn number(operand: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Num> {
    match Num::in_value(&value(operand, reader, at)?) {
        Some(number) => Ok(number),
        None => at.refuse("not-a-number", "this takes a number"),
    }
}

fn list(operand: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Vec<Value>> {
    if operand.is_array() {
        values(operand, reader, at)
    } else {
        at.refuse("not-a-list", "this takes a list of values")
    }
}

/// An object with `$each`, and nothing but these.
fn each<'v>(operand: &'v Value, allowed: &[&str], at: &At) -> Result<Option<&'v Map<String, Value>>> {
    let Some(map) = operand.as_object().filter(|map| map.contains_key("$each")) else { return Ok(None) };
    match map.keys().find(|name| !allowed.contains(&name.as_str())) {
        None => Ok(Some(map)),
        Some(other) => {
            at.child(other).refuse("unknown-operator", format!("`{other}` cannot stand beside `$each` here"))
        }
    }
}

fn push(operand: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Push> {
    let Some(map) = each(operand, &["$each", "$position", "$slice", "$sort"], at)? else {
        return Ok(Push { each: vec![value(operand, reader, at)?], position: None, sort: None, slice: None });
    };
    let whole = |name: &str| match map.get(name).map(Value::as_i64) {
        None => Ok(None),
        Some(Some(whole)) => Ok(Some(whole)),
        Some(None) => at.child(name).refuse("not-a-number", format!("`{name}` takes a whole number")),
    };
    let sort = match map.get("$sort") {
        None => None,
        Some(way) => Some(match way.as_i64() {
            Some(1) => By::Element(Direction::Up),
            Some(-1) => By::Element(Direction::Down),
            _ => By::Fields(Sort::within(way, Root::Any, &at.child("$sort"))?),
        }),
    };
    let each = list(map.get("$each").unwrap_or(&Value::Null), reader, &at.child("$each"))?;
    debug_assert!(each.len() <= LIST_VALUES, "the list was counted");
    Ok(Push { each, position: whole("$position")?, sort, slice: whole("$slice")? })
}

fn pull(operand: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Pull> {
    match (operators_of(operand, at)?, operand) {
        (Some(_), _) => reader.elements(|reader| Test::within(operand, reader, at)).map(Pull::Test),
        (None, Value::Object(_)) => reader.elements(|reader| Filter::within(operand, reader, at)).map(Pull::Filter),
        (None, _) => Ok(Pull::Any(vec![value(operand, reader, at)?])),
    }
}
