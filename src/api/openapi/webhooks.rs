//! Endpoints that are told what happens in a tenant.

use super::operation::{Operation, delete, get, patch, post};
use crate::http::routes::{
    WEBHOOK, WEBHOOK_DELIVERIES, WEBHOOK_DELIVERY, WEBHOOK_REDELIVER, WEBHOOK_SECRET, WEBHOOK_TEST, WEBHOOKS,
};

/// What is answered.
pub(super) const SCHEMAS: [(&str, &str); 4] = [
    (
        "Webhook",
        "id: text, url: text, description: text, status: 'enabled'|'disabled', disabled_because: text|null, events: [text], scheme: 'standard'|'aegis-v1', previous_secret_until: time|null, failing_since: time|null, version: int, created_at: time, updated_at: time, secret?: text",
    ),
    (
        "WebhookDelivery",
        "id: text, webhook_id: text, event_id: text, event_type: text, state: 'waiting'|'held'|'delivered'|'exhausted', attempts: int, next_attempt_at: time|null, last_status: int|null, last_error: text|null, created_at: time, finished_at: time|null",
    ),
    (
        "WebhookDeliveryDetail",
        "id: text, webhook_id: text, event_id: text, event_type: text, state: text, attempts: int, log: [WebhookAttempt], payload: map",
    ),
    ("WebhookAttempt", "number: int, at: time, duration_ms: int, status: int|null, error: text|null, excerpt: text"),
];

pub(super) fn operations() -> Vec<Operation> {
    let mut all = endpoints();
    all.extend(deliveries());
    all
}

fn endpoints() -> Vec<Operation> {
    let version = "The `ETag` of the version that was read; another one is refused.";
    vec![
        get(WEBHOOKS, "Lists webhooks")
            .scope("webhooks:read")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .query("limit", "From 1 to 200.")
            .lists("Webhook", "next_cursor: text|null"),
        post(WEBHOOKS, "Makes one; the answer holds its secret, once")
            .scope("webhooks:write")
            .takes("url: text, description?: text, events?: [text], scheme?: 'standard'|'aegis-v1', secret?: text|null")
            .tells_a(201, "Webhook"),
        get(WEBHOOK, "Shows one").scope("webhooks:read").tells_a(200, "Webhook"),
        patch(WEBHOOK, "Changes one; what is absent stays")
            .scope("webhooks:write")
            .header("If-Match", version)
            .takes("url?: text, description?: text|null, events?: [text], scheme?: 'standard'|'aegis-v1', status?: 'enabled'|'disabled'")
            .tells_a(200, "Webhook"),
        delete(WEBHOOK, "Removes one, with what was on its way to it")
            .scope("webhooks:write")
            .header("If-Match", version)
            .says(204),
        post(WEBHOOK_SECRET, "Gives one another secret; the one before signs besides for a while")
            .scope("webhooks:write")
            .header("If-Match", version)
            .takes("overlap_seconds?: int|null")
            .tells_a(200, "Webhook"),
    ]
}

fn deliveries() -> Vec<Operation> {
    vec![
        post(WEBHOOK_TEST, "Sends a message that tells of nothing")
            .scope("webhooks:write")
            .tells_a(202, "WebhookDelivery"),
        get(WEBHOOK_DELIVERIES, "Lists deliveries, the newest first")
            .scope("webhooks:read")
            .query("state", "`waiting`, `held`, `delivered` or `exhausted`.")
            .query("event_id", "Only those of this event.")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .query("limit", "From 1 to 200.")
            .lists("WebhookDelivery", "next_cursor: text|null"),
        get(WEBHOOK_DELIVERY, "One delivery, with what was sent and what each attempt came to")
            .scope("webhooks:read")
            .tells_a(200, "WebhookDeliveryDetail"),
        post(WEBHOOK_REDELIVER, "Sends it once more").scope("webhooks:write").tells_a(202, "WebhookDelivery"),
    ]
}
