//! A forgotten password, for applications with pages of their own.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::people::Mailed;
use super::sign_up::Address;
use crate::app::App;
use crate::base::{Code, Refusal, Secret};
use crate::http::{Body, Caller, Data, Problem, Tenant};

/// `POST {T}/api/v1/auth/forgot-password`: 202, whether there is such an account or not.
pub async fn forgot(
    State(app): State<App>,
    tenant: Tenant,
    caller: Caller,
    Body(to): Body<Address>,
) -> Result<Data<Mailed>, Problem> {
    app.accounts.forgot_password(&tenant, &to.email, &caller.0).await?;
    Ok(Mailed::answer())
}

/// The link of a mail, and the new password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    token: String,
    password: String,
    #[serde(default)]
    password_confirm: Option<String>,
}

/// What was done.
#[derive(Debug, Serialize)]
pub struct Done {
    status: &'static str,
}

impl Done {
    /// It was.
    #[must_use]
    pub const fn answer(what: &'static str) -> Data<Self> {
        Data::new(Self { status: what })
    }
}

/// `POST {T}/api/v1/auth/reset-password`.
pub async fn reset(
    State(app): State<App>,
    tenant: Tenant,
    caller: Caller,
    Body(told): Body<Reset>,
) -> Result<Data<Done>, Problem> {
    let password = twice(told.password, told.password_confirm)?;
    app.accounts.reset_password(&tenant, &Secret::new(told.token), &password, &caller.0).await?;
    app.tokens.catch_up().await?;
    Ok(Done::answer("password_reset"))
}

/// A new password; where it is given twice, both have to be the same.
pub(super) fn twice(password: String, again: Option<String>) -> Result<Secret, Refusal> {
    if again.is_some_and(|again| again != password) {
        return Err(Refusal::new(Code::Unprocessable, "the two passwords are not the same"));
    }
    Ok(Secret::new(password))
}
