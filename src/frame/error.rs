//! The error page: a refusal or fault for human eyes. It has no form, and names nothing but the request.

use askama::Template;

use super::brand::Brand;

/// What went wrong, and the number to ask about.
#[derive(Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    /// The tenant, or the platform where none is known.
    pub brand: Brand,
    /// A few words.
    pub title: String,
    /// The code, as machines read it.
    pub code: String,
    /// One sentence.
    pub description: String,
    /// The request id.
    pub request_id: String,
}

/// The description as people write: a capital first, a full stop last.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Words;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, save};

    #[test]
    fn the_error_page_keeps_its_hooks_and_has_no_form() {
        let page = ErrorPage {
            brand: Brand::platform(),
            title: Words::default().title_of(400),
            code: "invalid_request".to_owned(),
            description: "The redirect_uri is not registered for this client.".to_owned(),
            request_id: "01934d2e-7a60-7c3e-9d51-6c1f2b8c0a11".to_owned(),
        };
        let html = save("error", &page);
        assert_hooks(
            &html,
            &[
                r#"<body data-page="error">"#,
                r#"<dd id="error-code">invalid_request</dd>"#,
                r#"<p id="error-description" class="muted">The redirect_uri"#,
                r#"<dd id="request-id">01934d2e"#,
            ],
        );
        assert!(!html.contains("<form"));
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        let hostile = || HOSTILE.to_owned();
        assert_harmless(&ErrorPage {
            brand: Brand { name: hostile(), ..Brand::platform() },
            title: hostile(),
            code: hostile(),
            description: hostile(),
            request_id: hostile(),
        });
    }
}
