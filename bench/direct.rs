//! The statements that the storage service makes of a question, asked of the database directly by sqlx: what it costs
//! without a server in between.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use chancery::query::index::{Index, Kept};
use chancery::query::sql::{Bind, Dialect, Find, Query};
use chancery::query::{Filter, Sort};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::task::{JoinSet, LocalSet};

use crate::Failed;
use crate::process::SERVER_CORE;

/// Collections have so many numbers for indexes.
const SLOTS: i64 = 16;
/// The body as it leaves the database.
const READ: [&str; 2] = ["json(body)", "body::text"];
/// The body as it enters it.
const WRITTEN: [&str; 2] = ["jsonb($6)", "$6::text::jsonb"];

/// One statement for one database, over and over.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    url: String,
    file: PathBuf,
    text: String,
    binds: Vec<Value>,
    /// Whether the second value is another one each time.
    fresh: bool,
    connections: u32,
    seconds: u64,
}

/// Where documents are.
pub struct Place {
    /// `sqlite`, or the URL of a PostgreSQL.
    pub url: String,
    /// SQLite's file.
    pub file: PathBuf,
    /// For how long a statement is asked.
    pub seconds: u64,
}

impl Place {
    fn dialect(&self) -> Dialect {
        if self.url == "sqlite" { Dialect::Sqlite } else { Dialect::Postgres }
    }

    fn of_dialect<'a>(&self, [sqlite, postgres]: [&'a str; 2]) -> &'a str {
        if self.dialect() == Dialect::Sqlite { sqlite } else { postgres }
    }

    /// The number of a collection.
    pub async fn collection(&self, name: &str) -> Result<i64, Failed> {
        let text = "SELECT coll FROM collections WHERE name = $1";
        if self.dialect() == Dialect::Sqlite {
            let pool = SqlitePoolOptions::new().connect_with(SqliteConnectOptions::new().filename(&self.file)).await?;
            return Ok(sqlx::query_scalar(text).bind(name).fetch_one(&pool).await?);
        }
        let pool = PgPoolOptions::new().connect(&self.url).await?;
        Ok(sqlx::query_scalar(text).bind(name).fetch_one(&pool).await?)
    }

    /// How many times a second a document is read by its id.
    pub fn point(&self, coll: i64, id: &str) -> Result<f64, Failed> {
        let body = self.of_dialect(READ);
        let text =
            format!("SELECT id, rev, owner, created, updated, {body} FROM documents WHERE coll = $1 AND id = $2");
        self.ask(text, vec![json!(coll), json!(id)], false)
    }

    /// How many times a second a document is stored, each in a transaction of its own.
    pub fn insert(&self, coll: i64, body: &Value) -> Result<f64, Failed> {
        let written = self.of_dialect(WRITTEN);
        let text = format!(
            "INSERT INTO documents (coll, id, rev, owner, created, updated, body) VALUES ($1, $2, 1, $3, $4, $5, {written})"
        );
        let now = "2026-01-02T03:04:05.000Z";
        self.ask(
            text,
            vec![json!(coll), json!("d"), json!("someone"), json!(now), json!(now), json!(body.to_string())],
            true,
        )
    }

    /// How many times a second a question is answered; `count` asks for the number alone.
    pub fn find(&self, coll: i64, question: &Value, count: bool) -> Result<f64, Failed> {
        let filter =
            Filter::parse(question.get("filter").unwrap_or(&json!({}))).map_err(|error| format!("{error:?}"))?;
        let sort = match question.get("sort") {
            Some(sort) => Sort::parse(sort).map_err(|error| format!("{error:?}"))?,
            None => Sort::default(),
        };
        let limit = question.get("limit").and_then(Value::as_u64);
        let now = "2026-01-02T03:04:05.000Z";
        let find = Find { collection: coll, filter: &filter, sort: &sort, after: None, skip: 0, limit, now };
        let declared = json!([{"name": "group", "fields": {"group": 1, "n": -1}}]);
        let indexes = Index::list(&declared).map_err(|error| format!("{error:?}"))?;
        let kept: Vec<Kept> =
            indexes.into_iter().map(|index| Kept { number: coll * SLOTS, index, single: true }).collect();
        let with = find.with(&kept);
        let Query { text, binds, .. } =
            if count { with.count(self.dialect()) } else { with.documents(self.dialect()) }?;
        let binds = binds.into_iter().map(|bind| match bind {
            Bind::Text(text) => json!(text),
            Bind::Int(number) => json!(number),
        });
        self.ask(text, binds.collect(), false)
    }

    fn ask(&self, text: String, binds: Vec<Value>, fresh: bool) -> Result<f64, Failed> {
        let order = Order {
            url: self.url.clone(),
            file: self.file.clone(),
            text,
            binds,
            fresh,
            connections: 4,
            seconds: self.seconds,
        };
        let file = self.file.with_extension("order.json");
        fs::create_dir_all(file.parent().ok_or("no folder")?)?;
        fs::write(&file, serde_json::to_vec(&order)?)?;
        let mut asked = Command::new("taskset");
        asked.args(["-c", SERVER_CORE]).arg(std::env::current_exe()?).arg("--direct").arg(&file);
        let out = asked.output()?;
        if !out.status.success() {
            return Err(String::from_utf8_lossy(&out.stderr).into_owned().into());
        }
        Ok(String::from_utf8(out.stdout)?.trim().parse()?)
    }
}

/// Both drivers ask in the same way.
macro_rules! asked {
    ($pool:expr, $order:expr) => {{
        let (pool, order, local, begun) = ($pool, $order, LocalSet::new(), Instant::now());
        let mut askers = JoinSet::new();
        for connection in 0..order.connections {
            let (pool, order) = (pool.clone(), Rc::clone(&order));
            let asker = async move {
                let mut done = 0_u32;
                while begun.elapsed() < Duration::from_secs(order.seconds) {
                    let mut query = sqlx::query(AssertSqlSafe(order.text.clone()));
                    for (number, bind) in order.binds.iter().enumerate() {
                        query = match (bind.as_i64(), bind.as_str()) {
                            _ if order.fresh && number == 1 => query.bind(format!("d{connection}-{done}")),
                            (Some(number), _) => query.bind(number),
                            (None, text) => query.bind(text.unwrap_or_default().to_owned()),
                        };
                    }
                    std::hint::black_box(query.fetch_all(&pool).await?.len());
                    done += 1;
                }
                Ok::<u32, sqlx::Error>(done)
            };
            askers.spawn_local_on(asker, &local);
        }
        let done = local.run_until(askers.join_all()).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        f64::from(done.iter().sum::<u32>()) / begun.elapsed().as_secs_f64()
    }};
}

/// Does what an order says, and prints how many times a second it was done.
pub async fn serve(file: &Path) -> Result<(), Failed> {
    let order: Rc<Order> = Rc::new(serde_json::from_slice(&fs::read(file)?)?);
    let rate = if order.url == "sqlite" {
        let options = SqliteConnectOptions::new()
            .filename(&order.file)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(Duration::from_secs(10))
            .synchronous(SqliteSynchronous::Normal);
        asked!(SqlitePoolOptions::new().max_connections(order.connections).connect_with(options).await?, order)
    } else {
        asked!(PgPoolOptions::new().max_connections(order.connections).connect(&order.url).await?, order)
    };
    Ok(writeln!(io::stdout(), "{rate:.2}")?)
}
