//! Money.

use serde_json::json;

use super::operation::{Operation, delete, get, patch, post, put};
use super::schema::of;
use crate::http::routes::{
    CHECKOUT_SESSION, CHECKOUT_SESSIONS, MY_SUBSCRIPTION, PAYMENT_ACCOUNT, PAYMENT_ENTITLEMENTS, PAYMENT_INVOICES,
    PAYMENT_PLAN, PAYMENT_PLANS, PAYMENT_PRICES, PAYMENT_PRODUCTS, PAYMENT_REFUNDS, PAYMENT_SCHEDULES,
    PAYMENT_SUBSCRIPTION, PAYMENT_SUBSCRIPTIONS, PAYMENTS, PORTAL_SESSIONS, STRIPE_WEBHOOK,
};

const READ: &str = "payments:read";
const WRITE: &str = "payments:write";
const ADMIN: &str = "payments:admin";
const PAGE: &str = "next: text|null";
const JSON: &str = "application/json";

pub(super) fn operations() -> Vec<Operation> {
    let mut all = selling();
    all.extend(buying());
    all.extend(subscribing());
    all
}

fn selling() -> Vec<Operation> {
    vec![
        get(PAYMENT_ACCOUNT, "How the tenant is paid; secrets are not told").scope(ADMIN).tells_a(200, "map"),
        patch(PAYMENT_ACCOUNT, "Changes it; what is absent stays")
            .scope(ADMIN)
            .takes_as(JSON, of("map"))
            .tells_a(200, "map"),
        delete(PAYMENT_ACCOUNT, "Ends payments").scope(ADMIN).says(204),
        get(PAYMENT_PLANS, "What is sold").scope(READ).lists("map", PAGE),
        get(PAYMENT_PLAN, "A plan").scope(READ).tells_a(200, "map"),
        put(PAYMENT_PLAN, "Says what a plan gives: scopes, features, claims, quotas")
            .scope(ADMIN)
            .takes_as(JSON, of("map"))
            .tells_a(200, "map")
            .tells_a(201, "map"),
        delete(PAYMENT_PLAN, "Sells a plan no more").scope(ADMIN).says(204),
        get(PAYMENT_PRODUCTS, "Products of the catalogue").scope(READ).lists("map", PAGE),
        get(PAYMENT_PRICES, "Prices of the catalogue").scope(READ).lists("map", PAGE),
        get(PAYMENT_ENTITLEMENTS, "What somebody has").scope(READ).query("subject", "Of whom.").tells_a(200, "any"),
        put(PAYMENT_ENTITLEMENTS, "Gives somebody a plan").scope(ADMIN).takes_as(JSON, of("map")).tells_a(200, "any"),
        delete(PAYMENT_ENTITLEMENTS, "Takes it back").scope(ADMIN).takes_as(JSON, of("map")).tells_a(200, "any"),
        post(STRIPE_WEBHOOK, "What Stripe tells, signed by it")
            .header("Stripe-Signature", "The signature over the raw body.")
            .takes_as(JSON, json!({}))
            .tells(200, "received: bool"),
    ]
}

fn buying() -> Vec<Operation> {
    vec![
        get(PAYMENTS, "Payments made").scope(READ).query("subject", "Of whom.").lists("map", PAGE),
        get(CHECKOUT_SESSIONS, "Checkouts begun").scope(READ).lists("map", PAGE),
        post(CHECKOUT_SESSIONS, "Begins a checkout")
            .scope(WRITE)
            .header("Idempotency-Key", "The same key brings the same checkout.")
            .takes_as(JSON, of("map"))
            .tells_a(200, "map")
            .tells_a(201, "map"),
        get(CHECKOUT_SESSION, "One checkout").scope(READ).tells_a(200, "map"),
        post(PORTAL_SESSIONS, "A page on which the customer governs what they bought")
            .scope(WRITE)
            .takes("return_url: text, subject?: text|null")
            .tells(201, "url: text"),
        get(PAYMENT_INVOICES, "Invoices").scope(READ).query("subject", "Of whom.").lists("map", PAGE),
        post(PAYMENT_REFUNDS, "Pays back").scope(ADMIN).takes_as(JSON, of("map")).tells_a(201, "map"),
    ]
}

fn subscribing() -> Vec<Operation> {
    vec![
        get(PAYMENT_SUBSCRIPTIONS, "Subscriptions").scope(READ).query("subject", "Of whom.").lists("map", PAGE),
        post(PAYMENT_SUBSCRIPTIONS, "Subscribes somebody, by invoice")
            .scope(ADMIN)
            .takes_as(JSON, of("map"))
            .tells_a(201, "map"),
        get(MY_SUBSCRIPTION, "Whether the caller is subscribed").scope(READ).tells_a(200, "map"),
        get(PAYMENT_SUBSCRIPTION, "One subscription").scope(READ).tells_a(200, "map"),
        post(PAYMENT_SUBSCRIPTION, "With `:cancel`, `:resume` or `:change` after the id, that")
            .scope(WRITE)
            .takes_as(JSON, of("map"))
            .tells_a(200, "map"),
        get(PAYMENT_SCHEDULES, "Changes to come").scope(READ).query("subject", "Of whom.").lists("map", PAGE),
        post(PAYMENT_SCHEDULES, "Plans a change").scope(WRITE).takes_as(JSON, of("map")).tells_a(201, "map"),
    ]
}
