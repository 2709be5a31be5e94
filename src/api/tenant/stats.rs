//! How much there is in a tenant.

use axum::extract::State;
use serde_json::{Value, json};

use crate::api::identity_providers::TenantRead;
use crate::app::App;
use crate::base::Result as Done;
use crate::http::bearer::Unproven;
use crate::http::{Bearer, Data};
use crate::store::tenants::Tenant;
use crate::store::{archive_usage, tenant_stats};

/// `GET {T}/api/v1/tenant/stats`.
pub async fn get(State(app): State<App>, caller: Bearer<TenantRead>) -> Result<Data<Value>, Unproven> {
    let mut told = told(&app, &caller.tenant).await?;
    told["limits"] = limits(&caller.tenant)?;
    Ok(Data::new(told))
}

/// How much there may be: what the plan says, and of documents and files what the tenant's own quotas say, where that is
/// less.
///
/// # Errors
/// None that happens.
pub fn limits(tenant: &Tenant) -> Done<Value> {
    let mut limits = serde_json::to_value(tenant.held.allowance())?;
    merge_members(&mut limits, serde_json::to_value(tenant.quotas())?);
    Ok(limits)
}

fn merge_members(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// The numbers.
///
/// # Errors
/// The database failed.
pub async fn told(app: &App, tenant: &Tenant) -> Done<Value> {
    let counts = tenant_stats::counts(&app.db, &tenant.id, app.clock.now()).await?;
    let documents = app.documents.usage(&tenant.id).await?;
    let files = archive_usage::get(&app.db, &tenant.id, "").await?;
    Ok(json!({
        "users": { "total": counts.users, "active": counts.active, "unverified": counts.unverified },
        "clients": counts.clients,
        "sessions": counts.sessions,
        "documents": { "count": documents.documents, "bytes": documents.bytes },
        "files": { "count": files.files, "bytes": files.bytes },
        "counted_to": tenant_stats::COUNTED_TO,
    }))
}
