//! What becomes of a document, in each of the three languages for it: MongoDB's operators, merge patch (RFC 7396),
//! JSON Patch (RFC 6902).

use serde_json::{Map, Value};

use super::hidden::{Hidden, replaced};
use super::refusals::{invalid, not_applied, wrong};
use crate::base::{Code, Refusal};
use crate::query::limits::UPDATE_ACTIONS;
use crate::query::update::{Applying, patch};
use crate::query::{Update, document};
use crate::store::document::Document;

/// A change of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// By operators.
    Operators(Update),
    /// By merging.
    Merge(Value),
    /// By operations.
    Patch(Vec<Value>),
}

impl Edit {
    /// Reads an object: operators if all names begin with `$`, a merge patch if none does.
    ///
    /// # Errors
    /// Some do and some do not, or it says nothing in the language.
    pub fn read(map: Map<String, Value>, from: &str) -> Result<Self, Refusal> {
        let operators = map.keys().filter(|name| name.starts_with('$')).count();
        if operators == 0 {
            return Self::merge(map, from);
        }
        if operators < map.len() {
            let why = "operators and plain fields do not go together";
            return Err(wrong(Code::InvalidRequest, from, "mixed", why));
        }
        let update = Update::parse(&Value::Object(map)).map_err(|mistake| invalid(from, &mistake))?;
        Ok(Self::Operators(update))
    }

    /// Reads a merge patch.
    ///
    /// # Errors
    /// It names a field of the server.
    pub fn merge(map: Map<String, Value>, from: &str) -> Result<Self, Refusal> {
        match map.keys().find(|name| name.starts_with('_')) {
            Some(name) => Err(servers(&format!("{from}/{name}"))),
            None => Ok(Self::Merge(Value::Object(map))),
        }
    }

    /// Reads a JSON Patch.
    ///
    /// # Errors
    /// It is too long, or names a field of the server.
    pub fn patch(operations: Vec<Value>, from: &str) -> Result<Self, Refusal> {
        if operations.len() > UPDATE_ACTIONS {
            let why = format!("a patch has at most {UPDATE_ACTIONS} operations");
            return Err(wrong(Code::InvalidUpdate, from, "too-large", &why));
        }
        let servers_own = |operation: &Value| pointers(operation).any(|pointer| pointer.starts_with("/_"));
        match operations.iter().position(servers_own) {
            Some(n) => Err(servers(&format!("{from}/{n}"))),
            None => Ok(Self::Patch(operations)),
        }
    }

    /// Refuses what changes or tells something hidden.
    ///
    /// # Errors
    /// It does.
    pub fn keep_from(&self, hidden: &Hidden) -> Result<(), Refusal> {
        hidden.refuse(Code::InvalidUpdate, "", |see| match self {
            Self::Operators(update) => update.paths(see),
            Self::Merge(map) => replaced(map, "", see),
            Self::Patch(operations) => {
                for pointer in operations.iter().flat_map(pointers) {
                    let path = pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/");
                    see(&path.replace("~0", "~"));
                }
            }
        })
    }

    /// The body that becomes of a document.
    ///
    /// # Errors
    /// It does not fit the document, or what would become of it is none.
    pub fn apply(&self, document: &Document, now: &str) -> Result<Value, Refusal> {
        let refused = |why| not_applied(&document.id, &why);
        let whole = match self {
            Self::Operators(update) => {
                return update.apply(&document.body, Applying { now, inserting: false }).map_err(refused);
            }
            Self::Merge(merged) => {
                let mut whole = Value::Object(document.body.clone());
                patch::merge(&mut whole, merged);
                whole
            }
            Self::Patch(operations) => {
                let patched = patch::operations(&Value::Object(document.body.clone()), operations);
                patched.map_err(|why| {
                    wrong(Code::UpdateNotApplicable, &format!("/{}", why.at), "not-applicable", why.detail)
                })?
            }
        };
        match whole {
            Value::Object(body) => document::accept(body).map_err(|mistake| invalid("", &mistake)),
            _ => Err(wrong(Code::InvalidDocument, "", "not-an-object", "a document is an object")),
        }
    }
}

/// The pointers of an operation.
fn pointers(operation: &Value) -> impl Iterator<Item = &str> {
    ["path", "from"].into_iter().filter_map(|name| operation.get(name)?.as_str())
}

