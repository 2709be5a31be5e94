//! The one way in which documents change: whatever keeps watch over a collection does it here, in the transaction of
//! the change.

use std::collections::HashSet;

use serde_json::Value;

use super::refusals::{taken, wrong};
use super::sight::Sight;
use crate::base::{Code, Fault, Refusal, Result};
use crate::store::document::Document;
use crate::store::{Tx, document_bulk};

/// What happens to a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It is stored, at its first revision.
    Insert(Document),
    /// It is of its next revision.
    Update {
        /// As it was; it is locked.
        before: Document,
        /// As it is.
        after: Document,
    },
    /// It is removed.
    Delete(Document),
}

/// Makes changes in one collection: all of them or, with an error, none.
///
/// # Errors
/// `already_exists`; a document is too large.
pub async fn all(tx: &mut Tx, sight: &Sight, now: &str, changes: &[Change]) -> Result<()> {
    let (mut new, mut changed, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    let mut owner = None;
    for change in changes {
        match change {
            Change::Insert(document) => {
                owner.clone_from(&document.owner);
                new.push((document.id.clone(), sized(sight, document)?));
            }
            Change::Update { after, .. } => changed.push((after.id.clone(), sized(sight, after)?)),
            Change::Delete(document) => gone.push(document.id.clone()),
        }
    }
    insert(tx, sight, owner.as_deref(), now, &new).await?;
    expect(changed.len(), document_bulk::write(tx, sight.coll, now, &changed).await?)?;
    expect(gone.len(), document_bulk::delete(tx, sight.coll, &gone).await?)
}

async fn insert(tx: &mut Tx, sight: &Sight, owner: Option<&str>, now: &str, new: &[(String, Value)]) -> Result<()> {
    let mut seen = HashSet::new();
    if let Some((id, _)) = new.iter().find(|(id, _)| !seen.insert(id)) {
        return Err(taken(&[Value::from(id.as_str())]).into());
    }
    let stored = document_bulk::insert(tx, sight.coll, owner, now, new).await?;
    if stored == new.len() as u64 {
        return Ok(());
    }
    let ids: Vec<Value> = if let [(id, _)] = new { vec![Value::from(id.as_str())] } else { Vec::new() };
    Err(taken(&ids).into())
}

/// What was locked cannot be gone.
fn expect(wanted: usize, done: u64) -> Result<()> {
    if done == wanted as u64 { Ok(()) } else { Err(Fault::new("a locked document was changed by somebody else").into()) }
}

/// The body, if the collection takes one of its size.
fn sized(sight: &Sight, document: &Document) -> Result<Value, Refusal> {
    let body = Value::Object(document.body.clone());
    let (bytes, limit) = (body.to_string().len(), sight.definition.limits.document_bytes);
    if bytes > limit {
        let detail = format!("a document of this collection has at most {limit} bytes");
        return Err(wrong(Code::BodyTooLarge, "", "too-large", &detail).member("limit", limit));
    }
    Ok(body)
}
