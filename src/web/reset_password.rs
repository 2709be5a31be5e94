//! The link to a new password.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::done::DonePage;
use super::mailed_link::{Wording, can_be_mended, show};
use super::turn::check;
use crate::app::App;
use crate::base::{Refusal, Result, Secret, Stop};
use crate::http::page::{brand_of, here, words_for};
use crate::http::routes::{LOGIN, RESET_PAGE};
use crate::http::{Browser, Caller, Form, PageError, Query, Tenant};

/// `GET {T}/reset-password?token=…`.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    page(&app, (&tenant, &browser), query.require("token")?, None).await
}

/// `POST {T}/reset-password`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    (headers, caller): (HeaderMap, Caller),
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let token = form.require("token")?;
    let password = Secret::new(form.raw("password").unwrap_or_default());
    match app.accounts.reset_password(&tenant, &Secret::new(token), &password, &caller.0).await {
        Ok(_) => {
            app.tokens.catch_up().await?;
            Ok(done(&tenant).answer().into_response())
        }
        Err(Stop::Refused(refusal)) if can_be_mended(&refusal) => {
            page(&app, (&tenant, &browser), token, Some(refusal)).await
        }
        Err(stop) => Err(stop.into()),
    }
}

async fn page(
    app: &App,
    (tenant, browser): (&Tenant, &Browser),
    token: &str,
    refused: Option<Refusal>,
) -> Result<Response, PageError> {
    let email = app.accounts.check_reset(tenant, &Secret::new(token)).await?;
    let words = words_for(tenant);
    let wording = Wording {
        page: "reset-password",
        path: RESET_PAGE,
        title: words.say("reset-title"),
        text: words.tell2("reset-text", "email", &email, "tenant", &tenant.name),
        button: words.say("reset-submit"),
        password: true,
        name: false,
    };
    show(tenant, browser, (wording, token), refused).await
}

fn done(tenant: &Tenant) -> DonePage {
    let brand = brand_of(tenant);
    DonePage {
        page: "password-reset",
        title: brand.words.say("reset-done-title"),
        text: brand.words.say("reset-done-text"),
        note: None,
        next: Some((here(tenant, LOGIN), brand.words.say("login-submit"))),
        brand,
    }
}
