//! The accounts elsewhere that sign a person in here: `{T}/account/identities`.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::shell::{Section, Shell, proven_visitor};
use crate::app::App;
use crate::base::{Actor, IdentityId, Result, Timestamp};
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::ACCOUNT_IDENTITIES;
use crate::http::{Browser, Form, Page, PageError, Tenant};
use crate::sessions::SignedIn;
use crate::store::audit::Event;
use crate::tokens::Ending;
use crate::web::turn::check;

/// Shows them, to whoever proved lately who they are.
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    match proven_visitor((&app, &tenant, &browser), ACCOUNT_IDENTITIES).await? {
        Ok(who) => Ok(Page::new(page((&app, &tenant, &browser), &who).await?).into_response()),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Takes a link away; sign-ins that rest on it end, but for the one at hand.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let who = match proven_visitor((&app, &tenant, &browser), ACCOUNT_IDENTITIES).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let id = IdentityId::from(form.require("identity")?);
    let by = Actor { id: who.user.id.to_string(), origin: origin() };
    for session in app.federation.unlink(&tenant, &who.user, &id, &by).await? {
        if session != who.session.id {
            let event = Event::new(&tenant.id, app.clock.now(), "session.revoked").by(&by.id);
            let event = event.on(session.as_str()).from(&by.origin);
            app.tokens.end(&tenant.id, Ending::Session(&session), event).await?;
        }
    }
    see_other(&here(&tenant, ACCOUNT_IDENTITIES))
}

async fn page((app, tenant, browser): (&App, &Tenant, &Browser), who: &SignedIn) -> Result<IdentitiesPage> {
    let linked = app.federation.identities(&who.user).await?;
    let known = |slug: &str| linked.iter().any(|(_, provider)| provider.slug == slug);
    let offered = app.federation.offered(tenant).await?.into_iter().filter(|provider| !known(&provider.slug));
    let link = |slug: &str| here(tenant, &format!("{ACCOUNT_IDENTITIES}/{slug}"));
    let brand = brand_of(tenant);
    Ok(IdentitiesPage {
        shell: Shell::new(tenant, brand.words, Section::Security),
        action: here(tenant, ACCOUNT_IDENTITIES),
        csrf: browser.csrf().await?,
        offered: offered.map(|provider| (link(&provider.slug), provider.name)).collect(),
        linked: linked
            .iter()
            .map(|(link, provider)| Linked {
                id: link.id.to_string(),
                provider: provider.name.clone(),
                name: link.name.clone().unwrap_or_default(),
                since: day(link.created_at),
            })
            .collect(),
        brand,
    })
}

fn day(at: Timestamp) -> String {
    at.rfc3339().split('T').next().unwrap_or_default().to_owned()
}

/// An account elsewhere.
#[derive(Clone, Debug)]
pub struct Linked {
    /// Its id here.
    pub id: String,
    /// The provider's name.
    pub provider: String,
    /// What it is called there.
    pub name: String,
    /// The day it was linked.
    pub since: String,
}

/// The list, and what could be added to it.
#[derive(Template)]
#[template(path = "pages/account_identities.html")]
pub struct IdentitiesPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where a link is taken away.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// What is linked.
    pub linked: Vec<Linked>,
    /// Where a provider is linked, and its name.
    pub offered: Vec<(String, String)>,
}
