//! A tenant moves to another server, on whichever databases the two are, and everybody goes on there.

use chancery::base::Seconds;
use chancery::moving::Importing;
use chancery::store::audit;
use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use super::second_factors::code_of;
use super::support::furnished::{BYTES, Furnished, with_callbacks};
use super::support::receiver::Receiver;
use super::support::told::Telling;
use super::support::{PASSWORD, TestApp};

/// What does not move, or not all of it, or grows by moving.
const STAYS: [&str; 10] = [
    "mails",
    "browser_sessions",
    "counters",
    "refusals",
    "replays",
    "created_replays",
    "document_changes",
    "one_time_secrets",
    "audit_events",
    "audit_chains",
];

/// A second application in the same words, whose clock shows what the first one's does.
fn beside(from: &TestApp, to: TestApp) -> TestApp {
    to.clock.advance(from.clock.now().since(to.clock.now()));
    to
}

/// Ada signs in with her password and the app that she set up long ago.
async fn ada_signs_in(there: &Furnished) {
    let world = there.world();
    world.app.clock.advance(Seconds(60));
    let halfway = world.app.log_in("ada@demo.test").await;
    let code = code_of(world, &there.seed, 0);
    let body = json!({ "mfa_token": halfway["mfa_token"], "method": "totp", "code": code });
    let told = world.app.call("POST", "/auth/mfa/verify", None, Some(body)).await;
    assert_eq!(told.status, 200, "{told:?}");
}

