//! A person signs in by a code that is mailed.

use chancery::base::{Actor, Seconds};
use chancery::store::tenants::SignIn;
use serde_json::{Value, json};

use crate::support::{TestApp, Told, World};

async fn world() -> World {
    let world = World::new().await;
    let mut tenant = world.app.app.tenants.look_up("demo").await.unwrap();
    tenant.settings.0.sign_in = SignIn { email_code: true, ..SignIn::default() };
    world.app.app.tenants.change(&world.app.clock, &tenant, "tenant.updated", &Actor::operator()).await.unwrap();
    world
}

async fn start(app: &TestApp, email: &str) -> Told {
    app.call("POST", "/auth/passwordless/start", None, Some(json!({ "email": email }))).await
}

async fn complete(app: &TestApp, flow: &Value, code: &str) -> Told {
    let body = json!({ "flow_token": flow, "code": code });
    app.call("POST", "/auth/passwordless/complete", None, Some(body)).await
}

/// The code in the newest mail to this address.
async fn mailed(app: &TestApp, email: &str) -> String {
    let mail = app.mail_to(email, "sign-in-code").await;
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    mail.content
        .text
        .split_whitespace()
        .find(digits)
        .unwrap_or_else(|| panic!("no code in {}", mail.content.text))
        .to_owned()
}

#[tokio::test]
async fn w027_a_mailed_code_signs_in_once_and_only_who_asked() {
    let world = world().await;
    let app = &world.app;
    let (first, other) = (start(app, "ADA@demo.test").await, start(app, "grace@demo.test").await);
    assert_eq!(first.status, 202, "{first:?}");
    let code = mailed(app, "ada@demo.test").await;
    assert!(!first.body.to_string().contains(&code), "W-027: the answer tells the code");
    let foreign = complete(app, &other.data["flow_token"], &code).await;
    assert_eq!(foreign.status, 401, "W-027: whoever did not ask has no use of it");
    let told = complete(app, &first.data["flow_token"], &code).await;
    assert_eq!((told.status, &told.data["session"]["amr"]), (200, &json!(["otp"])), "{told:?}");
    assert_eq!(told.data["user_id"], world.sub("ada@demo.test").await);
    assert_eq!(complete(app, &first.data["flow_token"], &code).await.status, 401, "W-027: twice");
}

#[tokio::test]
async fn w018_of_twenty_uses_of_one_code_at_once_one_succeeds() {
    let world = world().await;
    let flow = start(&world.app, "ada@demo.test").await.data["flow_token"].clone();
    let code = mailed(&world.app, "ada@demo.test").await;
    let app = std::sync::Arc::new(world.app);
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (app, flow, code) = (app.clone(), flow.clone(), code.clone());
        all.spawn(async move { complete(&app, &flow, &code).await.status });
    }
    let all = all.join_all().await;
    assert_eq!(all.iter().filter(|status| **status == 200).count(), 1, "{all:?}");
    assert!(all.iter().all(|status| [200, 401].contains(status)), "{all:?}");
}

#[tokio::test]
async fn w027_five_guesses_a_newer_code_and_time_end_a_code() {
    let world = world().await;
    let app = &world.app;
    let flow = start(app, "ada@demo.test").await.data["flow_token"].clone();
    let code = mailed(app, "ada@demo.test").await;
    for guess in 0..5 {
        let guess = format!("{:06}", (code.parse::<u32>().unwrap() + 1 + guess) % 1_000_000);
        assert_eq!(complete(app, &flow, &guess).await.status, 401);
    }
    assert_eq!(complete(app, &flow, &code).await.status, 401, "W-027: the sixth guess");
    app.clock.advance(Seconds(1));
    let older = start(app, "ada@demo.test").await.data["flow_token"].clone();
    let code = mailed(app, "ada@demo.test").await;
    app.clock.advance(Seconds(1));
    let newer = start(app, "ada@demo.test").await.data["flow_token"].clone();
    assert_eq!(complete(app, &older, &code).await.status, 401, "a newer one was asked for");
    let code = mailed(app, "ada@demo.test").await;
    app.clock.advance(Seconds(600));
    assert_eq!(complete(app, &newer, &code).await.status, 401, "too old");
}

#[tokio::test]
async fn w009_whether_an_address_has_an_account_shows_nowhere() {
    let world = world().await;
    let app = &world.app;
    let mut answers = Vec::new();
    for email in ["ada@demo.test", "nobody@demo.test"] {
        let begun = start(app, email).await;
        let wrong = complete(app, &begun.data["flow_token"], "000000").await;
        let length = begun.data["flow_token"].as_str().unwrap().len();
        answers.push((
            begun.status,
            length,
            begun.data["expires_in"].clone(),
            wrong.status,
            wrong.body["detail"].clone(),
        ));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(app.mails_to("nobody@demo.test").await.is_empty(), "a stranger's address got a mail");
}

#[tokio::test]
async fn where_it_is_switched_off_no_mail_is_sent() {
    let world = World::new().await;
    assert_eq!(start(&world.app, "ada@demo.test").await.status, 403);
    assert!(world.app.mails_to("ada@demo.test").await.is_empty());
}
