//! Operators look whether all is well, have work done by hand, and fill a tenant to try things out.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use chancery::base::{Actor, Code, Seconds, Secret, Stop};
use chancery::config::Config;
use chancery::doctor::{Finding, Verdict, examine, is_well};
use chancery::http::probe;
use chancery::jobs::{self, Job, Outcome};
use chancery::setup::{operators, showcase};
use chancery::store::tenants::{Settings, Tenant};
use serde_json::Value;

use crate::mail::over;
use crate::smtp::{Behaviour, SmtpServer};
use crate::support::{Instance, PASSWORD, TestApp};

async fn initialised(app: &TestApp) -> Tenant {
    let (email, password) = ("ops@system.test".parse().unwrap(), Secret::new(PASSWORD));
    operators::initialise(&app.app, &email, &password).await.unwrap();
    app.app.tenants.look_up("system").await.unwrap()
}

/// Nobody serves at this public URL.
fn nowhere(config: &mut Config) {
    config.public_url = "http://localhost:1".parse().unwrap();
}

async fn findings(app: &TestApp) -> Vec<Finding> {
    initialised(app).await;
    Box::pin(examine(app.app.config.clone(), Ok(app.app.db.clone()))).await
}

fn of<'a>(findings: &'a [Finding], check: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.check == check).unwrap_or_else(|| panic!("no {check} in {findings:#?}"))
}

#[tokio::test]
async fn doctor_finds_what_is_well_and_says_what_to_do_about_the_rest() {
    let app = TestApp::configured(nowhere).await;
    let findings = findings(&app).await;
    for check in ["data directory", "disk", "proxies", "redis", "database", "schema", "clock", "master key", "files"] {
        assert_ne!(of(&findings, check).verdict, Verdict::Fail, "{findings:#?}");
    }
    for check in ["operators' tenant", "signing keys", "counts of plans", "payments", "mail"] {
        assert_eq!(of(&findings, check).verdict, Verdict::Ok, "{findings:#?}");
    }
    let away = of(&findings, "public URL");
    assert_eq!(away.verdict, Verdict::Warn, "{away:?}");
    assert!(is_well(&findings));
    for finding in &findings {
        assert_eq!(finding.advice.is_some(), finding.verdict != Verdict::Ok, "{finding:?}");
    }
}

#[tokio::test]
async fn doctor_greets_the_mail_server_and_sends_nothing() {
    let server = SmtpServer::start(Behaviour::default()).await;
    let app = TestApp::configured(|config| {
        over(config, &server);
        nowhere(config);
    })
    .await;
    let well = findings(&app).await;
    assert_eq!(of(&well, "mail").verdict, Verdict::Ok, "{well:#?}");
    assert!(server.received().is_empty(), "a mail was sent");

    let wrong = TestApp::configured(|config| {
        over(config, &server);
        nowhere(config);
        config.mail.smtp_port = 1;
    })
    .await;
    let told = findings(&wrong).await;
    let mail = of(&told, "mail");
    assert_eq!(mail.verdict, Verdict::Fail, "{mail:?}");
    assert!(mail.advice.as_deref().unwrap().contains("mail.smtp_host"));
    assert!(!is_well(&told));
}

