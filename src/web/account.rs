//! The account pages: one small page per task, under one navigation.

pub mod activity;
pub mod applications;
pub mod authenticator;
pub mod data;
pub mod delete;
pub mod email;
pub mod files;
pub mod identities;
pub mod organizations;
pub mod overview;
pub mod passkeys;
pub mod password;
pub mod profile;
mod recovery_codes;
pub mod security;
pub mod sessions;
pub mod shell;

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::http::routes::{
    ACCOUNT, ACCOUNT_ACTIVITY, ACCOUNT_APPLICATIONS, ACCOUNT_AUTHENTICATOR, ACCOUNT_DATA, ACCOUNT_DELETE,
    ACCOUNT_EMAIL, ACCOUNT_FILE, ACCOUNT_FILES, ACCOUNT_IDENTITIES, ACCOUNT_ORGANIZATIONS, ACCOUNT_PASSKEYS,
    ACCOUNT_PASSWORD, ACCOUNT_PROFILE, ACCOUNT_SECURITY, ACCOUNT_SESSIONS, mounted,
};

/// All of them.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(&mounted(ACCOUNT), get(overview::get))
        .route(&mounted(ACCOUNT_PROFILE), get(profile::get).post(profile::post))
        .route(&mounted(ACCOUNT_SECURITY), get(security::get))
        .route(&mounted(ACCOUNT_PASSWORD), get(password::get).post(password::post))
        .route(&mounted(ACCOUNT_EMAIL), get(email::get).post(email::post))
        .route(&mounted(ACCOUNT_PASSKEYS), get(passkeys::get).post(passkeys::post))
        .route(&mounted(ACCOUNT_AUTHENTICATOR), get(authenticator::get).post(authenticator::post))
        .route(&mounted(ACCOUNT_IDENTITIES), get(identities::get).post(identities::post))
        .route(&mounted(ACCOUNT_SESSIONS), get(sessions::get).post(sessions::post))
        .route(&mounted(ACCOUNT_APPLICATIONS), get(applications::get).post(applications::post))
        .route(&mounted(ACCOUNT_ORGANIZATIONS), get(organizations::get).post(organizations::post))
        .route(&mounted(ACCOUNT_ACTIVITY), get(activity::get))
        .route(&mounted(ACCOUNT_FILES), get(files::get).post(files::post))
        .route(&mounted(ACCOUNT_FILE), get(files::download).post(files::act))
        .route(&mounted(ACCOUNT_DATA), get(data::get).post(data::post))
        .route(&mounted(ACCOUNT_DELETE), get(delete::get).post(delete::post))
}

#[cfg(test)]
mod tests;
