//! Signing keys: per tenant and algorithm one that signs, one that will, and those whose tokens still live. The
//! database itself holds that there is one of each; private halves are here sealed only, and only while they sign.

use super::db::{Run, Tx};
use super::sql::sql;
use super::values::words;
use crate::base::{Kid, TenantId, Timestamp};

words! {
    /// Where a signing key stands in its life.
    KeyState {
        /// Published, so that verifiers know it before it signs.
        Next = "next",
        /// Signs.
        Current = "current",
        /// Published as long as a token it signed can live. Its private half is gone.
        Previous = "previous",
        /// No longer published. Kept to recognise an old `id_token_hint`.
        Retired = "retired",
    }
}

/// A signing key.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SigningKey {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its name in the key set and in tokens.
    pub kid: Kid,
    /// What it signs with, as in `alg`.
    pub alg: String,
    /// Where it stands.
    pub state: KeyState,
    /// What is published.
    pub public_jwk: String,
    /// The sealed private half; empty once it signs no more.
    pub sealed_jwk: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began, or is to begin, to sign.
    pub activates_at: Timestamp,
    /// When the last token it signed is dead.
    pub retires_at: Option<Timestamp>,
}

/// The end of one key's time and the beginning of the next one's.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The key that signs now. Whoever finds another one in its place was late.
    pub current: Kid,
    /// When the change is made.
    pub now: Timestamp,
    /// How long `current` stays published.
    pub retires_at: Timestamp,
    /// The key that will sign after the one that now begins to.
    pub next: SigningKey,
}

sql! {
    tenant INSERT(9) = "INSERT INTO signing_keys (tenant_id, kid, alg, state, public_jwk, sealed_jwk, created_at,
            activates_at, retires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    tenant PUBLISHED(1) = "SELECT tenant_id, kid, alg, state, public_jwk, sealed_jwk, created_at, activates_at,
            retires_at
        FROM signing_keys WHERE tenant_id = $1 AND state IN ('next', 'current', 'previous')
        ORDER BY alg, created_at, kid";
    tenant BY_KID(2) = "SELECT tenant_id, kid, alg, state, public_jwk, sealed_jwk, created_at, activates_at, retires_at
        FROM signing_keys WHERE tenant_id = $1 AND kid = $2";
    tenant DEMOTE(4) = "UPDATE signing_keys SET state = 'previous', sealed_jwk = '', retires_at = $4
        WHERE tenant_id = $1 AND alg = $2 AND kid = $3 AND state = 'current'";
    tenant PROMOTE(3) = "UPDATE signing_keys SET state = 'current', activates_at = $3
        WHERE tenant_id = $1 AND alg = $2 AND state = 'next'";
    tenant REVOKE(3) = "UPDATE signing_keys SET state = 'retired', sealed_jwk = '', retires_at = $3
        WHERE tenant_id = $1 AND kid = $2 AND state = 'previous'";
    global DUE(2) = "SELECT tenant_id, kid, alg, state, public_jwk, sealed_jwk, created_at, activates_at, retires_at
        FROM signing_keys WHERE state = 'current' AND activates_at <= $1 ORDER BY activates_at LIMIT $2";
    global RETIRE(2) = "UPDATE signing_keys SET state = 'retired', sealed_jwk = ''
        WHERE state = 'previous' AND (tenant_id, kid) IN (SELECT tenant_id, kid FROM signing_keys
            WHERE state = 'previous' AND retires_at <= $1 ORDER BY retires_at LIMIT $2)";
    global FORGET(2) = "DELETE FROM signing_keys
        WHERE state = 'retired' AND (tenant_id, kid) IN (SELECT tenant_id, kid FROM signing_keys
            WHERE state = 'retired' AND retires_at <= $1 ORDER BY retires_at LIMIT $2)";
    global ANY_SEALED(0) = "SELECT tenant_id, kid, alg, state, public_jwk, sealed_jwk, created_at, activates_at,
            retires_at
        FROM signing_keys WHERE state = 'current' LIMIT 1";
}

/// Stores a key, unless one of this tenant, algorithm and state is there: then `false`.
///
/// # Errors
/// The database failed, or has no such tenant.
pub async fn insert(run: impl Run, key: &SigningKey) -> sqlx::Result<bool> {
    let k = key.clone();
    let values =
        (k.tenant_id, k.kid, k.alg, k.state, k.public_jwk, k.sealed_jwk, k.created_at, k.activates_at, k.retires_at);
    Ok(run.execute(INSERT, values).await? == 1)
}

/// The keys of a tenant's key set.
///
/// # Errors
/// The database failed.
pub async fn published(run: impl Run, tenant: &TenantId) -> sqlx::Result<Vec<SigningKey>> {
    run.all(PUBLISHED, (tenant.clone(),)).await
}

/// A tenant's key of this name, retired ones included.
///
/// # Errors
/// The database failed.
pub async fn by_kid(run: impl Run, tenant: &TenantId, kid: &Kid) -> sqlx::Result<Option<SigningKey>> {
    run.one(BY_KID, (tenant.clone(), kid.clone())).await
}

