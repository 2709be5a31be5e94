//! Administrators see and end what runs: API keys, signing keys, sign-ins, and what clients were allowed.

use chancery::base::Seconds;
use chancery::store::users::Role;
use serde_json::{Value, json};

use super::support::World;

const ALL: &str = "keys:write tenant:read sessions:read sessions:revoke users:read";

async fn world() -> (World, String) {
    let world = World::new().await;
    for (email, role) in
        [("admin@demo.test", Role::Admin), ("support@demo.test", Role::Support), ("owner@demo.test", Role::Owner)]
    {
        world.person(email).await;
        world.promote(email, role).await;
    }
    let token = world.scoped("admin@demo.test", ALL).await;
    (world, token)
}

#[tokio::test]
async fn w076_a_key_is_made_within_ones_own_scope_shown_once_listed_and_ended() {
    let (world, token) = world().await;
    let new = |scope: &str| json!({ "name": "backup", "scope": scope, "expires_at": "2026-01-02T00:00:00Z" });
    let (status, made) = world.ask(&token, "POST", "/api-keys", Some(new("users:read"))).await;
    assert_eq!((status, &made["status"]), (201, &json!("active")));
    let key = made["api_key"].as_str().unwrap().to_owned();
    assert_eq!(world.call(&key, "GET", "/users", None).await.status, 200);
    let listed = world.call(&token, "GET", "/api-keys", None).await;
    assert!(!listed.body.contains(&key));
    let listed: Value = serde_json::from_str(&listed.body).unwrap();
    assert_eq!((&listed["data"][0]["id"], listed["data"][0]["last_used_at"].is_string()), (&made["id"], true));
    for (bad, status) in [
        (new("users:write"), 403),
        (new("users:read users:roles"), 403),
        (new("platform:*"), 403),
        (new(""), 422),
        (json!({ "name": "", "scope": "users:read" }), 422),
        (json!({ "name": "x", "scope": "users:read", "expires_at": "2025-12-31T00:00:00Z" }), 422),
        (json!({ "name": "x", "scope": "users:read", "expires_at": "tomorrow" }), 400),
        (json!({ "name": "x", "scope": "users:read", "tenant_id": "1" }), 400),
    ] {
        let (told, answer) = world.ask(&token, "POST", "/api-keys", Some(bad.clone())).await;
        assert_eq!(told, status, "{bad}: {answer}");
    }
    // A key makes none that can do more than it, nor does somebody whose role is gone.
    let maker = world.app.api_key(&world.tenant, "keys:write users:read").await;
    assert_eq!(world.ask(&maker, "POST", "/api-keys", Some(new("users:read"))).await.0, 201);
    assert_eq!(world.ask(&maker, "POST", "/api-keys", Some(new("sessions:read"))).await.0, 403);
    let path = format!("/api-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(world.call(&token, "DELETE", &path, None).await.status, 204);
    assert_eq!(world.call(&key, "GET", "/users", None).await.status, 401);
    assert_eq!(world.ask(&token, "DELETE", &path, None).await.0, 404);
    world.promote("admin@demo.test", Role::Support).await;
    assert_eq!(world.ask(&token, "POST", "/api-keys", Some(new("users:read"))).await.0, 403, "W-071");
}

#[tokio::test]
async fn signing_keys_are_rotated_and_the_ones_before_end_by_command() {
    let (world, token) = world().await;
    let kid = |keys: &Value, state: &str| {
        let all = keys.as_array().unwrap();
        let found = all.iter().find(|key| key["alg"] == "ES256" && key["state"] == state);
        found.map(|key| key["kid"].as_str().unwrap().to_owned())
    };
    let before = world.ask(&token, "GET", "/keys", None).await.1;
    let unused = world.scoped("admin@demo.test", ALL).await;
    let (status, after) = world.ask(&token, "POST", "/keys/rotate", Some(json!({ "alg": "ES256" }))).await;
    assert_eq!(status, 200);
    assert_eq!(kid(&after, "current"), kid(&before, "next"));
    assert_eq!(kid(&after, "previous"), kid(&before, "current"));
    assert!(!after.to_string().contains("\"d\""), "U7");
    assert_eq!(world.ask(&token, "GET", "/keys", None).await.0, 200, "the old key's tokens are good still");
    let current = format!("/keys/{}", kid(&after, "current").unwrap());
    assert_eq!(world.ask(&token, "DELETE", &current, None).await.0, 404, "the one that signs stays");
    let previous = format!("/keys/{}", kid(&after, "previous").unwrap());
    assert_eq!(world.call(&token, "DELETE", &previous, None).await.status, 204);
    assert_eq!(world.ask(&unused, "GET", "/keys", None).await.0, 401, "it was signed by that key");
    let again = world.scoped("admin@demo.test", ALL).await;
    assert_eq!(world.ask(&again, "POST", "/keys/rotate", Some(json!({ "alg": "HS256" }))).await.0, 400);
}

#[tokio::test]
async fn every_sign_in_of_the_tenant_is_seen_and_ended_by_who_reaches_that_far() {
    let (world, token) = world().await;
    let mut sessions = Vec::new();
    for email in ["ada@demo.test", "owner@demo.test", "grace@demo.test"] {
        sessions.push(world.session(email, "curl/8").await);
    }
    let own = world.own_in("ada@demo.test", &sessions[0]).await;
    let read = async |cursor: &str| {
        let answer = world.call(&token, "GET", &format!("/sessions?limit=2&cursor={cursor}"), None).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        let ids = told["data"].as_array().unwrap().iter().map(|session| session["id"].as_str().unwrap().to_owned());
        (ids.collect::<Vec<_>>(), told["meta"]["next_cursor"].as_str().unwrap_or_default().to_owned())
    };
    let (first, cursor) = read("").await;
    assert_eq!(first, [sessions[2].to_string(), sessions[1].to_string()]);
    assert_eq!(read(&cursor).await.0, [sessions[0].to_string()]);
    let support = world.scoped("support@demo.test", ALL).await;
    for (by, session, status) in
        [(&support, 0, 403), (&token, 1, 403), (&token, 0, 200), (&token, 0, 404), (&token, 2, 200)]
    {
        let path = format!("/sessions/{}", sessions[session]);
        assert_eq!(world.ask(by, "DELETE", &path, None).await.0, status, "{session}");
    }
    assert_eq!(world.call(&own, "GET", "/whoami", None).await.status, 401);
    world.app.clock.advance(Seconds(90_000));
    let later = world.scoped("admin@demo.test", ALL).await;
    assert_eq!(world.ask(&later, "GET", "/sessions", None).await.1, json!([]), "the owner's has been idle too long");
}

#[tokio::test]
async fn a_grant_is_seen_with_what_it_allows_and_its_end_ends_its_tokens() {
    let (world, token) = world().await;
    let refresh = world.refresh_token("calendar", "one").await;
    world.refresh_token("other", "two").await;
    let ada = world.sub("ada@demo.test").await;
    let ids = async |query: &str| {
        let (status, found) = world.ask(&token, "GET", &format!("/grants?{query}"), None).await;
        assert_eq!(status, 200, "{found}");
        let ids = found.as_array().unwrap().iter().map(|grant| grant["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, ["two", "one"]);
    assert_eq!(ids("limit=1").await, ["two"]);
    assert_eq!(ids("client=calendar").await, ["one"]);
    assert_eq!(ids(&format!("user={ada}&client=other")).await, ["two"]);
    assert!(ids("user=nobody").await.is_empty());
    assert_eq!(world.ask(&token, "DELETE", "/grants/one", None).await.0, 200);
    assert_eq!(world.ask(&token, "DELETE", "/grants/one", None).await.0, 404);
    assert_eq!(ids("").await, ["two"]);
    let form = [("grant_type", "refresh_token"), ("client_id", "calendar"), ("refresh_token", refresh.as_str())];
    assert_eq!(world.app.post("/t/demo/oauth/token", &form, &[]).await.status, 400);
    world.promote("ada@demo.test", Role::Owner).await;
    assert_eq!(world.ask(&token, "DELETE", "/grants/two", None).await.0, 403);
}
