//! A table of documents on SQLite, and on PostgreSQL when `TEST_POSTGRES` names a server.

use std::str::FromStr as _;

use chancery::query::index::Kept;
use chancery::query::sql::{Bind, Dialect, Query};
use serde_json::{Map, Value};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{Arguments as _, AssertSqlSafe, Row as _};

/// The present time of all tests.
pub const NOW: &str = "2026-01-02T03:04:05.000Z";

pub enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Every database that is there.
pub async fn databases() -> Vec<Database> {
    let options = SqliteConnectOptions::from_str("sqlite::memory:").unwrap().with_regexp();
    let sqlite = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let text = "CREATE TABLE documents (seq INTEGER PRIMARY KEY, coll INTEGER NOT NULL, id TEXT NOT NULL, \
        rev INTEGER NOT NULL, owner TEXT, created TEXT NOT NULL, updated TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (coll, id))";
    sqlx::query(text).execute(&sqlite).await.unwrap();
    let text = "CREATE TABLE document_entries (idx INTEGER NOT NULL, key BLOB NOT NULL, id TEXT NOT NULL, \
        edges INTEGER NOT NULL, PRIMARY KEY (idx, key, id)) WITHOUT ROWID";
    sqlx::query(text).execute(&sqlite).await.unwrap();
    let mut all = vec![Database::Sqlite(sqlite)];
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
    if let Ok(url) = std::env::var("TEST_POSTGRES") {
        let options = PgConnectOptions::from_str(&url).unwrap().options([("jit", "off")]);
        let postgres = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let text = "CREATE TEMPORARY TABLE documents (seq BIGSERIAL PRIMARY KEY, coll BIGINT NOT NULL, \
            id TEXT COLLATE \"C\" NOT NULL, rev BIGINT NOT NULL, owner TEXT COLLATE \"C\", \
            created TEXT COLLATE \"C\" NOT NULL, updated TEXT COLLATE \"C\" NOT NULL, body JSONB NOT NULL, UNIQUE (coll, id))";
        sqlx::query(text).execute(&postgres).await.unwrap();
        let text = "CREATE TEMPORARY TABLE document_entries (idx BIGINT NOT NULL, key BYTEA NOT NULL, \
            id TEXT COLLATE \"C\" NOT NULL, edges SMALLINT NOT NULL, PRIMARY KEY (idx, key, id))";
        sqlx::query(text).execute(&postgres).await.unwrap();
        all.push(Database::Postgres(postgres));
    }
    all
}

/// What a statement answers: the columns `id`, `rev`, `owner`, `created`, `updated`, `body`.
type Row = (String, i64, Option<String>, String, String, String);

impl Database {
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Puts documents, with their server's fields, into a collection.
    pub async fn fill(&self, collection: i64, documents: &[Value]) {
        for document in documents {
            let text = |name: &str| document[name].as_str().map(str::to_owned);
            let body = body(document);
            macro_rules! insert {
                ($pool:expr, $text:expr) => {
                    sqlx::query($text)
                        .bind(collection)
                        .bind(text("_id").unwrap())
                        .bind(document["_rev"].as_i64().unwrap())
                        .bind(text("_owner"))
                        .bind(text("_created").unwrap())
                        .bind(text("_updated").unwrap())
                        .bind(body)
                        .execute($pool)
                        .await
                        .unwrap()
                };
            }
            match self {
                Self::Sqlite(pool) => drop(insert!(
                    pool,
                    "INSERT INTO documents (coll, id, rev, owner, created, updated, body) VALUES ($1, $2, $3, $4, $5, $6, jsonb($7))"
                )),
                Self::Postgres(pool) => drop(insert!(
                    pool,
                    "INSERT INTO documents (coll, id, rev, owner, created, updated, body) VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)"
                )),
            }
        }
    }

