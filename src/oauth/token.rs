//! Token endpoint, RFC 6749 §3.2.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::response::IntoResponse;

use crate::app::App;
use crate::authorization::grants::{TokenForm, TokenRequest, TokenResponse};
use crate::base::{Origin, Result};
use crate::http::refused::note_stop;
use crate::http::routes::TOKEN;
use crate::http::{Caller, ClientAuth, OAuthError};

/// Trades what the client has for tokens.
pub async fn post(
    State(app): State<App>,
    Caller(origin): Caller,
    caller: ClientAuth,
) -> Result<impl IntoResponse, OAuthError> {
    let answer = trade(&app, &origin, &caller).await.inspect_err(|stop| {
        note_stop(&app, &caller.tenant, (TOKEN, Some(caller.client.id.as_str())), stop);
    })?;
    Ok(([(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")], Json(answer)))
}

async fn trade(app: &App, origin: &Origin, caller: &ClientAuth) -> Result<TokenResponse> {
    let form = TokenForm::read(&caller.params)?;
    app.grants.token(&TokenRequest { tenant: &caller.tenant, client: &caller.client, form, origin }).await
}
