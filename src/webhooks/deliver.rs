//! One attempt after the other: under a lease, so that of many processes one tells an endpoint and another does if that
//! one dies; again after longer and longer waits (W-110); and then given up, for somebody to look at.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{Webhooks, signature};
use crate::base::{Fault, Result, Seconds, Timestamp};
use crate::outbound::{Told, Untold};
use crate::store::webhook_deliveries::{self as store, Attempt, BUSY, Claim, Delivery, DeliveryState};
use crate::store::webhook_log;
use crate::store::webhooks::{self as endpoints, Endpoint, EndpointStatus, Scheme};

/// Attempts under way at once, and of one endpoint.
pub(super) const SLOTS: i64 = 32;
pub(super) const PER_ENDPOINT: i64 = 4;
/// How much longer than an attempt the lease on a delivery is.
const LEASE_MORE: i64 = 10;
/// What is waited after each failed attempt: together more than 22 hours.
const WAITS: [i64; 8] = [5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200];
/// What an endpoint answers that wants to be told nothing more (RFC 9110 §15.5.11).
const GONE: i64 = 410;
/// The longest wait that a receiver can ask for.
const LONGEST_ASKED: i64 = 3_600;
/// How much is kept of an answer.
const EXCERPT: usize = 1_024;
/// Most rows that one statement removes.
const BATCH: i64 = 1_000;

/// What has become of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The endpoint took it.
    Delivered,
    /// It is tried again later.
    Waits,
    /// It is given up.
    Exhausted,
    /// The endpoint is disabled, or gone from here; nothing was sent.
    Held,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Waits => "failed",
            Self::Exhausted => "exhausted",
            Self::Held => "held",
        }
    }
}

impl Webhooks {
    /// Takes up deliveries that are due, to none of these endpoints.
    pub(super) async fn claim(&self, most: i64, busy: [String; BUSY]) -> Result<Vec<Delivery>> {
        let now = self.clock.now();
        let lease = Seconds(i64::try_from(self.settings.timeout).unwrap_or(60).saturating_add(LEASE_MORE));
        let claim = Claim { now, until: now.plus(lease), most, most_of_one: PER_ENDPOINT, busy };
        Ok(store::claim(&self.db, claim).await?)
    }

    /// Attempts once what is due, and answers what became of each. For commands and tests; servers have a courier.
    ///
    /// # Errors
    /// The database failed.
    pub async fn deliver_due(&self) -> Result<Vec<Outcome>> {
        let mut under_way = JoinSet::new();
        for delivery in self.claim(SLOTS, [const { String::new() }; BUSY]).await? {
            let service = self.clone();
            under_way.spawn(async move { service.attempt(&delivery).await });
        }
        under_way.join_all().await.into_iter().collect()
    }

    /// Attempts one delivery that was taken up, and notes what became of it.
    pub(super) async fn attempt(&self, delivery: &Delivery) -> Result<Outcome> {
        let endpoint = endpoints::by_id(&self.db, &delivery.tenant_id, &delivery.endpoint_id).await?;
        let Some(endpoint) = endpoint.filter(|endpoint| endpoint.status == EndpointStatus::Enabled) else {
            return Ok(Outcome::Held);
        };
        let (at, begun) = (self.clock.now(), Instant::now());
        let told = match self.message(&endpoint, delivery, at) {
            Ok(message) => {
                let limits = (Duration::from_secs(self.settings.timeout), EXCERPT);
                self.outbound.tell(message, limits).await.map_err(|untold: Untold| untold.to_string())
            }
            Err(fault) => {
                tracing::error!(webhook = endpoint.id, fault = fault.chain(), "a message cannot be written");
                Err("the message could not be signed".to_owned())
            }
        };
        let took = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let attempt = noted(delivery.attempts, (at, took), &told);
        let asked = told.ok().and_then(|told| told.retry_after);
        let outcome = self.conclude(&endpoint, delivery, (&attempt, asked)).await?;
        metrics::counter!("chancery_webhook_attempts_total", "outcome" => outcome.as_str()).increment(1);
        Ok(outcome)
    }

    fn message(&self, endpoint: &Endpoint, delivery: &Delivery, at: Timestamp) -> Result<http::Request<String>, Fault> {
        let secrets = self.secrets(endpoint, at)?;
        let body = &delivery.body;
        let mut request = http::Request::post(&endpoint.url)
            .header("content-type", "application/json")
            .header("webhook-id", &delivery.event_id)
            .header("webhook-timestamp", at.0)
            .header("webhook-signature", signature::standard(&secrets, &delivery.event_id, at, body));
        // That header has room for one signature: while a secret is replaced, it is the older one's.
        if let (Scheme::Aegis, Some(secret)) = (endpoint.scheme, secrets.last()) {
            request = request
                .header("x-aegis-event", &delivery.event_type)
                .header("x-aegis-timestamp", at.0)
                .header("x-aegis-signature", signature::aegis(secret, at, body));
        }
        Ok(request.body(body.clone())?)
    }

    /// Notes what an attempt came to, and what follows from it.
    async fn conclude(
        &self,
        endpoint: &Endpoint,
        delivery: &Delivery,
        (attempt, asked): (&Attempt, Option<i64>),
    ) -> Result<Outcome> {
        let (outcome, wait) = verdict(delivery, attempt, asked);
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        store::note(&mut tx, delivery, attempt).await?;
        let noted = match outcome {
            Outcome::Delivered => store::finish(&mut tx, delivery, (DeliveryState::Delivered, now), attempt).await?,
            Outcome::Exhausted => store::finish(&mut tx, delivery, (DeliveryState::Exhausted, now), attempt).await?,
            Outcome::Waits | Outcome::Held => store::again(&mut tx, delivery, now.plus(wait), attempt).await?,
        };
        // Otherwise somebody else has it by now, and notes what becomes of it.
        if noted {
            if outcome == Outcome::Delivered {
                endpoints::works(&mut tx, &endpoint.tenant_id, &endpoint.id).await?;
            } else {
                let gone = attempt.status == Some(GONE);
                self.failed(&mut tx, (endpoint, delivery), (outcome, gone), now).await?;
            }
            tx.commit().await?;
        }
        Ok(outcome)
    }

