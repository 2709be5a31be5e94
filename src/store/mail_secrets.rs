//! What tenants authenticate with to their own mail providers, sealed.

use super::db::Run;
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

sql! {
    tenant SET(4) = "INSERT INTO mail_secrets (tenant_id, name, sealed, updated_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at";
    tenant UNSET(2) = "DELETE FROM mail_secrets WHERE tenant_id = $1 AND name = $2";
    tenant OF_TENANT(1) = "SELECT name, sealed FROM mail_secrets WHERE tenant_id = $1";
}

/// Stores a sealed secret in place of the one before.
///
/// # Errors
/// The database failed.
pub async fn set(run: impl Run, tenant: &TenantId, name: &str, sealed: String, now: Timestamp) -> sqlx::Result<()> {
    run.execute(SET, (tenant.clone(), name.to_owned(), sealed, now)).await.map(drop)
}

/// Removes a secret.
///
/// # Errors
/// The database failed.
pub async fn unset(run: impl Run, tenant: &TenantId, name: &str) -> sqlx::Result<()> {
    run.execute(UNSET, (tenant.clone(), name.to_owned())).await.map(drop)
}

/// A tenant's sealed secrets by name.
///
/// # Errors
/// The database failed.
pub async fn of_tenant(run: impl Run, tenant: &TenantId) -> sqlx::Result<Vec<(String, String)>> {
    run.all(OF_TENANT, (tenant.clone(),)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn a_secret_is_replaced_and_removed_and_belongs_to_one_tenant() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            set(&db, &one, "smtp_password", "a".to_owned(), Timestamp(1)).await.unwrap();
            set(&db, &one, "smtp_password", "b".to_owned(), Timestamp(2)).await.unwrap();
            assert_eq!(of_tenant(&db, &one).await.unwrap(), [("smtp_password".to_owned(), "b".to_owned())]);
            unset(&db, &two, "smtp_password").await.unwrap();
            assert_eq!(of_tenant(&db, &one).await.unwrap().len(), 1, "X2");
            unset(&db, &one, "smtp_password").await.unwrap();
            assert_eq!(of_tenant(&db, &one).await.unwrap(), []);
        }
    }
}
