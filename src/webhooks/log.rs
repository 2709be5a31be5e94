//! The log of deliveries, as administrators read it; and what they send once more, or to see whether it arrives.

use serde_json::json;

use super::fan_out::outgoing;
use super::shown::Detailed;
use super::{Webhooks, aegis, catalogue, payload};
use crate::base::{Actor, Code, Result, Stop};
use crate::store::tenants::Tenant;
use crate::store::webhook_deliveries::{self as store, Delivery, DeliveryState};
use crate::store::webhook_log::{self as listed, Listed};
use crate::store::webhooks::{EndpointStatus, Scheme};

/// Most that are sent anew at once.
const BATCH: i64 = 1_000;

/// Which deliveries are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// In which state.
    pub state: Option<DeliveryState>,
    /// Of which event; empty: of any.
    pub event: String,
    /// Those before this one; empty: from the newest on.
    pub before: String,
    /// How many at most.
    pub limit: i64,
}

impl Webhooks {
    /// Deliveries to an endpoint, the newest first.
    ///
    /// # Errors
    /// There is no such endpoint.
    pub async fn deliveries(&self, tenant: &Tenant, endpoint: &str, wanted: Wanted) -> Result<Vec<Delivery>> {
        let endpoint = self.look_up(tenant, endpoint).await?.id;
        let Wanted { state, event, before, limit } = wanted;
        Ok(listed::page(&self.db, &tenant.id, Listed { endpoint, state, event, before, limit }).await?)
    }

    /// A delivery with everything that is known of it.
    ///
    /// # Errors
    /// There is none like that.
    pub async fn delivery(&self, tenant: &Tenant, (endpoint, id): (&str, &str)) -> Result<Detailed> {
        let delivery = self.find(tenant, (endpoint, id)).await?;
        let attempts = listed::attempts(&self.db, &tenant.id, &delivery.id).await?;
        Ok(Detailed::of(&delivery, &attempts))
    }

    /// Sends an event once more to an endpoint: the same id and the same bytes, whatever became of it.
    ///
    /// # Errors
    /// There is none like that, or the endpoint is disabled.
    pub async fn redeliver(&self, tenant: &Tenant, (endpoint, id): (&str, &str), by: &Actor) -> Result<Delivery> {
        let delivery = self.find(tenant, (endpoint, id)).await?;
        let endpoint = self.look_up(tenant, &delivery.endpoint_id).await?;
        let mut tx = self.db.begin().await?;
        let enabled = endpoint.status == EndpointStatus::Enabled;
        if !enabled || !listed::redeliver(&mut tx, &tenant.id, &delivery.id, self.clock.now()).await? {
            return Err(disabled());
        }
        let detail = json!({ "delivery": delivery.id, "event_id": delivery.event_id });
        self.record(&mut tx, (&endpoint, "webhook.redelivered"), detail, by).await?;
        tx.commit().await?;
        self.written.notify_one();
        self.find(tenant, (&endpoint.id, &delivery.id)).await
    }

    /// Sends anew what was given up: to one endpoint, or to all that are enabled. Answers how many.
    ///
    /// # Errors
    /// There is no such endpoint.
    pub async fn retry(&self, tenant: &Tenant, endpoint: Option<&str>, by: &Actor) -> Result<u64> {
        let endpoints = match endpoint {
            Some(id) => vec![self.look_up(tenant, id).await?],
            None => self.page(tenant, "", i64::MAX).await?,
        };
        let mut count = 0;
        for endpoint in endpoints {
            let mut tx = self.db.begin().await?;
            let sent = listed::retry(&mut tx, &tenant.id, (&endpoint.id, BATCH), self.clock.now()).await?;
            if sent > 0 {
                self.record(&mut tx, (&endpoint, "webhook.redelivered"), json!({ "deliveries": sent }), by).await?;
                tx.commit().await?;
            }
            count += sent;
        }
        self.written.notify_one();
        Ok(count)
    }

    /// Sends a message that tells of nothing.
    ///
    /// # Errors
    /// There is no such endpoint, or it is disabled.
    pub async fn test(&self, tenant: &Tenant, endpoint: &str, by: &Actor) -> Result<Delivery> {
        let endpoint = self.look_up(tenant, endpoint).await?;
        if endpoint.status != EndpointStatus::Enabled {
            return Err(disabled());
        }
        let now = self.clock.now();
        let event = uuid::Uuid::now_v7().to_string();
        let body = match endpoint.scheme {
            Scheme::Standard => {
                let data = json!({ "webhook": { "id": endpoint.id, "description": endpoint.description } });
                payload::whole(tenant, (&event, catalogue::TEST, &now.rfc3339()), &data)
            }
            Scheme::Aegis => aegis::written(tenant, (&event, catalogue::TEST, now), None),
        };
        let delivery = outgoing(&endpoint, (&event, catalogue::TEST), body, now);
        let mut tx = self.db.begin().await?;
        store::insert(&mut tx, &delivery).await?;
        self.record(&mut tx, (&endpoint, "webhook.tested"), json!({ "delivery": delivery.id }), by).await?;
        tx.commit().await?;
        self.written.notify_one();
        Ok(delivery)
    }

    /// A delivery to an endpoint, or to any when that is empty.
    async fn find(&self, tenant: &Tenant, (endpoint, id): (&str, &str)) -> Result<Delivery> {
        let found = store::by_id(&self.db, &tenant.id, endpoint, id).await?;
        found.ok_or_else(|| Stop::refuse(Code::NotFound, "there is no such delivery"))
    }
}

fn disabled() -> Stop {
    Stop::refuse(Code::Conflict, "the webhook is disabled")
}
