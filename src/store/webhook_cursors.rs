//! Up to where the endpoints of tenants were told: a place in the audit trail, and one among the changes of documents.

use super::db::{Run, Tx};
use super::sql::sql;
use crate::base::TenantId;

sql! {
    tenant BEGIN(2) = "INSERT INTO webhook_cursors (tenant_id, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    tenant END(1) = "DELETE FROM webhook_cursors WHERE tenant_id = $1
        AND NOT EXISTS (SELECT 1 FROM webhook_endpoints WHERE tenant_id = $1)";
    tenant CURSOR(1) = "SELECT seq FROM webhook_cursors WHERE tenant_id = $1"
        | "SELECT seq FROM webhook_cursors WHERE tenant_id = $1 FOR UPDATE";
    tenant BEHIND(2) = "SELECT c.tenant_id FROM webhook_cursors c JOIN audit_chains h ON h.tenant_id = c.tenant_id
        WHERE h.seq > c.seq AND c.tenant_id > $1 ORDER BY c.tenant_id LIMIT $2";
    tenant FOLLOWING(2) = "SELECT tenant_id, documents FROM webhook_cursors
        WHERE documents IS NOT NULL AND tenant_id > $1 ORDER BY tenant_id LIMIT $2";
    tenant FOLLOW(2) = "UPDATE webhook_cursors SET documents = $2 WHERE tenant_id = $1 AND documents IS NULL";
    tenant MOVE_DOCUMENTS(3) = "UPDATE webhook_cursors SET documents = $3 WHERE tenant_id = $1 AND documents = $2";
    tenant MOVE(2) = "UPDATE webhook_cursors SET seq = $2 WHERE tenant_id = $1";
}

/// Begins to tell a tenant's endpoints of what comes after `seq`, unless that has begun.
///
/// # Errors
/// The database failed.
pub async fn begin(run: impl Run, tenant: &TenantId, seq: i64) -> sqlx::Result<()> {
    run.execute(BEGIN, (tenant.clone(), seq)).await.map(drop)
}

/// Forgets the place when a tenant has no endpoint left.
///
/// # Errors
/// The database failed.
pub async fn end(run: impl Run, tenant: &TenantId) -> sqlx::Result<()> {
    run.execute(END, (tenant.clone(),)).await.map(drop)
}

/// Up to where a tenant's endpoints were told; until `tx` ends nobody else moves it.
///
/// # Errors
/// The database failed.
pub async fn cursor(tx: &mut Tx, tenant: &TenantId) -> sqlx::Result<Option<i64>> {
    Ok(tx.one::<(i64,), 1>(CURSOR, (tenant.clone(),)).await?.map(|(seq,)| seq))
}

/// Up to `limit` tenants after this id in which something happened that their endpoints were not told of.
///
/// # Errors
/// The database failed.
pub async fn behind(run: impl Run, after: &str, limit: i64) -> sqlx::Result<Vec<TenantId>> {
    let found: Vec<(TenantId,)> = run.all(BEHIND, (after.to_owned(), limit)).await?;
    Ok(found.into_iter().map(|(tenant,)| tenant).collect())
}

/// Moves it.
///
/// # Errors
/// The database failed.
pub async fn move_to(tx: &mut Tx, tenant: &TenantId, seq: i64) -> sqlx::Result<()> {
    tx.execute(MOVE, (tenant.clone(), seq)).await.map(drop)
}

/// Up to `limit` tenants after this id whose endpoints are told of documents, and up to which change they were.
///
/// # Errors
/// The database failed.
pub async fn following(run: impl Run, after: &str, limit: i64) -> sqlx::Result<Vec<(TenantId, i64)>> {
    run.all(FOLLOWING, (after.to_owned(), limit)).await
}

/// Begins to tell a tenant's endpoints of changes of documents after this one, unless that has begun.
///
/// # Errors
/// The database failed.
pub async fn follow(run: impl Run, tenant: &TenantId, last: i64) -> sqlx::Result<()> {
    run.execute(FOLLOW, (tenant.clone(), last)).await.map(drop)
}

/// Moves on among changes of documents; to `None`, when nobody wants to know of them any more. `false`: somebody else
/// was faster.
///
/// # Errors
/// The database failed.
pub async fn move_documents(tx: &mut Tx, tenant: &TenantId, (from, to): (i64, Option<i64>)) -> sqlx::Result<bool> {
    Ok(tx.execute(MOVE_DOCUMENTS, (tenant.clone(), from, to)).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};
    use crate::store::webhooks;

    #[tokio::test]
    async fn only_tenants_with_endpoints_have_a_place_up_to_where_they_were_told() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            for id in ["1", "2"] {
                webhooks::insert(&db, &webhooks::sample(&one, id)).await.unwrap();
            }
            begin(&db, &one, 7).await.unwrap();
            begin(&db, &one, 9).await.unwrap();
            let mut tx = db.begin().await.unwrap();
            assert_eq!(cursor(&mut tx, &one).await.unwrap(), Some(7));
            move_to(&mut tx, &one, 8).await.unwrap();
            assert!(webhooks::remove(&mut tx, &one, "1").await.unwrap());
            assert!(!webhooks::remove(&mut tx, &one, "1").await.unwrap());
            end(&mut tx, &one).await.unwrap();
            assert_eq!(cursor(&mut tx, &one).await.unwrap(), Some(8), "one is left");
            assert!(webhooks::remove(&mut tx, &one, "2").await.unwrap());
            end(&mut tx, &one).await.unwrap();
            assert_eq!(cursor(&mut tx, &one).await.unwrap(), None);
            tx.commit().await.unwrap();
        }
    }

    #[tokio::test]
    async fn changes_of_documents_are_followed_from_one_place_by_one() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            begin(&db, &one, 7).await.unwrap();
            assert_eq!(following(&db, "", 9).await.unwrap(), []);
            follow(&db, &one, 3).await.unwrap();
            follow(&db, &one, 5).await.unwrap();
            assert_eq!(following(&db, "", 9).await.unwrap(), [(one.clone(), 3)]);
            let mut tx = db.begin().await.unwrap();
            assert!(move_documents(&mut tx, &one, (3, Some(4))).await.unwrap());
            assert!(!move_documents(&mut tx, &one, (3, Some(9))).await.unwrap());
            assert!(move_documents(&mut tx, &one, (4, None)).await.unwrap());
            assert_eq!(following(&mut tx, "", 9).await.unwrap(), []);
        }
    }
}
