//! Documents: a hundred thousand of them, stored, read, found and computed with over HTTP, held against what the
//! database alone needs for it on two shared cores.

use std::path::Path;
use std::time::{Duration, Instant};

use chancery::http::routes;
use serde_json::{Value, json};

use crate::http::{Answer, Connection, get, post_form, request};
use crate::load::{Plan, Script, run};
use crate::process::machine;
use crate::report::Report;
use crate::scripts::{Fixed, demand};
use crate::server::{Instance, Running, path};
use crate::{Args, Failed};

/// Documents that are measured with.
const DOCUMENTS: u32 = 100_000;
/// Documents of one batch.
const BATCH: u32 = 1_000;
/// What the measuring client may do.
const SCOPE: &str = "storage:admin storage:read storage:write";

/// Measures on each database.
pub async fn all(args: &Args) -> Result<(), Failed> {
    let mut report = Report::default();
    report.say(&format!("{}; server on one core, generator on the other; {DOCUMENTS} documents.", machine()?))?;
    report.say("\n| measure | database | rate | p50 ms | wanted |\n|---|---|--:|--:|--:|")?;
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-storage");
    if root.exists() {
        std::fs::remove_dir_all(&root)?;
    }
    database(args, &mut report, ("SQLite", "sqlite", None), &root.join("sqlite")).await?;
    if let Some(url) = &args.postgres {
        let place = ("PostgreSQL", url.as_str(), args.postgres_pid);
        database(args, &mut report, place, &root.join("postgres")).await?;
    }
    if let Some(path) = &args.report {
        std::fs::write(path, report.text())?;
    }
    Ok(())
}

/// One database's turn.
struct Turn<'a> {
    report: &'a mut Report,
    database: &'a str,
    running: Running,
    instance: Instance,
    plan: Plan,
    token: String,
}

async fn database(
    args: &Args,
    report: &mut Report,
    (name, url, pid): (&str, &str, Option<u32>),
    root: &Path,
) -> Result<(), Failed> {
    std::fs::create_dir_all(root)?;
    let instance = Instance::new(root, url)?;
    let (running, _) = instance.start(pid).await?;
    let token = token(&instance).await?;
    let plan = Plan { connections: 4, measured: Duration::from_secs(args.seconds), rest: None };
    let mut turn = Turn { report, database: name, running, instance, plan, token };
    turn.fill().await?;
    turn.single().await?;
    turn.questions().await?;
    turn.running.stop()
}

async fn token(instance: &Instance) -> Result<String, Failed> {
    let metadata = json!({
        "client_name": "Measured program",
        "grant_types": ["client_credentials"],
        "response_types": [],
        "scope": SCOPE,
        "token_endpoint_auth_method": "client_secret_basic",
    });
    let client = instance.client(&metadata, &[])?;
    let fields = [("grant_type", "client_credentials"), ("scope", SCOPE)];
    let asked = post_form(&path(routes::TOKEN), &[("authorization", &client.basic)], &fields);
    let mut connection = Connection::open(instance.port()).await?;
    let answer = connection.round(&asked).await?;
    demand(&answer, 200)?;
    Ok(format!("Bearer {}", answer.text("access_token").ok_or("no access token")?))
}

fn document(n: u32) -> Value {
    let (status, city) = (["new", "paid", "sent", "done"][at(n % 4)], ["Bern", "Lyon", "Graz"][at(n % 3)]);
    let words =
        "A document of about five hundred bytes has some words in it, as those of applications have. ".repeat(3);
    json!({
        "_id": format!("d{n:06}"), "n": n, "status": status, "group": n % 97, "price": n % 15_000,
        "tags": [format!("t{}", n % 50), format!("t{}", n % 7), "all"],
        "customer": {"name": format!("Customer {}", n % 1_000), "city": city}, "text": words,
    })
}

fn at(n: u32) -> usize {
    usize::try_from(n).unwrap_or_default()
}

