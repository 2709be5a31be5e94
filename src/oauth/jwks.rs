//! The tenant's public keys (RFC 7517 §5, OIDC Discovery §3).

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::http::routes::METADATA_AGE;
use crate::http::{OAuthError, Tenant};

/// The set, the keys that will sign next included.
pub async fn get(State(app): State<App>, tenant: Tenant) -> Result<Response, OAuthError> {
    let set = app.keys.jwks(&tenant.id).await?;
    Ok(([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, METADATA_AGE)], set).into_response())
}
