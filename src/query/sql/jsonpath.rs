//! The common conditions as PostgreSQL's jsonpath (SQL/JSON path language, lax mode), which walks a body once where
//! nested conditions walk it for every array in the way. Lax mode takes arrays apart just as the language does: once at
//! each step; the guard of the type keeps it from doing so a second time at the end.

use std::fmt::Write as _;

use serde_json::Value;

use super::super::filter::Predicate;
use super::super::path::Step;
use super::super::value::Kind;

/// With more values than this, a list is looked up in a table instead.
const LISTED: usize = 8;

/// The path and its filter, for conditions that jsonpath can say: about scalars that are there.
pub(super) fn of(steps: &[Step], predicate: &Predicate) -> Option<String> {
    if steps.iter().any(|step| step.index.is_some()) {
        return None;
    }
    let condition = match predicate {
        Predicate::Equal(value) => compared("==", value)?,
        Predicate::Order(order, value) => compared(order.sign(), value)?,
        Predicate::In(values) if (1..=LISTED).contains(&values.len()) => {
            let each: Option<Vec<String>> = values.iter().map(|value| compared("==", value)).collect();
            each?.join(" || ")
        }
        _ => return None,
    };
    let mut path = "$".to_owned();
    for step in steps {
        // Writing into a String cannot fail.
        let _ = write!(path, ".{}", Value::from(step.name.as_str()));
    }
    Some(format!("{path} ? ({condition})"))
}

/// A comparison with a scalar of its own kind; what is null may be missing, and objects and arrays are no scalars.
fn compared(sign: &str, value: &Value) -> Option<String> {
    let kind = match Kind::of(value) {
        Kind::Number => "number",
        Kind::Text => "string",
        Kind::Bool => "boolean",
        Kind::Null | Kind::Object | Kind::Array => return None,
    };
    Some(format!("(@.type() == \"{kind}\" && @ {sign} {value})"))
}
