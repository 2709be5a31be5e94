//! How a tenant's pages look, with a look at it before it is so: `{console}/branding`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::desk::{Admin, Halt, Sent, outcome};
use super::needs::ChangeTenant;
use super::shell::{Shell, done};
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Stop};
use crate::frame::{Accent, Brand, Link};
use crate::http::answer::see_other;
use crate::http::routes::{CONSOLE_BRANDING, CONSOLE_PREVIEW};
use crate::http::{Page, Query};

/// What is typed, or so far is so.
#[derive(Clone, Debug)]
struct Draft {
    name: String,
    logo: String,
    color: String,
}

impl Draft {
    fn of(form: &Params) -> Self {
        let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        Self { name: text("name"), logo: text("logo_uri"), color: text("color") }
    }
}

/// The form, as things are.
pub async fn get(admin: Admin<ChangeTenant>, Query(query): Query) -> Result<Response, Halt> {
    let branding = &admin.tenant.settings.branding;
    let draft = Draft {
        name: admin.tenant.name.clone(),
        logo: branding.logo_uri.clone().unwrap_or_default(),
        color: branding.color.clone().unwrap_or_default(),
    };
    page(&admin, draft, &query, None).await
}

/// Looks at a draft, or makes it so.
pub async fn post(State(app): State<App>, admin: Admin<ChangeTenant>, Sent(form): Sent) -> Result<Response, Halt> {
    let draft = Draft::of(&form);
    if form.get("do") == Some("preview") {
        let refusal = check(&draft).err();
        return page(&admin, draft, &Params::default(), refusal.as_ref()).await;
    }
    match outcome(save(&app, &admin, &draft).await)? {
        Ok(()) => Ok(see_other(&done(&admin.path(CONSOLE_BRANDING), "saved"))?),
        Err(refusal) => page(&admin, draft, &Params::default(), Some(&refusal)).await,
    }
}

/// The rules that saving has too, for those who only look.
fn check(draft: &Draft) -> Result<(), Refusal> {
    let refuse = |sentence: &'static str| Err(Refusal::new(Code::Unprocessable, sentence));
    if !draft.color.is_empty() && draft.color.parse::<Accent>().is_err() {
        return refuse("a colour is written #rrggbb");
    }
    if !draft.logo.is_empty() && Link::parse(&draft.logo).is_none() {
        return refuse("a logo is an https URL");
    }
    Ok(())
}

async fn save(app: &App, admin: &Admin<ChangeTenant>, draft: &Draft) -> Result<()> {
    check(draft).map_err(Stop::Refused)?;
    let mut tenant = app.tenants.look_up(admin.tenant.slug.as_str()).await?;
    tenant.name.clone_from(&draft.name);
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    tenant.settings.0.branding.logo_uri = given(&draft.logo);
    tenant.settings.0.branding.color = given(&draft.color);
    app.tenants.change(&app.clock, &tenant, "tenant.updated", &admin.actor()).await
}

async fn page(
    admin: &Admin<ChangeTenant>,
    draft: Draft,
    query: &Params,
    refusal: Option<&Refusal>,
) -> Result<Response, Halt> {
    let brand = admin.brand();
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let color = draft.color.parse::<Accent>().ok().map(|color| color.to_string());
    let preview = color.map(|color| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("color", &color).finish();
        format!("{}?{query}", admin.path(CONSOLE_PREVIEW))
    });
    let page = BrandingPage {
        shell: Shell::of_tenant(admin, "console-branding", query).await?.refused(brand.words, refusal),
        preview_logo: Link::parse(&draft.logo),
        preview,
        name: draft.name,
        logo: draft.logo,
        color: draft.color,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// `GET {console}/branding/preview.css`: a colour as it would look, for the preview alone.
pub async fn stylesheet(_: Admin<ChangeTenant>, Query(query): Query) -> Result<Response, Halt> {
    let refused = || Refusal::new(Code::NotFound, "there is nothing here");
    let color: Accent = query.get("color").and_then(|color| color.parse().ok()).ok_or_else(refused)?;
    let css = color.stylesheet(None).replace(":root", ".preview");
    Ok(([(CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response())
}

/// The form. It sends back `csrf`, `name`, `logo_uri`, `color` and `do` (`preview` or `save`).
#[derive(Template)]
#[template(path = "pages/console/branding.html")]
pub struct BrandingPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The tenant's name.
    pub name: String,
    /// The address of its logo.
    pub logo: String,
    /// Its colour.
    pub color: String,
    /// The logo, where the address is one.
    pub preview_logo: Option<Link>,
    /// Where the preview's colours are; none for the usual ones.
    pub preview: Option<String>,
}
