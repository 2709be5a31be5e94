//! Management and information as JSON, below `{T}/api/v1`.

pub mod api_keys;
pub mod applications;
pub mod audit;
mod audit_export;
pub mod auth;
pub mod branding;
pub mod change;
pub mod clients;
pub mod devices;
mod docs;
pub mod factors;
pub mod grants;
pub mod identities;
pub mod identity_providers;
pub mod invitations;
pub mod mails;
pub mod me;
pub mod openapi;
mod organizations;
mod others;
mod own;
mod page;
mod people;
pub mod platform;
pub mod recovery;
pub mod refusals;
pub mod resource_servers;
pub mod sessions;
pub mod sign_up;
pub mod signing_keys;
pub mod tenant;
pub mod user;
pub mod user_applications;
pub mod user_factors;
pub mod user_sessions;
pub mod user_transfer;
pub mod users;
pub mod webhook_deliveries;
pub mod webhooks;
pub mod whoami;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};

use crate::app::App;
use crate::http::manager::UsersWrite;
use crate::http::routes::{
    API_DOCS, AUDIT_ACTIONS, AUDIT_EVENT, AUDIT_EVENTS, AUDIT_EXPORT, AUDIT_TAIL, AUDIT_VERIFY, AUTHORIZATION_CHECK,
    CONFIRM_EMAIL, FORGOT, INVITATION, INVITATION_ACCEPT, INVITATION_AGAIN, INVITATIONS, MAIL, MAIL_RETRY,
    MAIL_SETTINGS, MAIL_TEST, MAILS, MY_EMAIL, MY_IDENTITIES, MY_IDENTITY, MY_PASSWORD, OFFERED_PROVIDERS, OPENAPI,
    PROVIDER, PROVIDERS, REFUSAL, REFUSALS, REGISTER, RESET, UNDO_EMAIL, USER_VERIFICATION, USERS, USERS_EXPORT,
    USERS_IMPORT, VERIFY, VERIFY_AGAIN, VERIFY_CHECK, WHOAMI, mounted,
};
use crate::http::{browser, cors, repeatable};

/// All of it.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .merge(own::router(app))
        .merge(others::router())
        .merge(platform::router())
        .merge(tenant::router())
        .route(&mounted(WHOAMI), get(whoami::get))
        .route(&mounted(OPENAPI), get(openapi::get))
        .route(&mounted(API_DOCS), get(docs::tenant))
        .merge(of_audit())
        .merge(api_keys::router(app))
        .merge(clients::router(app))
        .merge(resource_servers::router(app))
        .merge(signing_keys::router())
        .merge(sessions::router())
        .merge(grants::router())
        .merge(of_mail())
        .merge(branding::router())
        .merge(of_providers(app))
        .merge(of_strangers(app))
        .merge(of_people(app))
        .merge(of_administrators(app))
        .merge(webhooks::router())
        .merge(organizations::router(app))
        .merge(auth::router(app))
        .merge(factors::router(app))
        .layer(cors::open())
}

/// What happened, and what was refused.
fn of_audit() -> Router<App> {
    Router::new()
        .route(&mounted(AUDIT_EVENTS), get(audit::list))
        .route(&mounted(AUDIT_EVENT), get(audit::show))
        .route(&mounted(AUDIT_ACTIONS), get(audit::actions))
        .route(&mounted(AUDIT_EXPORT), get(audit_export::get))
        .route(&mounted(AUDIT_TAIL), get(audit::tail))
        .route(&mounted(AUDIT_VERIFY), get(audit::verify))
        .route(&mounted(REFUSALS), get(refusals::list))
        .route(&mounted(REFUSAL), get(refusals::show))
        .route(&mounted(AUTHORIZATION_CHECK), post(refusals::check))
}

/// The outbox, and the settings of mail.
fn of_mail() -> Router<App> {
    Router::new()
        .route(&mounted(MAIL_SETTINGS), get(mails::settings).patch(mails::change))
        .route(&mounted(MAIL_TEST), post(mails::test))
        .route(&mounted(MAILS), get(mails::list))
        .route(&mounted(MAIL), get(mails::show))
        .route(&mounted(MAIL_RETRY), post(mails::retry))
}

/// Sign-in with others: for administrators, and for each person what is their own.
fn of_providers(app: &App) -> Router<App> {
    let own = Router::new()
        .route(&mounted(MY_IDENTITIES), get(identities::list))
        .route(&mounted(MY_IDENTITY), delete(identities::remove))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant));
    Router::new()
        .route(&mounted(OFFERED_PROVIDERS), get(identity_providers::offered))
        .route(&mounted(PROVIDERS), get(identity_providers::list).post(identity_providers::create))
        .route(
            &mounted(PROVIDER),
            get(identity_providers::show).patch(identity_providers::change).delete(identity_providers::remove),
        )
        .merge(own)
}

/// What anybody may ask, or whoever holds the link of a mail.
fn of_strangers(app: &App) -> Router<App> {
    let register = Router::new()
        .route(&mounted(REGISTER), post(sign_up::register))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant));
    Router::new()
        .merge(register)
        .route(&mounted(VERIFY), post(sign_up::verify))
        .route(&mounted(VERIFY_CHECK), post(sign_up::check))
        .route(&mounted(VERIFY_AGAIN), post(sign_up::resend))
        .route(&mounted(FORGOT), post(recovery::forgot))
        .route(&mounted(RESET), post(recovery::reset))
        .route(&mounted(CONFIRM_EMAIL), post(change::confirm_email))
        .route(&mounted(UNDO_EMAIL), post(change::undo_email))
}

/// What people do who are signed in, by token or cookie.
fn of_people(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(MY_PASSWORD), post(change::password))
        .route(&mounted(MY_EMAIL), post(change::email))
        .route(&mounted(INVITATION_ACCEPT), post(invitations::accept))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant))
}

/// What administrators and services do.
fn of_administrators(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(USERS), get(users::list).post(users::create))
        .route_layer(from_fn_with_state(app.clone(), repeatable::once::<UsersWrite>))
        .route(&mounted(USERS_IMPORT), post(user_transfer::import))
        .route(&mounted(USERS_EXPORT), get(user_transfer::export))
        .route(&mounted(USER_VERIFICATION), post(users::resend_verification))
        .route(&mounted(INVITATIONS), get(invitations::list).post(invitations::create))
        .route(&mounted(INVITATION), get(invitations::show).delete(invitations::cancel))
        .route(&mounted(INVITATION_AGAIN), post(invitations::resend))
}
