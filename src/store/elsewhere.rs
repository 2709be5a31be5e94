//! Tables of another program's PostgreSQL, read as they are at one moment, and left as they are.

use std::str::FromStr as _;

use futures_util::TryStreamExt as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection};

/// Those of these tables that are there, each as `pg_dump` writes it: a block `COPY … FROM stdin;`. All of them are of
/// one moment, and the transaction cannot write.
///
/// # Errors
/// The database does not answer, or somebody may not read it.
pub async fn copied(url: &str, tables: &[&str]) -> sqlx::Result<String> {
    let mut connection = PgConnectOptions::from_str(url)?.application_name("chancery").connect().await?;
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let mut blocks = Vec::new();
    for table in tables {
        let columns = columns(&mut connection, table).await?;
        if columns.is_empty() {
            continue;
        }
        let named = format!("{} ({})", quoted(table), columns.join(", "));
        blocks.extend_from_slice(format!("COPY {named} FROM stdin;\n").as_bytes());
        let mut rows = connection.copy_out_raw(&format!("COPY {named} TO STDOUT")).await?;
        while let Some(piece) = rows.try_next().await? {
            blocks.extend_from_slice(&piece);
        }
        blocks.extend_from_slice(b"\\.\n");
    }
    connection.execute("ROLLBACK").await?;
    String::from_utf8(blocks).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// The columns of a table in their order, quoted; none: there is no such table.
async fn columns(connection: &mut PgConnection, table: &str) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT attname::text FROM pg_attribute
        WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
    let found: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql)).bind(quoted(table)).fetch_all(connection).await?;
    Ok(found.into_iter().map(|(name,)| quoted(&name)).collect())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Db;
    use crate::store::testing::databases;

    #[tokio::test]
    async fn tables_are_read_as_pg_dump_writes_them() {
        for db in databases().await {
            let Db::Postgres(pool) = &db else { continue };
            let (schema,): (String,) = sqlx::query_as("SELECT current_schema()::text").fetch_one(pool).await.unwrap();
            pool.execute(
                "CREATE TABLE \"Odd\" (a int, \"B c\" text); INSERT INTO \"Odd\" VALUES (1, E'x\\ty'), (2, NULL)",
            )
            .await
            .unwrap();
            #[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
            let url = std::env::var("TEST_POSTGRES").unwrap();
            let url = format!("{url}?options=-csearch_path%3D{schema}");
            let read = copied(&url, &["Odd", "not there"]).await.unwrap();
            assert_eq!(read, "COPY \"Odd\" (\"a\", \"B c\") FROM stdin;\n1\tx\\ty\n2\t\\N\n\\.\n");
        }
    }
}
