//! Documents: a hundred thousand of them, stored, read, found and computed with over HTTP, held against what the
//! database alone needs for it on two shared cores.

use std::path::Path;
use std::time::{Duration, Instant};

use chancery::http::routes;
use serde_json::{Value, json};

use crate::direct::Place;
use crate::http::{Answer, Connection, get, post_form, request};
use crate::load::{Plan, Script, run};
use crate::process::machine;
use crate::report::Report;
use crate::scripts::{Fixed, demand};
use crate::server::{Instance, Running, TENANT, path, path_of};
use crate::{Args, Failed};

/// Documents that are measured with.
const DOCUMENTS: u32 = 100_000;
/// Documents of one batch.
const BATCH: u32 = 1_000;
/// What the measuring client may do.
const SCOPE: &str = "storage:admin storage:read storage:write";

/// Who asks beside one that asks too much.
const NEIGHBOUR: &str = "acme";

/// Measures on each database.
pub async fn all(args: &Args) -> Result<(), Failed> {
    let mut report = Report::default();
    report.say(&format!(
        "{}; server and database on one core, as whoever asks the database directly; {DOCUMENTS} documents.",
        machine()?
    ))?;
    report
        .say("\n| measure | database | rate | p50 ms | directly | share | wanted |\n|---|---|--:|--:|--:|--:|--:|")?;
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
    place: Place,
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
    let token = token(&instance, TENANT).await?;
    let plan = Plan { connections: 4, measured: Duration::from_secs(args.seconds), rest: None };
    let file = instance.database().with_file_name("storage.db");
    let place = Place { url: url.to_owned(), file, seconds: args.seconds };
    let mut turn = Turn { report, database: name, running, instance, plan, token, place };
    turn.fill().await?;
    turn.single().await?;
    turn.questions().await?;
    turn.running.stop()?;
    (turn.running, _) = turn.instance.start_unpinned(pid).await?;
    turn.neighbour().await?;
    turn.running.stop()
}

