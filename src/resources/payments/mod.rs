//! Payments, below `{T}/api/v1/payments`: `payments:read` for what is one's own, `payments:write` to buy and to change
//! it, `payments:admin` for plans, for others and for prices that are made up.

mod account;
mod caller;
mod catalogue;
mod checkout;
mod entitlements;
mod money;
mod plans;
mod subscriptions;
mod webhook;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::http::routes::{
    CHECKOUT_SESSION, CHECKOUT_SESSIONS, MY_SUBSCRIPTION, PAYMENT_ACCOUNT, PAYMENT_ENTITLEMENTS, PAYMENT_INVOICES,
    PAYMENT_PLAN, PAYMENT_PLANS, PAYMENT_PRICES, PAYMENT_PRODUCTS, PAYMENT_REFUNDS, PAYMENT_SCHEDULES,
    PAYMENT_SUBSCRIPTION, PAYMENT_SUBSCRIPTIONS, PAYMENTS, PORTAL_SESSIONS, STRIPE_WEBHOOK, mounted,
};

/// What callers with a credential use.
pub fn router() -> Router<App> {
    Router::new()
        .route(&mounted(PAYMENTS), get(money::list))
        .route(&mounted(PAYMENT_ACCOUNT), get(account::show).patch(account::change).delete(account::remove))
        .route(&mounted(PAYMENT_PLANS), get(plans::list))
        .route(&mounted(PAYMENT_PLAN), get(plans::show).put(plans::put).delete(plans::remove))
        .route(&mounted(PAYMENT_PRODUCTS), get(catalogue::products))
        .route(&mounted(PAYMENT_PRICES), get(catalogue::prices))
        .route(&mounted(CHECKOUT_SESSIONS), get(checkout::list).post(checkout::create))
        .route(&mounted(CHECKOUT_SESSION), get(checkout::show))
        .route(&mounted(PORTAL_SESSIONS), post(money::portal))
        .route(&mounted(PAYMENT_SUBSCRIPTIONS), get(subscriptions::list).post(subscriptions::create))
        .route(&mounted(PAYMENT_SUBSCRIPTION), get(subscriptions::show).post(subscriptions::act))
        .route(&mounted(MY_SUBSCRIPTION), get(subscriptions::mine))
        .route(&mounted(PAYMENT_SCHEDULES), get(subscriptions::schedules).post(subscriptions::schedule))
        .route(&mounted(PAYMENT_INVOICES), get(money::invoices))
        .route(&mounted(PAYMENT_REFUNDS), post(money::refund))
        .route(
            &mounted(PAYMENT_ENTITLEMENTS),
            get(entitlements::show).put(entitlements::give).delete(entitlements::take),
        )
}

/// What Stripe uses, and no browser: it has a signature instead of a credential.
pub fn webhooks() -> Router<App> {
    Router::new().route(&mounted(STRIPE_WEBHOOK), post(webhook::take))
}
