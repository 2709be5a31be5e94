//! The command line, run to its end.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::json;

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    /// The exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// The program, with nothing of our own environment in its configuration.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CHANCERY_")) {
        command.env_remove(name);
    }
    command
}

impl Outcome {
    /// Runs a command that reads `input`.
    pub fn of(mut command: Command, input: &str) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _not_read = child.stdin.take().unwrap().write_all(input.as_bytes());
        let done = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
    }

    /// What it printed, which has to be one JSON value; it has to have succeeded.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        json(&self.out)
    }
}
