//! A tenant's organizations: `{console}/organizations`, found by a part of their name.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::list::{Asked, Entry, Pager};
use super::needs::{ChangeTenant, SeeTenant};
use super::shell::{Shell, done};
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Stop};
use crate::frame::{Brand, When};
use crate::http::answer::see_other;
use crate::http::bearer::RequiredScope;
use crate::http::routes::CONSOLE_ORGANIZATIONS;
use crate::http::{Page, Query};
use crate::organizations::{Inside, New, Who};
use crate::store::organizations::OrganizationStatus;

/// As whom a visitor of the console does something in organizations: an operator governs like a program.
pub(super) fn who<S>(admin: &Admin<S>) -> Who {
    let user = Some(admin.who.user.clone()).filter(|_| !admin.home.of_operators);
    Who { user, bound: None, actor: admin.actor() }
}

/// Shows a page of them.
pub async fn get(State(app): State<App>, admin: Admin<SeeTenant>, Query(query): Query) -> Result<Response, Halt> {
    page(&app, &admin, &query, None).await
}

/// Makes one, which belongs to somebody.
pub async fn post(State(app): State<App>, admin: Admin<ChangeTenant>, Sent(form): Sent) -> Result<Response, Halt> {
    match outcome(create(&app, &admin, &form).await)? {
        Ok(made) => {
            let path = format!("{}/{}", admin.path(CONSOLE_ORGANIZATIONS), made.organization.id);
            Ok(see_other(&done(&path, "created"))?)
        }
        Err(refusal) => page(&app, &admin, &form, Some(&refusal)).await,
    }
}

async fn create(app: &App, admin: &Admin<ChangeTenant>, form: &Params) -> Result<Inside> {
    let text = |name: &str| form.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let nobody = || Stop::refuse(Code::Unprocessable, "an organization needs an owner: somebody who has an account");
    let owner = match text("owner") {
        Some(typed) => Some(app.accounts.look_up(&admin.tenant, &typed).await?.id),
        None if admin.home.of_operators => return Err(nobody()),
        None => None,
    };
    let new =
        New { name: text("name").unwrap_or_default(), slug: text("slug"), metadata: serde_json::Map::new(), owner };
    app.organizations.create(&admin.tenant, new, &who(admin)).await
}

async fn page<S: RequiredScope>(
    app: &App,
    admin: &Admin<S>,
    query: &Params,
    refusal: Option<&Refusal>,
) -> Result<Response, Halt> {
    let (asked, brand, now) = (Asked::read(query), admin.brand(), app.clock.now());
    let path = admin.path(CONSOLE_ORGANIZATIONS);
    let from = (asked.after.as_str(), asked.limit());
    let mut found = app.organizations.page(&admin.tenant, &who(admin), &asked.search, from).await?;
    let pager = Pager::of(&path, &asked, &[], &mut found, |inside| inside.organization.id.to_string());
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let text = |name: &str| refusal.and_then(|_| query.get(name)).unwrap_or_default().to_owned();
    let suspended = |inside: &Inside| inside.organization.status == OrganizationStatus::Suspended;
    let row = |inside: &Inside| Entry {
        id: inside.organization.slug.to_string(),
        named: true,
        href: format!("{path}/{}", inside.organization.id),
        title: inside.organization.name.clone(),
        at: Some(When::new(brand.words, inside.organization.created_at, now)),
        tags: suspended(inside).then(|| (brand.words.say("console-suspended"), true)).into_iter().collect(),
        ..Entry::default()
    };
    let page = OrganizationsPage {
        shell: Shell::of_tenant(admin, "console-organizations", query).await?.refused(brand.words, refusal),
        rows: found.iter().map(row).collect(),
        may_change: admin.may("tenant:write"),
        name: text("name"),
        owner: text("owner"),
        search: asked.search,
        pager,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// The list, and the form for another. It sends back `csrf`, `name` and `owner`.
#[derive(Template)]
#[template(path = "pages/console/organizations.html")]
pub struct OrganizationsPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// What was looked for.
    pub search: String,
    /// What was found.
    pub rows: Vec<Entry>,
    /// Whether the visitor may make one.
    pub may_change: bool,
    /// Its name.
    pub name: String,
    /// Whose it will be.
    pub owner: String,
    /// The links below.
    pub pager: Pager,
}