async fn token(instance: &Instance, tenant: &str) -> Result<String, Failed> {
    let metadata = json!({
        "client_name": "Measured program",
        "grant_types": ["client_credentials"],
        "response_types": [],
        "scope": SCOPE,
        "token_endpoint_auth_method": "client_secret_basic",
    });
    let client = instance.client_of(tenant, &metadata, &[])?;
    let fields = [("grant_type", "client_credentials"), ("scope", SCOPE)];
    let asked = post_form(&path_of(tenant, routes::TOKEN), &[("authorization", &client.basic)], &fields);
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

    fn line(&mut self, what: &str, (rate, p50): (f64, Duration), directly: Option<f64>) -> Result<(), Failed> {
        let ms = p50.as_secs_f64() * 1e3;
        let against = directly.map_or_else(
            || "| | |".to_owned(),
            |directly| format!("{directly:.0} /s | {:.0} % | 50 % |", 100.0 * rate / directly),
        );
        self.report.say(&format!("| {what} | {} | {rate:.0} /s | {ms:.2} | {against}", self.database))
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
        self.line("documents stored, a thousand at a time, one index", (rate, took[took.len() / 2]), None)
    }

    /// One at a time.
    async fn single(&mut self) -> Result<(), Failed> {
        let tail = format!("{}/orders/documents/d050000", routes::STORAGE);
        let read = get(&path(&tail), &[("authorization", &self.token)]);
        let orders = self.place.collection("orders").await?;
        let directly = self.place.point(orders, "d050000")?;
        self.ask("a document read by its id", Some(directly), || Box::new(Fixed(read.clone(), "d050000"))).await?;
        let update =
            self.post("/orders/documents:update", &json!({"filter": {"_id": "d000007"}, "update": {"$inc": {"k": 1}}}));
        self.ask("a document changed by an operator", None, || Box::new(Fixed(update.clone(), "modified"))).await?;
        let mut body = document(1);
        body.as_object_mut().ok_or("no document")?.remove("_id");
        let insert = self.post("/single/documents", &body);
        let headers = [("authorization", self.token.as_str()), ("content-type", "application/json")];
        for name in ["single", "direct"] {
            let define = request("PUT", &path(&format!("{}/{name}", routes::STORAGE)), &headers, "{}");
            demand(&Connection::open(self.instance.port()).await?.round(&define).await?, 201)?;
        }
        let directly = self.place.insert(self.place.collection("direct").await?, &body)?;
        self.ask("a document stored", Some(directly), || Box::new(Stored(insert.clone()))).await
    }

    async fn questions(&mut self) -> Result<(), Failed> {
        let orders = self.place.collection("orders").await?;
        let questions = [
            ("one by an index", json!({"filter": {"group": 42, "n": 48_542}, "limit": 20}), "d048542"),
            ("20 of an index, in its order", json!({"filter": {"group": 42}, "sort": {"n": -1}, "limit": 20}), "d09"),
            (
                "20 of an index, filtered further",
                json!({"filter": {"group": 42, "status": "paid"}, "sort": {"n": -1}, "limit": 20}),
                "d09",
            ),
        ];
        for (what, question, words) in questions {
            let directly = self.place.find(orders, &question, false)?;
            let asked = self.post("/orders/documents:query", &question);
            self.ask(what, Some(directly), || Box::new(Fixed(asked.clone(), words))).await?;
        }
        let scan = json!({"filter": {"customer.city": "Lyon", "price": {"$gt": 14_000}}});
        let directly = self.place.find(orders, &scan, true)?;
        let asked = self.post("/orders/documents:count", &scan);
        let what = "all looked at without an index and counted";
        self.ask(what, Some(directly), || Box::new(Fixed(asked.clone(), "count"))).await?;
        let pipeline = json!([{"$group": {"_id": "$status", "sum": {"$sum": "$price"}, "count": {"$count": {}}}}]);
        let directly = self.place.find(orders, &json!({}), false)?;
        let asked = self.post("/orders/documents:aggregate", &json!({ "pipeline": pipeline }));
        let what = "all grouped by a pipeline; directly: all read";
        self.ask(what, Some(directly), || Box::new(Fixed(asked.clone(), "paid"))).await
    }

    /// What the dearest question of one tenant does to the reads of another, on both cores.
    async fn neighbour(&mut self) -> Result<(), Failed> {
        let token = token(&self.instance, NEIGHBOUR).await?;
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let mut connection = Connection::open(self.instance.port()).await?;
        let collection = path_of(NEIGHBOUR, &format!("{}/few", routes::STORAGE));
        demand(&connection.round(&request("PUT", &collection, &headers, "{}")).await?, 201)?;
        let one = json!({"_id": "first-one", "n": 1}).to_string();
        demand(&connection.round(&request("POST", &format!("{collection}/documents"), &headers, &one)).await?, 201)?;
        let read = get(&format!("{collection}/documents/first-one"), &headers[..1]);
        let easy = Plan { rest: Some(Duration::from_millis(10)), measured: self.plan.measured * 2, ..self.plan };
        let reads =
            || run(self.instance.port(), easy, &self.running.watched, |_| Box::new(Fixed(read.clone(), "first-one")));
        let quiet = reads().await?;
        let worst = json!({"filter": {"$or": [{"text": {"$regex": "x[aeiou]*y[^b]*z"}}, {"tags": {"$size": 9}}]}});
        let worst = self.post("/orders/documents:count", &worst);
        let hard = Plan { rest: None, ..easy };
        let flood = run(self.instance.port(), hard, &self.running.watched, |_| Box::new(Whatever(worst.clone())));
        let (stormy, flood) = tokio::join!(reads(), flood);
        let (stormy, flood) = (stormy?, flood?);
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        self.report.say(&format!(
            "\n{}: while another tenant asks the dearest question over and over ({:.1} answers/s, {} connections), a \
             document is read with a p99 of {:.2} ms, quiet {:.2} ms: {:.1} times (wanted: 3 at most).\n",
            self.database,
            flood.per_second,
            hard.connections,
            ms(stormy.p99),
            ms(quiet.p99),
            stormy.p99.as_secs_f64() / quiet.p99.as_secs_f64().max(1e-6)
        ))
    }

    async fn ask(
        &mut self,
        what: &str,
        directly: Option<f64>,
        script: impl Fn() -> Box<dyn Script>,
    ) -> Result<(), Failed> {
        let seen = run(self.instance.port(), self.plan, &self.running.watched, |_| script()).await?;
        self.line(what, (seen.per_second, seen.p50), directly)
    }
}

/// A question that may be too dear: an answer or a refusal, both are right.
struct Whatever(Vec<u8>);

impl Script for Whatever {
    fn next(&mut self) -> Vec<u8> {
        self.0.clone()
    }

    fn took(&mut self, answer: &Answer<'_>) -> Result<bool, Failed> {
        match answer.status {
            200 | 429 | 503 | 422 | 400 | 408 => Ok(true),
            status => Err(format!("a dear question was answered with {status}: {}", answer.body).into()),
        }
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
