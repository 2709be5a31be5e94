//! The sign-in page.

use super::*;
use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, client, save};
use crate::web::login_with::Shown;

fn page() -> LoginPage {
    LoginPage {
        brand: brand(),
        client: Some(client()),
        action: "/t/demo/login".to_owned(),
        csrf: "c5rf".to_owned(),
        request: "r3f".to_owned(),
        username: String::new(),
        organization: None,
        puzzle: None,
        error: None,
        password: true,
        remember: true,
        verify_href: None,
        passkey: None,
        by_mail_href: None,
        providers: Providers::default(),
        forgot_href: Some("/t/demo/forgot".to_owned()),
        sign_up_href: Some("/t/demo/sign-up".to_owned()),
    }
}

#[test]
fn the_login_page_keeps_its_hooks() {
    let html = save("login", &page());
    assert_hooks(
        &html,
        &[
            r#"<body data-page="login">"#,
            r#"<form id="login-form" class="stack" method="post" action="/t/demo/login">"#,
            r#"<input type="hidden" name="csrf" value="c5rf">"#,
            r#"<input type="hidden" name="request" value="r3f">"#,
            r#"<input type="text" id="username" name="username" value="" autocomplete="username""#,
            r#"<input type="password" id="password" name="password" autocomplete="current-password""#,
            r#"<button id="login-submit" class="primary" type="submit""#,
            r#"<button id="login-cancel" class="quiet" type="submit" name="decision" value="cancel""#,
            r#"<span id="client-name""#,
            r#"<img id="client-logo""#,
            r#"<a id="client-policy""#,
            r#"<a id="client-tos""#,
            r#"<label for="username">"#,
            r#"<label for="password">"#,
        ],
    );
    assert!(!html.contains("login-error"));
}

#[test]
fn a_failed_try_says_so_and_keeps_the_user_name() {
    let error = Some("That user name and password do not match.".to_owned());
    let html = save("login-error", &LoginPage { username: "ada@demo.test".to_owned(), error, ..page() });
    assert_hooks(&html, &[r#"id="login-error" class="notice" role="alert""#, r#"value="ada@demo.test""#]);
    assert!(html.contains(r#"aria-describedby="login-error""#));
}

#[test]
fn w043_no_field_escapes_its_place() {
    let hostile = || HOSTILE.to_owned();
    assert_harmless(&LoginPage {
        puzzle: Some(ShownPuzzle { puzzle: hostile(), bits: 9 }),
        brand: Brand { name: hostile(), ..brand() },
        client: Some(ShownClient { name: hostile(), ..client() }),
        action: hostile(),
        csrf: hostile(),
        request: hostile(),
        username: hostile(),
        organization: Some(hostile()),
        error: Some(hostile()),
        password: true,
        remember: true,
        verify_href: Some(hostile()),
        passkey: None,
        by_mail_href: None,
        providers: Providers {
            all: vec![Shown { slug: hostile(), name: hostile(), action: hostile() }],
            organisation_href: Some(hostile()),
            lead_to: Vec::new(),
        },
        forgot_href: Some(hostile()),
        sign_up_href: Some(hostile()),
    });
}

#[test]
fn each_provider_has_a_button_and_a_form_of_its_own() {
    let shown = |slug: &str, name: &str| Shown {
        slug: slug.to_owned(),
        name: name.to_owned(),
        action: format!("/t/demo/login/{slug}"),
    };
    let providers = Providers {
        all: vec![shown("corp", "Corp"), shown("github", "GitHub")],
        organisation_href: Some("/t/demo/login/organisation".to_owned()),
        lead_to: Vec::new(),
    };
    let html = save("login-providers", &LoginPage { providers, ..page() });
    assert_hooks(
        &html,
        &[
            r#"<form id="login-with-corp" method="post" action="/t/demo/login/corp">"#,
            r#"<form id="login-with-github" method="post" action="/t/demo/login/github">"#,
            r#"<a id="login-organisation" class="small" href="/t/demo/login/organisation?request=r3f">"#,
        ],
    );
}

#[test]
fn without_passwords_there_is_no_field_for_one_and_who_came_from_an_application_can_go_back() {
    let html = save("login-without-password", &LoginPage { password: false, ..page() });
    assert!(!html.contains("name=\"password\"") && !html.contains("id=\"remember-me\""));
    assert_hooks(&html, &[r#"<button id="login-cancel" class="quiet" type="submit" name="decision" value="cancel">"#]);
    let html = save("login-without-password-alone", &LoginPage { password: false, client: None, ..page() });
    assert!(!html.contains("id=\"login-form\""));
}
