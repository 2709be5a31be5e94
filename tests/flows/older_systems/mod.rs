//! People of older systems come with their passwords: what those systems left behind (`tests/dumps`) is looked at, brought along,
//! and brought along once.

mod aegis;
mod authy2;
mod backend_framework;
mod coglex;
mod command;

use std::path::PathBuf;

use chancery::imports::report::{Counts, Kind};
use chancery::imports::{self, Choices, Report, Source, System};
use chancery::store::audit::{self, Event};
use chancery::store::tenants::Tenant;
use chancery::store::users;
use serde_json::json;

use super::support::{Answer, PASSWORD, TestApp};

const ALL: [System; 4] = [System::Aegis, System::Coglex, System::BackendFramework, System::Authy2];

fn dumps(below: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dumps")).join(below)
}

fn source(system: System) -> Source {
    let end = if system == System::Coglex { "dump" } else { "dump.sql" };
    Source::Dump(dumps(system.as_str()).join(end))
}

/// Into the tenant `old`, where a system knows none.
fn choices(apply: bool) -> Choices {
    Choices { apply, tenant: Some("old".parse().unwrap()), ..Choices::default() }
}

async fn import(app: &TestApp, system: System, choices: &Choices) -> Report {
    Box::pin(imports::run(&app.app, system, &source(system), choices)).await.unwrap()
}

async fn tenant(app: &TestApp, slug: &str) -> Tenant {
    app.app.tenants.look_up(slug).await.unwrap()
}

async fn log_in(app: &TestApp, slug: &str, who: &str, password: &str) -> Answer {
    let body = json!({ "identifier": who, "password": password });
    app.tell(&format!("/t/{slug}/api/v1/auth/login"), &body).await
}

/// What is stored of somebody's password.
async fn hash(app: &TestApp, slug: &str, who: &str) -> String {
    let found = users::credentials(&app.app.db, &tenant(app, slug).await.id, who).await.unwrap();
    found.unwrap_or_else(|| panic!("nobody is called {who}")).hash.unwrap_or_default()
}

/// Somebody comes in with the password that they had there, whose hash is one of ours from then on.
async fn comes_in(app: &TestApp, slug: &str, who: &str) -> Answer {
    let before = hash(app, slug, who).await;
    assert!(!before.starts_with("$argon2id$"), "{before}");
    assert_eq!(log_in(app, slug, who, "quite another one").await.status, 401);
    let answer = log_in(app, slug, who, PASSWORD).await;
    assert_eq!(answer.status, 200, "{who}: {}", answer.body);
    assert!(hash(app, slug, who).await.starts_with("$argon2id$"), "W-028");
    answer
}

async fn trail(app: &TestApp, slug: &str, action: &str) -> Vec<Event> {
    let rows = audit::page(&app.app.db, &tenant(app, slug).await.id, "", 9_999).await.unwrap();
    rows.into_iter().filter(|row| row.action == action).collect()
}

/// The reason why something was left out.
fn reason<'a>(report: &'a Report, name: &str) -> &'a str {
    let found = report.left_out.iter().find(|line| line.name == name);
    &found.unwrap_or_else(|| panic!("{name} was not left out: {:?}", report.left_out)).reason
}

/// What somebody is to look at.
fn noted<'a>(report: &'a Report, about: &str) -> Vec<&'a str> {
    let all = report.review.iter().chain(&report.warnings);
    all.filter(|note| note.about == about).map(|note| note.text.as_str()).collect()
}

#[tokio::test]
async fn a_dry_run_tells_what_the_import_will_come_to_and_writes_nothing() {
    for system in ALL {
        let app = TestApp::start().await;
        let trial = import(&app, system, &choices(false)).await;
        assert!(!trial.applied && trial.of(Kind::Person).created > 0, "{trial:?}");
        assert!(app.app.tenants.page("", 99).await.unwrap().is_empty(), "{system:?}");
        let done = import(&app, system, &choices(true)).await;
        assert_eq!((&trial.counts, &trial.left_out), (&done.counts, &done.left_out), "{system:?}");
        assert_eq!((&trial.review, &trial.warnings), (&done.review, &done.warnings), "{system:?}");
    }
}

#[tokio::test]
async fn an_import_that_is_repeated_finds_everything_and_makes_nothing() {
    for system in ALL {
        let app = TestApp::start().await;
        let first = import(&app, system, &choices(true)).await;
        let again = import(&app, system, &choices(true)).await;
        for (kind, counts) in &first.counts {
            let Counts { created, skipped, collisions, refused, .. } = *counts;
            let now = again.of(*kind);
            assert_eq!((now.created, now.collisions, now.refused), (0, collisions, refused), "{system:?} {kind:?}");
            // Who is in an organization that is here already is not looked at.
            if ![Kind::Member, Kind::Identity, Kind::Passkey].contains(kind) {
                assert_eq!((now.exists, now.skipped), (created, skipped), "{system:?} {kind:?}");
            }
        }
        for tenant in app.app.tenants.page("", 99).await.unwrap() {
            let told = trail(&app, tenant.slug.as_str(), "tenant.imported").await;
            assert_eq!(told.len(), 1, "{system:?} {}", tenant.slug);
            assert_eq!(told[0].detail["system"], system.as_str());
        }
    }
}

#[tokio::test]
async fn x2_w004_reports_and_trails_hold_no_secret() {
    let secrets = [
        "receivers-know-this",
        "mailgun-key",
        "kkkkkkkkkkkk",
        "a-secret-in-the-clear",
        "another-secret",
        "stored as it was typed",
        "also in the clear",
        "GEZDGNBVGY3TQOJQ",
        "$2b$04",
        "pbkdf2:",
        "scrypt:",
    ];
    for system in ALL {
        let app = TestApp::start().await;
        let report = serde_json::to_string(&import(&app, system, &choices(true)).await).unwrap();
        let mut told = report;
        for tenant in app.app.tenants.page("", 99).await.unwrap() {
            let rows = audit::page(&app.app.db, &tenant.id, "", 9_999).await.unwrap();
            told.extend(rows.into_iter().map(|row| row.detail.to_string()));
        }
        for secret in secrets {
            assert!(!told.contains(secret), "{system:?} tells {secret}");
        }
    }
}
