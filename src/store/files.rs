//! Files: what they are called, whose they are and who may see them. Where their bytes lie is told in `blobs`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::db::{Run, Tx};
use super::sql::sql;
use super::values::{Flag, Json, words};
use crate::base::{BlobId, FileId, TenantId, Timestamp, UserId};

words! {
    /// Whether a file's bytes may be read.
    FileState {
        /// They may.
        Ready = "ready",
        /// They have to be looked at first.
        Scanning = "scanning",
        /// Something bad was found in them.
        Quarantined = "quarantined",
    }
}

words! {
    /// For whom a file is meant; the tenant's rules say what follows from it.
    Visibility {
        /// For its owner.
        Private = "private",
        /// For everybody of the tenant.
        Tenant = "tenant",
        /// For whoever knows its address, where the tenant allows that.
        Public = "public",
    }
}

/// What the language of documents sees of a file, and callers too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// What its owner calls it; never a path.
    pub name: String,
    /// Where its owner puts it: folders, by name.
    pub path: Option<String>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the sender said it is.
    pub declared_type: Option<String>,
    /// How many bytes.
    pub size: i64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Whether it may be read.
    pub state: FileState,
    /// For whom it is meant.
    pub visibility: Visibility,
    /// What its owner says about it.
    pub metadata: Map<String, Value>,
}

/// A file.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct File {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id.
    pub id: FileId,
    /// Grows with every change.
    pub rev: i64,
    /// Who brought it.
    pub owner: String,
    /// Its bytes.
    pub blob_id: BlobId,
    /// How many.
    pub size: i64,
    /// Whether its type was found in its bytes.
    pub sniffed: Flag,
    /// What is said of it.
    pub view: Json<View>,
    /// The generation of its signed links.
    pub links: i64,
    /// Whether it waits to be looked at.
    pub scan_due: Flag,
    /// How often its bytes were read.
    pub downloads: i64,
    /// When that was the last time.
    pub downloaded_at: Option<Timestamp>,
    /// RFC 3339.
    pub created: String,
    /// RFC 3339.
    pub updated: String,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// Until when it can be restored.
    pub purge_at: Option<Timestamp>,
}

sql! {
    tenant INSERT(12) = "INSERT INTO files (tenant_id, id, rev, owner, blob_id, size, sniffed, view, links, scan_due,
            downloads, created, updated)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12) ON CONFLICT (tenant_id, id) DO NOTHING";
    tenant GET(2) = "SELECT tenant_id, id, rev, owner, blob_id, size, sniffed, view, links, scan_due, downloads,
            downloaded_at, created, updated, deleted_at, purge_at
        FROM files WHERE tenant_id = $1 AND id = $2";
    tenant GET_FOR(3) = "SELECT f.tenant_id, f.id, f.rev, f.owner, f.blob_id, f.size, f.sniffed, f.view, f.links,
            f.scan_due, f.downloads, f.downloaded_at, f.created, f.updated, f.deleted_at, f.purge_at,
            CAST(CASE WHEN u.id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS acts
        FROM files f LEFT JOIN users u ON u.tenant_id = f.tenant_id AND u.id = $3 AND u.status = 'active'
        WHERE f.tenant_id = $1 AND f.id = $2";
    tenant WRITE(10) = "UPDATE files SET rev = rev + 1, blob_id = $4, size = $5, sniffed = $6, view = $7, links = $8,
            scan_due = $9, updated = $10
        WHERE tenant_id = $1 AND id = $2 AND rev = $3 AND deleted_at IS NULL";
    tenant BURY(5) = "UPDATE files SET rev = rev + 1, links = links + 1, deleted_at = $4, purge_at = $5
        WHERE tenant_id = $1 AND id = $2 AND rev = $3 AND deleted_at IS NULL";
    tenant RAISE(4) = "UPDATE files SET rev = rev + 1, deleted_at = NULL, purge_at = NULL
        WHERE tenant_id = $1 AND id = $2 AND rev = $3 AND deleted_at IS NOT NULL AND purge_at > $4";
    tenant ERASE(3) = "DELETE FROM files WHERE tenant_id = $1 AND id = $2 AND rev = $3";
    tenant READ(4) = "UPDATE files SET downloads = downloads + $4, downloaded_at = $3 WHERE tenant_id = $1 AND id = $2";
    tenant DUE(2) = "SELECT tenant_id, id, rev, owner, blob_id, size, sniffed, view, links, scan_due, downloads,
            downloaded_at, created, updated, deleted_at, purge_at
        FROM files WHERE purge_at <= $1 ORDER BY purge_at LIMIT $2";
    tenant TO_SCAN(1) = "SELECT tenant_id, id, rev, owner, blob_id, size, sniffed, view, links, scan_due, downloads,
            downloaded_at, created, updated, deleted_at, purge_at
        FROM files WHERE scan_due = 1 AND deleted_at IS NULL LIMIT $1";
}

