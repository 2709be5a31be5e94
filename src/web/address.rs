//! The pages that ask for an address to send a link to: a forgotten password, a verification that did not arrive. What
//! they answer is the same for every address (W-009).

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::done::DonePage;
use super::mailed_link::status_of;
use super::turn::check;
use crate::app::App;
use crate::base::{Code, Email, Params, Refusal, Result, Stop};
use crate::frame::{Brand, Words};
use crate::http::page::{brand_of, here};
use crate::http::routes::{FORGOT_PAGE, LOGIN, VERIFY_PAGE};
use crate::http::{Browser, Caller, Form, Page, PageError, Tenant};

/// What the link is for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// A new password.
    Password,
    /// The proof of the address.
    Verification,
}

/// `GET {T}/forgot-password`.
pub async fn get(tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    show(&tenant, &browser, Wanted::Password, ("", None)).await
}

/// `POST {T}/forgot-password`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    (headers, caller): (HeaderMap, Caller),
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    send(&app, (&tenant, &browser), Wanted::Password, (&form, &caller)).await
}

/// Sends a link to the address in the form, if there is somebody to send it to, and says so either way.
pub async fn send(
    app: &App,
    (tenant, browser): (&Tenant, &Browser),
    wanted: Wanted,
    (form, caller): (&Params, &Caller),
) -> Result<Response, PageError> {
    let typed = form.raw("email").unwrap_or_default();
    let Ok(email) = typed.parse::<Email>() else {
        let refusal = Refusal::new(Code::Unprocessable, "this is not an e-mail address");
        return show(tenant, browser, wanted, (typed, Some(refusal))).await;
    };
    let sent = match wanted {
        Wanted::Password => app.accounts.forgot_password(tenant, &email, &caller.0).await,
        Wanted::Verification => app.accounts.resend_verification(tenant, &email, &caller.0).await,
    };
    match sent {
        Ok(()) => Ok(sent_page(tenant, &email).answer().into_response()),
        Err(Stop::Refused(refusal)) => show(tenant, browser, wanted, (typed, Some(refusal))).await,
        Err(fault) => Err(fault.into()),
    }
}

/// What everybody sees who asked for a mail.
#[must_use]
pub fn sent_page(tenant: &Tenant, email: &Email) -> DonePage {
    let brand = brand_of(tenant);
    DonePage {
        page: "mail-sent",
        title: brand.words.say("mail-sent-title"),
        text: brand.words.tell("mail-sent-text", "email", email.as_str()),
        note: Some(brand.words.say("mail-sent-note")),
        next: None,
        brand,
    }
}

/// The page, with what was typed before and why it was refused.
pub async fn show(
    tenant: &Tenant,
    browser: &Browser,
    wanted: Wanted,
    (email, refused): (&str, Option<Refusal>),
) -> Result<Response, PageError> {
    let brand = brand_of(tenant);
    let (page, path, title, text) = wanted.wording(brand.words);
    let status = status_of(refused.as_ref());
    let page = AddressPage {
        page,
        title,
        text,
        action: here(tenant, path),
        csrf: browser.csrf().await?,
        email: email.to_owned(),
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        login_href: here(tenant, LOGIN),
        brand,
    };
    Ok(Page::new(page).status(status).into_response())
}

impl Wanted {
    fn wording(self, words: Words) -> (&'static str, &'static str, String, String) {
        match self {
            Self::Password => ("forgot-password", FORGOT_PAGE, words.say("forgot-title"), words.say("forgot-text")),
            Self::Verification => ("verify-again", VERIFY_PAGE, words.say("again-title"), words.say("again-text")),
        }
    }
}

/// The form. What it sends back is `csrf` and `email`.
#[derive(Template)]
#[template(path = "pages/address.html")]
pub struct AddressPage {
    /// The tenant.
    pub brand: Brand,
    /// The page's name for programs.
    pub page: &'static str,
    /// Its heading.
    pub title: String,
    /// What will be sent.
    pub text: String,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// What was typed before.
    pub email: String,
    /// Why the last try did not succeed.
    pub error: Option<String>,
    /// The way back.
    pub login_href: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

    fn page(text: &str) -> AddressPage {
        let text = || text.to_owned();
        let (title, said, action, csrf) = (text(), text(), text(), text());
        let (email, error, login_href) = (text(), Some(text()), text());
        let page = "forgot-password";
        AddressPage { brand: brand(), page, title, text: said, action, csrf, email, error, login_href }
    }

    #[test]
    fn the_page_asks_for_an_address() {
        let html = save("address", &page("Forgotten"));
        let hooks = [r#"<form id="address-form""#, r#"id="email" name="email""#, r#"id="address-submit""#];
        assert_hooks(&html, &hooks);
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        assert_harmless(&page(HOSTILE));
    }
}
