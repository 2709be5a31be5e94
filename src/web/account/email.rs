//! Another e-mail address: `{T}/account/email`. It becomes the account's when the mail to it is answered.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::password::entitled;
use super::shell::{Section, Shell};
use crate::app::App;
use crate::base::{Code, Email, Refusal, Secret, Stop};
use crate::frame::Brand;
use crate::http::page::{brand_of, here};
use crate::http::routes::{ACCOUNT_EMAIL, ACCOUNT_SECURITY};
use crate::http::{Browser, Caller, Form, Page, PageError, Tenant};
use crate::web::turn::check;

/// Shows the form.
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    match entitled((&app, &tenant, &browser), ACCOUNT_EMAIL).await? {
        Ok((who, has)) => {
            let page = page(&tenant, &browser, (who.user.email.as_ref().map(Email::as_str), has)).await?;
            Ok(Page::new(page).into_response())
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Asks the new address.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    (headers, caller): (HeaderMap, Caller),
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let (who, has) = match entitled((&app, &tenant, &browser), ACCOUNT_EMAIL).await? {
        Ok(entitled) => entitled,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let typed = form.get("email").unwrap_or_default();
    let current = form.raw("current_password").filter(|_| has).map(Secret::new);
    let done = match typed.parse::<Email>() {
        Ok(email) => app.accounts.change_email(&tenant, &who.user, (current.as_ref(), &email), &caller.0).await,
        Err(_) => Err(Stop::refuse(Code::Unprocessable, "this is not an e-mail address")),
    };
    let page = page(&tenant, &browser, (who.user.email.as_ref().map(Email::as_str), has)).await?;
    match done {
        Ok(()) => Ok(Page::new(EmailPage { sent_to: Some(typed.to_owned()), ..page }).into_response()),
        Err(Stop::Refused(refusal)) => Ok(refused(page, typed, &refusal)),
        Err(fault) => Err(fault.into()),
    }
}

fn refused(page: EmailPage, typed: &str, refusal: &Refusal) -> Response {
    let error = Some(page.brand.words.refusal(refusal));
    let status = StatusCode::from_u16(refusal.code.status()).unwrap_or_default();
    Page::new(EmailPage { error, email: typed.to_owned(), ..page }).status(status).into_response()
}

async fn page(tenant: &Tenant, browser: &Browser, (now, has): (Option<&str>, bool)) -> Result<EmailPage, PageError> {
    let brand = brand_of(tenant);
    Ok(EmailPage {
        shell: Shell::new(tenant, brand.words, Section::Security),
        action: here(tenant, ACCOUNT_EMAIL),
        csrf: browser.csrf().await?,
        back: here(tenant, ACCOUNT_SECURITY),
        now: now.map(str::to_owned),
        email: String::new(),
        has,
        sent_to: None,
        error: None,
        brand,
    })
}

/// The form. What it sends back is `csrf`, `email` and `current_password`.
#[derive(Template)]
#[template(path = "pages/account_email.html")]
pub struct EmailPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// Where it goes on when nothing changes.
    pub back: String,
    /// The address as it is.
    pub now: Option<String>,
    /// What was typed before.
    pub email: String,
    /// Whether there is a password to show.
    pub has: bool,
    /// Where a mail was sent just now.
    pub sent_to: Option<String>,
    /// Why it was not done.
    pub error: Option<String>,
}
