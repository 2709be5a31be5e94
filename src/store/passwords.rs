//! Hashes of passwords that are replaced while the password stays.

use super::db::Run;
use super::sql::sql;
use crate::base::{TenantId, UserId};

sql! {
    tenant REPLACE(4) = "UPDATE passwords SET hash = $4 WHERE tenant_id = $1 AND user_id = $2 AND hash = $3";
}

/// Stores another hash of the same password; never over a password that was set meanwhile.
///
/// # Errors
/// The database failed.
pub async fn replace(run: impl Run, tenant: &TenantId, user: &UserId, (old, new): (&str, &str)) -> sqlx::Result<bool> {
    Ok(run.execute(REPLACE, (tenant.clone(), user.clone(), old.to_owned(), new.to_owned())).await? == 1)
}
