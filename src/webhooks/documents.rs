//! From the log of changes of documents to deliveries, for endpoints that name them. A message tells which document it
//! is and not what it says: that is for those who may read it.

use serde_json::{Map, json};

use super::fan_out::outgoing;
use super::{Webhooks, aegis, catalogue, payload};
use crate::base::{Result, TenantId};
use crate::store::Tx;
use crate::store::document_counters::last_change;
use crate::store::document_news::{self as news, News};
use crate::store::tenants::{self, Tenant};
use crate::store::webhook_cursors as cursors;
use crate::store::webhook_deliveries as deliveries;
use crate::store::webhooks::{self as store, Endpoint, Scheme};

/// Tenants that are looked at together.
const TENANTS: i64 = 100;
/// Changes of one tenant that are told in one transaction.
const CHANGES: i64 = 100;

impl Webhooks {
    /// As [`Webhooks::fan_out`], for changes of documents.
    pub(super) async fn fan_out_documents(&self) -> Result<u64> {
        let (mut read, mut after) = (0, String::new());
        loop {
            let following = cursors::following(&self.db, &after, TENANTS).await?;
            let Some((last, _)) = following.last() else { return Ok(read) };
            last.as_str().clone_into(&mut after);
            for tenant in news::ahead(&self.documents, &following).await? {
                let seen = following.iter().find(|(known, _)| *known == tenant).map_or(0, |(_, seen)| *seen);
                read += self.tell_documents(&tenant, seen).await?;
            }
        }
    }

    async fn tell_documents(&self, id: &TenantId, seen: i64) -> Result<u64> {
        let changes = news::after(&self.documents, id, seen, CHANGES).await?;
        let last = match changes.last() {
            Some(change) => change.seq,
            // What nobody can watch is not logged, or no longer.
            None => last_change(&self.documents, id).await?,
        };
        let mut tx = self.db.begin().await?;
        let Some(tenant) = tenants::by_id(&mut tx, id).await? else { return Ok(0) };
        let endpoints = store::enabled(&mut tx, id).await?;
        let wanting: Vec<_> = endpoints.iter().filter(|endpoint| names_documents(endpoint)).collect();
        let to = (!wanting.is_empty()).then_some(last);
        if !cursors::move_documents(&mut tx, id, (seen, to)).await? {
            return Ok(0);
        }
        for change in &changes {
            self.tell_change(&mut tx, &tenant, (&wanting, change)).await?;
        }
        tx.commit().await?;
        Ok(u64::try_from(changes.len()).unwrap_or(u64::MAX))
    }

    async fn tell_change(&self, tx: &mut Tx, tenant: &Tenant, (to, change): (&[&Endpoint], &News)) -> Result<()> {
        let kind = match (change.known, change.rev) {
            (false, _) => "document.created",
            (true, Some(_)) => "document.updated",
            (true, None) => "document.deleted",
        };
        let event = uuid::Uuid::now_v7().to_string();
        let told = json!({ "collection": change.collection, "id": change.id, "rev": change.rev });
        let data = Map::from_iter([("document".to_owned(), told)]);
        for endpoint in to.iter().filter(|endpoint| catalogue::wants(&endpoint.events, kind)) {
            let body = match endpoint.scheme {
                Scheme::Standard => payload::whole(tenant, (&event, kind, &change.at.rfc3339()), &data.clone().into()),
                Scheme::Aegis => aegis::written(tenant, (&event, kind, change.at), None),
            };
            deliveries::insert(&mut *tx, &outgoing(endpoint, (&event, kind), body, self.clock.now())).await?;
        }
        Ok(())
    }

    /// Begins to tell of documents when this endpoint is the first of its tenant that names them.
    pub(super) async fn follow_documents(&self, tx: &mut Tx, endpoint: &Endpoint, last: i64) -> Result<()> {
        if names_documents(endpoint) {
            cursors::follow(&mut *tx, &endpoint.tenant_id, last).await?;
        }
        Ok(())
    }
}

/// Whether an endpoint wants to know of documents.
fn names_documents(endpoint: &Endpoint) -> bool {
    endpoint.events.iter().any(|pattern| pattern.starts_with("document."))
}
