//! The links of a changed address: the one that makes the change, and the one that takes it back.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::done::DonePage;
use super::mailed_link::{Wording, can_be_mended, show};
use super::turn::check;
use crate::app::App;
use crate::base::{Refusal, Result, Secret, Stop};
use crate::http::page::{brand_of, here, words_for};
use crate::http::routes::{ACCOUNT, CONFIRM_EMAIL_PAGE, LOGIN, UNDO_EMAIL_PAGE};
use crate::http::{Browser, Caller, Form, PageError, Query, Tenant};
use crate::store::one_time::Kind;

/// `GET {T}/confirm-email-change?token=…`.
pub async fn confirm(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    page(&app, (&tenant, &browser), (Kind::ConfirmEmail, query.require("token")?), None).await
}

/// `POST {T}/confirm-email-change`.
pub async fn confirmed(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    (headers, caller): (HeaderMap, Caller),
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let token = form.require("token")?;
    match app.accounts.confirm_email(&tenant, &Secret::new(token), &caller.0).await {
        Ok(_) => Ok(done(&tenant, Kind::ConfirmEmail).answer().into_response()),
        Err(Stop::Refused(refusal)) if can_be_mended(&refusal) => {
            page(&app, (&tenant, &browser), (Kind::ConfirmEmail, token), Some(refusal)).await
        }
        Err(stop) => Err(stop.into()),
    }
}

/// `GET {T}/undo-email-change?token=…`.
pub async fn undo(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    page(&app, (&tenant, &browser), (Kind::UndoEmail, query.require("token")?), None).await
}

/// `POST {T}/undo-email-change`.
pub async fn undone(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    (headers, caller): (HeaderMap, Caller),
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let token = form.require("token")?;
    match app.accounts.undo_email(&tenant, &Secret::new(token), &caller.0).await {
        Ok(_) => {
            app.tokens.catch_up().await?;
            Ok(done(&tenant, Kind::UndoEmail).answer().into_response())
        }
        Err(Stop::Refused(refusal)) if can_be_mended(&refusal) => {
            page(&app, (&tenant, &browser), (Kind::UndoEmail, token), Some(refusal)).await
        }
        Err(stop) => Err(stop.into()),
    }
}

async fn page(
    app: &App,
    (tenant, browser): (&Tenant, &Browser),
    (kind, token): (Kind, &str),
    refused: Option<Refusal>,
) -> Result<Response, PageError> {
    let email = app.accounts.check_email_link(tenant, kind, &Secret::new(token)).await?;
    let words = words_for(tenant);
    let (page, path, title, text, button) = if kind == Kind::UndoEmail {
        let text = words.tell("undo-text", "email", &email);
        ("undo-email-change", UNDO_EMAIL_PAGE, words.say("undo-title"), text, words.say("undo-submit"))
    } else {
        let text = words.tell("confirm-email-text", "email", &email);
        let button = words.say("confirm-email-submit");
        ("confirm-email-change", CONFIRM_EMAIL_PAGE, words.say("confirm-email-title"), text, button)
    };
    let wording = Wording { page, path, title, text, button, password: false, name: false };
    show(tenant, browser, (wording, token), refused).await
}

fn done(tenant: &Tenant, kind: Kind) -> DonePage {
    let brand = brand_of(tenant);
    let words = brand.words;
    let (page, title, text, next) = if kind == Kind::UndoEmail {
        let next = (here(tenant, LOGIN), words.say("login-submit"));
        ("email-change-undone", words.say("undone-title"), words.say("undone-text"), next)
    } else {
        let next = (here(tenant, ACCOUNT), words.say("email-changed-next"));
        ("email-changed", words.say("email-changed-title"), words.say("email-changed-text"), next)
    };
    DonePage { brand, page, title, text, note: None, next: Some(next) }
}
