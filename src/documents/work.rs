//! Changes of single documents, within one transaction that the caller ends.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::definition::Verb;
use super::edit::Edit;
use super::refusals::{denied, invalid, unknown, wrong};
use super::sight::Sight;
use super::write::Change;
use super::{Asking, BATCH, Condition, Documents};
use crate::base::{Code, Refusal, Result, Seconds};
use crate::query::document;
use crate::query::value::same;
use crate::store::document::Document;
use crate::store::document_settling as settling;
use crate::store::replays::{self, Claim, Request, Times};
use crate::store::{Tx, documents};

/// Longest id that a caller gives.
const ID: usize = 128;
/// How long answers are kept for requests that come again.
const KEPT: Seconds = Seconds(86_400);

/// A transaction. Dropped without [`Work::commit`] it leaves nothing.
#[derive(Debug)]
pub struct Work<'a> {
    pub(super) documents: &'a Documents,
    pub(super) asking: &'a Asking,
    pub(super) tx: Tx,
    pub(super) now: String,
    pub(super) changes: BTreeMap<i64, (Sight, Vec<settling::Change>)>,
    claimed: Option<Request>,
}

impl Documents {
    /// Begins a transaction.
    ///
    /// # Errors
    /// The database is busy.
    pub async fn begin<'a>(&'a self, asking: &'a Asking) -> Result<Work<'a>> {
        Ok(Work {
            documents: self,
            asking,
            tx: self.db.begin().await?,
            now: self.now(),
            changes: BTreeMap::new(),
            claimed: None,
        })
    }

    /// Forgets answers that are kept for nobody any more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn clean(&self) -> Result<u64> {
        Ok(replays::clean(&self.db, self.clock.now().minus(KEPT)).await?)
    }
}

