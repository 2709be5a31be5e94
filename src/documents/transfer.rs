//! Many documents in and out: imports in parts that each happen or do not, exports of one moment of a collection.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::definition::Verb;
use super::find::filter_of;
use super::reading::Taking;
use super::refusals::{stopped, taken, too_large, unknown, wrong};
use super::sight::Sight;
use super::work::{fresh_id, given_id};
use super::write::Change;
use super::{Asking, Documents, Work};
use crate::base::{Code, Refusal, Result, Stop, Timestamp};
use crate::query::sql::Find;
use crate::query::{Filter, Sort};
use crate::store::document::Document;
use crate::store::document_index;

/// How long an export may take, its reader included.
const EXPORT: Duration = Duration::from_mins(5);
/// Pages that wait for the reader of an export.
const AHEAD: usize = 4;
/// Longest name of an owner.
const OWNER: usize = 255;

/// What becomes of a document whose id is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// The import ends.
    Error,
    /// It is passed over.
    Skip,
    /// It takes the place of the other one.
    Replace,
}

/// How many documents were imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// New ones.
    pub inserted: u64,
    /// In place of others.
    pub replaced: u64,
    /// Passed over.
    pub skipped: u64,
}

impl std::ops::AddAssign for Imported {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.replaced += other.replaced;
        self.skipped += other.skipped;
    }
}

/// A document as it comes in.
struct Incoming {
    id: String,
    /// Whom it belongs to, if who imports it may say so.
    #[expect(clippy::option_option, reason = "a document may be said to be nobody's")]
    owner: Option<Option<String>>,
    /// When it was made and last changed, where that is believed.
    times: [Option<String>; 2],
    body: Map<String, Value>,
}

/// Whether what documents say of their times is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// They are of now.
    New,
    /// They keep `_created` and `_updated`, where those are times as we write them and not to come.
    Kept,
}

impl Work<'_> {
    /// Imports some documents, all of them or, with an error, none. `_rev`, `_created` and `_updated` are the server's
    /// and made anew; `_owner` is kept only for those who govern.
    ///
    /// # Errors
    /// One is no document, not allowed or, if that is an error, already there.
    pub async fn import(&mut self, name: &str, bodies: Vec<Map<String, Value>>, how: OnConflict) -> Result<Imported> {
        self.import_with(name, bodies, (how, Times::New)).await
    }

    /// As [`Work::import`]; documents that somebody at the server itself brings may keep their times.
    ///
    /// # Errors
    /// As there.
    pub async fn import_with(
        &mut self,
        name: &str,
        bodies: Vec<Map<String, Value>>,
        (how, times): (OnConflict, Times),
    ) -> Result<Imported> {
        let sight = self.sight(name).await?;
        let (mut done, mut part) = (Imported::default(), Vec::new());
        let mut ids = std::collections::HashSet::new();
        for body in bodies {
            let incoming = self.incoming(body, times)?;
            if !ids.insert(incoming.id.clone()) {
                // The same id again meets the first one.
                done += self.import_part(&sight, std::mem::take(&mut part), how).await?;
                ids = std::iter::once(incoming.id.clone()).collect();
            }
            part.push(incoming);
        }
        done += self.import_part(&sight, part, how).await?;
        Ok(done)
    }

    fn incoming(&self, mut body: Map<String, Value>, times: Times) -> Result<Incoming, Refusal> {
        let id = body.shift_remove("_id").map_or_else(|| Ok(fresh_id()), |id| given_id(&id, ""))?;
        body.shift_remove("_rev");
        let said = ["_created", "_updated"].map(|name| body.shift_remove(name));
        let believed = |at: Value| at.as_str().filter(|at| times == Times::Kept && self.is_past(at)).map(str::to_owned);
        let times = said.map(|at| at.and_then(believed));
        let owner = match body.shift_remove("_owner").filter(|_| self.asking.governs()) {
            None => None,
            Some(Value::Null) => Some(None),
            Some(Value::String(owner)) if owner.len() <= OWNER && !owner.contains('\0') => Some(Some(owner)),
            Some(_) => return Err(wrong(Code::InvalidDocument, "/_owner", "invalid-owner", "an owner is a text")),
        };
        Ok(Incoming { id, owner, times, body })
    }

    /// Whether this is a time as documents write it, and is over.
    fn is_past(&self, at: &str) -> bool {
        at.len() == self.now.len()
            && at <= self.now.as_str()
            && at.ends_with('Z')
            && Timestamp::of_rfc3339(at).is_some()
    }

    async fn import_part(&mut self, sight: &Sight, part: Vec<Incoming>, how: OnConflict) -> Result<Imported> {
        let ids: Vec<&str> = part.iter().map(|incoming| incoming.id.as_str()).collect();
        let mut there: HashMap<String, Document> = HashMap::new();
        for ids in ids.chunks(crate::query::limits::LIST_VALUES) {
            let filter =
                Filter::parse(&json!({"_id": {"$in": ids}})).map_err(|mistake| super::invalid("", &mistake))?;
            let (sort, now) = (Sort::default(), self.now.clone());
            let find = Find {
                collection: sight.coll,
                filter: &filter,
                sort: &sort,
                after: None,
                skip: 0,
                limit: None,
                now: &now,
            };
            let found = self.documents.locked(&mut self.tx, &find).await?;
            there.extend(found.into_iter().map(|document| (document.id.clone(), document)));
        }
        let (mut done, mut changes) = (Imported::default(), Vec::new());
        for incoming in part {
            match (there.remove(&incoming.id), how) {
                (None, _) => {
                    let mut document = self.made(sight, incoming.id, incoming.body, "")?;
                    document.owner = incoming.owner.unwrap_or(document.owner);
                    let [created, updated] = incoming.times;
                    document.created = created.unwrap_or(document.created);
                    document.updated = updated.unwrap_or(document.updated);
                    done.inserted += 1;
                    changes.push(Change::Insert(document));
                }
                (Some(_), OnConflict::Skip) => done.skipped += 1,
                (Some(_), OnConflict::Error) => return Err(taken(&[incoming.id.into()]).into()),
                (Some(before), OnConflict::Replace) => {
                    changes.extend(self.replaced(sight, before, incoming.body)?);
                    done.replaced += 1;
                }
            }
        }
        self.write(sight, changes).await?;
        Ok(done)
    }

    fn replaced(&self, sight: &Sight, before: Document, body: Map<String, Value>) -> Result<Option<Change>, Refusal> {
        if !sight.allows(Verb::Read, &before, &self.now)? {
            return Err(unknown());
        }
        let mut body = super::work::accepted(body, "")?;
        sight.hidden().refuse_in(&Value::Object(body.clone()))?;
        sight.hidden().keep(&before.body, &mut body);
        Ok(self.changed(sight, before, Value::Object(body))?.1)
    }
}

