//! Metadata: a JSON object that is changed by merging (RFC 7396), or by `$set`, `$inc` and `$unset` on dotted paths.

use serde_json::{Map, Number, Value};

use crate::base::{Code, Refusal};

/// Most bytes of one person's metadata, as JSON.
const MOST_BYTES: usize = 16 * 1024;
/// Deepest nesting.
const DEEPEST: usize = 16;
/// Longest name of a member.
const LONGEST_NAME: usize = 128;

type Object = Map<String, Value>;

/// What `now` becomes by this wish.
///
/// # Errors
/// The wish mixes operators with plain members, names an unknown one, contradicts itself, counts what is no number,
/// or what comes of it is too large.
pub(super) fn changed(now: &Object, wish: &Object) -> Result<Object, Refusal> {
    let operators = wish.keys().filter(|name| name.starts_with('$')).count();
    let mut after = now.clone();
    if operators == 0 {
        merge(&mut after, wish);
    } else if operators == wish.len() {
        operate(&mut after, wish)?;
    } else {
        return Err(refuse("operators and plain members of metadata cannot be mixed"));
    }
    check(&after, 1)?;
    let size = Value::Object(after.clone()).to_string().len();
    if size > MOST_BYTES {
        return Err(refuse(format!("metadata holds {MOST_BYTES} bytes at most")));
    }
    Ok(after)
}

/// What somebody may say of themselves from the start.
///
/// # Errors
/// As for a change of none.
pub fn first(wish: &Object) -> Result<Object, Refusal> {
    changed(&Object::new(), wish)
}

/// RFC 7396 §2.
fn merge(target: &mut Object, patch: &Object) {
    for (name, value) in patch {
        match value {
            Value::Null => drop(target.remove(name)),
            Value::Object(inner) => {
                let slot = target.entry(name.clone()).or_insert_with(|| Value::Object(Object::new()));
                if !slot.is_object() {
                    *slot = Value::Object(Object::new());
                }
                if let Value::Object(below) = slot {
                    merge(below, inner);
                }
            }
            other => drop(target.insert(name.clone(), other.clone())),
        }
    }
}

fn operate(target: &mut Object, wish: &Object) -> Result<(), Refusal> {
    let mut steps = Vec::new();
    for (operator, arguments) in wish {
        if !["$set", "$inc", "$unset"].contains(&operator.as_str()) {
            return Err(refuse(format!("the operator `{}` is not one of $set, $inc, $unset", shown(operator))));
        }
        let Value::Object(arguments) = arguments else {
            return Err(refuse(format!("{operator} takes an object of paths")));
        };
        steps.extend(arguments.iter().map(|(path, value)| (operator.as_str(), path.as_str(), value)));
    }
    apart(&steps)?;
    steps.into_iter().try_for_each(|(operator, path, value)| step(target, (operator, path), value))
}

/// No path may be, or lie within, another one.
fn apart(steps: &[(&str, &str, &Value)]) -> Result<(), Refusal> {
    let within = |inner: &str, outer: &str| inner == outer || inner.starts_with(&format!("{outer}."));
    for (index, (_, one, _)) in steps.iter().enumerate() {
        for (_, other, _) in &steps[index + 1..] {
            if within(one, other) || within(other, one) {
                return Err(refuse(format!("the path `{}` is changed twice", shown(one))));
            }
        }
    }
    Ok(())
}

fn step(target: &mut Object, (operator, path): (&str, &str), value: &Value) -> Result<(), Refusal> {
    let (parents, last) = path.rsplit_once('.').map_or((None, path), |(parents, last)| (Some(parents), last));
    let mut place = target;
    for name in parents.into_iter().flat_map(|parents| parents.split('.')) {
        if operator == "$unset" && !place.contains_key(name) {
            return Ok(());
        }
        let below = place.entry(name.to_owned()).or_insert_with(|| Value::Object(Object::new()));
        let Value::Object(below) = below else {
            return Err(refuse(format!("the path `{}` leads through something that is no object", shown(path))));
        };
        place = below;
    }
    match operator {
        "$unset" => drop(place.remove(last)),
        "$set" => drop(place.insert(last.to_owned(), value.clone())),
        _ => {
            let before = place.get(last).cloned().unwrap_or_else(|| Value::from(0));
            let sum =
                sum(&before, value).ok_or_else(|| refuse(format!("`{}` cannot be counted on by that", shown(path))))?;
            place.insert(last.to_owned(), Value::Number(sum));
        }
    }
    Ok(())
}

