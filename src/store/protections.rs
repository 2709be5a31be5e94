//! Who must not be deleted.

use super::db::Run;
use super::sql::sql;
use super::values::Flag;
use crate::base::{TenantId, UserId};

sql! {
    tenant PROTECT(3) = "UPDATE users SET deletion_protected = $3
        WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'";
    tenant IS(2) = "SELECT deletion_protected FROM users
        WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'";
}

/// Protects somebody, or no longer. `false`: there is nobody.
///
/// # Errors
/// The database failed.
pub async fn protect(run: impl Run, tenant: &TenantId, user: &UserId, protected: bool) -> sqlx::Result<bool> {
    Ok(run.execute(PROTECT, (tenant.clone(), user.clone(), Flag(protected))).await? == 1)
}

/// Whether somebody is protected; absent: there is nobody.
///
/// # Errors
/// The database failed.
pub async fn is_protected(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<Option<bool>> {
    let found: Option<(Flag,)> = run.one(IS, (tenant.clone(), user.clone())).await?;
    Ok(found.map(|(flag,)| flag.0))
}
