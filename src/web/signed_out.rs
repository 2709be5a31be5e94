//! Signing out here and there: the way back from a provider (OIDC RP-Initiated Logout §3), and what a provider tells by
//! itself (OIDC Back-Channel Logout §2.5).

use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};

use super::logout::LoggedOutPage;
use crate::app::App;
use crate::base::{Result, SessionId};
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::brand_of;
use crate::http::{Browser, Form, OAuthError, Page, PageError, Tenant};
use crate::store::audit::Event;
use crate::tokens::Ending;

/// The member of a browser's data that holds where it goes after a sign-out elsewhere.
const MEMBER: &str = "signed_out";

/// Sends a browser whose sign-in here has ended to the provider that it rested on, to end it there as well. None when
/// there is nothing to end there.
pub async fn there(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    session: &SessionId,
    return_to: Option<&str>,
) -> Result<Option<String>> {
    let address = app.federation.sign_out_there(tenant, session).await?;
    if address.is_some() {
        browser.put(MEMBER, return_to).await?;
    }
    Ok(address)
}

/// `GET {T}/login/{provider}/signed-out`: on to where the application wanted the browser, which was proven before.
pub async fn back(tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    if let Some(address) = browser.take::<Option<String>>(MEMBER).await?.flatten() {
        return see_other(&address);
    }
    let page = LoggedOutPage { brand: brand_of(&tenant), signed_out: true, continue_href: None };
    Ok(Page::new(page).into_response())
}

/// `POST {T}/login/{provider}/backchannel-logout`, by a provider.
pub async fn told(
    State(app): State<App>,
    tenant: Tenant,
    Path((_, slug)): Path<(String, String)>,
    Form(form): Form,
) -> Result<Response, OAuthError> {
    let provider = app.federation.named(&tenant, &slug).await?;
    let ended = app.federation.ended_upstream(&tenant, &provider, form.require("logout_token")?).await?;
    for session in ended {
        let event = Event::new(&tenant.id, app.clock.now(), "user.logout").by(provider.id.as_str());
        let event = event.on(session.as_str()).from(&origin());
        app.tokens.end(&tenant.id, Ending::Session(&session), event).await?;
    }
    Ok([(CACHE_CONTROL, "no-store")].into_response())
}
