//! Plans of tenants: how much of everything a tenant may have, and which tenant has which.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::app::App;
use crate::base::{Code, Refusal, Result as Done, Stop};
use crate::http::bearer::Unproven;
use crate::http::{Body, Data, IfMatch, Operator, Segments};
use crate::query::update::patch::merge;
use crate::store::Json;
use crate::store::tenant_plans::{Allowance, TenantPlan, Terms};
use crate::store::tenants::Tenant;

/// A plan as it is shown.
#[derive(Debug, Serialize)]
pub struct Shown {
    key: String,
    #[serde(flatten)]
    terms: Terms,
    version: i64,
    created_at: String,
    updated_at: String,
}

impl Shown {
    fn of(plan: TenantPlan) -> Self {
        let TenantPlan { key, terms: Json(terms), version, created_at, updated_at } = plan;
        Self { key, terms, version, created_at: created_at.rfc3339(), updated_at: updated_at.rfc3339() }
    }
}

/// `GET {P}/api/v1/plans`: all of them, in the order of their keys.
pub async fn list(State(app): State<App>, _: Operator) -> Result<Data<Vec<Shown>>, Unproven> {
    Ok(Data::new(app.tenants.plans().await?.into_iter().map(Shown::of).collect()))
}

/// A plan to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    key: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    limits: Allowance,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    prices: Vec<String>,
    #[serde(default)]
    products: Vec<String>,
    #[serde(default)]
    rank: i64,
}

/// `POST {P}/api/v1/plans`.
pub async fn create(State(app): State<App>, caller: Operator, Body(new): Body<New>) -> Result<Data<Shown>, Unproven> {
    let New { key, name, limits, features, prices, products, rank } = new;
    let terms = Terms { name, limits, features, prices, products, rank };
    let made = app.tenants.make_plan(&app.clock, (&key, &terms), &caller.actor()).await?;
    app.payments.tenant_plans_changed().await?;
    Ok(told(made, Data::created))
}

/// `GET {P}/api/v1/plans/{key}`.
pub async fn show(State(app): State<App>, _: Operator, Segments([key]): Segments<1>) -> Result<Data<Shown>, Unproven> {
    Ok(told(app.tenants.plan(&key).await?, Data::new))
}

/// `PUT {P}/api/v1/plans/{key}`: all of its terms.
pub async fn put(
    State(app): State<App>,
    caller: Operator,
    Segments([key]): Segments<1>,
    IfMatch(version): IfMatch,
    Body(terms): Body<Terms>,
) -> Result<Data<Shown>, Unproven> {
    let plan = read(&app, &key, version).await?;
    let changed = TenantPlan { terms: Json(terms), ..plan };
    change(&app, &changed, &caller).await
}

/// `PATCH {P}/api/v1/plans/{key}` (RFC 7396): what is left out stays, a limit that is null is none.
pub async fn patch(
    State(app): State<App>,
    caller: Operator,
    Segments([key]): Segments<1>,
    IfMatch(version): IfMatch,
    Body(changes): Body<Map<String, Value>>,
) -> Result<Data<Shown>, Unproven> {
    let plan = read(&app, &key, version).await?;
    let mut terms = serde_json::to_value(&plan.terms.0)?;
    merge(&mut terms, &Value::Object(changes));
    let unfit = |error: serde_json::Error| Refusal::new(Code::InvalidRequest, format!("this is no plan: {error}"));
    let changed = TenantPlan { terms: Json(serde_json::from_value(terms).map_err(unfit)?), ..plan };
    change(&app, &changed, &caller).await
}

/// `DELETE {P}/api/v1/plans/{key}`, unless a tenant has it.
pub async fn remove(
    State(app): State<App>,
    caller: Operator,
    Segments([key]): Segments<1>,
) -> Result<StatusCode, Unproven> {
    app.tenants.delete_plan(&app.clock, &key, &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a tenant may have, and has.
#[derive(Debug, Serialize)]
pub struct Standing {
    plan: Option<String>,
    name: String,
    limits: Allowance,
    features: Vec<String>,
    used: BTreeMap<&'static str, i64>,
}

/// `GET {P}/api/v1/tenants/{id}/plan`.
pub async fn of_tenant(
    State(app): State<App>,
    _: Operator,
    Segments([named]): Segments<1>,
) -> Result<Data<Standing>, Unproven> {
    let tenant = app.tenants.any(&named).await?;
    Ok(Data::new(standing(&app, tenant).await?))
}

/// Which plan a tenant gets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    plan: Option<String>,
}

/// `PUT {P}/api/v1/tenants/{id}/plan`: another plan, or with null the usual one.
pub async fn give(
    State(app): State<App>,
    caller: Operator,
    Segments([named]): Segments<1>,
    Body(given): Body<Given>,
) -> Result<Data<Standing>, Unproven> {
    let tenant = app.tenants.any(&named).await?;
    let tenant = app.tenants.give_plan(&app.clock, &tenant, given.plan.as_deref(), &caller.actor()).await?;
    Ok(Data::new(standing(&app, tenant).await?))
}

async fn standing(app: &App, tenant: Tenant) -> Done<Standing> {
    let used = app.tenants.usage(&app.clock, &tenant.id).await?;
    let Terms { name, limits, features, .. } = tenant.held.terms.map(|terms| terms.0).unwrap_or_default();
    Ok(Standing { plan: tenant.held.plan, name, limits, features, used })
}

/// Changes a plan; those who pay for what it is sold at from now on have it.
async fn change(app: &App, changed: &TenantPlan, caller: &Operator) -> Result<Data<Shown>, Unproven> {
    let changed = app.tenants.change_plan(&app.clock, changed, &caller.actor()).await?;
    app.payments.tenant_plans_changed().await?;
    Ok(told(changed, Data::new))
}

async fn read(app: &App, key: &str, version: Option<i64>) -> Done<TenantPlan> {
    let plan = app.tenants.plan(key).await?;
    if version.is_some_and(|version| version != plan.version) {
        let stale = "the plan was changed by somebody else meanwhile";
        return Err(Stop::refuse(Code::PreconditionFailed, stale));
    }
    Ok(plan)
}

fn told(plan: TenantPlan, data: impl FnOnce(Shown) -> Data<Shown>) -> Data<Shown> {
    let version = plan.version;
    data(Shown::of(plan)).tagged(version)
}
