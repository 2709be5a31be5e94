//! Where tenants want to be told of what happens.

use serde::{Deserialize, Serialize};

use super::db::Run;
use super::sql::sql;
use super::values::{Json, words};
use crate::base::{TenantId, Timestamp};

words! {
    /// Whether an endpoint is told anything.
    EndpointStatus {
        /// Yes.
        Enabled = "enabled",
        /// Not now; what is under way for it waits.
        Disabled = "disabled",
    }
}

words! {
    /// How a message is written and signed.
    Scheme {
        /// As <https://www.standardwebhooks.com> says.
        Standard = "standard",
        /// With the body and the header that receivers of `ByteForge` Aegis know, besides.
        Aegis = "aegis-v1",
    }
}

words! {
    /// Why this server disabled an endpoint by itself.
    Because {
        /// It answered 410: nobody wants to be told any more.
        Gone = "gone",
        /// It has failed for days.
        Failing = "failing",
    }
}

/// A signing secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedSecret {
    /// Itself, sealed.
    pub sealed: String,
    /// Until when it signs besides the newest one; that one has no end.
    pub until: Option<Timestamp>,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Endpoint {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id; ids sort by time.
    pub id: String,
    /// Where messages are posted.
    pub url: String,
    /// For people.
    pub description: String,
    /// Whether it is told anything.
    pub status: EndpointStatus,
    /// Why it is not, when nobody wished so.
    pub disabled_because: Option<String>,
    /// What it is told of.
    pub events: Json<Vec<String>>,
    /// How.
    pub scheme: Scheme,
    /// What messages are signed with, the newest first.
    pub sealed_secrets: Json<Vec<SealedSecret>>,
    /// Since when nothing was taken.
    pub failing_since: Option<Timestamp>,
    /// Grows with every change by somebody.
    pub version: i64,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

sql! {
    tenant INSERT(10) = "INSERT INTO webhook_endpoints (tenant_id, id, url, description, status, disabled_because, events,
            scheme, sealed_secrets, failing_since, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, NULL, $6, $7, $8, NULL, $9, $10, $10)";
    tenant BY_ID(2) = "SELECT tenant_id, id, url, description, status, disabled_because, events, scheme, sealed_secrets,
            failing_since, version, created_at, updated_at
        FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2";
    tenant PAGE(3) = "SELECT tenant_id, id, url, description, status, disabled_because, events, scheme, sealed_secrets,
            failing_since, version, created_at, updated_at
        FROM webhook_endpoints WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    tenant ENABLED(1) = "SELECT tenant_id, id, url, description, status, disabled_because, events, scheme, sealed_secrets,
            failing_since, version, created_at, updated_at
        FROM webhook_endpoints WHERE tenant_id = $1 AND status = 'enabled' ORDER BY id";
    tenant COUNT(1) = "SELECT COUNT(*) FROM webhook_endpoints WHERE tenant_id = $1";
    tenant UPDATE(12) = "UPDATE webhook_endpoints SET url = $4, description = $5, status = $6, disabled_because = $7,
            events = $8, scheme = $9, sealed_secrets = $10, failing_since = $11, version = version + 1, updated_at = $12
        WHERE tenant_id = $1 AND id = $2 AND version = $3";
    tenant FAILS(3) = "UPDATE webhook_endpoints SET failing_since = $3
        WHERE tenant_id = $1 AND id = $2 AND failing_since IS NULL";
    tenant WORKS(2) = "UPDATE webhook_endpoints SET failing_since = NULL
        WHERE tenant_id = $1 AND id = $2 AND failing_since IS NOT NULL";
    tenant DISABLE(4) = "UPDATE webhook_endpoints SET status = 'disabled', disabled_because = $3, version = version + 1,
            updated_at = $4
        WHERE tenant_id = $1 AND id = $2 AND status = 'enabled'";
    tenant REMOVE(2) = "DELETE FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2";
}

