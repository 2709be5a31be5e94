//! Another password: `{T}/account/password`. Every other session ends; this one goes on under a new cookie.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::shell::{Section, Shell, proven_visitor, visitor};
use crate::app::App;
use crate::base::{Refusal, Secret, Stop};
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::page::{brand_of, here};
use crate::http::routes::{ACCOUNT_PASSWORD, ACCOUNT_SECURITY};
use crate::http::{Browser, Caller, Form, Page, PageError, Tenant};
use crate::sessions::SignedIn;
use crate::store::endings::Kept;
use crate::web::turn::check;

/// Whoever is signed in; who has no password to show has to have proved lately who they are (W-026).
pub(super) async fn entitled(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    path: &'static str,
) -> Result<Result<(SignedIn, bool), Response>, PageError> {
    let who = match visitor((app, tenant, browser), path).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(Err(elsewhere)),
    };
    if app.accounts.has_password(tenant, &who.user.id).await? {
        return Ok(Ok((who, true)));
    }
    Ok(proven_visitor((app, tenant, browser), path).await?.map(|who| (who, false)))
}

/// Shows the form.
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    match entitled((&app, &tenant, &browser), ACCOUNT_PASSWORD).await? {
        Ok((_, has)) => show(&tenant, &browser, has, None).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Sets it.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    (headers, caller): (HeaderMap, Caller),
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let (who, has) = match entitled((&app, &tenant, &browser), ACCOUNT_PASSWORD).await? {
        Ok(entitled) => entitled,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let current = form.raw("current_password").filter(|_| has).map(Secret::new);
    let new = Secret::new(form.raw("new_password").unwrap_or_default());
    let kept = Kept { session: Some(who.session.id.clone()), grant: None };
    let change = (current.as_ref(), &new);
    match app.accounts.change_password(&tenant, &who.user, change, (&kept, &caller.0)).await {
        Ok(()) => {
            app.tokens.catch_up().await?;
            browser.signed_in(&who.session.id, who.user.role).await?;
            see_other(&format!("{}?saved=1", here(&tenant, ACCOUNT_SECURITY)))
        }
        Err(Stop::Refused(refusal)) => show(&tenant, &browser, has, Some(refusal)).await,
        Err(fault) => Err(fault.into()),
    }
}

async fn show(tenant: &Tenant, browser: &Browser, has: bool, refused: Option<Refusal>) -> Result<Response, PageError> {
    let status = refused.as_ref().map_or(200, |refusal| refusal.code.status());
    let brand = brand_of(tenant);
    let page = PasswordPage {
        shell: Shell::new(tenant, brand.words, Section::Security),
        action: here(tenant, ACCOUNT_PASSWORD),
        csrf: browser.csrf().await?,
        back: here(tenant, ACCOUNT_SECURITY),
        has,
        shortest: tenant.settings.passwords.shortest,
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// The form. What it sends back is `csrf`, `current_password` and `new_password`.
#[derive(Template)]
#[template(path = "pages/account_password.html")]
pub struct PasswordPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the form goes.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// Where it goes on when nothing changes.
    pub back: String,
    /// Whether there is a password already.
    pub has: bool,
    /// How many characters it has at least.
    pub shortest: usize,
    /// Why it was not done.
    pub error: Option<String>,
}
