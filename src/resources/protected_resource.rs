//! What a client has to know before it calls the tenant's API or one of its services (RFC 9728).

use axum::extract::Path;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::{Json, response::Response};
use serde_json::{Value, json};

use crate::base::{Code, Stop};
use crate::clients::scopes;
use crate::http::Tenant;
use crate::http::errors::OAuthError;
use crate::http::routes::METADATA_AGE;
use crate::tenants::SERVICES;

/// The metadata of the whole API (RFC 9728 §3.2).
pub async fn of_api(tenant: Tenant) -> Response {
    let scopes = scopes::offered(&tenant.settings.scopes);
    told(&metadata(&tenant, &tenant.api_audience(), &scopes))
}

/// The metadata of one service.
///
/// # Errors
/// There is no such service.
pub async fn of_service(tenant: Tenant, Path((_, service)): Path<(String, String)>) -> Result<Response, OAuthError> {
    if !SERVICES.contains(&service.as_str()) {
        return Err(Stop::refuse(Code::NotFound, "there is no such service").into());
    }
    let own = |scope: &&str| scope.split(':').next() == Some(&service);
    let scopes: Vec<_> = scopes::offered(&tenant.settings.scopes).into_iter().filter(own).collect();
    let mut metadata = metadata(&tenant, &tenant.service_audience(&service), &scopes);
    if service == "storage" {
        metadata["authorization_details_types_supported"] = json!(["storage"]);
    }
    Ok(told(&metadata))
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
