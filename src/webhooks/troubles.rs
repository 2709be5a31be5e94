//! What follows when an endpoint does not take what it is told: somebody hears of it, and after days it is given up.

use serde_json::json;
use url::Url;

use super::Webhooks;
use super::deliver::Outcome;
use crate::base::{Actor, Origin, Result, Seconds, Stop, Timestamp};
use crate::mail::{Letter, Recipient};
use crate::store::webhook_deliveries::Delivery;
use crate::store::webhooks::{self as endpoints, Because, Endpoint};
use crate::store::{Tx, people, tenants, webhook_log};

/// For how long an endpoint may take nothing at all before it is disabled.
const GIVEN_UP_AFTER: Seconds = Seconds(5 * 86_400);
/// Most administrators who get a mail.
const MOST_LETTERS: i64 = 20;

impl Webhooks {
    /// Notes that an endpoint has failed; after days of it, or when it says that it is gone, it is disabled.
    pub(super) async fn failed(
        &self,
        tx: &mut Tx,
        (endpoint, delivery): (&Endpoint, &Delivery),
        (outcome, gone): (Outcome, bool),
        now: Timestamp,
    ) -> Result<()> {
        endpoints::fails(&mut *tx, &endpoint.tenant_id, &endpoint.id, now).await?;
        // What tells of a failure and fails itself is not told of: two endpoints would tell of each other for ever.
        if outcome == Outcome::Exhausted && !delivery.event_type.starts_with("webhook.") {
            let detail = json!({
                "delivery": delivery.id, "event_id": delivery.event_id, "event_type": delivery.event_type,
                "attempts": delivery.attempts,
            });
            self.record(tx, (endpoint, "webhook.exhausted"), detail, &itself()).await?;
        }
        let for_days = endpoint.failing_since.is_some_and(|since| now.since(since) >= GIVEN_UP_AFTER);
        if gone {
            self.give_up(tx, endpoint, Because::Gone, now).await?;
        } else if for_days {
            self.give_up(tx, endpoint, Because::Failing, now).await?;
        }
        Ok(())
    }

    async fn give_up(&self, tx: &mut Tx, endpoint: &Endpoint, because: Because, now: Timestamp) -> Result<()> {
        let own = (&endpoint.tenant_id, endpoint.id.as_str());
        if !endpoints::disable(&mut *tx, own, because, now).await? {
            return Ok(());
        }
        webhook_log::hold(&mut *tx, own.0, own.1).await?;
        let detail = json!({ "because": because, "failing_since": endpoint.failing_since.map(Timestamp::rfc3339) });
        self.record(tx, (endpoint, "webhook.disabled"), detail, &itself()).await?;
        tracing::warn!(webhook = endpoint.id, because = because.as_str(), "an endpoint is disabled");
        self.write(tx, endpoint).await
    }

    /// Writes to the tenant's administrators. A tenant that has no mail left for today is told by the audit trail.
    async fn write(&self, tx: &mut Tx, endpoint: &Endpoint) -> Result<()> {
        let Some(tenant) = tenants::by_id(&mut *tx, &endpoint.tenant_id).await? else { return Ok(()) };
        let host = endpoint.url.parse::<Url>().ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
        let letter = Letter::WebhookDisabled { host: host.unwrap_or_default() };
        for user in people::governing(&mut *tx, &tenant.id, MOST_LETTERS).await? {
            let Some(to) = Recipient::of(&user) else { continue };
            match self.mail.send(tx, &tenant, &to, &letter).await {
                Ok(()) => {}
                Err(Stop::Refused(_)) => return Ok(()),
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }
}

/// Nobody did it.
fn itself() -> Actor {
    Actor { id: "webhooks".to_owned(), origin: Origin::default() }
}
