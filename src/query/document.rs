//! Which JSON is a document: I-JSON (RFC 7493) that both databases keep and compare alike.

use serde_json::{Map, Value};

use super::invalid::{At, Invalid, Result, Subject};
use super::limits::{DOCUMENT_DEPTH, OBJECT_MEMBERS};
use super::path;
use super::value::normal;

/// A document's body in its one written form, without the server's fields.
///
/// # Errors
/// It nests too deep, an object is too wide, a name or number cannot be stored, or a name is the server's.
pub fn accept(body: Map<String, Value>) -> Result<Value, Invalid> {
    let at = At::start(Subject::Document);
    if let Some(name) = body.keys().find(|name| name.starts_with('_')) {
        return at.child(name).refuse("server-field", "names that start with `_` are the server's");
    }
    let body = Value::Object(body);
    storable(&body, &at)?;
    Ok(normal(body))
}

/// Whether a value can stand in a document, or be compared with what stands there.
///
/// # Errors
/// As [`accept`], without the rule about the server's names.
pub fn storable(value: &Value, at: &At) -> Result<()> {
    check(value, at, 1)
}

fn check(value: &Value, at: &At, depth: usize) -> Result<()> {
    match value {
        Value::Array(_) | Value::Object(_) if depth > DOCUMENT_DEPTH => {
            at.refuse("too-deep", format!("a document nests at most {DOCUMENT_DEPTH} deep"))
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(n, item)| check(item, at, depth + 1).map_err(|error| below(n, error, at))),
        Value::Object(map) => {
            if map.len() > OBJECT_MEMBERS {
                return at.refuse("too-many-members", format!("an object has at most {OBJECT_MEMBERS} members"));
            }
            map.iter().try_for_each(|(name, item)| {
                member(name, at).and_then(|()| check(item, at, depth + 1)).map_err(|error| below(name, error, at))
            })
        }
        Value::String(text) if text.contains('\0') => at.refuse("nul", "a text holds NUL"),
        Value::Number(number) if number.as_i64().is_none() && !number.is_f64() => {
            at.refuse("number-out-of-range", "a whole number has at most 64 bits, with its sign")
        }
        _ => Ok(()),
    }
}

fn member(name: &str, at: &At) -> Result<()> {
    path::name(name, at)?;
    if name.contains('.') { at.refuse("dotted-name", "a field's name holds a dot") } else { Ok(()) }
}

/// Pointers are built only once something is wrong.
fn below(name: impl std::fmt::Display, error: Invalid, at: &At) -> Invalid {
    let start = at.wrong("", "").pointer;
    let own = at.child(name).wrong("", "").pointer;
    Invalid { pointer: format!("{own}{}", &error.pointer[start.len()..]), ..error }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn accepted(value: Value) -> Result<Value, Invalid> {
        let Value::Object(map) = value else { panic!("not an object") };
        accept(map)
    }

    fn nested(depth: usize) -> Value {
        (1..depth).fold(json!([]), |inner, _| json!([inner]))
    }

    #[test]
    fn what_both_databases_keep_alike_is_accepted() {
        let text = accepted(json!({"b": 1.0, "a": {"__proto__": 1, "'": "x"}, "\"\\": i64::MIN})).unwrap().to_string();
        assert_eq!(text, "{\"\\\"\\\\\":-9223372036854775808,\"a\":{\"'\":\"x\",\"__proto__\":1},\"b\":1}");
    }

    #[test]
    fn d6_w096_names_that_are_the_servers_or_operators_are_refused() {
        for name in ["_id", "_rev", "_x", "$set", "", "a.b", "x\0"] {
            assert!(accepted(json!({name: 1})).is_err(), "{name}");
        }
        let inner = accepted(json!({"a": [{"b/c": {"$where": 1}}]})).unwrap_err();
        assert_eq!(inner.pointer, "/a/0/b~1c/$where");
    }

    #[test]
    fn numbers_beyond_64_bits_and_nul_are_refused() {
        assert!(accepted(json!({"a": u64::MAX})).is_err());
        assert!(accepted(json!({"a": ["\0"]})).is_err());
        assert!(accepted(json!({"a": 1e300})).is_ok());
    }

    #[test]
    fn depth_and_width_have_their_limits() {
        assert!(accepted(json!({"a": nested(DOCUMENT_DEPTH - 1)})).is_ok());
        assert!(accepted(json!({"a": nested(DOCUMENT_DEPTH)})).is_err());
        let wide = |n: usize| json!({"a": (0..n).map(|n| (n.to_string(), json!(1))).collect::<Map<_, _>>()});
        assert!(accepted(wide(OBJECT_MEMBERS)).is_ok());
        assert!(accepted(wide(OBJECT_MEMBERS + 1)).is_err());
    }
}
