//! Every management route is walked by everybody who has no right to it: by nobody, by people whose role is too low
//! whatever their token says, and by tokens and keys that lack its scope (U7, W-055, W-071).

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use chancery::base::Scope;
use chancery::clients::scopes::{KNOWN, within_role};
use chancery::store::users::Role;
use serde_json::Value;

use super::support::described::description;
use super::support::routes;
use super::support::{Answer, World};

/// A route of the API, and the scope that it asks for.
struct Guarded {
    method: String,
    path: String,
    scope: String,
}

/// All that are not for everybody; those of the services have rules of their own, which their flows hold.
fn guarded() -> Vec<Guarded> {
    let mut found = Vec::new();
    for (path, item) in description()["paths"].as_object().unwrap() {
        if ["storage", "archive", "payments"].iter().any(|service| path.starts_with(&format!("/api/v1/{service}"))) {
            continue;
        }
        for (method, operation) in item.as_object().unwrap() {
            let scopes = operation["security"][0]["token"].as_array();
            let Some([scope]) = scopes.map(Vec::as_slice) else { continue };
            let scope = scope.as_str().unwrap().to_owned();
            if !scope.starts_with("platform:") && within_role(&Scope::of([scope.as_str()]), Role::User).is_empty() {
                let route = routes::Route { path: format!("/t/{{tenant}}{path}"), methods: BTreeSet::new() };
                found.push(Guarded { method: method.to_uppercase(), path: route.at("demo"), scope });
            }
        }
    }
    found
}

async fn knock(world: &World, route: &Guarded, credential: Option<&str>) -> Answer {
    let mut request = Request::builder().method(route.method.as_str()).uri(&route.path);
    if let Some(credential) = credential {
        request = request.header("authorization", format!("Bearer {credential}"));
    }
    let body = if route.method == "GET" { Body::empty() } else { Body::from("{}") };
    world.app.send(request.header("content-type", "application/json").body(body).unwrap()).await
}

fn code(answer: &Answer) -> (u16, String) {
    let told: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    (answer.status.as_u16(), told["code"].as_str().unwrap_or_default().to_owned())
}

/// Every scope of the house but this one.
fn all_but(scope: &str) -> String {
    let all = KNOWN.iter().map(|(known, _)| *known).filter(|known| *known != scope && !known.contains('*'));
    all.collect::<Vec<_>>().join(" ")
}

async fn world() -> World {
    let world = World::new().await;
    for (email, role) in
        [("support@demo.test", Role::Support), ("admin@demo.test", Role::Admin), ("owner@demo.test", Role::Owner)]
    {
        world.person(email).await;
        world.promote(email, role).await;
    }
    world
}

#[tokio::test]
async fn u7_w055_no_management_route_answers_who_lacks_its_scope_or_the_role_for_it() {
    let world = world().await;
    let all = guarded();
    assert!(all.len() > 40, "the walk has lost its way: {}", all.len());
    let refused = (403, "insufficient_scope".to_owned());
    for route in &all {
        let what = format!("{} {} ({})", route.method, route.path, route.scope);
        assert_eq!(code(&knock(&world, route, None).await).0, 401, "{what} by nobody");
        let everything = format!("{} {}", all_but(&route.scope), route.scope);
        for (email, role) in [("ada@demo.test", Role::User), ("support@demo.test", Role::Support)] {
            if within_role(&Scope::of([route.scope.as_str()]), role).is_empty() {
                let token = world.scoped(email, &everything).await;
                assert_eq!(code(&knock(&world, route, Some(&token)).await), refused, "{what} by {email}");
            }
        }
        let lacking = world.scoped("owner@demo.test", &all_but(&route.scope)).await;
        assert_eq!(code(&knock(&world, route, Some(&lacking)).await), refused, "{what} without the scope");
        let key = world.app.api_key(&world.tenant, &all_but(&route.scope)).await;
        assert_eq!(code(&knock(&world, route, Some(&key)).await), refused, "{what} by a key without the scope");
    }
}

#[tokio::test]
async fn u7_what_management_routes_answer_holds_no_hash_and_no_private_key() {
    let world = world().await;
    world.confidential("orders", &[]).await;
    let owner = world.scoped("owner@demo.test", &all_but("")).await;
    let key = world.app.api_key(&world.tenant, &all_but("")).await;
    // What is told as it happens has no end to wait for.
    let ends = |route: &Guarded| route.method == "GET" && !route.path.ends_with(":tail");
    for route in guarded().into_iter().filter(ends) {
        let answer = knock(&world, &route, Some(&owner)).await;
        let what = format!("{}: {}", route.path, answer.body);
        assert!(![401, 403].contains(&answer.status.as_u16()), "{what}");
        for secret in ["$argon2", "\"d\":", "\"digest\"", "sealed", key.as_str()] {
            assert!(!answer.body.contains(secret), "{secret} in {what}");
        }
    }
}

#[tokio::test]
async fn u7_neither_a_header_nor_another_spelling_opens_what_a_role_does_not() {
    let world = world().await;
    let token = world.scoped("ada@demo.test", &all_but("")).await;
    for path in [
        "/t/demo/api/v1/users/",
        "/t/demo/api/v1//users",
        "/t/demo//api/v1/users",
        "/t/demo/api/v1/users;x=1",
        "/t/demo/api/v1/users%2f",
        "/t/demo/api/v1/%75sers",
        "/t/demo/api/v1/./users",
        "/t/demo/api/v1/users/../users",
        "/t/demo/api/v1/whoami/../users",
        "/t/demo/API/V1/USERS",
        "/api/v1/users",
    ] {
        for (name, value) in [
            ("x-http-method-override", "DELETE"),
            ("x-original-url", "/t/demo/api/v1/whoami"),
            ("x-forwarded-user", "owner@demo.test"),
            ("x-user-role", "owner"),
            ("x-tenant-slug", "demo"),
        ] {
            let request = Request::get(path).header("authorization", format!("Bearer {token}")).header(name, value);
            let answer = world.app.send(request.body(Body::empty()).unwrap()).await;
            assert!(answer.status.is_client_error(), "{path} with {name}: {} {}", answer.status, answer.body);
        }
    }
}