    /// Removes deliveries that are old enough.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget(&self) -> Result<u64> {
        let days = Seconds(self.settings.keep_days.max(1).saturating_mul(86_400));
        Ok(webhook_log::forget(&self.db, self.clock.now().minus(days), BATCH).await?)
    }

    /// Tells the figures how many deliveries wait, are held or were given up, and since when the oldest.
    ///
    /// # Errors
    /// The database failed.
    pub async fn measure(&self) -> Result<()> {
        let (states, now) = (webhook_log::states(&self.db).await?, self.clock.now());
        for state in [DeliveryState::Waiting, DeliveryState::Held, DeliveryState::Exhausted] {
            let found = states.iter().find(|(known, ..)| *known == state);
            let (count, oldest) = found.map_or((0, 0), |(_, count, since)| (*count, now.since(*since).0));
            let figure = |number: i64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
            metrics::gauge!("chancery_webhook_deliveries", "state" => state.as_str()).set(figure(count));
            metrics::gauge!("chancery_webhook_oldest_seconds", "state" => state.as_str()).set(figure(oldest.max(0)));
        }
        Ok(())
    }
}

/// What an attempt came to, and how long is waited until the next.
fn verdict(delivery: &Delivery, attempt: &Attempt, asked: Option<i64>) -> (Outcome, Seconds) {
    let tries = delivery.attempts - delivery.counted_from;
    let wait = usize::try_from(tries - 1).ok().and_then(|at| WAITS.get(at));
    match wait {
        _ if attempt.error.is_none() => (Outcome::Delivered, Seconds(0)),
        Some(wait) if attempt.status != Some(GONE) => {
            let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
            (Outcome::Waits, Seconds((wait + jitter(delivery, *wait)).max(asked)))
        }
        _ => (Outcome::Exhausted, Seconds(0)),
    }
}

/// A little more, different for each delivery: what failed together does not come back together.
fn jitter(delivery: &Delivery, wait: i64) -> i64 {
    let random =
        delivery.id.get(delivery.id.len().saturating_sub(4)..).and_then(|end| i64::from_str_radix(end, 16).ok());
    (random.unwrap_or_default() + delivery.attempts) % (wait / 5 + 1)
}

/// An attempt as it is kept.
fn noted(number: i64, (at, duration_ms): (Timestamp, i64), told: &Result<Told, String>) -> Attempt {
    let (status, error, excerpt) = match told {
        Ok(told) => {
            let error = match told.status {
                200..=299 => None,
                300..=399 => Some(format!("status {}: redirects are not followed", told.status)),
                other => Some(format!("status {other}")),
            };
            (Some(i64::from(told.status)), error, String::from_utf8_lossy(&told.beginning).into_owned())
        }
        Err(why) => (None, Some(why.clone()), String::new()),
    };
    let excerpt = excerpt.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    Attempt { number, at, duration_ms, status, error, excerpt }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::TenantId;
    use crate::store::{webhook_deliveries, webhooks};

    fn after(attempts: i64, status: i64, asked: Option<i64>) -> (Outcome, i64) {
        let endpoint = webhooks::sample(&TenantId::from("demo"), "1");
        let id = "0198c5f2-7d1e-7c3a-9f00-5b8f6c2fffff";
        let delivery =
            Delivery { attempts: attempts + 3, counted_from: 3, ..webhook_deliveries::sample(&endpoint, id) };
        let told = Told { status: u16::try_from(status).unwrap(), retry_after: asked, beginning: b"no".to_vec() };
        let attempt = noted(delivery.attempts, (Timestamp(1), 5), &Ok(told));
        let (outcome, wait) = verdict(&delivery, &attempt, asked);
        (outcome, wait.0)
    }

    #[test]
    fn w110_waits_grow_to_most_of_a_day_and_then_it_is_given_up() {
        let waits: Vec<_> = (1..=8).map(|tries| after(tries, 503, None)).collect();
        assert!(waits.iter().all(|(outcome, _)| *outcome == Outcome::Waits));
        for ((_, wait), least) in waits.iter().zip(WAITS) {
            assert!((least..=least + least / 5).contains(wait), "{wait} is about {least}");
        }
        assert!(waits.iter().take(6).map(|(_, wait)| wait).sum::<i64>() < 7 * 3_600);
        assert!(waits.iter().map(|(_, wait)| wait).sum::<i64>() >= 22 * 3_600);
        assert_eq!(after(9, 503, None), (Outcome::Exhausted, 0));
        assert_eq!(after(9, 204, None).0, Outcome::Delivered);
    }

    #[test]
    fn a_receiver_asks_for_an_hour_at_most_and_one_that_is_gone_is_not_asked_again() {
        assert_eq!(after(1, 429, Some(600)), (Outcome::Waits, 600));
        assert_eq!(after(1, 429, Some(999_999)), (Outcome::Waits, 3_600));
        assert_eq!(after(1, 410, Some(600)), (Outcome::Exhausted, 0));
        assert_eq!(after(1, 302, None).0, Outcome::Waits);
    }
}
