//! Nobody makes themselves somebody: there is no registration, and no form takes a privilege (W-057, W-063).

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use chancery::store::users::Role;
use serde_json::json;

use super::support::probe::{assert_specified, send, world};
use super::support::routes;
use super::support::{PASSWORD, Person};

/// Everything that takes something, in any order.
const TAKING: &[&str] = &[
    "/dev/app/logout",
    "/dev/app/refresh",
    "/dev/app/sign-in",
    "/oauth/authorize",
    "/oauth/introspect",
    "/oauth/logout",
    "/oauth/revoke",
    "/oauth/token",
    "/oauth/userinfo",
    "/consent",
    "/login",
    "/logout",
    "/login/link",
    "/login/organisation",
    "/login/{provider}",
    "/login/{provider}/backchannel-logout",
    "/account/identities/{provider}",
    "/api/v1/identity-providers",
    "/api/v1/identity-providers/{provider}",
    "/api/v1/users/me/identities/{identity}",
];

#[tokio::test]
async fn w057_w063_nobody_registers_anything_and_no_form_names_a_privilege() {
    let world = world().await;
    for path in [
        "/register",
        "/oauth/register",
        "/connect/register",
        "/signup",
        "/sign-up",
        "/api/v1/users",
        "/api/v1/clients",
        "/api/v1/tenants",
    ] {
        let path = format!("/t/demo{path}");
        let body = json!({ "email": "eve@demo.test", "password": "x", "role": "owner", "tenant_id": "1" }).to_string();
        let request = Request::post(&path).header("content-type", "application/json").body(Body::from(body)).unwrap();
        let answer = send(&world.app, request).await;
        assert_specified(&answer, &path, &path);
        assert_eq!(answer.status, 404, "{path}");
    }
    // Everything that takes something from a stranger, by name: whoever adds to it looks at W-063.
    let all = routes::all();
    let taking = all.iter().filter(|route| route.methods.iter().any(|method| *method != "GET"));
    let taking: BTreeSet<_> = taking.map(|route| route.path.trim_start_matches("/t/{tenant}")).collect();
    assert_eq!(taking, TAKING.iter().copied().collect());
    let mut ada = Person::default();
    ada.open(&world.app, "/t/demo/login").await;
    let sent = [
        ("username", "ada@demo.test"),
        ("password", PASSWORD),
        ("role", "owner"),
        ("roles", "admin"),
        ("email_verified", "true"),
        ("tenant_id", "system"),
        ("status", "active"),
        ("scope", "users:write"),
    ];
    assert_eq!(ada.submit(&world.app, "login-form", &sent).await.page(), "account");
    let after = world.app.app.accounts.look_up(&world.tenant, "ada@demo.test").await.unwrap();
    assert_eq!(after.role, Role::User);
}
