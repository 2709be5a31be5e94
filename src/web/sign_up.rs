//! Sign-up: name, address and password on one page. What follows is a mail, whoever the address belongs to (W-009).

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::address::sent_page;
use super::mailed_link::status_of;
use super::turn::{Turn, check};
use crate::accounts::SignUp;
use crate::app::App;
use crate::base::{Code, Email, Params, Refusal, Result, Secret, Stop};
use crate::frame::{Brand, ShownClient};
use crate::http::page::{brand_of, here, words_for};
use crate::http::routes::{LOGIN, SIGN_UP};
use crate::http::{Browser, Caller, Form, Page, PageError, Query, Tenant};
use crate::store::users::Profile;

/// What the browser remembers while its person looks for the mail: the request that waits.
pub const WAITING: &str = "signing_up";

/// `GET {T}/signup`, with the reference of the request that waits, or without one.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    if !tenant.settings.self_registration {
        return Err(Refusal::new(Code::Forbidden, "people cannot sign themselves up here").into());
    }
    let hint = match turn(&app, &tenant, &browser, &query).await? {
        Some(turn) => turn.request().login_hint.clone().unwrap_or_default(),
        None => String::new(),
    };
    let told = Told { name: "", email: &hint, refused: None };
    show(&app, (&tenant, &browser), &query, told).await
}

/// `POST {T}/signup`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    (headers, caller): (HeaderMap, Caller),
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let typed = form.raw("email").unwrap_or_default();
    let refused = match sign_up(&tenant, &form) {
        Ok(new) => match app.accounts.register(&tenant, new.clone(), &caller.0).await {
            Ok(_) => {
                if let Some(reference) = form.get("request") {
                    browser.put(WAITING, reference).await?;
                }
                return Ok(sent_page(&tenant, &new.email).answer().into_response());
            }
            Err(Stop::Refused(refusal)) => refusal,
            Err(fault) => return Err(fault.into()),
        },
        Err(refusal) => refusal,
    };
    let told = Told { name: form.raw("name").unwrap_or_default(), email: typed, refused: Some(refused) };
    show(&app, (&tenant, &browser), &form, told).await
}

fn sign_up(tenant: &Tenant, form: &Params) -> Result<SignUp, Refusal> {
    let email = form.raw("email").unwrap_or_default().parse::<Email>();
    let locale = words_for(tenant).tag().to_owned();
    Ok(SignUp {
        metadata: serde_json::Map::new(),
        email: email.map_err(|_| Refusal::new(Code::Unprocessable, "this is not an e-mail address"))?,
        username: None,
        password: Some(Secret::new(form.raw("password").unwrap_or_default())),
        profile: Profile { name: form.get("name").map(str::to_owned), locale: Some(locale), ..Profile::default() },
        redirect: None,
    })
}

async fn turn<'a>(app: &'a App, tenant: &'a Tenant, browser: &Browser, params: &'a Params) -> Result<Option<Turn<'a>>> {
    match params.get("request") {
        Some(reference) => Turn::find(app, tenant, browser, reference).await.map(Some),
        None => Ok(None),
    }
}

/// What was typed before, and why it was refused.
struct Told<'a> {
    name: &'a str,
    email: &'a str,
    refused: Option<Refusal>,
}

async fn show(
    app: &App,
    (tenant, browser): (&Tenant, &Browser),
    params: &Params,
    told: Told<'_>,
) -> Result<Response, PageError> {
    let client = match turn(app, tenant, browser, params).await? {
        Some(turn) => Some(turn.client().await?),
        None => None,
    };
    let request = params.get("request").unwrap_or_default().to_owned();
    let login = here(tenant, LOGIN);
    let brand = brand_of(tenant);
    let status = status_of(told.refused.as_ref());
    let page = SignUpPage {
        client,
        action: here(tenant, SIGN_UP),
        csrf: browser.csrf().await?,
        login_href: if request.is_empty() { login } else { format!("{login}?request={request}") },
        request,
        name: told.name.to_owned(),
        email: told.email.to_owned(),
        error: told.refused.map(|refusal| brand.words.refusal(&refusal)),
        shortest: tenant.settings.passwords.shortest,
        brand,
    };
    Ok(Page::new(page).status(status).into_response())
}

/// The form. What it sends back is `request`, `csrf`, `name`, `email` and `password`.
#[derive(Template)]
#[template(path = "pages/sign_up.html")]
pub struct SignUpPage {
    /// The tenant.
    pub brand: Brand,
    /// The application that waits.
    pub client: Option<ShownClient>,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// The reference of the waiting authorization request; empty without one.
    pub request: String,
    /// What was typed before.
    pub name: String,
    /// What was typed before, or the `login_hint`.
    pub email: String,
    /// Why the last try did not succeed.
    pub error: Option<String>,
    /// Fewest characters of a password.
    pub shortest: usize,
    /// For those who have an account.
    pub login_href: String,
}

#[cfg(test)]
mod tests;
