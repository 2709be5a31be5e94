//! Who may do what with a tenant's files, where the tenant has said so.

use serde_json::Value;

use super::db::Run;
use super::sql::sql;
use super::values::Json;
use crate::base::{TenantId, Timestamp};

sql! {
    tenant GET(1) = "SELECT rules FROM archive_rules WHERE tenant_id = $1";
    tenant PUT(3) = "INSERT INTO archive_rules (tenant_id, rules, updated_at) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id) DO UPDATE SET rules = excluded.rules, updated_at = excluded.updated_at";
}

/// The rules as they were written.
///
/// # Errors
/// The database failed.
pub async fn get(run: impl Run, tenant: &TenantId) -> sqlx::Result<Option<Value>> {
    let found: Option<(Json<Value>,)> = run.one(GET, (tenant.clone(),)).await?;
    Ok(found.map(|(rules,)| rules.0))
}

/// Replaces them.
///
/// # Errors
/// The database failed.
pub async fn put(run: impl Run, tenant: &TenantId, rules: Value, now: Timestamp) -> sqlx::Result<()> {
    run.execute(PUT, (tenant.clone(), Json(rules), now)).await.map(drop)
}
