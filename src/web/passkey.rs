//! What a page carries for a passkey: the script reads the options, asks the browser, and sends the form.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use super::arrival::arrive;
use super::login::{show, turn};
use super::turn::check;
use crate::accounts::engine::Entrance;
use crate::accounts::factors::{Ceremony, passkeys_are_possible};
use crate::app::App;
use crate::base::{Params, Result, Secret, Stop};
use crate::http::context::origin;
use crate::http::page::here;
use crate::http::routes::LOGIN_PASSKEY;
use crate::http::{Browser, Form, PageError, Tenant};

/// A form that a passkey fills.
#[derive(Clone, Debug)]
pub struct PasskeyForm {
    /// Where it goes.
    pub action: String,
    /// What its answer has to come with.
    pub token: String,
    /// What the browser is given, as JSON.
    pub options: String,
    /// `get` or `create`.
    pub ceremony_kind: &'static str,
    /// The name of the words on its button.
    pub label: &'static str,
}

impl PasskeyForm {
    /// Of a ceremony that has begun.
    #[must_use]
    pub fn of(ceremony: &Ceremony, action: String, (ceremony_kind, label): (&'static str, &'static str)) -> Self {
        let token = ceremony.token.expose().to_owned();
        Self { action, token, options: ceremony.options.to_string(), ceremony_kind, label }
    }

    /// The one of the sign-in page, where the tenant lets people in by passkey.
    pub fn of_login(app: &App, tenant: &Tenant) -> Result<Option<Self>> {
        if !(tenant.settings.sign_in.passkey && passkeys_are_possible(tenant)) {
            return Ok(None);
        }
        let ceremony = app.factors.begin_discovery(tenant)?;
        Ok(Some(Self::of(&ceremony, here(tenant, LOGIN_PASSKEY), ("get", "passkey-sign-in"))))
    }
}

/// What the script sent: what the ceremony began with, and the authenticator's answer.
#[must_use]
pub fn answered(form: &Params) -> (Secret, Value) {
    let answer = form.raw("credential").and_then(|text| serde_json::from_str(text).ok());
    (Secret::new(form.raw("ceremony").unwrap_or_default()), answer.unwrap_or_default())
}

/// `POST {T}/login/passkey`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let turn = turn(&app, &tenant, &browser, &form).await?;
    let (origin, (token, answer)) = (origin(), answered(&form));
    match app.factors.by_passkey(&Entrance::new(&tenant, &origin), (&token, &answer)).await {
        Ok(first) => Box::pin(arrive((&app, &tenant, &browser), turn, first)).await,
        Err(Stop::Refused(refusal)) => show((&app, &tenant, &browser), turn.as_ref(), ("", Some(refusal))).await,
        Err(fault) => Err(fault.into()),
    }
}
