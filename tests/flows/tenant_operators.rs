//! Who is an operator, and who is not: the platform's API opens for keys and people of the operators' own tenant alone
//! (U7, X3, C4, W-067).

use axum::body::Body;
use axum::http::Request;
use chancery::base::{Actor, Scope};
use chancery::clients::Registration;
use chancery::store::clients::ClientKind;
use chancery::store::tenants::Settings;
use serde_json::json;

use crate::support::operators::Operators;
use crate::support::routes;
use crate::support::{TestApp, World};

/// Every route of the platform's own API that is not for strangers.
fn places() -> Vec<(&'static str, String)> {
    let open = [
        "/api/v1/health",
        "/api/v1/docs",
        "/api/v1/openapi.json",
        "/api/v1/tenants/by-domain",
        "/api/v1/tenants/register",
    ];
    let of_platform = routes::all().into_iter().filter(|route| route.path.starts_with("/api/v1/"));
    of_platform
        .filter(|route| !open.contains(&route.path.as_str()))
        .flat_map(|route| {
            let path = route.at("demo").trim_start_matches("/api/v1").to_owned();
            route.methods.into_iter().map(move |method| (method, path.clone()))
        })
        .collect()
}

#[tokio::test]
async fn u7_c4_a_tenants_administrator_is_no_operator_whatever_its_credential_says() {
    let world = World::new().await;
    let ops = Operators::of(&world.app).await;
    world.promote("ada@demo.test", chancery::store::users::Role::Owner).await;
    let all = "users:read users:write users:roles tenant:read tenant:write clients:write keys:write";
    let key = world.app.api_key(&world.tenant, all).await;
    let weak = world.app.api_key(&ops.tenant, all).await;
    let token = world.scoped("ada@demo.test", &format!("{all} platform:*")).await;
    let places = places();
    assert!(places.len() > 12, "the walk has lost its way: {places:?}");
    for (method, path) in &places {
        for (credential, status) in [("", 401), (key.as_str(), 401), (weak.as_str(), 403), (token.as_str(), 401)] {
            let headers = [("authorization", format!("Bearer {credential}"))];
            let headers = if credential.is_empty() { &[][..] } else { &headers[..] };
            let body =
                (*method != "GET").then(|| json!({ "slug": "eves", "name": "eves", "deletion_protected": true }));
            let answer = world.app.platform(method, path, headers, body).await;
            assert_eq!(answer.status.as_u16(), status, "{method} {path} with {credential:.6}: {}", answer.body);
            assert!(!answer.header("www-authenticate").is_empty());
        }
    }
    assert!(world.app.app.tenants.look_up("eves").await.is_err());
}

