//! What operators do with the platform, below `{P}/api/v1`, and what strangers may ask of it. Each route asks for an
//! [`crate::http::Operator`] unless its file says otherwise.

pub mod copies;
pub mod keys;
pub mod plans;
pub mod standing;
pub mod stats;
pub mod strangers;
pub mod tenants;

use axum::Router;
use axum::routing::{delete, get, post};
use serde::Serialize;

use crate::api::{docs, openapi};
use crate::app::App;
use crate::base::{Slug, TenantId, Timestamp};
use crate::http::routes::{
    PLAN_OF_TENANT, PLATFORM_DOCS, PLATFORM_KEY, PLATFORM_KEYS, PLATFORM_OPENAPI, PLATFORM_STATS, TENANT,
    TENANT_ACTIVATE, TENANT_BY_DOMAIN, TENANT_CLONE, TENANT_PLAN, TENANT_PLANS, TENANT_REGISTER, TENANT_RESTORE,
    TENANT_SUSPEND, TENANT_USER, TENANTS,
};
use crate::store::tenants::{Settings, Tenant, TenantStatus};

/// All of it.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PLATFORM_OPENAPI, get(openapi::platform))
        .route(PLATFORM_DOCS, get(docs::platform))
        .route(TENANTS, get(strangers::list).post(tenants::create))
        .route(TENANT_BY_DOMAIN, get(strangers::by_domain))
        .route(TENANT_REGISTER, post(strangers::register))
        .route(TENANT, get(tenants::show).patch(tenants::change).put(tenants::change).delete(tenants::remove))
        .route(TENANT_SUSPEND, post(standing::suspend))
        .route(TENANT_ACTIVATE, post(standing::activate))
        .route(TENANT_RESTORE, post(standing::restore))
        .route(TENANT_CLONE, post(copies::copy))
        .route(TENANT_USER, get(standing::person).patch(standing::protect))
        .route(TENANT_PLANS, get(plans::list).post(plans::create))
        .route(TENANT_PLAN, get(plans::show).put(plans::put).patch(plans::patch).delete(plans::remove))
        .route(PLAN_OF_TENANT, get(plans::of_tenant).put(plans::give))
        .route(PLATFORM_STATS, get(stats::get))
        .route(PLATFORM_KEYS, get(keys::list).post(keys::create))
        .route(PLATFORM_KEY, delete(keys::revoke))
}

/// A tenant as operators see it.
#[derive(Debug, Serialize)]
pub struct Shown {
    id: TenantId,
    slug: Slug,
    name: String,
    status: TenantStatus,
    issuer: String,
    deletion_protected: bool,
    expires_at: Option<String>,
    deleted_at: Option<String>,
    restorable_until: Option<String>,
    version: i64,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Settings>,
}

impl Shown {
    /// One of a list.
    #[must_use]
    pub fn of(app: &App, tenant: Tenant) -> Self {
        let context = app.tenants.context(tenant);
        let Tenant { id, slug, name, status, life, version, created_at, updated_at, .. } = context.tenant;
        Self {
            id,
            slug,
            name,
            status,
            issuer: context.issuer,
            deletion_protected: life.deletion_protected.0,
            expires_at: life.expires_at.map(Timestamp::rfc3339),
            deleted_at: life.deleted_at.map(Timestamp::rfc3339),
            restorable_until: life.purge_at.map(Timestamp::rfc3339),
            version,
            created_at: created_at.rfc3339(),
            updated_at: updated_at.rfc3339(),
            settings: None,
        }
    }

    /// Alone, with its settings.
    #[must_use]
    pub fn whole(app: &App, tenant: Tenant) -> Self {
        let settings = Some(tenant.settings.0.clone());
        Self { settings, ..Self::of(app, tenant) }
    }
}