impl Turn<'_> {
    fn post(&self, tail: &str, body: &Value) -> Vec<u8> {
        let headers = [("authorization", self.token.as_str()), ("content-type", "application/json")];
        request("POST", &path(&format!("{}{tail}", routes::STORAGE)), &headers, &body.to_string())
    }

    fn line(&mut self, what: &str, rate: f64, p50: Duration, wanted: &str) -> Result<(), Failed> {
        let ms = p50.as_secs_f64() * 1e3;
        self.report.say(&format!("| {what} | {} | {rate:.0} /s | {ms:.2} | {wanted} |", self.database))
    }

    /// Batches into a collection with an index, which makes each document two rows and more.
    async fn fill(&mut self) -> Result<(), Failed> {
        let headers = [("authorization", self.token.as_str()), ("content-type", "application/json")];
        let indexes = json!({"indexes": [{"name": "group", "fields": {"group": 1, "n": -1}}]});
        let define = request("PUT", &path(&format!("{}/orders", routes::STORAGE)), &headers, &indexes.to_string());
        let mut connection = Connection::open(self.instance.port()).await?;
        demand(&connection.round(&define).await?, 201)?;
        let (mut took, begun) = (Vec::new(), Instant::now());
        let bodies = (0..DOCUMENTS / BATCH).map(|batch| {
            let documents: Vec<Value> = (batch * BATCH..(batch + 1) * BATCH).map(document).collect();
            self.post("/orders/documents:batch", &json!({ "documents": documents }))
        });
        let bodies: Vec<Vec<u8>> = bodies.collect();
        let made = begun.elapsed();
        for body in bodies {
            let one = Instant::now();
            demand(&connection.round(&body).await?, 201)?;
            took.push(one.elapsed());
        }
        let rate = f64::from(DOCUMENTS) / begun.elapsed().saturating_sub(made).as_secs_f64();
        took.sort_unstable();
        self.line("documents stored, a thousand at a time, one index", rate, took[took.len() / 2], "20000 /s")
    }

    /// One at a time.
    async fn single(&mut self) -> Result<(), Failed> {
        let tail = format!("{}/orders/documents/d050000", routes::STORAGE);
        let read = get(&path(&tail), &[("authorization", &self.token)]);
        self.ask("a document read by its id", "0.3 ms", || Box::new(Fixed(read.clone(), "d050000"))).await?;
        let update =
            self.post("/orders/documents:update", &json!({"filter": {"_id": "d000007"}, "update": {"$inc": {"k": 1}}}));
        self.ask("a document changed by an operator", "", || Box::new(Fixed(update.clone(), "modified"))).await?;
        let insert = self.post("/single/documents", &json!({"n": 1, "t": "some words"}));
        let headers = [("authorization", self.token.as_str()), ("content-type", "application/json")];
        let define = request("PUT", &path(&format!("{}/single", routes::STORAGE)), &headers, "{}");
        demand(&Connection::open(self.instance.port()).await?.round(&define).await?, 201)?;
        self.ask("a document stored", "", || Box::new(Stored(insert.clone()))).await
    }

    async fn questions(&mut self) -> Result<(), Failed> {
        let indexed =
            self.post("/orders/documents:query", &json!({"filter": {"group": 42}, "sort": {"n": -1}, "limit": 20}));
        self.ask("20 of an index, in its order", "", || Box::new(Fixed(indexed.clone(), "d09"))).await?;
        let scan = self
            .post("/orders/documents:count", &json!({"filter": {"customer.city": "Lyon", "price": {"$gt": 14_000}}}));
        self.ask("all looked at without an index and counted", "10 /s", || Box::new(Fixed(scan.clone(), "count")))
            .await?;
        let pipeline = json!([{"$group": {"_id": "$status", "sum": {"$sum": "$price"}, "count": {"$count": {}}}}]);
        let grouped = self.post("/orders/documents:aggregate", &json!({ "pipeline": pipeline }));
        self.ask("all grouped by a pipeline", "1.7 /s", || Box::new(Fixed(grouped.clone(), "paid"))).await
    }

    async fn ask(&mut self, what: &str, wanted: &str, script: impl Fn() -> Box<dyn Script>) -> Result<(), Failed> {
        let seen = run(self.instance.port(), self.plan, &self.running.watched, |_| script()).await?;
        self.line(what, seen.per_second, seen.p50, wanted)
    }
}

/// A document that is stored.
struct Stored(Vec<u8>);

impl Script for Stored {
    fn next(&mut self) -> Vec<u8> {
        self.0.clone()
    }

    fn took(&mut self, answer: &Answer<'_>) -> Result<bool, Failed> {
        demand(answer, 201).map(|()| true)
    }
}
