//! The database: SQLite or PostgreSQL behind one face. Nobody outside `store` can tell which one it is.

use std::future::Future;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Executor as _, Postgres, Sqlite, Transaction};

use super::own::Line;
use super::sql::{Args, Record, Sql};

/// Rested for longer, a connection may have died.
pub(super) const RESTED: Duration = Duration::from_secs(1);

/// A database. Cloning shares its connections.
#[derive(Clone, Debug)]
pub enum Db {
    /// One file. SQLite has one writer at a time, so writes queue for one connection and reads have their own.
    Sqlite {
        /// For statements that only read.
        read: SqlitePool,
        /// For everything else.
        write: SqlitePool,
    },
    /// A PostgreSQL server, or what speaks like one.
    Postgres(PgPool),
}

/// A transaction. Dropped without [`Tx::commit`] it leaves nothing.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite, begun IMMEDIATE: it has the right to write from the start.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// The database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no database that we speak.
    #[error("the database URL starts with `{0}:`; it has to be sqlite: or postgres:")]
    Scheme(String),
    /// The driver's own words.
    #[error("the database cannot be opened: {0}")]
    Driver(#[from] sqlx::Error),
}

impl Db {
    /// Opens `sqlite:<path>` (made when absent) or `postgres://…`.
    ///
    /// # Errors
    /// The scheme is another one, or the database does not answer.
    pub async fn open(url: &str, connections: u32) -> Result<Self, OpenError> {
        let scheme = url.split_once(':').map_or(url, |(scheme, _)| scheme);
        match scheme {
            "sqlite" => Self::open_sqlite(url, connections).await,
            "postgres" | "postgresql" => {
                let options = PgConnectOptions::from_str(url)?.application_name("chancery");
                let pool = PgPoolOptions::new()
                    // A plan made while a table was empty reads all of it for ever after; planning anew costs less.
                    .after_connect(|connection, _| {
                        Box::pin(async move {
                            connection.execute("SET plan_cache_mode = force_custom_plan").await.map(drop)
                        })
                    })
                    // Asking a connection whether it lives costs as much as a look-up: only a rested one may have died.
                    .test_before_acquire(false)
                    .before_acquire(|connection, known| {
                        Box::pin(async move { Ok(known.idle_for < RESTED || connection.ping().await.is_ok()) })
                    })
                    .max_connections(connections)
                    .acquire_timeout(Duration::from_secs(5))
                    .connect_with(options)
                    .await?;
                Ok(Self::Postgres(pool))
            }
            other => Err(OpenError::Scheme(other.to_owned())),
        }
    }

    async fn open_sqlite(url: &str, connections: u32) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(256)
            .pragma("cache_size", "-4096");
        let pool = |most| {
            let options = SqlitePoolOptions::new().max_connections(most).acquire_timeout(Duration::from_secs(10));
            options.test_before_acquire(false)
        };
        let write = pool(1).connect_with(options.clone()).await?;
        let read = pool(connections.max(1)).connect_with(options).await?;
        Ok(Self::Sqlite { read, write })
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// No connection became free, or the database refused.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        match self {
            Self::Sqlite { write, .. } => Ok(Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?)),
            Self::Postgres(pool) => Ok(Tx::Postgres(pool.begin().await?)),
        }
    }

    /// Ends all connections after their work is done.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// Which of the two it is, for `doctor` and the log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

impl Tx {
    /// Makes everything done in it true at once.
    ///
    /// # Errors
    /// The database could not; then nothing of it is true.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

/// What statements run on: `&Db` (each by itself) or `&mut Tx` (all or nothing).
pub trait Run: Send {
    /// At most one row.
    fn one<T: Record, const N: usize>(
        self,
        sql: Sql<N>,
        args: impl Args<N>,
    ) -> impl Future<Output = sqlx::Result<Option<T>>> + Send;