#[tokio::test]
async fn w082_how_a_request_arrived_is_told_to_whoever_holds_the_keys() {
    let app = TestApp::configured(|config| config.http.trusted_proxies = vec!["10.0.0.0/8".to_owned()]).await;
    initialised(&app).await;
    let ask = async |ticket: Option<&str>| -> Value {
        let peer: SocketAddr = "10.0.0.2:4000".parse().unwrap();
        let mut request = Request::get("/readyz").header("x-forwarded-for", "203.0.113.9");
        if let Some(ticket) = ticket {
            request = request.header("x-chancery-probe", ticket);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        serde_json::from_str(&app.send(request).await.body).unwrap()
    };
    let ticket = probe::ticket(&app.app).await.unwrap();
    let told = ask(Some(&ticket)).await;
    assert_eq!(told["arrival"]["peer"], "10.0.0.2");
    assert_eq!(told["arrival"]["address"], "203.0.113.9");
    assert_eq!(told["arrival"]["forwarded_for"], "203.0.113.9");
    let (_, proof) = ticket.split_once('.').unwrap();
    for nothing in [None, Some("1.x"), Some("x"), Some(format!("1767225601.{proof}").as_str())] {
        let answer = ask(nothing).await;
        assert_eq!((&answer["status"], answer.get("arrival")), (&"ok".into(), None), "{nothing:?}");
    }
    app.clock.advance(Seconds(601));
    assert_eq!(ask(Some(&ticket)).await.get("arrival"), None, "its time is over");
    let other = TestApp::start().await;
    initialised(&other).await;
    let theirs = probe::ticket(&other.app).await.unwrap();
    assert_eq!(ask(Some(&theirs)).await.get("arrival"), None, "another instance's keys");
}

#[tokio::test]
async fn jobs_are_done_by_hand_and_it_is_known_when_they_were() {
    let place = Instance::new().await;
    assert_eq!(place.run("init --json").code, 0);
    let before = place.run("jobs list --json").json();
    let rows = before.as_array().unwrap();
    assert_eq!(rows.len(), Job::ALL.len());
    assert!(rows.iter().all(|row| row["last_run_at"].is_null() && row["about"].is_string()), "{before}");
    let done = place.run("jobs run-once --json").json();
    assert!(done.as_array().unwrap().iter().all(|row| row["outcome"] == "done"), "{done}");
    let again = place.run("jobs run-once keys audit --json").json();
    assert_eq!(again.as_array().unwrap().len(), 2, "nobody holds them: {again}");
    assert!(again.as_array().unwrap().iter().all(|row| row["outcome"] == "done"), "{again}");
    let after = place.run("jobs list --json").json();
    assert!(after.as_array().unwrap().iter().all(|row| row["last_run_at"].is_string()), "{after}");
    assert_eq!(place.run("jobs run-once dance").code, 2);
}

#[tokio::test]
async fn what_another_process_is_elected_for_is_left_to_it() {
    let app = TestApp::start().await;
    assert!(jobs::round(&app.app, "a server").await.unwrap().elected);
    let ran = jobs::once(&app.app, &[Job::Keys, Job::Mail]).await.unwrap();
    let outcomes: Vec<_> = ran.iter().map(|ran| (ran.job, ran.outcome)).collect();
    assert_eq!(outcomes, [("keys", Outcome::Elsewhere), ("mail", Outcome::Done)]);
    app.clock.advance(Seconds(151));
    assert_eq!(jobs::once(&app.app, &[Job::Keys]).await.unwrap()[0].outcome, Outcome::Done, "it has died");
    assert!(jobs::round(&app.app, "a server").await.unwrap().elected, "who works by hand keeps nobody waiting");
}

#[tokio::test]
async fn a_tenant_is_filled_with_what_a_tenant_has_once() {
    let app = TestApp::start().await;
    let tenant = app.tenant("showcase", Settings::default()).await;
    let made = showcase::fill(&app.app, &tenant, 90).await.unwrap();
    assert_eq!((made.people, made.clients, made.organizations), (90, 5, 8));
    assert!(made.documents >= 100 && made.files >= 10 && made.sign_ins > 200, "{made:?}");
    let password = made.password.expect("it is shown the first time");
    let owner = app.app.accounts.look_up(&tenant, &made.owner).await.unwrap();
    assert_eq!(owner.role.as_str(), "owner");
    app.app.audit.seal().await.unwrap();
    assert!(app.app.audit.verify(&tenant.id).await.unwrap().misfit.is_none());

    let again = showcase::fill(&app.app, &tenant, 90).await.unwrap();
    assert!(again.password.is_none(), "the password is the owner's by now");
    assert_eq!((again.people, again.organizations), (90, 8));
    assert_eq!((again.documents, again.files, again.sign_ins), (made.documents, made.files, made.sign_ins));
    let page = app.app.accounts.page(&tenant, "", 1_000).await.unwrap();
    assert_eq!(page.len(), 90, "nobody was made twice");
    assert!(!format!("{page:?}").contains(&password));
}

#[tokio::test]
async fn w063_a_tenant_with_people_of_its_own_is_not_filled() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme", Settings::default()).await;
    let new = chancery::accounts::NewUser {
        email: Some("ada@acme.test".parse().unwrap()),
        email_verified: true,
        username: None,
        password: None,
        role: chancery::store::users::Role::User,
        profile: chancery::store::users::Profile::default(),
    };
    app.app.accounts.create(&tenant, new, &Actor::operator()).await.unwrap();
    let system = initialised(&app).await;
    for taken in [&tenant, &system] {
        let refused = showcase::fill(&app.app, taken, 10).await.unwrap_err();
        assert!(matches!(refused, Stop::Refused(refusal) if refusal.code == Code::Conflict));
    }
    assert_eq!(app.app.clients.page(&tenant, "", 10).await.unwrap().len(), 0, "nothing was begun");
}

