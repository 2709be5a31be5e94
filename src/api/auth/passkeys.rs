//! Sign-in by passkey alone (WebAuthn Level 2): the authenticator says who it is, so that there is nothing to guess.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::finish::{Caller, Kind, Wish};
use crate::accounts::engine::Entrance;
use crate::app::App;
use crate::base::{Result, Secret};
use crate::http::context::origin;
use crate::http::{Body, Browser, Data, Rejected, Tenant};

/// Nothing has to be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `POST {T}/api/v1/auth/passkeys/begin`.
pub async fn begin(State(app): State<App>, tenant: Tenant, _: Body<Nothing>) -> Result<Data<Value>, Rejected> {
    let begun = app.factors.begin_discovery(&tenant)?;
    Ok(Data::new(json!({ "ceremony": begun.token.expose(), "options": begun.options })))
}

/// What the authenticator answered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    ceremony: String,
    credential: Value,
    client_id: Option<String>,
    scope: Option<String>,
    #[serde(default)]
    session: Kind,
    #[serde(default)]
    remember_me: bool,
}

/// `POST {T}/api/v1/auth/passkeys/complete`.
pub async fn complete(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Body(given): Body<Complete>,
) -> Result<Response, Rejected> {
    let wish =
        Wish { client_id: given.client_id, scope: given.scope, session: given.session, remember_me: given.remember_me };
    let caller = Caller { app: &app, tenant: &tenant, browser: &browser, headers: &headers };
    caller.client(&wish).await?;
    let origin = origin();
    let at = Entrance::new(&tenant, &origin);
    let first = app.factors.by_passkey(&at, (&Secret::new(given.ceremony), &given.credential)).await;
    caller.arrive(wish, first).await
}
