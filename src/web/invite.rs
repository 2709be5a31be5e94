//! The link of an invitation: a new account, or, for an address that has one, its owner's sign-in first (W-022).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::done::DonePage;
use super::mailed_link::{Wording, can_be_mended, show};
use super::turn::check;
use crate::accounts::{Acceptance, Invited};
use crate::app::App;
use crate::base::{Params, Refusal, Result, Secret, Stop};
use crate::http::page::{brand_of, here, words_for};
use crate::http::routes::{ACCOUNT, INVITE_PAGE, LOGIN};
use crate::http::{Browser, Caller, Form, PageError, Query, Tenant};
use crate::store::users::{Profile, User};

/// `GET {T}/invite?token=…`.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(query): Query,
) -> Result<Response, PageError> {
    page(&app, (&tenant, &browser), query.require("token")?, None).await
}

/// `POST {T}/invite`.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    (headers, caller): (HeaderMap, Caller),
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let token = form.require("token")?;
    match accept(&app, (&tenant, &browser), &form, &caller).await {
        Ok(_) => {
            let brand = brand_of(&tenant);
            let page = DonePage {
                page: "invitation-accepted",
                title: brand.words.say("invite-done-title"),
                text: brand.words.tell("invite-done-text", "tenant", &tenant.name),
                note: None,
                next: Some((here(&tenant, ACCOUNT), brand.words.say("verified-next"))),
                brand,
            };
            Ok(page.answer().into_response())
        }
        Err(Stop::Refused(refusal)) if can_be_mended(&refusal) => {
            page(&app, (&tenant, &browser), token, Some(refusal)).await
        }
        Err(stop) => Err(stop.into()),
    }
}

async fn accept(app: &App, (tenant, browser): (&Tenant, &Browser), form: &Params, caller: &Caller) -> Result<User> {
    let token = Secret::new(form.require("token")?);
    let Invited { owner, .. } = app.accounts.invited(tenant, &token).await?;
    if let (Some(_), Some(who)) = (owner, browser.person(app, tenant).await?) {
        return app.accounts.accept_as(tenant, &token, &who.user, &caller.0).await;
    }
    let password = form.raw("password").map(Secret::new);
    let profile = Profile { name: form.get("name").map(str::to_owned), ..Profile::default() };
    let told = Acceptance { password, username: None, profile };
    app.accounts.accept_as_new(tenant, &token, told, &caller.0).await
}

/// The form; for the owner of an account who is not signed in here, the way to sign-in.
async fn page(
    app: &App,
    (tenant, browser): (&Tenant, &Browser),
    token: &str,
    refused: Option<Refusal>,
) -> Result<Response, PageError> {
    let Invited { invitation, owner } = app.accounts.invited(tenant, &Secret::new(token)).await?;
    let words = words_for(tenant);
    let email = invitation.email.as_str();
    if let Some(owner) = &owner {
        let who = browser.person(app, tenant).await?;
        if who.is_none_or(|who| who.user.id != owner.id) {
            return Ok(sign_in_first(tenant, email).answer().into_response());
        }
    }
    let wording = Wording {
        page: "invite",
        path: INVITE_PAGE,
        title: words.tell("invite-title", "tenant", &tenant.name),
        text: words.tell("invite-text", "email", email),
        button: words.say("invite-submit"),
        password: owner.is_none(),
        name: owner.is_none(),
    };
    show(tenant, browser, (wording, token), refused).await
}

fn sign_in_first(tenant: &Tenant, email: &str) -> DonePage {
    let brand = brand_of(tenant);
    DonePage {
        page: "invite-sign-in",
        title: brand.words.tell("invite-title", "tenant", &tenant.name),
        text: brand.words.tell("invite-sign-in-text", "email", email),
        note: Some(brand.words.say("invite-sign-in-note")),
        next: Some((here(tenant, LOGIN), brand.words.say("login-submit"))),
        brand,
    }
}