#[tokio::test]
async fn people_are_invited_and_helped_by_command() {
    let place = Instance::new().await;
    assert_eq!(place.run("migrate up").code, 0);
    place.run("tenant create --slug acme --json").json();
    let invited = place.run("user invite --tenant acme Ada@acme.test --role admin --json").json();
    assert_eq!((&invited["role"], invited["expires_at"].is_string()), (&"admin".into(), true), "{invited}");
    let mails = place.run("mail list --tenant acme --json").json();
    assert_eq!(mails.as_array().unwrap().len(), 1, "{mails}");
    assert_eq!(place.run("user invite --tenant acme nonsense").code, 2);

    assert_eq!(place.run("user create --tenant acme --email bob@acme.test").code, 0);
    assert_eq!(place.run("user resend-verification --tenant acme bob@acme.test").code, 0);
    assert_eq!(place.run("mail list --tenant acme --json").json().as_array().unwrap().len(), 2);
    assert_eq!(place.run("user create --tenant acme --email eve@acme.test --verified").code, 0);
    assert_eq!(place.run("user resend-verification --tenant acme eve@acme.test").code, 1, "there is nothing to prove");
    assert_eq!(place.run("user remove-factors --tenant acme bob@acme.test").code, 1, "there are none");

    let client = "client create --tenant acme --name Robot --type service --scope users:read --id robot --json";
    place.run(client).json();
    assert_eq!(place.run("client disable --tenant acme robot --json").json()["status"], "disabled");
    assert_eq!(place.run("client enable --tenant acme robot --json").json()["status"], "active");
}

#[tokio::test]
async fn a_demonstration_is_made_by_command_in_a_tenant_of_its_own() {
    let place = Instance::new().await;
    assert_eq!(place.run("migrate up").code, 0);
    let made = place.run("seed-demo --tenant showcase --people 30 --json").json();
    assert_eq!((&made["tenant"], &made["people"]), (&"showcase".into(), &30.into()), "{made}");
    assert!(made["password"].as_str().is_some_and(|password| password.len() >= 12));
    let again = place.run("seed-demo --tenant showcase --people 30 --json").json();
    assert_eq!(again.get("password"), None, "{again}");
    assert_eq!(place.run("seed-demo --tenant system").code, 1);
    assert_eq!(place.run("seed-demo --tenant showcase --people 0").code, 2);
}

#[tokio::test]
async fn w077_another_master_key_opens_everything_that_the_former_one_sealed() {
    let place = Instance::new().await;
    assert_eq!(place.run("init --json").code, 0);
    place.run("tenant create --slug acme --json").json();
    assert_eq!(place.run("keys rotate --tenant acme").code, 0);
    assert_eq!(place.run_with("mail set-secret --tenant acme smtp_password", "a secret").code, 0);
    assert_eq!(place.run("webhook create --tenant acme --url https://receiver.test/ --json").code, 0);
    assert_eq!(place.run("user invite --tenant acme ada@acme.test").code, 0);
    assert_eq!(place.run("jobs run-once audit").code, 0);
    let before = place.run("keys list --tenant acme --json").json();

    let new = "5ee10c38c7a55d1fbbf2e4f9a0b6c7d8e1f2a3b4c5d6e7f8091a2b3c4d5e6fab";
    let file = place.data_dir.join("new.key");
    std::fs::write(&file, new).unwrap();
    let words = format!("keys reseal --new-master-key-file {}", file.display());
    let done = place.run(&words);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(!done.out.contains(new));
    let former = place.run("doctor --json");
    assert_eq!(former.code, 1, "the former key opens nothing any more");
    assert!(former.out.contains("master key"), "{former:?}");

    let place = place.with("KEYS__MASTER_KEY", new);
    let doctor = place.run("doctor --json");
    assert_eq!(doctor.code, 0, "{doctor:?}");
    assert_eq!(place.run("keys list --tenant acme --json").json(), before, "tokens stay good");
    assert_eq!(place.run("audit verify --json").code, 0, "the trail is whole");
    assert_eq!(place.run("keys rotate --tenant acme").code, 0);
    let tried = place.run("mail test --tenant acme --to ada@acme.test --json");
    assert!(!tried.out.contains("does not open"), "{tried:?}");
    let same = place.run(&words);
    assert_eq!(same.code, 1, "it is the present one");
    assert!(same.err.contains("used already"), "{same:?}");
}

#[tokio::test]
async fn everything_is_sealed_anew_only_while_no_server_works() {
    let app = TestApp::start().await;
    let system = initialised(&app).await;
    app.app.keys.jwks(&system.id).await.unwrap();
    assert!(jobs::round(&app.app, "a server").await.unwrap().elected);
    let key = || chancery::keys::MasterKey::parse(&chancery::keys::MasterKey::generate()).unwrap();
    let refused = chancery::setup::reseal(&app.app, key()).await.unwrap_err();
    assert!(matches!(refused, Stop::Refused(refusal) if refusal.code == Code::Conflict));
    app.clock.advance(Seconds(151));
    assert!(chancery::setup::reseal(&app.app, key()).await.unwrap() >= 3, "its signing keys");
}
