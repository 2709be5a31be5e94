//! The answer of an authorization request by form post (OAuth 2.0 Form Post Response Mode). A static script sends the
//! form; without scripts, a button does.

use askama::Template;

use super::brand::Brand;

/// The form that carries the answer.
#[derive(Template)]
#[template(path = "pages/form_post.html")]
pub struct FormPostPage {
    /// The tenant.
    pub brand: Brand,
    /// The proven redirect URI; the page's policy must allow it as `form-action`.
    pub target: String,
    /// The response parameters.
    pub fields: Vec<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, render, save};

    fn page(state: &str) -> FormPostPage {
        FormPostPage {
            brand: brand(),
            target: "https://calendar.example/cb?a=1&b=2".to_owned(),
            fields: vec![("code".to_owned(), "abc".to_owned()), ("state".to_owned(), state.to_owned())],
        }
    }

    #[test]
    fn the_form_post_page_sends_itself_or_shows_a_button() {
        let html = save("form-post", &page("xyz"));
        assert_hooks(
            &html,
            &[
                r#"<body data-page="form-post">"#,
                r#"<form id="form-post" class="stack" method="post" action="https://calendar.example/cb?a=1&#38;b=2">"#,
                r#"<input type="hidden" name="code" value="abc">"#,
                r#"<noscript><button id="form-post-submit""#,
            ],
        );
        assert!(html.contains(r#"/form_post.js" defer></script>"#));
    }

    #[test]
    fn s5_a_hostile_state_stays_a_value() {
        assert!(render(&page(HOSTILE)).contains("&#60;script"));
        let hostile = || HOSTILE.to_owned();
        let brand = Brand { name: hostile(), ..brand() };
        assert_harmless(&FormPostPage { brand, target: hostile(), fields: vec![(hostile(), hostile())] });
    }
}
