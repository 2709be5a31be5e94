//! Sign-in by mail at the API. Whoever starts gets a flow token, without which the code in the mail is worth nothing.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::finish::{Caller, Kind, Wish};
use crate::accounts::factors::passwordless::{LIFETIME, Wanted};
use crate::app::App;
use crate::base::{Method, Result, Secret};
use crate::http::context::origin;
use crate::http::{Body, Browser, Data, Rejected, Tenant};

/// Whom to send a code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    email: String,
}

/// `POST {T}/api/v1/auth/passwordless/start`: the same answer whether the address has an account or not.
pub async fn start(State(app): State<App>, tenant: Tenant, Body(asked): Body<Start>) -> Result<Data<Value>, Rejected> {
    let wanted = Wanted { email: &asked.email, code: true, link: None };
    let flow = app.factors.begin_by_mail(&tenant, &wanted, &origin()).await?;
    Ok(Data::accepted(json!({ "flow_token": flow.expose(), "expires_in": LIFETIME })))
}

/// What came by mail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    flow_token: String,
    code: String,
    client_id: Option<String>,
    scope: Option<String>,
    #[serde(default)]
    session: Kind,
    #[serde(default)]
    remember_me: bool,
}

/// `POST {T}/api/v1/auth/passwordless/complete`.
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
    let flow = Secret::new(given.flow_token);
    let first = app.factors.by_mail(&tenant, &flow, (Method::EmailCode, &given.code)).await;
    caller.arrive(wish, first).await
}
