//! The end of an account, by its person: `{T}/account/delete`.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::shell::{Section, Shell, proven_visitor};
use crate::app::App;
use crate::base::{Actor, Code, Refusal, Stop};
use crate::frame::Brand;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::{ACCOUNT_DATA, ACCOUNT_DELETE};
use crate::http::{Browser, Form, Page, PageError, Tenant};
use crate::web::turn::check;

/// Asks, whoever proved lately who they are (W-026).
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    match proven_visitor((&app, &tenant, &browser), ACCOUNT_DELETE).await? {
        Ok(_) => ask(&tenant, &browser, None).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Does it.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let who = match proven_visitor((&app, &tenant, &browser), ACCOUNT_DELETE).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if form.get("sure") != Some("yes") {
        let unsure = Refusal::new(Code::Unprocessable, "tick the box to say that you are sure");
        return ask(&tenant, &browser, Some(unsure)).await;
    }
    let by = Actor { id: who.user.id.to_string(), origin: origin() };
    let until = match app.people.delete(&tenant, &who.user.id, &by).await {
        Ok(until) => until,
        Err(Stop::Refused(refusal)) => return ask(&tenant, &browser, Some(refusal)).await,
        Err(fault) => return Err(fault.into()),
    };
    browser.signed_out().await?;
    let until = until.rfc3339().split('T').next().unwrap_or_default().to_owned();
    Ok(Page::new(DeletedPage { brand: brand_of(&tenant), until }).into_response())
}

async fn ask(tenant: &Tenant, browser: &Browser, refused: Option<Refusal>) -> Result<Response, PageError> {
    let status = refused.as_ref().map_or(200, |refusal| refusal.code.status());
    let brand = brand_of(tenant);
    let page = DeletePage {
        shell: Shell::new(tenant, brand.words, Section::Data),
        action: here(tenant, ACCOUNT_DELETE),
        csrf: browser.csrf().await?,
        back: here(tenant, ACCOUNT_DATA),
        grace: brand.words.lifetime(tenant.settings.lifetimes.deletion_grace),
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// The question. What it sends back is `csrf` and `sure`.
#[derive(Template)]
#[template(path = "pages/account_delete.html")]
pub struct DeletePage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// Where it goes on when the person stays.
    pub back: String,
    /// How long it can be undone.
    pub grace: String,
    /// Why it was not done.
    pub error: Option<String>,
}

/// What is left.
#[derive(Template)]
#[template(path = "pages/account_deleted.html")]
pub struct DeletedPage {
    /// The tenant.
    pub brand: Brand,
    /// The day until which it can be undone.
    pub until: String,
}
