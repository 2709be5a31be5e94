//! Signing up and proving the address, by API and by page.

use chancery::base::Actor;
use chancery::store::tenants::Settings;
use chancery::store::users::{Role, UserStatus};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::support::{PASSWORD, Person, TestApp, World};

const NEW: &str = "nora@demo.test";
const REGISTER: &str = "/t/demo/api/v1/auth/register";
const VERIFY: &str = "/t/demo/api/v1/auth/verify-email";

/// `demo`, where people may sign themselves up.
pub async fn open_world(change: impl FnOnce(&mut Settings)) -> World {
    let app = TestApp::start().await;
    let mut settings = Settings { self_registration: true, ..Settings::default() };
    change(&mut settings);
    let tenant = app.tenant("demo", settings).await;
    let world = World { app, tenant };
    world.person("ada@demo.test").await;
    world.client("calendar", "Calendar", |_| {}).await;
    world
}

async fn register(app: &TestApp, email: &str) -> super::support::Answer {
    app.tell(REGISTER, &json!({ "email": email, "password": PASSWORD, "full_name": "Nora" })).await
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> String {
    let mut person = Person::default();
    person.open(app, "/t/demo/login").await;
    let page = person.submit(app, "login-form", &[("username", email), ("password", password)]).await;
    page.page().to_owned()
}

#[tokio::test]
async fn w009_sign_up_answers_the_same_whoever_has_the_address() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    world.person("sus@demo.test").await;
    let sus = app.app.accounts.look_up(&world.tenant, "sus@demo.test").await.unwrap();
    app.app.accounts.set_status(&world.tenant, &sus.id, UserStatus::Suspended, &Actor::operator()).await.unwrap();
    let fresh = register(app, NEW).await.look();
    assert_eq!(fresh.0, 202);
    for known in [NEW, "NORA@demo.test", "ada@demo.test", "ADA@Demo.test", "sus@demo.test"] {
        assert_eq!(register(app, known).await.look(), fresh, "{known}");
    }
    let body = json!({ "email": "x@demo.test", "username": "nora", "password": PASSWORD });
    assert_eq!(app.tell(REGISTER, &body).await.look(), fresh);
    let taken = json!({ "email": "y@demo.test", "username": "NORA", "password": PASSWORD });
    assert_eq!(app.tell(REGISTER, &taken).await.look(), fresh);
    // The owners hear of it; nobody else.
    assert_eq!(app.mails_to("ada@demo.test").await.len(), 2);
    assert!(app.mails_to("ada@demo.test").await.iter().all(|mail| mail.mail.kind == "already-registered"));
    let secret = app.secret_to("y@demo.test", "verify-email").await;
    let verified = app.tell(VERIFY, &json!({ "token": secret })).await.json();
    assert_eq!(verified["data"]["username_taken"], true, "{verified}");
}

#[tokio::test]
async fn w020_w134_an_account_opens_when_its_mail_is_answered_by_a_button_and_by_nothing_else() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    let mut nora = Person::default();
    nora.open(app, "/t/demo/login").await;
    assert!(nora.page.contains("href=\"/t/demo/signup\"") && nora.page.contains("href=\"/t/demo/forgot-password\""));
    nora.open(app, "/t/demo/signup").await;
    let told = [("name", "Nora"), ("email", NEW), ("password", "short")];
    let again = nora.submit(app, "sign-up-form", &told).await;
    assert_eq!((again.status.as_u16(), again.page()), (422, "signup"));
    assert!(again.body.contains("8 characters or more") && again.body.contains(&format!("value=\"{NEW}\"")));
    let told = [("name", "Nora"), ("email", NEW), ("password", PASSWORD)];
    assert_eq!(nora.submit(app, "sign-up-form", &told).await.page(), "mail-sent");
    assert_eq!(sign_in(app, NEW, PASSWORD).await, "login", "W-020");
    let mail = app.mail_to(NEW, "verify-email").await;
    assert!(mail.content.text.contains("24 hours"), "W-019: {}", mail.content.text);
    for method in ["GET", "HEAD", "GET", "HEAD"] {
        let request = axum::http::Request::builder().method(method).uri(mail.link().split_once(":8080").unwrap().1);
        let answer = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(sign_in(app, NEW, PASSWORD).await, "login", "W-134");
    let mut elsewhere = Person::default();
    assert_eq!(elsewhere.open(app, &mail.link()).await.page(), "verify-email");
    assert!(elsewhere.page.contains("n***@demo.test") && !elsewhere.page.contains("name=\"password\""));
    assert_eq!(elsewhere.submit(app, "link-form", &[]).await.page(), "verified");
    assert_eq!(sign_in(app, NEW, PASSWORD).await, "account");
    assert_eq!(elsewhere.open(app, &mail.link()).await.page(), "error", "once");
}

