//! The guide's commands, run as they are written: what a newcomer copies has to work (W-128).

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::support::{Outcome, Server};

/// What stands before each command: the program where the guide's words expect it, and a curl that minds refusals.
const SHELL: &str = r#"
set -eu
chancery() { "$program" "$@" --data-dir "$data_dir"; }
curl() { command curl --silent --show-error --fail "$@"; }
"#;

#[tokio::test]
async fn w128_the_commands_of_the_quickstart_do_what_it_says() {
    if Command::new("curl").arg("--version").output().is_err() {
        return println!("skipped: curl is not installed");
    }
    let server = Server::new().await;
    let (run, known) = follow(&server, include_str!("../../docs/guides/quickstart.md"));
    assert!(run >= 7 && known.contains_key("access_token"), "{run} commands taught only {known:?}");
    server.done().await;
}

#[tokio::test]
async fn w128_the_commands_of_the_guide_on_mail_do_what_it_says() {
    let server = Server::new().await;
    let (run, _) = follow(&server, include_str!("../../docs/guides/mail.md"));
    assert_eq!(run, 5);
    server.done().await;
}

/// Runs a guide's commands; answers how many there were, and what they taught.
fn follow(server: &Server, guide: &str) -> (usize, BTreeMap<String, String>) {
    let guide = guide.replace("http://localhost:8080", &server.place.url);
    let mut known = BTreeMap::from([
        ("program".to_owned(), env!("CARGO_BIN_EXE_chancery").to_owned()),
        ("data_dir".to_owned(), server.place.data_dir.display().to_string()),
        ("issuer".to_owned(), server.issuer("demo")),
        ("password".to_owned(), "an unlikely pass phrase".to_owned()),
    ]);
    let mut run = 0;
    for line in commands(&guide) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{SHELL}{line}")]).envs(&known);
        shell.envs(server.place.settings.iter().map(|(name, value)| (name, value)));
        let ended = Outcome::of(shell, "");
        assert_eq!(ended.code, Some(0), "{line}\n{}{}", ended.out, ended.err);
        learn(&mut known, &ended.out);
        run += 1;
    }
    (run, known)
}

#[tokio::test]
async fn w128_the_commands_of_the_guide_to_sign_in_with_others_do_what_it_says() {
    let server = Server::new().await;
    let mut told = String::new();
    let guide = include_str!("../../docs/guides/sign-in-with-others.md");
    for line in commands(guide) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{SHELL}{line}")]).env("program", env!("CARGO_BIN_EXE_chancery"));
        shell.env("data_dir", &server.place.data_dir);
        shell.envs(server.place.settings.iter().map(|(name, value)| (name, value)));
        let ended = Outcome::of(shell, "");
        assert_eq!(ended.code, Some(0), "{line}\n{}{}", ended.out, ended.err);
        told.push_str(&ended.out);
    }
    let callback = format!("{}/login/google/callback", server.issuer("demo"));
    assert!(told.contains(&callback) && told.contains("https://accounts.google.com"), "{told}");
    assert!(!told.contains("a-secret-from-google") && told.contains("is removed"), "{told}");
    server.done().await;
}

/// The commands in the guide's blocks, those that go over several lines in one; cargo's are run by others.
fn commands(guide: &str) -> Vec<String> {
    let blocks = guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n"));
    let joined: Vec<String> = blocks.map(|block| block.replace("\\\n", " ")).collect();
    let lines = joined.iter().flat_map(|block| block.lines());
    lines.filter(|line| !line.trim().is_empty() && !line.starts_with("cargo ")).map(str::to_owned).collect()
}

/// The guide speaks of members of answers as variables of the same names.
fn learn(known: &mut BTreeMap<String, String>, answer: &str) {
    let Ok(Value::Object(members)) = serde_json::from_str(answer) else { return };
    for (name, value) in members {
        if let (true, Value::String(value)) =
            (["client_id", "client_secret", "access_token"].contains(&name.as_str()), value)
        {
            known.insert(name, value);
        }
    }
}