fn servers(pointer: &str) -> Refusal {
    wrong(Code::InvalidDocument, pointer, "server-field", "names that start with `_` are the server's")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("not an object") };
        map
    }

    fn read(value: Value) -> Result<Edit, Refusal> {
        Edit::read(object(value), "")
    }

    fn document(body: Value) -> Document {
        let at = "2026-01-01T00:00:00.000Z".to_owned();
        Document { id: "a".into(), rev: 1, owner: None, created: at.clone(), updated: at, body: object(body) }
    }

    #[test]
    fn the_names_tell_operators_from_a_merge_patch() {
        assert!(matches!(read(json!({"$inc": {"n": 1}})), Ok(Edit::Operators(_))));
        assert!(matches!(read(json!({"n": 1})), Ok(Edit::Merge(_))));
        assert!(matches!(read(json!({})), Ok(Edit::Merge(_))));
        assert_eq!(read(json!({"$inc": {"n": 1}, "m": 2})).unwrap_err().code, Code::InvalidRequest);
    }

    #[test]
    fn d6_w096_the_servers_fields_are_nobodys_to_change_in_any_language() {
        for name in ["_id", "_rev", "_owner", "_created", "_updated", "_anything"] {
            for value in [json!(null), json!("x"), json!(1)] {
                assert!(read(json!({name: value})).is_err(), "{name}");
                for operator in ["$set", "$min", "$setOnInsert"] {
                    assert!(read(json!({operator: {name: value}})).is_err(), "{operator} {name}");
                }
            }
            assert!(read(json!({"$unset": {name: 1}})).is_err());
            assert!(read(json!({"$rename": {name: "mine"}})).is_err());
            assert!(read(json!({"$rename": {"mine": name}})).is_err());
            for operation in [
                json!({"op": "remove", "path": format!("/{name}")}),
                json!({"op": "copy", "from": format!("/{name}"), "path": "/x"}),
            ] {
                assert!(Edit::patch(vec![operation], "").is_err());
            }
        }
    }

    #[test]
    fn d6_prototypes_are_ordinary_names() {
        let edit = read(json!({"__proto__": {"admin": true}})).unwrap_err();
        assert_eq!(edit.code, Code::InvalidDocument);
        let nested = read(json!({"constructor": {"prototype": {"admin": true}}})).unwrap();
        let body = nested.apply(&document(json!({"n": 1})), "").unwrap();
        assert_eq!(body, json!({"constructor": {"prototype": {"admin": true}}, "n": 1}));
    }

    #[test]
    fn d5_copies_of_copies_do_not_grow_without_end() {
        let doubling: Vec<Value> =
            (0..100).map(|n| json!({"op": "copy", "from": "", "path": format!("/x{n}")})).collect();
        let edit = Edit::patch(doubling, "").unwrap();
        let refusal = edit.apply(&document(json!({"text": "x".repeat(1_000)})), "").unwrap_err();
        assert_eq!(refusal.code, Code::UpdateNotApplicable);
    }

    #[test]
    fn d6_what_is_hidden_is_neither_changed_nor_told_by_a_change() {
        let hidden = Hidden::of(["cost", "deep.er"]);
        for edit in [
            json!({"$set": {"cost": 1}}),
            json!({"$rename": {"cost": "price"}}),
            json!({"$inc": {"deep.er": 1}}),
            json!({"$unset": {"deep": 1}}),
            json!({"cost": null}),
            json!({"deep": 1}),
            json!({"deep": {"er": 2}}),
        ] {
            assert!(read(edit.clone()).unwrap().keep_from(&hidden).is_err(), "{edit}");
        }
        for operation in [
            json!({"op": "test", "path": "/cost", "value": 1}),
            json!({"op": "copy", "from": "/deep", "path": "/x"}),
            json!({"op": "copy", "from": "", "path": "/x"}),
            json!({"op": "move", "from": "/deep/er", "path": "/x"}),
        ] {
            assert!(Edit::patch(vec![operation.clone()], "").unwrap().keep_from(&hidden).is_err(), "{operation}");
        }
        assert!(read(json!({"deep": {"x": 1}, "n": 1})).unwrap().keep_from(&hidden).is_ok());
    }
}
