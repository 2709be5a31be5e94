//! What a definition says besides rules: indexes, the schema, how long documents live, how much there may be, and who
//! keeps watch.

use serde_json::Value;

use super::refusals::{invalid, wrong};
use super::schema;
use crate::base::{Code, Refusal};
use crate::query::path::{Path, Root};
use crate::query::{At, Index, Subject};

/// Longest life of a document, in seconds: a hundred years.
const LONGEST: u64 = 3_153_600_000;

/// How long documents live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The field that holds a time, as RFC 3339 writes it.
    pub field: Path,
    /// How long after it a document is removed.
    pub seconds: u64,
}

/// What else is said of a collection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Upkeep {
    /// Its indexes, as they were written.
    pub declared: Vec<Value>,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// What its documents look like.
    pub schema: Option<Value>,
    /// How long they live.
    pub life: Option<Life>,
    /// Whether its changes are kept from those who watch.
    pub unwatched: bool,
    /// Whether its changes have rows in its audit trail.
    pub audited: bool,
    /// Whether its documents stay, as nobody's, when their owner is erased.
    pub outlived: bool,
    /// Documents at most.
    pub documents: Option<u64>,
    /// Bytes of all documents at most.
    pub bytes: Option<u64>,
}

impl Upkeep {
    /// Takes a member of a definition; answers whether it is one of these.
    ///
    /// # Errors
    /// It is none.
    pub fn take(&mut self, name: &str, value: &Value) -> Result<bool, Refusal> {
        match name {
            "indexes" => {
                self.indexes = Index::list(value).map_err(|mistake| invalid("", &mistake))?;
                self.declared = value.as_array().cloned().unwrap_or_default();
            }
            "schema" => self.schema = (!value.is_null()).then(|| value.clone()),
            "ttl" => self.life = if value.is_null() { None } else { Some(life(value)?) },
            "watch" => self.unwatched = !truth(value, "/watch")?,
            "audit" => self.audited = truth(value, "/audit")?,
            "on_erasure" => {
                self.outlived = match value.as_str() {
                    Some("delete") => false,
                    Some("orphan") => true,
                    _ => return refuse("/on_erasure", "this is `delete` or `orphan`").map(|()| true),
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Takes a member of its limits; answers whether it is one of these.
    ///
    /// # Errors
    /// It is no number.
    pub fn limit(&mut self, name: &str, value: &Value) -> Result<bool, Refusal> {
        let limit = match name {
            "max_documents" => &mut self.documents,
            "max_bytes" => &mut self.bytes,
            _ => return Ok(false),
        };
        let Some(number) = value.as_u64() else { return refuse(&format!("/limits/{name}"), "this is a whole number") };
        *limit = Some(number);
        Ok(true)
    }

    /// Whether all of it can be kept to.
    ///
    /// # Errors
    /// The schema is none.
    pub fn check(&self) -> Result<(), Refusal> {
        self.schema.as_ref().map_or(Ok(()), |text| schema::read(text).map(drop))
    }
}

fn refuse<T>(pointer: &str, detail: &str) -> Result<T, Refusal> {
    Err(wrong(Code::InvalidDefinition, pointer, "invalid", detail))
}

fn truth(value: &Value, pointer: &str) -> Result<bool, Refusal> {
    value.as_bool().map_or_else(|| refuse(pointer, "this is true or false"), Ok)
}

fn life(value: &Value) -> Result<Life, Refusal> {
    let rule = "ttl is an object with the path `field` and whole `seconds`, at most a hundred years";
    let Some(map) = value.as_object().filter(|map| map.len() == 2) else { return refuse("/ttl", rule) };
    let (field, seconds) = (map.get("field").and_then(Value::as_str), map.get("seconds").and_then(Value::as_u64));
    let (Some(field), Some(seconds)) = (field, seconds.filter(|seconds| *seconds <= LONGEST)) else {
        return refuse("/ttl", rule);
    };
    let at = At::start(Subject::Index).child("ttl").child("field");
    let field = Path::parse(field, Root::Stored, &at).map_err(|mistake| invalid("", &mistake))?;
    Ok(Life { field, seconds })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn take(name: &str, value: &Value) -> Result<Upkeep, String> {
        let mut upkeep = Upkeep::default();
        let place = |refusal: Refusal| refusal.members["errors"][0]["pointer"].as_str().unwrap().to_owned();
        assert!(upkeep.take(name, value).map_err(place)?);
        upkeep.check().map_err(place)?;
        Ok(upkeep)
    }

    #[test]
    fn what_can_be_kept_to_is_read() {
        assert_eq!(take("ttl", &json!({"field": "until", "seconds": 0})).unwrap().life.unwrap().seconds, 0);
        assert!(take("watch", &json!(false)).unwrap().unwatched);
        assert!(take("audit", &json!(true)).unwrap().audited);
        assert!(take("on_erasure", &json!("orphan")).unwrap().outlived);
        assert_eq!(take("indexes", &json!([{"name": "a", "fields": {"a": 1}}])).unwrap().indexes.len(), 1);
        assert!(take("schema", &json!({"type": "object"})).unwrap().schema.is_some());
        let mut upkeep = Upkeep::default();
        assert!(upkeep.limit("max_documents", &json!(3)).unwrap() && !upkeep.limit("max", &json!(3)).unwrap());
        assert_eq!(upkeep.documents, Some(3));
        assert!(upkeep.limit("max_bytes", &json!(-1)).is_err());
    }

    #[test]
    fn what_cannot_is_refused_with_its_place() {
        for (name, value, pointer) in [
            ("ttl", json!({"field": "until"}), "/ttl"),
            ("ttl", json!({"field": "a..b", "seconds": 1}), "/ttl/field"),
            ("ttl", json!({"field": "a", "seconds": 3_153_600_001_u64}), "/ttl"),
            ("watch", json!(1), "/watch"),
            ("audit", json!("yes"), "/audit"),
            ("on_erasure", json!("keep"), "/on_erasure"),
            ("indexes", json!([{"name": "a", "fields": {"a": 3}}]), "/indexes/0/fields/a"),
            ("schema", json!({"properties": {"a": {"type": "texts"}}}), "/schema/properties/a/type"),
        ] {
            assert_eq!(take(name, &value).unwrap_err(), pointer, "{value}");
        }
    }
}
