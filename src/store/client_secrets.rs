//! What clients prove themselves with: digests, and how each secret began, to recognise it by.

use super::db::Run;
use super::sql::sql;
use crate::base::{ClientId, Digest, Secret, TenantId, Timestamp};

/// How much of a secret is kept readable: 30 of its 256 bits.
const SHOWN: usize = 5;
/// How much of a digest names a secret.
const NAMED: usize = 16;

/// A secret as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ClientSecret {
    /// SHA-256.
    pub digest: Digest,
    /// How it begins; empty for secrets that were made elsewhere.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; absent: never.
    pub expires_at: Option<Timestamp>,
}

impl ClientSecret {
    /// What names it among the client's. It tells nothing of the secret.
    #[must_use]
    pub fn id(&self) -> &str {
        self.digest.as_str().get(..NAMED).unwrap_or_default()
    }
}

sql! {
    tenant ADD(5) = "INSERT INTO client_secrets (tenant_id, client_id, digest, created_at, prefix)
        VALUES ($1, $2, $3, $4, $5)";
    tenant EXPIRE(3) = "UPDATE client_secrets SET expires_at = $3
        WHERE tenant_id = $1 AND client_id = $2 AND (expires_at IS NULL OR expires_at > $3)";
    tenant END(4) = "UPDATE client_secrets SET expires_at = $4
        WHERE tenant_id = $1 AND client_id = $2 AND digest = $3 AND (expires_at IS NULL OR expires_at > $4)";
    tenant ALL(2) = "SELECT digest, prefix, created_at, expires_at FROM client_secrets
        WHERE tenant_id = $1 AND client_id = $2 ORDER BY created_at, COALESCE(expires_at, 9223372036854775807), digest";
    tenant REMOVE_ALL(2) = "DELETE FROM client_secrets WHERE tenant_id = $1 AND client_id = $2";
}

/// Adds a secret beside the ones that there are.
///
/// # Errors
/// The database failed.
pub async fn add(
    run: impl Run,
    tenant: &TenantId,
    client: &ClientId,
    secret: &Secret,
    now: Timestamp,
) -> sqlx::Result<()> {
    let prefix: String = secret.expose().chars().take(SHOWN).collect();
    run.execute(ADD, (tenant.clone(), client.clone(), secret.digest(), now, prefix)).await.map(drop)
}

/// As [`add`], of a secret that was made elsewhere: it may be short or a word, so nothing of it is kept readable.
///
/// # Errors
/// The database failed.
pub async fn add_foreign(
    run: impl Run,
    tenant: &TenantId,
    client: &ClientId,
    secret: &Secret,
    now: Timestamp,
) -> sqlx::Result<()> {
    run.execute(ADD, (tenant.clone(), client.clone(), secret.digest(), now, String::new())).await.map(drop)
}

/// Lets all present secrets end at `at`: the overlap of a rotation.
///
/// # Errors
/// The database failed.
pub async fn expire(run: impl Run, tenant: &TenantId, client: &ClientId, at: Timestamp) -> sqlx::Result<()> {
    run.execute(EXPIRE, (tenant.clone(), client.clone(), at)).await.map(drop)
}

/// Ends one of them. `false`: it has ended already.
///
/// # Errors
/// The database failed.
pub async fn end(
    run: impl Run,
    tenant: &TenantId,
    client: &ClientId,
    digest: &Digest,
    now: Timestamp,
) -> sqlx::Result<bool> {
    Ok(run.execute(END, (tenant.clone(), client.clone(), digest.clone(), now)).await? == 1)
}

/// All secrets of a client, ended ones included, oldest first.
///
/// # Errors
/// The database failed.
pub async fn all(run: impl Run, tenant: &TenantId, client: &ClientId) -> sqlx::Result<Vec<ClientSecret>> {
    run.all(ALL, (tenant.clone(), client.clone())).await
}

/// Removes all of them.
///
/// # Errors
/// The database failed.
pub async fn remove_all(run: impl Run, tenant: &TenantId, client: &ClientId) -> sqlx::Result<()> {
    run.execute(REMOVE_ALL, (tenant.clone(), client.clone())).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seconds;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn w076_secrets_are_told_apart_without_being_told_and_end_one_by_one() {
        for db in databases().await {
            let (one, client, now) = (tenant(&db, "one").await, ClientId::from("orders"), Timestamp(1_000));
            let (old, new) = (Secret::generate(), Secret::generate());
            add(&db, &one, &client, &old, now).await.unwrap();
            expire(&db, &one, &client, now.plus(Seconds(60))).await.unwrap();
            add(&db, &one, &client, &new, now.plus(Seconds(1))).await.unwrap();
            let kept = all(&db, &one, &client).await.unwrap();
            assert_eq!(kept.iter().map(|kept| kept.expires_at).collect::<Vec<_>>(), [Some(Timestamp(1_060)), None]);
            assert!(new.expose().starts_with(&kept[1].prefix) && kept[1].prefix.len() == 5);
            assert!(kept[0].id() != kept[1].id() && kept[0].id().len() == 16);
            assert!(end(&db, &one, &client, &kept[1].digest, Timestamp(1_010)).await.unwrap());
            assert!(!end(&db, &one, &client, &kept[1].digest, Timestamp(1_010)).await.unwrap());
            assert!(all(&db, &tenant(&db, "two").await, &client).await.unwrap().is_empty());
            remove_all(&db, &one, &client).await.unwrap();
            assert!(all(&db, &one, &client).await.unwrap().is_empty());
        }
    }
}
