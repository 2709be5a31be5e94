//! What is set of a tenant. It is changed by merge patches (RFC 7396), over the version that was read where one is named;
//! secrets are not among it.

use axum::extract::State;
use serde_json::{Map, Value};

use crate::api::identity_providers::{TenantRead, TenantWrite};
use crate::app::App;
use crate::base::Actor;
use crate::http::bearer::Unproven;
use crate::http::context::origin;
use crate::http::{Bearer, Body, Data, IfMatch};
use crate::store::tenants::{Settings, Tenant};
use crate::tenants::Reach;

/// `GET {T}/api/v1/tenant/settings`.
pub async fn get(State(app): State<App>, caller: Bearer<TenantRead>) -> Result<Data<Settings>, Unproven> {
    // From the database: what is remembered may be a moment old, and somebody wants to change it.
    Ok(told(app.tenants.any(caller.tenant.id.as_str()).await?))
}

/// `PATCH {T}/api/v1/tenant/settings`.
pub async fn patch(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    IfMatch(version): IfMatch,
    Body(patch): Body<Map<String, Value>>,
) -> Result<Data<Settings>, Unproven> {
    let by = Actor { id: caller.principal.subject().to_owned(), origin: origin() };
    let changed = app.tenants.change_settings(&caller.tenant, (&patch, version), Reach::Owner, &by).await?;
    Ok(told(changed))
}

fn told(tenant: Tenant) -> Data<Settings> {
    Data::new(tenant.settings.0).tagged(tenant.version)
}
