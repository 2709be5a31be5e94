//! Sign-in: user name and password on one page.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use uuid::Uuid;

use super::arrival::{arrive, client_of, stay};
use super::link;
use super::login_with::Providers;
use super::passkey::PasskeyForm;
use super::turn::{Turn, check};
use crate::accounts::UNVERIFIED;
use crate::accounts::engine::Entrance;
use crate::app::App;
use crate::base::{Code, Method, Origin, Params, Refusal, Result, Secret, Slug, Stop};
use crate::frame::{Brand, ShownClient, ShownPuzzle};
use crate::http::answer::see_other;
use crate::http::page::{brand_of, here};
use crate::http::routes::{FORGOT_PAGE, LOGIN, LOGIN_EMAIL, SIGN_UP, VERIFY_PAGE};
use crate::http::{Browser, Caller, Form, Page, PageError, Query, Tenant};

/// `GET {T}/login`, with the reference of the request that waits, or without one.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    let turn = turn(&app, &tenant, &browser, &query).await?;
    stay(&browser, false).await?;
    let hint = match turn.as_ref().and_then(|turn| turn.request().login_hint.clone()) {
        Some(hint) => Some(hint),
        None => link::proposed(&browser).await?,
    };
    show((&app, &tenant, &browser), turn.as_ref(), (&hint.unwrap_or_default(), None)).await
}

/// `POST {T}/login`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    (headers, caller): (HeaderMap, Caller),
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let turn = turn(&app, &tenant, &browser, &form).await?;
    if form.get("decision") == Some("cancel") {
        return match turn {
            Some(turn) => turn.deny().await,
            None => see_other(&here(&tenant, LOGIN)),
        };
    }
    let username = form.raw("username").unwrap_or_default();
    let password = Secret::new(form.raw("password").unwrap_or_default());
    let solution = form.get("challenge_solution").filter(|solution| !solution.is_empty()).map(str::to_owned);
    let origin = Origin { solution: solution.or(caller.0.solution), ..caller.0 };
    let first = match app.accounts.authenticate(&tenant, username, &password, &origin).await {
        Ok(first) => first,
        Err(Stop::Refused(refusal)) => {
            return show((&app, &tenant, &browser), turn.as_ref(), (username, Some(refusal))).await;
        }
        Err(fault) => return Err(fault.into()),
    };
    stay(&browser, form.get("remember_me") == Some("yes")).await?;
    Box::pin(arrive((&app, &tenant, &browser), turn, first)).await
}

/// The request that waits, if the browser came with one.
pub async fn turn<'a>(
    app: &'a App,
    tenant: &'a Tenant,
    browser: &Browser,
    params: &'a Params,
) -> Result<Option<Turn<'a>>> {
    match params.get("request") {
        Some(reference) => Turn::find(app, tenant, browser, reference).await.map(Some),
        None => Ok(None),
    }
}

/// The page, with what was typed before and why it was refused.
pub async fn show(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    turn: Option<&Turn<'_>>,
    (username, refused): (&str, Option<Refusal>),
) -> Result<Response, PageError> {
    let status = match refused.as_ref().map(|refusal| refusal.code) {
        Some(Code::TooManyRequests) => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::OK,
    };
    let client = match turn {
        Some(turn) => Some(turn.client().await?),
        None => None,
    };
    let brand = brand_of(tenant);
    let mut providers = Providers::of(app, tenant, turn, username).await?;
    let lead_to = std::mem::take(&mut providers.lead_to);
    let reference = turn.map(Turn::reference).unwrap_or_default();
    let known = client_of(turn).await?;
    let (nowhere, policy) = (Origin::default(), known.as_deref().map(|client| &client.policy.0));
    let entrance = Entrance { client: policy, ..Entrance::new(tenant, &nowhere) };
    let by_mail = tenant.settings.sign_in.email_code || tenant.settings.sign_in.magic_link;
    let page = LoginPage {
        passkey: PasskeyForm::of_login(app, tenant)?,
        by_mail_href: by_mail.then(|| format!("{}?request={reference}", here(tenant, LOGIN_EMAIL))),
        providers,
        client,
        action: here(tenant, LOGIN),
        csrf: browser.csrf().await?,
        request: turn.map_or_else(String::new, |turn| turn.reference().to_owned()),
        username: username.to_owned(),
        password: entrance.allows(Method::Password),
        remember: tenant.settings.lifetimes.session_remembered.0 > 0,
        verify_href: refused
            .as_ref()
            .filter(|refusal| refusal.description == UNVERIFIED)
            .map(|_| here(tenant, VERIFY_PAGE)),
        puzzle: refused.as_ref().and_then(ShownPuzzle::of),
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        organization: turn.and_then(|turn| turn.request().organization.clone()).filter(|named| is_slug(named)),
        brand,
        forgot_href: Some(here(tenant, FORGOT_PAGE)),
        sign_up_href: sign_up_href(tenant, turn),
    };
    let page = lead_to.iter().fold(Page::new(page).status(status), |page, there| page.leading_to(there));
    Ok(match turn {
        Some(turn) => page.leading_to(&turn.request().return_to.redirect_uri).into_response(),
        None => page.into_response(),
    })
}

/// What names an organization in words. It is shown as it was asked for: whether there is such a one is not told here.
fn is_slug(named: &str) -> bool {
    named.parse::<Slug>().is_ok() && Uuid::try_parse(named).is_err()
}

/// The way to a new account, where people may make one; the request that waits goes along.
fn sign_up_href(tenant: &Tenant, turn: Option<&Turn<'_>>) -> Option<String> {
    let page = here(tenant, SIGN_UP);
    let href = turn.map_or_else(|| page.clone(), |turn| format!("{page}?request={}", turn.reference()));
    tenant.settings.self_registration.then_some(href)
}

/// The form. What it sends back is `request`, `csrf`, `username`, `password` and `decision` (`sign-in` or `cancel`).
#[derive(Template)]
#[template(path = "pages/login.html")]
pub struct LoginPage {
    /// The tenant.
    pub brand: Brand,
    /// The application that waits; none when someone comes without one.
    pub client: Option<ShownClient>,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// The reference of the waiting authorization request, bound to this browser; empty without one.
    pub request: String,
    /// The organization that the application asks about, as it named it.
    pub organization: Option<String>,
    /// What the user name field holds at first: the `login_hint`, or what was typed before.
    pub username: String,
    /// Why the last try did not succeed; the same sentence whether the account exists or not.
    pub error: Option<String>,
    /// Whether there is a password to sign in with.
    pub password: bool,
    /// Whether one may stay signed in when the browser is closed.
    pub remember: bool,
    /// The way to another verification mail, for whom one waits.
    pub verify_href: Option<String>,
    /// The passkey's form.
    pub passkey: Option<PasskeyForm>,
    /// The way in by mail.
    pub by_mail_href: Option<String>,
    /// Others to sign in with.
    pub providers: Providers,
    /// What the browser has to solve before it may try again.
    pub puzzle: Option<ShownPuzzle>,
    /// The way to a new password.
    pub forgot_href: Option<String>,
    /// The way to a new account.
    pub sign_up_href: Option<String>,
}

#[cfg(test)]
mod tests;
