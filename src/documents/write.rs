//! The one way in which documents change: whatever keeps watch over a collection does it here, in the transaction of
//! the change.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::refusals::{taken, unsettled, wrong};
use super::schema;
use super::sight::Sight;
use super::work::Work;
use crate::base::{Code, Fault, Refusal, Result};
use crate::store::document::Document;
use crate::store::document_audits::Actor;
use crate::store::document_bulk::Dated;
use crate::store::document_settling::{self as settling, By};
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

impl Change {
    const fn after(&self) -> Option<&Document> {
        match self {
            Self::Insert(after) | Self::Update { after, .. } => Some(after),
            Self::Delete(_) => None,
        }
    }

    fn states(self) -> settling::Change {
        match self {
            Self::Insert(after) => settling::Change { before: None, after: Some(after) },
            Self::Update { before, after } => settling::Change { before: Some(before), after: Some(after) },
            Self::Delete(before) => settling::Change { before: Some(before), after: None },
        }
    }
}

impl Work<'_> {
    /// Makes changes in one collection: all of them or, with an error, none that will last.
    ///
    /// # Errors
    /// `already_exists`, `unique_violation`, `schema_violation`; a document is too large.
    pub(super) async fn write(&mut self, sight: &Sight, changes: Vec<Change>) -> Result<()> {
        self.check(sight, &changes)?;
        let (mut changed, mut gone) = (Vec::new(), Vec::new());
        let mut new: BTreeMap<Option<&str>, Vec<(String, Value)>> = BTreeMap::new();
        let mut dated: BTreeMap<Option<&str>, Vec<Dated>> = BTreeMap::new();
        for change in &changes {
            match change {
                Change::Insert(document) if document.created != self.now || document.updated != self.now => {
                    let (id, body) = (document.id.clone(), sized(sight, document)?);
                    let owned = dated.entry(document.owner.as_deref()).or_default();
                    owned.push((id, body, document.created.clone(), document.updated.clone()));
                }
                Change::Insert(document) => {
                    let owned = new.entry(document.owner.as_deref()).or_default();
                    owned.push((document.id.clone(), sized(sight, document)?));
                }
                Change::Update { after, .. } => changed.push((after.id.clone(), sized(sight, after)?)),
                Change::Delete(document) => gone.push(document.id.clone()),
            }
        }
        for (owner, new) in &new {
            insert(&mut self.tx, sight, *owner, &self.now, new).await?;
        }
        for (owner, dated) in &dated {
            let stored = document_bulk::insert_dated(&mut self.tx, sight.coll, *owner, dated).await?;
            if stored != dated.len() as u64 {
                return Err(taken(&[]).into());
            }
        }
        expect(changed.len(), document_bulk::write(&mut self.tx, sight.coll, &self.now, &changed).await?)?;
        expect(gone.len(), document_bulk::delete(&mut self.tx, sight.coll, &gone).await?)?;
        let changes: Vec<settling::Change> = changes.into_iter().map(Change::states).collect();
        let followed = settling::index(&mut self.tx, sight.coll, &changes).await;
        followed.map_err(|why| unsettled(why.into(), self.asking))?;
        let (_, made) = self.changes.entry(sight.coll).or_insert_with(|| (sight.clone(), Vec::new()));
        made.extend(changes);
        Ok(())
    }

    /// Whether documents are as the schema says.
    fn check(&self, sight: &Sight, changes: &[Change]) -> Result<(), Refusal> {
        let Some(text) = &sight.definition.upkeep.schema else { return Ok(()) };
        let schema = self.documents.schemas.of(sight.coll, sight.version, text)?;
        let mut after = changes.iter().filter_map(Change::after);
        after.try_for_each(|document| {
            let checked = schema::check(&schema, &Value::Object(document.body.clone()), "");
            checked.map_err(|refusal| refusal.member("document", document.id.as_str()))
        })
    }

    /// What follows from all changes of the transaction as its last thing: counters, the log, the trail. Transactions
    /// take the rows that they share in one order then, and hold them shortly.
    ///
    /// # Errors
    /// `quota_exceeded`.
    pub(super) async fn settle(&mut self) -> Result<()> {
        let asking = self.asking;
        let by = By {
            tenant: &asking.tenant,
            ceiling: asking.quotas.tenant,
            owner: Some((&asking.subject, asking.quotas.own)),
            actor: Actor { id: &asking.actor.id, request_id: asking.actor.origin.request_id.as_deref() },
            now: self.documents.clock.now(),
        };
        let all: Vec<_> = self.changes.values().map(|(sight, made)| (sight.within(), made.as_slice())).collect();
        settling::settle(&mut self.tx, &by, &all).await.map_err(|why| unsettled(why, asking))
    }
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
    if done == wanted as u64 {
        Ok(())
    } else {
        Err(Fault::new("a locked document was changed by somebody else").into())
    }
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
