//! The removal of all collections of a tenant that is gone, with everything that hangs on them.

use super::collections;
use super::db::{Db, Run as _};
use super::document_db::DocumentDb;
use super::document_indexing;
use super::sql::sql;
use super::tenant_purge::{BATCH, rows};
use crate::base::TenantId;

sql! {
    global SOME(2) = "DELETE FROM documents WHERE seq IN (SELECT seq FROM documents WHERE coll = $1 LIMIT $2)";
    tenant COLLECTION(2) = "DELETE FROM collections WHERE tenant_id = $1 AND coll = $2";
}

/// Removes a tenant's collections with their documents, then whatever else of the tenant lies beside them; answers how
/// many rows there were.
///
/// # Errors
/// The database failed; what was removed before stays removed.
pub async fn purge(documents: &DocumentDb, tenant: &TenantId) -> sqlx::Result<u64> {
    let (db, mut removed) = (documents.db(), 0);
    for collection in collections::list(documents, tenant).await? {
        loop {
            let count = db.execute(SOME, (collection.coll, BATCH)).await?;
            removed += count;
            if count < BATCH.unsigned_abs() {
                break;
            }
        }
        let mut tx = db.begin().await?;
        document_indexing::forget(&mut tx, collection.coll).await?;
        removed += tx.execute(COLLECTION, (tenant.as_str().to_owned(), collection.coll)).await?;
        tx.commit().await?;
    }
    // On PostgreSQL the rest stands in the one database that there is.
    match db {
        Db::Sqlite { .. } => Ok(removed + rows(db, tenant).await?),
        Db::Postgres(_) => Ok(removed),
    }
}
