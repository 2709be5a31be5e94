//! The console: operators see to tenants, administrators to their own. Pages without scripts, for people who signed in
//! by our own `OpenID Connect`; every act goes through the services that the API uses, so the rules and the audit trail
//! are the same.
//!
//! The pages about one tenant stand twice: below `{T}/console` for its administrators, who are its people, and below
//! `{P}/console/tenants/{tenant}` for operators, who are people of the tenant `system`.

mod again;
mod api_keys;
mod audit;
mod branding;
mod chart;
mod client;
mod clients;
mod desk;
mod dressing;
mod halt;
mod home;
mod invitations;
mod keys;
mod list;
mod mail;
mod mails;
mod needs;
mod new_client;
mod new_tenant;
mod organization;
mod organizations;
mod overview;
mod plans;
mod platform;
mod providers;
mod room;
mod settings;
mod shell;
mod sign_in;
mod signed_out;
mod snippets;
mod standing;
mod tenants;
mod terms;
mod turned_away;
mod user;
mod users;
mod webhook;
mod webhooks;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::app::App;
use crate::http::browser;
use crate::http::routes::{
    CONSOLE, CONSOLE_AGAIN, CONSOLE_API_KEYS, CONSOLE_AUDIT, CONSOLE_BRANDING, CONSOLE_CALLBACK, CONSOLE_CLIENT,
    CONSOLE_CLIENTS, CONSOLE_INVITATIONS, CONSOLE_KEYS, CONSOLE_MAIL, CONSOLE_MAILS, CONSOLE_NEW_CLIENT,
    CONSOLE_NEW_TENANT, CONSOLE_ONE_PLAN, CONSOLE_ORGANIZATION, CONSOLE_ORGANIZATIONS, CONSOLE_OVERVIEW, CONSOLE_PLAN,
    CONSOLE_PLANS, CONSOLE_PREVIEW, CONSOLE_PROVIDERS, CONSOLE_SETTINGS, CONSOLE_SIGN_OUT, CONSOLE_SIGNED_OUT,
    CONSOLE_STANDING, CONSOLE_TENANT, CONSOLE_TENANTS, CONSOLE_USER, CONSOLE_USERS, CONSOLE_WEBHOOK, CONSOLE_WEBHOOKS,
    mounted,
};

/// Both consoles.
pub fn router(app: &App) -> Router<App> {
    let own = Router::new()
        .route(&mounted(CONSOLE_CALLBACK), get(sign_in::callback))
        .route(&mounted(CONSOLE_AGAIN), get(again::get))
        .route(&mounted(CONSOLE_SIGN_OUT), get(signed_out::leave))
        .route(&mounted(CONSOLE_SIGNED_OUT), get(signed_out::get))
        .merge(about_a_tenant(&mounted(CONSOLE)))
        .route_layer(from_fn_with_state(app.clone(), browser::of_console));
    let operators = of_operators()
        .merge(about_a_tenant(CONSOLE_TENANT))
        .route_layer(from_fn_with_state(app.clone(), browser::of_operators));
    own.merge(operators)
}

/// What operators alone have.
fn of_operators() -> Router<App> {
    Router::new()
        .route(CONSOLE, get(platform::get))
        .route(CONSOLE_CALLBACK, get(sign_in::callback))
        .route(CONSOLE_AGAIN, get(again::get))
        .route(CONSOLE_SIGN_OUT, get(signed_out::leave))
        .route(CONSOLE_SIGNED_OUT, get(signed_out::get))
        .route(CONSOLE_TENANTS, get(tenants::get))
        .route(CONSOLE_NEW_TENANT, get(new_tenant::get).post(new_tenant::post))
        .route(CONSOLE_MAILS, get(mails::get).post(mails::post))
        .route(CONSOLE_PLANS, get(plans::get).post(plans::post))
        .route(CONSOLE_ONE_PLAN, get(plans::one).post(plans::change))
        .route(CONSOLE_STANDING, get(standing::get).post(standing::post))
}

/// The pages about one tenant.
fn about_a_tenant(console: &str) -> Router<App> {
    let at = |page: &str| format!("{console}{page}");
    Router::new()
        .route(&at(CONSOLE_OVERVIEW), get(overview::get))
        .route(&at(CONSOLE_PLAN), get(room::get).post(room::post))
        .route(&at(CONSOLE_USERS), get(users::get))
        .route(&at(CONSOLE_USER), get(user::get).post(user::post))
        .route(&at(CONSOLE_INVITATIONS), get(invitations::get).post(invitations::post))
        .route(&at(CONSOLE_ORGANIZATIONS), get(organizations::get).post(organizations::post))
        .route(&at(CONSOLE_ORGANIZATION), get(organization::get).post(organization::post))
        .route(&at(CONSOLE_CLIENTS), get(clients::get))
        .route(&at(CONSOLE_CLIENT), get(client::get).post(client::post))
        .route(&at(CONSOLE_NEW_CLIENT), get(new_client::get).post(new_client::post))
        .route(&at(CONSOLE_KEYS), get(keys::get).post(keys::post))
        .route(&at(CONSOLE_API_KEYS), get(api_keys::get).post(api_keys::post))
        .route(&at(CONSOLE_AUDIT), get(audit::get))
        .route(&at(CONSOLE_WEBHOOKS), get(webhooks::get).post(webhooks::post))
        .route(&at(CONSOLE_WEBHOOK), get(webhook::get).post(webhook::post))
        .route(&at(CONSOLE_MAIL), get(mail::get).post(mail::post))
        .route(&at(CONSOLE_PROVIDERS), get(providers::get).post(providers::post))
        .route(&at(CONSOLE_BRANDING), get(branding::get).post(branding::post))
        .route(&at(CONSOLE_PREVIEW), get(branding::stylesheet))
        .route(&at(CONSOLE_SETTINGS), get(settings::get).post(settings::post))
}
