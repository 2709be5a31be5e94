//! The description of the API as pages for people: what there is at a glance, to be searched, and each part in full
//! with parameters, bodies, answers and an example. Made of the very document that programs read; no script, no
//! foreign host.

mod example;
mod page;
mod read;
mod schema;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use self::page::DocsPage;
use self::read::Described;
use super::openapi;
use crate::app::App;
use crate::base::{Code, Refusal};
use crate::frame::Brand;
use crate::http::page::{brand_of, here, platform as of_platform};
use crate::http::routes::{API_DOCS, OPENAPI, PLATFORM_DOCS, PLATFORM_OPENAPI};
use crate::http::{Page, Query, Rejected, Tenant};

/// `GET {T}/api/v1/docs`
pub async fn tenant(tenant: Tenant, Query(asked): Query) -> Result<Response, Rejected> {
    let places = [here(&tenant, API_DOCS), here(&tenant, OPENAPI)];
    show(&openapi::document(&tenant), brand_of(&tenant), places, [asked.get("group"), asked.get("q")])
}

/// `GET {P}/api/v1/docs`
pub async fn platform(State(app): State<App>, Query(asked): Query) -> Result<Response, Rejected> {
    let document = openapi::platform_document(app.config.base());
    let places = [PLATFORM_DOCS.to_owned(), PLATFORM_OPENAPI.to_owned()];
    show(&document, of_platform(), places, [asked.get("group"), asked.get("q")])
}

fn show(
    document: &Value,
    brand: Brand,
    places: [String; 2],
    [group, sought]: [Option<&str>; 2],
) -> Result<Response, Rejected> {
    let described = Described::of(document);
    let page = DocsPage::new(described, brand, places);
    let page = match (group, sought) {
        (Some(group), _) => page.group(group).ok_or_else(|| Refusal::new(Code::NotFound, "there is no such part"))?,
        (None, sought) => page.search(sought.unwrap_or_default()),
    };
    Ok(Page::new(page).into_response())
}
