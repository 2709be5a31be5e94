//! Texts that no honest person sends, in every field of every call about accounts: specified answers, nothing lost and
//! nobody let in (W-002, W-010, U3, U7).

use std::time::Instant;

use axum::body::Body;
use axum::http::Request;
use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use super::support::probe::{assert_specified, request, send};
use super::support::{Answer, PASSWORD, World, routes};

/// Method, path and a body whose texts are replaced one by one.
fn calls() -> Vec<(&'static str, &'static str, Value)> {
    let (mail, link) = ("nora@demo.test", "no such token");
    vec![
        (
            "POST",
            "/auth/register",
            json!({ "email": mail, "username": "nora", "password": PASSWORD, "full_name": "N",
            "locale": "en", "redirect": "https://x.test/", "metadata": { "a": "b" } }),
        ),
        ("POST", "/auth/login", json!({ "identifier": "ada@demo.test", "password": "wrong" })),
        (
            "POST",
            "/auth/login",
            json!({ "email": "ada@demo.test", "password": "wrong", "client_id": "account", "scope": "openid" }),
        ),
        ("POST", "/auth/mfa/verify", json!({ "mfa_token": link, "method": "totp", "code": "123456" })),
        ("POST", "/auth/passkeys/complete", json!({ "ceremony": link, "credential": { "id": "x" } })),
        ("POST", "/auth/passwordless/start", json!({ "email": mail })),
        ("POST", "/auth/passwordless/complete", json!({ "flow_token": link, "code": "123456" })),
        ("POST", "/auth/verify-email", json!({ "token": link, "password": PASSWORD })),
        ("POST", "/auth/verify-email/check", json!({ "token": link })),
        ("POST", "/auth/resend-verification", json!({ "email": mail })),
        ("POST", "/auth/forgot-password", json!({ "email": mail })),
        ("POST", "/auth/reset-password", json!({ "token": link, "password": PASSWORD })),
        ("POST", "/auth/confirm-email-change", json!({ "token": link })),
        ("POST", "/auth/undo-email-change", json!({ "token": link })),
        ("POST", "/users/me/password", json!({ "current_password": "wrong", "new_password": "another few words" })),
        ("POST", "/users/me/email", json!({ "email": mail, "current_password": "wrong" })),
        (
            "PATCH",
            "/users/me",
            json!({ "name": "N", "locale": "en", "picture": "https://x.test/x.png",
            "user_metadata": { "a": "b" } }),
        ),
        ("POST", "/users/me/passkeys", json!({ "ceremony": link, "credential": { "id": "x" }, "name": "Phone" })),
        ("POST", "/invitations", json!({ "email": mail, "role": "user" })),
        ("POST", "/users", json!({ "email": mail, "full_name": "N", "password": PASSWORD })),
    ]
}

/// As JSON writes them; the second is half of a character and no text at all.
fn odd() -> Vec<(&'static str, String)> {
    vec![
        ("NUL", "\"a\\u0000b\"".to_owned()),
        ("half a character", "\"a\\ud800b\"".to_owned()),
        ("markup", "\"<script>alert(1)</script>\"".to_owned()),
        ("a header", "\"x\\r\\nBcc: eve@demo.test\"".to_owned()),
        ("one that turns around", "\"\u{202e}ada\"".to_owned()),
        ("a mebibyte", format!("\"{}\"", "x".repeat(1 << 20))),
        ("an operator", "{\"$ne\":null}".to_owned()),
        ("a list", "[\"x\"]".to_owned()),
        ("a truth", "true".to_owned()),
    ]
}