fn sum(one: &Value, other: &Value) -> Option<Number> {
    match (one.as_i64(), other.as_i64()) {
        (Some(one), Some(other)) => one.checked_add(other).map(Number::from),
        _ => Number::from_f64(one.as_f64()? + other.as_f64()?),
    }
}

/// Names that paths can reach, and no deeper than is sensible.
fn check(object: &Object, depth: usize) -> Result<(), Refusal> {
    if depth > DEEPEST {
        return Err(refuse(format!("metadata nests {DEEPEST} levels at most")));
    }
    for (name, value) in object {
        if name.is_empty() || name.len() > LONGEST_NAME || name.starts_with('$') || name.contains(['.', '\0']) {
            return Err(refuse("a member of metadata has a name without dots that does not begin with $"));
        }
        check_value(value, depth)?;
    }
    Ok(())
}

fn check_value(value: &Value, depth: usize) -> Result<(), Refusal> {
    match value {
        Value::Object(inner) => check(inner, depth + 1),
        Value::Array(items) if depth < DEEPEST => items.iter().try_for_each(|item| check_value(item, depth + 1)),
        Value::Array(_) => Err(refuse(format!("metadata nests {DEEPEST} levels at most"))),
        _ => Ok(()),
    }
}

/// What a caller wrote, fit to be repeated.
fn shown(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() && !"\"\\`".contains(*c)).take(60).collect()
}

fn refuse(sentence: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(Code::InvalidRequest, sentence)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Object {
        let Value::Object(object) = value else { panic!("no object") };
        object
    }

    fn after(now: Value, wish: Value) -> Value {
        Value::Object(changed(&object(now), &object(wish)).unwrap())
    }

    fn refused(now: Value, wish: Value) -> String {
        changed(&object(now), &object(wish)).unwrap_err().description.into_owned()
    }

    #[test]
    fn plain_members_are_merged_and_null_takes_away() {
        let now = json!({ "a": 1, "b": { "c": 2, "d": 3 }, "e": "x" });
        let wish = json!({ "a": null, "b": { "c": null, "f": [null] }, "e": { "g": 1 } });
        assert_eq!(after(now, wish), json!({ "b": { "d": 3, "f": [null] }, "e": { "g": 1 } }));
    }

    #[test]
    fn operators_set_count_and_unset_by_path() {
        let now = json!({ "visits": 1, "old": 1, "deep": { "n": 1.5 } });
        let wish = json!({
            "$set": { "a.b": "x" }, "$inc": { "visits": 2, "deep.n": 1, "new": -3 }, "$unset": { "old": "", "no.such": 1 },
        });
        assert_eq!(after(now, wish), json!({ "visits": 3, "deep": { "n": 2.5 }, "a": { "b": "x" }, "new": -3 }));
    }

    #[test]
    fn wishes_that_cannot_be_are_refused_with_their_path() {
        for (wish, said) in [
            (json!({ "$set": { "a": 1 }, "b": 1 }), "mixed"),
            (json!({ "$push": { "a": 1 } }), "`$push`"),
            (json!({ "$inc": { "text": 1 } }), "`text`"),
            (json!({ "$inc": { "n": "1" } }), "`n`"),
            (json!({ "$inc": { "most": 1 } }), "`most`"),
            (json!({ "$set": { "n.x": 1 } }), "`n.x`"),
            (json!({ "$set": { "a": 1 }, "$unset": { "a": "" } }), "twice"),
            (json!({ "$set": { "a": 1, "a.b": 1 } }), "twice"),
            (json!({ "$set": 1 }), "takes an object"),
            (json!({ "$set": { "$where": 1 } }), "begin with $"),
            (json!({ "a": { "$where": 1 } }), "begin with $"),
            (json!({ "a": [{ "b.c": 1 }] }), "dots"),
            (json!({ "$set": { "a..b": 1 } }), "name"),
            (json!({ "a": "x".repeat(20_000) }), "bytes at most"),
        ] {
            let sentence = refused(json!({ "text": "x", "n": 1, "most": i64::MAX }), wish);
            assert!(sentence.contains(said), "{sentence}");
        }
        let deep = (0..20).fold(json!(1), |below, _| json!({ "a": below }));
        assert!(refused(json!({}), deep).contains("levels"));
        let deep = (0..20).fold(json!(1), |below, _| json!([below]));
        assert!(refused(json!({}), json!({ "a": deep })).contains("levels"));
    }
}
