//! The two patches that other languages speak: JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902).

use serde_json::{Map, Value};

use super::super::value::{same, weight};

/// What a patched value may weigh on the way.
const HEAVIEST: usize = 8 << 20;

/// Merges a patch into a value (RFC 7396 §2).
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// A patch that cannot be done; the number of the operation, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("operation {at}: {detail}")]
pub struct NotPatched {
    /// Which operation.
    pub at: usize,
    /// Why.
    pub detail: &'static str,
}

/// Does all operations of a JSON Patch, or none (RFC 6902 §5).
///
/// # Errors
/// One of them is malformed or does not fit.
pub fn operations(target: &Value, patch: &[Value]) -> Result<Value, NotPatched> {
    let mut changed = target.clone();
    for (at, operation) in patch.iter().enumerate() {
        one(&mut changed, operation).map_err(|detail| NotPatched { at, detail })?;
        // Copies of copies double.
        if operation.get("from").is_some() && weight(&changed) > HEAVIEST {
            return Err(NotPatched { at, detail: "the document becomes too large" });
        }
    }
    Ok(changed)
}

fn one(target: &mut Value, operation: &Value) -> Result<(), &'static str> {
    let member = |name: &str| operation.get(name).and_then(Value::as_str);
    let path = pointer(member("path").ok_or("`path` is missing")?)?;
    let value = || operation.get("value").cloned().ok_or("`value` is missing");
    match member("op") {
        Some("add") => add(target, &path, value()?),
        Some("remove") => remove(target, &path).map(drop),
        Some("replace") => {
            let value = value()?;
            *find(target, &path).ok_or("there is nothing to replace")? = value;
            Ok(())
        }
        Some("move") => {
            let from = pointer(member("from").ok_or("`from` is missing")?)?;
            if path.len() > from.len() && path.starts_with(&from) {
                return Err("a value cannot be moved into itself");
            }
            let value = remove(target, &from)?;
            add(target, &path, value)
        }
        Some("copy") => {
            let from = pointer(member("from").ok_or("`from` is missing")?)?;
            let value = find(target, &from).ok_or("there is nothing to copy")?.clone();
            add(target, &path, value)
        }
        Some("test") => {
            let value = value()?;
            let found = find(target, &path).ok_or("there is nothing to test")?;
            if same(&super::super::value::normal(found.clone()), &super::super::value::normal(value)) {
                Ok(())
            } else {
                Err("the test failed")
            }
        }
        _ => Err("`op` is none of add, remove, replace, move, copy, test"),
    }
}

/// The names of a pointer (RFC 6901 §4).
fn pointer(text: &str) -> Result<Vec<String>, &'static str> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let rest = text.strip_prefix('/').ok_or("a pointer begins with `/`")?;
    Ok(rest.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect())
}

/// An index as RFC 6901 writes it: no leading zero, no sign.
fn index(name: &str, length: usize) -> Option<usize> {
    let plain = name == "0" || (!name.starts_with('0') && name.bytes().all(|byte| byte.is_ascii_digit()));
    name.parse::<usize>().ok().filter(|index| plain && *index <= length)
}

fn find<'v>(target: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    let Some((name, rest)) = path.split_first() else { return Some(target) };
    let next = match target {
        Value::Object(map) => map.get_mut(name),
        Value::Array(items) => index(name, items.len()).and_then(|index| items.get_mut(index)),
        _ => None,
    };
    find(next?, rest)
}

fn add(target: &mut Value, path: &[String], value: Value) -> Result<(), &'static str> {
    let Some((name, above)) = path.split_last() else {
        *target = value;
        return Ok(());
    };
    match find(target, above) {
        Some(Value::Object(map)) => drop(map.insert(name.clone(), value)),
        Some(Value::Array(items)) if name == "-" => items.push(value),
        Some(Value::Array(items)) => {
            let at = index(name, items.len()).ok_or("there is no such place in the array")?;
            items.insert(at, value);
        }
        _ => return Err("there is nothing to add to"),
    }
    Ok(())
}

fn remove(target: &mut Value, path: &[String]) -> Result<Value, &'static str> {
    let (name, above) = path.split_last().ok_or("the whole document cannot be removed")?;
    match find(target, above) {
        Some(Value::Object(map)) => map.remove(name),
        Some(Value::Array(items)) => index(name, items.len()).filter(|at| *at < items.len()).map(|at| items.remove(at)),
        _ => None,
    }
    .ok_or("there is nothing to remove")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_examples_of_rfc_7396_hold() {
        let cases = [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ];
        for (mut target, patch, result) in cases {
            merge(&mut target, &patch);
            assert_eq!(target, result, "{patch}");
        }
    }

    #[test]
    fn the_examples_of_rfc_6902_hold() {
        let cases = [
            (
                json!({"foo": "bar"}),
                json!([{"op": "add", "path": "/baz", "value": "qux"}]),
                json!({"baz": "qux", "foo": "bar"}),
            ),
            (
                json!({"foo": ["bar", "baz"]}),
                json!([{"op": "add", "path": "/foo/1", "value": "qux"}]),
                json!({"foo": ["bar", "qux", "baz"]}),
            ),
            (json!({"foo": ["a", "b"]}), json!([{"op": "remove", "path": "/foo/1"}]), json!({"foo": ["a"]})),
            (
                json!({"a": {"b": 1}, "c": {}}),
                json!([{"op": "move", "from": "/a/b", "path": "/c/d"}]),
                json!({"a": {}, "c": {"d": 1}}),
            ),
            (
                json!({"/": 9, "~1": 10}),
                json!([{"op": "test", "path": "/~01", "value": 10}]),
                json!({"/": 9, "~1": 10}),
            ),
            (
                json!({"foo": ["bar"]}),
                json!([{"op": "add", "path": "/foo/-", "value": ["abc"]}]),
                json!({"foo": ["bar", ["abc"]]}),
            ),
        ];
        for (target, patch, result) in cases {
            assert_eq!(operations(&target, patch.as_array().unwrap()).unwrap(), result, "{patch}");
        }
        for bad in [
            json!({"op": "add", "path": "/baz/bat", "value": 1}),
            json!({"op": "test", "path": "/foo", "value": "x"}),
            json!({"op": "remove", "path": "/no"}),
            json!({"op": "add", "path": "foo", "value": 1}),
            json!({"op": "spam", "path": "/foo"}),
            json!({"op": "remove", "path": ""}),
            json!({"op": "replace", "path": "/no", "value": 1}),
        ] {
            assert!(operations(&json!({"foo": "bar"}), std::slice::from_ref(&bad)).is_err(), "{bad}");
        }
    }
}
