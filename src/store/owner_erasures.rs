//! Erased people whose documents are still to be removed: noted with the erasure, done in the documents' own database.

use super::db::Run;
use super::sql::sql;
use crate::base::TenantId;

sql! {
    global DUE(1) = "SELECT tenant_id, owner FROM owner_erasures ORDER BY due_at, tenant_id, owner LIMIT $1";
    tenant DONE(2) = "DELETE FROM owner_erasures WHERE tenant_id = $1 AND owner = $2";
}

/// Some of them, of any tenant.
///
/// # Errors
/// The database failed.
pub async fn due(run: impl Run, limit: i64) -> sqlx::Result<Vec<(TenantId, String)>> {
    run.all(DUE, (limit,)).await
}

/// Nothing of this owner is left.
///
/// # Errors
/// The database failed.
pub async fn done(run: impl Run, tenant: &TenantId, owner: &str) -> sqlx::Result<()> {
    run.execute(DONE, (tenant.clone(), owner.to_owned())).await.map(drop)
}
