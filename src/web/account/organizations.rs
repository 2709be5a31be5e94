//! Where somebody belongs: `{T}/account/organizations`.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::shell::{Section, Shell, visitor};
use crate::app::App;
use crate::base::{Actor, Code, Params, Refusal, Result, Stop};
use crate::frame::{Brand, Words};
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::ACCOUNT_ORGANIZATIONS;
use crate::http::{Browser, Form, Page, PageError, Tenant};
use crate::organizations::Who;
use crate::sessions::SignedIn;
use crate::store::organization_members::BUILT_IN_ROLES;
use crate::store::organizations::OrganizationStatus;
use crate::web::turn::check;

/// Most organizations on the page.
const MOST: i64 = 200;

/// Shows them.
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    match visitor((&app, &tenant, &browser), ACCOUNT_ORGANIZATIONS).await? {
        Ok(who) => show((&app, &tenant, &browser), &who, None).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Accepts or declines an invitation, joins or leaves.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_ORGANIZATIONS).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match act(&app, &tenant, &who, &form).await {
        Ok(()) => see_other(&here(&tenant, ACCOUNT_ORGANIZATIONS)),
        // Somebody was faster; what is wanted is so, or cannot be.
        Err(Stop::Refused(refusal)) => show((&app, &tenant, &browser), &who, Some(refusal)).await,
        Err(stop) => Err(stop.into()),
    }
}

async fn act(app: &App, tenant: &Tenant, who: &SignedIn, form: &Params) -> Result<()> {
    let invitation = form.get("invitation").unwrap_or_default();
    let organization = form.get("organization").unwrap_or_default();
    let asks = asks(who);
    match form.require("do")? {
        "accept" => app.accounts.accept_waiting(tenant, (&who.user, invitation), &origin()).await,
        "decline" => app.accounts.decline(tenant, (&who.user, invitation), &origin()).await,
        "join" => app.organizations.join((tenant, &asks), organization).await.map(drop),
        "leave" => {
            app.organizations.leave((tenant, &asks), organization).await?;
            app.tokens.catch_up().await
        }
        _ => Err(Stop::refuse(Code::InvalidRequest, "the form says nothing that can be done")),
    }
}

fn asks(who: &SignedIn) -> Who {
    let actor = Actor { id: who.user.id.to_string(), origin: origin() };
    Who { user: Some(who.user.clone()), bound: None, actor }
}

async fn show(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    who: &SignedIn,
    refused: Option<Refusal>,
) -> Result<Response, PageError> {
    let brand = brand_of(tenant);
    let words = brand.words;
    let own = app.organizations.own(tenant, &asks(who), "", ("", MOST)).await?;
    let waiting = app.accounts.waiting_for(tenant, &who.user).await?;
    let joinable = app.organizations.joinable(tenant, &who.user).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = OrganizationsPage {
        shell: Shell::new(tenant, words, Section::Organizations),
        action: here(tenant, ACCOUNT_ORGANIZATIONS),
        csrf: browser.csrf().await?,
        error: refused.map(|refusal| words.refusal(&refusal)),
        organizations: own
            .into_iter()
            .map(|inside| Row {
                id: inside.organization.id.to_string(),
                name: inside.organization.name,
                role: role_in_words(words, inside.role.as_deref().unwrap_or_default()),
                suspended: inside.organization.status == OrganizationStatus::Suspended,
            })
            .collect(),
        waiting: waiting
            .into_iter()
            .map(|waiting| Row {
                id: waiting.invitation.id,
                name: waiting.organization.name,
                role: role_in_words(words, &waiting.invitation.organization_role),
                suspended: false,
            })
            .collect(),
        joinable: joinable
            .into_iter()
            .map(|one| Row { id: one.id.to_string(), name: one.name, role: String::new(), suspended: false })
            .collect(),
        brand,
    };
    Ok(Page::new(page).status(status).into_response())
}

/// A role as people read it; one of an organization's own has the name that it was given.
#[must_use]
pub fn role_in_words(words: Words, role: &str) -> String {
    if BUILT_IN_ROLES.contains(&role) { words.say(&format!("role-{role}")) } else { role.to_owned() }
}

/// An organization as it is shown.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the form names it, or the invitation, by.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What the person is or would be there.
    pub role: String,
    /// Whether nothing can be done in it.
    pub suspended: bool,
}

/// The lists. Their forms send back `csrf`, `do`, and `organization` or `invitation`.
#[derive(Template)]
#[template(path = "pages/account_organizations.html")]
pub struct OrganizationsPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the forms go.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// Why something was not done.
    pub error: Option<String>,
    /// Where the person belongs.
    pub organizations: Vec<Row>,
    /// The invitations that wait.
    pub waiting: Vec<Row>,
    /// What takes people with an address like theirs.
    pub joinable: Vec<Row>,
}