/// Whether this can be a document of a collection without rules of its own.
///
/// # Errors
/// `invalid_document`, `body_too_large`.
pub fn check(id: &Value, body: Map<String, Value>) -> Result<(), Refusal> {
    given_id(id, "")?;
    let bytes = Value::Object(super::work::accepted(body, "")?).to_string().len();
    if bytes > super::DOCUMENT_BYTES {
        let detail = format!("a document has at most {} bytes", super::DOCUMENT_BYTES);
        return Err(wrong(Code::BodyTooLarge, "", "too-large", &detail));
    }
    Ok(())
}

impl Documents {
    /// All documents that a caller may see and a filter takes, by id, as they are at this moment, a page after the other.
    /// What ends them early is the last that comes.
    ///
    /// # Errors
    /// What is asked says nothing in the language, or is not for this caller.
    pub async fn export(
        &self,
        asking: &Asking,
        name: &str,
        filter: Option<&Value>,
    ) -> Result<mpsc::Receiver<Result<Vec<Value>, Stop>>> {
        let sight = self.sight(asking, name).await?;
        let asked = filter.map_or_else(|| Ok(Filter::everything()), |text| filter_of(&sight, text, "/filter"))?;
        let filter = sight.filter(Verb::Read)?.clone().and(asked);
        let turn = self.slots.take(&asking.tenant).await?;
        let (sender, receiver) = mpsc::channel(AHEAD);
        let documents = self.clone();
        tokio::spawn(async move {
            if let Err(stop) = documents.exported(&sight, &filter, &sender).await {
                // If nobody waits for it, nobody has to be told.
                drop(sender.send(Err(stop)).await);
            }
            drop(turn);
        });
        Ok(receiver)
    }

    async fn exported(
        &self,
        sight: &Sight,
        filter: &Filter,
        sender: &mpsc::Sender<Result<Vec<Value>, Stop>>,
    ) -> Result<()> {
        let (sort, now) = (Sort::default(), self.now());
        let find = Find { collection: sight.coll, filter, sort: &sort, after: None, skip: 0, limit: None, now: &now };
        let indexes = document_index::kept(&self.db, sight.coll).await?;
        let query = find.with(&indexes.all).documents(self.db.dialect()).map_err(too_large)?;
        let mut taking = Taking::of(&find, query.exact);
        let (feed, mut fed) = mpsc::channel(AHEAD);
        let pass = async {
            while let Some(page) = fed.recv().await {
                let mut shown = Vec::new();
                for document in page {
                    if taking.take(document, &mut |document| shown.push(sight.shown(document))).is_break() {
                        break;
                    }
                }
                if sender.send(Ok(shown)).await.is_err() {
                    break;
                }
            }
            drop(fed);
        };
        let (read, ()) = tokio::join!(self.db.pages(&query, EXPORT, feed), pass);
        read.map_err(stopped)?;
        self.look_again(sight.coll, &query, &indexes).await?;
        Ok(taking.ended()?)
    }
}
