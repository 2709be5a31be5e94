//! The least a stored token costs: rows that wait together are committed together, in one statement.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Postgres, QueryBuilder, Sqlite};
use tokio::sync::{mpsc, oneshot};

use crate::Failed;

/// Parameters of one statement stay below what both databases allow.
const MOST: usize = 512;
const TABLE: &str = "CREATE TABLE limit_rows (tenant_id TEXT NOT NULL, digest TEXT NOT NULL, client_id TEXT NOT NULL, \
                     issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, PRIMARY KEY (tenant_id, digest))";
const INSERT: &str = "INSERT INTO limit_rows (tenant_id, digest, client_id, issued_at, expires_at) ";

/// Where rows are handed in.
#[derive(Clone)]
pub struct Rows(mpsc::Sender<Waiting>);

struct Waiting {
    digest: String,
    done: oneshot::Sender<()>,
}

enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Rows {
    /// Opens the database with an empty table and starts its one writer.
    pub async fn open(url: &str) -> Result<Self, Failed> {
        let database = if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full);
            Database::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
        } else {
            let options = PgConnectOptions::from_str(url)?;
            Database::Postgres(PgPoolOptions::new().max_connections(1).connect_with(options).await?)
        };
        database.prepare().await?;
        let (send, receive) = mpsc::channel(4096);
        tokio::spawn(write(database, receive));
        Ok(Self(send))
    }

    /// Returns when the row is safe.
    pub async fn commit(&self, digest: String) -> Result<(), Failed> {
        let (done, safe) = oneshot::channel();
        self.0.send(Waiting { digest, done }).await.map_err(|_| "the writer is gone")?;
        Ok(safe.await?)
    }
}

async fn write(database: Database, mut receive: mpsc::Receiver<Waiting>) {
    let mut together = Vec::with_capacity(MOST);
    while receive.recv_many(&mut together, MOST).await > 0 {
        if database.insert(&together).await.is_err() {
            return;
        }
        for waiting in together.drain(..) {
            let _gone_client = waiting.done.send(());
        }
    }
}

/// Both drivers build the same statement.
macro_rules! insert {
    ($database:ty, $pool:expr, $rows:expr) => {{
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let mut query = QueryBuilder::<$database>::new(INSERT);
        query.push_values($rows, |mut row, waiting| {
            row.push_bind("limit").push_bind(&waiting.digest).push_bind("service").push_bind(now).push_bind(now + 600);
        });
        query.build().execute($pool).await.map(drop)
    }};
}

impl Database {
    async fn prepare(&self) -> sqlx::Result<()> {
        for text in ["DROP TABLE IF EXISTS limit_rows", TABLE] {
            match self {
                Self::Sqlite(pool) => sqlx::query(text).execute(pool).await.map(drop)?,
                Self::Postgres(pool) => sqlx::query(text).execute(pool).await.map(drop)?,
            }
        }
        Ok(())
    }

    async fn insert(&self, rows: &[Waiting]) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(pool) => insert!(Sqlite, pool, rows),
            Self::Postgres(pool) => insert!(Postgres, pool, rows),
        }
    }
}
