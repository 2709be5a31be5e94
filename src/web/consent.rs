//! Consent: what the application asks for, and the person's answer.

use askama::Template;

use crate::frame::Brand;
use crate::frame::ShownClient;

/// The form. What it sends back is `request`, `csrf`, one `scope` per thing allowed, and `decision` (`allow`, `deny`).
#[derive(Template)]
#[template(path = "pages/consent.html")]
pub struct ConsentPage {
    /// The tenant.
    pub brand: Brand,
    /// The application that asks.
    pub client: ShownClient,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// The reference of the waiting authorization request, bound to this browser.
    pub request: String,
    /// Who is signed in.
    pub account: String,
    /// What is asked for.
    pub scopes: Vec<ShownScope>,
    /// The host that the browser returns to.
    pub return_host: Option<String>,
}

/// One scope in words.
pub struct ShownScope {
    /// The scope token.
    pub value: String,
    /// What it is.
    pub title: String,
    /// What it lets the application do.
    pub text: String,
    /// Whether it cannot be left out (`openid`).
    pub required: bool,
}

impl ShownScope {
    /// The words for a scope; one that we do not know is shown as it is written.
    #[must_use]
    pub fn of(value: &str) -> Self {
        let (title, text) = match value {
            "openid" => ("Know who you are", "A stable identifier of your account."),
            "profile" => ("Your profile", "Name, picture, language and the like."),
            "email" => ("Your e-mail address", "And whether it has been verified."),
            "phone" => ("Your phone number", "And whether it has been verified."),
            "address" => ("Your postal address", ""),
            "offline_access" => ("Access while you are away", "Until you or the application end it."),
            _ => (value, ""),
        };
        let required = value == "openid";
        Self { value: value.to_owned(), title: title.to_owned(), text: text.to_owned(), required }
    }
}

impl ConsentPage {
    fn initial(&self) -> String {
        self.account.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, client, save};

    fn page() -> ConsentPage {
        let scopes = ["openid", "profile", "email", "offline_access", "reports:read"].map(ShownScope::of).into();
        ConsentPage {
            brand: brand(),
            client: client(),
            action: "/t/demo/consent".to_owned(),
            csrf: "c5rf".to_owned(),
            request: "r3f".to_owned(),
            account: "ada@demo.test".to_owned(),
            scopes,
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
            return_host: Some(hostile()),
        });
    }
}
