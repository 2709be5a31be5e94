//! The database of documents: on SQLite a file of its own beside the one of identity, with its own writer; on
//! PostgreSQL the same database with connections of its own. What the language makes of filters runs here, and whatever
//! takes too long is interrupted, not merely given up waiting for.

mod queries;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::db::{Db, OpenError, Tx};
use crate::query::sql::Dialect;

static SQLITE: Migrator = sqlx::migrate!("migrations/documents");

/// The database of documents. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct DocumentDb(pub(super) Db);

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// It took too long and was interrupted.
    #[error("the query took too long")]
    TooLong,
    /// The driver's own words.
    #[error(transparent)]
    Failed(sqlx::Error),
}

impl From<sqlx::Error> for Stopped {
    fn from(error: sqlx::Error) -> Self {
        // SQLITE_INTERRUPT; query_canceled.
        let interrupted = |code: &str| code == "9" || code == "57014";
        match &error {
            sqlx::Error::Database(inner) if inner.code().is_some_and(|code| interrupted(&code)) => Self::TooLong,
            _ => Self::Failed(error),
        }
    }
}

impl DocumentDb {
    /// Opens `sqlite:<path>` (made when absent) or `postgres://…`.
    ///
    /// # Errors
    /// The scheme is another one, or the database does not answer.
    pub async fn open(url: &str, connections: u32) -> Result<Self, OpenError> {
        match url.split_once(':').map_or(url, |(scheme, _)| scheme) {
            "sqlite" => Self::sqlite(SqliteConnectOptions::from_str(url)?, connections).await,
            "postgres" | "postgresql" => Self::postgres(PgConnectOptions::from_str(url)?, connections).await,
            other => Err(OpenError::Scheme(other.to_owned())),
        }
    }

    /// Opens the one that belongs to this database: on SQLite the file beside it, `storage.db` beside `chancery.db`;
    /// on PostgreSQL the same one.
    ///
    /// # Errors
    /// It cannot be opened.
    pub async fn beside(db: &Db, connections: u32) -> Result<Self, OpenError> {
        match db {
            Db::Sqlite { write, .. } => {
                let file = beside(write.connect_options().get_filename());
                Self::sqlite(SqliteConnectOptions::new().filename(file), connections).await
            }
            Db::Postgres(pool) => Self::postgres(pool.connect_options().as_ref().clone(), connections).await,
        }
    }

    /// Ends all connections after their work is done.
    pub async fn close(&self) {
        self.0.close().await;
    }

    async fn postgres(options: PgConnectOptions, connections: u32) -> Result<Self, OpenError> {
        let options = options
            .application_name("chancery documents")
            // Compiling a condition costs seconds where running it costs none; and a plan that was made for one
            // collection is wrong for another.
            .options([("jit", "off"), ("plan_cache_mode", "force_custom_plan")]);
        let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(5));
        Ok(Self(Db::Postgres(pool.connect_with(options).await?)))
    }

    async fn sqlite(options: SqliteConnectOptions, connections: u32) -> Result<Self, OpenError> {
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A lost power supply may cost the last commits, never consistency.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(5))
            .with_regexp()
            .pragma("cache_size", "-8192");
        let pool = |most| {
            SqlitePoolOptions::new().max_connections(most).acquire_timeout(Duration::from_secs(10)).before_acquire(
                |connection, _| {
                    Box::pin(async move {
                        // Whoever had it before may have gone away in the middle of a query with a deadline.
                        connection.lock_handle().await?.remove_progress_handler();
                        Ok(true)
                    })
                },
            )
        };
        let write = pool(1).connect_with(options.clone()).await?;
        let read = pool(connections.max(1)).connect_with(options).await?;
        Ok(Self(Db::Sqlite { read, write }))
    }

    /// Brings the schema of the file to the newest version; on PostgreSQL it is part of the other one.
    ///
    /// # Errors
    /// A migration fails.
    pub async fn up(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match &self.0 {
            Db::Sqlite { write, .. } => SQLITE.run(write).await,
            Db::Postgres(_) => Ok(()),
        }
    }

    /// A database whose tables are only read through this.
    #[must_use]
    pub(super) const fn reading(db: Db) -> Self {
        Self(db)
    }

    /// For statements that are not made by the language.
    #[must_use]
    pub(super) const fn db(&self) -> &Db {
        &self.0
    }

    /// In which words it is spoken to.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.0 {
            Db::Sqlite { .. } => Dialect::Sqlite,
            Db::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// No connection became free, or the database refused.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        self.0.begin().await
    }
}

/// Where documents are kept beside a file.
fn beside(file: &Path) -> PathBuf {
    match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("chancery") | None => file.with_file_name("storage.db"),
        Some(stem) => file.with_file_name(format!("{stem}-storage.db")),
    }
}
