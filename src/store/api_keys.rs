//! API keys: what programs of a tenant's own, and operators, prove themselves with. Only a digest is kept.

use serde::Serialize;

use super::db::Run;
use super::sql::sql;
use crate::base::{ApiKeyId, Digest, Scope, TenantId, Timestamp};

/// A key as it is listed: without the secret, which nobody can show again.
#[derive(Clone, Debug, PartialEq, Serialize, sqlx::FromRow)]
pub struct ApiKey {
    /// Whose.
    pub tenant_id: TenantId,
    /// Its id.
    pub id: ApiKeyId,
    /// Its name for people.
    pub name: String,
    /// How the secret begins, to recognise it by.
    pub prefix: String,
    /// What it allows.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; absent: never.
    pub expires_at: Option<Timestamp>,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

sql! {
    tenant INSERT(8) = "INSERT INTO api_keys (tenant_id, id, name, prefix, digest, scope, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    tenant LIVE(3) = "SELECT tenant_id, id, name, prefix, scope, created_at, expires_at, revoked_at, last_used_at
        FROM api_keys WHERE tenant_id = $1 AND digest = $2 AND revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > $3)";
    tenant IS_LIVE(3) = "SELECT id FROM api_keys
        WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)";
    tenant PAGE(3) = "SELECT tenant_id, id, name, prefix, scope, created_at, expires_at, revoked_at, last_used_at
        FROM api_keys WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    tenant REVOKE(3) = "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL";
    tenant USED(4) = "UPDATE api_keys SET last_used_at = $3
        WHERE tenant_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < $4)";
}

/// Stores a new key under the digest of its secret.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, key: &ApiKey, digest: &Digest) -> sqlx::Result<()> {
    let k = key.clone();
    let values = (k.tenant_id, k.id, k.name, k.prefix, digest.clone(), k.scope, k.created_at, k.expires_at);
    run.execute(INSERT, values).await.map(drop)
}

/// The key of this digest, unless it has expired or was revoked.
///
/// # Errors
/// The database failed.
pub async fn live(run: impl Run, tenant: &TenantId, digest: &Digest, now: Timestamp) -> sqlx::Result<Option<ApiKey>> {
    run.one(LIVE, (tenant.clone(), digest.clone(), now)).await
}

/// Whether the key of this id has neither expired nor been revoked.
///
/// # Errors
/// The database failed.
pub async fn is_live(run: impl Run, tenant: &TenantId, id: &ApiKeyId, now: Timestamp) -> sqlx::Result<bool> {
    let found: Option<(String,)> = run.one(IS_LIVE, (tenant.clone(), id.clone(), now)).await?;
    Ok(found.is_some())
}

/// Up to `limit` keys after this id, oldest first, ended ones included.
///
/// # Errors
/// The database failed.
pub async fn page(run: impl Run, tenant: &TenantId, after: &str, limit: i64) -> sqlx::Result<Vec<ApiKey>> {
    run.all(PAGE, (tenant.clone(), after.to_owned(), limit)).await
}

/// Ends a key. `false`: there is none that is alive.
///
/// # Errors
/// The database failed.
pub async fn revoke(run: impl Run, tenant: &TenantId, id: &ApiKeyId, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(REVOKE, (tenant.clone(), id.clone(), now)).await? == 1)
}

/// Remembers that the key was used, unless that was done since `before`.
///
/// # Errors
/// The database failed.
pub async fn used(
    run: impl Run,
    tenant: &TenantId,
    id: &ApiKeyId,
    now: Timestamp,
    before: Timestamp,
) -> sqlx::Result<()> {
    run.execute(USED, (tenant.clone(), id.clone(), now, before)).await.map(drop)
}
