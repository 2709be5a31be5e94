//! Token revocation (RFC 7009).

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::base::Result;
use crate::http::{Caller, ClientAuth, OAuthError};

/// Ends a token of the client's own. Unknown and foreign tokens get the same answer and are left alone (§2.2), and a
/// wrong `token_type_hint` changes nothing: a token tells itself what it is.
pub async fn post(
    State(app): State<App>,
    Caller(origin): Caller,
    caller: ClientAuth,
) -> Result<StatusCode, OAuthError> {
    let token = caller.params.require("token")?;
    let place = (&caller.tenant.id, caller.tenant.issuer.as_str());
    app.tokens.revoke(place, token, &caller.client.id, &origin).await?;
    Ok(StatusCode::OK)
}