#[tokio::test]
async fn w011_w012_of_fifty_sign_ups_at_once_comes_one_account_that_its_mailbox_opens() {
    let world = open_world(|_| {}).await;
    let app = std::sync::Arc::new(world.app);
    let mut all = JoinSet::new();
    for number in 0..50 {
        let app = app.clone();
        let email = if number % 2 == 0 { NEW.to_owned() } else { NEW.to_uppercase() };
        all.spawn(async move { register(&app, &email).await.status.as_u16() });
    }
    assert!(all.join_all().await.into_iter().all(|status| status == 202));
    let people = app.app.accounts.page(&world.tenant, "", 100).await.unwrap();
    assert_eq!(people.len(), 2, "ada and nora: {people:?}");
    // Whoever was first or last: the mailbox decides (U6).
    let mut good = 0;
    for mail in app.mails_to(NEW).await {
        let token = mail.link().split_once("token=").unwrap().1.to_owned();
        let wanted = json!({ "token": token, "password": "another few words" });
        good += u32::from(app.tell(VERIFY, &wanted).await.status == 200);
    }
    assert_eq!(good, 1, "W-114");
    assert_eq!(sign_in(&app, NEW, "another few words").await, "account");
    assert_eq!(sign_in(&app, NEW, PASSWORD).await, "login");
}

#[tokio::test]
async fn w018_of_twenty_uses_of_one_link_at_once_one_succeeds() {
    let world = open_world(|_| {}).await;
    register(&world.app, NEW).await;
    let token = world.app.secret_to(NEW, "verify-email").await;
    let app = std::sync::Arc::new(world.app);
    let mut all = JoinSet::new();
    for _ in 0..20 {
        let (app, body) = (app.clone(), json!({ "token": token }));
        all.spawn(async move { app.tell(VERIFY, &body).await.status.as_u16() });
    }
    let answers = all.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| [200, 400].contains(status)), "{answers:?}");
}

#[tokio::test]
async fn w114_w017_only_the_newest_link_works_and_a_failed_try_leaves_it_good() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    app.tell(REGISTER, &json!({ "email": NEW })).await;
    let old = app.secret_to(NEW, "verify-email").await;
    let again = "/t/demo/api/v1/auth/resend-verification";
    let known = app.tell(again, &json!({ "email": NEW })).await.look();
    assert_eq!(known.0, 202);
    for other in ["ada@demo.test", "nobody@demo.test"] {
        assert_eq!(app.tell(again, &json!({ "email": other })).await.look(), known, "W-009: {other}");
        assert!(app.mails_to(other).await.is_empty());
    }
    let new = app.secret_to(NEW, "verify-email").await;
    let tell = async |token: &str, password: Option<&str>| {
        let mut body = json!({ "token": token });
        if let Some(password) = password {
            body["password"] = password.into();
        }
        app.tell(VERIFY, &body).await.status.as_u16()
    };
    assert_eq!(tell(&old, Some(PASSWORD)).await, 400);
    let checked = app.tell(&format!("{VERIFY}/check"), &json!({ "token": new })).await.json();
    assert_eq!(checked["data"], json!({ "email_masked": "n***@demo.test", "password_required": true }));
    for bad in [None, Some("short"), Some("password"), Some(NEW), Some(&"x".repeat(1025))] {
        assert!([400, 422].contains(&tell(&new, bad).await), "{bad:?}");
    }
    assert_eq!(tell(&new, Some(PASSWORD)).await, 200, "it stayed good");
    assert_eq!(tell(&new, Some(PASSWORD)).await, 400);
    world.app.clock.advance(chancery::base::Seconds(60));
    app.tell(REGISTER, &json!({ "email": "late@demo.test", "password": PASSWORD })).await;
    let late = app.secret_to("late@demo.test", "verify-email").await;
    world.app.clock.advance(chancery::base::Seconds(86_400));
    assert_eq!(tell(&late, None).await, 400, "W-019: it lives as long as the mail says");
}

