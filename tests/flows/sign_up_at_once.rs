//! Signing up where nobody has to prove an address first, by a user name alone, and with metadata.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::sign_up::open_world;
use super::support::{Answer, PASSWORD, Person, TestApp};

const REGISTER: &str = "/t/demo/api/v1/auth/register";

async fn register(app: &TestApp, body: Value) -> Answer {
    app.tell(REGISTER, &body).await
}

/// Who the answer's token is.
async fn me(app: &TestApp, answer: &Answer) -> Value {
    let token = answer.json()["data"]["access_token"].as_str().expect("a token").to_owned();
    let told = app.call("GET", "/users/me", Some(&token), None).await;
    assert_eq!(told.status, 200, "{told:?}");
    told.data
}

#[tokio::test]
async fn where_no_proof_is_needed_first_somebody_new_is_in_at_once_and_gets_the_mail_all_the_same() {
    let world = open_world(|settings| settings.unverified_sign_in = true).await;
    let app = &world.app;
    let body = json!({
        "email": "nora@demo.test", "password": PASSWORD, "full_name": "Nora", "metadata": { "theme": "dark" },
    });
    let made = register(app, body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let nora = me(app, &made).await;
    assert_eq!((&nora["email_verified"], &nora["name"]), (&json!(false), &json!("Nora")));
    assert_eq!(nora["user_metadata"], json!({ "theme": "dark" }));
    app.secret_to("nora@demo.test", "verify-email").await;
    let known = register(app, json!({ "email": "ada@demo.test", "password": PASSWORD })).await;
    let without = register(app, json!({ "email": "zoe@demo.test" })).await;
    assert_eq!((known.look(), known.status.as_u16()), (without.look(), 202), "without a password there is no way in");
    assert_eq!(app.mails_to("ada@demo.test").await[0].mail.kind, "already-registered");
    let again = register(app, json!({ "email": "NORA@demo.test", "password": "the thief's password" })).await;
    assert_eq!(again.status, 202);
}

#[tokio::test]
async fn w009_by_default_metadata_change_nothing_of_the_answer_and_a_second_sign_up_changes_none() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    let with = |email: &str, theme: &str| json!({ "email": email, "password": PASSWORD, "metadata": { "t": theme } });
    let fresh = register(app, with("nora@demo.test", "dark")).await.look();
    assert_eq!(fresh.0, 202);
    for known in ["nora@demo.test", "ada@demo.test"] {
        assert_eq!(register(app, with(known, "light")).await.look(), fresh, "{known}");
    }
    for (email, metadata) in [("nora@demo.test", json!({ "t": "dark" })), ("ada@demo.test", json!({}))] {
        let id = app.app.accounts.look_up(&world.tenant, email).await.unwrap().id;
        let kept = app.app.people.describe(&world.tenant, &id).await.unwrap().user_metadata.0;
        assert_eq!(Value::Object(kept), metadata, "{email}");
    }
    for bad in [json!([]), json!("x"), json!({ "$where": {} }), json!({ "x": "y".repeat(20_000) })] {
        let body = json!({ "email": "x@demo.test", "metadata": bad });
        assert_eq!(register(app, body.clone()).await.status, 400, "{body:.60}");
    }
}

#[tokio::test]
async fn who_has_no_address_signs_up_by_name_where_the_tenant_wants_that() {
    let closed = open_world(|_| {}).await;
    let body = json!({ "username": "nora", "password": PASSWORD });
    let refused = register(&closed.app, body.clone()).await.look();
    assert_eq!(refused.0, 422);
    let world = open_world(|settings| settings.username_sign_up = true).await;
    let app = &world.app;
    let made = register(app, body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let nora = me(app, &made).await;
    assert_eq!((&nora["username"], nora.get("email")), (&json!("nora"), None));
    for taken in ["nora", "NORA"] {
        assert_eq!(register(app, json!({ "username": taken, "password": PASSWORD })).await.status, 409, "{taken}");
    }
    for (bad, status) in [
        (json!({ "username": "zoe" }), 400),
        (json!({ "password": PASSWORD }), 400),
        (json!({ "username": "zoe@x.test", "password": PASSWORD }), 422),
        (json!({ "username": "zoe", "password": "zoe" }), 422),
        (json!({ "username": "zoe", "password": PASSWORD, "role": "owner" }), 400),
    ] {
        assert_eq!(register(app, bad.clone()).await.status, status, "{bad}");
    }
    let mut browser = Person::default();
    browser.open(app, "/t/demo/login").await;
    let page = browser.submit(app, "login-form", &[("username", "Nora"), ("password", PASSWORD)]).await;
    assert_eq!(page.page(), "account");
}

#[tokio::test]
async fn w012_of_twenty_who_want_one_name_at_once_one_gets_it() {
    let world = open_world(|settings| settings.username_sign_up = true).await;
    let app = std::sync::Arc::new(world.app);
    let mut all = JoinSet::new();
    for number in 0..20 {
        let (app, name) = (app.clone(), if number % 2 == 0 { "nora" } else { "Nora" });
        all.spawn(
            async move { register(&app, json!({ "username": name, "password": PASSWORD })).await.status.as_u16() },
        );
    }
    let all = all.join_all().await;
    assert_eq!(all.iter().filter(|status| **status == 201).count(), 1, "{all:?}");
    assert!(all.iter().all(|status| [201, 409].contains(status)), "{all:?}");
}

#[tokio::test]
async fn w020_whose_address_waits_finds_the_way_to_another_mail_beside_the_refusal_and_nobody_else_does() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    register(app, json!({ "email": "nora@demo.test", "password": PASSWORD })).await;
    let mut nora = Person::default();
    nora.open(app, "/t/demo/login").await;
    let form = |password| [("username", "nora@demo.test"), ("password", password)];
    let wrong = nora.submit(app, "login-form", &form("wrong")).await;
    assert!(!wrong.body.contains("id=\"login-verify\""), "W-008");
    let waits = nora.submit(app, "login-form", &form(PASSWORD)).await;
    assert!(waits.body.contains("<a id=\"login-verify\" href=\"/t/demo/verify-email\">"), "{}", waits.body);
    nora.open(app, "/t/demo/verify-email").await;
    let old = app.secret_to("nora@demo.test", "verify-email").await;
    assert_eq!(nora.submit(app, "address-form", &[("email", "nora@demo.test")]).await.page(), "mail-sent");
    assert_ne!(app.secret_to("nora@demo.test", "verify-email").await, old);
}
