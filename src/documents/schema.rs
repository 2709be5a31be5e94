//! JSON Schema 2020-12 for the documents of a collection. A schema is known by its text alone: it fetches nothing, it
//! does not lead back into itself, and patterns run in linear time, so that checking a document ends soon (D5).

use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, Validator};
use moka::sync::Cache;
use serde_json::{Value, json};

use super::refusals::wrong;
use crate::base::{Code, Refusal};

/// Schemas within a schema, each counted as often as it is referred to.
const PARTS: usize = 2_000;
/// How deep they nest.
const DEPTH: usize = 64;
/// Violations that one answer names.
const NAMED: usize = 20;
/// Bytes of a compiled pattern.
const PATTERN: usize = 1 << 20;
/// What has a meaning only beyond the schema's own text.
const FOREIGN: [&str; 5] = ["$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$vocabulary"];
/// Members that hold values and no schemas.
const VALUES: [&str; 4] = ["const", "default", "enum", "examples"];
/// Members that hold schemas under names of the author's.
const NAMED_BY_OTHERS: [&str; 3] = ["dependentSchemas", "patternProperties", "properties"];

/// A schema that was read.
pub type Schema = Arc<Validator>;

/// Schemas that were read, by collection and version.
#[derive(Clone, Debug)]
pub struct Schemas(Cache<(i64, i64), Schema>);

impl Default for Schemas {
    fn default() -> Self {
        Self(Cache::new(1_000))
    }
}

impl Schemas {
    /// The schema of a collection in one of its versions.
    ///
    /// # Errors
    /// As [`read`].
    pub fn of(&self, coll: i64, version: i64, text: &Value) -> Result<Schema, Refusal> {
        if let Some(known) = self.0.get(&(coll, version)) {
            return Ok(known);
        }
        let schema = read(text)?;
        self.0.insert((coll, version), Arc::clone(&schema));
        Ok(schema)
    }
}

/// Reads a schema.
///
/// # Errors
/// `invalid_definition`: it is none, or one that we do not check documents with.
pub fn read(text: &Value) -> Result<Schema, Refusal> {
    if !text.is_object() {
        return Err(refused("", "a schema is an object"));
    }
    Walk { root: text, left: PARTS }.part(text, "", DEPTH, false)?;
    let patterns = PatternOptions::regex().size_limit(PATTERN);
    let options = jsonschema::options().offline().with_draft(Draft::Draft202012).with_pattern_options(patterns);
    let options = options.should_validate_formats(true).should_ignore_unknown_formats(false);
    let schema = options.build(text).map_err(|error| {
        let at = error.instance_path().to_string();
        refused(&at, &error.masked().to_string())
    })?;
    Ok(Arc::new(schema))
}

fn refused(at: &str, why: &str) -> Refusal {
    wrong(Code::InvalidDefinition, &format!("/schema{at}"), "invalid-schema", why)
}

/// Counts a schema with everything that it refers to written out.
struct Walk<'a> {
    root: &'a Value,
    left: usize,
}

impl Walk<'_> {
    /// Whether it is of some size; `named`: the members here are named by others, and hold schemas.
    fn part(&mut self, part: &Value, at: &str, depth: usize, named: bool) -> Result<(), Refusal> {
        if depth == 0 || self.left == 0 {
            return Err(refused(at, "the schema is too large, nests too deep or leads back into itself"));
        }
        self.left -= 1;
        match part {
            Value::Array(items) => {
                let mut items = items.iter().enumerate();
                items.try_for_each(|(n, item)| self.part(item, &format!("{at}/{n}"), depth - 1, false))
            }
            Value::Object(map) => map.iter().try_for_each(|(name, value)| {
                let here = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                if named { self.part(value, &here, depth - 1, false) } else { self.member(name, value, &here, depth) }
            }),
            _ => Ok(()),
        }
    }

    fn member(&mut self, name: &str, value: &Value, at: &str, depth: usize) -> Result<(), Refusal> {
        let root = self.root;
        match name {
            "$ref" => self.part(referred(value, root, at)?, at, depth - 1, false),
            "$defs" => Ok(()),
            "$id" if at == "/$id" => Ok(()),
            name if name == "$id" || FOREIGN.contains(&name) => {
                Err(refused(at, "a schema refers to parts of itself by `$ref` and `#/…`, and to nothing else"))
            }
            name if VALUES.contains(&name) => Ok(()),
            name => self.part(value, at, depth - 1, NAMED_BY_OTHERS.contains(&name)),
        }
    }
}