/// Current becomes previous, next becomes current, a new next is stored. `false`, and the transaction must be dropped:
/// somebody else rotated first.
///
/// # Errors
/// The database failed.
pub async fn rotate(tx: &mut Tx, rotation: &Rotation) -> sqlx::Result<bool> {
    let Rotation { current, now, retires_at, next } = rotation.clone();
    let (tenant, alg) = (next.tenant_id.clone(), next.alg.clone());
    Ok(tx.execute(DEMOTE, (tenant.clone(), alg.clone(), current, retires_at)).await? == 1
        && tx.execute(PROMOTE, (tenant, alg, now)).await? == 1
        && insert(tx, &next).await?)
}

/// Ends a previous key before its time. `false`: there is no such previous key.
///
/// # Errors
/// The database failed.
pub async fn revoke(run: impl Run, tenant: &TenantId, kid: &Kid, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(REVOKE, (tenant.clone(), kid.clone(), now)).await? == 1)
}

/// Up to `limit` keys of all tenants that sign since `since` or longer.
///
/// # Errors
/// The database failed.
pub async fn current_since(run: impl Run, since: Timestamp, limit: i64) -> sqlx::Result<Vec<SigningKey>> {
    run.all(DUE, (since, limit)).await
}

/// Retires up to `limit` previous keys of all tenants whose time is over; answers how many.
///
/// # Errors
/// The database failed.
pub async fn retire(run: impl Run, now: Timestamp, limit: i64) -> sqlx::Result<u64> {
    run.execute(RETIRE, (now, limit)).await
}

/// Deletes up to `limit` keys of all tenants that retired before `before`; answers how many.
///
/// # Errors
/// The database failed.
pub async fn forget(run: impl Run, before: Timestamp, limit: i64) -> sqlx::Result<u64> {
    run.execute(FORGET, (before, limit)).await
}

/// Some key of some tenant, to try the master key on.
///
/// # Errors
/// The database failed.
pub async fn any_sealed(run: impl Run) -> sqlx::Result<Option<SigningKey>> {
    run.one(ANY_SEALED, ()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    fn key(tenant: &TenantId, kid: &str, state: KeyState) -> SigningKey {
        SigningKey {
            tenant_id: tenant.clone(),
            kid: Kid::from(kid),
            alg: "ES256".to_owned(),
            state,
            public_jwk: "{}".to_owned(),
            sealed_jwk: "sealed".to_owned(),
            created_at: Timestamp(1),
            activates_at: Timestamp(1),
            retires_at: None,
        }
    }

    #[tokio::test]
    async fn the_database_holds_one_current_and_one_next_per_tenant_and_algorithm() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            assert!(insert(&db, &key(&one, "a", KeyState::Current)).await.unwrap());
            assert!(!insert(&db, &key(&one, "b", KeyState::Current)).await.unwrap());
            assert!(insert(&db, &key(&one, "b", KeyState::Next)).await.unwrap());
            assert!(!insert(&db, &key(&one, "c", KeyState::Next)).await.unwrap());
            assert!(insert(&db, &key(&two, "a", KeyState::Current)).await.unwrap());
            assert_eq!(published(&db, &one).await.unwrap().len(), 2);
            assert_eq!(by_kid(&db, &two, &Kid::from("b")).await.unwrap(), None, "X2: found by another tenant");
        }
    }

    #[tokio::test]
    async fn a_rotation_happens_once_and_takes_the_private_half_of_the_old_key_with_it() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            insert(&db, &key(&one, "a", KeyState::Current)).await.unwrap();
            insert(&db, &key(&one, "b", KeyState::Next)).await.unwrap();
            let rotation = |next: &str| Rotation {
                current: Kid::from("a"),
                now: Timestamp(9),
                retires_at: Timestamp(20),
                next: key(&one, next, KeyState::Next),
            };
            for (next, first) in [("c", true), ("d", false)] {
                let mut tx = db.begin().await.unwrap();
                assert_eq!(rotate(&mut tx, &rotation(next)).await.unwrap(), first);
                if first {
                    tx.commit().await.unwrap();
                }
            }
            let kept = published(&db, &one).await.unwrap();
            let states = kept.iter().map(|key| (key.kid.as_str(), key.state)).collect::<Vec<_>>();
            assert_eq!(states, [("a", KeyState::Previous), ("b", KeyState::Current), ("c", KeyState::Next)]);
            assert_eq!((kept[0].sealed_jwk.as_str(), kept[0].retires_at), ("", Some(Timestamp(20))));

            assert_eq!(retire(&db, Timestamp(19), 10).await.unwrap(), 0);
            assert_eq!(retire(&db, Timestamp(20), 10).await.unwrap(), 1);
            assert_eq!(published(&db, &one).await.unwrap().len(), 2);
            assert_eq!(forget(&db, Timestamp(20), 10).await.unwrap(), 1);
        }
    }
}