    /// Puts the entries of documents into indexes.
    pub async fn index(&self, indexes: &[Kept], documents: &[Value]) {
        for (kept, document) in indexes.iter().flat_map(|kept| documents.iter().map(move |document| (kept, document))) {
            let entries = kept.index.entries(document).unwrap();
            let numbers = if entries.len() > 1 { vec![kept.number, -kept.number] } else { vec![kept.number] };
            for (number, entry) in numbers.iter().flat_map(|number| entries.iter().map(move |entry| (number, entry))) {
                let id = document["_id"].as_str().unwrap();
                let text = "INSERT INTO document_entries (idx, key, id, edges) VALUES ($1, $2, $3, $4)";
                macro_rules! insert {
                    ($pool:expr) => {
                        sqlx::query(text)
                            .bind(number)
                            .bind(&entry.key)
                            .bind(id)
                            .bind(i16::from(entry.edges))
                            .execute($pool)
                            .await
                            .map(drop)
                    };
                }
                match self {
                    Self::Sqlite(pool) => insert!(pool).unwrap(),
                    Self::Postgres(pool) => insert!(pool).unwrap(),
                }
            }
        }
    }

    /// Writes a document's body.
    pub async fn write(&self, collection: i64, document: &Value) {
        let id = document["_id"].as_str().unwrap();
        let body = body(document);
        match self {
            Self::Sqlite(pool) => {
                let text = "UPDATE documents SET body = jsonb($3) WHERE coll = $1 AND id = $2";
                sqlx::query(text).bind(collection).bind(id).bind(body).execute(pool).await.unwrap();
            }
            Self::Postgres(pool) => {
                let text = "UPDATE documents SET body = $3::jsonb WHERE coll = $1 AND id = $2";
                sqlx::query(text).bind(collection).bind(id).bind(body).execute(pool).await.unwrap();
            }
        }
    }

    /// The documents that a statement answers, whole.
    pub async fn run(&self, query: &Query) -> Result<Vec<Value>, sqlx::Error> {
        let text = AssertSqlSafe(query.text.clone());
        let rows: Vec<Row> = match self {
            Self::Sqlite(pool) => sqlx::query_as_with(text, sqlite(&query.binds)).fetch_all(pool).await?,
            Self::Postgres(pool) => sqlx::query_as_with(text, postgres(&query.binds)).fetch_all(pool).await?,
        };
        Ok(rows.into_iter().map(whole).collect())
    }

    /// The one number that a statement answers.
    pub async fn number(&self, query: &Query) -> i64 {
        let text = AssertSqlSafe(query.text.clone());
        match self {
            Self::Sqlite(pool) => sqlx::query_with(text, sqlite(&query.binds)).fetch_one(pool).await.unwrap().get(0),
            Self::Postgres(pool) => {
                sqlx::query_with(text, postgres(&query.binds)).fetch_one(pool).await.unwrap().get(0)
            }
        }
    }
}

/// What is stored of a document as its body.
fn body(document: &Value) -> String {
    let members = document.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with('_'));
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>()).to_string()
}

fn whole((id, rev, owner, created, updated, body): Row) -> Value {
    let mut body: Value = chancery::query::value::normal(serde_json::from_str(&body).unwrap());
    let map = body.as_object_mut().unwrap();
    map.insert("_id".to_owned(), id.into());
    map.insert("_rev".to_owned(), rev.into());
    map.insert("_owner".to_owned(), owner.into());
    map.insert("_created".to_owned(), created.into());
    map.insert("_updated".to_owned(), updated.into());
    body
}

fn sqlite(binds: &[Bind]) -> SqliteArguments {
    let mut arguments = SqliteArguments::default();
    for bind in binds {
        match bind {
            Bind::Text(text) => arguments.add(text.clone()).unwrap(),
            Bind::Int(int) => arguments.add(*int).unwrap(),
        }
    }
    arguments
}

fn postgres(binds: &[Bind]) -> PgArguments {
    let mut arguments = PgArguments::default();
    for bind in binds {
        match bind {
            Bind::Text(text) => arguments.add(text.clone()).unwrap(),
            Bind::Int(int) => arguments.add(*int).unwrap(),
        }
    }
    arguments
}
