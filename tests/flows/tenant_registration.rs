//! Strangers who make a tenant for themselves, where the operators let them.

use chancery::base::Seconds;
use chancery::jobs;
use chancery::store::users::Role;
use serde_json::{Value, json};

use crate::support::operators::Operators;
use crate::support::{Answer, TestApp};

const DAY: i64 = 86_400;

async fn open() -> TestApp {
    TestApp::configured(|config| config.tenants.public_signup = true).await
}

async fn register(app: &TestApp, body: Value) -> Answer {
    app.platform("POST", "/tenants/register", &[], Some(body)).await
}

fn wish() -> Value {
    json!({ "slug": "demo", "name": "The demo", "email": "owner@demo.test", "password": "a long and good one" })
}

#[tokio::test]
async fn nobody_registers_a_tenant_unless_operators_say_so() {
    let app = TestApp::start().await;
    assert_eq!(register(&app, wish()).await.status, 403);
    assert!(app.app.tenants.look_up("demo").await.is_err());
}

#[tokio::test]
async fn somebody_makes_a_tenant_and_owns_it_after_answering_the_mail() {
    let app = open().await;
    let answer = register(&app, wish()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(told["data"]["issuer"], "http://localhost:8080/t/demo");
    let login = json!({ "identifier": "owner@demo.test", "password": "a long and good one" });
    let early = app.call("POST", "/auth/login", None, Some(login.clone())).await;
    assert_eq!(early.status, 403, "not before the address is proven: {early:?}");
    let link = app.mail_to("owner@demo.test", "verify-email").await.link();
    let token = json!({ "token": link.split_once("token=").unwrap().1 });
    assert_eq!(app.call("POST", "/auth/verify-email", None, Some(token)).await.status, 200);
    assert_eq!(app.call("POST", "/auth/login", None, Some(login)).await.status, 200);
    let tenant = app.app.tenants.look_up("demo").await.unwrap();
    let owner = app.app.accounts.look_up(&tenant, "owner@demo.test").await.unwrap();
    assert_eq!((owner.role, tenant.settings.quotas), (Role::Owner, chancery::store::plans::Quotas::default()));
    app.clock.advance(Seconds(8 * DAY));
    jobs::round(&app.app, "one").await.unwrap();
    assert!(app.app.tenants.look_up("demo").await.is_ok(), "it stays");
}

#[tokio::test]
async fn a_tenant_whose_owner_never_answers_is_deleted_after_a_week() {
    let app = open().await;
    let ops = Operators::of(&app).await;
    assert_eq!(register(&app, wish()).await.status, 201);
    app.clock.advance(Seconds(7 * DAY - 1));
    jobs::round(&app.app, "one").await.unwrap();
    assert!(app.app.tenants.look_up("demo").await.is_ok());
    app.clock.advance(Seconds(2));
    jobs::round(&app.app, "one").await.unwrap();
    assert_eq!(ops.ask(&app, "GET", "/tenants/demo", None).await.1["status"], "deleted");
}

#[tokio::test]
async fn w063_w068_no_plan_quota_or_role_is_taken_and_what_cannot_be_leaves_nothing() {
    let app = open().await;
    for (name, value) in [
        ("plan", json!("enterprise")),
        ("role", json!("owner")),
        ("settings", json!({ "quotas": { "documents": 9 } })),
        ("quotas", json!({})),
        ("status", json!("active")),
        ("deletion_protected", json!(true)),
        ("id", json!("1")),
        ("email_verified", json!(true)),
    ] {
        let mut body = wish();
        body[name] = value;
        let answer = register(&app, body).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.body);
        assert!(answer.body.contains(&format!("unknown field `{name}`")), "{}", answer.body);
    }
    for (name, value) in [
        ("slug", json!("system")),
        ("slug", json!("api")),
        ("slug", json!("-x-")),
        ("slug", json!("Demo")),
        ("name", json!("")),
        ("email", json!("nobody")),
        ("password", json!("short")),
        ("frontend_url", json!("javascript:alert(1)")),
        ("domain", json!("https://acme.test/")),
    ] {
        let mut body = wish();
        body[name] = value.clone();
        let answer = register(&app, body).await;
        assert!([400, 409, 422].contains(&answer.status.as_u16()), "{name} {value}: {}", answer.body);
    }
    assert!(app.app.tenants.page("", 10).await.unwrap().is_empty());
    assert!(app.mails_to("owner@demo.test").await.is_empty());
}

#[tokio::test]
async fn w012_of_two_with_one_slug_one_gets_it_and_the_other_nothing() {
    let app = open().await;
    let mut other = wish();
    other["email"] = json!("other@demo.test");
    let (one, two) = tokio::join!(register(&app, wish()), register(&app, other));
    let mut both = [one.status.as_u16(), two.status.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [201, 409]);
    let tenant = app.app.tenants.look_up("demo").await.unwrap();
    assert_eq!(app.app.accounts.page(&tenant, "", 10).await.unwrap().len(), 1);
    let mails = app.mails_to("owner@demo.test").await.len() + app.mails_to("other@demo.test").await.len();
    assert_eq!(mails, 1);
}

#[tokio::test]
async fn w068_a_domain_that_is_named_leads_nowhere_until_it_is_proven() {
    let app = open().await;
    let mut body = wish();
    body["domain"] = json!("bank.example");
    assert_eq!(register(&app, body).await.status, 201);
    let found = app.platform("GET", "/tenants/by-domain?domain=bank.example", &[], None).await;
    assert_eq!(found.status, 404);
    let tenant = app.app.tenants.look_up("demo").await.unwrap();
    assert_eq!(app.app.domains.list(&tenant).await.unwrap()[0].verified_at, None);
}

#[tokio::test]
async fn whoever_registers_too_often_waits() {
    let app = TestApp::configured(|config| {
        config.tenants.public_signup = true;
        config.limits.acts = 3;
        // What is counted of strangers at the platform is counted in Redis for all who share it.
        config.redis.url = serde_json::from_value("".into()).unwrap();
    })
    .await;
    for number in 0..3 {
        let mut body = wish();
        body["slug"] = json!(format!("demo-{number}"));
        assert_eq!(register(&app, body).await.status, 201);
    }
    let refused = register(&app, wish()).await;
    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty());
}
