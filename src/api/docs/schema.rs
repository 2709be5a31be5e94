//! JSON Schema in few words, as somebody reads it who writes a program: a row for each member, inner ones included.

use serde_json::Value;

/// How deep inner members are shown.
const DEEPEST: usize = 3;

/// A word for a type; where it is the name of a schema, it leads there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Whether it is the name of a schema.
    pub(super) named: bool,
}

impl Word {
    fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), named: false }
    }
}

/// A member.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Its name; inner ones stand behind a dot.
    pub(super) name: String,
    /// What it is: one of these.
    pub(super) words: Vec<Word>,
    /// Whether it has to be there.
    pub(super) required: bool,
}

/// What something of this schema is.
pub(super) fn words(schema: &Value) -> Vec<Word> {
    let plain = |text: &str| vec![Word::plain(text)];
    if let Some(name) = name(schema) {
        return vec![Word { text: name.to_owned(), named: true }];
    }
    if let Some(any) = schema["anyOf"].as_array() {
        return one_of(any.iter().map(words));
    }
    if let Some(one) = schema.get("const") {
        return plain(&one.to_string());
    }
    if let Some(all) = schema["enum"].as_array() {
        return one_of(all.iter().map(|one| plain(&one.to_string())));
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => list(&schema["items"]),
        (Some("string"), Some("date-time")) => plain("time"),
        (Some("string"), Some(format)) => plain(format),
        (Some("string"), None) => plain("text"),
        (Some("integer"), _) => plain("whole number"),
        (Some("boolean"), _) => plain("true or false"),
        (Some(other), _) => plain(other),
        (None, _) => plain("anything"),
    }
}

fn list(items: &Value) -> Vec<Word> {
    let mut words = words(items);
    words.insert(0, Word::plain("list of"));
    words
}

fn one_of(all: impl Iterator<Item = Vec<Word>>) -> Vec<Word> {
    let mut told = Vec::new();
    for words in all {
        if !told.is_empty() {
            told.push(Word::plain("or"));
        }
        told.extend(words);
    }
    told
}

/// The name of the schema that this refers to.
pub(super) fn name(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// The members of an object, and those of objects within it that have no name of their own.
pub(super) fn members(schema: &Value) -> Vec<Member> {
    let mut all = Vec::new();
    collect(schema, "", DEEPEST, &mut all);
    all
}

fn collect(schema: &Value, within: &str, depth: usize, all: &mut Vec<Member>) {
    let Some(properties) = schema["properties"].as_object().filter(|_| depth > 0) else { return };
    let has_to_be = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    for (name, inner) in properties {
        let full = format!("{within}{name}");
        all.push(Member { name: full.clone(), words: words(inner), required: has_to_be(name) });
        match inner["type"].as_str() {
            Some("array") => collect(&inner["items"], &format!("{full}[]."), depth - 1, all),
            _ => collect(inner, &format!("{full}."), depth - 1, all),
        }
    }
}

/// Every name of a schema in it, once.
pub(super) fn names<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    if let Some(name) = name(schema).filter(|name| !found.contains(name)) {
        found.push(name);
    }
    match schema {
        Value::Object(members) => members.values().for_each(|inner| names(inner, found)),
        Value::Array(items) => items.iter().for_each(|inner| names(inner, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(schema: &Value) -> String {
        words(schema).into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn types_are_words() {
        assert_eq!(said(&json!({ "type": "string", "format": "date-time" })), "time");
        assert_eq!(said(&json!({ "type": "array", "items": { "$ref": "#/components/schemas/User" } })), "list of User");
        assert_eq!(said(&json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] })), "text or null");
        assert_eq!(said(&json!({ "enum": ["a", "b"] })), r#""a" or "b""#);
        assert_eq!(said(&json!({})), "anything");
    }

    #[test]
    fn inner_members_stand_behind_a_dot() {
        let inner = json!({ "type": "object", "properties": { "b": { "type": "integer" } }, "required": ["b"] });
        let list = json!({ "type": "array", "items": inner });
        let all = members(&json!({ "properties": { "a": inner, "c": list }, "required": ["c"] }));
        let told: Vec<_> = all.iter().map(|member| (member.name.as_str(), member.required)).collect();
        assert_eq!(told, [("a", false), ("a.b", true), ("c", true), ("c[].b", true)]);
    }

    #[test]
    fn names_are_found_wherever_they_stand() {
        let schema = json!({ "anyOf": [{ "$ref": "#/components/schemas/A" }, { "items": { "$ref": "#/components/schemas/B" } }] });
        let mut found = Vec::new();
        names(&schema, &mut found);
        assert_eq!(found, ["A", "B"]);
    }
}
