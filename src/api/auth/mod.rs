//! Sign-in as JSON, for the tenant's own applications: every way in, the second factor, the session, and its end.

mod finish;
pub mod login;
pub mod mfa;
pub mod passkeys;
pub mod passwordless;
pub mod session;

pub(super) use finish::{Caller, Wish};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::app::App;
use crate::http::browser;
use crate::http::routes::{
    AUTH_LOGIN, AUTH_LOGOUT, AUTH_MFA_CHALLENGE, AUTH_MFA_VERIFY, AUTH_PASSKEYS_BEGIN, AUTH_PASSKEYS_COMPLETE,
    AUTH_PASSWORDLESS_COMPLETE, AUTH_PASSWORDLESS_START, AUTH_SESSION, mounted,
};

/// All of it.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(AUTH_LOGIN), post(login::post))
        .route(&mounted(AUTH_MFA_CHALLENGE), post(mfa::challenge))
        .route(&mounted(AUTH_MFA_VERIFY), post(mfa::verify))
        .route(&mounted(AUTH_PASSKEYS_BEGIN), post(passkeys::begin))
        .route(&mounted(AUTH_PASSKEYS_COMPLETE), post(passkeys::complete))
        .route(&mounted(AUTH_PASSWORDLESS_START), post(passwordless::start))
        .route(&mounted(AUTH_PASSWORDLESS_COMPLETE), post(passwordless::complete))
        .route(&mounted(AUTH_SESSION), get(session::get))
        .route(&mounted(AUTH_LOGOUT), post(session::end))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant))
}
