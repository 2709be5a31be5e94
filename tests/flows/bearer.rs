//! Whose token opens the tenant's API, and what the others are told.

use axum::body::Body;
use axum::http::Request;
use chancery::api_keys::NewKey;
use chancery::base::{Actor, Scope, Seconds};
use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use super::support::{Answer, World};

const WHOAMI: &str = "/t/demo/api/v1/whoami";

async fn call(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.app.send(request.body(Body::empty()).unwrap()).await
}

async fn call_with(world: &World, token: &str) -> Answer {
    call(world, WHOAMI, &[("authorization", &format!("Bearer {token}"))]).await
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("not JSON: {answer:?}"))
}

#[tokio::test]
async fn a_live_token_of_the_tenant_opens_its_api() {
    let world = World::new().await;
    let claims = world.claims().await;
    let token = world.token(&claims).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = call(&world, WHOAMI, &[("authorization", &format!("{scheme} {token}"))]).await;
        assert_eq!(answer.status, 200);
        let expected = json!({
            "sub": claims["sub"], "tenant": "demo", "scope": "email openid profile", "client_id": "calendar",
        });
        assert_eq!(json_of(&answer), expected);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn without_a_credential_a_caller_learns_where_to_get_one() {
    let world = World::new().await;
    for headers in [vec![], vec![("authorization", "Basic YTpi")], vec![("x-api-key", "nonsense")]] {
        let answer = call(&world, WHOAMI, &headers).await;
        assert_eq!(answer.status, 401);
        let metadata = format!("{}/.well-known/oauth-protected-resource/t/demo/api/v1", world.app.app.config.base());
        assert_eq!(answer.header("www-authenticate"), format!("Bearer resource_metadata=\"{metadata}\""));
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let path = metadata.strip_prefix(world.app.app.config.base()).unwrap();
        let found = json_of(&world.app.get(path).await);
        assert_eq!(found["resource"], format!("{}/api/v1", world.issuer("demo")));
        assert_eq!(found["authorization_servers"], json!([world.issuer("demo")]));
    }
}

#[tokio::test]
async fn each_service_has_metadata_of_its_own_and_tokens_can_be_for_it_alone() {
    let world = World::new().await;
    let base = world.app.app.config.base().to_owned();
    for service in ["archive", "payments", "storage"] {
        let place = format!("{base}/.well-known/oauth-protected-resource/t/demo/api/v1/{service}");
        let found = json_of(&world.app.get(place.strip_prefix(&base).unwrap()).await);
        assert_eq!(found["resource"], format!("{}/api/v1/{service}", world.issuer("demo")), "RFC 9728 3.3");
        let scopes = found["scopes_supported"].as_array().unwrap();
        assert!(scopes.len() > 2 && scopes.iter().all(|scope| scope.as_str().unwrap().starts_with(service)));
    }
    let unknown = world.app.get("/.well-known/oauth-protected-resource/t/demo/api/v1/nothing").await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn t5_w062_a_token_that_is_not_for_this_api_here_and_now_is_refused() {
    let world = World::new().await;
    let other = world.app.tenant("other", Settings::default()).await;
    let now = world.app.clock.now().0;
    let mut bad = Vec::new();
    for changes in [
        ("exp", json!(now)),
        ("exp", Value::Null),
        ("exp", json!((now + 600).to_string())),
        ("nbf", json!(now + 60)),
        ("iat", json!(now + 60)),
        ("iss", json!(world.issuer("other"))),
        ("iss", json!([world.issuer("demo")])),
        ("iss", Value::Null),
        ("aud", json!("calendar")),
        ("aud", json!(format!("{}/api/v1", world.issuer("other")))),
        ("aud", json!("https://files.example/api")),
        ("aud", Value::Null),
        ("sub", Value::Null),
        ("client_id", Value::Null),
        ("client_id", json!("gone")),
    ] {
        bad.push(world.token_with(&[changes]).await);
    }
    let claims = world.claims().await;
    bad.push(world.signed(&world.tenant.id, "JWT", &claims).await);
    bad.push(world.signed(&other.id, "at+jwt", &claims).await);
    let good = world.token(&claims).await;
    let (head, signature) = good.rsplit_once('.').unwrap();
    bad.extend([head.to_owned(), format!("{head}."), format!("{head}.{signature}.{signature}")]);
    bad.extend(["x", "a.b.c", "at_x", "rt_x", "ck_x", "\u{e9}", &"x".repeat(9_000)].map(str::to_owned));
    for token in bad {
        let answer = call_with(&world, &token).await;
        let shown = &token[..token.len().min(80)];
        assert!(answer.status == 401 || !token.is_ascii(), "{shown}: {answer:?}");
        assert!(answer.status.is_client_error());
        let challenge = answer.header("www-authenticate");
        let told = challenge.starts_with("Bearer error=\"invalid_token\"") || !token.is_ascii();
        assert!(told, "{challenge}");
    }
    assert_eq!(call_with(&world, &good).await.status, 200);
}

#[tokio::test]
async fn x2_a_tenants_token_and_key_mean_nothing_at_another() {
    let world = World::new().await;
    world.app.tenant("other", Settings::default()).await;
    let token = world.token(&world.claims().await).await;
    let new = NewKey { name: "backup".to_owned(), scope: Scope::of(["users:read"]), expires_at: None };
    let (key, secret) = world.app.app.api_keys.create(&world.tenant, new, &Actor::operator()).await.unwrap();
    for credential in [&token, secret.expose()] {
        let value = format!("Bearer {credential}");
        let answer = call(&world, "/t/other/api/v1/whoami", &[("authorization", &value)]).await;
        assert_eq!(answer.status, 401);
        assert!(!answer.body.contains("demo") && !answer.body.contains("ada@"));
    }
    for headers in [("authorization", format!("Bearer {}", secret.expose())), ("x-api-key", secret.expose().into())] {
        let answer = json_of(&call(&world, WHOAMI, &[(headers.0, &headers.1)]).await);
        let expected = json!({
            "sub": key.id.as_str(), "tenant": "demo", "scope": "users:read", "api_key_id": key.id.as_str(),
        });
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn t7_a_token_in_the_address_or_twice_is_refused() {
    let world = World::new().await;
    let token = world.token(&world.claims().await).await;
    let header = format!("Bearer {token}");
    for (path, headers) in [
        (format!("{WHOAMI}?access_token={token}"), vec![]),
        (format!("{WHOAMI}?access_token={token}"), vec![("authorization", header.as_str())]),
        (WHOAMI.to_owned(), vec![("authorization", header.as_str()), ("authorization", &header)]),
        (WHOAMI.to_owned(), vec![("authorization", header.as_str()), ("x-api-key", "ck_x")]),
    ] {
        let answer = call(&world, &path, &headers).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.header("www-authenticate").starts_with("Bearer error=\"invalid_request\""));
    }
}

#[tokio::test]
async fn t11_any_origin_may_read_an_api_that_knows_no_cookies() {
    let world = World::new().await;
    let token = world.token(&world.claims().await).await;
    let origin = ("origin", "https://evil.test");
    for headers in [vec![origin, ("authorization", &format!("Bearer {token}"))], vec![origin]] {
        let answer = call(&world, WHOAMI, &headers).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let preflight = Request::options(WHOAMI).header("origin", "null").header("access-control-request-method", "GET");
    let answer = world.app.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (204, "*"));
    assert!(answer.header("access-control-allow-headers").contains("authorization"));
    assert_eq!(world.app.get(&world.authorize(&[])).await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_token_lives_to_its_last_second() {
    let world = World::new().await;
    let token = world.token(&world.claims().await).await;
    world.app.clock.advance(Seconds(599));
    assert_eq!(call_with(&world, &token).await.status, 200);
    world.app.clock.advance(Seconds(1));
    assert_eq!(call_with(&world, &token).await.status, 401);
}