#[tokio::test]
async fn u6_nobody_prepares_an_account_for_the_owner_of_an_address() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    app.tell(REGISTER, &json!({ "email": NEW, "password": "the thief's password" })).await;
    app.tell(REGISTER, &json!({ "email": NEW, "password": PASSWORD })).await;
    app.tell(REGISTER, &json!({ "email": NEW, "password": "the thief's password" })).await;
    let token = app.secret_to(NEW, "verify-email").await;
    assert_eq!(app.tell(VERIFY, &json!({ "token": token })).await.status, 422, "a password is chosen anew");
    let chosen = json!({ "token": token, "password": PASSWORD });
    assert_eq!(app.tell(VERIFY, &chosen).await.status, 200);
    assert_eq!(sign_in(app, NEW, "the thief's password").await, "login");
    assert_eq!(sign_in(app, NEW, PASSWORD).await, "account");
}

#[tokio::test]
async fn w063_no_right_can_be_asked_for_at_sign_up() {
    let world = open_world(|_| {}).await;
    for (name, value) in [
        ("role", json!("owner")),
        ("roles", json!(["admin"])),
        ("status", json!("active")),
        ("email_verified", json!(true)),
        ("verified", json!(true)),
        ("plan", json!("gold")),
        ("tenant_id", json!("system")),
        ("id", json!("1")),
        ("sub", json!("1")),
        ("scope", json!("users:write")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("app_metadata", json!({})),
        ("profile", json!({ "email_verified": true })),
    ] {
        let mut body = json!({ "email": NEW, "password": PASSWORD });
        body[name] = value;
        let answer = world.app.tell(REGISTER, &body).await;
        assert_eq!(answer.status, 400, "{name}");
        assert!(answer.body.contains(&format!("`{name}`")), "{}", answer.body);
    }
    register(&world.app, NEW).await;
    let nora = world.app.app.accounts.look_up(&world.tenant, NEW).await.unwrap();
    assert_eq!((nora.role, nora.email_verified.0), (Role::User, false));
}

#[tokio::test]
async fn s3_people_go_on_to_where_the_tenant_has_listed_and_nowhere_else() {
    let world = open_world(|settings| {
        settings.frontend_url = Some("https://app.example/".to_owned());
        settings.redirect_origins = vec!["https://shop.example".to_owned()];
    })
    .await;
    let app = &world.app;
    let with = |redirect: &str| json!({ "email": NEW, "password": PASSWORD, "redirect": redirect });
    for bad in ["https://evil.test/", "javascript:alert(1)", "//evil.test", "https://app.example.evil.test/", "/x"] {
        assert_eq!(app.tell(REGISTER, &with(bad)).await.status, 422, "{bad}");
    }
    assert_eq!(app.tell(REGISTER, &with("https://shop.example/cart?x=1")).await.status, 202);
    let token = app.secret_to(NEW, "verify-email").await;
    let answer = app.tell(VERIFY, &json!({ "token": token })).await.json();
    assert_eq!(answer["data"]["redirect_url"], "https://shop.example/cart?x=1");
    register(app, "plain@demo.test").await;
    let mut plain = Person::default();
    plain.open(app, &app.mail_to("plain@demo.test", "verify-email").await.link()).await;
    let page = plain.submit(app, "link-form", &[]).await;
    assert!(page.body.contains("id=\"continue\" class=\"button\" href=\"https://app.example/\""), "{}", page.body);
}

#[tokio::test]
async fn a_tenant_decides_who_may_sign_up() {
    let world = open_world(|settings| settings.allowed_domains = vec!["demo.test".to_owned()]).await;
    assert_eq!(register(&world.app, "x@other.test").await.status, 422);
    assert_eq!(register(&world.app, "x@Demo.Test").await.status, 202);
    let closed = World::new().await;
    let refused = register(&closed.app, NEW).await.look();
    assert_eq!(refused.0, 403);
    assert_eq!(register(&closed.app, "ada@demo.test").await.look(), refused, "W-009");
    assert_eq!(closed.app.get("/t/demo/signup").await.status, 403);
    assert!(!closed.app.get("/t/demo/login").await.body.contains("/t/demo/signup"));
}

#[tokio::test]
async fn prompt_create_opens_sign_up_and_the_application_is_found_again_after_it() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    let mut nora = Person::default();
    let page = nora.open(app, &world.authorize(&[("prompt", "create"), ("login_hint", NEW)])).await;
    assert_eq!(page.page(), "signup");
    assert!(page.body.contains(&format!("value=\"{NEW}\"")) && page.body.contains(">Calendar<"));
    nora.submit(app, "sign-up-form", &[("password", PASSWORD)]).await;
    nora.open(app, &app.mail_to(NEW, "verify-email").await.link()).await;
    let done = nora.submit(app, "link-form", &[]).await;
    let (_, rest) = done.body.split_once("id=\"continue\" class=\"button\" href=\"").unwrap();
    nora.open(app, rest.split('"').next().unwrap()).await;
    let page = nora.submit(app, "login-form", &[("username", NEW), ("password", PASSWORD)]).await;
    assert_eq!(page.page(), "consent");
    let answer = nora.submit(app, "consent-form", &[("decision", "allow")]).await;
    assert!(answer.header("location").contains("code="), "{:?}", answer.headers);
}

