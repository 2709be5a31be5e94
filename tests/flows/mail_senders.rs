//! Whose mail it is: the tenant's own sender, server and secrets, or the operator's; and an HTTP API instead of SMTP.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use chancery::base::Secret;
use chancery::config::{MailProvider, SmtpSecurity};
use chancery::mail::Outcome;
use chancery::store::tenants::{MailSettings, Settings, Tenant};
use serde_json::json;

use crate::mail::{ada, deliver, demo, over, reset, state};
use crate::smtp::{Behaviour, SmtpServer};
use crate::support::TestApp;

#[tokio::test]
async fn a_tenant_has_a_sender_of_its_own_and_the_rest_is_the_operators() {
    let server = SmtpServer::start(Behaviour::default()).await;
    let app = TestApp::configured(|config| over(config, &server)).await;
    let tenant = demo(&app).await;
    let key = app.api_key(&tenant, "tenant:read tenant:write").await;
    let change = json!({ "from_address": "hi@acme.test", "from_name": "Acme, Inc.", "reply_to": "help@acme.test",
        "smtp_password": "hunter2-of-acme" });
    let set = app.api("PATCH", "/t/demo/api/v1/tenant/mail", &key, Some(change)).await;
    assert_eq!(set["data"]["from_address"], "hi@acme.test", "{set}");
    assert_eq!(set["data"]["smtp_password_set"], true);
    assert_eq!(set["data"]["warnings"].as_array().unwrap().len(), 1, "another domain than the server's: {set}");
    assert!(!set.to_string().contains("hunter2"), "W-117: a secret is written and never read");
    let tested = app.api("POST", "/t/demo/api/v1/tenant/mail/test", &key, Some(json!({"to": "ada@demo.test"}))).await;
    assert_eq!(tested["data"]["kind"], "test", "{tested}");
    assert_eq!(deliver(&app.app).await, [Outcome::Sent]);
    let mail = server.received().remove(0);
    assert_eq!(mail.from, "hi@acme.test");
    assert_eq!(mail.header("From").unwrap(), "=?utf-8?b?QWNtZSwgSW5jLg==?= <hi@acme.test>", "one sender, not two");
    assert_eq!(mail.header("Reply-To").unwrap(), "help@acme.test");
    let back = json!({ "from_address": null, "smtp_password": null });
    let set = app.api("PATCH", "/t/demo/api/v1/tenant/mail", &key, Some(back)).await;
    assert_eq!((&set["data"]["from_address"], &set["data"]["smtp_password_set"]), (&json!(null), &json!(false)));
    for bad in [
        json!({"from_address": "x\r\nBcc: y@z"}),
        json!({"from_name": "a\nb"}),
        json!({"smtp_port": "25"}),
        json!({"smtp_host": "http://169.254.169.254"}),
        json!({"role": "owner"}),
    ] {
        let refused = app.api("PATCH", "/t/demo/api/v1/tenant/mail", &key, Some(bad.clone())).await;
        assert!(refused["status"].as_i64().is_some_and(|status| status == 400 || status == 422), "{bad}: {refused}");
    }
}

#[tokio::test]
async fn a_tenants_own_server_is_not_one_of_the_operators_private_machines() {
    let server = SmtpServer::start(Behaviour::default()).await;
    let own = |port| MailSettings {
        provider: Some(MailProvider::Smtp),
        from_address: Some("hi@acme.test".to_owned()),
        smtp_host: Some("localhost".to_owned()),
        smtp_port: Some(port),
        smtp_security: Some(SmtpSecurity::None),
        ..MailSettings::default()
    };
    let settings = Settings { mail: own(server.port), ..Settings::default() };
    let app = TestApp::configured(|config| config.dev = false).await;
    let tenant = app.tenant("acme", settings.clone()).await;
    app.write(&tenant, &ada(), &reset()).await;
    assert_eq!(deliver(&app.app).await, [Outcome::Waits]);
    assert!(state(&app).await.2.unwrap().contains("must not be reached"));
    assert!(server.received().is_empty());
    let app = TestApp::configured(|config| {
        config.dev = false;
        config.outbound.allow_private = vec!["127.0.0.0/8".to_owned(), "::1/128".to_owned()];
    })
    .await;
    let tenant = app.tenant("acme", settings).await;
    app.write(&tenant, &ada(), &reset()).await;
    assert_eq!(deliver(&app.app).await, [Outcome::Sent], "{:?}", state(&app).await);
}

type Posts = Arc<Mutex<Vec<(String, String)>>>;

async fn api_of_a_provider(status: u16) -> (u16, Posts) {
    let posts = Posts::default();
    let take = move |State(posts): State<Posts>, headers: HeaderMap, body: String| async move {
        let authorization = headers.get("authorization").unwrap().to_str().unwrap().to_owned();
        posts.lock().unwrap().push((authorization, body));
        (axum::http::StatusCode::from_u16(status).unwrap(), "{\"message\": \"Queued.\"}")
    };
    let router = axum::Router::new().route("/v3/mg.test/messages", post(take)).with_state(Arc::clone(&posts));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, posts)
}

#[tokio::test]
async fn mail_leaves_by_an_http_api() {
    for (status, outcome) in [(200, Outcome::Sent), (400, Outcome::Dead), (401, Outcome::Waits), (503, Outcome::Waits)]
    {
        let (port, posts) = api_of_a_provider(status).await;
        let app = TestApp::configured(|config| {
            config.dev = false;
            config.testing.http_callbacks = true;
            config.mail.provider = MailProvider::Http;
            config.mail.from_address = "no-reply@platform.test".to_owned();
            config.mail.http_url = format!("http://127.0.0.1:{port}/v3/mg.test/messages");
            config.mail.http_key = serde_json::from_value("key-1".into()).unwrap();
        })
        .await;
        let tenant = demo(&app).await;
        let tenant = Tenant { name: "De\"mo\r\n<x>".to_owned(), ..tenant };
        app.write(&tenant, &ada(), &reset()).await;
        let message_id = app.mail_to("ada@demo.test", "reset-password").await.mail.message_id;
        assert_eq!(deliver(&app.app).await, [outcome], "{status}");
        let (authorization, body) = posts.lock().unwrap().remove(0);
        assert_eq!(authorization, "Basic YXBpOmtleS0x");
        let form: std::collections::HashMap<_, _> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        assert_eq!(form["from"], "\"demo\" <no-reply@platform.test>");
        assert_eq!((form["to"].as_str(), form["h:Message-Id"].as_str()), ("ada@demo.test", message_id.as_str()));
        assert!(form["text"].contains("token=s3cr3t") && form["html"].contains("token=s3cr3t"));
        assert!(!form["subject"].contains(['\r', '\n']), "W-113: {}", form["subject"]);
    }
}

#[tokio::test]
async fn w117_a_tenants_mail_password_lies_sealed_in_the_store() {
    let app = TestApp::start().await;
    let tenant = demo(&app).await;
    let by = chancery::base::Actor::operator();
    let secret = Secret::new("hunter2-of-acme");
    app.app.mail.set_secret(&tenant, "smtp_password", Some(&secret), &by).await.unwrap();
    let stored = chancery::store::mail_secrets::of_tenant(&app.app.db, &tenant.id).await.unwrap();
    assert!(stored[0].1.starts_with("eyJ") && !stored[0].1.contains("hunter2"), "{stored:?}");
    assert!(app.app.mail.set_secret(&tenant, "password", Some(&secret), &by).await.is_err());
}
