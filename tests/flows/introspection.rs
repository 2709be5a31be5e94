//! Introspection: what a proven client learns about a token, and what everybody else does not.

use chancery::base::Seconds;
use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use super::support::{Answer, SECRET, World};

const INTROSPECT: &str = "/t/demo/oauth/introspect";
const FILES: &str = "https://files.example/api";

async fn world() -> World {
    let world = World::new().await;
    world.confidential("shop", &[]).await;
    world.confidential("files", &[FILES]).await;
    world.confidential("stranger", &["https://other.example/"]).await;
    world
}

async fn ask(world: &World, client: &str, token: &str) -> Answer {
    let basic = World::basic(client, SECRET);
    world.app.post(INTROSPECT, &[("token", token)], &[("authorization", &basic)]).await
}

async fn told(world: &World, client: &str, token: &str) -> Value {
    let answer = ask(world, client, token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    serde_json::from_str(&answer.body).unwrap()
}

fn inactive() -> Value {
    json!({ "active": false })
}

#[tokio::test]
async fn the_holder_and_the_resource_server_learn_what_a_token_says() {
    let world = world().await;
    let mut claims = world.claims().await;
    claims.insert("client_id".to_owned(), "shop".into());
    claims.insert("aud".to_owned(), FILES.into());
    claims.insert("gid".to_owned(), "grant".into());
    for token in [world.token(&claims).await, world.opaque(&claims).await] {
        let mut expected = claims.clone();
        expected.remove("gid");
        expected.insert("active".to_owned(), true.into());
        expected.insert("token_type".to_owned(), "Bearer".into());
        for client in ["shop", "files"] {
            assert_eq!(told(&world, client, &token).await, Value::Object(expected.clone()));
        }
        assert_eq!(told(&world, "stranger", &token).await, inactive(), "t9");
    }
}

#[tokio::test]
async fn a_refresh_token_is_known_to_its_holder_alone() {
    let world = world().await;
    let token = world.refresh_token("shop", "grant").await;
    let answer = told(&world, "shop", &token).await;
    assert_eq!((&answer["active"], &answer["client_id"]), (&json!(true), &json!("shop")));
    assert_eq!(answer.get("token_type"), None);
    assert_eq!(answer["exp"], json!(world.app.clock.now().plus(Seconds(1_000_000))), "w052: an instant");
    assert_eq!(told(&world, "files", &token).await, inactive());
}

#[tokio::test]
async fn w052_t9_without_proof_nobody_learns_anything() {
    let world = world().await;
    let token = world.token_with(&[("client_id", json!("shop"))]).await;
    let form = [("token", token.as_str())];
    for (form, header) in [
        (form.to_vec(), None),
        (form.to_vec(), Some(World::basic("shop", "wrong"))),
        (form.to_vec(), Some(World::basic("shop", ""))),
        (form.to_vec(), Some(World::basic("nobody", SECRET))),
        (form.to_vec(), Some(format!("Bearer {token}"))),
        (vec![form[0], ("client_id", "shop")], None),
        (vec![form[0], ("client_id", "calendar")], None),
        (vec![form[0], ("client_id", "shop"), ("client_secret", "")], None),
    ] {
        let headers: Vec<(&str, &str)> = header.iter().map(|value| ("authorization", value.as_str())).collect();
        let answer = world.app.post(INTROSPECT, &form, &headers).await;
        assert_eq!(answer.status, 401, "{form:?} {header:?}");
        let error: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(error["error"], "invalid_client");
        assert!(header.is_none() || answer.header("www-authenticate").starts_with("Basic "));
    }
    assert_eq!(world.app.get(&format!("{INTROSPECT}?token={token}")).await.status, 405);
}

#[tokio::test]
async fn w052_x2_dead_and_foreign_tokens_are_inactive_and_nothing_else() {
    let world = world().await;
    let other = world.app.tenant("other", Settings::default()).await;
    let mut claims = world.claims().await;
    claims.insert("client_id".to_owned(), "shop".into());
    let foreign = world.signed(&other.id, "at+jwt", &claims).await;
    let id_token = world.signed(&world.tenant.id, "JWT", &claims).await;
    let expired = world.token_with(&[("client_id", json!("shop")), ("exp", json!(world.app.clock.now()))]).await;
    let long = "x".repeat(100_000);
    for token in [foreign.as_str(), &id_token, &expired, "x", "a.b.c", "at_x", "rt_x", &long] {
        assert_eq!(told(&world, "shop", token).await, inactive());
    }
    let orphan = world.token_with(&[("client_id", json!("gone")), ("aud", json!(FILES))]).await;
    assert_eq!(told(&world, "files", &orphan).await, inactive(), "its client is gone");
    let basic = World::basic("shop", SECRET);
    let missing = world.app.post(INTROSPECT, &[], &[("authorization", &basic)]).await;
    assert_eq!(missing.status, 400);
    let there = world.app.post("/t/other/oauth/introspect", &[("token", &foreign)], &[("authorization", &basic)]).await;
    assert_eq!(there.status, 401, "a client of one tenant is nobody at another");
}

#[tokio::test]
async fn who_asks_for_a_jwt_gets_it_signed_for_itself_and_no_more_in_it() {
    let world = world().await;
    let token = world.token_with(&[("client_id", json!("shop"))]).await;
    for (client, active) in [("shop", true), ("stranger", false)] {
        let basic = World::basic(client, SECRET);
        let accept = ("accept", "application/token-introspection+jwt");
        let answer = world.app.post(INTROSPECT, &[("token", &token)], &[("authorization", &basic), accept]).await;
        assert_eq!(answer.header("content-type"), accept.1);
        let keys = &world.app.app.keys;
        let claims = keys.verify(&world.tenant.id, &answer.body, "token-introspection+jwt").await.unwrap();
        assert!(claims.is_for(client));
        assert_eq!(claims.0["token_introspection"]["active"], active);
        assert_eq!(claims.0["token_introspection"].as_object().unwrap().len() == 1, !active);
    }
}
