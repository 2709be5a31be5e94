//! A person's passkeys: `{T}/account/passkeys`. Making one needs the script; the list works without it.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::shell::{Section, Shell, When, proven_visitor};
use crate::accounts::factors::passkeys_are_possible;
use crate::app::App;
use crate::base::{Actor, Params, Refusal, Result, Stop};
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::ACCOUNT_PASSKEYS;
use crate::http::{Browser, Form, Page, PageError, Tenant};
use crate::sessions::SignedIn;
use crate::web::passkey::{PasskeyForm, answered};
use crate::web::turn::check;

/// Shows them, to whoever proved lately who they are (W-038).
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    match proven_visitor((&app, &tenant, &browser), ACCOUNT_PASSKEYS).await? {
        Ok(who) => show((&app, &tenant, &browser), &who, None).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Adds or removes one.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let who = match proven_visitor((&app, &tenant, &browser), ACCOUNT_PASSKEYS).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match change((&app, &tenant), &who, &form).await {
        Ok(()) => see_other(&here(&tenant, ACCOUNT_PASSKEYS)),
        Err(Stop::Refused(refusal)) => show((&app, &tenant, &browser), &who, Some(refusal)).await,
        Err(fault) => Err(fault.into()),
    }
}

/// Does what was asked for.
async fn change((app, tenant): (&App, &Tenant), who: &SignedIn, form: &Params) -> Result<()> {
    let by = Actor { id: who.user.id.to_string(), origin: origin() };
    if let Some(id) = form.get("remove") {
        return app.factors.remove_passkey(tenant, &who.user, id, &by).await;
    }
    let (token, answer) = answered(form);
    let added = app.factors.read_registration(tenant, &who.user, (&token, &answer)).await?;
    app.factors.add_passkey(tenant, &who.user, &added, &by).await
}

async fn show(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    who: &SignedIn,
    refused: Option<Refusal>,
) -> Result<Response, PageError> {
    let held = app.factors.overview(tenant, &who.user).await?;
    let action = here(tenant, ACCOUNT_PASSKEYS);
    let form = if passkeys_are_possible(tenant) {
        Some(app.factors.begin_registration(tenant, &who.user).await?)
    } else {
        None
    };
    let status = refused.as_ref().map_or(200, |refusal| refusal.code.status());
    let (brand, now) = (brand_of(tenant), app.clock.now());
    let when = |at| When::new(brand.words, at, now);
    let page = PasskeysPage {
        shell: Shell::new(tenant, brand.words, Section::Security),
        passkey: form.map(|begun| PasskeyForm::of(&begun, action.clone(), ("create", "passkey-create"))),
        action,
        csrf: browser.csrf().await?,
        request: String::new(),
        keys: held
            .passkeys
            .into_iter()
            .map(|key| Held {
                id: key.id,
                name: key.name,
                made: when(key.created_at),
                used: key.last_used_at.map(when),
            })
            .collect(),
        error: refused.map(|refusal| brand.words.refusal(&refusal)),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// A passkey.
#[derive(Clone, Debug)]
pub struct Held {
    /// What names it here.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// Since when.
    pub made: When,
    /// When it was last used.
    pub used: Option<When>,
}

/// The list, and the way to a new one.
#[derive(Template)]
#[template(path = "pages/account_passkeys.html")]
pub struct PasskeysPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the forms go.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// No application waits here.
    pub request: String,
    /// What there is.
    pub keys: Vec<Held>,
    /// The form that makes one.
    pub passkey: Option<PasskeyForm>,
    /// Why the last try did not succeed.
    pub error: Option<String>,
}