/// Stores a new file, unless its id is taken.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, file: &File) -> sqlx::Result<bool> {
    let f = file.clone();
    let head = (f.tenant_id, f.id, f.rev, f.owner, f.blob_id, f.size);
    let values =
        (head.0, head.1, head.2, head.3, head.4, head.5, f.sniffed, f.view, f.links, f.scan_due, f.created, f.updated);
    Ok(run.execute(INSERT, values).await? == 1)
}

/// A file, deleted ones included.
///
/// # Errors
/// The database failed.
pub async fn get(run: impl Run, tenant: &TenantId, id: &FileId) -> sqlx::Result<Option<File>> {
    run.one(GET, (tenant.clone(), id.clone())).await
}

/// A file and whether somebody may act.
#[derive(Debug, sqlx::FromRow)]
struct FileFor {
    #[sqlx(flatten)]
    file: File,
    acts: Flag,
}

/// A file, deleted ones included, and whether this person may act.
///
/// # Errors
/// The database failed.
pub async fn get_for(
    run: impl Run,
    tenant: &TenantId,
    id: &FileId,
    person: &UserId,
) -> sqlx::Result<Option<(File, bool)>> {
    let found: Option<FileFor> = run.one(GET_FOR, (tenant.clone(), id.clone(), person.clone())).await?;
    Ok(found.map(|found| (found.file, found.acts.0)))
}

/// Stores what a file has become, if it is still of the revision that it carries.
///
/// # Errors
/// The database failed.
pub async fn write(run: impl Run, file: &File) -> sqlx::Result<bool> {
    let f = file.clone();
    let values = (f.tenant_id, f.id, f.rev, f.blob_id, f.size, f.sniffed, f.view, f.links, f.scan_due, f.updated);
    Ok(run.execute(WRITE, values).await? == 1)
}

/// Deletes a file of this revision; it can be restored until `purge_at`. Its signed links lead nowhere any more.
///
/// # Errors
/// The database failed.
pub async fn bury(run: impl Run, file: &File, now: Timestamp, purge_at: Timestamp) -> sqlx::Result<bool> {
    let values = (file.tenant_id.clone(), file.id.clone(), file.rev, now, purge_at);
    Ok(run.execute(BURY, values).await? == 1)
}

/// Brings a deleted file back, if it is not too late.
///
/// # Errors
/// The database failed.
pub async fn raise(run: impl Run, file: &File, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(RAISE, (file.tenant_id.clone(), file.id.clone(), file.rev, now)).await? == 1)
}

/// Removes a file of this revision for good.
///
/// # Errors
/// The database failed.
pub async fn erase(tx: &mut Tx, file: &File) -> sqlx::Result<bool> {
    Ok(tx.execute(ERASE, (file.tenant_id.clone(), file.id.clone(), file.rev)).await? == 1)
}

/// Notes that a file's bytes were read, `times` from their beginning.
///
/// # Errors
/// The database failed.
pub async fn read(run: impl Run, file: &File, now: Timestamp, times: i64) -> sqlx::Result<()> {
    run.execute(READ, (file.tenant_id.clone(), file.id.clone(), now, times)).await.map(drop)
}

/// Deleted files of any tenant that cannot be restored any more.
///
/// # Errors
/// The database failed.
pub async fn due(run: impl Run, now: Timestamp, limit: i64) -> sqlx::Result<Vec<File>> {
    run.all(DUE, (now, limit)).await
}

/// Files of any tenant that wait to be looked at.
///
/// # Errors
/// The database failed.
pub async fn to_scan(run: impl Run, limit: i64) -> sqlx::Result<Vec<File>> {
    run.all(TO_SCAN, (limit,)).await
}
