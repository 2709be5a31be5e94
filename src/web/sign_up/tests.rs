//! The sign-up page.

use super::*;
use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, client, save};

fn page(text: &str) -> SignUpPage {
    let text = || text.to_owned();
    SignUpPage {
        brand: brand(),
        client: Some(client()),
        action: text(),
        csrf: text(),
        request: text(),
        name: text(),
        email: text(),
        error: Some(text()),
        shortest: 8,
        login_href: text(),
    }
}

#[test]
fn the_sign_up_page_keeps_its_hooks() {
    let html = save("sign-up", &SignUpPage { error: None, ..page("x") });
    assert_hooks(
        &html,
        &[
            r#"<body data-page="signup">"#,
            r#"<form id="sign-up-form""#,
            r#"id="name" name="name""#,
            r#"<input type="email" id="email" name="email""#,
            r#"id="password" name="password" autocomplete="new-password""#,
            r#"id="sign-up-submit""#,
            r#"<a id="sign-up-login""#,
        ],
    );
    assert!(!html.contains("sign-up-error"));
}

#[test]
fn w043_no_field_escapes_its_place() {
    assert_harmless(&page(HOSTILE));
}
