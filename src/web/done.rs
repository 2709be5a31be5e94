//! The page after something was done or sent: what happened, and where to go from here.

use askama::Template;

use crate::frame::Brand;
use crate::http::Page;

/// What happened.
#[derive(Template)]
#[template(path = "pages/done.html")]
pub struct DonePage {
    /// The tenant.
    pub brand: Brand,
    /// The page's name for programs.
    pub page: &'static str,
    /// In a few words.
    pub title: String,
    /// In a sentence or two.
    pub text: String,
    /// What else has to be said.
    pub note: Option<String>,
    /// Where to go, and what that is called.
    pub next: Option<(String, String)>,
}

impl DonePage {
    /// As an answer.
    #[must_use]
    pub fn answer(self) -> Page<Self> {
        Page::new(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

    fn page(text: &str) -> DonePage {
        let text = || text.to_owned();
        let next = Some((text(), text()));
        DonePage { brand: brand(), page: "verified", title: text(), text: text(), note: Some(text()), next }
    }

    #[test]
    fn the_page_says_what_happened_and_where_to_go() {
        let html = save("done", &page("Done"));
        assert_hooks(&html, &[r#"<body data-page="verified">"#, r#"id="done""#, r#"id="continue""#]);
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        assert_harmless(&page(HOSTILE));
    }
}