/// What was given out before the move opens after it what it opened before.
async fn old_tokens_are_good(there: &Furnished) {
    let (world, storage) = (there.world(), &there.storage);
    let found = storage.good(&storage.ada, "GET", "/orders/documents/a", Value::Null).await;
    assert_eq!((&found["text"], &found["_rev"]), (&json!("é\"\\ 😀"), &json!(1)));
    let twice = json!({ "_id": "c", "number": 2.5 });
    let (status, told) = storage.ask(&storage.program, "POST", "/orders/documents", twice).await;
    assert_eq!(status, 409, "the unique index is there: {told}");
    let form = [("grant_type", "refresh_token"), ("client_id", "calendar"), ("refresh_token", there.refresh.as_str())];
    let answer = world.app.post("/t/demo/oauth/token", &form, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let ada = world.archivist("ada@demo.test").await;
    assert_eq!(ada.content(&there.file, &[]).await.body, BYTES);
    assert_eq!(ada.usage().await, (1, BYTES.len().try_into().unwrap()));
}

/// Whoever was told of new people is told of the next, signed with the old secret.
async fn webhooks_go_on(there: Furnished, receiver: &Receiver) {
    let (app, tenant, secret) = (there.storage.world.app, there.storage.world.tenant, there.webhook);
    let key = app.api_key(&tenant, "users:write").await;
    let telling = Telling { app, tenant, key };
    telling.user("hedy@demo.test").await;
    telling.tell().await;
    let message = receiver.received().pop().unwrap().verified(&secret, telling.app.clock.now()).unwrap();
    assert_eq!(message.kind, "user.created");
}

async fn moves(from: TestApp, to: TestApp) {
    let receiver = Receiver::start().await;
    let here = Furnished::within(from, &receiver).await;
    let world = here.world();
    let tenant = world.app.app.tenants.any("demo").await.unwrap();
    assert!(world.app.verified(&tenant.id).await.ok);
    let before = world.app.rows_of(&tenant.id).await;
    let (file, told) = world.app.exported(&tenant).await;
    assert!(told.head.trail && told.carried.documents == 2 && told.carried.blobs == 1, "{told:?}");

    let to = beside(&world.app, to);
    to.tenant("acme", Settings::default()).await;
    let dry = to.imported(&file, Importing { dry_run: true, slug: None }).await.unwrap();
    assert_eq!((dry.status, &dry.carried), (None, &told.carried));
    assert!(to.rows_of(&tenant.id).await.is_empty() && to.lying() == 0, "it was only looked at");

    let arrived = to.imported(&file, Importing::default()).await.unwrap();
    assert_eq!((arrived.status, arrived.same_issuer), (Some("active"), true), "{arrived:?}");
    let after = to.rows_of(&tenant.id).await;
    for (table, rows) in &before {
        assert!(STAYS.contains(&table.as_str()) || after.get(table) == Some(rows), "{table}: {before:?} {after:?}");
    }
    assert_eq!(after["tenant_usage"], before["tenant_usage"], "triggers count");
    assert!(after.contains_key("one_time_secrets") && !after.contains_key("mails"), "{after:?}");

    let there = here.arrived(to).await;
    let app = &there.world().app;
    let verdict = app.verified(&tenant.id).await;
    assert!(verdict.ok && verdict.rows > 5, "{verdict:?}");
    let trail = audit::page(&app.app.db, &tenant.id, "", 1_000).await.unwrap();
    assert_eq!(trail.iter().filter(|row| row.action == "tenant.exported").count(), 1);
    assert_eq!(trail.iter().filter(|row| row.action == "tenant.imported").count(), 1);
    app.log_in("grace@demo.test").await;
    ada_signs_in(&there).await;
    old_tokens_are_good(&there).await;
    webhooks_go_on(there, &receiver).await;
}

#[tokio::test]
async fn a_tenant_of_an_embedded_database_moves_with_passwords_tokens_documents_files_and_trail() {
    moves(TestApp::embedded(with_callbacks).await, TestApp::configured(with_callbacks).await).await;
}

#[tokio::test]
async fn a_tenant_moves_into_an_embedded_database_and_everybody_goes_on_there() {
    moves(TestApp::configured(with_callbacks).await, TestApp::embedded(with_callbacks).await).await;
}

#[tokio::test]
async fn under_another_slug_people_sign_in_and_old_tokens_are_not_good() {
    let here = Furnished::within(TestApp::embedded(with_callbacks).await, &Receiver::start().await).await;
    let world = here.world();
    let (file, _) = world.app.exported(&world.tenant).await;
    let to = beside(&world.app, TestApp::start().await);
    let arrived = to.imported(&file, Importing { slug: Some("moved".parse().unwrap()), dry_run: false }).await.unwrap();
    assert!(!arrived.same_issuer && arrived.issuer.ends_with("/t/moved"), "{arrived:?}");
    let tenant = to.context("moved").await;
    let found = to.app.accounts.look_up(&tenant.tenant, "grace@demo.test").await.unwrap();
    assert_eq!(found.id.to_string(), world.sub("grace@demo.test").await, "people keep their ids");
    let path = "/t/moved/api/v1/storage/orders/documents/a";
    let request = axum::http::Request::get(path).header("authorization", format!("Bearer {}", here.storage.ada));
    let refused = to.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    let body = json!({ "identifier": "grace@demo.test", "password": PASSWORD }).to_string();
    let request = axum::http::Request::post("/t/moved/api/v1/auth/login").header("content-type", "application/json");
    assert_eq!(to.send(request.body(body.into()).unwrap()).await.status, 200);
}

/// What the holder of a token is told who they are.
async fn shown(app: &TestApp, token: &str) -> u16 {
    let request = axum::http::Request::get("/t/demo/oauth/userinfo").header("authorization", format!("Bearer {token}"));
    app.send(request.body(axum::body::Body::empty()).unwrap()).await.status.as_u16()
}

#[tokio::test]
async fn w051_what_was_revoked_before_the_move_is_refused_on_a_server_that_runs() {
    let here = Furnished::within(TestApp::embedded(with_callbacks).await, &Receiver::start().await).await;
    let world = here.world();
    let token = world.token(&world.claims().await).await;
    assert_eq!(shown(&world.app, &token).await, 200);
    let out = world.app.post("/t/demo/oauth/revoke", &[("token", &token), ("client_id", "calendar")], &[]).await;
    assert_eq!(out.status, 200, "{}", out.body);
    assert_eq!(shown(&world.app, &token).await, 401);
    world.app.clock.advance(Seconds(120));
    let (file, _) = world.app.exported(&world.tenant).await;
    let to = beside(&world.app, TestApp::start().await);
    to.app.tokens.catch_up().await.unwrap();
    to.imported(&file, Importing::default()).await.unwrap();
    to.app.tokens.catch_up().await.unwrap();
    assert_eq!(shown(&to, &token).await, 401, "it is still revoked");
    let there = here.arrived(to).await;
    let other = there.world().token(&there.world().claims().await).await;
    assert_eq!(shown(&there.world().app, &other).await, 200, "and another one is not");
}