/// The part of the schema that a `$ref` names.
fn referred<'a>(reference: &Value, root: &'a Value, at: &str) -> Result<&'a Value, Refusal> {
    let local = reference.as_str().and_then(|text| text.strip_prefix('#')).filter(|pointer| !pointer.contains('%'));
    local.and_then(|pointer| root.pointer(pointer)).ok_or_else(|| refused(at, "this leads to no part of the schema"))
}

/// Whether a document's body is as the schema says.
///
/// # Errors
/// `schema_violation`, with where it is not, but without what stands there.
pub fn check(schema: &Schema, body: &Value, from: &str) -> Result<(), Refusal> {
    if schema.is_valid(body) {
        return Ok(());
    }
    let errors = violations(schema, body, from);
    let first = errors.first().and_then(|error| error["detail"].as_str()).unwrap_or_default().to_owned();
    let detail = format!("the document is not as the schema of the collection says: {first}");
    Err(Refusal::new(Code::SchemaViolation, detail).member("errors", errors))
}

/// Where a document is not as its schema says.
#[must_use]
pub fn violations(schema: &Schema, body: &Value, from: &str) -> Vec<Value> {
    let told = |error: jsonschema::ValidationError<'_>| {
        let (at, rule) = (error.instance_path().to_string(), error.schema_path().to_string());
        let rule = rule.rsplit('/').find(|name| name.parse::<usize>().is_err()).unwrap_or_default().to_owned();
        json!({"pointer": format!("{from}{at}"), "code": rule, "detail": error.masked().to_string()})
    };
    schema.iter_errors(body).take(NAMED).map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_named_by_place_and_rule_and_not_by_what_stands_there() {
        let schema = read(&json!({
            "type": "object", "required": ["mail"],
            "properties": {"mail": {"$ref": "#/$defs/mail"}, "n": {"type": "integer", "minimum": 1}},
            "$defs": {"mail": {"type": "string", "format": "email", "pattern": "^[a-z.@]+$"}},
        }));
        let schema = schema.unwrap();
        assert!(check(&schema, &json!({"mail": "ada@example.com", "n": 1}), "").is_ok());
        let refusal = check(&schema, &json!({"mail": "ADA-WAS-HERE", "n": 0}), "/documents/3").unwrap_err();
        let errors = refusal.members["errors"].as_array().unwrap();
        let places: Vec<_> = errors.iter().map(|error| (error["pointer"].as_str(), error["code"].as_str())).collect();
        assert!(places.contains(&(Some("/documents/3/mail"), Some("pattern"))), "{places:?}");
        assert!(places.contains(&(Some("/documents/3/n"), Some("minimum"))), "{places:?}");
        assert!(!format!("{refusal:?}").contains("ADA-WAS-HERE"));
        assert_eq!(violations(&schema, &json!({}), "")[0]["code"], "required");
    }

    #[test]
    fn d5_a_schema_that_fetches_or_never_ends_is_refused() {
        let doubling = (0..40).fold(json!({"d40": {"type": "string"}}), |mut defs, n| {
            let next = json!({"$ref": format!("#/$defs/d{}", n + 1)});
            defs[format!("d{n}")] = json!({"anyOf": [next, next]});
            defs
        });
        let deep = (0..80).fold(json!(true), |inner, _| json!({"not": inner}));
        for bad in [
            json!([]),
            json!({"type": "no such type"}),
            json!({"pattern": "(?=x)"}),
            json!({"pattern": "(a{1000}){1000}"}),
            json!({"format": "no-such-format"}),
            json!({"$ref": "https://attacker.example/schema"}),
            json!({"properties": {"a": {"$ref": "file:///etc/passwd"}}}),
            json!({"$ref": "#"}),
            json!({"properties": {"default": {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}}}),
            json!({"properties": {"child": {"$ref": "#"}}}),
            json!({"properties": {"a": {"$id": "https://attacker.example/", "$ref": "x"}}}),
            json!({"$dynamicRef": "#node"}),
            json!({"$ref": "#/$defs/d0", "$defs": doubling}),
            deep,
        ] {
            let refusal = read(&bad).unwrap_err();
            let pointer = refusal.members["errors"][0]["pointer"].as_str().unwrap();
            assert!(pointer.starts_with("/schema"), "{pointer} {bad}");
        }
    }

    #[test]
    fn d5_a_pathological_text_is_checked_in_no_time() {
        let schema = read(&json!({"properties": {"a": {"pattern": "^(a+)+$"}}})).unwrap();
        let before = std::time::Instant::now();
        assert!(check(&schema, &json!({"a": format!("{}!", "a".repeat(10_000))}), "").is_err());
        assert!(before.elapsed() < std::time::Duration::from_secs(1));
    }
}
