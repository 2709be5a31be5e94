//! The two pages of the developer's application.

use super::*;
use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

#[test]
fn the_application_offers_to_sign_in() {
    let page = DevAppPage {
        brand: brand(),
        tenant: "demo".to_owned(),
        error: None,
        sign_in_action: "/dev/app/sign-in".to_owned(),
        csrf: "c5rf".to_owned(),
        hint: Some(Credentials { email: "ada@demo.test".to_owned(), password: "correct horse".to_owned() }),
    };
    let html = save("dev-app", &page);
    assert_hooks(
        &html,
        &[r#"<body data-page="dev-app">"#, r#"<button id="dev-sign-in" class="primary" type="submit">"#],
    );
}

#[test]
fn the_result_shows_claims_token_and_api_call() {
    let claims = [
        ("iss", "http://localhost:8080/t/demo"),
        ("sub", "01934d2e-7a60-7c3e-9d51-6c1f2b8c0a11"),
        ("aud", "01934d2e-7a60-7c3e-9d51-6c1f2b8c0a12"),
        ("exp", "1763721300"),
        ("auth_time", "1763720700"),
        ("amr", "[\"pwd\"]"),
    ];
    let page = DevAppResultPage {
        brand: brand(),
        greeting: "Ada Lovelace".to_owned(),
        refreshed: 1,
        claims: claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        access_token: "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.".repeat(12),
        token_facts: "Bearer, openid profile email, 600 s".to_owned(),
        api_url: "http://localhost:8080/t/demo/api/v1/whoami".to_owned(),
        api_status: 200,
        api_body: "{\n  \"sub\": \"01934d2e\",\n  \"tenant\": \"demo\"\n}".to_owned(),
        refresh_action: "/dev/app/refresh".to_owned(),
        logout_action: "/dev/app/logout".to_owned(),
        csrf: "c5rf".to_owned(),
    };
    assert_hooks(
        &save("dev-app-result", &page),
        &[
            r#"<body data-page="dev-app-result">"#,
            r#"<dl id="id-token-claims""#,
            r#"<dd data-claim="iss">http://localhost:8080/t/demo</dd>"#,
            r#"<pre id="access-token""#,
            r#"<span id="api-status" class="tag">200</span>"#,
            r#"<pre id="api-body""#,
            r#"<button id="dev-refresh""#,
            r#"<button id="dev-logout""#,
        ],
    );
}

#[test]
fn w043_no_field_escapes_its_place() {
    let hostile = || HOSTILE.to_owned();
    let brand = || Brand { name: hostile(), ..brand() };
    assert_harmless(&DevAppPage {
        brand: brand(),
        tenant: hostile(),
        error: Some(hostile()),
        sign_in_action: hostile(),
        csrf: hostile(),
        hint: Some(Credentials { email: hostile(), password: hostile() }),
    });
    assert_harmless(&DevAppResultPage {
        brand: brand(),
        greeting: hostile(),
        refreshed: 2,
        claims: vec![(hostile(), hostile())],
        access_token: hostile(),
        token_facts: hostile(),
        api_url: hostile(),
        api_status: 401,
        api_body: hostile(),
        refresh_action: hostile(),
        logout_action: hostile(),
        csrf: hostile(),
    });
}
