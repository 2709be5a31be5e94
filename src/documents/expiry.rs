//! Documents whose time is over: a collection may say in which field their time stands, and how long after it they are
//! removed.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::upkeep::Life;
use super::write::Change;
use super::{Asking, Documents, invalid};
use crate::base::{Actor, AuthorizationDetails, Origin, Result, Scope, Seconds, TenantId, Timestamp};
use crate::query::filter::values_at;
use crate::query::sql::Find;
use crate::query::{Filter, Sort};
use crate::store::document::Document;
use crate::store::{collections, document_changes, document_purge};

/// Documents removed at a time.
const BATCH: usize = 500;
/// Times in a row.
const ROUNDS: usize = 20;
/// No time of the world is further from another one: the first characters of a time tell the day only to this.
const APART: Seconds = Seconds(2 * 86_400);

/// How long changes are kept for those who come back.
const REMEMBERED: Seconds = Seconds(86_400);
/// Changes forgotten at a time.
const FORGOTTEN: i64 = 1_000;

impl Documents {
    /// Removes what nobody needs any more: documents whose time is over, old changes, old answers. Answers how many.
    ///
    /// # Errors
    /// The database failed; what was removed before stays removed.
    pub async fn tidy(&self) -> Result<u64> {
        let mut removed = self.clean().await? + self.expire().await?;
        for _ in 0..ROUNDS {
            let before = self.clock.now().minus(REMEMBERED);
            let count = document_changes::remove_old(&self.db, before, FORGOTTEN).await?;
            removed += count;
            if count < FORGOTTEN.unsigned_abs() {
                break;
            }
        }
        Ok(removed)
    }

    /// Removes all collections of a tenant that is gone, with their documents; answers how many rows that were.
    ///
    /// # Errors
    /// The database failed; what was removed before stays removed.
    pub async fn clear(&self, tenant: &TenantId) -> Result<u64> {
        Ok(document_purge::purge(&self.db, tenant).await?)
    }

    /// Removes documents whose time is over; answers how many.
    ///
    /// # Errors
    /// The database failed; what was removed before stays removed.
    pub async fn expire(&self) -> Result<u64> {
        let mut removed = 0;
        for (tenant, name) in collections::with_life(&self.db).await? {
            for _ in 0..ROUNDS {
                let count = self.expire_some(&tenant, &name).await?;
                removed += count as u64;
                if count < BATCH {
                    break;
                }
            }
        }
        Ok(removed)
    }

    async fn expire_some(&self, tenant: &TenantId, name: &str) -> Result<usize> {
        let asking = Asking::house(tenant, "ttl");
        let now = self.clock.now();
        let sight = self.sight(&asking, name).await?;
        let Some(life) = sight.definition.upkeep.life.clone() else { return Ok(0) };
        let ids = self.over(sight.coll, &life, now).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut work = self.begin(&asking).await?;
        let sight = work.sight(name).await?;
        let filter = read(&json!({ "_id": { "$in": ids } }))?;
        let (sort, text) = (Sort::default(), work.now.clone());
        let find = Find {
            collection: sight.coll,
            filter: &filter,
            sort: &sort,
            after: None,
            skip: 0,
            limit: None,
            now: &text,
        };
        let found = self.locked(&mut work.tx, &find).await?;
        let over = found.into_iter().filter(|document| is_over(document, &life, now));
        let changes: Vec<Change> = over.map(Change::Delete).collect();
        let count = changes.len();
        work.write(&sight, changes).await?;
        work.commit(&Value::Null).await?;
        Ok(count)
    }

    /// Some whose time seems to be over.
    async fn over(&self, coll: i64, life: &Life, now: Timestamp) -> Result<Vec<String>> {
        let latest = now.minus(Seconds(i64::try_from(life.seconds).unwrap_or(i64::MAX))).plus(APART).rfc3339();
        let filter = read(&json!({ life.field.to_string(): { "$lte": latest } }))?;
        let (sort, text) = (Sort::default(), self.now());
        let find =
            Find { collection: coll, filter: &filter, sort: &sort, after: None, skip: 0, limit: None, now: &text };
        let mut ids = Vec::new();
        self.each(&find, &mut |document| {
            if ids.len() < BATCH && is_over(&document, life, now) {
                ids.push(document.id);
            }
        })
        .await?;
        Ok(ids)
    }
}

fn read(text: &Value) -> Result<Filter> {
    Ok(Filter::parse(text).map_err(|mistake| invalid("", &mistake))?)
}

/// Whether the first of the times in the field is so long ago. What is no time is never over.
fn is_over(document: &Document, life: &Life, now: Timestamp) -> bool {
    let mut over = false;
    values_at(&document.clone().whole(), &life.field, &mut |value| {
        let time = value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        let end = time.map(|time| time.unix_timestamp().saturating_add_unsigned(life.seconds));
        over |= end.is_some_and(|end| end <= now.0);
    });
    over
}

impl Asking {
    /// The house itself, which does what was said of a collection.
    pub(super) fn house(tenant: &TenantId, work: &str) -> Self {
        Self {
            tenant: tenant.clone(),
            subject: String::new(),
            client_id: None,
            person: None,
            proven: None,
            organization: None,
            scope: Scope::of(["storage:admin", "storage:read", "storage:write"]),
            details: AuthorizationDetails::default(),
            plans: Vec::new(),
            features: Vec::new(),
            quotas: super::Ceilings::default(),
            actor: Actor { id: work.to_owned(), origin: Origin::default() },
        }
    }
}
