//! Token endpoint, RFC 6749 §3.2.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::response::IntoResponse;

use crate::app::App;
use crate::authorization::grants::{TokenForm, TokenRequest};
use crate::http::{Caller, ClientAuth, OAuthError};

/// Trades what the client has for tokens.
pub async fn post(
    State(app): State<App>,
    Caller(origin): Caller,
    caller: ClientAuth,
) -> Result<impl IntoResponse, OAuthError> {
    let form = TokenForm::read(&caller.params)?;
    let ask = TokenRequest { tenant: &caller.tenant, client: &caller.client, form, origin: &origin };
    let answer = app.grants.token(&ask).await?;
    Ok(([(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")], Json(answer)))
}
