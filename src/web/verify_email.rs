//! The link that proves an address, and the way to another one.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::address::{Wanted, send, show as ask};
use super::done::DonePage;
use super::mailed_link::{Wording, can_be_mended, show};
use super::sign_up::WAITING;
use super::turn::check;
use crate::accounts::Verified;
use crate::app::App;
use crate::base::{Refusal, Result, Secret, Stop};
use crate::http::page::{brand_of, here, words_for};
use crate::http::routes::{LOGIN, VERIFY_PAGE};
use crate::http::{Browser, Caller, Form, PageError, Query, Tenant};

/// `GET {T}/verify-email?token=…`; without a link it is the page that sends one.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    match query.get("token") {
        Some(token) => page(&app, (&tenant, &browser), token, None).await,
        None => ask(&tenant, &browser, Wanted::Verification, ("", None)).await,
    }
}

/// `POST {T}/verify-email`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    (headers, caller): (HeaderMap, Caller),
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let Some(token) = form.get("token") else {
        return send(&app, (&tenant, &browser), Wanted::Verification, (&form, &caller)).await;
    };
    let password = form.raw("password").map(Secret::new);
    match app.accounts.verify_email(&tenant, &Secret::new(token), password.as_ref(), &caller.0).await {
        Ok(verified) => done(&tenant, &browser, verified).await,
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
    let checked = app.accounts.check_verification(tenant, &Secret::new(token)).await?;
    let words = words_for(tenant);
    let wording = Wording {
        page: "verify-email",
        path: VERIFY_PAGE,
        title: words.say("verify-title"),
        text: words.tell2("verify-text", "email", &checked.email_masked, "tenant", &tenant.name),
        button: words.say("verify-submit"),
        password: checked.password_required,
        name: false,
    };
    show(tenant, browser, (wording, token), refused).await
}

/// Back to the application that waits in this browser, else to where the tenant sends its people, else to sign-in.
async fn done(tenant: &Tenant, browser: &Browser, verified: Verified) -> Result<Response, PageError> {
    let brand = brand_of(tenant);
    let login = here(tenant, LOGIN);
    let waiting = browser.take::<String>(WAITING).await?;
    let next = match (waiting, verified.redirect_url) {
        (Some(reference), _) => format!("{login}?request={reference}"),
        (None, Some(url)) => url,
        (None, None) => login,
    };
    let page = DonePage {
        page: "verified",
        title: brand.words.say("verified-title"),
        text: brand.words.say("verified-text"),
        note: verified.username_taken.then(|| brand.words.say("verified-username-taken")),
        next: Some((next, brand.words.say("verified-next"))),
        brand,
    };
    Ok(page.answer().into_response())
}
