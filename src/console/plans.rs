//! The plans of tenants, for operators: `{P}/console/plans`, and one of them, `{P}/console/plans/{key}`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Halt, Operator, Sent, outcome};
use super::list::Entry;
use super::shell::{Shell, done};
use super::terms::{LIMITS, Typed, limit_of};
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Stop};
use crate::frame::{Brand, Words};
use crate::http::answer::see_other;
use crate::http::routes::CONSOLE_PLANS;
use crate::http::{Page, Query, Segments};
use crate::store::Json;
use crate::store::tenant_plans::{TenantPlan, Terms};

/// Shows them: there are few, which operators made.
pub async fn get(State(app): State<App>, operator: Operator, Query(query): Query) -> Result<Response, Halt> {
    let brand = operator.home.brand();
    let typed = Typed::of("", &Terms::default(), brand.words);
    list(&app, &operator, (typed, &query), None).await
}

/// Makes one.
pub async fn post(State(app): State<App>, operator: Operator, Sent(form): Sent) -> Result<Response, Halt> {
    let typed = Typed::sent(&form, operator.home.brand().words);
    match outcome(make(&app, &operator, &typed).await)? {
        Ok(()) => Ok(see_other(&done(&operator.home.path(CONSOLE_PLANS), "created"))?),
        Err(refusal) => list(&app, &operator, (typed, &form), Some(&refusal)).await,
    }
}

async fn make(app: &App, operator: &Operator, typed: &Typed) -> Result<()> {
    app.tenants.make_plan(&app.clock, (&typed.key, &typed.terms()?), &operator.actor()).await?;
    app.payments.tenant_plans_changed().await
}

/// Shows one.
pub async fn one(
    State(app): State<App>,
    operator: Operator,
    Segments([key]): Segments<1>,
    Query(query): Query,
) -> Result<Response, Halt> {
    let plan = app.tenants.plan(&key).await?;
    let typed = Typed::of(&key, &plan.terms, operator.home.brand().words);
    form(&operator, (typed, plan.version), &query, None).await
}

/// Changes or deletes it.
pub async fn change(
    State(app): State<App>,
    operator: Operator,
    Segments([key]): Segments<1>,
    Sent(sent): Sent,
) -> Result<Response, Halt> {
    let plan = app.tenants.plan(&key).await?;
    let version = sent.get("version").and_then(|version| version.parse().ok()).unwrap_or(plan.version);
    let typed = Typed { key, ..Typed::sent(&sent, operator.home.brand().words) };
    let here = operator.home.path(CONSOLE_PLANS);
    match outcome(act(&app, &operator, (&typed, TenantPlan { version, ..plan }), &sent).await)? {
        Ok("deleted") => Ok(see_other(&done(&here, "deleted"))?),
        Ok(what) => Ok(see_other(&done(&format!("{here}/{}", typed.key), what))?),
        Err(refusal) => form(&operator, (typed, version), &sent, Some(&refusal)).await,
    }
}

async fn act(
    app: &App,
    operator: &Operator,
    (typed, plan): (&Typed, TenantPlan),
    sent: &Params,
) -> Result<&'static str> {
    match sent.get("do") {
        Some("delete") => {
            app.tenants.delete_plan(&app.clock, &plan.key, &operator.actor()).await?;
            Ok("deleted")
        }
        Some("save") => {
            let changed = TenantPlan { terms: Json(typed.terms()?), ..plan };
            app.tenants.change_plan(&app.clock, &changed, &operator.actor()).await?;
            app.payments.tenant_plans_changed().await?;
            Ok("saved")
        }
        _ => Err(Stop::refuse(Code::InvalidRequest, "the request cannot be understood")),
    }
}

async fn list(
    app: &App,
    operator: &Operator,
    (typed, query): (Typed, &Params),
    refusal: Option<&Refusal>,
) -> Result<Response, Halt> {
    let (brand, path) = (operator.home.brand(), operator.home.path(CONSOLE_PLANS));
    let row = |plan: TenantPlan| Entry {
        href: format!("{path}/{}", plan.key),
        named: true,
        notes: in_words(&plan.terms, brand.words),
        tags: plan.terms.is_for_sale().then(|| (brand.words.say("console-for-sale"), false)).into_iter().collect(),
        title: if plan.terms.name.is_empty() { plan.key.clone() } else { plan.terms.0.name },
        id: plan.key,
        at: None,
    };
    let page = PlansPage {
        shell: Shell::of_platform(operator, "console-plans", query).await?.refused(brand.words, refusal),
        rows: app.tenants.plans().await?.into_iter().map(row).collect(),
        typed,
        brand,
    };
    Ok(answer(Page::new(page), refusal))
}

async fn form(
    operator: &Operator,
    (typed, version): (Typed, i64),
    query: &Params,
    refusal: Option<&Refusal>,
) -> Result<Response, Halt> {
    let brand = operator.home.brand();
    let shell = Shell::of_platform(operator, "console-plans", query).await?.refused(brand.words, refusal);
    Ok(answer(Page::new(PlanPage { brand, shell, version, typed }), refusal))
}

fn answer<T: Template>(page: Page<T>, refusal: Option<&Refusal>) -> Response {
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    page.status(StatusCode::from_u16(status).unwrap_or_default()).into_response()
}

/// The limits that there are, in words.
fn in_words(terms: &Terms, words: Words) -> String {
    let limit = |(name, word)| limit_of(&terms.limits, name).map(|limit| format!("{}: {limit}", words.say(word)));
    let all: Vec<_> = LIMITS.into_iter().filter_map(limit).collect();
    if all.is_empty() { words.say("console-unlimited") } else { all.join(" · ") }
}

/// The list, and the form for another. It sends back `csrf` and what [`Typed`] has.
#[derive(Template)]
#[template(path = "pages/console/plans.html")]
pub struct PlansPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// All of them.
    pub rows: Vec<Entry>,
    /// What is typed.
    pub typed: Typed,
}

/// The form of one. It sends back `csrf`, `version`, what [`Typed`] has, and `do` (`save` or `delete`).
#[derive(Template)]
#[template(path = "pages/console/plan.html")]
pub struct PlanPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The version that is changed.
    pub version: i64,
    /// What is typed.
    pub typed: Typed,
}
