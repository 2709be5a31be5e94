//! A tenant's brand, as its administrators write it: a draft, its faults, what is published and what was.

use axum::Router;
use axum::extract::State;
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::identity_providers::{TenantRead, TenantWrite};
use crate::app::App;
use crate::base::{Actor, Code, Refusal};
use crate::frame::{Contract, Finding};
use crate::http::context::origin;
use crate::http::routes::{BRANDING, BRANDING_LINT, BRANDING_PUBLISH, BRANDING_ROLLBACK, BRANDING_VERSIONS, mounted};
use crate::http::{Bearer, Body, Data, Problem, Query};
use crate::query::update::patch::merge;
use crate::tenants::{Branding, ShownBrand, lint_brand};

/// Published brands in an answer.
const PAGE: i64 = 20;

/// All of it, but for previews, which are pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(&mounted(BRANDING), get(show).put(put).patch(patch).delete(discard))
        .route(&mounted(BRANDING_LINT), post(lint))
        .route(&mounted(BRANDING_PUBLISH), post(publish))
        .route(&mounted(BRANDING_ROLLBACK), post(roll_back))
        .route(&mounted(BRANDING_VERSIONS), get(versions))
}

/// `GET {T}/api/v1/tenant/branding`.
pub async fn show(State(app): State<App>, caller: Bearer<TenantRead>) -> Result<Response, Problem> {
    Ok(shown(app.tenants.branding(&caller.tenant).await?))
}

/// `PUT {T}/api/v1/tenant/branding`: the draft, whole.
pub async fn put(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    headers: HeaderMap,
    Body(brand): Body<Contract>,
) -> Result<Response, Problem> {
    let over = over(&headers, &app.tenants.branding(&caller.tenant).await?)?;
    Ok(shown(app.tenants.draft_brand(&app.clock, &caller.tenant, (&brand, over), &actor(&caller)).await?))
}

/// `PATCH {T}/api/v1/tenant/branding` (RFC 7396): the draft, or what is published, with these changes.
pub async fn patch(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    headers: HeaderMap,
    Body(changes): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    let branding = app.tenants.branding(&caller.tenant).await?;
    let over = over(&headers, &branding)?;
    let mut brand = serde_json::to_value(branding.contract())?;
    merge(&mut brand, &Value::Object(changes));
    let unfit = |error: serde_json::Error| Refusal::new(Code::InvalidRequest, format!("this is no brand: {error}"));
    let brand: Contract = serde_json::from_value(brand).map_err(unfit)?;
    Ok(shown(app.tenants.draft_brand(&app.clock, &caller.tenant, (&brand, over), &actor(&caller)).await?))
}

/// `DELETE {T}/api/v1/tenant/branding`: the draft; what is published stays.
pub async fn discard(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let over = over(&headers, &app.tenants.branding(&caller.tenant).await?)?;
    app.tenants.discard_brand(&app.clock, &caller.tenant, over, &actor(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is wrong with a brand.
#[derive(Debug, Serialize)]
pub struct Linted {
    publishable: bool,
    findings: Vec<Finding>,
}

/// `POST {T}/api/v1/tenant/branding:lint`: of the brand in the body; nothing is stored.
pub async fn lint(caller: Bearer<TenantRead>, Body(brand): Body<Contract>) -> Data<Linted> {
    let findings = lint_brand(&caller.tenant, &brand);
    Data::new(Linted { publishable: findings.iter().all(Finding::is_minor), findings })
}

/// `POST {T}/api/v1/tenant/branding:publish`: the draft.
pub async fn publish(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    headers: HeaderMap,
) -> Result<Data<ShownBrand>, Problem> {
    let over = over(&headers, &app.tenants.branding(&caller.tenant).await?)?;
    let shown = app.tenants.publish_brand(&app.clock, &caller.tenant, over, &actor(&caller)).await?;
    Ok(Data::new(shown))
}

/// To what to go back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Back {
    version: i64,
}

/// `POST {T}/api/v1/tenant/branding:rollback`.
pub async fn roll_back(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Body(Back { version }): Body<Back>,
) -> Result<Data<ShownBrand>, Problem> {
    let shown = app.tenants.roll_back_brand(&app.clock, &caller.tenant, version, &actor(&caller)).await?;
    Ok(Data::new(shown))
}

/// `GET {T}/api/v1/tenant/branding/versions`: what was published, newest first; `before` as `meta.next` gives it.
pub async fn versions(
    State(app): State<App>,
    caller: Bearer<TenantRead>,
    Query(query): Query,
) -> Result<Data<Vec<ShownBrand>>, Problem> {
    let before = query.get("before").map_or(Ok(i64::MAX), str::parse);
    let before = before.map_err(|_| Refusal::new(Code::InvalidRequest, "before is the number of a version"))?;
    let found = app.tenants.brands(&caller.tenant, before, PAGE).await?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
    let next = found.last().filter(|_| full).map(|last| last.version.to_string());
    Ok(Data::new(found).meta(json!({ "next": next })))
}

fn shown(branding: Branding) -> Response {
    let tag = format!("\"{}\"", branding.draft_version());
    ([(ETAG, tag)], Data::new(branding)).into_response()
}

/// Over which draft a change is made: the one that `If-Match` names (RFC 9110 §13.1.1), else the one there is.
fn over(headers: &HeaderMap, branding: &Branding) -> Result<i64, Refusal> {
    let there = branding.draft_version();
    let Some(wanted) = headers.get(IF_MATCH) else { return Ok(there) };
    let tags = wanted.to_str().unwrap_or_default();
    if tags.split(',').any(|tag| tag.trim() == "*" || tag.trim() == format!("\"{there}\"")) {
        return Ok(there);
    }
    Err(Refusal::new(Code::PreconditionFailed, "there is another draft by now, or none"))
}

fn actor(caller: &Bearer<TenantWrite>) -> Actor {
    Actor { id: caller.principal.subject().to_owned(), origin: origin() }
}
