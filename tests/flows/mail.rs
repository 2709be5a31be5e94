//! Mail leaves: over SMTP with and without TLS and authentication, again after failures, and never silently lost.

use chancery::app::App;
use chancery::base::Seconds;
use chancery::config::{Config, MailProvider, SmtpSecurity};
use chancery::mail::{Letter, Outcome, Recipient};
use chancery::store::mails::MailState;
use chancery::store::tenants::{MailSettings, Settings, Tenant};

use crate::https::authority;
use crate::smtp::{Behaviour, SmtpServer, Tls};
use crate::support::TestApp;

pub fn over(config: &mut Config, server: &SmtpServer) {
    let mail = &mut config.mail;
    mail.provider = MailProvider::Smtp;
    mail.from_address = "no-reply@platform.test".to_owned();
    mail.smtp_host = "localhost".to_owned();
    mail.smtp_port = server.port;
    mail.smtp_security = SmtpSecurity::None;
    mail.timeout = 2;
    config.dev = false;
}

pub fn reset() -> Letter {
    Letter::ResetPassword { link: "https://id.test/reset?token=s3cr3t".to_owned(), lifetime: Seconds(3_600) }
}

pub fn ada() -> Recipient {
    Recipient::new("ada@demo.test".parse().unwrap()).named(Some("Ada"))
}

pub async fn deliver(app: &App) -> Vec<Outcome> {
    app.mail.deliver_due().await.unwrap()
}

pub async fn state(app: &TestApp) -> (MailState, i64, Option<String>, bool) {
    let row = chancery::store::mails::newest_of_all_tenants(&app.app.db, 1).await.unwrap().remove(0);
    (row.state, row.attempts, row.last_error, row.content.is_empty())
}

pub async fn demo(app: &TestApp) -> Tenant {
    app.tenant("demo", Settings::default()).await
}

#[tokio::test]
async fn a_mail_arrives_with_text_html_and_its_message_id_and_is_forgotten_here() {
    let server = SmtpServer::start(Behaviour::default()).await;
    let app = TestApp::configured(|config| over(config, &server)).await;
    let tenant = demo(&app).await;
    app.write(&tenant, &ada(), &reset()).await;
    let message_id = app.mail_to("ada@demo.test", "reset-password").await.mail.message_id;
    assert_eq!(deliver(&app.app).await, [Outcome::Sent]);
    let mail = server.received().remove(0);
    assert_eq!((mail.from.as_str(), mail.to.join(",").as_str()), ("no-reply@platform.test", "ada@demo.test"));
    assert_eq!(mail.header("From").unwrap(), "demo <no-reply@platform.test>");
    assert_eq!(mail.header("Message-ID").unwrap(), message_id);
    assert_eq!(mail.header("Subject").unwrap(), "A new password for demo");
    assert_eq!(mail.header("Auto-Submitted").unwrap(), "auto-generated");
    assert!(mail.header("Content-Type").unwrap().starts_with("multipart/alternative"));
    assert!(mail.text().contains("Hello Ada,") && mail.text().contains(" 1 hour."), "W-019: {}", mail.text());
    assert_eq!(mail.link(), "https://id.test/reset?token=s3cr3t");
    assert_eq!(state(&app).await, (MailState::Sent, 1, None, true), "the link lies here after it was sent");
    assert_eq!(deliver(&app.app).await, []);
}