#[tokio::test]
async fn x3_no_hint_makes_the_platforms_api_anothers() {
    let world = World::new().await;
    let ops = Operators::of(&world.app).await;
    let key = format!("Bearer {}", ops.key);
    let id = world.tenant.id.to_string();
    for (name, value, status) in [
        ("x-tenant-slug", "system", 200),
        ("x-tenant-slug", "demo", 400),
        ("x-tenant-id", id.as_str(), 400),
        ("x-tenant-slug", "nobody", 404),
        ("x-http-method-override", "DELETE", 200),
    ] {
        let headers = [("authorization", key.clone()), (name, value.to_owned())];
        let answer = world.app.platform("GET", "/tenants/demo", &headers, None).await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {value}: {}", answer.body);
    }
    for path in ["/t/demo/api/v1/tenants", "/t/system/api/v1/tenants", "/t/system/api/v1/platform/stats"] {
        assert_eq!(world.app.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_operators_own_tenant_is_neither_suspended_nor_deleted_nor_ends() {
    let app = TestApp::start().await;
    let ops = Operators::of(&app).await;
    assert_eq!(ops.ask(&app, "POST", "/tenants/system/suspend", None).await.0, 403);
    assert_eq!(ops.ask(&app, "DELETE", "/tenants/system", None).await.0, 403);
    assert_eq!(ops.ask(&app, "DELETE", &format!("/tenants/{}", ops.tenant.id), None).await.0, 403);
    let end = json!({ "expires_at": "2030-01-01T00:00:00Z" });
    assert_eq!(ops.ask(&app, "PATCH", "/tenants/system", Some(end)).await.0, 422);
    assert_eq!(ops.ask(&app, "GET", "/tenants/system", None).await.1["status"], "active");
}

#[tokio::test]
async fn w076_operators_keys_are_told_once_listed_without_secret_and_revoked_one_by_one() {
    let app = TestApp::start().await;
    let ops = Operators::of(&app).await;
    let wish = json!({ "name": "ci", "expires_at": "2026-02-01T00:00:00Z" });
    let (status, made) = ops.ask(&app, "POST", "/platform/api-keys", Some(wish)).await;
    let secret = made["api_key"].as_str().unwrap().to_owned();
    assert_eq!((status, &made["scope"]), (201, &json!("platform:*")));
    let other = Operators { key: secret.clone(), tenant: ops.tenant.clone() };
    assert_eq!(other.ask(&app, "GET", "/platform/stats", None).await.0, 200);
    let (_, list) = ops.ask(&app, "GET", "/platform/api-keys", None).await;
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(!list.to_string().contains(&secret) && list[1]["last_used_at"].is_string());
    let place = format!("/platform/api-keys/{}", made["id"].as_str().unwrap());
    assert_eq!(ops.ask(&app, "DELETE", &place, None).await.0, 204);
    assert_eq!(ops.ask(&app, "DELETE", &place, None).await.0, 404);
    assert_eq!(other.ask(&app, "GET", "/platform/stats", None).await.0, 401);
    assert_eq!(ops.ask(&app, "GET", "/platform/stats", None).await.0, 200);
}

#[tokio::test]
async fn x2_a_key_of_one_tenant_is_not_revoked_as_one_of_the_operators() {
    let app = TestApp::start().await;
    let ops = Operators::of(&app).await;
    let demo = app.tenant("demo", Settings::default()).await;
    let new = chancery::api_keys::NewKey { name: "x".to_owned(), scope: Scope::of(["users:read"]), expires_at: None };
    let (key, _) = app.app.api_keys.create(&demo, new, &Actor::operator()).await.unwrap();
    assert_eq!(ops.ask(&app, "DELETE", &format!("/platform/api-keys/{}", key.id), None).await.0, 404);
}

#[tokio::test]
async fn u7_c4_a_client_gets_what_operators_hold_from_them_at_their_own_tenant_and_nowhere_else() {
    let world = World::new().await;
    let ops = Operators::of(&world.app).await;
    let mut wish = Registration::preset(ClientKind::Service, "Night work");
    wish.metadata.scope = Scope::of(["platform:*", "users:read"]);
    for (slug, tenant, scope) in
        [("system", &ops.tenant, "platform:* users:read"), ("demo", &world.tenant, "users:read")]
    {
        let (made, secret) = world.app.app.clients.register(tenant, wish.clone(), "operator").await.unwrap();
        assert_eq!(made.metadata.scope.to_string(), scope, "{slug}");
        let basic = World::basic(made.id.as_str(), secret.unwrap().expose());
        let form = [("grant_type", "client_credentials")];
        let answer = world.app.post(&format!("/t/{slug}/oauth/token"), &form, &[("authorization", &basic)]).await;
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        let headers = [("authorization", format!("Bearer {token}"))];
        let answer = world.app.platform("GET", "/tenants", &headers, None).await;
        let expected = if slug == "system" { 200 } else { 401 };
        assert_eq!(answer.status.as_u16(), expected, "{slug}: {}", answer.body);
    }
    // Whoever manages clients there without being an operator gives it to none, and gets at no secret of one.
    let weak = world.app.api_key(&ops.tenant, "clients:read clients:write users:read").await;
    let held = world.app.app.clients.page(&ops.tenant, "", 100).await.unwrap();
    let held = held.iter().find(|client| client.metadata.scope.contains("platform:*")).unwrap();
    let ask = async |path: &str, body: serde_json::Value| {
        let request =
            Request::post(format!("/t/system/api/v1{path}")).header("authorization", format!("Bearer {weak}"));
        let request = request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
        let answer = world.app.send(request).await;
        (answer.status.as_u16(), answer.json()["data"]["scope"].clone())
    };
    let wish = json!({ "type": "service", "client_name": "Mine", "scope": "platform:* users:read" });
    assert_eq!(ask("/clients", wish).await, (201, json!("users:read")));
    assert_eq!(ask(&format!("/clients/{}/rotate-secret", held.id), json!({})).await.0, 403);
}
