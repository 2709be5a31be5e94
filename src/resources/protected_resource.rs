//! What a client has to know before it calls the tenant's API or one of its services (RFC 9728).

use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::{Json, response::Response};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::base::{Code, Result, Stop};
use crate::clients::scopes;
use crate::entitlements::plans_with;
use crate::http::Tenant;
use crate::http::errors::OAuthError;
use crate::http::routes::METADATA_AGE;
use crate::tenants::SERVICES;

/// The metadata of the whole API (RFC 9728 §3.2).
pub async fn of_api(State(app): State<App>, tenant: Tenant) -> Result<Response, OAuthError> {
    let scopes = scopes::offered(&tenant.settings.scopes);
    let mut metadata = metadata(&tenant, &tenant.api_audience(), &scopes);
    add_sold(&app, &tenant, &scopes, &mut metadata).await?;
    Ok(told(&metadata))
}

/// The metadata of one service.
///
/// # Errors
/// There is no such service.
pub async fn of_service(
    State(app): State<App>,
    tenant: Tenant,
    Path((_, service)): Path<(String, String)>,
) -> Result<Response, OAuthError> {
    if !SERVICES.contains(&service.as_str()) {
        return Err(Stop::refuse(Code::NotFound, "there is no such service").into());
    }
    let own = |scope: &&str| scope.split(':').next() == Some(&service);
    let scopes: Vec<_> = scopes::offered(&tenant.settings.scopes).into_iter().filter(own).collect();
    let mut metadata = metadata(&tenant, &tenant.service_audience(&service), &scopes);
    if service == "storage" {
        metadata["authorization_details_types_supported"] = json!(["storage"]);
    }
    add_sold(&app, &tenant, &scopes, &mut metadata).await?;
    Ok(told(&metadata))
}

/// Which of the scopes have to be paid for, and by which plans.
async fn add_sold(app: &App, tenant: &Tenant, scopes: &[&str], metadata: &mut Value) -> Result<()> {
    let plans = app.entitlements.plans(&tenant.id).await?;
    let sold = scopes.iter().map(|scope| ((*scope).to_owned(), plans_with(&plans, scope)));
    let sold: Map<String, Value> =
        sold.filter(|(_, plans)| !plans.is_empty()).map(|(scope, plans)| (scope, plans.into())).collect();
    if !sold.is_empty() {
        metadata["entitlement_required"] = sold.into();
    }
    Ok(())
}

fn metadata(tenant: &Tenant, resource: &str, scopes: &[&str]) -> Value {
    json!({
        "resource": resource,
        "authorization_servers": [tenant.issuer],
        "bearer_methods_supported": ["header"],
        "scopes_supported": scopes,
        "resource_name": tenant.name,
    })
}

fn told(metadata: &Value) -> Response {
    ([(CACHE_CONTROL, METADATA_AGE)], Json(metadata)).into_response()
}
