//! All tenants, for operators: `{P}/console/tenants`, found by a part of their name.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Halt, Operator};
use super::list::{Asked, Entry, Pager};
use super::shell::Shell;
use crate::app::App;
use crate::frame::{Brand, When, Words};
use crate::http::routes::{CONSOLE_NEW_TENANT, CONSOLE_TENANTS};
use crate::http::{Page, Query};
use crate::store::tenants::{Tenant, TenantStatus};

/// Shows a page of them.
pub async fn get(State(app): State<App>, operator: Operator, Query(query): Query) -> Result<Response, Halt> {
    let (asked, path) = (Asked::read(&query), operator.home.path(CONSOLE_TENANTS));
    let mut found = app.tenants.search(&asked.search, &asked.after, asked.limit()).await?;
    let pager = Pager::of(&path, &asked, &[], &mut found, |tenant| tenant.slug.to_string());
    let (brand, now) = (operator.home.brand(), app.clock.now());
    let row = |tenant: &Tenant| Entry {
        id: tenant.slug.to_string(),
        named: true,
        href: format!("{path}/{}", tenant.slug),
        title: tenant.name.clone(),
        at: Some(When::new(brand.words, tenant.created_at, now)),
        tags: vec![(status_word(brand.words, tenant.status), tenant.status != TenantStatus::Active)],
        ..Entry::default()
    };
    let page = TenantsPage {
        shell: Shell::of_platform(&operator, "console-tenants", &query).await?,
        rows: found.iter().map(row).collect(),
        new_href: operator.home.path(CONSOLE_NEW_TENANT),
        search: asked.search,
        pager,
        brand,
    };
    Ok(Page::new(page).into_response())
}

/// Whether a tenant answers, in a word.
#[must_use]
pub fn status_word(words: Words, status: TenantStatus) -> String {
    words.say(match status {
        TenantStatus::Active => "console-active",
        TenantStatus::Suspended => "console-suspended",
        TenantStatus::Deleted => "console-deleted",
    })
}

/// The list.
#[derive(Template)]
#[template(path = "pages/console/tenants.html")]
pub struct TenantsPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// What was looked for.
    pub search: String,
    /// The way to a new one.
    pub new_href: String,
    /// What was found.
    pub rows: Vec<Entry>,
    /// The links below.
    pub pager: Pager,
}
