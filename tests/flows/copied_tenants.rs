//! A copy of a tenant beside it: people sign in to it as to the original, and nothing that opens one opens the other.

use axum::body::Body;
use axum::http::Request;
use chancery::base::{Actor, Seconds, Timestamp};
use chancery::moving::Copying;
use serde_json::{Value, json};

use super::support::furnished::{BYTES, Furnished, why, with_callbacks};
use super::support::operators::Operators;
use super::support::receiver::Receiver;
use super::support::{Answer, PASSWORD, TestApp};

async fn furnished() -> Furnished {
    Furnished::within(TestApp::configured(with_callbacks).await, &Receiver::start().await).await
}

fn copying(people: bool, hours: Option<i64>) -> Copying {
    let lives = hours.map(|hours| Seconds(hours * 3_600));
    Copying { slug: "copy".parse().unwrap(), name: None, lives, people }
}

/// Asks the API of a tenant as the holder of this.
async fn ask(app: &TestApp, tenant: &str, path: &str, token: &str) -> Answer {
    let request = Request::get(format!("/t/{tenant}/api/v1{path}")).header("authorization", format!("Bearer {token}"));
    app.send(request.body(Body::empty()).unwrap()).await
}

/// Signs somebody in at the copy: the token.
async fn log_in(app: &TestApp, email: &str) -> (u16, String) {
    let body = json!({ "identifier": email, "password": PASSWORD }).to_string();
    let request = Request::post("/t/copy/api/v1/auth/login").header("content-type", "application/json");
    let answer = app.send(request.body(body.into()).unwrap()).await;
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    (answer.status.as_u16(), told["data"]["access_token"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn w064_people_sign_in_to_a_copy_and_no_token_of_one_opens_the_other() {
    let here = furnished().await;
    let (world, storage) = (here.world(), &here.storage);
    let app = &world.app;
    let old = app.log_in("grace@demo.test").await["access_token"].as_str().unwrap().to_owned();
    assert_eq!(ask(app, "demo", "/users/me", &old).await.status, 200);
    let copied = app.app.moving.copy(&world.tenant, copying(true, None), &Actor::operator()).await.unwrap();
    assert!(copied.id != world.tenant.id && copied.issuer.ends_with("/t/copy"), "{copied:?}");
    assert_eq!((copied.carried.documents, copied.carried.bytes), (2, BYTES.len() as u64));

    let (status, new) = log_in(app, "grace@demo.test").await;
    assert_eq!((status, ask(app, "copy", "/users/me", &new).await.status.as_u16()), (200, 200));
    for opener in [&old, &storage.program, &storage.ada] {
        let refused = ask(app, "copy", "/users/me", opener).await;
        assert_eq!(refused.status, 401, "{}", refused.body);
    }
    assert_eq!(ask(app, "demo", "/users/me", &new).await.status, 401);
    assert_eq!(ask(app, "demo", "/users/me", &old).await.status, 200, "the original is as before");
    let form = [("grant_type", "refresh_token"), ("client_id", "calendar"), ("refresh_token", here.refresh.as_str())];
    assert_eq!(app.post("/t/copy/oauth/token", &form, &[]).await.status, 400);
    assert_eq!(app.post("/t/demo/oauth/token", &form, &[]).await.status, 200);
    let [one, other] = [app.get("/t/demo/oauth/jwks").await.body, app.get("/t/copy/oauth/jwks").await.body];
    assert!(one.contains("\"kid\"") && other.contains("\"kid\"") && one != other, "it has keys of its own");
}

#[tokio::test]
async fn a_copy_has_documents_and_files_tells_nobody_and_ends_when_it_shall() {
    let here = furnished().await;
    let world = here.world();
    let app = &world.app;
    let copied = app.app.moving.copy(&world.tenant, copying(true, Some(24)), &Actor::operator()).await.unwrap();
    let tenant = app.app.tenants.any("copy").await.unwrap();
    assert_eq!(copied.expires_at, tenant.life.expires_at.map(Timestamp::rfc3339));
    let rows = app.rows_of(&copied.id).await;
    for left in ["signing_keys", "api_keys", "grants", "refresh_tokens", "sessions", "invitations", "one_time_secrets"]
    {
        assert!(!rows.contains_key(left), "{left}: {rows:?}");
    }
    assert_eq!(rows["webhook_endpoints"], 1);
    let endpoints = chancery::store::webhooks::enabled(&app.app.db, &copied.id).await.unwrap();
    assert!(endpoints.is_empty(), "they are switched off");
    let key = app.api_key(&tenant, "storage:read archive:read archive:admin storage:admin").await;
    let found = ask(app, "copy", "/storage/orders/documents/b", &key).await;
    assert_eq!(found.status, 200, "{}", found.body);
    assert_eq!(serde_json::from_str::<Value>(&found.body).unwrap()["data"]["number"], 2.5);
    let file = format!("/archive/files/{}/content", here.file.as_str().unwrap());
    assert_eq!(ask(app, "copy", &file, &key).await.body, BYTES);
    assert!(app.verified(&copied.id).await.ok);
    let twice = app.app.moving.copy(&world.tenant, copying(true, None), &Actor::operator()).await;
    assert!(why(twice).contains("slug copy"));
    app.clock.advance(Seconds(24 * 3_600));
    assert_eq!(ask(app, "copy", "/storage/orders/documents/b", &key).await.status, 404, "its time is over");
}

#[tokio::test]
async fn a_copy_without_people_has_what_the_tenant_is_set_up_with() {
    let here = furnished().await;
    let app = &here.world().app;
    let copied = app.app.moving.copy(&here.world().tenant, copying(false, None), &Actor::operator()).await.unwrap();
    let rows = app.rows_of(&copied.id).await;
    assert!(rows["clients"] >= 1 && rows["collections"] == 1 && !rows.contains_key("users"), "{rows:?}");
    assert_eq!((copied.carried.documents, copied.carried.blobs), (0, 0));
    assert_eq!(log_in(app, "grace@demo.test").await.0, 401);
}

#[tokio::test]
async fn operators_have_copies_made_by_the_api() {
    let here = furnished().await;
    let app = &here.world().app;
    let ops = Operators::of(app).await;
    let wish = json!({ "slug": "copy", "name": "Preview", "ttl": 3_600 });
    let (status, made) = ops.ask(app, "POST", "/tenants/demo/clone", Some(wish.clone())).await;
    assert_eq!((status, &made["name"], &made["status"]), (201, &json!("Preview"), &json!("active")), "{made}");
    assert_eq!(made["expires_at"], app.clock.now().plus(Seconds(3_600)).rfc3339());
    assert_eq!(log_in(app, "grace@demo.test").await.0, 200);
    assert_eq!(ops.ask(app, "POST", "/tenants/demo/clone", Some(wish)).await.0, 409);
    let nothing = json!({ "slug": "other", "ttl": 0 });
    assert_eq!(ops.ask(app, "POST", "/tenants/demo/clone", Some(nothing)).await.0, 422);
    let ours = json!({ "slug": "other" });
    assert_eq!(ops.ask(app, "POST", "/tenants/system/clone", Some(ours)).await.0, 403);
}
