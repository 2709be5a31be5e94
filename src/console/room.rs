//! How much of everything a tenant may have, and has: `{console}/plan` of a tenant. Operators give it another plan here.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::needs::{Platform, SeeTenant};
use super::shell::{Shell, done};
use super::terms::{LIMITS, limit_of};
use crate::app::App;
use crate::base::{Params, Refusal, Result};
use crate::frame::{Brand, Words};
use crate::http::answer::see_other;
use crate::http::bearer::RequiredScope;
use crate::http::routes::CONSOLE_PLAN;
use crate::http::{Page, Query};
use crate::store::tenants::Tenant;

/// Shows it.
pub async fn get(State(app): State<App>, admin: Admin<SeeTenant>, Query(query): Query) -> Result<Response, Halt> {
    page(&app, &admin, &query, None).await
}

/// Gives another plan.
pub async fn post(State(app): State<App>, admin: Admin<Platform>, Sent(form): Sent) -> Result<Response, Halt> {
    match outcome(give(&app, &admin, &form).await)? {
        Ok(_) => Ok(see_other(&done(&admin.path(CONSOLE_PLAN), "saved"))?),
        Err(refusal) => page(&app, &admin, &form, Some(&refusal)).await,
    }
}

async fn give(app: &App, admin: &Admin<Platform>, form: &Params) -> Result<Tenant> {
    let plan = form.get("plan").filter(|key| !key.is_empty());
    app.tenants.give_plan(&app.clock, &admin.tenant, plan, &admin.actor()).await
}

async fn page<S: RequiredScope>(
    app: &App,
    admin: &Admin<S>,
    query: &Params,
    refusal: Option<&Refusal>,
) -> Result<Response, Halt> {
    let brand = admin.brand();
    let tenant = app.tenants.any(admin.tenant.id.as_str()).await?;
    let has = tenant.held.plan.clone();
    let all = if admin.home.of_operators { app.tenants.plans().await? } else { Vec::new() };
    let plans = all.into_iter().map(|plan| (has.as_ref() == Some(&plan.key), plan.key)).collect();
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let page = RoomPage {
        shell: Shell::of_tenant(admin, "console-plan", query).await?.refused(brand.words, refusal),
        name: tenant.held.terms.as_ref().map(|terms| terms.name.clone()).filter(|name| !name.is_empty()),
        rows: rows(app, &tenant, brand.words).await?,
        plan: has,
        plans,
        may_give: admin.home.of_operators,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// Each limit: its name, its word, how much of it there is, and whether that is all of it.
async fn rows(app: &App, tenant: &Tenant, words: Words) -> Result<Vec<Row>> {
    let (used, limits) = (app.tenants.usage(&app.clock, &tenant.id).await?, tenant.held.allowance());
    let (documents, files) = (app.documents.usage(&tenant.id).await?, app.files.usage_of(&tenant.id).await?);
    let row = |(name, word): (&'static str, &str)| {
        let limit = limit_of(&limits, name);
        let used = match name {
            "documents" => Some(documents.documents),
            "bytes" => Some(files.bytes),
            counted => used.get(counted).copied(),
        };
        let unlimited = || words.say("console-unlimited");
        Row {
            name,
            word: words.say(word),
            text: match (used, limit) {
                (Some(used), Some(limit)) => words.tell2("console-used", "used", used, "limit", limit.to_string()),
                (Some(used), None) => format!("{used} · {}", unlimited()),
                (None, limit) => limit.map_or_else(unlimited, |limit| limit.to_string()),
            },
            full: limit.zip(used).is_some_and(|(limit, used)| u64::try_from(used).is_ok_and(|used| used >= limit)),
        }
    };
    Ok(LIMITS.map(row).to_vec())
}

/// A limit and what is used of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name in plans.
    pub name: &'static str,
    /// In a word.
    pub word: String,
    /// How much of it there is.
    pub text: String,
    /// Whether that is all.
    pub full: bool,
}

/// The page. Its form sends back `csrf` and `plan`; empty: the usual one.
#[derive(Template)]
#[template(path = "pages/console/room.html")]
pub struct RoomPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The key of the plan.
    pub plan: Option<String>,
    /// Its name for people.
    pub name: Option<String>,
    /// Limits and usage.
    pub rows: Vec<Row>,
    /// The plans to choose from: whether it is this tenant's, and its key.
    pub plans: Vec<(bool, String)>,
    /// Whether the visitor may give one.
    pub may_give: bool,
}
