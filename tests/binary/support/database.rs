//! The database of a story: a file in its data directory, or a schema of its own on the PostgreSQL of the tests.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

/// Where a story's server keeps what it knows.
#[derive(Clone, Debug, Default)]
pub enum Database {
    /// In the data directory.
    #[default]
    File,
    /// On a server; the URL names the schema.
    Postgres {
        /// With the schema as `search_path`.
        url: String,
        /// The schema.
        schema: String,
    },
}

/// A switch of the tests.
pub fn switch(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The PostgreSQL of the tests.
pub fn postgres() -> Option<String> {
    switch("TEST_POSTGRES")
}

impl Database {
    /// A new, empty one.
    pub async fn new(id: &str) -> Self {
        let Some(server) = postgres() else { return Self::File };
        let schema = format!("b{id}");
        let mut admin = PgConnection::connect(&server).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&mut admin).await.unwrap();
        let sign = if server.contains('?') { '&' } else { '?' };
        Self::Postgres { url: format!("{server}{sign}options=-csearch_path%3D{schema}"), schema }
    }

    /// Changes something behind the program's back.
    pub async fn meddle(&self, data_dir: &std::path::Path, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::File => {
                let url = format!("sqlite:{}", data_dir.join("chancery.db").display());
                let mut database = SqliteConnection::connect(&url).await.unwrap();
                sqlx::query(sql).execute(&mut database).await.unwrap();
            }
            Self::Postgres { url, .. } => {
                let mut database = PgConnection::connect(url).await.unwrap();
                sqlx::query(sql).execute(&mut database).await.unwrap();
            }
        }
    }

    /// Takes it away for good.
    pub async fn drop(self) {
        let (Self::Postgres { schema, .. }, Some(server)) = (self, postgres()) else { return };
        let mut admin = PgConnection::connect(&server).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"))).execute(&mut admin).await.unwrap();
    }
}
