//! The page behind the links of our mails: it says what the link does and does it when its button is pressed. Opening
//! it, as mail scanners do, changes nothing (W-134).

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::base::{Code, Refusal, Result};
use crate::frame::Brand;
use crate::http::page::{brand_of, here};
use crate::http::{Browser, Page, PageError, Tenant};

/// What is said on the page of one kind of link.
pub struct Wording {
    /// The page's name for programs.
    pub page: &'static str,
    /// Where the form goes, below the issuer.
    pub path: &'static str,
    /// Its heading.
    pub title: String,
    /// What pressing the button does.
    pub text: String,
    /// What is on the button.
    pub button: String,
    /// Whether a new password is asked for.
    pub password: bool,
    /// Whether the person's name is asked for.
    pub name: bool,
}

/// The page, and why the last try did not succeed.
pub async fn show(
    tenant: &Tenant,
    browser: &Browser,
    (wording, token): (Wording, &str),
    refused: Option<Refusal>,
) -> Result<Response, PageError> {
    let status = status_of(refused.as_ref());
    let brand = brand_of(tenant);
    let page = LinkPage {
        action: here(tenant, wording.path),
        csrf: browser.csrf().await?,
        token: token.to_owned(),
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        shortest: tenant.settings.passwords.shortest,
        wording,
        brand,
    };
    Ok(Page::new(page).status(status).into_response())
}

/// A form that was not accepted is shown again as what it is; only too many tries are told apart.
#[must_use]
pub fn status_of(refused: Option<&Refusal>) -> StatusCode {
    match refused.map(|refusal| refusal.code) {
        None => StatusCode::OK,
        Some(Code::TooManyRequests) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Whether the person can do something about it on the same page; otherwise the link is over.
#[must_use]
pub const fn can_be_mended(refusal: &Refusal) -> bool {
    matches!(refusal.code, Code::Unprocessable | Code::InvalidRequest | Code::TooManyRequests | Code::Conflict)
}

/// The form. What it sends back is `csrf`, `token`, and `password` and `name` where they are asked for.
#[derive(Template)]
#[template(path = "pages/mailed_link.html")]
pub struct LinkPage {
    /// The tenant.
    pub brand: Brand,
    /// What is said.
    pub wording: Wording,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// The link's secret.
    pub token: String,
    /// Why the last try did not succeed.
    pub error: Option<String>,
    /// Fewest characters of a password.
    pub shortest: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

    fn page(text: &str) -> LinkPage {
        let text = || text.to_owned();
        let wording = Wording {
            page: "verify-email",
            path: "/verify-email",
            title: text(),
            text: text(),
            button: text(),
            password: true,
            name: true,
        };
        let (action, csrf, token, error) = (text(), text(), text(), Some(text()));
        LinkPage { brand: brand(), wording, action, csrf, token, error, shortest: 8 }
    }

    #[test]
    fn the_page_of_a_link_keeps_its_hooks() {
        let html = save("mailed-link", &page("Confirm"));
        assert_hooks(
            &html,
            &[
                r#"<body data-page="verify-email">"#,
                r#"<form id="link-form""#,
                r#"id="link-submit""#,
                r#"id="link-error" class="notice" role="alert""#,
                r#"autocomplete="new-password""#,
            ],
        );
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        assert_harmless(&page(HOSTILE));
    }
}
