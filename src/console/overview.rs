//! What goes on in a tenant, at a glance: `{console}` of a tenant.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::chart::{Chart, first};
use super::desk::{Admin, Halt};
use super::needs::SeeTenant;
use super::shell::Shell;
use super::tenants::status_word;
use crate::app::App;
use crate::base::Result;
use crate::frame::{Brand, Words, size};
use crate::http::routes::{
    CONSOLE_CLIENTS, CONSOLE_INVITATIONS, CONSOLE_NEW_CLIENT, CONSOLE_USERS, OPENID_CONFIGURATION,
};
use crate::http::{Page, Query};
use crate::store::overviews;
use crate::store::tenants::{Tenant, TenantStatus};

/// Shows it.
pub async fn get(State(app): State<App>, admin: Admin<SeeTenant>, Query(query): Query) -> Result<Response, Halt> {
    let (brand, now) = (admin.brand(), app.clock.now());
    let found = overviews::by_day(&app.db, &admin.tenant.id, (first(now), now)).await?;
    let chart = |kind| Chart::new(brand.words, kind, &found, now);
    let page = OverviewPage {
        shell: Shell::of_tenant(&admin, "console-overview", &query).await?,
        charts: [
            chart(("sign-ins", "user.login", "console-sign-ins")),
            chart(("failures", "user.login_failed", "console-failures")),
            chart(("grants", "grant", "console-grants")),
        ],
        stored: stored(&app, &admin.tenant, brand.words).await?,
        tasks: tasks(&admin, brand.words),
        issuer: admin.tenant.issuer.clone(),
        discovery: format!("{}{OPENID_CONFIGURATION}", admin.tenant.issuer),
        status: status_word(brand.words, admin.tenant.status),
        active: admin.tenant.status == TenantStatus::Active,
        brand,
    };
    Ok(Page::new(page).into_response())
}

/// What documents and files take up.
async fn stored(app: &App, tenant: &Tenant, words: Words) -> Result<[String; 2]> {
    let documents = app.documents.usage(&tenant.id).await?;
    let files = app.files.usage_of(&tenant.id).await?;
    Ok([
        words.tell2("console-documents", "number", documents.documents, "size", size(documents.bytes)),
        words.tell2("console-files", "number", files.files, "size", size(files.bytes)),
    ])
}

/// What one mostly comes for.
fn tasks(admin: &Admin<SeeTenant>, words: Words) -> Vec<Task> {
    let all = [
        ("to-users", "users:read", CONSOLE_USERS, "console-users", "console-users-lead"),
        ("to-invite", "users:invite", CONSOLE_INVITATIONS, "console-invite", "console-invite-lead"),
        ("to-clients", "clients:read", CONSOLE_CLIENTS, "console-clients", "console-clients-lead"),
        ("to-new-client", "clients:write", CONSOLE_NEW_CLIENT, "console-new-client", "console-new-client-lead"),
    ];
    let open = all.into_iter().filter(|(_, scope, ..)| admin.may(scope));
    let task = |(id, _, page, title, text): (&'static str, &str, &str, &str, &str)| Task {
        id,
        href: admin.path(page),
        title: words.say(title),
        text: words.say(text),
    };
    open.map(task).collect()
}

/// A way to go on.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its element's id.
    pub id: &'static str,
    /// Where it leads.
    pub href: String,
    /// What it is.
    pub title: String,
    /// In a sentence.
    pub text: String,
}

/// The page.
#[derive(Template)]
#[template(path = "pages/console/overview.html")]
pub struct OverviewPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The last two weeks.
    pub charts: [Chart; 3],
    /// What documents and files take up.
    pub stored: [String; 2],
    /// Ways to go on.
    pub tasks: Vec<Task>,
    /// The tenant's issuer.
    pub issuer: String,
    /// Its discovery document.
    pub discovery: String,
    /// Whether it answers, in a word.
    pub status: String,
    /// Whether it does.
    pub active: bool,
}