impl Work<'_> {
    /// What the same request was answered before, if it was made before.
    ///
    /// # Errors
    /// `idempotency_conflict`: it was made with another body.
    pub async fn replayed(&mut self, request: Option<Request>) -> Result<Option<Value>> {
        let Some(request) = request else { return Ok(None) };
        let now = self.documents.clock.now();
        let times = Times { now, forgotten: now.minus(KEPT) };
        match replays::claim(&mut self.tx, &self.asking.tenant, &request, times).await? {
            Claim::New => {
                self.claimed = Some(request);
                Ok(None)
            }
            Claim::Answered(answer) => Ok(Some(answer)),
            Claim::Other => {
                let why = "this Idempotency-Key was used for another request";
                Err(Refusal::new(Code::IdempotencyConflict, why).into())
            }
        }
    }

    /// Makes everything true at once; `answer` is what the same request will be answered again.
    ///
    /// # Errors
    /// The database failed; then nothing is true.
    pub async fn commit(mut self, answer: &Value) -> Result<()> {
        self.settle().await?;
        if let Some(request) = &self.claimed {
            replays::keep(&mut self.tx, &self.asking.tenant, request, answer).await?;
        }
        self.tx.commit().await?;
        self.documents.bells.tell(&self.asking.tenant);
        Ok(())
    }

    /// A collection, held until the transaction ends.
    pub(super) async fn sight(&mut self, name: &str) -> Result<Sight> {
        self.documents.sight_in(&mut self.tx, self.asking, name).await
    }

    /// Stores new documents, of which each may bring its id.
    ///
    /// # Errors
    /// One is no document, not allowed or already there.
    pub async fn insert(&mut self, name: &str, bodies: Vec<Map<String, Value>>) -> Result<Vec<Value>> {
        let sight = self.sight(name).await?;
        if bodies.len() > BATCH {
            let why = format!("at most {BATCH} documents are stored at once");
            return Err(wrong(Code::QueryTooExpensive, "/documents", "too-many", &why).into());
        }
        let single = bodies.len() == 1;
        let mut changes = Vec::with_capacity(bodies.len());
        for (n, mut body) in bodies.into_iter().enumerate() {
            let from = if single { String::new() } else { format!("/documents/{n}") };
            let id = body.remove("_id").map_or_else(|| Ok(fresh_id()), |id| given_id(&id, &from))?;
            changes.push(Change::Insert(self.made(&sight, id, body, &from)?));
        }
        self.write(&sight, changes.clone()).await?;
        let stored = changes.into_iter().filter_map(|change| match change {
            Change::Insert(document) => Some(sight.told(document, &self.now)),
            _ => None,
        });
        Ok(stored.collect::<Result<_, Refusal>>()?)
    }

    /// A new document, as the rules allow it.
    pub(super) fn made(
        &self,
        sight: &Sight,
        id: String,
        body: Map<String, Value>,
        from: &str,
    ) -> Result<Document, Refusal> {
        let body = accepted(body, from)?;
        sight.hidden().refuse_in(&Value::Object(body.clone()))?;
        let (owner, now) = (Some(self.asking.subject.clone()), self.now.clone());
        let document = Document { id, rev: 1, owner, created: now.clone(), updated: now, body };
        if sight.allows(Verb::Create, &document, &self.now)? { Ok(document) } else { Err(denied()) }
    }

    /// Puts a document under this id, in place of what is there. Answers it, its revision and whether it is new.
    ///
    /// # Errors
    /// It is no document, not allowed, or the condition does not hold.
    pub async fn put(
        &mut self,
        name: &str,
        id: &str,
        body: Map<String, Value>,
        condition: &Condition,
    ) -> Result<(Value, i64, bool)> {
        let sight = self.sight(name).await?;
        let Some(before) = self.lock(&sight, id).await? else {
            condition.check(None, false)?;
            let id = given_id(&Value::from(id), "")?;
            let document = self.made(&sight, id, body, "")?;
            self.write(&sight, vec![Change::Insert(document.clone())]).await?;
            return Ok((sight.told(document, &self.now)?, 1, true));
        };
        condition.check(Some(before.rev), sight.definition.require_if_match)?;
        let mut body = accepted(body, "")?;
        sight.hidden().refuse_in(&Value::Object(body.clone()))?;
        sight.hidden().keep(&before.body, &mut body);
        let (after, changed) = self.changed(&sight, before, Value::Object(body))?;
        self.write(&sight, changed.into_iter().collect()).await?;
        let rev = after.rev;
        Ok((sight.told(after, &self.now)?, rev, false))
    }

    /// Changes a document. Answers it and its revision.
    ///
    /// # Errors
    /// The change does not fit, is not allowed, or the condition does not hold.
    pub async fn edit(&mut self, name: &str, id: &str, edit: &Edit, condition: &Condition) -> Result<(Value, i64)> {
        let sight = self.sight(name).await?;
        sight.demand(Verb::Update)?;
        let before = self.lock(&sight, id).await?.ok_or_else(unknown)?;
        condition.check(Some(before.rev), sight.definition.require_if_match)?;
        edit.keep_from(sight.hidden())?;
        if !sight.allows(Verb::Update, &before, &self.now)? {
            return Err(denied().into());
        }
        let body = edit.apply(&before, &self.now)?;
        let (after, changed) = self.changed(&sight, before, body)?;
        self.write(&sight, changed.into_iter().collect()).await?;
        let rev = after.rev;
        Ok((sight.told(after, &self.now)?, rev))
    }

    /// Removes a document.
    ///
    /// # Errors
    /// It is not there, not allowed, or the condition does not hold.
    pub async fn remove(&mut self, name: &str, id: &str, condition: &Condition) -> Result<()> {
        let sight = self.sight(name).await?;
        sight.demand(Verb::Delete)?;
        let before = self.lock(&sight, id).await?.ok_or_else(unknown)?;
        condition.check(Some(before.rev), sight.definition.require_if_match)?;
        if !sight.allows(Verb::Delete, &before, &self.now)? {
            return Err(denied().into());
        }
        self.write(&sight, vec![Change::Delete(before)]).await
    }

    /// The revision of a document, which nobody else changes until the transaction ends.
    pub(super) async fn revision(&mut self, name: &str, id: &str) -> Result<Option<i64>> {
        let sight = self.sight(name).await?;
        Ok(self.lock(&sight, id).await?.map(|document| document.rev))
    }

    /// The document of an id, locked; one that the caller may not see is not there, and its id not free either.
    async fn lock(&mut self, sight: &Sight, id: &str) -> Result<Option<Document>> {
        sight.demand(Verb::Read)?;
        let Some(found) = documents::lock(&mut self.tx, sight.coll, id).await? else { return Ok(None) };
        if sight.allows(Verb::Read, &found, &self.now)? { Ok(Some(found)) } else { Err(unknown().into()) }
    }

    /// A document with another body, as the rules allow it before and after. What is the same stays as it is.
    pub(super) fn changed(
        &self,
        sight: &Sight,
        before: Document,
        body: Value,
    ) -> Result<(Document, Option<Change>), Refusal> {
        let same = same(&Value::Object(before.body.clone()), &body);
        let Value::Object(body) = body else { return Err(unknown()) };
        let (rev, updated) =
            if same { (before.rev, before.updated.clone()) } else { (before.rev + 1, self.now.clone()) };
        let after = Document { rev, updated, body, ..before.clone() };
        let may = sight.allows(Verb::Update, &before, &self.now)? && sight.allows(Verb::Update, &after, &self.now)?;
        if !may {
            return Err(denied());
        }
        let change = (!same).then(|| Change::Update { before, after: after.clone() });
        Ok((after, change))
    }
}

pub(super) fn accepted(body: Map<String, Value>, from: &str) -> Result<Map<String, Value>, Refusal> {
    match document::accept(body).map_err(|mistake| invalid(from, &mistake))? {
        Value::Object(body) => Ok(body),
        _ => Ok(Map::new()),
    }
}

/// An id of ours: ids sort by time.
pub(super) fn fresh_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// An id that a caller gave.
pub(super) fn given_id(id: &Value, from: &str) -> Result<String, Refusal> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.~-".contains(&byte);
    let fits = |id: &&str| !id.is_empty() && id.len() <= ID && id.bytes().all(plain) && *id != "." && *id != "..";
    id.as_str().filter(fits).map(str::to_owned).ok_or_else(|| {
        let rule = "an id is a text of 1 to 128 letters, digits, `_`, `.`, `~` and `-`";
        wrong(Code::InvalidDocument, &format!("{from}/_id"), "invalid-id", rule)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_of_callers_are_plain() {
        for good in ["a", "A-1_b.c~d", "...", &"x".repeat(128), &fresh_id()] {
            assert!(given_id(&json!(good), "").is_ok(), "{good}");
        }
        for bad in [
            json!(""),
            json!("."),
            json!(".."),
            json!("a/b"),
            json!("a:b"),
            json!("é"),
            json!("a b"),
            json!(1),
            json!(null),
            json!("x".repeat(129)),
        ] {
            assert!(given_id(&bad, "").is_err(), "{bad}");
        }
    }
}
