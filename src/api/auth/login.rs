//! Sign-in by password. Nothing but the identifier selects the account, and nothing but text is one (W-001 to W-003).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::finish::{Caller, Kind, Wish};
use crate::app::App;
use crate::base::{Code, Refusal, Result, Secret};
use crate::http::context::origin;
use crate::http::{Body, Browser, Rejected, Tenant};

/// What is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    identifier: Option<String>,
    email: Option<String>,
    username: Option<String>,
    password: String,
    client_id: Option<String>,
    scope: Option<String>,
    #[serde(default)]
    session: Kind,
    #[serde(default)]
    remember_me: bool,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(***)")
    }
}

impl Login {
    fn identifier(&self) -> Result<&str> {
        match [&self.identifier, &self.email, &self.username].map(Option::as_deref) {
            [Some(one), None, None] | [None, Some(one), None] | [None, None, Some(one)] => Ok(one),
            _ => {
                let text = "one of the fields `identifier`, `email` and `username` is needed, and only one";
                Err(Refusal::new(Code::InvalidRequest, text).into())
            }
        }
    }
}

/// `POST {T}/api/v1/auth/login`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<Response, Rejected> {
    let identifier = login.identifier()?.to_owned();
    let password = Secret::new(login.password);
    let wish =
        Wish { client_id: login.client_id, scope: login.scope, session: login.session, remember_me: login.remember_me };
    let caller = Caller { app: &app, tenant: &tenant, browser: &browser, headers: &headers };
    caller.client(&wish).await?;
    let first = app.factors.by_password(&tenant, (&identifier, &password), &origin()).await;
    caller.arrive(wish, first).await
}
