//! What a person's applications may do: grants that are alive, and consents that are remembered.

use super::db::Run;
use super::grants::Grant;
use super::sql::sql;
use crate::base::{ClientId, Scope, SessionId, TenantId, Timestamp, UserId};

/// What a person has allowed a client.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Consent {
    /// The client.
    pub client_id: ClientId,
    /// What it may have without asking again.
    pub scope: Scope,
    /// Since when.
    pub updated_at: Timestamp,
}

sql! {
    tenant OF_USER(3) = "SELECT tenant_id, id, client_id, user_id, session_id, scope, context, created_at, expires_at,
            revoked_at, organization_id
        FROM grants WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3 ORDER BY id";
    tenant OF_SESSION(3) = "SELECT tenant_id, id, client_id, user_id, session_id, scope, context, created_at, expires_at,
            revoked_at, organization_id
        FROM grants WHERE tenant_id = $1 AND session_id = $2 AND revoked_at IS NULL AND expires_at > $3 ORDER BY id";
    tenant CONSENTS(2) = "SELECT client_id, scope, updated_at FROM consents WHERE tenant_id = $1 AND user_id = $2
        ORDER BY client_id";
    tenant FORGET_CLIENT(2) = "DELETE FROM consents WHERE tenant_id = $1 AND client_id = $2";
    tenant FORGET_CONSENT(3) = "DELETE FROM consents WHERE tenant_id = $1 AND user_id = $2 AND client_id = $3";
}

/// A person's grants that are alive, oldest first.
///
/// # Errors
/// The database failed.
pub async fn of_user(run: impl Run, tenant: &TenantId, user: &UserId, now: Timestamp) -> sqlx::Result<Vec<Grant>> {
    run.all(OF_USER, (tenant.clone(), user.clone(), now)).await
}

/// The grants that were given in a session and are alive, oldest first.
///
/// # Errors
/// The database failed.
pub async fn of_session(
    run: impl Run,
    tenant: &TenantId,
    session: &SessionId,
    now: Timestamp,
) -> sqlx::Result<Vec<Grant>> {
    run.all(OF_SESSION, (tenant.clone(), session.clone(), now)).await
}

/// All that a person has consented to.
///
/// # Errors
/// The database failed.
pub async fn consents(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<Vec<Consent>> {
    run.all(CONSENTS, (tenant.clone(), user.clone())).await
}

/// Forgets what a person has allowed a client; it has to ask again. `false`: there was nothing.
///
/// # Errors
/// The database failed.
pub async fn forget_consent(run: impl Run, tenant: &TenantId, user: &UserId, client: &ClientId) -> sqlx::Result<bool> {
    Ok(run.execute(FORGET_CONSENT, (tenant.clone(), user.clone(), client.clone())).await? == 1)
}

/// Forgets what anybody has allowed a client.
///
/// # Errors
/// The database failed.
pub async fn forget_client(run: impl Run, tenant: &TenantId, client: &ClientId) -> sqlx::Result<()> {
    run.execute(FORGET_CLIENT, (tenant.clone(), client.clone())).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::grants::set_consent;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn a_consent_is_forgotten_once_and_by_its_person_only() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let (ada, eve, client) = (UserId::from("ada"), UserId::from("eve"), ClientId::from("calendar"));
            let scope = Scope::of(["email"]);
            set_consent(&db, &one, &ada, &client, (&scope, Timestamp(5))).await.unwrap();
            assert!(!forget_consent(&db, &one, &eve, &client).await.unwrap());
            let kept = consents(&db, &one, &ada).await.unwrap();
            assert_eq!((kept.len(), &kept[0].scope), (1, &scope));
            assert!(forget_consent(&db, &one, &ada, &client).await.unwrap());
            assert!(!forget_consent(&db, &one, &ada, &client).await.unwrap());
            assert!(of_user(&db, &one, &ada, Timestamp(5)).await.unwrap().is_empty());
            assert!(of_session(&db, &one, &SessionId::from("s"), Timestamp(5)).await.unwrap().is_empty());
        }
    }
}
