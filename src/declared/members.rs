//! Members as everybody compares them: in one order, without what is as usual; and read into the types of the rooms,
//! so that a mistake is found at its place.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::source::{PLACED, Source};
use crate::base::{Refusal, Result, Stop};

/// The members of a record.
///
/// # Errors
/// It cannot be written as JSON.
pub(super) fn of(record: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(record)? {
        Value::Object(members) => Ok(members),
        _ => Ok(Map::new()),
    }
}

/// What of the members is not as usual, in the one order.
pub(super) fn unusual(members: &Map<String, Value>, usual: &Map<String, Value>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in members {
        match (value, usual.get(name)) {
            (Value::Null, _) => {}
            (Value::Object(inner), Some(Value::Object(usual))) => {
                let inner = unusual(inner, usual);
                if !inner.is_empty() {
                    kept.insert(name.clone(), Value::Object(inner));
                }
            }
            (value, Some(usual)) if value == usual => {}
            (value, _) => drop(kept.insert(name.clone(), value.clone())),
        }
    }
    in_order(&kept)
}

/// Members in the order of their names, however deep.
pub(super) fn in_order(members: &Map<String, Value>) -> Map<String, Value> {
    let mut names: Vec<&String> = members.keys().collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), value_in_order(&members[name]))).collect()
}

fn value_in_order(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(in_order(members)),
        Value::Array(items) => items.iter().map(value_in_order).collect(),
        other => other.clone(),
    }
}

/// Takes a text out of the members.
///
/// # Errors
/// It is none.
pub(super) fn text(source: &Source, path: &[String], members: &mut Map<String, Value>) -> Result<Option<String>> {
    let Some(name) = path.last() else { return Ok(None) };
    match members.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(source.blame(path, "this is a text").into()),
    }
}

/// Reads members into a type of the rooms.
///
/// # Errors
/// One of them is unknown or cannot be that; it is named with its place.
#[expect(clippy::needless_pass_by_value, reason = "what has been read is used up")]
pub(super) fn read<T: DeserializeOwned>(source: &Source, path: &[String], members: Map<String, Value>) -> Result<T> {
    let parse = |members: &Map<String, Value>| {
        serde_json::from_value::<T>(Value::Object(members.clone())).map_err(|error| error.to_string())
    };
    let error = match parse(&members) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    // The member to blame is the one without which there is no fault, or another one.
    let blamed = flat(&members).into_iter().map(|(path, _)| path).find(|path| {
        let mut without = members.clone();
        remove(&mut without, path);
        parse(&without).map_or_else(|other| other != error, |_| true)
    });
    let why = if error.starts_with("unknown field") { "there is no such member".to_owned() } else { error };
    Err(source.blame(&[path, &blamed.unwrap_or_default()].concat(), &why).into())
}

/// What a room refused, told with its place: the member that the refusal names, or the whole thing.
pub(super) fn placed(source: &Source, path: &[String], stop: Stop) -> Stop {
    let refusal = match stop {
        Stop::Refused(refusal) if !refusal.members.contains_key(PLACED) => refusal,
        stop => return stop,
    };
    let why = match &refusal.hint {
        Some(hint) => format!("{} ({hint})", refusal.description),
        None => refusal.description.to_string(),
    };
    let member = named(&refusal).unwrap_or_default();
    source.blame(&[path, &member].concat(), &why).into()
}

fn named(refusal: &Refusal) -> Option<Vec<String>> {
    let split = |text: &str, by: char| text.split(by).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if let Some(Value::String(setting)) = refusal.members.get("setting") {
        return Some(split(setting, '.'));
    }
    if let Some(name) = refusal.description.strip_prefix("unknown field `") {
        return Some(vec![name.trim_end_matches('`').to_owned()]);
    }
    let error = refusal.members.get("errors").and_then(|errors| errors.get(0))?;
    let place = error.get("pointer").or_else(|| error.get("path"))?.as_str()?;
    Some(split(place, '/'))
}

fn remove(members: &mut Map<String, Value>, path: &[String]) {
    match path {
        [] => {}
        [name] => drop(members.remove(name)),
        [name, rest @ ..] => {
            if let Some(Value::Object(inner)) = members.get_mut(name) {
                remove(inner, rest);
            }
        }
    }
}

/// Everything that is said, by its path: objects are looked into, lists are not.
pub(super) fn flat(members: &Map<String, Value>) -> Vec<(Vec<String>, Value)> {
    let mut all = Vec::new();
    for (name, value) in members {
        let above = |(path, value): (Vec<String>, Value)| ([vec![name.clone()], path].concat(), value);
        match value {
            Value::Object(inner) if !inner.is_empty() => all.extend(flat(inner).into_iter().map(above)),
            _ => all.push((vec![name.clone()], value.clone())),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::tenants::Settings;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(members) = value else { panic!("no object") };
        members
    }

    #[test]
    fn what_is_usual_is_left_out_and_the_rest_stands_in_one_order() {
        let usual = object(json!({ "a": 1, "b": { "c": 1, "d": [] }, "e": null }));
        let one = object(json!({ "z": { "y": 1, "x": 2 }, "b": { "d": [1], "c": 1 }, "a": 1, "e": null }));
        let two = object(json!({ "a": 1, "e": null, "b": { "c": 1, "d": [1] }, "z": { "x": 2, "y": 1 } }));
        let kept = Value::Object(unusual(&one, &usual));
        assert_eq!(kept.to_string(), r#"{"b":{"d":[1]},"z":{"x":2,"y":1}}"#);
        assert_eq!(kept.to_string(), Value::Object(unusual(&two, &usual)).to_string());
    }

    #[test]
    fn a_member_that_is_none_is_named_with_its_place() {
        let mut source = Source::default();
        source.take("a.toml", "[settings]\nlanguage = 'de'\n[settings.lifetimes]\ncode = 9\naccess = 60").unwrap();
        let path = vec!["settings".to_owned()];
        let members = source.things.values().next().unwrap().clone();
        let Err(Stop::Refused(refusal)) = read::<Settings>(&source, &path, members) else { panic!("it was read") };
        assert_eq!(refusal.description, "a.toml:5: settings.lifetimes.access: there is no such member");
    }

    #[test]
    fn what_is_said_is_found_by_its_path() {
        let members = object(json!({ "a": { "b": [1], "c": {} }, "d": 1 }));
        let paths: Vec<_> = flat(&members).into_iter().map(|(path, value)| (path.join("."), value)).collect();
        let expected = [("a.b", json!([1])), ("a.c", json!({})), ("d", json!(1))];
        assert_eq!(paths, expected.map(|(path, value)| (path.to_owned(), value)));
    }
}
