//! What the language makes of filters, run within a time: on SQLite a handler looks at the clock every few thousand
//! steps, on PostgreSQL the server does.

use std::ops::ControlFlow;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::{Stream, TryStreamExt as _};
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Executor as _, SqlSafeStr as _};
use tokio::sync::mpsc::Sender;

use super::{DocumentDb, Stopped};
use crate::query::sql::{Bind, Query};
use crate::store::db::{Db, Tx};
use crate::store::document::{Document, Row};

/// How many of SQLite's steps lie between two looks at the clock.
const STEPS: i32 = 10_000;
/// Documents that are sent on together.
const TOGETHER: usize = 128;

impl DocumentDb {
    /// Hands over one document after the other until there are no more, or `take` wants no more.
    ///
    /// # Errors
    /// It takes longer than `within`, or fails.
    pub async fn each(
        &self,
        query: &Query,
        within: Duration,
        take: impl FnMut(Document) -> ControlFlow<()> + Send,
    ) -> Result<(), Stopped> {
        let text = AssertSqlSafe(query.text.clone());
        match &self.0 {
            Db::Sqlite { read, .. } => {
                let mut connection = read.acquire().await?;
                let deadline = Instant::now() + within;
                connection.lock_handle().await?.set_progress_handler(STEPS, move || Instant::now() < deadline);
                taken(sqlx::query_as_with(text, sqlite(&query.binds)?).fetch(&mut *connection), take).await?;
                connection.lock_handle().await?.remove_progress_handler();
            }
            Db::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                tx.execute(patience(within).into_sql_str()).await?;
                taken(sqlx::query_as_with(text, postgres(&query.binds)?).fetch(&mut *tx), take).await?;
                tx.rollback().await?;
            }
        }
        Ok(())
    }

    /// Sends documents on, a few at a time, until there are no more or nobody takes them.
    ///
    /// # Errors
    /// As [`DocumentDb::each`].
    pub async fn pages(&self, query: &Query, within: Duration, feed: Sender<Vec<Document>>) -> Result<(), Stopped> {
        let text = AssertSqlSafe(query.text.clone());
        match &self.0 {
            Db::Sqlite { read, .. } => {
                let mut connection = read.acquire().await?;
                let deadline = Instant::now() + within;
                connection.lock_handle().await?.set_progress_handler(STEPS, move || Instant::now() < deadline);
                sent(sqlx::query_as_with(text, sqlite(&query.binds)?).fetch(&mut *connection), &feed).await?;
                connection.lock_handle().await?.remove_progress_handler();
            }
            Db::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                tx.execute(patience(within).into_sql_str()).await?;
                sent(sqlx::query_as_with(text, postgres(&query.binds)?).fetch(&mut *tx), &feed).await?;
                tx.rollback().await?;
            }
        }
        Ok(())
    }

    /// As [`DocumentDb::each`], within a transaction.
    ///
    /// # Errors
    /// As [`DocumentDb::each`].
    pub async fn each_in(
        tx: &mut Tx,
        query: &Query,
        within: Duration,
        take: impl FnMut(Document) -> ControlFlow<()> + Send,
    ) -> Result<(), Stopped> {
        let text = AssertSqlSafe(query.text.clone());
        match tx {
            Tx::Sqlite(tx) => {
                let deadline = Instant::now() + within;
                tx.lock_handle().await?.set_progress_handler(STEPS, move || Instant::now() < deadline);
                taken(sqlx::query_as_with(text, sqlite(&query.binds)?).fetch(&mut **tx), take).await?;
                tx.lock_handle().await?.remove_progress_handler();
            }
            Tx::Postgres(tx) => {
                tx.execute(patience(within).into_sql_str()).await?;
                taken(sqlx::query_as_with(text, postgres(&query.binds)?).fetch(&mut **tx), take).await?;
                tx.execute("SET LOCAL statement_timeout = 0").await?;
            }
        }
        Ok(())
    }

    /// The documents that a query answers within a transaction.
    ///
    /// # Errors
    /// As [`DocumentDb::each`].
    pub async fn all_in(tx: &mut Tx, query: &Query, within: Duration) -> Result<Vec<Document>, Stopped> {
        let mut all = Vec::new();
        Self::each_in(tx, query, within, |document| {
            all.push(document);
            ControlFlow::Continue(())
        })
        .await?;
        Ok(all)
    }

    /// The documents that a query answers.
    ///
    /// # Errors
    /// As [`DocumentDb::each`].
    pub async fn all(&self, query: &Query, within: Duration) -> Result<Vec<Document>, Stopped> {
        let mut all = Vec::new();
        self.each(query, within, |document| {
            all.push(document);
            ControlFlow::Continue(())
        })
        .await?;
        Ok(all)
    }

    /// The one number that a query answers.
    ///
    /// # Errors
    /// As [`DocumentDb::each`].
    pub async fn number(&self, query: &Query, within: Duration) -> Result<i64, Stopped> {
        let text = AssertSqlSafe(query.text.clone());
        match &self.0 {
            Db::Sqlite { read, .. } => {
                let mut connection = read.acquire().await?;
                let deadline = Instant::now() + within;
                connection.lock_handle().await?.set_progress_handler(STEPS, move || Instant::now() < deadline);
                let number = sqlx::query_scalar_with(text, sqlite(&query.binds)?).fetch_one(&mut *connection).await;
                connection.lock_handle().await?.remove_progress_handler();
                Ok(number?)
            }
            Db::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                tx.execute(patience(within).into_sql_str()).await?;
                Ok(sqlx::query_scalar_with(text, postgres(&query.binds)?).fetch_one(&mut *tx).await?)
            }
        }
    }
}

/// Hands over one document after the other until there are no more, or `take` wants no more.
async fn taken(
    rows: impl Stream<Item = sqlx::Result<Row>> + Send,
    mut take: impl FnMut(Document) -> ControlFlow<()> + Send,
) -> Result<(), Stopped> {
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await? {
        if take(Document::read(row)?).is_break() {
            break;
        }
    }
    Ok(())
}

/// Sends documents on, a few at a time, until there are no more or nobody takes them.
async fn sent(rows: impl Stream<Item = sqlx::Result<Row>> + Send, feed: &Sender<Vec<Document>>) -> Result<(), Stopped> {
    let mut page = Vec::with_capacity(TOGETHER);
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await? {
        page.push(Document::read(row)?);
        if page.len() == TOGETHER && feed.send(std::mem::take(&mut page)).await.is_err() {
            break;
        }
    }
    // Whoever took them wants no more; that is no error.
    drop(feed.send(page).await);
    Ok(())
}

/// How long PostgreSQL works on one statement of this transaction; the number is ours.
fn patience(within: Duration) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("SET LOCAL statement_timeout = {}", within.as_millis().max(1)))
}

fn sqlite(binds: &[Bind]) -> sqlx::Result<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for bind in binds {
        match bind {
            Bind::Text(text) => arguments.add(text.clone()),
            Bind::Int(int) => arguments.add(*int),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn postgres(binds: &[Bind]) -> sqlx::Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for bind in binds {
        match bind {
            Bind::Text(text) => arguments.add(text.clone()),
            Bind::Int(int) => arguments.add(*int),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}
