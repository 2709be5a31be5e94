//! The consent page.

use super::*;
use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, client, save};

fn page() -> ConsentPage {
    let scopes = ["openid", "profile", "email", "offline_access", "reports:read"]
        .map(|scope| ShownScope::of(scope, Words::default()))
        .into();
    ConsentPage {
        brand: brand(),
        client: client(),
        action: "/t/demo/consent".to_owned(),
        csrf: "c5rf".to_owned(),
        request: "r3f".to_owned(),
        account: "ada@demo.test".to_owned(),
        scopes,
        organization: Some("Acme".to_owned()),
        details: vec![],
        return_host: Some("calendar.example".to_owned()),
    }
}

#[test]
fn the_consent_page_keeps_its_hooks() {
    assert_hooks(
        &save("consent", &page()),
        &[
            r#"<body data-page="consent">"#,
            r#"<form id="consent-form" class="stack" method="post" action="/t/demo/consent">"#,
            r#"<input type="hidden" name="csrf" value="c5rf">"#,
            r#"<input type="hidden" name="request" value="r3f">"#,
            r#"<input type="hidden" name="scope" value="openid">"#,
            r#"<input type="checkbox" name="scope" value="email" checked>"#,
            r#"<button id="consent-allow" class="primary" type="submit" name="decision" value="allow">"#,
            r#"<button id="consent-deny" type="submit" name="decision" value="deny">"#,
            r#"<span id="client-name">"#,
        ],
    );
}

#[test]
fn w043_no_field_escapes_its_place() {
    let hostile = || HOSTILE.to_owned();
    let scope = |required| ShownScope { value: hostile(), title: hostile(), text: hostile(), required };
    assert_harmless(&ConsentPage {
        brand: Brand { name: hostile(), ..brand() },
        client: ShownClient { name: hostile(), ..client() },
        action: hostile(),
        csrf: hostile(),
        request: hostile(),
        account: hostile(),
        scopes: vec![scope(true), scope(false)],
        organization: Some(hostile()),
        details: vec![ShownDetail { collections: hostile(), filter: Some(hostile()), fields: Some(hostile()) }],
        return_host: Some(hostile()),
    });
}
