//! Sign-up and the proof of an address, for applications with pages of their own. Nothing here tells a stranger whether
//! an account exists (W-009).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::auth;
use super::people::{Mailed, Shown};
use crate::accounts::{NameSignUp, SignUp};
use crate::app::App;
use crate::base::{Code, Email, Refusal, Secret};
use crate::http::context::origin;
use crate::http::{Body, Browser, Caller, Data, Problem, Rejected, Tenant};
use crate::people::first_metadata;
use crate::store::users::Profile;

/// What somebody tells who signs up. There is no member for anything that is a right (W-063).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    email: Option<Email>,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    full_name: Option<String>,
    #[serde(default)]
    locale: Option<String>,
    #[serde(default)]
    redirect: Option<String>,
    #[serde(default)]
    metadata: Map<String, Value>,
}

/// `POST {T}/api/v1/auth/register`: 202, whoever the address belongs to. Where people may come in before they proved
/// it, 201 and tokens for somebody new.
pub async fn register(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Body(told): Body<Register>,
) -> Result<Response, Rejected> {
    let origin = origin();
    let profile = Profile { name: told.full_name, locale: told.locale, ..Profile::default() };
    let (password, metadata) = (told.password.map(Secret::new), first_metadata(&told.metadata)?);
    let first = match (told.email, told.username, password) {
        (Some(email), username, password) => {
            let new = SignUp { email, username, password, profile, metadata, redirect: told.redirect };
            app.accounts.register(&tenant, new, &origin).await?
        }
        (None, Some(username), Some(password)) => {
            let new = NameSignUp { username, password, profile, metadata };
            Some(app.accounts.register_by_name(&tenant, new, &origin).await?)
        }
        _ => {
            let text = "an e-mail address is needed, or a user name with a password";
            return Err(Refusal::new(Code::InvalidRequest, text).into());
        }
    };
    let Some(first) = first else { return Ok(Mailed::answer().into_response()) };
    let caller = auth::Caller { app: &app, tenant: &tenant, browser: &browser, headers: &headers };
    let answer = caller.arrive(auth::Wish::default(), Ok(first)).await?;
    Ok((StatusCode::CREATED, answer).into_response())
}

/// The link of a mail, and the password that the account may still need.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    token: String,
    #[serde(default)]
    password: Option<String>,
}

/// A proven address.
#[derive(Debug, Serialize)]
pub struct VerifiedAnswer {
    user: Shown,
    redirect_url: Option<String>,
    username_taken: bool,
}

/// `POST {T}/api/v1/auth/verify-email`.
pub async fn verify(
    State(app): State<App>,
    tenant: Tenant,
    caller: Caller,
    Body(told): Body<Verification>,
) -> Result<Data<VerifiedAnswer>, Problem> {
    let password = told.password.map(Secret::new);
    let token = Secret::new(told.token);
    let verified = app.accounts.verify_email(&tenant, &token, password.as_ref(), &caller.0).await?;
    Ok(Data::new(VerifiedAnswer {
        user: Shown::of(&verified.user),
        redirect_url: verified.redirect_url,
        username_taken: verified.username_taken,
    }))
}

/// The link of a mail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub(super) token: String,
}

/// What a link would do.
#[derive(Debug, Serialize)]
pub struct CheckedAnswer {
    email_masked: String,
    password_required: bool,
}

/// `POST {T}/api/v1/auth/verify-email/check`: what the link would do, without doing it.
pub async fn check(
    State(app): State<App>,
    tenant: Tenant,
    Body(link): Body<Link>,
) -> Result<Data<CheckedAnswer>, Problem> {
    let checked = app.accounts.check_verification(&tenant, &Secret::new(link.token)).await?;
    let password_required = checked.password_required;
    Ok(Data::new(CheckedAnswer { email_masked: checked.email_masked, password_required }))
}

/// Where a mail shall go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    pub(super) email: Email,
}

/// `POST {T}/api/v1/auth/resend-verification`: 202, whether anything waits or not.
pub async fn resend(
    State(app): State<App>,
    tenant: Tenant,
    caller: Caller,
    Body(to): Body<Address>,
) -> Result<Data<Mailed>, Problem> {
    app.accounts.resend_verification(&tenant, &to.email, &caller.0).await?;
    Ok(Mailed::answer())
}
