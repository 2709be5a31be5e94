//! What a client has to know before it calls the tenant's API (RFC 9728).

use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::{Json, response::Response};
use serde_json::json;

use crate::clients::scopes;
use crate::http::Tenant;
use crate::http::routes::METADATA_AGE;

/// The metadata (RFC 9728 §3.2).
pub async fn get(tenant: Tenant) -> Response {
    let metadata = json!({
        "resource": tenant.api_audience(),
        "authorization_servers": [tenant.issuer],
        "bearer_methods_supported": ["header"],
        "scopes_supported": scopes::offered(&tenant.settings.scopes),
        "resource_name": tenant.name,
    });
    ([(CACHE_CONTROL, METADATA_AGE)], Json(metadata)).into_response()
}
