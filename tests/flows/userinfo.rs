//! Userinfo, by every way to ask and with every kind of token.

use axum::body::Body;
use axum::http::Request;
use chancery::base::UserId;
use chancery::store::users::{self, UserStatus};
use serde_json::{Value, json};

use super::support::{Answer, World};

const USERINFO: &str = "/t/demo/oauth/userinfo";

async fn get(world: &World, token: &str) -> Answer {
    let request = Request::get(USERINFO).header("authorization", format!("Bearer {token}"));
    world.app.send(request.body(Body::empty()).unwrap()).await
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("not JSON: {answer:?}"))
}

#[tokio::test]
async fn get_and_both_ways_to_post_tell_the_same() {
    let world = World::new().await;
    let claims = world.claims().await;
    let token = world.token(&claims).await;
    let header = format!("Bearer {token}");
    let expected = json!({
        "sub": claims["sub"], "email": "ada@demo.test", "email_verified": true,
        "updated_at": world.app.clock.now(),
    });
    let bare = Request::post(USERINFO).header("authorization", &header).body(Body::empty()).unwrap();
    for answer in [
        get(&world, &token).await,
        world.app.post(USERINFO, &[], &[("authorization", &header)]).await,
        world.app.send(bare).await,
        world.app.post(USERINFO, &[("access_token", &token)], &[]).await,
    ] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(json_of(&answer), expected);
    }
    let twice = world.app.post(USERINFO, &[("access_token", &token)], &[("authorization", &header)]).await;
    assert_eq!(twice.status, 400, "t7");
    assert_eq!(world.app.get(&format!("{USERINFO}?access_token={token}")).await.status, 400, "t7");
}

#[tokio::test]
async fn w053_every_kind_of_token_gets_a_specified_answer() {
    let world = World::new().await;
    let machine = world.token_with(&[("sub", json!("calendar")), ("scope", json!("users:read"))]).await;
    let machine_with_openid = world.token_with(&[("sub", json!("calendar"))]).await;
    let narrow = world.token_with(&[("scope", json!("email"))]).await;
    let similar = world.token_with(&[("scope", json!("openid2 openids"))]).await;
    for token in [machine, machine_with_openid, narrow, similar] {
        let answer = get(&world, &token).await;
        assert_eq!(answer.status, 403);
        assert_eq!(json_of(&answer)["error"], "insufficient_scope");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"openid\""));
    }
    let nobody = world.token_with(&[("sub", json!("nobody"))]).await;
    let expired = world.token_with(&[("exp", json!(world.app.clock.now()))]).await;
    for token in [nobody.as_str(), &expired, "x", "a.b.c", "at_x", "rt_x"] {
        let answer = get(&world, token).await;
        assert_eq!((answer.status.as_u16(), &json_of(&answer)["error"]), (401, &json!("invalid_token")));
    }
    let none = world.app.get(USERINFO).await;
    assert_eq!(none.status, 401);
    assert!(none.header("www-authenticate").starts_with("Bearer resource_metadata="));
    let deleted = world.app.send(Request::delete(USERINFO).body(Body::empty()).unwrap()).await;
    assert_eq!((deleted.status.as_u16(), deleted.header("allow")), (405, "GET,HEAD,POST"));
}

#[tokio::test]
async fn u5_nothing_is_told_about_a_suspended_person() {
    let world = World::new().await;
    let claims = world.claims().await;
    let token = world.token(&claims).await;
    let id = UserId::from(claims["sub"].as_str().unwrap());
    let now = world.app.clock.now();
    users::set_status(&world.app.app.db, &world.tenant.id, &id, UserStatus::Suspended, now).await.unwrap();
    assert_eq!(get(&world, &token).await.status, 401);
}

#[tokio::test]
async fn a_client_that_registered_for_it_gets_a_signed_answer() {
    let world = World::new().await;
    world
        .client("signed", "Signed", |client| client.metadata.0.userinfo_signed_response_alg = Some("RS256".into()))
        .await;
    let token = world.token_with(&[("client_id", json!("signed"))]).await;
    let answer = get(&world, &token).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/jwt"));
    let claims = world.app.app.keys.verify(&world.tenant.id, &answer.body, "JWT").await.unwrap();
    assert_eq!(claims.text("iss"), Some(world.issuer("demo").as_str()));
    assert!(claims.is_for("signed"));
    assert_eq!(claims.text("email"), Some("ada@demo.test"));
    assert_eq!(get(&world, &answer.body).await.status, 401, "t5: it is no access token");
}
