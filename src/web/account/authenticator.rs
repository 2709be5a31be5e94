//! The authenticator app and the recovery codes: `{T}/account/authenticator`.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::recovery_codes::shown_once;
use super::shell::{Section, Shell, When, proven_visitor};
use crate::accounts::factors::TotpSetup;
use crate::app::App;
use crate::base::{Actor, Params, Refusal, Result, Secret, Stop};
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::ACCOUNT_AUTHENTICATOR;
use crate::http::{Browser, Form, Page, PageError, Tenant};
use crate::sessions::SignedIn;
use crate::web::turn::check;

/// Shows what there is, or how to set it up, to whoever proved lately who they are (W-038).
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    match proven_visitor((&app, &tenant, &browser), ACCOUNT_AUTHENTICATOR).await? {
        Ok(who) => show((&app, &tenant, &browser), &who, None).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Confirms, removes, or makes new recovery codes.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let who = match proven_visitor((&app, &tenant, &browser), ACCOUNT_AUTHENTICATOR).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match change((&app, &tenant), &who, &form).await {
        Ok(codes) if codes.is_empty() => see_other(&here(&tenant, ACCOUNT_AUTHENTICATOR)),
        Ok(codes) => Ok(shown_once(&tenant, &codes, ACCOUNT_AUTHENTICATOR)),
        Err(Stop::Refused(refusal)) => show((&app, &tenant, &browser), &who, Some(refusal)).await,
        Err(fault) => Err(fault.into()),
    }
}

/// Does what was asked for; the recovery codes that come of it are shown once.
async fn change((app, tenant): (&App, &Tenant), who: &SignedIn, form: &Params) -> Result<Vec<Secret>> {
    let by = Actor { id: who.user.id.to_string(), origin: origin() };
    match form.get("decision") {
        Some("remove") => app.factors.remove_totp(tenant, &who.user, &by).await.map(|()| Vec::new()),
        Some("codes") => app.factors.renew_recovery_codes(tenant, &who.user, &by).await,
        _ => app.factors.confirm_totp(tenant, &who.user, form.raw("code").unwrap_or_default(), &by).await,
    }
}

async fn show(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    who: &SignedIn,
    refused: Option<Refusal>,
) -> Result<Response, PageError> {
    let held = app.factors.overview(tenant, &who.user).await?;
    let setup = match (&held.totp, app.factors.waiting_totp(tenant, &who.user).await?) {
        (Some(_), _) => None,
        (None, Some(waiting)) => Some(waiting),
        (None, None) => Some(app.factors.begin_totp(tenant, &who.user).await?),
    };
    let status = refused.as_ref().map_or(200, |refusal| refusal.code.status());
    let brand = brand_of(tenant);
    let page = AuthenticatorPage {
        shell: Shell::new(tenant, brand.words, Section::Security),
        action: here(tenant, ACCOUNT_AUTHENTICATOR),
        csrf: browser.csrf().await?,
        since: held.totp.map(|totp| When::new(brand.words, totp.created_at, app.clock.now())),
        codes_left: held.recovery_codes,
        has_second: setup.is_none() || !held.passkeys.is_empty(),
        setup,
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// The forms. What they send back is `csrf` and `code`, or `decision` (`remove` or `codes`).
#[derive(Template)]
#[template(path = "pages/account_authenticator.html")]
pub struct AuthenticatorPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the forms go.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// Since when there is an app.
    pub since: Option<When>,
    /// What one is set up with, when there is none.
    pub setup: Option<TotpSetup>,
    /// Recovery codes that are left.
    pub codes_left: i64,
    /// Whether there is something that recovery codes stand in for.
    pub has_second: bool,
    /// Why the last try did not succeed.
    pub error: Option<String>,
}
