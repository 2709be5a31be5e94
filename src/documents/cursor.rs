//! Where a page ended, as the caller carries it to the next one: sealed, so that it says nothing of what was sorted by,
//! and bound to the query, the collection and the caller.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Documents;
use super::sight::Sight;
use crate::base::{Code, Digest, Fault, Refusal, TenantId};
use crate::keys::Purpose;
use crate::query::sort::Key;
use crate::query::sql::After;

/// Longest cursor.
const LONGEST: usize = 64 << 10;

#[derive(Serialize, Deserialize)]
struct Place {
    query: String,
    keys: Vec<Value>,
    id: String,
}

/// What a cursor belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(Digest);

impl Query {
    /// This filter and sort of this caller in this collection.
    pub fn of(sight: &Sight, subject: &str, filter: &Value, sort: &Value) -> Self {
        let filter = crate::query::value::normal(filter.clone());
        Self(Digest::of(serde_json::json!([sight.coll, subject, filter, sort.to_string()]).to_string().as_bytes()))
    }
}

impl Documents {
    /// Where the next page begins.
    ///
    /// # Errors
    /// It cannot be sealed.
    pub(super) fn cursor(&self, tenant: &TenantId, query: &Query, after: &After) -> Result<String, Fault> {
        let keys = after.keys.iter().map(Key::to_value).collect();
        let place = Place { query: query.0.as_str().to_owned(), keys, id: after.id.clone() };
        self.keys.seal(Purpose::Cursor, tenant, &serde_json::to_vec(&place)?)
    }

    /// Where a cursor says that the page before ended.
    ///
    /// # Errors
    /// `invalid_cursor`, `cursor_mismatch`.
    pub(super) fn place(&self, tenant: &TenantId, query: &Query, cursor: &str) -> Result<After, Refusal> {
        let damaged = || Refusal::new(Code::InvalidCursor, "the cursor is not one that was given here");
        let text = Some(cursor).filter(|cursor| cursor.len() <= LONGEST).ok_or_else(damaged)?;
        let opened = self.keys.open(Purpose::Cursor, tenant, text).map_err(|_| damaged())?;
        let place: Place = serde_json::from_slice(&opened).map_err(|_| damaged())?;
        if place.query != query.0.as_str() {
            return Err(Refusal::new(Code::CursorMismatch, "the cursor belongs to another query"));
        }
        let keys: Option<Vec<Key>> = place.keys.iter().map(Key::from_value).collect();
        Ok(After { keys: keys.ok_or_else(damaged)?, id: place.id })
    }
}
