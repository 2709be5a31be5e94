//! Starts that must not succeed: each ends at once, with a sentence that says why.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::people::Client;
use crate::support::{Outcome, Place, Server, command};

/// 32 random bytes, for places that need some key.
const KEY: &str = "00ff10e38c7a55d1fbbf2e4f9a0b6c7d8e1f2a3b4c5d6e7f8091a2b3c4d5e6f7";

/// A secret that reads as a number; so long that no random name of a folder has it by chance.
const DIGITS: &str = "47114711471147";

/// Runs a start, and checks that it fails as a start has to fail.
#[track_caller]
fn fails(command: Command, saying: &[&str]) {
    let begun = Instant::now();
    let ended = Outcome::of(command, "");
    assert!(matches!(ended.code, Some(1 | 2)), "after {:?}: {ended:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(20), "{ended:?}");
    assert!(
        !ended.err.contains("panicked") && !["hunter2", DIGITS].iter().any(|secret| ended.err.contains(secret)),
        "{ended:?}"
    );
    // Settings stand in capitals where they came from the environment.
    let said = ended.err.to_lowercase().replace("master_key", "master key");
    for part in saying {
        assert!(said.contains(part), "`{part}` is not in {ended:?}");
    }
    let sentences = ended.err.lines().filter(|line| !line.trim().is_empty()).count();
    assert_eq!(sentences, 1, "not one sentence: {ended:?}");
}

fn serve(place: &Place, words: &[&str]) -> Command {
    let mut command = command();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&place.data_dir).args(words);
    command.envs(place.settings.iter().map(|(name, value)| (name, value)));
    command
}

fn with(place: &Place, settings: &[(&str, &str)], words: &[&str]) -> Command {
    let mut command = serve(place, words);
    command.envs(settings.iter().copied());
    command
}

#[tokio::test]
async fn a_start_with_settings_that_cannot_be_meant_says_which() {
    let place = Place::new().await;
    let file = place.data_dir.join("typo.toml");
    std::fs::write(&file, "pubic_url = 'https://id.example.com'\n").unwrap();
    fails(serve(&place, &["--config", file.to_str().unwrap()]), &["pubic_url"]);
    fails(serve(&place, &["--config", "/nowhere/chancery.toml"]), &["/nowhere/chancery.toml"]);
    fails(with(&place, &[("CHANCERY_DATABSE__URL", "sqlite:x")], &[]), &["databse"]);
    fails(with(&place, &[("CHANCERY_DATABASE__CONNECTIONS", "many")], &[]), &["connections"]);
    fails(serve(&place, &["--public-url", "http://id.example.com"]), &["public_url", "https"]);
    fails(serve(&place, &["--public-url", "https://id.example.com/sub"]), &["public_url"]);
    fails(serve(&place, &["--dev", "--public-url", "https://id.example.com"]), &["--dev", "loopback"]);
    let testing = [("CHANCERY_TESTING__RATE_LIMITS_OFF", "true")];
    fails(with(&place, &testing, &["--public-url", "https://id.example.com"]), &["testing", "loopback"]);
    let mysql = [("CHANCERY_DATABASE__URL", "mysql://u:hunter2@localhost/x"), ("CHANCERY_KEYS__MASTER_KEY", KEY)];
    fails(with(&place, &mysql, &[]), &["sqlite:", "postgres:"]);
    let nobody = [("CHANCERY_DATABASE__URL", "postgres://u:hunter2@127.0.0.1:1/x"), ("CHANCERY_KEYS__MASTER_KEY", KEY)];
    fails(with(&place, &nobody, &[]), &["database"]);
    place.remove().await;
}

#[tokio::test]
async fn w077_a_start_without_a_good_master_key_says_so() {
    let place = Place::new().await;
    fails(serve(&place, &[]), &["master key"]);
    let default = "00".repeat(32);
    for bad in ["", "hunter2", DIGITS, "c2hvcnQ", "changeme", &default] {
        fails(with(&place, &[("CHANCERY_KEYS__MASTER_KEY", bad)], &[]), &["master key"]);
    }
    fails(with(&place, &[("CHANCERY_KEYS__MASTER_KEY_FILE", "/nowhere/key")], &[]), &["master key", "/nowhere/key"]);
    place.remove().await;
}

#[tokio::test]
async fn a_start_that_does_not_fit_what_is_there_says_so() {
    let server = Server::new().await;
    Client::of_dev(&server.place, "demo", "service").own_token(&server.http).await.unwrap();
    let taken = format!("127.0.0.1:{}", server.place.port);
    let mut second = command();
    second.args(["serve", "--dev", "--listen", &taken, "--data-dir"]).arg(&server.place.data_dir);
    second.envs(server.place.settings.iter().map(|(name, value)| (name, value)));
    second.args(["--public-url", &server.place.url]);
    fails(second, &["cannot listen", &taken]);
    assert_eq!(server.readiness().await, 200, "the first one is not disturbed");
    let missing = ["--dev", "--tls-cert", "/nowhere/cert.pem", "--tls-key", "/nowhere/key.pem"];
    fails(serve(&server.place, &missing), &["/nowhere/cert.pem"]);

    let (place, _) = server.end().await;
    fails(with(&place, &[("CHANCERY_KEYS__MASTER_KEY", KEY)], &["--dev"]), &["master key"]);
    let newer = "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) \
        VALUES (9999, 'from the future', CURRENT_TIMESTAMP, true, 'x', 1)";
    let newer =
        if crate::support::postgres().is_some() { newer.replace("'x'", "'\\x00'::bytea") } else { newer.to_owned() };
    place.database.meddle(&place.data_dir, &newer).await;
    fails(serve(&place, &["--dev"]), &["newer version", "9999"]);
    place.remove().await;
}
