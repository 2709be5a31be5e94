//! The parameters of a request's address, and which documents a change of many means.

use serde_json::{Map, Value};

use crate::base::{Code, Params, Refusal, strict_value};
use crate::documents::invalid;
use crate::query::Filter;

/// Refuses parameters that are not these.
///
/// # Errors
/// There is another one.
pub fn only(params: &Params, known: &[&str]) -> Result<(), Refusal> {
    match params.iter().find(|(name, _)| !known.contains(name)) {
        Some((name, _)) => {
            let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            Err(Refusal::new(Code::InvalidParameter, format!("there is no parameter `{name}` here")))
        }
        None => Ok(()),
    }
}

/// A parameter that is JSON.
///
/// # Errors
/// It is none.
pub fn json(params: &Params, name: &str) -> Result<Option<Value>, Refusal> {
    let Some(text) = params.raw(name) else { return Ok(None) };
    let broken = |_| Refusal::new(Code::InvalidParameter, format!("the parameter `{name}` is no JSON"));
    strict_value(text.as_bytes()).map(Some).map_err(broken)
}

/// `true`, or `false`, which is as if it were left out.
///
/// # Errors
/// It is something else.
pub fn flag(params: &Params, name: &str) -> Result<bool, Refusal> {
    match params.raw(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Refusal::new(Code::InvalidParameter, format!("the parameter `{name}` is true or false"))),
    }
}

/// The filter of a change of many documents: who means every one says so (W-092, D4).
///
/// # Errors
/// There is none, or it takes everything and `all` was not said.
pub fn deliberate(filter: Option<Value>, all: bool) -> Result<Value, Refusal> {
    let required = |why| Err(Refusal::new(Code::FilterRequired, why));
    let Some(filter) = filter else {
        return if all {
            Ok(Value::Object(Map::new()))
        } else {
            required("a filter has to say which documents are meant")
        };
    };
    let parsed = Filter::parse(&filter).map_err(|mistake| invalid("/filter", &mistake))?;
    if parsed.is_everything() && !all {
        return required("this filter takes every document: `all` has to be true if that is meant");
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn d4_w092_everything_is_meant_only_by_who_says_so() {
        assert_eq!(deliberate(None, false).unwrap_err().code, Code::FilterRequired);
        for everything in [json!({}), json!({"$and": [{}]}), json!({"$and": [{}, {"$and": [{}]}]})] {
            assert_eq!(deliberate(Some(everything.clone()), false).unwrap_err().code, Code::FilterRequired);
            assert!(deliberate(Some(everything), true).is_ok());
        }
        assert_eq!(deliberate(None, true).unwrap(), json!({}));
        for broken in [json!(null), json!([]), json!("{}"), json!(0), json!({"$fliter": 1}), json!({"a": {"$gtt": 1}})]
        {
            assert_eq!(deliberate(Some(broken.clone()), true).unwrap_err().code, Code::InvalidFilter, "{broken}");
        }
        assert!(deliberate(Some(json!({"a": 1})), false).is_ok());
    }
}
