//! What cannot be served safely is not served, and says why in a sentence.

use chancery::store::Db;

use crate::support::{Instance, Ran};

fn refused(ran: &Ran, sentence: &str) {
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(ran.err.contains(sentence) && ran.err.lines().count() == 1, "{sentence}: {ran:?}");
}

#[tokio::test]
async fn an_unknown_setting_an_open_public_url_and_an_unknown_database_stop_the_start() {
    let place = Instance::new().await;
    let file = place.data_dir.join("bad.toml");
    std::fs::write(&file, "[http]\nbody_limits = 1\n").unwrap();
    refused(&place.run(&format!("serve --config {}", file.display())), "body_limits");
    refused(&place.run("serve --config /nothing/here.toml"), "cannot be read");
    refused(&place.run("serve --public-url http://id.example.com"), "https");
    refused(&place.run("serve --dev --public-url https://id.example.com"), "--dev");
    refused(&place.run("serve --dev --public-url http://localhost.evil.test"), "https");
    let place = place.with("DATABASE__URL", "mysql://u:hunter2@h/d");
    let ran = place.run("serve");
    refused(&ran, "sqlite: or postgres:");
    assert!(!ran.err.contains("hunter2"), "W-116");
}

#[tokio::test]
async fn w077_a_missing_a_short_and_a_default_master_key_stop_the_start() {
    let place = Instance::new().await.with("LISTEN", "127.0.0.1:0");
    let place = place.with("KEYS__MASTER_KEY", "");
    refused(&place.run("serve"), "master key is missing");
    let place = place.with("KEYS__MASTER_KEY", "c2hvcnQ");
    refused(&place.run("serve"), "bytes instead of 32");
    let place = place.with("KEYS__MASTER_KEY", &"ab".repeat(32));
    refused(&place.run("serve"), "not random");
    let place = place.with("KEYS__MASTER_KEY", "").with("KEYS__MASTER_KEY_FILE", "/nothing/here");
    refused(&place.run("serve"), "/nothing/here");
}

#[tokio::test]
async fn another_master_key_than_the_databases_own_stops_the_start() {
    let place = Instance::new().await.with("LISTEN", "127.0.0.1:0");
    place.run("init --json").json();
    place.run("keys rotate --tenant system --json").json();
    let other = "e6f700ff10e38c7a55d1fbbf2e4f9a0b6c7d8e1f2a3b4c5d6e7f8091a2b3c4d5";
    let ran = place.with("KEYS__MASTER_KEY", other).run("serve");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(ran.err.contains("master key"), "{ran:?}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_stops_the_start() {
    let place = Instance::new().await.with("LISTEN", "127.0.0.1:0");
    assert_eq!(place.run("migrate up").code, 0);
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        SELECT 9999, description, success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1";
    match Db::open(&place.database, 1).await.unwrap() {
        Db::Sqlite { write, .. } => drop(sqlx::query(newer).execute(&write).await.unwrap()),
        Db::Postgres(pool) => drop(sqlx::query(newer).execute(&pool).await.unwrap()),
    }
    for command in ["serve", "migrate up", "migrate status", "tenant list"] {
        refused(&place.run(command), "newer version");
    }
}
