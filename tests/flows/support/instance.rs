//! An instance that only its program touches: started, asked and administered as operators do.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::database;

/// Longer than any command takes.
const PATIENCE: Duration = Duration::from_mins(1);
/// A random master key, for tests only.
const MASTER_KEY: &str = "00ff10e38c7a55d1fbbf2e4f9a0b6c7d8e1f2a3b4c5d6e7f8091a2b3c4d5e6f7";

/// An instance.
pub struct Instance {
    /// Its data directory.
    pub data_dir: PathBuf,
    /// Its database.
    pub database: String,
    variables: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Standard output as JSON, of a command that went well.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }
}

impl Instance {
    /// A new data directory and database, and a master key in the environment.
    pub async fn new() -> Self {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let data_dir = std::env::temp_dir().join(format!("chancery-instance-{id}"));
        std::fs::create_dir_all(&data_dir).unwrap();
        let database = database(&data_dir, &id).await;
        let variables =
            [("DATA_DIR", data_dir.to_str().unwrap()), ("DATABASE__URL", &database), ("KEYS__MASTER_KEY", MASTER_KEY)];
        let variables = variables.map(|(name, value)| (format!("CHANCERY_{name}"), value.to_owned())).to_vec();
        Self { data_dir, database, variables }
    }

    /// With another setting in the environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let name = format!("CHANCERY_{name}");
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.to_owned()));
        self
    }

    /// The program with these words, ready to be started.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
        command.args(line.split_whitespace()).envs(self.variables.clone());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it to its end, which it reaches by itself or is brought to.
    pub fn run(&self, line: &str) -> Ran {
        self.run_with(line, "")
    }

    /// Runs it to its end with this text on standard input.
    pub fn run_with(&self, line: &str, input: &str) -> Ran {
        let mut child = self.command(line).spawn().unwrap();
        // A program that refuses at once does not read.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        let begun = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if begun.elapsed() > PATIENCE {
                child.kill().unwrap();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}
