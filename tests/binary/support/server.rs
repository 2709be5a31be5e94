//! A running server: started on a port and a data directory of its own, its words in a file, killed when dropped.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::Value;

use super::{Database, Outcome, command, json, switch};
use crate::browser;

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where a server keeps its things, whether it runs or not.
#[derive(Debug, Default)]
pub struct Place {
    /// Its data directory.
    pub data_dir: PathBuf,
    /// Its database.
    pub database: Database,
    /// Its port.
    pub port: u16,
    /// Its public URL.
    pub url: String,
    /// Settings beyond the usual, as environment variables.
    pub settings: Vec<(String, String)>,
    /// Further words for `serve`.
    pub words: Vec<String>,
    /// Whether it is served without `--dev`.
    pub production: bool,
}

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    /// Where it keeps its things.
    pub place: Place,
    /// A client for it.
    pub http: Client,
    process: Child,
}

/// A port that nobody listens on, given once. It is below those that the system gives to outgoing connections, so that
/// a server that starts again finds its port free.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let turn = std::process::id().wrapping_mul(37).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 20_000 + u16::try_from(turn % 12_000).unwrap();
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Place {
    /// A new one, with nothing in it.
    pub async fn new() -> Self {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let data_dir = std::env::temp_dir().join(format!("chancery-binary-{id}"));
        fs::create_dir_all(&data_dir).unwrap();
        let database = Database::new(&id).await;
        let mut settings = vec![("CHANCERY_LOG__FILTER".to_owned(), "info".to_owned())];
        if let Database::Postgres { url, .. } = &database {
            settings.push(("CHANCERY_DATABASE__URL".to_owned(), url.clone()));
        }
        if let Some(redis) = switch("TEST_REDIS") {
            settings.push(("CHANCERY_REDIS__URL".to_owned(), redis));
        }
        let port = free_port();
        Self { data_dir, database, port, url: format!("http://localhost:{port}"), settings, ..Self::default() }
    }

    /// With another setting, by its environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The program with this place's settings, and these words.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = command();
        command.args(words).arg("--data-dir").arg(&self.data_dir);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command on it, to its end.
    pub fn run(&self, words: &[&str], input: &str) -> Outcome {
        Outcome::of(self.command(words), input)
    }

    /// `serve`, not started yet.
    pub fn serve(&self) -> Command {
        let listen = format!("127.0.0.1:{}", self.port);
        let mut command = self.command(&["serve", "--listen", &listen, "--public-url", &self.url]);
        command.args((!self.production).then_some("--dev")).args(&self.words);
        command
    }

    /// Starts a server on it and waits until it is ready.
    pub async fn start(self) -> Server {
        self.start_with(&browser::http(None).unwrap()).await
    }

    /// As [`Place::start`], asking by this client.
    pub async fn start_with(self, http: &Client) -> Server {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = self.serve();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut server = Server { process: command.spawn().unwrap(), place: self, http: http.clone() };
        server.wait_until_ready().await;
        server
    }

    /// Where its words are.
    pub fn log_file(&self) -> PathBuf {
        self.data_dir.join("server.log")
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log_file()).unwrap_or_default()).into_owned()
    }

    /// What `--dev` wrote down.
    pub fn dev(&self) -> Value {
        json(&fs::read_to_string(self.data_dir.join("dev.json")).unwrap())
    }

    /// Takes everything away.
    pub async fn remove(self) {
        fs::remove_dir_all(&self.data_dir).unwrap();
        self.database.drop().await;
    }
}

impl Server {
    /// A new server in a new place.
    pub async fn new() -> Self {
        Place::new().await.start().await
    }

    async fn wait_until_ready(&mut self) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait().unwrap() {
                panic!("the server ended with {status}:\n{}", self.place.log());
            }
            if self.readiness().await == 200 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the server was not ready in time:\n{}", self.place.log());
    }

    /// The status of `/readyz`; 0 when there is none.
    pub async fn readiness(&self) -> u16 {
        let asked = self.http.get(format!("{}/readyz", self.place.url)).timeout(Duration::from_secs(5)).send().await;
        asked.map_or(0, |answer| answer.status().as_u16())
    }

    /// The issuer of a tenant.
    pub fn issuer(&self, tenant: &str) -> String {
        format!("{}/t/{tenant}", self.place.url)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Ends it without a word to it.
    pub fn kill(mut self) -> Place {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.into_place()
    }

    /// Asks it to end.
    pub fn ask_to_end(&self) {
        let order = format!("kill -TERM {}", self.pid());
        assert!(Command::new("sh").args(["-c", &order]).status().unwrap().success());
    }

    /// Asks it to end, and waits until it has.
    pub async fn end(self) -> (Place, ExitStatus) {
        self.ask_to_end();
        self.ended().await
    }

    /// Waits until it has ended.
    pub async fn ended(mut self) -> (Place, ExitStatus) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait().unwrap() {
                return (self.into_place(), status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the server did not end:\n{}", self.place.log());
    }

    /// Asks it to end and takes everything away: what a story does that went well.
    pub async fn done(self) {
        let asked = Instant::now();
        let (place, status) = self.end().await;
        assert!(asked.elapsed() < Duration::from_secs(20), "ending took {:?}: {}", asked.elapsed(), place.log());
        assert!(status.success(), "{status}: {}", place.log());
        assert!(!place.log().contains("panicked"), "{}", place.log());
        place.remove().await;
    }

    fn into_place(mut self) -> Place {
        std::mem::take(&mut self.place)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            let _ended_anyway = self.process.kill();
            let _reaped = self.process.wait();
        }
        if std::thread::panicking() {
            eprintln!("what the server said is in {}", self.place.log_file().display());
        }
    }
}
