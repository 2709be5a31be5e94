//! Endpoints and deliveries as the API and the command line show them: never a secret that was shown before.

use serde::Serialize;
use serde_json::Value;

use crate::base::Timestamp;
use crate::store::webhook_deliveries::{Attempt, Delivery, DeliveryState};
use crate::store::webhooks::{Endpoint, EndpointStatus, Scheme};

/// An endpoint.
#[derive(Clone, Debug, Serialize)]
pub struct ShownEndpoint {
    /// Its id.
    pub id: String,
    /// Where messages are posted.
    pub url: String,
    /// For people.
    pub description: String,
    /// Whether it is told anything.
    pub status: EndpointStatus,
    /// `gone` or `failing`, when this server gave it up.
    pub disabled_because: Option<String>,
    /// What it is told of.
    pub events: Vec<String>,
    /// How.
    pub scheme: Scheme,
    /// Until when the secret before signs besides.
    pub previous_secret_until: Option<String>,
    /// Since when nothing was taken.
    pub failing_since: Option<String>,
    /// What `If-Match` compares.
    pub version: i64,
    /// Since when it is there.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

impl ShownEndpoint {
    /// As it is at this moment.
    #[must_use]
    pub fn of(endpoint: &Endpoint, now: Timestamp) -> Self {
        let previous =
            endpoint.sealed_secrets.iter().filter_map(|secret| secret.until).filter(|until| *until > now).max();
        Self {
            id: endpoint.id.clone(),
            url: endpoint.url.clone(),
            description: endpoint.description.clone(),
            status: endpoint.status,
            disabled_because: endpoint.disabled_because.clone(),
            events: endpoint.events.0.clone(),
            scheme: endpoint.scheme,
            previous_secret_until: previous.map(Timestamp::rfc3339),
            failing_since: endpoint.failing_since.map(Timestamp::rfc3339),
            version: endpoint.version,
            created_at: endpoint.created_at.rfc3339(),
            updated_at: endpoint.updated_at.rfc3339(),
        }
    }
}

/// A delivery.
#[derive(Clone, Debug, Serialize)]
pub struct ShownDelivery {
    /// Its id.
    pub id: String,
    /// To which endpoint.
    pub webhook_id: String,
    /// Which event: what receivers get as `webhook-id`.
    pub event_id: String,
    /// What it is.
    pub event_type: String,
    /// What has become of it.
    pub state: DeliveryState,
    /// How many attempts were begun.
    pub attempts: i64,
    /// When the next one is due.
    pub next_attempt_at: Option<String>,
    /// What the endpoint answered last.
    pub last_status: Option<i64>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Since when it is there.
    pub created_at: String,
    /// When it was taken or given up.
    pub finished_at: Option<String>,
}

impl ShownDelivery {
    /// As it is.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Self {
        let waits = delivery.state == DeliveryState::Waiting;
        Self {
            id: delivery.id.clone(),
            webhook_id: delivery.endpoint_id.clone(),
            event_id: delivery.event_id.clone(),
            event_type: delivery.event_type.clone(),
            state: delivery.state,
            attempts: delivery.attempts,
            next_attempt_at: waits.then(|| delivery.due_at.rfc3339()),
            last_status: delivery.last_status,
            last_error: delivery.last_error.clone(),
            created_at: delivery.created_at.rfc3339(),
            finished_at: delivery.finished_at.map(Timestamp::rfc3339),
        }
    }
}

/// A delivery with what each attempt came to and what was sent.
#[derive(Clone, Debug, Serialize)]
pub struct Detailed {
    #[serde(flatten)]
    delivery: ShownDelivery,
    log: Vec<ShownAttempt>,
    payload: Value,
}

impl Detailed {
    /// As it is.
    pub(super) fn of(delivery: &Delivery, attempts: &[Attempt]) -> Self {
        Self {
            delivery: ShownDelivery::of(delivery),
            log: attempts.iter().map(ShownAttempt::of).collect(),
            payload: serde_json::from_str(&delivery.body).unwrap_or_default(),
        }
    }
}

/// An attempt.
#[derive(Clone, Debug, Serialize)]
pub struct ShownAttempt {
    number: i64,
    at: String,
    duration_ms: i64,
    status: Option<i64>,
    error: Option<String>,
    excerpt: String,
}

impl ShownAttempt {
    fn of(attempt: &Attempt) -> Self {
        Self {
            number: attempt.number,
            at: attempt.at.rfc3339(),
            duration_ms: attempt.duration_ms,
            status: attempt.status,
            error: attempt.error.clone(),
            excerpt: attempt.excerpt.clone(),
        }
    }
}
