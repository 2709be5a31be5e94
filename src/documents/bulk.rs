//! Changes of all documents that a filter takes: in one transaction, all or nothing (D7). The filter, what the caller
//! may see and what it may change are one question.

use serde_json::Value;

use super::BULK;
use super::definition::Verb;
use super::edit::Edit;
use super::find::{filter_of, sort_of};
use super::refusals::{expensive, not_applied};
use super::sight::Sight;
use super::work::{Work, fresh_id, given_id};
use super::write::Change;
use crate::base::{Refusal, Result};
use crate::query::path::{Path, Server};
use crate::query::sql::Find;
use crate::query::update::Applying;
use crate::query::{Filter, Sort, Update};
use crate::store::document::Document;

/// How many documents a change met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that the filter took.
    pub matched: u64,
    /// Those that are different now.
    pub modified: u64,
}

/// Which one document is changed.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Of those that this takes …
    pub filter: Value,
    /// … the first in this order.
    pub sort: Option<Value>,
    /// Whether one is made where there is none.
    pub upsert: bool,
    /// Which state of it is answered.
    pub returned: Returned,
}

/// Which state of a document is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Returned {
    /// None.
    #[default]
    Nothing,
    /// As it was.
    Before,
    /// As it is now.
    After,
}

/// What a change of one document did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Updated {
    /// How many it met: one or none.
    pub counts: Counts,
    /// The id of the document that was made.
    pub upserted: Option<String>,
    /// The document.
    pub document: Option<Value>,
}

impl Work<'_> {
    /// Changes all documents that a filter takes.
    ///
    /// # Errors
    /// The change does not fit one of them, or is not allowed; there are too many.
    pub async fn edit_many(&mut self, name: &str, filter: &Value, edit: &Edit) -> Result<Counts> {
        let sight = self.sight(name).await?;
        edit.keep_from(sight.hidden())?;
        let found = self.taken(&sight, filter, Verb::Update).await?;
        let mut counts = Counts { matched: found.len() as u64, modified: 0 };
        let mut changes = Vec::new();
        for before in found {
            let body = edit.apply(&before, &self.now)?;
            changes.extend(self.changed(&sight, before, body)?.1);
        }
        counts.modified = changes.len() as u64;
        self.write(&sight, changes).await?;
        Ok(counts)
    }

    /// Removes all documents that a filter takes; answers how many.
    ///
    /// # Errors
    /// There are too many.
    pub async fn remove_many(&mut self, name: &str, filter: &Value) -> Result<u64> {
        let sight = self.sight(name).await?;
        let found = self.taken(&sight, filter, Verb::Delete).await?;
        let changes: Vec<Change> = found.into_iter().map(Change::Delete).collect();
        let count = changes.len() as u64;
        self.write(&sight, changes).await?;
        Ok(count)
    }

    /// Changes the first document that a filter takes, or makes one.
    ///
    /// # Errors
    /// As [`Work::edit_many`].
    pub async fn edit_one(&mut self, name: &str, choice: &Choice, edit: &Edit) -> Result<Updated> {
        let sight = self.sight(name).await?;
        edit.keep_from(sight.hidden())?;
        let asked = filter_of(&sight, &choice.filter, "/filter")?;
        let sort = sort_of(&sight, choice.sort.as_ref())?;
        let filter = allowed(&sight, Verb::Update)?.and(asked.clone());
        let found = self.first(&sight, &filter, &sort, 1).await?;
        let Some(before) = found.into_iter().next() else {
            return match edit {
                Edit::Operators(update) if choice.upsert => self.upsert(&sight, &asked, update, choice.returned).await,
                _ => Ok(Updated::default()),
            };
        };
        let body = edit.apply(&before, &self.now)?;
        let (after, change) = self.changed(&sight, before.clone(), body)?;
        let counts = Counts { matched: 1, modified: u64::from(change.is_some()) };
        self.write(&sight, change.into_iter().collect()).await?;
        let document = self.returned(&sight, choice.returned, Some(before), after)?;
        Ok(Updated { counts, upserted: None, document })
    }

    /// Makes the document that a filter and an update describe.
    async fn upsert(&mut self, sight: &Sight, asked: &Filter, update: &Update, returned: Returned) -> Result<Updated> {
        let seeds = asked.seeds();
        let of_id = |(path, _): &&(&Path, &Value)| path.server() == Some(Server::Id);
        let id = seeds.iter().find(of_id).map(|(_, id)| given_id(id, "/filter")).transpose()?;
        let id = id.unwrap_or_else(fresh_id);
        let refused = |why| not_applied(&id, &why);
        let seed = Update::seed(&seeds).map_err(|unfit| refused(unfit.into()))?;
        let body = update.apply(&seed, Applying { now: &self.now, inserting: true }).map_err(refused)?;
        let Value::Object(body) = body else { return Ok(Updated::default()) };
        let made = self.made(sight, id.clone(), body, "")?;
        self.write(sight, vec![Change::Insert(made.clone())]).await?;
        let document = self.returned(sight, returned, None, made)?;
        Ok(Updated { counts: Counts::default(), upserted: Some(id), document })
    }

    fn returned(
        &self,
        sight: &Sight,
        wanted: Returned,
        before: Option<Document>,
        after: Document,
    ) -> Result<Option<Value>, Refusal> {
        let document = match wanted {
            Returned::Nothing => None,
            Returned::Before => before,
            Returned::After => Some(after),
        };
        document.map(|document| sight.told(document, &self.now)).transpose()
    }

    /// All that a caller's filter takes of what the caller may see and do this to.
    async fn taken(&mut self, sight: &Sight, filter: &Value, verb: Verb) -> Result<Vec<Document>> {
        let asked = filter_of(sight, filter, "/filter")?;
        let filter = allowed(sight, verb)?.and(asked);
        let found = self.first(sight, &filter, &Sort::default(), BULK as u64 + 1).await?;
        if found.len() > BULK {
            return Err(expensive("a change by filter meets at most 10000 documents: narrow the filter").into());
        }
        Ok(found)
    }

    async fn first(&mut self, sight: &Sight, filter: &Filter, sort: &Sort, limit: u64) -> Result<Vec<Document>> {
        let find =
            Find { collection: sight.coll, filter, sort, after: None, skip: 0, limit: Some(limit), now: &self.now };
        self.documents.locked(&mut self.tx, &find).await
    }
}

/// What is not seen is not changed either.
fn allowed(sight: &Sight, verb: Verb) -> Result<Filter, Refusal> {
    Ok(sight.filter(Verb::Read)?.clone().and(sight.filter(verb)?.clone()))
}
