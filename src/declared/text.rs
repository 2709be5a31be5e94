//! How a declaration is written: TOML of one form only, so that the same state is the same bytes with every version of
//! every library. Members stand in the order that they are given in.

use serde_json::{Map, Value};

/// Longest object or list that stands on one line, in characters.
const SHORT: usize = 76;

/// Writes tables as a document.
pub(super) fn write(document: &Map<String, Value>) -> String {
    let mut out = String::new();
    table(&mut out, &mut Vec::new(), document);
    out
}

/// Whether TOML has a word for it: it has none for null and for whole numbers beyond 63 bits.
pub(super) fn can_write(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Number(number) => number.as_i64().is_some() || !number.is_u64(),
        Value::Array(items) => items.iter().all(can_write),
        Value::Object(members) => members.values().all(can_write),
        Value::Bool(_) | Value::String(_) => true,
    }
}

/// A value on one line.
pub(super) fn line(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", ")),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{} = {}", key(name), line(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => string(text),
        Value::Number(number) if number.is_f64() => format!("{:?}", number.as_f64().unwrap_or_default()),
        other => other.to_string(),
    }
}

/// The name of a member.
pub(super) fn key(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !name.is_empty() && name.bytes().all(plain) { name.to_owned() } else { string(name) }
}

fn table(out: &mut String, path: &mut Vec<String>, members: &Map<String, Value>) {
    let (tables, plain): (Vec<_>, Vec<_>) = members.iter().partition(|(_, value)| is_table(value, path.len()));
    if !path.is_empty() && (!plain.is_empty() || tables.is_empty()) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.extend(["[", &path.join("."), "]\n"]);
    }
    for (name, value) in plain {
        out.extend([&key(name), " = ", &lines(value), "\n"]);
    }
    for (name, value) in tables {
        let Value::Object(members) = value else { continue };
        path.push(key(name));
        table(out, path, members);
        path.pop();
    }
}

/// Whether an object has a heading of its own: things always, and what is in them when it is long.
fn is_table(value: &Value, depth: usize) -> bool {
    value.is_object() && (depth < 2 || line(value).chars().count() > SHORT)
}

/// A value of a member: a long list item by item, a long text line by line.
fn lines(value: &Value) -> String {
    match value {
        Value::Array(items) if line(value).chars().count() > SHORT => {
            let items = items.iter().map(|item| format!("  {},\n", line(item)));
            format!("[\n{}]", items.collect::<String>())
        }
        Value::String(text) if text.contains('\n') => {
            let text = text.split('\n').map(escaped).collect::<Vec<_>>().join("\n");
            format!("\"\"\"\n{text}\"\"\"")
        }
        value => line(value),
    }
}

fn string(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if other.is_control() => out.extend(["\\u", &format!("{:04X}", u32::from(other))]),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(document: Value) -> String {
        let Value::Object(members) = document else { panic!("no object") };
        assert!(can_write(&Value::Object(members.clone())));
        write(&members)
    }

    #[test]
    fn things_have_headings_and_what_is_short_stands_on_a_line() {
        let text = written(json!({
            "format": 1,
            "settings": { "language": "de", "lifetimes": { "access_token": 60 } },
            "webhooks": { "https://a.test/x": { "events": ["user.*"], "half": 0.5, "none": {} } },
        }));
        let expected = "format = 1\n\n[settings]\nlanguage = \"de\"\n\n[settings.lifetimes]\naccess_token = 60\n\n\
            [webhooks.\"https://a.test/x\"]\nevents = [\"user.*\"]\nhalf = 0.5\nnone = {}\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_long_stands_on_lines_of_its_own() {
        let long = "x".repeat(50);
        let text = written(json!({
            "a": { "b": { "list": [long, long], "text": "one\n\"two\"\\", "deep": { "c": long, "d": long } } },
        }));
        let expected = format!(
            "[a.b]\nlist = [\n  \"{long}\",\n  \"{long}\",\n]\ntext = \"\"\"\none\n\\\"two\\\"\\\\\"\"\"\n\n\
             [a.b.deep]\nc = \"{long}\"\nd = \"{long}\"\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn what_toml_has_no_word_for_is_known() {
        for bad in [json!(null), json!([1, null]), json!({ "a": { "b": null } }), json!(u64::MAX)] {
            assert!(!can_write(&bad), "{bad}");
        }
        assert!(can_write(&json!([1, -1.5, true, "x", { "a": i64::MAX }])));
    }
}