#[tokio::test]
async fn mail_leaves_over_starttls_and_implicit_tls_with_authentication() {
    let folder = std::env::temp_dir().join(format!("chancery-smtp-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder).unwrap();
    let [root, leaf, key] = authority(&folder);
    for (tls, security) in [(Tls::Starttls, SmtpSecurity::Starttls), (Tls::Implicit, SmtpSecurity::Tls)] {
        let credentials = Some(("chancery".to_owned(), "pass word".to_owned()));
        let certificate = Some((leaf.clone(), key.clone()));
        let server = SmtpServer::start(Behaviour { tls, certificate, credentials, ..Behaviour::default() }).await;
        let with = |config: &mut Config, password: &str, trusted: bool| {
            over(config, &server);
            config.mail.smtp_security = security;
            config.mail.smtp_username = "chancery".to_owned();
            config.mail.smtp_password = serde_json::from_value(password.into()).unwrap();
            if trusted {
                config.outbound.extra_root_certificates = vec![root.clone()];
            }
        };
        let app = TestApp::configured(|config| with(config, "pass word", true)).await;
        app.write(&demo(&app).await, &ada(), &reset()).await;
        assert_eq!(deliver(&app.app).await, [Outcome::Sent], "{tls:?}: {:?}", state(&app).await);
        let mail = server.received().remove(0);
        assert!(mail.encrypted && mail.authenticated, "{tls:?}");

        let wrong = TestApp::configured(|config| with(config, "another", true)).await;
        wrong.write(&demo(&wrong).await, &ada(), &reset()).await;
        assert_eq!(deliver(&wrong.app).await, [Outcome::Waits], "a password can be put right");
        let error = state(&wrong).await.2.unwrap();
        assert!(error.contains("535") || error.contains("authentication failed"), "{error}");
        assert!(!error.contains("another"), "{error}");

        let untrusted = TestApp::configured(|config| with(config, "pass word", false)).await;
        untrusted.write(&demo(&untrusted).await, &ada(), &reset()).await;
        assert_eq!(deliver(&untrusted.app).await, [Outcome::Waits], "a certificate of nobody");
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn no_mail_leaves_in_the_clear_where_tls_is_wanted() {
    let server = SmtpServer::start(Behaviour::default()).await;
    let app = TestApp::configured(|config| {
        over(config, &server);
        config.mail.smtp_security = SmtpSecurity::Starttls;
    })
    .await;
    app.write(&demo(&app).await, &ada(), &reset()).await;
    assert_ne!(deliver(&app.app).await, [Outcome::Sent], "the server offers no TLS");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn w113_the_server_is_down_for_three_attempts_and_the_mail_arrives() {
    let server = SmtpServer::start(Behaviour { refuse_first: 3, ..Behaviour::default() }).await;
    let app = TestApp::configured(|config| {
        over(config, &server);
        config.mail.retry_after = 10;
    })
    .await;
    app.write(&demo(&app).await, &ada(), &reset()).await;
    for (wait, attempts) in [(10, 1), (20, 2), (40, 3)] {
        assert_eq!(deliver(&app.app).await, [Outcome::Waits]);
        assert_eq!(state(&app).await.1, attempts);
        app.clock.advance(Seconds(wait - 1));
        assert_eq!(deliver(&app.app).await, [], "too early after attempt {attempts}");
        app.clock.advance(Seconds(1));
    }
    assert_eq!(deliver(&app.app).await, [Outcome::Sent]);
    assert_eq!((server.refused(), server.received().len()), (3, 1));
}

#[tokio::test]
async fn w113_a_dead_mail_is_listed_and_sent_after_all() {
    let server = SmtpServer::start(Behaviour { refuse_first: 2, ..Behaviour::default() }).await;
    let app = TestApp::configured(|config| {
        over(config, &server);
        config.mail.attempts = 2;
    })
    .await;
    let tenant = demo(&app).await;
    let key = app.api_key(&tenant, "tenant:read tenant:write").await;
    app.write(&tenant, &ada(), &reset()).await;
    assert_eq!(deliver(&app.app).await, [Outcome::Waits]);
    app.clock.advance(Seconds(3_600));
    assert_eq!(deliver(&app.app).await, [Outcome::Dead]);
    let list = app.api("GET", "/t/demo/api/v1/mails?state=dead", &key, None).await;
    let dead = &list["data"][0];
    assert_eq!((dead["state"].as_str(), dead["attempts"].as_i64()), (Some("dead"), Some(2)), "{list}");
    assert!(dead["last_error"].as_str().unwrap().contains("not now"), "{dead}");
    assert!(!list.to_string().contains("s3cr3t") && dead.get("content").is_none(), "what it says is nobody's: {list}");
    let retry = format!("/t/demo/api/v1/mails/{}/retry", dead["id"].as_str().unwrap());
    assert_eq!(app.api("POST", &retry, &key, None).await["data"]["state"], "waiting");
    assert_eq!(deliver(&app.app).await, [Outcome::Sent]);
    assert_eq!(app.api("POST", &retry, &key, None).await["code"], "conflict");
    let unknown = app.api("POST", "/t/demo/api/v1/mails/none/retry", &key, None).await;
    assert_eq!(unknown["code"], "not_found");
    let actions: Vec<_> = chancery::store::audit::page(&app.app.db, &tenant.id, "", 99).await.unwrap();
    assert!(actions.iter().any(|event| event.action == "mail.retried"));
}

#[tokio::test]
async fn an_address_that_does_not_exist_is_given_up_at_once() {
    let server =
        SmtpServer::start(Behaviour { unknown: vec!["ada@demo.test".to_owned()], ..Behaviour::default() }).await;
    let app = TestApp::configured(|config| over(config, &server)).await;
    app.write(&demo(&app).await, &ada(), &reset()).await;
    assert_eq!(deliver(&app.app).await, [Outcome::Dead]);
    assert!(state(&app).await.2.unwrap().contains("no such mailbox"));
}

#[tokio::test]
async fn w113_a_process_that_dies_over_a_mail_leaves_it_to_the_next_with_the_same_message_id() {
    let server = SmtpServer::start(Behaviour { swallow_first: 1, ..Behaviour::default() }).await;
    let app = TestApp::configured(|config| {
        over(config, &server);
        config.mail.timeout = 60;
    })
    .await;
    app.write(&demo(&app).await, &ada(), &reset()).await;
    let service = app.app.clone();
    let dying = tokio::spawn(async move { service.mail.deliver_due().await });
    server.wait_for(1).await;
    dying.abort();
    assert_eq!(deliver(&app.app).await, [], "its lease holds");
    app.clock.advance(Seconds(121));
    assert_eq!(deliver(&app.app).await, [Outcome::Sent]);
    let [first, second] = server.received().try_into().unwrap();
    assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
    assert_eq!(first.raw.split("boundary=").next(), second.raw.split("boundary=").next(), "Date and all headers too");
}

#[tokio::test]
async fn without_a_provider_mail_waits_and_is_not_lost() {
    let app = TestApp::configured(|config| config.dev = false).await;
    app.write(&demo(&app).await, &ada(), &reset()).await;
    assert_eq!(deliver(&app.app).await, [Outcome::Waits]);
    let (state, _, error, empty) = state(&app).await;
    assert_eq!((state, empty), (MailState::Waiting, false));
    assert!(error.unwrap().contains("no way for mail to leave is configured"));
}

#[tokio::test]
async fn on_a_developers_machine_the_mailbox_takes_everything_and_keeps_it() {
    let app = TestApp::start().await;
    app.write(&demo(&app).await, &ada(), &reset()).await;
    assert_eq!(deliver(&app.app).await, [Outcome::Sent]);
    assert_eq!(app.mail_to("ada@demo.test", "reset-password").await.link(), "https://id.test/reset?token=s3cr3t");
}

#[tokio::test]
async fn w123_a_server_that_says_nothing_holds_up_nobody_elses_mail() {
    let (silent, server) = (
        SmtpServer::start(Behaviour { silent: true, ..Behaviour::default() }).await,
        SmtpServer::start(Behaviour::default()).await,
    );
    let app = TestApp::configured(|config| {
        over(config, &server);
        config.mail.timeout = 60;
        config.outbound.allow_private = vec!["127.0.0.0/8".to_owned(), "::1/128".to_owned()];
    })
    .await;
    let own = MailSettings {
        smtp_host: Some("localhost".to_owned()),
        smtp_port: Some(silent.port),
        ..MailSettings::default()
    };
    let slow = app.tenant("slow", Settings { mail: own, ..Settings::default() }).await;
    let quick = demo(&app).await;
    for number in 0..30 {
        let to = Recipient::new(format!("p{number}@demo.test").parse().unwrap());
        app.write(&slow, &to, &Letter::AccountSuspended).await;
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let courier = tokio::spawn(chancery::mail::Courier::new(app.app.mail.clone()).run(stopped));
    for number in 0..30 {
        let to = Recipient::new(format!("q{number}@demo.test").parse().unwrap());
        app.write(&quick, &to, &Letter::AccountSuspended).await;
    }
    assert_eq!(server.wait_for(30).await.len(), 30);
    stop.send_replace(true);
    courier.abort();
}
