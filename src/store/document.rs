//! A document as it is stored, and as callers see it.

use serde_json::{Map, Value};

use crate::query::value::normal;

/// A document as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// `_id`.
    pub id: String,
    /// `_rev`.
    pub rev: i64,
    /// `_owner`.
    pub owner: Option<String>,
    /// `_created`.
    pub created: String,
    /// `_updated`.
    pub updated: String,
    /// The caller's part.
    pub body: Map<String, Value>,
}

/// The columns of a document.
pub(super) type Row = (String, i64, Option<String>, String, String, String);

impl Document {
    /// From its columns.
    ///
    /// # Errors
    /// The body is no object: somebody else has written it.
    pub(super) fn read((id, rev, owner, created, updated, body): Row) -> sqlx::Result<Self> {
        let body = serde_json::from_str(&body).map_err(|error| sqlx::Error::Decode(error.into()))?;
        match normal(body) {
            Value::Object(body) => Ok(Self { id, rev, owner, created, updated, body }),
            _ => Err(sqlx::Error::Decode("the body of a document is no object".into())),
        }
    }

    /// As callers see it: the server's fields among their own.
    #[must_use]
    pub fn whole(self) -> Value {
        let mut whole = self.body;
        whole.insert("_id".to_owned(), self.id.into());
        whole.insert("_rev".to_owned(), self.rev.into());
        whole.insert("_owner".to_owned(), self.owner.into());
        whole.insert("_created".to_owned(), self.created.into());
        whole.insert("_updated".to_owned(), self.updated.into());
        Value::Object(whole)
    }
}
