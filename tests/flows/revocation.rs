//! Revocation: a client's own tokens end everywhere, and nobody else's do.

use axum::body::Body;
use axum::http::Request;
use chancery::store::audit;
use serde_json::{Value, json};

use super::support::{SECRET, World};

const REVOKE: &str = "/t/demo/oauth/revoke";

async fn world() -> World {
    let world = World::new().await;
    world.confidential("shop", &[]).await;
    world.confidential("stranger", &[]).await;
    world
}

async fn revoke(world: &World, client: &str, form: &[(&str, &str)]) {
    let basic = World::basic(client, SECRET);
    let answer = world.app.post(REVOKE, form, &[("authorization", &basic)]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
}

/// Whether userinfo, the API and introspection take it; they have to agree.
async fn works(world: &World, token: &str) -> bool {
    let mut answers = Vec::new();
    for path in ["/t/demo/oauth/userinfo", "/t/demo/api/v1/whoami"] {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        answers.push(world.app.send(request.body(Body::empty()).unwrap()).await.status == 200);
    }
    answers.push(active(world, token).await);
    assert!(answers.iter().all(|works| *works == answers[0]), "{answers:?}");
    answers[0]
}

async fn active(world: &World, token: &str) -> bool {
    let basic = World::basic("shop", SECRET);
    let answer = world.app.post("/t/demo/oauth/introspect", &[("token", token)], &[("authorization", &basic)]).await;
    serde_json::from_str::<Value>(&answer.body).unwrap()["active"] == true
}

#[tokio::test]
async fn w051_t10_a_revoked_access_token_works_nowhere() {
    let world = world().await;
    let mut claims = world.claims().await;
    claims.insert("client_id".to_owned(), "shop".into());
    let jwt = world.token(&claims).await;
    claims.insert("jti".to_owned(), "another".into());
    let opaque = world.opaque(&claims).await;
    claims.insert("jti".to_owned(), "a third".into());
    let untouched = world.token(&claims).await;
    for (token, hint) in [(&jwt, "refresh_token"), (&opaque, "nonsense")] {
        assert!(works(&world, token).await);
        revoke(&world, "shop", &[("token", token), ("token_type_hint", hint)]).await;
        assert!(!works(&world, token).await, "a wrong hint does not make revocation lie");
        revoke(&world, "shop", &[("token", token)]).await;
    }
    assert!(works(&world, &untouched).await);
    let trail = audit::page(&world.app.app.db, &world.tenant.id, "", 99).await.unwrap();
    let trail: Vec<_> = trail.iter().filter(|event| event.action == "token.revoked").collect();
    assert_eq!(trail.len(), 2);
    assert!(trail.iter().all(|event| event.actor.as_deref() == Some("shop") && event.request_id.is_some()));
}

#[tokio::test]
async fn t10_revoking_a_refresh_token_ends_its_access_tokens() {
    let world = world().await;
    let refresh = world.refresh_token("shop", "g1").await;
    let other = world.refresh_token("shop", "g2").await;
    let of_grant = async |grant: &str| world.token_with(&[("client_id", json!("shop")), ("gid", json!(grant))]).await;
    let (access, others) = (of_grant("g1").await, of_grant("g2").await);
    assert!(active(&world, &refresh).await && works(&world, &access).await);
    revoke(&world, "shop", &[("token", &refresh), ("token_type_hint", "access_token")]).await;
    assert!(!active(&world, &refresh).await && !works(&world, &access).await);
    assert!(active(&world, &other).await && works(&world, &others).await);
}

#[tokio::test]
async fn t10_foreign_and_unknown_tokens_are_left_alone() {
    let world = world().await;
    let access = world.token_with(&[("client_id", json!("shop"))]).await;
    let refresh = world.refresh_token("shop", "g1").await;
    let long = "x".repeat(100_000);
    for token in [access.as_str(), &refresh, "x", "a.b.c", "at_x", "rt_x", &long] {
        revoke(&world, "stranger", &[("token", token)]).await;
    }
    assert!(works(&world, &access).await && active(&world, &refresh).await);
}

#[tokio::test]
async fn t10_w039_revocation_needs_the_client() {
    let world = world().await;
    let token = world.token_with(&[("client_id", json!("shop"))]).await;
    for headers in [vec![], vec![("authorization", World::basic("shop", "wrong"))]] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        for form in [vec![("token", token.as_str())], vec![("token", &token), ("client_id", "shop")]] {
            assert_eq!(world.app.post(REVOKE, &form, &headers).await.status, 401, "{form:?}");
        }
    }
    assert!(works(&world, &token).await);
    let own = world.token(&world.claims().await).await;
    let answer = world.app.post(REVOKE, &[("token", &own), ("client_id", "calendar")], &[]).await;
    assert_eq!(answer.status, 200, "a public client names itself and ends its own");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let basic = World::basic("shop", SECRET);
    assert_eq!(world.app.post(REVOKE, &[], &[("authorization", &basic)]).await.status, 400);
}
