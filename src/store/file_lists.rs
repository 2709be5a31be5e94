//! Files by the language of documents: the same statements as for documents, over the table of files.

use std::time::Duration;

use sqlx::sqlite::SqlitePoolOptions;

use super::db::{Db, OpenError};
use super::document::Document;
use super::document_db::{DocumentDb, Stopped};
use crate::base::TenantId;
use crate::query::sql::{Bind, Dialect, Find, Query, TooLarge};

/// How long a list may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the statements call documents: a tenant's files. Its tenant is the last parameter.
const SQLITE: &str = "SELECT 0 AS coll, id, rev, owner, created, updated, view AS body FROM files \
    WHERE deleted_at IS NULL AND tenant_id = ";
const POSTGRES: &str = "SELECT 0::bigint AS coll, id, rev, owner, created, updated, view::jsonb AS body FROM files \
    WHERE deleted_at IS NULL AND tenant_id = ";

/// Lists of files. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct FileLists(DocumentDb);

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum Unlisted {
    /// The request is too much for one statement.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// It took too long, or failed.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl FileLists {
    /// Over this database. SQLite gets connections of their own for it, which know regular expressions and whose long
    /// queries are interrupted.
    ///
    /// # Errors
    /// They cannot be opened.
    pub async fn over(db: &Db) -> Result<Self, OpenError> {
        let Db::Sqlite { write, .. } = db else { return Ok(Self(DocumentDb::reading(db.clone()))) };
        let options = write.connect_options().as_ref().clone().with_regexp();
        let pool = SqlitePoolOptions::new().max_connections(2).acquire_timeout(Duration::from_secs(10)).before_acquire(
            |connection, _| {
                Box::pin(async move {
                    // Whoever had it before may have gone away in the middle of a query with a deadline.
                    connection.lock_handle().await?.remove_progress_handler();
                    Ok(true)
                })
            },
        );
        let read = pool.connect_with(options).await?;
        Ok(Self(DocumentDb::reading(Db::Sqlite { write: write.clone(), read })))
    }

    /// The files that are asked for, in their order.
    ///
    /// # Errors
    /// It is too much, or takes too long.
    pub async fn page(&self, tenant: &TenantId, find: &Find<'_>) -> Result<Vec<Document>, Unlisted> {
        let query = self.of(tenant, find.documents(self.0.dialect())?);
        Ok(self.0.all(&query, PATIENCE).await?)
    }

    /// How many there are.
    ///
    /// # Errors
    /// It is too much, or takes too long.
    pub async fn count(&self, tenant: &TenantId, find: &Find<'_>) -> Result<i64, Unlisted> {
        let query = self.of(tenant, find.count(self.0.dialect())?);
        Ok(self.0.number(&query, PATIENCE).await?)
    }

    fn of(&self, tenant: &TenantId, mut query: Query) -> Query {
        let files = if self.0.dialect() == Dialect::Sqlite { SQLITE } else { POSTGRES };
        query.binds.push(Bind::Text(tenant.as_str().to_owned()));
        query.text = format!("WITH documents AS ({files}${}) {}", query.binds.len(), query.text);
        query
    }
}