    /// All rows.
    fn all<T: Record, const N: usize>(
        self,
        sql: Sql<N>,
        args: impl Args<N>,
    ) -> impl Future<Output = sqlx::Result<Vec<T>>> + Send;

    /// No rows; answers how many were changed.
    fn execute<const N: usize>(self, sql: Sql<N>, args: impl Args<N>)
    -> impl Future<Output = sqlx::Result<u64>> + Send;
}

/// One body for all verbs and both kinds of runner: picks the text, encodes the arguments, runs.
macro_rules! on {
    ($executor:expr, $text:expr, $args:expr, rows $verb:ident $type:ty) => {
        sqlx::query_as_with::<_, $type, _>($text, $args.map_err(sqlx::Error::Encode)?).$verb($executor).await
    };
    ($executor:expr, $text:expr, $args:expr, changed) => {
        sqlx::query_with($text, $args.map_err(sqlx::Error::Encode)?)
            .execute($executor)
            .await
            .map(|done| done.rows_affected())
    };
}

macro_rules! run {
    ($runner:expr, $sql:expr, $args:expr, $($how:tt)*) => {
        match $runner {
            Db::Sqlite { read, write } => {
                let pool = if $sql.reads() { read } else { write };
                on!(pool, $sql.sqlite, $args.sqlite(), $($how)*)
            }
            Db::Postgres(pool) => on!(pool, $sql.postgres, $args.postgres(), $($how)*),
        }
    };
}

/// As `run!`, for what is one connection and not many.
macro_rules! run_one {
    ($kind:ident [$($deref:tt)*] $runner:expr, $sql:expr, $args:expr, $($how:tt)*) => {
        match $runner {
            $kind::Sqlite(one) => on!(&mut $($deref)* one, $sql.sqlite, $args.sqlite(), $($how)*),
            $kind::Postgres(one) => on!(&mut $($deref)* one, $sql.postgres, $args.postgres(), $($how)*),
        }
    };
}

impl Run for &Db {
    async fn one<T: Record, const N: usize>(self, sql: Sql<N>, args: impl Args<N>) -> sqlx::Result<Option<T>> {
        run!(self, sql, args, rows fetch_optional T)
    }

    async fn all<T: Record, const N: usize>(self, sql: Sql<N>, args: impl Args<N>) -> sqlx::Result<Vec<T>> {
        run!(self, sql, args, rows fetch_all T)
    }

    async fn execute<const N: usize>(self, sql: Sql<N>, args: impl Args<N>) -> sqlx::Result<u64> {
        run!(self, sql, args, changed)
    }
}

impl Run for &mut Tx {
    async fn one<T: Record, const N: usize>(self, sql: Sql<N>, args: impl Args<N>) -> sqlx::Result<Option<T>> {
        run_one!(Tx [**] self, sql, args, rows fetch_optional T)
    }

    async fn all<T: Record, const N: usize>(self, sql: Sql<N>, args: impl Args<N>) -> sqlx::Result<Vec<T>> {
        run_one!(Tx [**] self, sql, args, rows fetch_all T)
    }

    async fn execute<const N: usize>(self, sql: Sql<N>, args: impl Args<N>) -> sqlx::Result<u64> {
        run_one!(Tx [**] self, sql, args, changed)
    }
}

impl Run for &mut Line {
    async fn one<T: Record, const N: usize>(self, sql: Sql<N>, args: impl Args<N>) -> sqlx::Result<Option<T>> {
        run_one!(Line [*] self, sql, args, rows fetch_optional T)
    }

    async fn all<T: Record, const N: usize>(self, sql: Sql<N>, args: impl Args<N>) -> sqlx::Result<Vec<T>> {
        run_one!(Line [*] self, sql, args, rows fetch_all T)
    }

    async fn execute<const N: usize>(self, sql: Sql<N>, args: impl Args<N>) -> sqlx::Result<u64> {
        run_one!(Line [*] self, sql, args, changed)
    }
}
