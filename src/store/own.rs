//! A connection of one's own, beside the pool: for the two tasks that are never without work. The pool asks its
//! connections whether they live after each use, which costs as much as a look-up.

use std::time::Duration;

use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection, SqliteConnection};
use tokio::time::{Instant, timeout};

use super::db::{Db, RESTED, Run as _};
use super::sql::{Args, Record, Sql};

/// What PostgreSQL is told once: that what it is asked here is looked up by key, whatever it believes of how much there
/// is. Planning takes longer than reading, so plans are kept; and one that was made while a table was empty would read
/// all of it ever after.
const BY_KEY: &str = "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off; \
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off";
/// How long the database may take: whoever waits must not wait for a server that vanished without a word.
const PATIENCE: Duration = Duration::from_secs(10);

/// The connection, made when it is first needed and again after it was lost.
#[derive(Debug)]
pub(super) struct Own {
    db: Db,
    line: Option<Line>,
    used: Instant,
}

/// The connection itself.
#[derive(Debug)]
pub(super) enum Line {
    /// To the file.
    Sqlite(SqliteConnection),
    /// To the server.
    Postgres(PgConnection),
}

impl Own {
    pub(super) fn new(db: Db) -> Self {
        Self { db, line: None, used: Instant::now() }
    }

    /// All rows. After an error nobody knows how the connection is, and it is given up.
    ///
    /// # Errors
    /// The database failed, or did not answer in time.
    pub(super) async fn all<T: Record, const N: usize>(
        &mut self,
        sql: Sql<N>,
        args: impl Args<N>,
    ) -> sqlx::Result<Vec<T>> {
        let done = timeout(PATIENCE, async {
            // Taken out, so that work that is given up leaves no half-used connection behind.
            let mut line = self.take().await?;
            let rows = line.all(sql, args).await?;
            Ok((line, rows))
        });
        let (line, rows) = done.await.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        (self.line, self.used) = (Some(line), Instant::now());
        Ok(rows)
    }

    async fn take(&mut self) -> sqlx::Result<Line> {
        let Some(mut line) = self.line.take() else { return self.connect().await };
        if self.used.elapsed() > RESTED && line.ping().await.is_err() {
            return self.connect().await;
        }
        Ok(line)
    }

    async fn connect(&mut self) -> sqlx::Result<Line> {
        match &self.db {
            Db::Sqlite { read, .. } => Ok(Line::Sqlite(read.connect_options().connect().await?)),
            Db::Postgres(pool) => {
                let mut connection = pool.connect_options().connect().await?;
                connection.execute(BY_KEY).await?;
                Ok(Line::Postgres(connection))
            }
        }
    }
}

/// Whether the database could not be asked at all: then asking for less at a time is no use.
pub(super) const fn is_away(error: &sqlx::Error) -> bool {
    use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};
    matches!(error, Io(_) | PoolClosed | PoolTimedOut | Tls(_) | WorkerCrashed)
}

impl Line {
    async fn ping(&mut self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(connection) => connection.ping().await,
            Self::Postgres(connection) => connection.ping().await,
        }
    }
}
