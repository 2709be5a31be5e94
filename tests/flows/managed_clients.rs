//! Administrators and programs register, change, switch off and remove clients, and give none more than they hold.

use axum::body::Body;
use axum::http::Request;
use chancery::base::Seconds;
use chancery::store::users::Role;
use serde_json::{Value, json};

use super::support::{Answer, World};

const ALL: &str = "clients:read clients:write users:read";

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

async fn service(world: &World, token: &str) -> (String, String) {
    let wish = json!({ "type": "service", "client_name": "Robot", "scope": "users:read" });
    let (status, made) = world.ask(token, "POST", "/clients", Some(wish)).await;
    assert_eq!(status, 201, "{made}");
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("client_id"), text("client_secret"))
}

/// What the token endpoint answers to a client that acts for itself.
async fn token_for(world: &World, id: &str, secret: &str) -> (u16, String) {
    let form = [("grant_type", "client_credentials")];
    let answer = world.app.post("/t/demo/oauth/token", &form, &[("authorization", &World::basic(id, secret))]).await;
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    (answer.status.as_u16(), told["access_token"].as_str().unwrap_or_default().to_owned())
}

async fn patch_over(world: &World, token: &str, path: &str, tag: &str, patch: &Value) -> Answer {
    let request = Request::patch(format!("/t/demo/api/v1{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("if-match", tag);
    world.app.send(request.body(Body::from(patch.to_string())).unwrap()).await
}

#[tokio::test]
async fn a_client_is_registered_listed_changed_over_its_version_and_removed() {
    let (world, token) = world().await;
    let wish = json!({
        "client_name": "Shop", "redirect_uris": ["https://shop.example/back"], "scope": "openid email",
        "token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "refresh_token"],
        "policy": { "access_token_lifetime": 60 },
    });
    let (status, made) = world.ask(&token, "POST", "/clients", Some(wish)).await;
    assert_eq!((status, &made["type"], &made["client_secret"]), (201, &json!("public"), &Value::Null));
    let path = format!("/clients/{}", made["client_id"].as_str().unwrap());
    let support = world.scoped("support@demo.test", ALL).await;
    let shown = world.call(&support, "GET", &path, None).await;
    assert_eq!((shown.status.as_u16(), shown.header("etag")), (200, "\"1\""));
    for (query, count) in [("q=sho", 1), ("q=%25", 0), ("type=public", 2), ("type=service", 0), ("status=disabled", 0)]
    {
        let (status, found) = world.ask(&support, "GET", &format!("/clients?{query}"), None).await;
        assert_eq!((status, found.as_array().unwrap().len()), (200, count), "{query}");
    }
    assert_eq!(world.ask(&support, "GET", "/clients?typo=1", None).await.0, 400);
    let patch = json!({ "client_name": "Store", "policy": { "access_token_lifetime": null } });
    assert_eq!(world.ask(&support, "PATCH", &path, Some(patch.clone())).await.0, 403);
    assert_eq!(patch_over(&world, &token, &path, "\"1\"", &patch).await.status, 200);
    assert_eq!(patch_over(&world, &token, &path, "\"1\"", &patch).await.status, 412);
    let (_, shown) = world.ask(&token, "GET", &path, None).await;
    assert_eq!((&shown["client_name"], &shown["policy"]["access_token_lifetime"]), (&json!("Store"), &Value::Null));
    assert_eq!(shown["redirect_uris"], json!(["https://shop.example/back"]));
    assert_eq!(world.call(&token, "DELETE", &path, None).await.status, 204);
    assert_eq!(world.ask(&token, "GET", &path, None).await.0, 404);
    assert_eq!(world.ask(&token, "DELETE", &path, None).await.0, 404);
}

#[tokio::test]
async fn c4_w055_nobody_registers_a_client_that_can_do_more_than_they() {
    let (world, admin) = world().await;
    let owner = world.scoped("owner@demo.test", &format!("{ALL} users:write")).await;
    let key = world.app.api_key(&world.tenant, "clients:write users:read").await;
    let web = |scope: &str, first_party: bool| {
        json!({
            "client_name": "App", "redirect_uris": ["https://app.example/back"], "scope": scope,
            "policy": { "first_party": first_party },
        })
    };
    let machine = |scope: &str| json!({ "type": "service", "client_name": "Robot", "scope": scope });
    for (wish, by_admin, by_key, by_owner) in [
        (web("openid profile", true), 201, 201, 201),
        (web("openid account", true), 403, 403, 201),
        (web("openid users:read", false), 201, 201, 201),
        (web("openid users:read", true), 403, 403, 201),
        (web("openid users:write", false), 403, 403, 201),
        (machine("users:read"), 201, 201, 201),
        (machine("users:write"), 403, 403, 201),
        (machine("users:read clients:write"), 201, 201, 201),
        (machine("storage:read"), 403, 403, 403),
    ] {
        for (token, status) in [(&admin, by_admin), (&key, by_key), (&owner, by_owner)] {
            let (told, answer) = world.ask(token, "POST", "/clients", Some(wish.clone())).await;
            assert_eq!(told, status, "{wish}: {answer}");
        }
    }
    // Neither does anybody make one theirs that can do more: by its secret, or by where its answers go.
    let (_, made) = world.ask(&owner, "POST", "/clients", Some(machine("users:write"))).await;
    let path = format!("/clients/{}", made["client_id"].as_str().unwrap());
    for (method, path, body) in [
        ("POST", format!("{path}/rotate-secret"), json!({})),
        ("PATCH", path.clone(), json!({ "jwks_uri": "https://evil.example/jwks" })),
        ("PATCH", path.clone(), json!({ "scope": "users:read" })),
    ] {
        assert_eq!(world.ask(&admin, method, &path, Some(body)).await.0, 403, "{method} {path}");
    }
    assert_eq!(world.ask(&admin, "POST", &format!("{path}/disable"), None).await.0, 200, "less is always possible");
    assert_eq!(world.ask(&admin, "POST", &format!("{path}/enable"), None).await.0, 403);
    // A person's token counts for what the person may do at this moment.
    world.promote("grace@demo.test", Role::Owner).await;
    world.promote("owner@demo.test", Role::Support).await;
    assert_eq!(world.ask(&owner, "POST", "/clients", Some(machine("users:read"))).await.0, 403, "W-071");
}

#[tokio::test]
async fn c4_what_breaks_a_rule_or_names_what_is_not_the_registrants_is_refused() {
    let (world, token) = world().await;
    for bad in [
        json!({}),
        json!({ "redirect_uris": ["javascript:alert(1)"] }),
        json!({ "redirect_uris": ["http://localhost.evil.example/back"] }),
        json!({ "redirect_uris": ["https://*.example/back"] }),
        json!({ "redirect_uris": ["https://a.example/"], "grant_types": ["implicit"] }),
        json!({ "redirect_uris": ["https://a.example/"], "client_id": "mine" }),
        json!({ "redirect_uris": ["https://a.example/"], "client_secret": "mine" }),
        json!({ "redirect_uris": ["https://a.example/"], "status": "active" }),
        json!({ "redirect_uris": ["https://a.example/"], "first_party": true }),
        json!({ "redirect_uris": ["https://a.example/"], "policy": { "trusted": true } }),
        json!({ "redirect_uris": ["https://a.example/"], "type": "king" }),
        json!({ "redirect_uris": ["https://a.example/"], "id_token_signed_response_alg": "none" }),
    ] {
        let (status, told) = world.ask(&token, "POST", "/clients", Some(bad.clone())).await;
        assert_eq!(status, 400, "{bad}: {told}");
    }
    let wish = json!({ "type": "service", "client_name": "R", "scope": "platform:* users:read" });
    let (_, made) = world.ask(&token, "POST", "/clients", Some(wish)).await;
    assert_eq!(made["scope"], "users:read", "rights over the platform are nobody's to register");
}

#[tokio::test]
async fn a_disabled_clients_tokens_are_refused_at_once_and_a_removed_ones_for_good() {
    let (world, admin) = world().await;
    let (id, secret) = service(&world, &admin).await;
    let (status, token) = token_for(&world, &id, &secret).await;
    assert_eq!(status, 200);
    assert_eq!(world.call(&token, "GET", "/users", None).await.status, 200);
    assert_eq!(world.ask(&admin, "POST", &format!("/clients/{id}/disable"), None).await.0, 200);
    assert_eq!(world.call(&token, "GET", "/users", None).await.status, 401);
    assert_eq!(token_for(&world, &id, &secret).await.0, 401);
    assert_eq!(world.ask(&admin, "POST", &format!("/clients/{id}/enable"), None).await.1["status"], "active");
    assert_eq!(world.call(&token, "GET", "/users", None).await.status, 200);
    assert_eq!(world.call(&admin, "DELETE", &format!("/clients/{id}"), None).await.status, 204);
    assert_eq!(world.call(&token, "GET", "/users", None).await.status, 401);
    // What people allowed it has ended too.
    let theirs = world.refresh_token("calendar", "given").await;
    assert_eq!(world.call(&admin, "DELETE", "/clients/calendar", None).await.status, 204);
    world.client("calendar", "Another of this id", |_| {}).await;
    let form = [("grant_type", "refresh_token"), ("client_id", "calendar"), ("refresh_token", &theirs)];
    assert_eq!(world.app.post("/t/demo/oauth/token", &form, &[]).await.status, 400);
}

#[tokio::test]
async fn w076_a_secret_is_followed_by_another_while_both_work_and_ends_alone() {
    let (world, admin) = world().await;
    let (id, old) = service(&world, &admin).await;
    let path = format!("/clients/{id}");
    let (status, made) =
        world.ask(&admin, "POST", &format!("{path}/rotate-secret"), Some(json!({ "overlap": 60 }))).await;
    let new = made["client_secret"].as_str().unwrap().to_owned();
    assert_eq!(status, 201);
    for secret in [&old, &new] {
        assert_eq!(token_for(&world, &id, secret).await.0, 200);
    }
    let listed = world.call(&admin, "GET", &format!("{path}/secrets"), None).await;
    assert!(!listed.body.contains(&old) && !listed.body.contains(&new));
    world.app.clock.advance(Seconds(61));
    assert_eq!((token_for(&world, &id, &old).await.0, token_for(&world, &id, &new).await.0), (401, 200));
    let (_, secrets) = world.ask(&admin, "GET", &format!("{path}/secrets"), None).await;
    let secrets = secrets.as_array().unwrap();
    assert_eq!(secrets.iter().map(|secret| &secret["status"]).collect::<Vec<_>>(), ["expired", "active"]);
    assert!(new.starts_with(secrets[1]["prefix"].as_str().unwrap()));
    let last = format!("{path}/secrets/{}", secrets[1]["id"].as_str().unwrap());
    assert_eq!(world.call(&admin, "DELETE", &last, None).await.status, 204);
    assert_eq!(world.ask(&admin, "DELETE", &last, None).await.0, 404);
    assert_eq!(token_for(&world, &id, &new).await.0, 401);
    for bad in [-1, 2_592_001] {
        let told = world.ask(&admin, "POST", &format!("{path}/rotate-secret"), Some(json!({ "overlap": bad }))).await;
        assert_eq!(told.0, 422, "{bad}");
    }
    assert_eq!(world.ask(&admin, "POST", "/clients/calendar/rotate-secret", Some(json!({}))).await.0, 422);
}
