//! Sign-out: the question, and what is shown after it (OIDC RP-Initiated Logout §2, §3).

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::signed_out;
use super::turn::check;
use crate::app::App;
use crate::authorization::sign_out::SignOut;
use crate::base::Params;
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::{LOGOUT, SIGN_OUT};
use crate::http::{Browser, Form, Page, PageError, Query, Tenant};
use crate::sessions::SignedIn;
use crate::store::audit::Event;
use crate::tokens::Ending;

/// What the question carries through to its answer, where it is checked again.
const CARRIED: [&str; 4] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

/// `GET {T}/oauth/logout`, the end-session endpoint, and `GET {T}/logout`, which is it without parameters.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(params): Query,
) -> Result<Response, PageError> {
    let asked = app.authorization.sign_out(&tenant, &params).await?;
    match browser.person(&app, &tenant).await? {
        None => over(&tenant, &asked),
        Some(who) if asked.is_of(&who) => end((&app, &tenant, &browser), &who, &asked).await,
        Some(who) => ask((&app, &tenant, &browser), &asked, (&who, &params)).await,
    }
}

/// `POST {T}/oauth/logout`. A form from another site comes without our cookie (it is `SameSite=Lax`), so the browser
/// is sent here again by GET, and then brings it.
pub async fn post(
    state: State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(params): Form,
) -> Result<Response, PageError> {
    if headers.contains_key(COOKIE) {
        return get(state, tenant, browser, Query(params)).await;
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(params.iter()).finish();
    see_other(&format!("{}?{query}", here(&tenant, LOGOUT)))
}

/// `POST {T}/logout`, the answer to the question.
pub async fn confirm(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let asked = app.authorization.sign_out(&tenant, &form).await?;
    if form.get("decision") != Some("logout") {
        let page = LoggedOutPage { brand: brand_of(&tenant), signed_out: false, continue_href: asked.return_to };
        return Ok(Page::new(page).into_response());
    }
    if let Some(who) = browser.person(&app, &tenant).await? {
        return end((&app, &tenant, &browser), &who, &asked).await;
    }
    over(&tenant, &asked)
}

async fn end(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    who: &SignedIn,
    asked: &SignOut,
) -> Result<Response, PageError> {
    let event = Event::new(&tenant.id, app.clock.now(), "user.logout").by(who.user.id.as_str());
    let event = event.on(who.session.id.as_str()).from(&origin());
    app.tokens.end(&tenant.id, Ending::Session(&who.session.id), event).await?;
    browser.signed_out().await?;
    match signed_out::there((app, tenant, browser), &who.session.id, asked.return_to.as_deref()).await? {
        Some(address) => see_other(&address),
        None => over(tenant, asked),
    }
}

fn over(tenant: &Tenant, asked: &SignOut) -> Result<Response, PageError> {
    if let Some(address) = &asked.return_to {
        return see_other(address);
    }
    let page = LoggedOutPage { brand: brand_of(tenant), signed_out: true, continue_href: None };
    Ok(Page::new(page).into_response())
}

async fn ask(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    asked: &SignOut,
    (who, params): (&SignedIn, &Params),
) -> Result<Response, PageError> {
    let carried = CARRIED.iter().filter_map(|name| Some(((*name).to_owned(), params.get(name)?.to_owned())));
    let page = Page::new(LogoutPage {
        brand: brand_of(tenant),
        action: here(tenant, SIGN_OUT),
        csrf: browser.csrf().await?,
        account: Some(who.user.name_to_show().to_owned()),
        client_name: asked.client.as_ref().map(|client| client.name.clone()),
        fields: carried.collect(),
    });
    let there = app.federation.sign_out_there(tenant, &who.session.id).await?;
    let leads_to = asked.return_to.iter().chain(&there);
    Ok(leads_to.fold(page, |page, address| page.leading_to(address)).into_response())
}

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

impl LogoutPage {
    /// What comes before and after the application's name.
    fn asks(&self) -> (String, String) {
        self.brand.words.around("logout-client-asks", "tenant", &self.brand.name)
    }
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
    fn title(&self) -> String {
        let words = self.brand.words;
        if self.signed_out { words.say("logged-out-title") } else { words.say("logged-out-kept-title") }
    }
}

#[cfg(test)]
mod tests;
