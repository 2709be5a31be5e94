//! Chancery itself, started on its own core with the people and clients of `--dev`, plus clients for the measures.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chancery::http::routes;
use serde_json::Value;

use crate::Failed;
use crate::http::{Connection, get};
use crate::process::{self, Guarded, Watched};

/// The program, built the way it ships.
const PROGRAM: &str = env!("CARGO_BIN_EXE_chancery");
/// The tenant that is measured.
pub const TENANT: &str = "demo";

/// Where an instance keeps its things.
pub struct Instance {
    data: PathBuf,
    config: PathBuf,
    port: u16,
}

/// A running instance.
pub struct Running {
    /// What it costs.
    pub watched: Watched,
    process: Guarded,
}

/// A client that a measure uses.
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its `Authorization` header.
    pub basic: String,
}

impl Instance {
    /// An empty data directory, and a configuration that names the database.
    pub fn new(root: &Path, database: &str) -> Result<Self, Failed> {
        let data = root.join("data");
        fs::create_dir_all(&data)?;
        let config = root.join("chancery.toml");
        let url = if database == "sqlite" { String::new() } else { format!("[database]\nurl = \"{database}\"\n") };
        fs::write(&config, format!("{url}[testing]\nrate_limits_off = true\n"))?;
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        Ok(Self { data, config, port })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it on the server's core and waits for its first discovery answer; tells how long that took.
    pub async fn start(&self, database: Option<u32>) -> Result<(Running, Duration), Failed> {
        self.start_on(process::SERVER_CORE, database).await
    }

    /// Starts it wherever there is time for it.
    pub async fn start_unpinned(&self, database: Option<u32>) -> Result<(Running, Duration), Failed> {
        self.start_on(process::BOTH_CORES, database).await
    }

    async fn start_on(&self, cores: &str, database: Option<u32>) -> Result<(Running, Duration), Failed> {
        let listen = format!("127.0.0.1:{}", self.port);
        let public = format!("http://{listen}");
        let args = ["serve", "--dev", "--listen", &listen, "--public-url", &public];
        let args: Vec<&str> = args.into_iter().chain(self.place()?).collect();
        let begun = Instant::now();
        let process = process::start(cores, Path::new(PROGRAM), &args, &self.data.with_extension("log"))?;
        let request = get(&path(routes::OPENID_CONFIGURATION), &[]);
        while begun.elapsed() < Duration::from_secs(30) {
            if let Ok(mut connection) = Connection::open(self.port).await
                && let Ok(answer) = connection.round(&request).await
                && answer.status == 200
            {
                let took = begun.elapsed();
                let watched = Watched { server: process.pid(), database };
                return Ok((Running { watched, process }, took));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Err(fs::read_to_string(self.data.with_extension("log"))?.into())
    }

    /// What `--dev` wrote about a tenant.
    pub fn dev(&self, tenant: &str) -> Result<Value, Failed> {
        let dev: Value = serde_json::from_slice(&fs::read(self.data.join("dev.json"))?)?;
        Ok(dev["tenants"][tenant].clone())
    }

    /// The person who may do everything at the platform.
    pub fn operator(&self) -> Result<Value, Failed> {
        let dev: Value = serde_json::from_slice(&fs::read(self.data.join("dev.json"))?)?;
        Ok(dev["operator"].clone())
    }

    /// What opens the platform to programs.
    pub fn operator_key(&self) -> Result<String, Failed> {
        member(&serde_json::from_slice(&fs::read(self.data.join("dev.json"))?)?, "operator_api_key")
    }

    /// Where SQLite has everything but documents.
    pub fn database(&self) -> PathBuf {
        self.data.join("chancery.db")
    }

    /// Makes a client of the measured tenant by the command line, from what it would register itself (RFC 7591).
    pub fn client(&self, metadata: &Value, policy: &[&str]) -> Result<Client, Failed> {
        self.client_of(TENANT, metadata, policy)
    }

    /// Makes a person with a password.
    pub fn user(&self, tenant: &str, email: &str) -> Result<(), Failed> {
        let words =
            ["user", "create", "--tenant", tenant, "--email", email, "--password-stdin", "--verified", "--json"];
        self.command(&words, b"correct horse battery staple").map(drop)
    }

    /// Makes a client of a tenant.
    pub fn client_of(&self, tenant: &str, metadata: &Value, policy: &[&str]) -> Result<Client, Failed> {
        let mut words = vec!["client", "create", "--tenant", tenant, "--from-json", "-", "--json"];
        words.extend(policy.iter().flat_map(|rule| ["--policy", rule]));
        let made = self.command(&words, metadata.to_string().as_bytes())?;
        let (id, secret) = (member(&made, "client_id")?, member(&made, "client_secret")?);
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        Ok(Client { id, basic })
    }

    fn command(&self, words: &[&str], stdin: &[u8]) -> Result<Value, Failed> {
        let mut command = Command::new(PROGRAM);
        command.args(words).args(self.place()?).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        child.stdin.take().ok_or("no stdin")?.write_all(stdin)?;
        let out = child.wait_with_output()?;
        if !out.status.success() {
            return Err(format!("{}: {}", words.join(" "), String::from_utf8_lossy(&out.stderr)).into());
        }
        Ok(serde_json::from_slice(&out.stdout)?)
    }

    fn place(&self) -> Result<[&str; 4], Failed> {
        let data = self.data.to_str().ok_or("a data directory that is not UTF-8")?;
        let config = self.config.to_str().ok_or("a path that is not UTF-8")?;
        Ok(["--data-dir", data, "--config", config])
    }
}

impl Running {
    /// Ends it in peace.
    pub fn stop(mut self) -> Result<(), Failed> {
        self.process.stop()
    }
}

/// The path of the tenant's endpoint.
pub fn path(tail: &str) -> String {
    path_of(TENANT, tail)
}

/// The path of a tenant's endpoint.
pub fn path_of(tenant: &str, tail: &str) -> String {
    format!("/t/{tenant}{tail}")
}

/// A string member of a JSON object.
pub fn member(value: &Value, name: &str) -> Result<String, Failed> {
    let text = value[name].as_str().ok_or_else(|| format!("no `{name}` in {value}"))?;
    Ok(text.to_owned())
}