#[tokio::test]
async fn odd_addresses_and_names_have_their_answer() {
    let world = open_world(|_| {}).await;
    for bad in ["", " ", "a", "a@", "@b", "a b@c.test", "a@b\r\nBcc: c@d.test", "a\u{0}@b.test", "<a@b.test>"] {
        assert_eq!(register(&world.app, bad).await.status, 400, "{bad:?}");
    }
    let idn = "jörg@münchen.test";
    assert_eq!(register(&world.app, idn).await.status, 202);
    assert_eq!(register(&world.app, &idn.to_uppercase()).await.status, 202);
    assert_eq!(world.app.app.accounts.page(&world.tenant, "", 9).await.unwrap().len(), 2);
    for name in ["<script>alert(1)</script>", "x\r\nBcc: y@demo.test", &"n".repeat(100_000)] {
        let body = json!({ "email": "odd@demo.test", "password": PASSWORD, "full_name": name });
        let answer = world.app.tell(REGISTER, &body).await;
        assert!([202, 422].contains(&answer.status.as_u16()), "{name:.20}: {}", answer.status);
    }
    for mail in world.app.mails_to("odd@demo.test").await {
        assert!(!mail.content.html.contains("<script") && !mail.content.subject.contains('\n'), "W-113");
    }
    let null: Value = json!({ "email": null, "password": 1 });
    assert_eq!(world.app.tell(REGISTER, &null).await.status, 400);
}