/// Stores a new endpoint.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, endpoint: &Endpoint) -> sqlx::Result<()> {
    let e = endpoint.clone();
    let values = (
        e.tenant_id,
        e.id,
        e.url,
        e.description,
        e.status,
        e.events,
        e.scheme,
        e.sealed_secrets,
        e.version,
        e.created_at,
    );
    run.execute(INSERT, values).await.map(drop)
}

/// The endpoint of this id.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &str) -> sqlx::Result<Option<Endpoint>> {
    run.one(BY_ID, (tenant.clone(), id.to_owned())).await
}

/// Up to `limit` endpoints of a tenant after this id, in the order of their ids.
///
/// # Errors
/// The database failed.
pub async fn page(run: impl Run, tenant: &TenantId, after: &str, limit: i64) -> sqlx::Result<Vec<Endpoint>> {
    run.all(PAGE, (tenant.clone(), after.to_owned(), limit)).await
}

/// The endpoints of a tenant that are told things.
///
/// # Errors
/// The database failed.
pub async fn enabled(run: impl Run, tenant: &TenantId) -> sqlx::Result<Vec<Endpoint>> {
    run.all(ENABLED, (tenant.clone(),)).await
}

/// How many a tenant has.
///
/// # Errors
/// The database failed.
pub async fn count(run: impl Run, tenant: &TenantId) -> sqlx::Result<i64> {
    Ok(run.one::<(i64,), 1>(COUNT, (tenant.clone(),)).await?.map_or(0, |(count,)| count))
}

/// Stores an endpoint over the version that was read. `false`: somebody else changed it meanwhile.
///
/// # Errors
/// The database failed.
pub async fn update(run: impl Run, endpoint: &Endpoint, now: Timestamp) -> sqlx::Result<bool> {
    let e = endpoint.clone();
    let values = (
        e.tenant_id,
        e.id,
        e.version,
        e.url,
        e.description,
        e.status,
        e.disabled_because,
        e.events,
        e.scheme,
        e.sealed_secrets,
        e.failing_since,
        now,
    );
    Ok(run.execute(UPDATE, values).await? == 1)
}

/// Notes that an endpoint took nothing, since now unless that is known already.
///
/// # Errors
/// The database failed.
pub async fn fails(run: impl Run, tenant: &TenantId, id: &str, now: Timestamp) -> sqlx::Result<()> {
    run.execute(FAILS, (tenant.clone(), id.to_owned(), now)).await.map(drop)
}

/// Notes that an endpoint takes messages.
///
/// # Errors
/// The database failed.
pub async fn works(run: impl Run, tenant: &TenantId, id: &str) -> sqlx::Result<()> {
    run.execute(WORKS, (tenant.clone(), id.to_owned())).await.map(drop)
}

/// Gives an endpoint up. `false`: that was done already.
///
/// # Errors
/// The database failed.
pub async fn disable(
    run: impl Run,
    (tenant, id): (&TenantId, &str),
    because: Because,
    now: Timestamp,
) -> sqlx::Result<bool> {
    Ok(run.execute(DISABLE, (tenant.clone(), id.to_owned(), because.as_str().to_owned(), now)).await? == 1)
}

/// Removes an endpoint. `false`: there is none.
///
/// # Errors
/// The database failed.
pub async fn remove(run: impl Run, tenant: &TenantId, id: &str) -> sqlx::Result<bool> {
    Ok(run.execute(REMOVE, (tenant.clone(), id.to_owned())).await? == 1)
}

#[cfg(test)]
pub(crate) fn sample(tenant: &TenantId, id: &str) -> Endpoint {
    Endpoint {
        tenant_id: tenant.clone(),
        id: id.to_owned(),
        url: "https://receiver.example/hooks".to_owned(),
        description: String::new(),
        status: EndpointStatus::Enabled,
        disabled_because: None,
        events: Json(vec!["*".to_owned()]),
        scheme: Scheme::Standard,
        sealed_secrets: Json(vec![SealedSecret { sealed: "sealed".to_owned(), until: None }]),
        failing_since: None,
        version: 1,
        created_at: Timestamp(5),
        updated_at: Timestamp(5),
    }
}

#[cfg(test)]
mod tests;
