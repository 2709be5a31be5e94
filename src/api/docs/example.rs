//! A call that can be copied: `curl` with the least that has to be said.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::schema::name;

/// How deep an example goes.
const DEEPEST: usize = 4;

/// Which call it is.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) url: String,
    /// Whether a token has to be shown.
    pub(super) token: bool,
    /// Media type and schema of the body.
    pub(super) body: Option<(&'a str, &'a Value)>,
}

impl Call<'_> {
    /// The command.
    pub(super) fn curl(&self, document: &Value) -> String {
        let mut line = "curl".to_owned();
        if self.method != "GET" {
            let _ = write!(line, " -X {}", self.method);
        }
        let _ = write!(line, " \"{}\"", self.url.replace('{', "$").replace('}', ""));
        if self.token {
            line += " \\\n  -H \"Authorization: Bearer $TOKEN\"";
        }
        match self.body {
            Some(("multipart/form-data", _)) => line += " \\\n  -F file=@picture.png",
            Some((kind, schema)) if kind.ends_with("json") => {
                let sample = sample(document, schema, DEEPEST);
                let _ = write!(line, " \\\n  -H \"Content-Type: {kind}\" \\\n  -d '{sample}'");
            }
            Some((kind, _)) => {
                let _ = write!(line, " \\\n  -H \"Content-Type: {kind}\" \\\n  --data-binary @file");
            }
            None => {}
        }
        line
    }
}

/// Something that this schema takes, with no more in it than has to be.
pub(super) fn sample(document: &Value, schema: &Value, depth: usize) -> Value {
    let Some(inner) = depth.checked_sub(1) else { return json!({}) };
    if let Some(name) = name(schema) {
        return sample(document, &document["components"]["schemas"][name], inner);
    }
    if let Some(first) = schema["anyOf"].get(0) {
        return sample(document, first, inner);
    }
    if let Some(one) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return one.clone();
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some("date-time")) => json!("2026-01-31T12:00:00Z"),
        (Some("string"), _) => json!("…"),
        (Some("integer" | "number"), _) => json!(1),
        (Some("boolean"), _) => json!(true),
        (Some("array"), _) => json!([sample(document, &schema["items"], inner)]),
        (Some("null"), _) => Value::Null,
        _ => Value::Object(object(document, schema, inner)),
    }
}

/// The members that have to be there; where none has to, the first.
fn object(document: &Value, schema: &Value, depth: usize) -> Map<String, Value> {
    let Some(all) = schema["properties"].as_object() else { return Map::new() };
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let wanted = all.iter().filter(|(name, _)| required.contains(&name.as_str()));
    let least = all.iter().take(usize::from(required.is_empty()));
    wanted.chain(least).map(|(name, inner)| (name.clone(), sample(document, inner, depth))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_says_what_has_to_be_said() {
        let schema = json!({
            "type": "object",
            "properties": { "email": { "type": "string" }, "age": { "type": "integer" }, "role": { "enum": ["user"] } },
            "required": ["email", "role"],
        });
        let call = Call {
            method: "PATCH",
            url: "https://id.test/t/demo/api/v1/users/{id}".to_owned(),
            token: true,
            body: Some(("application/json", &schema)),
        };
        let line = call.curl(&json!({}));
        assert!(line.starts_with("curl -X PATCH \"https://id.test/t/demo/api/v1/users/$id\""), "{line}");
        assert!(line.contains("Bearer $TOKEN") && line.ends_with(r#"-d '{"email":"…","role":"user"}'"#), "{line}");
        let simple = Call { method: "GET", url: "https://id.test/x".to_owned(), token: false, body: None };
        assert_eq!(simple.curl(&json!({})), "curl \"https://id.test/x\"");
    }

    #[test]
    fn a_schema_that_holds_itself_has_an_example_with_an_end() {
        let itself = json!({ "$ref": "#/components/schemas/Tree" });
        let tree = json!({ "type": "object", "properties": { "of": itself }, "required": ["of"] });
        let document = json!({ "components": { "schemas": { "Tree": tree } } });
        assert!(sample(&document, &itself, DEEPEST).to_string().len() < 100);
    }
}
