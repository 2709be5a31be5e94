//! A tenant's brand, written as a draft, looked at, and published: `{console}/branding`. Words are written by the API;
//! what a draft says of them stays.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use url::form_urlencoded;

use super::desk::{Admin, Halt, Sent, outcome};
use super::dressing::{Field, fields, typed};
use super::needs::ChangeTenant;
use super::shell::{Shell, done};
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Stop};
use crate::frame::{Accent, Brand, Contract, Link, Words};
use crate::http::answer::see_other;
use crate::http::routes::{CONSOLE_BRANDING, CONSOLE_PREVIEW};
use crate::http::{Page, Query};
use crate::tenants::{Branding, lint_brand};

/// How many brands of before can be published again here.
const BEFORE: i64 = 5;

/// What is being written, or where that begins.
fn begun(admin: &Admin<ChangeTenant>, branding: &Branding) -> Contract {
    let mut brand = branding.contract();
    if branding.draft.is_none() && branding.published.is_none() {
        let settings = &admin.tenant.settings.branding;
        brand.logo.clone_from(&settings.logo_uri);
        brand.colors.accent.clone_from(&settings.color);
    }
    brand
}

/// The form, as the draft says, or what is published.
pub async fn get(State(app): State<App>, admin: Admin<ChangeTenant>, Query(query): Query) -> Result<Response, Halt> {
    let branding = app.tenants.branding(&admin.tenant).await?;
    let brand = serde_json::to_value(begun(&admin, &branding))?;
    page(&app, &admin, (&branding, &brand), (&query, None)).await
}

/// Looks at what is typed, keeps it as a draft, publishes it, throws it away, or goes back to what was before.
pub async fn post(State(app): State<App>, admin: Admin<ChangeTenant>, Sent(form): Sent) -> Result<Response, Halt> {
    let branding = app.tenants.branding(&admin.tenant).await?;
    let brand = typed(serde_json::to_value(begun(&admin, &branding))?, &form);
    if form.get("do") == Some("preview") {
        return page(&app, &admin, (&branding, &brand), (&Params::default(), None)).await;
    }
    match outcome(act(&app, &admin, (&brand, &form)).await)? {
        Ok(what) => Ok(see_other(&done(&admin.path(CONSOLE_BRANDING), what))?),
        Err(refusal) => page(&app, &admin, (&branding, &brand), (&Params::default(), Some(&refusal))).await,
    }
}

async fn act(app: &App, admin: &Admin<ChangeTenant>, (brand, form): (&Value, &Params)) -> Result<&'static str> {
    let (tenants, clock, tenant, by) = (&app.tenants, &app.clock, &admin.tenant, &admin.actor());
    let number = |name: &str| form.get(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
    match form.get("do") {
        Some("name") => {
            let mut tenant = tenants.look_up(tenant.slug.as_str()).await?;
            form.get("name").unwrap_or_default().trim().clone_into(&mut tenant.name);
            tenants.change(clock, &tenant, "tenant.updated", by).await?;
            Ok("saved")
        }
        Some("discard") => {
            tenants.discard_brand(clock, tenant, number("version"), by).await?;
            Ok("deleted")
        }
        Some("rollback") => {
            tenants.roll_back_brand(clock, tenant, number("back"), by).await?;
            Ok("published")
        }
        Some(what @ ("draft" | "publish")) => {
            let brand: Contract = serde_json::from_value(brand.clone())?;
            let drafted = tenants.draft_brand(clock, tenant, (&brand, number("version")), by).await?;
            if what == "draft" {
                return Ok("saved");
            }
            tenants.publish_brand(clock, tenant, drafted.draft_version(), by).await?;
            Ok("published")
        }
        _ => Err(Stop::refuse(Code::InvalidRequest, "the request cannot be understood")),
    }
}

async fn page(
    app: &App,
    admin: &Admin<ChangeTenant>,
    (branding, value): (&Branding, &Value),
    (query, refusal): (&Params, Option<&Refusal>),
) -> Result<Response, Halt> {
    let brand = admin.brand();
    let contract: Contract = serde_json::from_value(value.clone())?;
    let (fields, findings) = fields(value, &lint_brand(&admin.tenant, &contract), brand.words);
    let newest = branding.published.as_ref().map_or(i64::MAX, |published| published.version);
    let before = app.tenants.brands(&admin.tenant, newest, BEFORE).await?;
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let dress = contract.dress();
    let page = BrandingPage {
        shell: Shell::of_tenant(admin, "console-branding", query).await?.refused(brand.words, refusal),
        name: admin.tenant.name.clone(),
        state: state(branding, brand.words),
        version: branding.draft_version(),
        preview: dress.accent.0.map(|accent| preview(admin, accent, dress.accent.1)),
        preview_logo: dress.logo,
        before: before
            .into_iter()
            .map(|one| (one.version, brand.words.tell("console-brand-number", "number", one.version), one.published_at))
            .collect(),
        fields,
        findings,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// What people see, and whether something else is being written.
fn state(branding: &Branding, words: Words) -> String {
    let published = branding.published.as_ref();
    let seen = match published {
        Some(published) => words.tell("console-published-is", "number", published.version),
        None => words.say("console-published-none"),
    };
    match &branding.draft {
        Some(_) => format!("{seen} {}", words.say("console-draft-is")),
        None => seen,
    }
}

fn preview(admin: &Admin<ChangeTenant>, accent: Accent, on_dark: Option<Accent>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("color", &accent.to_string());
    if let Some(on_dark) = on_dark {
        query.append_pair("dark", &on_dark.to_string());
    }
    format!("{}?{}", admin.path(CONSOLE_PREVIEW), query.finish())
}

/// `GET {console}/branding/preview.css`: colours as they would look, for the preview alone.
pub async fn stylesheet(_: Admin<ChangeTenant>, Query(query): Query) -> Result<Response, Halt> {
    let refused = || Refusal::new(Code::NotFound, "there is nothing here");
    let accent = |name: &str| query.get(name).and_then(|color| color.parse::<Accent>().ok());
    let css = accent("color").ok_or_else(refused)?.stylesheet(accent("dark")).replace(":root", ".preview");
    Ok(([(CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response())
}

/// The form. It sends back `csrf`, `version`, the names of its fields and `do` (`preview`, `draft`, `publish` or
/// `discard`); the list below it `back` and `do` (`rollback`), and the form of the name `name` and `do` (`name`).
#[derive(Template)]
#[template(path = "pages/console/branding.html")]
pub struct BrandingPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The tenant's name.
    pub name: String,
    /// What is seen, and what is written, in a sentence.
    pub state: String,
    /// The version of the draft; 0 without one.
    pub version: i64,
    /// What can be typed.
    pub fields: Vec<Field>,
    /// What is wrong elsewhere in the draft.
    pub findings: Vec<String>,
    /// The logo, where the address is one.
    pub preview_logo: Option<Link>,
    /// Where the preview's colours are; none for the usual ones.
    pub preview: Option<String>,
    /// What was published before: its number, that in words, and when.
    pub before: Vec<(i64, String, String)>,
}
