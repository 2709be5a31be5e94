//! Sign-in with others: the way to a provider, the way back, and what the login page shows of it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::arrival::arrive;
use super::link;
use super::login;
use super::turn::{Turn, check};
use crate::accounts::engine::FirstFactor;
use crate::accounts::federation::{Resolved, Returned, Task};
use crate::app::App;
use crate::base::{Method, Params, Refusal, Result, Stop};
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::page::{brand_of, here};
use crate::http::routes::{ACCOUNT, LOGIN};
use crate::http::{Browser, Caller, Form, Page, PageError, Query, Tenant};
use crate::store::providers::IdentityProvider;

/// `GET {T}/login/{provider}`: a way in of its own, for links from elsewhere.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Path((_, slug)): Path<(String, String)>,
    Query(query): Query,
) -> Result<Response, PageError> {
    let provider = app.federation.named(&tenant, &slug).await?;
    let page = LoginWithPage {
        brand: brand_of(&tenant),
        provider: Shown::of(&tenant, &provider),
        csrf: browser.csrf().await?,
        request: query.get("request").unwrap_or_default().to_owned(),
        login_href: here(&tenant, LOGIN),
    };
    Ok(Page::new(page).leading_to(&provider.settings.issuer).into_response())
}

/// `POST {T}/login/{provider}`: off to the provider.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Path((_, slug)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let provider = app.federation.named(&tenant, &slug).await?;
    go((&app, &tenant, &browser), &provider, &form).await
}

/// Sends the browser to a provider, for the request that waits, if one does.
pub async fn go(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    provider: &IdentityProvider,
    form: &Params,
) -> Result<Response, PageError> {
    let turn = login::turn(app, tenant, browser, form).await?;
    let asked = turn.as_ref().map(Turn::request);
    let hint = form.get("email").map(str::to_owned).or_else(|| asked.and_then(|asked| asked.login_hint.clone()));
    let task = Task {
        request: turn.as_ref().map(|turn| turn.reference().to_owned()),
        link: None,
        login_hint: hint,
        again: asked.is_some_and(|asked| asked.prompt.login || asked.max_age.is_some()),
    };
    match app.federation.begin(tenant, provider, &browser.name().await?, task).await {
        Ok(address) => see_other(&address),
        Err(Stop::Refused(refusal)) => login::show((app, tenant, browser), turn.as_ref(), ("", Some(refusal))).await,
        Err(fault) => Err(fault.into()),
    }
}

/// `GET {T}/login/{provider}/callback`: back from the provider.
pub async fn callback(
    State(app): State<App>,
    tenant: Tenant,
    (browser, caller): (Browser, Caller),
    Path((_, slug)): Path<(String, String)>,
    Query(params): Query,
) -> Result<Response, PageError> {
    let provider = app.federation.named(&tenant, &slug).await?;
    let returned = app.federation.finish(&tenant, provider, &browser.name().await?, &params).await?;
    let resolved = match &returned.outcome {
        Ok(upstream) => app.federation.resolve(&tenant, &returned, upstream, &caller.0).await,
        Err(refusal) => Err(refusal.clone().into()),
    };
    match resolved {
        Ok(resolved) => Box::pin(go_on((&app, &tenant, &browser), &returned, resolved)).await,
        Err(Stop::Refused(refusal)) => {
            app.federation.record_refusal(&tenant, &returned, &refusal, &caller.0).await?;
            back((&app, &tenant, &browser), &returned, refusal).await
        }
        Err(fault) => Err(fault.into()),
    }
}

async fn go_on(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    returned: &Returned,
    resolved: Resolved,
) -> Result<Response, PageError> {
    let Ok(upstream) = &returned.outcome else { return see_other(&here(tenant, LOGIN)) };
    let there = (&returned.provider, upstream);
    let name = browser.name().await?;
    match resolved {
        Resolved::Linked(_) => see_other(&here(tenant, ACCOUNT)),
        Resolved::Ask(user) => {
            app.federation.wait_for(&user, &name, there, true).await?;
            link::ask((tenant, browser), returned, &user).await
        }
        Resolved::Known(user) | Resolved::Created(user) => {
            app.federation.wait_for(&user, &name, there, false).await?;
            let turn = waiting((app, tenant, browser), returned).await?;
            Box::pin(arrive((app, tenant, browser), turn, FirstFactor::proven(user, Method::Upstream))).await
        }
    }
}

/// Whoever did not get in that way may try another; what waits goes on waiting (W-041).
async fn back(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    returned: &Returned,
    refusal: Refusal,
) -> Result<Response, PageError> {
    if returned.task.link.is_some() {
        return Err(refusal.into());
    }
    let turn = waiting((app, tenant, browser), returned).await?;
    login::show((app, tenant, browser), turn.as_ref(), ("", Some(refusal))).await
}

async fn waiting<'a>(
    (app, tenant, browser): (&'a App, &'a Tenant, &Browser),
    returned: &'a Returned,
) -> Result<Option<Turn<'a>>> {
    match &returned.task.request {
        Some(reference) => Turn::find(app, tenant, browser, reference).await.map(Some),
        None => Ok(None),
    }
}

/// The buttons of the login page.
#[derive(Debug, Default)]
pub struct Providers {
    /// One for each provider, first the one that the person seems to belong to.
    pub all: Vec<Shown>,
    /// The way in for those who know their address and not the provider.
    pub organisation_href: Option<String>,
    /// Where the buttons lead besides here.
    pub lead_to: Vec<String>,
}

/// A provider as the pages show it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its name in URLs.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Where its button leads.
    pub action: String,
}

impl Shown {
    fn of(tenant: &Tenant, provider: &IdentityProvider) -> Self {
        let action = here(tenant, &format!("{LOGIN}/{}", provider.slug));
        Self { slug: provider.slug.clone(), name: provider.name.clone(), action }
    }
}

impl Providers {
    /// Those that a tenant offers to somebody who may have this address; none for an application that wants people to
    /// come in otherwise.
    pub async fn of(app: &App, tenant: &Tenant, turn: Option<&Turn<'_>>, address: &str) -> Result<Self> {
        if let Some(turn) = turn {
            let client = turn.known_client().await?;
            let methods = &client.policy.sign_in_methods;
            if !methods.is_empty() && !methods.contains(&Method::Upstream) {
                return Ok(Self::default());
            }
        }
        let mut offered = app.federation.offered(tenant).await?;
        let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase()).unwrap_or_default();
        offered.sort_by_key(|provider| !provider.settings.domains.contains(&domain));
        let known = offered.iter().any(|provider| !provider.settings.domains.is_empty());
        Ok(Self {
            all: offered.iter().map(|provider| Shown::of(tenant, provider)).collect(),
            organisation_href: known.then(|| here(tenant, crate::http::routes::ORGANISATION)),
            lead_to: offered.into_iter().map(|provider| provider.settings.0.issuer).collect(),
        })
    }
}

/// The page of one provider. What its form sends is `csrf` and `request`.
#[derive(Template)]
#[template(path = "pages/login_with.html")]
pub struct LoginWithPage {
    /// The tenant.
    pub brand: Brand,
    /// The provider.
    pub provider: Shown,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// The reference of the waiting authorization request; empty without one.
    pub request: String,
    /// Another way in.
    pub login_href: String,
}

#[cfg(test)]
mod tests;
