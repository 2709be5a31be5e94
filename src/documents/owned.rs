//! What one person owns: told to them as a whole, and removed once they are erased.

use serde_json::{Map, Value, json};

use super::write::Change;
use super::{Asking, Definition, Documents};
use crate::base::{Fault, Result, TenantId};
use crate::query::limits::PIPELINE_MEMORY;
use crate::query::sql::Find;
use crate::query::value::weight;
use crate::query::{Filter, Sort};
use crate::store::audit::{self, Event};
use crate::store::collections::{self, Collection};
use crate::store::document_counters::{self as counters, Holder};
use crate::store::{documents, owner_erasures as erasures};

/// Documents that are told at most.
const TOLD: u64 = 10_000;
/// Documents removed at a time.
const BATCH: u64 = 500;
/// Erased people in a round.
const PEOPLE: i64 = 100;

impl Documents {
    /// All documents of an owner, by collection and without what is hidden; and whether these are all.
    ///
    /// # Errors
    /// The database failed.
    pub async fn owned(&self, tenant: &TenantId, owner: &str) -> Result<(Map<String, Value>, bool)> {
        let (filter, now) = (of(owner)?, self.now());
        let (mut told, mut left, mut held) = (Map::new(), TOLD, 0);
        let _turn = self.slots.take(tenant).await?;
        for collection in collections::list(&self.db, tenant).await? {
            let sort = Sort::default();
            let (coll, limit) = (collection.coll, Some(left + 1));
            let find = Find { collection: coll, filter: &filter, sort: &sort, after: None, skip: 0, limit, now: &now };
            let hidden = definition(&collection)?.hidden;
            let mut own = Vec::new();
            self.each(&find, &mut |document| {
                if held <= PIPELINE_MEMORY {
                    let document = hidden.strip(document.whole());
                    held += weight(&document);
                    own.push(document);
                }
            })
            .await?;
            let number = own.len() as u64;
            if number > left || held > PIPELINE_MEMORY {
                own.truncate(usize::try_from(left.min(number - 1)).unwrap_or(usize::MAX));
                told.insert(collection.name, own.into());
                return Ok((told, false));
            }
            left -= number;
            if !own.is_empty() {
                told.insert(collection.name, own.into());
            }
        }
        Ok((told, true))
    }

    /// Removes the documents of erased people, or makes them nobody's where a collection keeps them. Answers how many.
    ///
    /// # Errors
    /// The database failed; whoever is not done with waits for the next round.
    pub async fn forget_erased(&self) -> Result<u64> {
        let mut forgotten = 0;
        for (tenant, owner) in erasures::due(&self.identity, PEOPLE).await? {
            let mut count = 0;
            for collection in collections::list(&self.db, &tenant).await? {
                count += if definition(&collection)?.upkeep.outlived {
                    self.disown(&collection, &owner).await?
                } else {
                    self.remove_owned(&tenant, &collection.name, &owner).await?
                };
            }
            let mut tx = self.db.begin().await?;
            counters::close(&mut tx, &tenant, &Holder::Owner(owner.clone())).await?;
            tx.commit().await?;
            let mut tx = self.identity.begin().await?;
            let event = Event::new(&tenant, self.clock.now(), "documents.forgotten").on(&owner);
            audit::record(&mut tx, event.detail(json!({ "documents": count }))).await?;
            erasures::done(&mut tx, &tenant, &owner).await?;
            tx.commit().await?;
            forgotten += count;
        }
        Ok(forgotten)
    }

    async fn disown(&self, collection: &Collection, owner: &str) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let count = documents::disown(&mut tx, collection.coll, owner).await?;
        tx.commit().await?;
        Ok(count)
    }

    async fn remove_owned(&self, tenant: &TenantId, name: &str, owner: &str) -> Result<u64> {
        let (asking, filter) = (Asking::house(tenant, "erasure"), of(owner)?);
        let mut removed = 0;
        loop {
            let mut work = self.begin(&asking).await?;
            let sight = work.sight(name).await?;
            let (sort, now) = (Sort::default(), work.now.clone());
            let (coll, limit) = (sight.coll, Some(BATCH));
            let find = Find { collection: coll, filter: &filter, sort: &sort, after: None, skip: 0, limit, now: &now };
            let found = self.locked(&mut work.tx, &find).await?;
            let count = found.len() as u64;
            work.write(&sight, found.into_iter().map(Change::Delete).collect()).await?;
            work.commit(&Value::Null).await?;
            removed += count;
            if count < BATCH {
                return Ok(removed);
            }
        }
    }
}

fn of(owner: &str) -> Result<Filter> {
    Ok(Filter::parse(&json!({ "_owner": owner })).map_err(|mistake| super::invalid("", &mistake))?)
}

fn definition(collection: &Collection) -> Result<Definition> {
    let text = collection.definition.as_object();
    Ok(Definition::read(text.ok_or_else(|| Fault::new("the definition of a collection is no object"))?)?)
}
