//! Sign-out: the question, and what is shown after it (OIDC RP-Initiated Logout §2, §3).

use askama::Template;

use crate::frame::Brand;

/// The question. What it sends back is `csrf`, the hidden `fields` and `decision` (`logout` or `cancel`).
#[derive(Template)]
#[template(path = "pages/logout.html")]
pub struct LogoutPage {
    /// The tenant.
    pub brand: Brand,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// Who is signed in.
    pub account: Option<String>,
    /// The application that asks for the sign-out.
    pub client_name: Option<String>,
    /// What the answer must bring back.
    pub fields: Vec<(String, String)>,
}

/// The end.
#[derive(Template)]
#[template(path = "pages/logged_out.html")]
pub struct LoggedOutPage {
    /// The tenant.
    pub brand: Brand,
    /// Whether the session ended, or the person chose to keep it.
    pub signed_out: bool,
    /// Where to go on, when there is a registered place.
    pub continue_href: Option<String>,
}

impl LoggedOutPage {
    fn title(&self) -> &'static str {
        if self.signed_out { "You are signed out" } else { "You are still signed in" }
    }
}

#[cfg(test)]
mod tests {
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
}
