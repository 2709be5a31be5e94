//! Whatever one signs in with, at one glance: `{T}/account/security`. Each line leads to the page of its task.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::shell::{Section, Shell, visitor};
use crate::accounts::factors::Overview;
use crate::app::App;
use crate::frame::{Brand, Words};
use crate::http::page::{brand_of, here};
use crate::http::routes::{
    ACCOUNT_AUTHENTICATOR, ACCOUNT_EMAIL, ACCOUNT_IDENTITIES, ACCOUNT_PASSKEYS, ACCOUNT_PASSWORD, ACCOUNT_SECURITY,
};
use crate::http::{Browser, Page, PageError, Query, Tenant};
use crate::store::people::Described;

/// Shows it.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_SECURITY).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let person = app.people.describe(&tenant, &who.user.id).await?;
    let held = app.factors.overview(&tenant, &who.user).await?;
    let brand = brand_of(&tenant);
    let page = SecurityPage {
        shell: Shell::new(&tenant, brand.words, Section::Security),
        lines: [lines(&tenant, brand.words, &person), factors(&tenant, brand.words, &held)].concat(),
        saved: query.get("saved").is_some(),
        brand,
    };
    Ok(Page::new(page).into_response())
}

fn lines(tenant: &Tenant, words: Words, person: &Described) -> Vec<Line> {
    let user = &person.user;
    let email = user.email.as_ref().map(|email| email.as_str().to_owned());
    let verified =
        if user.email_verified.0 { words.say("account-email-verified") } else { words.say("account-email-unverified") };
    let password =
        if person.has_password.0 { words.say("account-password-set") } else { words.say("account-password-none") };
    vec![
        Line {
            title: words.say("account-email"),
            text: email.unwrap_or_else(|| words.say("account-email-none")),
            tag: user.email.is_some().then_some((verified, user.email_verified.0)),
            href: Some(here(tenant, ACCOUNT_EMAIL)),
        },
        Line {
            title: words.say("account-password"),
            text: password,
            tag: None,
            href: Some(here(tenant, ACCOUNT_PASSWORD)),
        },
    ]
}

fn factors(tenant: &Tenant, words: Words, held: &Overview) -> Vec<Line> {
    let line = |title: &str, text: String, path: &str| Line {
        title: words.say(title),
        text,
        tag: None,
        href: Some(here(tenant, path)),
    };
    let passkeys = match held.passkeys.len() {
        0 => words.say("account-passkeys-none"),
        some => some.to_string(),
    };
    let app = if held.totp.is_some() { "account-authenticator-on" } else { "account-authenticator-off" };
    let elsewhere = words.say("account-identities-line");
    vec![
        line("account-passkeys", passkeys, ACCOUNT_PASSKEYS),
        line("account-authenticator", words.say(app), ACCOUNT_AUTHENTICATOR),
        line("account-identities", elsewhere, ACCOUNT_IDENTITIES),
    ]
}

/// One way to sign in.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is.
    pub title: String,
    /// How it stands.
    pub text: String,
    /// A word about it, and whether that is good.
    pub tag: Option<(String, bool)>,
    /// The page where it changes.
    pub href: Option<String>,
}

/// The list.
#[derive(Template)]
#[template(path = "pages/account_security.html")]
pub struct SecurityPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Whether something was changed just now.
    pub saved: bool,
    /// One per way.
    pub lines: Vec<Line>,
}
