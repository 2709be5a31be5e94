//! The second factor at the API: what it begins with, where it needs a beginning, and the proof (W-034).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::finish::{Caller, unauthorized};
use crate::accounts::engine::Entrance;
use crate::accounts::second::Shown;
use crate::app::App;
use crate::base::{Code, Method, Refusal, Result, Secret};
use crate::http::context::origin;
use crate::http::{Body, Browser, Data, Rejected, Tenant};

/// What asks for a beginning.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    mfa_token: String,
    method: Method,
}

/// `POST {T}/api/v1/auth/mfa/challenge`: what a passkey has to answer, or what an authenticator app is set up with by
/// somebody who has to have one.
pub async fn challenge(
    State(app): State<App>,
    tenant: Tenant,
    Body(asked): Body<Challenge>,
) -> Result<Data<Value>, Rejected> {
    let origin = origin();
    let at = Entrance::new(&tenant, &origin);
    let held = Secret::new(asked.mfa_token).digest();
    let (user, halfway) = app.factors.halfway_of(&at, &held).await.map_err(unauthorized)?;
    if !halfway.methods.contains(&asked.method) {
        return Err(Refusal::new(Code::Conflict, "this second factor is not one that can be used here").into());
    }
    let factors = &app.factors;
    match (asked.method, halfway.enrol) {
        (Method::Passkey, enrol) => {
            let begun = if enrol {
                factors.begin_registration(&tenant, &user).await?
            } else {
                factors.begin_assertion(&tenant, &user).await?
            };
            Ok(Data::new(json!({ "ceremony": begun.token.expose(), "options": begun.options })))
        }
        (Method::Totp, true) => {
            let setup = factors.begin_totp(&tenant, &user).await?;
            Ok(Data::new(json!({ "secret": setup.secret, "otpauth_uri": setup.uri, "qr": setup.qr })))
        }
        _ => Err(Refusal::new(Code::Conflict, "this second factor needs no beginning").into()),
    }
}

/// What proves the second factor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    mfa_token: String,
    method: Method,
    code: Option<String>,
    ceremony: Option<String>,
    credential: Option<Value>,
}

/// `POST {T}/api/v1/auth/mfa/verify`.
pub async fn verify(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Body(given): Body<Verify>,
) -> Result<Response, Rejected> {
    let origin = origin();
    let at = Entrance::new(&tenant, &origin);
    let held = Secret::new(given.mfa_token).digest();
    let ceremony = given.ceremony.map(Secret::new);
    let missing = |name: &str| Refusal::new(Code::InvalidRequest, format!("missing field `{name}`"));
    let code = || given.code.as_deref().ok_or_else(|| missing("code"));
    let shown = match given.method {
        Method::Totp => Shown::Totp(code()?),
        Method::RecoveryCode => Shown::RecoveryCode(code()?),
        Method::Passkey => Shown::Passkey(
            ceremony.as_ref().ok_or_else(|| missing("ceremony"))?,
            given.credential.as_ref().ok_or_else(|| missing("credential"))?,
        ),
        _ => return Err(Refusal::new(Code::InvalidRequest, "the field `method` cannot be that").into()),
    };
    let passed = app.factors.after_second_factor(&at, &held, shown).await.map_err(unauthorized)?;
    let caller = Caller { app: &app, tenant: &tenant, browser: &browser, headers: &headers };
    caller.passed(passed, &origin).await
}
