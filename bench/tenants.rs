//! Many tenants: what a thousand, ten thousand, a hundred thousand of them cost the one who asks for a token of his own.

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use chancery::http::routes;
use serde_json::json;
use tokio::task::{JoinSet, LocalSet};

use crate::copies;
use crate::http::{Answer, Connection, get, post_form, request};
use crate::load::{Plan, Script, Seen, run};
use crate::process::machine;
use crate::report::Report;
use crate::scripts::demand;
use crate::server::{Client, Instance, Running, member, path_of};
use crate::sign_in::Browser;
use crate::{Args, Failed};

/// The tenant whose people and clients all others get.
const MODEL: &str = "model";
/// People of each tenant; clients are two.
const PEOPLE: usize = 10;
/// Those who make tenants, or ask for first tokens, at the same time.
const TOGETHER: usize = 32;
/// Starts that are timed.
const STARTS: usize = 5;
/// Requests at an easy pace, to watch waiting times.
const EASY: Plan = Plan { connections: 8, measured: Duration::from_secs(10), rest: Some(Duration::from_millis(20)) };

/// Measures with ever more tenants on each database.
pub async fn all(args: &Args) -> Result<(), Failed> {
    let mut report = Report::default();
    report
        .say(&format!("{}; server and database on one core; {PEOPLE} people and 2 clients per tenant.", machine()?))?;
    report.say(
        "\n| tenants | database | made /s | first tokens /s | start ms | idle MiB | after MiB | token p50 ms | \
         token p99 ms | console list p99 ms | search p99 ms |\n|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    )?;
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-tenants");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    database(args, &mut report, ("SQLite", "sqlite", None), &root.join("sqlite")).await?;
    if let Some(url) = &args.postgres {
        let place = ("PostgreSQL", url.as_str(), args.postgres_pid);
        database(args, &mut report, place, &root.join("postgres")).await?;
    }
    if let Some(path) = &args.report {
        fs::write(path, report.text())?;
    }
    Ok(())
}

async fn database(
    args: &Args,
    report: &mut Report,
    (name, url, pid): (&str, &str, Option<u32>),
    root: &Path,
) -> Result<(), Failed> {
    fs::create_dir_all(root)?;
    let instance = Instance::new(root, url)?;
    let (mut running, _) = instance.start(pid).await?;
    let (client, mut there) = (Rc::new(model(&instance).await?), 1);
    for tenants in [1, 1_000, 10_000, 100_000].into_iter().filter(|tenants| *tenants <= args.tenants) {
        let new: Vec<usize> = (there..tenants).collect();
        let requests: Result<Vec<_>, _> = new.iter().map(|number| made(&instance, *number)).collect();
        let made = rate(&instance, requests?, 201).await?;
        running.stop()?;
        copies::spread(&instance, url, MODEL).await?;
        (running, _) = instance.start(pid).await?;
        let first = rate(&instance, new.iter().map(|number| token(&client, *number)).collect(), 200).await?;
        running.stop()?;
        there = tenants;
        let start = start(&instance, pid).await?.as_millis();
        (running, _) = instance.start(pid).await?;
        let seen = Stage { instance: &instance, running: &running, client: Rc::clone(&client), tenants }.seen().await?;
        report.say(&format!("| {tenants} | {name} | {made:.0} | {first:.0} | {start} |{seen}"))?;
    }
    running.stop()
}

/// One number of tenants, on an instance that has just been started.
struct Stage<'a> {
    instance: &'a Instance,
    running: &'a Running,
    client: Rc<Client>,
    tenants: usize,
}

impl Stage<'_> {
    async fn seen(&self) -> Result<String, Failed> {
        let (idle, _) = self.running.watched.memory()?;
        let tokens = run(self.instance.port(), EASY, &self.running.watched, |number| self.anywhere(number)).await?;
        let operator = operator(self.instance).await?;
        let list = self.pages(&operator, routes::CONSOLE_TENANTS.to_owned()).await?;
        let search = self.pages(&operator, format!("{}?q={}", routes::CONSOLE_TENANTS, slug(self.tenants / 2))).await?;
        let (after, _) = self.running.watched.memory()?;
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        Ok(format!(
            " {idle:.0} | {after:.0} | {:.1} | {:.1} | {:.1} | {:.1} |",
            ms(tokens.p50),
            ms(tokens.p99),
            ms(list.p99),
            ms(search.p99)
        ))
    }

    async fn pages(&self, cookies: &str, path: String) -> Result<Seen, Failed> {
        let asked = get(&path, &[("cookie", cookies)]);
        let plan = Plan { connections: 2, ..EASY };
        run(self.instance.port(), plan, &self.running.watched, |_| Box::new(Listed(asked.clone()))).await
    }

    fn anywhere(&self, number: usize) -> Box<dyn Script> {
        let seed = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(number as u64 + 1);
        Box::new(Anywhere { client: Rc::clone(&self.client), tenants: self.tenants, seed })
    }
}

