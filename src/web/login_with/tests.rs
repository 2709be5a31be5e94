//! The page of one provider.

use super::*;
use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

#[test]
fn the_page_of_a_provider_is_one_button() {
    let page = LoginWithPage {
        brand: brand(),
        provider: Shown { slug: "corp".to_owned(), name: "Corp".to_owned(), action: "/t/demo/login/corp".to_owned() },
        csrf: "c5rf".to_owned(),
        request: "r3f".to_owned(),
        login_href: "/t/demo/login".to_owned(),
    };
    let html = save("login-with", &page);
    assert_hooks(
        &html,
        &[
            r#"<body data-page="login-with">"#,
            r#"<form id="login-with-corp" class="stack" method="post" action="/t/demo/login/corp">"#,
            r#"<input type="hidden" name="csrf" value="c5rf">"#,
            r#"<input type="hidden" name="request" value="r3f">"#,
            r#"<a id="login-otherwise" class="small" href="/t/demo/login?request=r3f">"#,
        ],
    );
}

#[test]
fn w043_no_field_escapes_its_place() {
    let hostile = || HOSTILE.to_owned();
    assert_harmless(&LoginWithPage {
        brand: Brand { name: hostile(), ..brand() },
        provider: Shown { slug: hostile(), name: hostile(), action: hostile() },
        csrf: hostile(),
        request: hostile(),
        login_href: hostile(),
    });
}