async fn call(world: &World, token: &str, (method, path): (&str, &str), body: String) -> Answer {
    let request = Request::builder().method(method).uri(format!("/t/demo/api/v1{path}"));
    let request = request.header("content-type", "application/json").header("authorization", format!("Bearer {token}"));
    send(&world.app, request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn w002_w010_odd_texts_in_every_field_have_their_answer_and_change_nothing() {
    let app = super::support::TestApp::configured(|config| config.testing.rate_limits_off = true).await;
    let tenant = app.tenant("demo", Settings { self_registration: true, ..Settings::default() }).await;
    let world = World { app, tenant };
    world.person("ada@demo.test").await;
    world.client("calendar", "Calendar", |_| {}).await;
    world.promote("ada@demo.test", chancery::store::users::Role::Admin).await;
    let scope = "account openid users:write users:invite users:roles";
    let token = world.scoped("ada@demo.test", scope).await;
    for (method, path, body) in calls() {
        for name in body.as_object().unwrap().keys() {
            for (what, odd) in odd() {
                let mut marked = body.clone();
                marked[name] = json!("THE ODD ONE");
                let sent = marked.to_string().replace("\"THE ODD ONE\"", &odd);
                let begun = Instant::now();
                let answer = call(&world, &token, (method, path), sent).await;
                let told = format!("{method} {path}: {what} as `{name}`");
                assert_specified(&answer, &told, "/t/demo/api/v1/auth/login");
                assert!(begun.elapsed().as_secs() < 10, "{told}: {:?}", begun.elapsed());
                assert_eq!(answer.header("x-content-type-options"), "nosniff", "{told}");
                if ["half a character", "an operator", "a list", "a truth"].contains(&what) && name != "credential" {
                    let is_object = body[name].is_object() && what == "an operator";
                    assert!(is_object || answer.status == 400, "W-002 {told}: {} {}", answer.status, answer.body);
                }
                if what == "a mebibyte" {
                    assert!(answer.status.is_client_error(), "W-010 {told}: {}", answer.status);
                }
                assert!(!answer.body.contains("access_token"), "{told}");
            }
        }
    }
    for mail in world.app.mails_to("nora@demo.test").await {
        assert!(!mail.content.html.contains("<script") && !mail.content.subject.contains('\n'), "W-113");
    }
    let origin = chancery::base::Origin::default();
    let secret = chancery::base::Secret::new(PASSWORD);
    world.app.app.accounts.authenticate(&world.tenant, "ada@demo.test", &secret, &origin).await.unwrap();
}

/// Whether the route is for those who manage other people and what the tenant has.
fn is_for_administrators(path: &str) -> bool {
    let rest = path.strip_prefix("/t/{tenant}/api/v1/").unwrap_or_default();
    let managed = ["users", "invitations", "mails", "tenant", "identity-providers"];
    managed.contains(&rest.split('/').next().unwrap_or_default())
        && !rest.starts_with("users/me")
        // What everybody may know of a tenant.
        && rest != "tenant"
        && !path.contains("/accept")
}

#[tokio::test]
async fn u7_the_administrators_api_is_closed_to_strangers_and_ordinary_people_however_it_is_spelt() {
    let world = World::new().await;
    let ordinary = world.own("ada@demo.test").await;
    let widened = world.scoped("ada@demo.test", "account users:read users:write users:roles users:invite").await;
    let victim = world.sub("grace@demo.test").await;
    let before = format!("{:?}", world.app.app.accounts.page(&world.tenant, "", 99).await.unwrap());
    let mut seen = 0;
    for route in routes::all().into_iter().filter(|route| is_for_administrators(&route.path)) {
        // Whoever holds the link of an invitation may look at it.
        let by_link = route.path.ends_with("/invitations/{id}");
        let path = route.path.replace("{tenant}", "demo").replace("{id}", &victim);
        let path = path.replace("{session}", "x").replace("{mail}", "x").replace("{provider}", "x");
        let rest = path.strip_prefix("/t/demo").unwrap();
        let spellings = [
            path.clone(),
            format!("/t/demo/{rest}"),
            format!("/t/demo{}", rest.replacen("/api", "/%61pi", 1)),
            format!("/T/demo{rest}"),
            format!("/t/demo/x/..{rest}"),
            format!("{path};x=1"),
            format!("{path}/"),
            format!("/t/demo{}", rest.to_uppercase()),
        ];
        for method in &route.methods {
            if by_link && *method == "GET" {
                continue;
            }
            seen += 1;
            for spelling in &spellings {
                for token in [None, Some(&ordinary), Some(&widened)] {
                    for over in ["", method] {
                        let bearer = token.map(|token| format!("Bearer {token}"));
                        let mut headers: Vec<(&str, &[u8])> = vec![("content-type", b"application/json")];
                        headers.extend(bearer.as_ref().map(|bearer| ("authorization", bearer.as_bytes())));
                        for name in ["x-http-method-override", "x-method-override", "x-original-url"] {
                            headers.extend((!over.is_empty()).then_some((name, over.as_bytes())));
                        }
                        let real = if over.is_empty() { *method } else { "GET" };
                        let Some(sent) = request(real, spelling, &headers, "{\"email\":\"eve@demo.test\"}") else {
                            continue;
                        };
                        let answer = send(&world.app, sent).await;
                        let told = format!("{real} {spelling} {over} as {token:?}: {} {}", answer.status, answer.body);
                        assert!([400, 401, 403, 404, 405].contains(&answer.status.as_u16()), "{told}");
                        assert!(!answer.body.contains("argon2") && !answer.body.contains("\"d\":"), "{told}");
                    }
                }
            }
        }
    }
    assert!(seen > 15, "{seen} routes");
    let after = format!("{:?}", world.app.app.accounts.page(&world.tenant, "", 99).await.unwrap());
    assert_eq!(after, before);
}
