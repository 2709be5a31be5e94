//! Smaller pictures of files, and where their bytes lie.

use super::db::{Run, Tx};
use super::sql::sql;
use crate::base::BlobId;
use crate::store::files::File;

/// A smaller picture.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Thumbnail {
    /// Its bytes.
    pub blob_id: BlobId,
    /// Its type.
    pub kind: String,
    /// How many bytes.
    pub size: i64,
}

sql! {
    tenant GET(4) = "SELECT blob_id, kind, size FROM thumbnails
        WHERE tenant_id = $1 AND file_id = $2 AND name = $3 AND made_of = $4";
    tenant PUT(7) = "INSERT INTO thumbnails (tenant_id, file_id, name, made_of, blob_id, kind, size)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, file_id, name) DO NOTHING";
    // Locks the file, so that what is made of its bytes and what removes them take turns.
    tenant HOLD(3) = "UPDATE files SET downloads = downloads
        WHERE tenant_id = $1 AND id = $2 AND blob_id = $3 AND deleted_at IS NULL";
    tenant FORGET(2) = "DELETE FROM thumbnails WHERE tenant_id = $1 AND file_id = $2 RETURNING blob_id, kind, size";
}

/// The smaller picture of this name, made of the bytes that the file has.
///
/// # Errors
/// The database failed.
pub async fn get(run: impl Run, file: &File, name: &str) -> sqlx::Result<Option<Thumbnail>> {
    let values = (file.tenant_id.clone(), file.id.clone(), name.to_owned(), file.blob_id.clone());
    run.one(GET, values).await
}

/// Keeps one. `false`: the file is gone or has other bytes by now, or somebody else was faster.
///
/// # Errors
/// The database failed.
pub async fn put(tx: &mut Tx, file: &File, name: &str, made: &Thumbnail) -> sqlx::Result<bool> {
    let held = (file.tenant_id.clone(), file.id.clone(), file.blob_id.clone());
    if tx.execute(HOLD, held).await? == 0 {
        return Ok(false);
    }
    let (file, made) = (file.clone(), made.clone());
    let values = (file.tenant_id, file.id, name.to_owned(), file.blob_id, made.blob_id, made.kind, made.size);
    Ok(tx.execute(PUT, values).await? == 1)
}

/// Forgets those of a file, which is locked; answers what they were.
///
/// # Errors
/// The database failed.
pub async fn forget(tx: &mut Tx, file: &File) -> sqlx::Result<Vec<Thumbnail>> {
    tx.all(FORGET, (file.tenant_id.clone(), file.id.clone())).await
}