/// A token of one tenant after the other, in no order.
struct Anywhere {
    client: Rc<Client>,
    tenants: usize,
    seed: u64,
}

impl Script for Anywhere {
    fn next(&mut self) -> Vec<u8> {
        // Marsaglia's xorshift.
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        let number = self.seed % self.tenants as u64;
        token(&self.client, usize::try_from(number).unwrap_or_default())
    }

    fn took(&mut self, answer: &Answer<'_>) -> Result<bool, Failed> {
        demand(answer, 200).map(|()| true)
    }
}

/// A page of the console.
struct Listed(Vec<u8>);

impl Script for Listed {
    fn next(&mut self) -> Vec<u8> {
        self.0.clone()
    }

    fn took(&mut self, answer: &Answer<'_>) -> Result<bool, Failed> {
        demand(answer, 200).map(|()| true)
    }
}

/// The first tenant, whose people and clients the others get.
async fn model(instance: &Instance) -> Result<Client, Failed> {
    let mut connection = Connection::open(instance.port()).await?;
    demand(&connection.round(&made(instance, 0)?).await?, 201)?;
    for number in 0..PEOPLE {
        instance.user(MODEL, &format!("person{number}@{MODEL}.test"))?;
    }
    let app = json!({"client_name": "App", "redirect_uris": ["http://127.0.0.1:9/callback"]});
    instance.client_of(MODEL, &app, &[])?;
    let machine = json!({
        "client_name": "Machine",
        "grant_types": ["client_credentials"],
        "response_types": [],
        "token_endpoint_auth_method": "client_secret_basic",
    });
    instance.client_of(MODEL, &machine, &[])
}

fn slug(number: usize) -> String {
    if number == 0 { MODEL.to_owned() } else { format!("tenant-{number:06}") }
}

fn made(instance: &Instance, number: usize) -> Result<Vec<u8>, Failed> {
    let key = format!("Bearer {}", instance.operator_key()?);
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let body = json!({"slug": slug(number), "name": format!("Tenant {number}")});
    Ok(request("POST", routes::TENANTS, &headers, &body.to_string()))
}

fn token(client: &Client, number: usize) -> Vec<u8> {
    let path = path_of(&slug(number), routes::TOKEN);
    post_form(&path, &[("authorization", &client.basic)], &[("grant_type", "client_credentials")])
}

/// Sends each of these once, many together; tells how many a second were answered as they should be.
async fn rate(instance: &Instance, all: Vec<Vec<u8>>, status: u16) -> Result<f64, Failed> {
    let (count, begun) = (u32::try_from(all.len())?, Instant::now());
    let (left, local) = (Rc::new(RefCell::new(all)), LocalSet::new());
    let mut senders = JoinSet::new();
    for _ in 0..TOGETHER {
        let (left, port) = (Rc::clone(&left), instance.port());
        senders.spawn_local_on(
            async move {
                let mut connection = Connection::open(port).await.map_err(|error| error.to_string())?;
                loop {
                    let Some(next) = left.borrow_mut().pop() else { return Ok(()) };
                    let answer = connection.round(&next).await.map_err(|error| error.to_string())?;
                    demand(&answer, status).map_err(|error| error.to_string())?;
                }
            },
            &local,
        );
    }
    let ended: Vec<Result<(), String>> = local.run_until(senders.join_all()).await;
    ended.into_iter().collect::<Result<(), String>>()?;
    Ok(f64::from(count) / begun.elapsed().as_secs_f64())
}

async fn start(instance: &Instance, database: Option<u32>) -> Result<Duration, Failed> {
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let (running, took) = instance.start(database).await?;
        running.stop()?;
        times.push(took);
    }
    times.sort_unstable();
    Ok(times[STARTS / 2])
}

/// The cookies of an operator who is signed in at the console.
async fn operator(instance: &Instance) -> Result<String, Failed> {
    let operator = instance.operator()?;
    let mut browser = Browser::open(instance.port()).await?;
    let (email, password) = (member(&operator, "email")?, member(&operator, "password")?);
    let back = browser.authorize(routes::CONSOLE_TENANTS, &email, &password).await?;
    browser.follow(&back).await?;
    Ok(browser.cookies())
}
