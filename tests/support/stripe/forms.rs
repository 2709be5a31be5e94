//! Stripe's forms: brackets, and no parameter that is not known.

use serde_json::{Map, Value, json};

/// `a[b][0]=c` as JSON; members of lists stay members named by numbers.
pub(super) fn parse(text: &str) -> Value {
    let mut root = Value::Object(Map::new());
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        let parts = name.replace(']', "");
        let mut at = &mut root;
        for part in parts.split('[') {
            at = at.as_object_mut().unwrap().entry(part.to_owned()).or_insert_with(|| json!({}));
        }
        *at = Value::String(value.into_owned());
    }
    root
}

/// The items of a list.
pub(super) fn items(form: &Value) -> Vec<Value> {
    form.as_object().map(|items| items.values().cloned().collect()).unwrap_or_default()
}

/// Refuses every parameter but these.
pub(super) fn only(form: &Value, known: &[&str]) -> Result<(), (u16, Value)> {
    match form.as_object().unwrap().keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err((400, error(400, "invalid_request_error", "parameter_unknown", name))),
        None => Ok(()),
    }
}

/// Stripe's words for that something is wrong.
pub(super) fn error(status: u16, kind: &str, code: &str, param: &str) -> Value {
    let declined = if status == 402 { json!("insufficient_funds") } else { Value::Null };
    let (kind, code) = if status == 402 { ("card_error", "card_declined") } else { (kind, code) };
    let mut error = json!({ "type": kind, "message": format!("Invalid API Key provided: sk_test_***ests ({status})") });
    for (name, value) in [("code", json!(code)), ("param", json!(param)), ("decline_code", declined)] {
        if value != "" && !value.is_null() {
            error[name] = value;
        }
    }
    json!({ "error": error })
}
