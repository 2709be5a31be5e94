//! Which bytes lie in the store, how many files are made of them, and which are to go.

use super::db::{Db, Run, Tx};
use super::sql::sql;
use crate::base::{BlobId, TenantId, Timestamp};

/// Bytes that no file is made of.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Loose {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Which.
    pub id: BlobId,
    /// For whom something is reserved.
    pub subject: String,
    /// How many files are.
    pub reserved_files: i64,
    /// How many bytes are.
    pub reserved_bytes: i64,
    /// When they go.
    pub ends_at: Timestamp,
}

sql! {
    tenant KEEP(5) = "INSERT INTO blobs (tenant_id, id, sha256, size, uses, created_at) VALUES ($1, $2, $3, $4, 1, $5)
        ON CONFLICT (tenant_id, sha256, size) DO UPDATE SET uses = blobs.uses + 1 RETURNING id";
    tenant RELEASE(2) = "UPDATE blobs SET uses = uses - 1 WHERE tenant_id = $1 AND id = $2 RETURNING uses";
    tenant GONE(2) = "DELETE FROM blobs WHERE tenant_id = $1 AND id = $2 AND uses = 0";
    tenant LOOSEN(6) = "INSERT INTO loose_blobs (tenant_id, id, subject, reserved_files, reserved_bytes, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    tenant TAKE(2) = "DELETE FROM loose_blobs WHERE tenant_id = $1 AND id = $2
        RETURNING tenant_id, id, subject, reserved_files, reserved_bytes, ends_at";
    tenant EXPIRE(3) = "UPDATE loose_blobs SET ends_at = $3 WHERE tenant_id = $1 AND id = $2";
    tenant DUE(2) = "SELECT tenant_id, id, subject, reserved_files, reserved_bytes, ends_at FROM loose_blobs
        WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2";
    tenant KNOWN(2) = "SELECT id FROM blobs WHERE tenant_id = $1 AND id = $2
        UNION ALL SELECT id FROM loose_blobs WHERE tenant_id = $1 AND id = $2
        UNION ALL SELECT blob_id FROM upload_pieces WHERE tenant_id = $1 AND blob_id = $2";
}

/// Makes bytes part of one more file. Answers which blob they are: another one when the same bytes lie there already.
///
/// # Errors
/// The database failed.
pub async fn keep(
    tx: &mut Tx,
    (tenant, id): (&TenantId, &BlobId),
    (sha256, size): (&str, i64),
    now: Timestamp,
) -> sqlx::Result<BlobId> {
    let kept: Option<(BlobId,)> = tx.one(KEEP, (tenant.clone(), id.clone(), sha256.to_owned(), size, now)).await?;
    kept.map(|(id,)| id).ok_or(sqlx::Error::RowNotFound)
}

/// Makes bytes part of one file less. What nothing is made of any more is loose, and goes at once.
///
/// # Errors
/// The database failed.
pub async fn release(tx: &mut Tx, tenant: &TenantId, id: &BlobId, now: Timestamp) -> sqlx::Result<bool> {
    let left: Option<(i64,)> = tx.one(RELEASE, (tenant.clone(), id.clone())).await?;
    if left != Some((0,)) {
        return Ok(false);
    }
    tx.execute(GONE, (tenant.clone(), id.clone())).await?;
    loosen(tx, &Loose::nothing(tenant, id, now)).await?;
    Ok(true)
}

impl Loose {
    /// Bytes for which nothing is reserved and which go at `ends_at`.
    #[must_use]
    pub fn nothing(tenant: &TenantId, id: &BlobId, ends_at: Timestamp) -> Self {
        let (tenant_id, id) = (tenant.clone(), id.clone());
        Self { tenant_id, id, subject: String::new(), reserved_files: 0, reserved_bytes: 0, ends_at }
    }
}

/// Notes bytes that no file is made of, before they are written or once no file needs them.
///
/// # Errors
/// The database failed.
pub async fn loosen(run: impl Run, loose: &Loose) -> sqlx::Result<()> {
    let l = loose.clone();
    let values = (l.tenant_id, l.id, l.subject, l.reserved_files, l.reserved_bytes, l.ends_at);
    run.execute(LOOSEN, values).await.map(drop)
}

/// Takes loose bytes, to make a file of them or because they are gone. One caller gets them.
///
/// # Errors
/// The database failed.
pub async fn take(tx: &mut Tx, tenant: &TenantId, id: &BlobId) -> sqlx::Result<Option<Loose>> {
    tx.one(TAKE, (tenant.clone(), id.clone())).await
}

/// Lets loose bytes go at `now`.
///
/// # Errors
/// The database failed.
pub async fn expire(run: impl Run, tenant: &TenantId, id: &BlobId, now: Timestamp) -> sqlx::Result<()> {
    run.execute(EXPIRE, (tenant.clone(), id.clone(), now)).await.map(drop)
}

/// Loose bytes of any tenant whose time is over.
///
/// # Errors
/// The database failed.
pub async fn due(run: impl Run, now: Timestamp, limit: i64) -> sqlx::Result<Vec<Loose>> {
    run.all(DUE, (now, limit)).await
}

/// Whether there is a row about these bytes.
///
/// # Errors
/// The database failed.
pub async fn is_known(db: &Db, tenant: &TenantId, id: &BlobId) -> sqlx::Result<bool> {
    let rows: Vec<(BlobId,)> = db.all(KNOWN, (tenant.clone(), id.clone())).await?;
    Ok(!rows.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    const NOW: Timestamp = Timestamp(1_000);

    #[tokio::test]
    async fn the_same_bytes_are_kept_once_within_a_tenant_and_go_with_their_last_file() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let ids = [BlobId::generate(), BlobId::generate(), BlobId::generate()];
            let mut tx = db.begin().await.unwrap();
            assert_eq!(keep(&mut tx, (&one, &ids[0]), ("digest", 5), NOW).await.unwrap(), ids[0]);
            assert_eq!(keep(&mut tx, (&one, &ids[1]), ("digest", 5), NOW).await.unwrap(), ids[0]);
            assert_eq!(keep(&mut tx, (&two, &ids[2]), ("digest", 5), NOW).await.unwrap(), ids[2], "never shared");
            assert!(!release(&mut tx, &one, &ids[0], NOW).await.unwrap());
            assert!(release(&mut tx, &one, &ids[0], NOW).await.unwrap());
            tx.commit().await.unwrap();
            assert_eq!(due(&db, NOW, 9).await.unwrap(), [Loose::nothing(&one, &ids[0], NOW)]);
            assert!(is_known(&db, &one, &ids[0]).await.unwrap() && is_known(&db, &two, &ids[2]).await.unwrap());
            assert!(!is_known(&db, &two, &ids[0]).await.unwrap() && !is_known(&db, &one, &ids[1]).await.unwrap());
        }
    }

    #[tokio::test]
    async fn loose_bytes_are_taken_once() {
        for db in databases().await {
            let (one, id) = (tenant(&db, "one").await, BlobId::generate());
            let loose = Loose { reserved_bytes: 7, subject: "ada".to_owned(), ..Loose::nothing(&one, &id, NOW) };
            loosen(&db, &loose).await.unwrap();
            let mut tx = db.begin().await.unwrap();
            assert_eq!(take(&mut tx, &one, &id).await.unwrap(), Some(loose));
            assert_eq!(take(&mut tx, &one, &id).await.unwrap(), None);
        }
    }
}
