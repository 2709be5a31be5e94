//! Files that arrive in pieces: how far each has come, and where its pieces lie.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::db::{Run, Tx};
use super::sql::sql;
use super::values::Json;
use crate::base::{BlobId, TenantId, Timestamp, UploadId};

/// A file that arrives in pieces. `T` is what was said about it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Upload<T> {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id, which becomes the file's.
    pub id: UploadId,
    /// Who sends it.
    pub owner: String,
    /// How many bytes it will have.
    pub length: i64,
    /// How many there are.
    pub received: i64,
    /// In how many pieces.
    pub pieces: i64,
    /// What was said about it.
    pub about: Json<T>,
    /// When it is given up.
    pub ends_at: Timestamp,
}

/// A piece.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Piece {
    /// Where it begins.
    pub start: i64,
    /// How many bytes it has.
    pub length: i64,
    /// Where they lie.
    pub blob_id: BlobId,
}

sql! {
    tenant BEGIN(6) = "INSERT INTO uploads (tenant_id, id, owner, length, received, pieces, about, ends_at)
        VALUES ($1, $2, $3, $4, 0, 0, $5, $6)";
    tenant GET(3) = "SELECT tenant_id, id, owner, length, received, pieces, about, ends_at FROM uploads
        WHERE tenant_id = $1 AND id = $2 AND ends_at > $3";
    tenant ADVANCE(4) = "UPDATE uploads SET received = received + $4, pieces = pieces + 1
        WHERE tenant_id = $1 AND id = $2 AND received = $3 AND received + $4 <= length";
    tenant PIECE(5) = "INSERT INTO upload_pieces (tenant_id, upload_id, start, length, blob_id)
        VALUES ($1, $2, $3, $4, $5)";
    tenant PIECES(2) = "SELECT start, length, blob_id FROM upload_pieces
        WHERE tenant_id = $1 AND upload_id = $2 ORDER BY start";
    tenant FORGET_PIECES(2) = "DELETE FROM upload_pieces WHERE tenant_id = $1 AND upload_id = $2";
    tenant TAKE(2) = "DELETE FROM uploads WHERE tenant_id = $1 AND id = $2
        RETURNING tenant_id, id, owner, length, received, pieces, about, ends_at";
    tenant DUE(2) = "SELECT tenant_id, id FROM uploads WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2";
}

/// Begins one.
///
/// # Errors
/// The database failed.
pub async fn begin<T: Serialize + DeserializeOwned + Clone + Send>(
    run: impl Run,
    upload: &Upload<T>,
) -> sqlx::Result<()> {
    let about = serde_json::to_string(&upload.about).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let (tenant, id, owner) = (upload.tenant_id.clone(), upload.id.clone(), upload.owner.clone());
    run.execute(BEGIN, (tenant, id, owner, upload.length, about, upload.ends_at)).await.map(drop)
}

/// One that is not given up.
///
/// # Errors
/// The database failed.
pub async fn get<T>(run: impl Run, tenant: &TenantId, id: &UploadId, now: Timestamp) -> sqlx::Result<Option<Upload<T>>>
where
    T: Serialize + DeserializeOwned + Send + Unpin,
{
    run.one(GET, (tenant.clone(), id.clone(), now)).await
}

/// Adds a piece, if as much had arrived as its sender believes and it does not make the file too long.
///
/// # Errors
/// The database failed.
pub async fn advance(tx: &mut Tx, tenant: &TenantId, id: &UploadId, piece: &Piece) -> sqlx::Result<bool> {
    let (key, Piece { start, length, blob_id }) = ((tenant.clone(), id.clone()), piece.clone());
    if tx.execute(ADVANCE, (key.0.clone(), key.1.clone(), start, length)).await? == 0 {
        return Ok(false);
    }
    tx.execute(PIECE, (key.0, key.1, start, length, blob_id)).await?;
    Ok(true)
}

/// The pieces in their order.
///
/// # Errors
/// The database failed.
pub async fn pieces(run: impl Run, tenant: &TenantId, id: &UploadId) -> sqlx::Result<Vec<Piece>> {
    run.all(PIECES, (tenant.clone(), id.clone())).await
}

/// Ends one: it is a file now, or was given up. One caller gets it, with the pieces that are to go.
///
/// # Errors
/// The database failed.
pub async fn take<T>(tx: &mut Tx, tenant: &TenantId, id: &UploadId) -> sqlx::Result<Option<(Upload<T>, Vec<Piece>)>>
where
    T: Serialize + DeserializeOwned + Send + Unpin,
{
    let Some(taken) = tx.one(TAKE, (tenant.clone(), id.clone())).await? else { return Ok(None) };
    let pieces = pieces(&mut *tx, tenant, id).await?;
    tx.execute(FORGET_PIECES, (tenant.clone(), id.clone())).await?;
    Ok(Some((taken, pieces)))
}

/// Those of any tenant whose time is over.
///
/// # Errors
/// The database failed.
pub async fn due(run: impl Run, now: Timestamp, limit: i64) -> sqlx::Result<Vec<(TenantId, UploadId)>> {
    run.all(DUE, (now, limit)).await
}
