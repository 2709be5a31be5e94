//! Who is signed in here.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::page::{brand_of, here};
use crate::http::routes::{LOGIN, SIGN_OUT};
use crate::http::{Browser, Page, PageError, Tenant};

/// `GET {T}/account`.
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    let Some(who) = browser.person(&app, &tenant).await? else { return see_other(&here(&tenant, LOGIN)) };
    let page = AccountPage {
        brand: brand_of(&tenant),
        name: who.user.profile.name.clone().unwrap_or_else(|| who.user.name_to_show().to_owned()),
        account: who.user.name_to_show().to_owned(),
        since: who.session.auth_time.rfc3339(),
        sign_out_href: here(&tenant, SIGN_OUT),
    };
    Ok(Page::new(page).into_response())
}

/// The page of somebody who is signed in.
#[derive(Template)]
#[template(path = "pages/account.html")]
pub struct AccountPage {
    /// The tenant.
    pub brand: Brand,
    /// The person's name.
    pub name: String,
    /// What the person signs in with.
    pub account: String,
    /// When the person did.
    pub since: String,
    /// The way out.
    pub sign_out_href: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::testing::{HOSTILE, assert_harmless, assert_hooks, brand, save};

    #[test]
    fn the_account_page_says_who_is_signed_in() {
        let page = AccountPage {
            brand: brand(),
            name: "Ada Lovelace".to_owned(),
            account: "ada@demo.test".to_owned(),
            since: "2026-11-21T10:40:12Z".to_owned(),
            sign_out_href: "/t/demo/logout".to_owned(),
        };
        let html = save("account", &page);
        assert_hooks(&html, &[r#"<body data-page="account">"#, r#"id="sign-out""#, r#"<span id="account-name""#]);
    }

    #[test]
    fn w043_no_field_escapes_its_place() {
        let hostile = || HOSTILE.to_owned();
        assert_harmless(&AccountPage {
            brand: Brand { name: hostile(), ..brand() },
            name: hostile(),
            account: hostile(),
            since: hostile(),
            sign_out_href: hostile(),
        });
    }
}
