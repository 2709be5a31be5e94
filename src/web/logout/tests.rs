//! The sign-out pages.

use super::*;
use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

#[test]
fn the_logout_page_keeps_its_hooks() {
    let page = LogoutPage {
        brand: brand(),
        action: "/t/demo/logout".to_owned(),
        csrf: "c5rf".to_owned(),
        account: Some("ada@demo.test".to_owned()),
        client_name: Some("Calendar".to_owned()),
        fields: vec![("state".to_owned(), "s".to_owned())],
    };
    assert_hooks(
        &save("logout", &page),
        &[
            r#"<body data-page="logout">"#,
            r#"<form id="logout-form" class="stack" method="post" action="/t/demo/logout">"#,
            r#"<input type="hidden" name="csrf" value="c5rf">"#,
            r#"<input type="hidden" name="state" value="s">"#,
            r#"<button id="logout-confirm" class="primary" type="submit" name="decision" value="logout">"#,
            r#"<button id="logout-cancel" type="submit" name="decision" value="cancel">"#,
        ],
    );
}

#[test]
fn the_logged_out_page_keeps_its_hooks() {
    let page = LoggedOutPage { brand: brand(), signed_out: true, continue_href: None };
    let html = save("logged-out", &page);
    assert_hooks(&html, &[r#"<body data-page="logged-out">"#, r#"<div id="logged-out""#]);
    assert!(!html.contains("<form"));
}

#[test]
fn w043_no_field_escapes_its_place() {
    let hostile = || HOSTILE.to_owned();
    assert_harmless(&LogoutPage {
        brand: Brand { name: hostile(), ..brand() },
        action: hostile(),
        csrf: hostile(),
        account: Some(hostile()),
        client_name: Some(hostile()),
        fields: vec![(hostile(), hostile())],
    });
    let brand = Brand { name: hostile(), ..brand() };
    assert_harmless(&LoggedOutPage { brand, signed_out: true, continue_href: Some(hostile()) });
}
