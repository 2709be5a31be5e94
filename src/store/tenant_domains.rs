//! The domains that tenants claim, and what each has to show. Of all claims to one domain at most one is proven.

use super::db::{Run, Tx};
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Domain {
    /// Whose.
    pub tenant_id: TenantId,
    /// The host name.
    pub domain: String,
    /// What has to be shown; absent: operators answer for it.
    pub challenge: Option<String>,
    /// Since when it is proven.
    pub verified_at: Option<Timestamp>,
    /// When it was looked at last.
    pub checked_at: Option<Timestamp>,
    /// Since when it does not show it any more.
    pub failing_since: Option<Timestamp>,
    /// When it was claimed.
    pub created_at: Timestamp,
}

sql! {
    tenant LIST(1) = "SELECT tenant_id, domain, challenge, verified_at, checked_at, failing_since, created_at
        FROM tenant_domains WHERE tenant_id = $1 ORDER BY domain";
    tenant FIND(2) = "SELECT tenant_id, domain, challenge, verified_at, checked_at, failing_since, created_at
        FROM tenant_domains WHERE tenant_id = $1 AND domain = $2";
    tenant HOLDER(1) = "SELECT tenant_id, domain, challenge, verified_at, checked_at, failing_since, created_at
        FROM tenant_domains WHERE domain = $1 AND verified_at IS NOT NULL";
    tenant CLAIM(4) = "INSERT INTO tenant_domains (tenant_id, domain, challenge, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, domain) DO NOTHING";
    tenant PROVEN(3) = "UPDATE tenant_domains
        SET verified_at = COALESCE(verified_at, $3), checked_at = $3, failing_since = NULL
        WHERE tenant_id = $1 AND domain = $2";
    tenant FAILED(3) = "UPDATE tenant_domains SET checked_at = $3,
            failing_since = CASE WHEN verified_at IS NULL THEN NULL ELSE COALESCE(failing_since, $3) END
        WHERE tenant_id = $1 AND domain = $2";
    tenant LOST(2) = "UPDATE tenant_domains SET verified_at = NULL, failing_since = NULL
        WHERE tenant_id = $1 AND domain = $2 AND verified_at IS NOT NULL AND challenge IS NOT NULL";
    tenant REMOVE(2) = "DELETE FROM tenant_domains WHERE tenant_id = $1 AND domain = $2";
    tenant DUE(2) = "SELECT tenant_id, domain, challenge, verified_at, checked_at, failing_since, created_at
        FROM tenant_domains WHERE verified_at IS NOT NULL AND challenge IS NOT NULL AND checked_at < $1
        ORDER BY checked_at LIMIT $2";
}

/// What a tenant claims.
///
/// # Errors
/// The database failed.
pub async fn list(run: impl Run, tenant: &TenantId) -> sqlx::Result<Vec<Domain>> {
    run.all(LIST, (tenant.clone(),)).await
}

/// One of them.
///
/// # Errors
/// The database failed.
pub async fn find(run: impl Run, tenant: &TenantId, domain: &str) -> sqlx::Result<Option<Domain>> {
    run.one(FIND, (tenant.clone(), domain.to_owned())).await
}

/// The proven claim to a domain, whosever it is.
///
/// # Errors
/// The database failed.
pub async fn holder(run: impl Run, domain: &str) -> sqlx::Result<Option<Domain>> {
    run.one(HOLDER, (domain.to_owned(),)).await
}

/// Claims a domain. `false`: the tenant did before.
///
/// # Errors
/// The database failed.
pub async fn claim(
    run: impl Run,
    tenant: &TenantId,
    (domain, challenge): (&str, &str),
    now: Timestamp,
) -> sqlx::Result<bool> {
    let values = (tenant.clone(), domain.to_owned(), challenge.to_owned(), now);
    Ok(run.execute(CLAIM, values).await? == 1)
}

/// Notes that a domain shows what it has to. `false`: it is proven by another tenant, or not claimed any more.
///
/// # Errors
/// The database failed.
pub async fn proven(tx: &mut Tx, tenant: &TenantId, domain: &str, now: Timestamp) -> sqlx::Result<bool> {
    match tx.execute(PROVEN, (tenant.clone(), domain.to_owned(), now)).await {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        done => Ok(done? == 1),
    }
}

/// Notes that it does not.
///
/// # Errors
/// The database failed.
pub async fn failed(run: impl Run, tenant: &TenantId, domain: &str, now: Timestamp) -> sqlx::Result<()> {
    run.execute(FAILED, (tenant.clone(), domain.to_owned(), now)).await.map(drop)
}

/// Makes a proven claim an unproven one. `false`: it is none that rests on a proof.
///
/// # Errors
/// The database failed.
pub async fn lost(run: impl Run, tenant: &TenantId, domain: &str) -> sqlx::Result<bool> {
    Ok(run.execute(LOST, (tenant.clone(), domain.to_owned())).await? == 1)
}

/// Gives a claim up. `false`: there is none.
///
/// # Errors
/// The database failed.
pub async fn remove(run: impl Run, tenant: &TenantId, domain: &str) -> sqlx::Result<bool> {
    Ok(run.execute(REMOVE, (tenant.clone(), domain.to_owned())).await? == 1)
}

/// Up to `limit` proven domains of all tenants that were not looked at since.
///
/// # Errors
/// The database failed.
pub async fn due(run: impl Run, before: Timestamp, limit: i64) -> sqlx::Result<Vec<Domain>> {
    run.all(DUE, (before, limit)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn w068_many_may_claim_a_domain_and_one_can_have_proven_it() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            assert!(claim(&db, &one, ("id.test", "a"), Timestamp(1)).await.unwrap());
            assert!(!claim(&db, &one, ("id.test", "b"), Timestamp(1)).await.unwrap());
            assert!(claim(&db, &two, ("id.test", "c"), Timestamp(1)).await.unwrap());
            assert_eq!(holder(&db, "id.test").await.unwrap(), None);
            let prove = async |who: &TenantId, now| {
                let mut tx = db.begin().await.unwrap();
                let proven = proven(&mut tx, who, "id.test", Timestamp(now)).await.unwrap();
                if proven {
                    tx.commit().await.unwrap();
                }
                proven
            };
            assert!(prove(&two, 5).await && !prove(&one, 6).await);
            failed(&db, &two, "id.test", Timestamp(7)).await.unwrap();
            failed(&db, &two, "id.test", Timestamp(8)).await.unwrap();
            let held = holder(&db, "id.test").await.unwrap().unwrap();
            assert_eq!((held.tenant_id, held.failing_since), (two.clone(), Some(Timestamp(7))));
            assert_eq!(due(&db, Timestamp(9), 9).await.unwrap().len(), 1);
            assert!(lost(&db, &two, "id.test").await.unwrap() && prove(&one, 9).await);
            assert_eq!(find(&db, &two, "id.test").await.unwrap().unwrap().verified_at, None);
            assert!(remove(&db, &two, "id.test").await.unwrap() && !remove(&db, &two, "id.test").await.unwrap());
            assert_eq!(list(&db, &one).await.unwrap().len(), 1);
        }
    }
}
