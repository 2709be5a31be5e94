//! What applications may do: `{T}/account/applications`.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::shell::{Section, Shell, visitor};
use crate::app::App;
use crate::base::{Actor, ClientId, Code, Refusal, Stop};
use crate::frame::{Brand, Link, Words};
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::ACCOUNT_APPLICATIONS;
use crate::http::{Browser, Form, Page, PageError, Tenant};
use crate::people::Application;
use crate::web::consent::ShownScope;
use crate::web::turn::check;

/// Shows them.
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_APPLICATIONS).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let brand = brand_of(&tenant);
    let found = app.people.applications(&tenant, &who.user.id).await?;
    let page = ApplicationsPage {
        shell: Shell::new(&tenant, brand.words, Section::Applications),
        action: here(&tenant, ACCOUNT_APPLICATIONS),
        csrf: browser.csrf().await?,
        applications: found.iter().map(|found| row(brand.words, found)).collect(),
        brand,
    };
    Ok(Page::new(page).into_response())
}

/// Takes back what one was given.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_APPLICATIONS).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let by = Actor { id: who.user.id.to_string(), origin: origin() };
    let named = form.get("client").map(ClientId::from);
    let client = named.ok_or_else(|| Refusal::new(Code::InvalidRequest, "the form names no application"))?;
    match app.people.end_application(&tenant, &who.user.id, &client, &by).await {
        // Somebody was faster; what is wanted is so.
        Err(Stop::Refused(refusal)) if refusal.code == Code::NotFound => {}
        done => done?,
    }
    see_other(&here(&tenant, ACCOUNT_APPLICATIONS))
}

fn row(words: Words, application: &Application) -> Row {
    Row {
        id: application.client_id.to_string(),
        name: application.name.clone(),
        logo: application.logo_uri.as_deref().and_then(Link::parse),
        may: application.scope.tokens().into_iter().map(|token| ShownScope::of(token, words).title).collect(),
        since: application.since.split('T').next().unwrap_or_default().to_owned(),
    }
}

/// An application as it is shown.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the form names it by.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its logo.
    pub logo: Option<Link>,
    /// What it may do, in words.
    pub may: Vec<String>,
    /// The day since which it may.
    pub since: String,
}

/// The list. Its forms send back `csrf` and `client`.
#[derive(Template)]
#[template(path = "pages/account_applications.html")]
pub struct ApplicationsPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the forms go.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// By name.
    pub applications: Vec<Row>,
}
