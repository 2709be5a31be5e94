//! The way out of the console: the tenant's end-session endpoint asks, and the browser comes back here.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use url::Url;

use super::desk::Halt;
use super::home::Home;
use crate::app::App;
use crate::clients::CONSOLE as CLIENT_ID;
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::routes::{CONSOLE, LOGOUT};
use crate::http::{Browser, Page};

/// `GET {console}/sign-out`: to the question whether the session shall end (OIDC RP-Initiated Logout §2).
pub async fn leave(State(app): State<App>, home: Home) -> Result<Response, Halt> {
    let [signed_in, signed_out] = home.back();
    app.clients.console(&home.tenant, [&signed_in, &signed_out]).await?;
    let mut url = Url::parse(&format!("{}{LOGOUT}", home.tenant.issuer))?;
    url.query_pairs_mut().append_pair("client_id", CLIENT_ID).append_pair("post_logout_redirect_uri", &signed_out);
    Ok(see_other(url.as_str())?)
}

/// `GET {console}/signed-out`.
pub async fn get(State(app): State<App>, home: Home, browser: Browser) -> Result<Response, Halt> {
    if browser.sign_in().await?.is_some() {
        if browser.person(&app, &home.tenant).await?.is_some() {
            return Ok(see_other(&home.path(CONSOLE))?);
        }
        browser.signed_out().await?;
    }
    Ok(Page::new(SignedOutPage { brand: home.brand(), console_href: home.path(CONSOLE) }).into_response())
}

/// The page.
#[derive(Template)]
#[template(path = "pages/console/signed_out.html")]
pub struct SignedOutPage {
    /// How the page looks.
    pub brand: Brand,
    /// The way back in.
    pub console_href: String,
}
