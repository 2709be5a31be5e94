//! All of one's data: `{T}/account/data`.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use super::shell::{Section, Shell, proven_visitor, visitor};
use crate::app::App;
use crate::base::Actor;
use crate::frame::Brand;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::{ACCOUNT_DATA, ACCOUNT_DELETE};
use crate::http::{Browser, Form, Page, PageError, Tenant};
use crate::web::turn::check;

/// Offers the copy, and the way to the end.
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    if let Err(elsewhere) = visitor((&app, &tenant, &browser), ACCOUNT_DATA).await? {
        return Ok(elsewhere);
    }
    let brand = brand_of(&tenant);
    let page = DataPage {
        shell: Shell::new(&tenant, brand.words, Section::Data),
        action: here(&tenant, ACCOUNT_DATA),
        csrf: browser.csrf().await?,
        delete_href: here(&tenant, ACCOUNT_DELETE),
        brand,
    };
    Ok(Page::new(page).into_response())
}

/// Sends the copy.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let who = match proven_visitor((&app, &tenant, &browser), ACCOUNT_DATA).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let by = Actor { id: who.user.id.to_string(), origin: origin() };
    let document = app.export(&tenant, &who.user.id, &by).await?;
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CONTENT_DISPOSITION, "attachment; filename=\"account.json\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, serde_json::to_string_pretty(&document)?).into_response())
}

/// The offer. Its form sends back `csrf`.
#[derive(Template)]
#[template(path = "pages/account_data.html")]
pub struct DataPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// To the end of the account.
    pub delete_href: String,
}
