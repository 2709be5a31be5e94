//! One organization and its members: `{console}/organizations/{organization}`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::list::{Asked, Pager};
use super::needs::{ChangeTenant, SeeTenant};
use super::organizations::who;
use super::shell::{Shell, done};
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Stop, UserId};
use crate::frame::{Brand, When};
use crate::http::answer::see_other;
use crate::http::bearer::RequiredScope;
use crate::http::routes::{CONSOLE_ORGANIZATIONS, CONSOLE_USERS};
use crate::http::{Page, Query, Segments};
use crate::organizations::Inside;
use crate::store::organization_members::Member;
use crate::store::organizations::OrganizationStatus;

/// The roles that every organization has.
const ROLES: [&str; 4] = ["member", "guest", "admin", "owner"];

/// Shows it.
pub async fn get(
    State(app): State<App>,
    admin: Admin<SeeTenant>,
    Segments([id]): Segments<1>,
    Query(query): Query,
) -> Result<Response, Halt> {
    let inside = app.organizations.enter(&admin.tenant, &who(&admin), &id).await?;
    page(&app, &admin, &inside, (&query, None)).await
}

/// Adds or removes a member, suspends it or lets it act again.
pub async fn post(
    State(app): State<App>,
    admin: Admin<ChangeTenant>,
    Segments([id]): Segments<1>,
    Sent(form): Sent,
) -> Result<Response, Halt> {
    if form.get("do") == Some("suspend") {
        admin.lately(&app)?;
    }
    let inside = app.organizations.enter(&admin.tenant, &who(&admin), &id).await?;
    match outcome(act(&app, &admin, &id, &form).await)? {
        Ok(what) => {
            let path = format!("{}/{}", admin.path(CONSOLE_ORGANIZATIONS), inside.organization.id);
            Ok(see_other(&done(&path, what))?)
        }
        Err(refusal) => page(&app, &admin, &inside, (&form, Some(&refusal))).await,
    }
}

async fn act(app: &App, admin: &Admin<ChangeTenant>, id: &str, form: &Params) -> Result<&'static str> {
    let (by, tenant) = (who(admin), &admin.tenant.tenant);
    match form.get("do") {
        Some("add") => {
            let user = app.accounts.look_up(tenant, form.get("person").unwrap_or_default().trim()).await?;
            let role = form.get("role").unwrap_or("member");
            app.organizations.add((tenant, &by), id, (&user.id, role)).await.map(|_| "saved")
        }
        Some("remove") => {
            app.organizations.remove((tenant, &by), id, &UserId::from(form.require("person")?)).await.map(|()| "saved")
        }
        Some("suspend") => {
            app.organizations.set_status((tenant, &by), id, OrganizationStatus::Suspended).await.map(|_| "suspended")
        }
        Some("activate") => {
            app.organizations.set_status((tenant, &by), id, OrganizationStatus::Active).await.map(|_| "activated")
        }
        _ => Err(Stop::refuse(Code::InvalidRequest, "the request cannot be understood")),
    }
}

async fn page<S: RequiredScope>(
    app: &App,
    admin: &Admin<S>,
    inside: &Inside,
    (query, refusal): (&Params, Option<&Refusal>),
) -> Result<Response, Halt> {
    let (asked, brand, now) = (Asked::read(query), admin.brand(), app.clock.now());
    let action = format!("{}/{}", admin.path(CONSOLE_ORGANIZATIONS), inside.organization.id);
    let mut found = app.organizations.members(&admin.tenant, inside, (&asked.after, asked.limit())).await?;
    let pager = Pager::of(&action, &asked, &[], &mut found, |member| member.user_id.to_string());
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let users = admin.path(CONSOLE_USERS);
    let row = |member: &Member| Row {
        id: member.user_id.to_string(),
        href: format!("{users}/{}", member.user_id),
        account: member.email.as_ref().map_or_else(|| member.user_id.to_string(), |email| email.as_str().to_owned()),
        name: member.profile.name.clone(),
        role: member.role.clone(),
        since: When::new(brand.words, member.joined_at, now),
    };
    let page = OrganizationPage {
        shell: Shell::of_tenant(admin, "console-organizations", query).await?.refused(brand.words, refusal),
        rows: found.iter().map(row).collect(),
        name: inside.organization.name.clone(),
        slug: inside.organization.slug.to_string(),
        suspended: inside.organization.status == OrganizationStatus::Suspended,
        may_change: admin.may("tenant:write"),
        roles: ROLES,
        action,
        pager,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// A member in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who.
    pub id: String,
    /// Their page.
    pub href: String,
    /// What the account is called.
    pub account: String,
    /// The person's name.
    pub name: Option<String>,
    /// As what.
    pub role: String,
    /// Since when.
    pub since: When,
}

/// The page. Its forms send back `csrf` and `do` (`add` with `person` and `role`, `remove` with `person`, `suspend`,
/// `activate`).
#[derive(Template)]
#[template(path = "pages/console/organization.html")]
pub struct OrganizationPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// Where the forms go.
    pub action: String,
    /// Its name for people.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// Whether nothing can be done in it for now.
    pub suspended: bool,
    /// Whether the visitor may change it.
    pub may_change: bool,
    /// The roles to choose from.
    pub roles: [&'static str; 4],
    /// Its members.
    pub rows: Vec<Row>,
    /// The links below.
    pub pager: Pager,
}
