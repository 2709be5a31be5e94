//! From the audit trail to deliveries. A tenant's sealed rows are read in their order from where it was told last, each
//! becomes one delivery for each endpoint that wants it, and the place moves on: all in one transaction. So a row is
//! missed by no crash, and becomes no second delivery by any (W-109).

use super::payload::{self, Objects};
use super::{Webhooks, aegis, catalogue};
use crate::base::{Result, TenantId, Timestamp};
use crate::store::Tx;
use crate::store::audit::Event;
use crate::store::audit_chain as chain;
use crate::store::tenants::{self, Tenant};
use crate::store::webhook_cursors as cursors;
use crate::store::webhook_deliveries::{self as deliveries, Delivery, DeliveryState};
use crate::store::webhooks::{self as store, Endpoint, Scheme};

/// Tenants that are looked at in one round.
const TENANTS: i64 = 100;
/// Rows of one tenant that are told in one transaction.
const ROWS: i64 = 100;

impl Webhooks {
    /// Makes deliveries of what happened since the last time; answers how many rows of audit trails that were. A round
    /// takes a bounded piece of each tenant, so that one with much to tell keeps nobody waiting.
    ///
    /// # Errors
    /// The database failed.
    pub async fn fan_out(&self) -> Result<u64> {
        let mut read = 0;
        let mut after = String::new();
        loop {
            let behind = cursors::behind(&self.db, &after, TENANTS).await?;
            for tenant in &behind {
                read += self.fan_out_of(tenant).await?;
            }
            match behind.last() {
                Some(last) if behind.len() >= usize::try_from(TENANTS).unwrap_or_default() => {
                    last.as_str().clone_into(&mut after);
                }
                _ => break,
            }
        }
        read += self.fan_out_documents().await?;
        if read > 0 {
            self.written.notify_one();
        }
        Ok(read)
    }

    async fn fan_out_of(&self, id: &TenantId) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let (Some(seq), Some(tenant)) = (cursors::cursor(&mut tx, id).await?, tenants::by_id(&mut tx, id).await?)
        else {
            return Ok(0);
        };
        let rows = chain::sealed_after(&mut tx, id, seq, ROWS).await?;
        let last = match rows.last() {
            Some(row) => row.seq,
            // Its rows were removed before anybody could be told of them.
            None => chain::head(&mut tx, id).await?.map(|head| head.seq),
        };
        let events: Vec<_> = rows.into_iter().map(|row| row.event).collect();
        self.tell(&mut tx, &tenant, &events).await?;
        cursors::move_to(&mut tx, id, last.unwrap_or(seq)).await?;
        tx.commit().await?;
        Ok(u64::try_from(events.len()).unwrap_or(u64::MAX))
    }

    /// Begins to tell a tenant's endpoints of what comes from now on.
    pub(super) async fn begin(&self, tx: &mut Tx, tenant: &Tenant) -> Result<()> {
        let head = chain::head(&mut *tx, &tenant.id).await?;
        Ok(cursors::begin(&mut *tx, &tenant.id, head.map_or(0, |head| head.seq)).await?)
    }

    /// Makes a delivery of each event for each endpoint that wants it, in `tx`; answers how many.
    pub(super) async fn tell(&self, tx: &mut Tx, tenant: &Tenant, events: &[Event]) -> Result<u64> {
        let endpoints = store::enabled(&mut *tx, &tenant.id).await?;
        let (mut made, now) = (0, self.clock.now());
        for event in events {
            let Some(kind) = catalogue::type_of(event) else { continue };
            let told: Vec<_> = endpoints.iter().filter(|endpoint| is_for(endpoint, event, kind)).collect();
            if told.is_empty() {
                continue;
            }
            let objects = Objects::of(tx, event, kind).await?;
            for endpoint in told {
                let body = match endpoint.scheme {
                    Scheme::Standard => payload::body(tenant, event, kind, &objects),
                    Scheme::Aegis => aegis::body(tenant, event, kind, &objects),
                };
                let subject = objects.person.as_ref().map(|person| person.id.clone());
                let delivery = Delivery { subject, ..outgoing(endpoint, (event.id.as_str(), kind), body, now) };
                made += u64::from(deliveries::insert(&mut *tx, &delivery).await?);
            }
        }
        Ok(made)
    }
}

/// Whether an endpoint is told of this: not of what was before it, nor of its own troubles.
fn is_for(endpoint: &Endpoint, event: &Event, kind: &str) -> bool {
    let own = kind.starts_with("webhook.") && event.target.as_deref() == Some(&endpoint.id);
    // Both ids sort by time, to less than a second.
    event.id.as_str() > endpoint.id.as_str() && !own && catalogue::wants(&endpoint.events, kind)
}

/// A delivery that nobody has attempted yet.
pub(super) fn outgoing(endpoint: &Endpoint, (event, kind): (&str, &str), body: String, now: Timestamp) -> Delivery {
    Delivery {
        tenant_id: endpoint.tenant_id.clone(),
        id: uuid::Uuid::now_v7().to_string(),
        endpoint_id: endpoint.id.clone(),
        event_id: event.to_owned(),
        event_type: kind.to_owned(),
        body,
        subject: None,
        state: DeliveryState::Waiting,
        attempts: 0,
        counted_from: 0,
        due_at: now,
        last_status: None,
        last_error: None,
        created_at: now,
        finished_at: None,
    }
}
