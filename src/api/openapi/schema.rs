//! A short way to write JSON Schema 2020-12: `"email: text, age?: int, tags: [text], owner: User|null"`.

use serde_json::{Map, Value, json};

/// An object with these members; one whose name ends in `?` may be left out.
///
/// The words for types are `text`, `int`, `number`, `bool`, `time`, `map` (any object) and `any`; a word with a
/// capital names a schema of the document, `[x]` is a list of it, `x|null` may be null, `'a'|'b'` is one of these texts.
pub(super) fn object(members: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for member in members.split(", ").filter(|member| !member.trim().is_empty()) {
        let (name, words) = member.trim().split_once(": ").unwrap_or((member, "any"));
        if !name.ends_with('?') {
            required.push(name);
        }
        properties.insert(name.trim_end_matches('?').to_owned(), of(words));
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

/// What one word, or several with `|`, say.
pub(super) fn of(words: &str) -> Value {
    let all: Vec<_> = words.split('|').collect();
    if let [one] = all[..] {
        return one_word(one);
    }
    if all.iter().all(|word| word.starts_with('\'')) {
        return json!({ "enum": all.iter().map(|word| word.trim_matches('\'')).collect::<Vec<_>>() });
    }
    json!({ "anyOf": all.into_iter().map(one_word).collect::<Vec<_>>() })
}

fn one_word(word: &str) -> Value {
    if let Some(inner) = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return json!({ "type": "array", "items": of(inner) });
    }
    match word {
        "text" => json!({ "type": "string" }),
        "int" => json!({ "type": "integer" }),
        "number" => json!({ "type": "number" }),
        "bool" => json!({ "type": "boolean" }),
        "time" => json!({ "type": "string", "format": "date-time" }),
        "null" => json!({ "type": "null" }),
        "map" => json!({ "type": "object" }),
        "any" => json!({}),
        quoted if quoted.starts_with('\'') => json!({ "const": quoted.trim_matches('\'') }),
        name => json!({ "$ref": format!("#/components/schemas/{name}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_are_long_schemas() {
        let schema = object("email: text, age?: int, tags: [text], owner: User|null, state: 'on'|'off'");
        assert_eq!(schema["required"], json!(["email", "tags", "owner", "state"]));
        assert_eq!(schema["properties"]["tags"], json!({ "type": "array", "items": { "type": "string" } }));
        assert_eq!(schema["properties"]["owner"]["anyOf"][0]["$ref"], "#/components/schemas/User");
        assert_eq!(schema["properties"]["state"], json!({ "enum": ["on", "off"] }));
        assert_eq!(object("")["required"], json!([]));
    }
}
