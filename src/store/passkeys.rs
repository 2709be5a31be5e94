//! Passkeys (WebAuthn): public keys with what their ceremonies have to remember.

use serde_json::Value;

use super::db::Run;
use super::sql::sql;
use super::values::Json;
use crate::base::{TenantId, Timestamp, UserId};

/// One of a person's passkeys.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Passkey {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// What names it here.
    pub id: String,
    /// Whose.
    pub user_id: UserId,
    /// What its authenticator calls it, base64url.
    pub credential_id: String,
    /// What the person calls it.
    pub name: String,
    /// Public key and counter.
    pub credential: Json<Value>,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

sql! {
    tenant INSERT(7) = "INSERT INTO passkeys (tenant_id, id, user_id, credential_id, name, credential, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, credential_id) DO NOTHING";
    tenant OF_USER(2) = "SELECT tenant_id, id, user_id, credential_id, name, credential, created_at, last_used_at
        FROM passkeys WHERE tenant_id = $1 AND user_id = $2 ORDER BY id";
    tenant BY_CREDENTIAL(2) = "SELECT tenant_id, id, user_id, credential_id, name, credential, created_at, last_used_at
        FROM passkeys WHERE tenant_id = $1 AND credential_id = $2";
    tenant USED(4) = "UPDATE passkeys SET credential = $3, last_used_at = $4 WHERE tenant_id = $1 AND id = $2";
    tenant RENAME(4) = "UPDATE passkeys SET name = $4 WHERE tenant_id = $1 AND user_id = $2 AND id = $3";
    tenant REMOVE(3) = "DELETE FROM passkeys WHERE tenant_id = $1 AND user_id = $2 AND id = $3";
}

/// Stores a new one. `false`: somebody in this tenant has it already.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, passkey: &Passkey) -> sqlx::Result<bool> {
    let p = passkey.clone();
    let values = (p.tenant_id, p.id, p.user_id, p.credential_id, p.name, p.credential, p.created_at);
    Ok(run.execute(INSERT, values).await? == 1)
}

/// A person's, oldest first.
///
/// # Errors
/// The database failed.
pub async fn of_user(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<Vec<Passkey>> {
    run.all(OF_USER, (tenant.clone(), user.clone())).await
}

/// The one that its authenticator calls so.
///
/// # Errors
/// The database failed.
pub async fn by_credential(run: impl Run, tenant: &TenantId, credential_id: &str) -> sqlx::Result<Option<Passkey>> {
    run.one(BY_CREDENTIAL, (tenant.clone(), credential_id.to_owned())).await
}

/// Remembers that it was used, and its new counter.
///
/// # Errors
/// The database failed.
pub async fn used(run: impl Run, passkey: &Passkey, now: Timestamp) -> sqlx::Result<()> {
    let p = passkey.clone();
    run.execute(USED, (p.tenant_id, p.id, p.credential, now)).await.map(drop)
}

/// Gives it another name. `false`: this person has none of this id.
///
/// # Errors
/// The database failed.
pub async fn rename(run: impl Run, (tenant, user): (&TenantId, &UserId), id: &str, name: &str) -> sqlx::Result<bool> {
    Ok(run.execute(RENAME, (tenant.clone(), user.clone(), id.to_owned(), name.to_owned())).await? == 1)
}

/// Removes it. `false`: this person has none of this id.
///
/// # Errors
/// The database failed.
pub async fn remove(run: impl Run, tenant: &TenantId, user: &UserId, id: &str) -> sqlx::Result<bool> {
    Ok(run.execute(REMOVE, (tenant.clone(), user.clone(), id.to_owned())).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn a_passkey_is_stored_once_and_belongs_to_its_person_and_tenant() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let (ada, grace) = (UserId::from("ada"), UserId::from("grace"));
            let passkey = Passkey {
                tenant_id: one.clone(),
                id: "1".to_owned(),
                user_id: ada.clone(),
                credential_id: "c".to_owned(),
                name: "Phone".to_owned(),
                credential: Json(serde_json::json!({ "counter": 0 })),
                created_at: Timestamp(1),
                last_used_at: None,
            };
            assert!(insert(&db, &passkey).await.unwrap());
            let again = Passkey { id: "2".to_owned(), user_id: grace.clone(), ..passkey.clone() };
            assert!(!insert(&db, &again).await.unwrap(), "another person took it over");
            assert_eq!(of_user(&db, &one, &ada).await.unwrap(), std::slice::from_ref(&passkey));
            assert_eq!(by_credential(&db, &two, "c").await.unwrap(), None);
            assert!(!rename(&db, (&one, &grace), "1", "x").await.unwrap());
            assert!(rename(&db, (&one, &ada), "1", "Key").await.unwrap());
            used(&db, &Passkey { credential: Json(1.into()), ..passkey }, Timestamp(7)).await.unwrap();
            let found = by_credential(&db, &one, "c").await.unwrap().unwrap();
            assert_eq!(
                (found.name.as_str(), found.last_used_at, found.credential.0),
                ("Key", Some(Timestamp(7)), 1.into())
            );
            assert!(!remove(&db, &one, &grace, "1").await.unwrap());
            assert!(remove(&db, &one, &ada, "1").await.unwrap());
        }
    }
}
