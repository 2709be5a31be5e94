//! Whom a tenant's people may sign in with: `{console}/providers`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::needs::ChangeTenant;
use super::new_client::lines;
use super::shell::{Shell, done};
use crate::accounts::federation::{Changes, NewProvider};
use crate::app::App;
use crate::base::{Code, Params, ProviderId, Refusal, Result, Secret, Stop};
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::routes::CONSOLE_PROVIDERS;
use crate::http::{Page, Query};
use crate::store::providers::IdentityProvider;

/// Providers that need nothing but an id and a secret, by their own names, and any other.
const PRESETS: [(&str, &str); 4] =
    [("google", "Google"), ("microsoft", "Microsoft Entra ID"), ("github", "GitHub"), ("oidc", "OpenID Connect")];

/// Shows them.
pub async fn get(State(app): State<App>, admin: Admin<ChangeTenant>, Query(query): Query) -> Result<Response, Halt> {
    page(&app, &admin, &query, None).await
}

/// Adds one, switches one on or off, removes one.
pub async fn post(State(app): State<App>, admin: Admin<ChangeTenant>, Sent(form): Sent) -> Result<Response, Halt> {
    admin.lately(&app)?;
    match outcome(act(&app, &admin, &form).await)? {
        Ok(what) => Ok(see_other(&done(&admin.path(CONSOLE_PROVIDERS), what))?),
        Err(refusal) => page(&app, &admin, &form, Some(&refusal)).await,
    }
}

async fn act(app: &App, admin: &Admin<ChangeTenant>, form: &Params) -> Result<&'static str> {
    let by = admin.actor();
    let named = || form.require("provider").map(ProviderId::from);
    match form.get("do") {
        Some("add") => {
            app.federation.add(&admin.tenant, wish(form)?, &by).await?;
            Ok("created")
        }
        Some(what @ ("on" | "off")) => {
            let changes = Changes { enabled: Some(what == "on"), ..Changes::default() };
            app.federation.change(&admin.tenant, &named()?, changes, &by).await?;
            Ok("saved")
        }
        Some("remove") => {
            app.federation.remove(&admin.tenant, &named()?, &by).await?;
            Ok("deleted")
        }
        _ => Err(Stop::refuse(Code::InvalidRequest, "the request cannot be understood")),
    }
}

fn wish(form: &Params) -> Result<NewProvider> {
    let text = |name: &str| form.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let preset = form.get("preset").unwrap_or("oidc").parse();
    Ok(NewProvider {
        preset: preset.map_err(|why: String| Stop::refuse(Code::Unprocessable, why))?,
        slug: text("slug"),
        name: text("name"),
        issuer: text("issuer"),
        client_id: text("client_id").unwrap_or_default(),
        client_secret: text("client_secret").map(Secret::new),
        domains: lines(form.get("domains").map(|list| list.replace(',', " ")).as_deref()),
        ..NewProvider::default()
    })
}

async fn page(
    app: &App,
    admin: &Admin<ChangeTenant>,
    query: &Params,
    refusal: Option<&Refusal>,
) -> Result<Response, Halt> {
    let brand = admin.brand();
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let given = if refusal.is_some() { query.clone() } else { Params::default() };
    let text = |name: &str| given.get(name).unwrap_or_default().to_owned();
    let row = |provider: &IdentityProvider| Row {
        id: provider.id.to_string(),
        name: provider.name.clone(),
        callback: format!("{}/login/{}/callback", admin.tenant.issuer, provider.slug),
        enabled: provider.enabled.0,
    };
    let page = ProvidersPage {
        shell: Shell::of_tenant(admin, "console-providers", query).await?.refused(brand.words, refusal),
        rows: app.federation.all(&admin.tenant).await?.iter().map(row).collect(),
        presets: PRESETS.map(|(name, title)| (name, title, given.get("preset") == Some(name))).to_vec(),
        slug: text("slug"),
        name: text("name"),
        issuer: text("issuer"),
        client_id: text("client_id"),
        domains: text("domains"),
        callback: format!("{}/login/…/callback", admin.tenant.issuer),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// A provider in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it has to know of us.
    pub callback: String,
    /// Whether people can sign in with it.
    pub enabled: bool,
}

/// The list, and the form for another. The forms send back `csrf` and `do` (`add`, `on`, `off`, `remove`).
#[derive(Template)]
#[template(path = "pages/console/providers.html")]
pub struct ProvidersPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The providers.
    pub rows: Vec<Row>,
    /// What is known beforehand: name, title, and whether it is chosen.
    pub presets: Vec<(&'static str, &'static str, bool)>,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// Domains whose people belong to it.
    pub domains: String,
    /// What a provider has to know of us.
    pub callback: String,
}
