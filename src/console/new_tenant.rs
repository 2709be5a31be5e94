//! A new tenant: `{P}/console/new-tenant`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Halt, Operator, Sent, outcome};
use super::shell::{Shell, done};
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Slug, Stop};
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::routes::CONSOLE_TENANTS;
use crate::http::{Page, Query};
use crate::store::tenants::{Settings, Tenant};

/// The form.
pub async fn get(operator: Operator, Query(query): Query) -> Result<Response, Halt> {
    page(&operator, &query, None).await
}

/// Makes it, and goes to how it looks.
pub async fn post(State(app): State<App>, operator: Operator, Sent(form): Sent) -> Result<Response, Halt> {
    match outcome(create(&app, &operator, &form).await)? {
        Ok(tenant) => {
            let path = operator.home.path(&format!("{CONSOLE_TENANTS}/{}", tenant.slug));
            Ok(see_other(&done(&path, "created"))?)
        }
        Err(refusal) => page(&operator, &form, Some(&refusal)).await,
    }
}

async fn create(app: &App, operator: &Operator, form: &Params) -> Result<Tenant> {
    let slug = form.get("slug").unwrap_or_default().trim().to_ascii_lowercase();
    let slug: Slug = slug.parse().map_err(|why: String| Stop::refuse(Code::Unprocessable, why))?;
    let name = form.get("name").unwrap_or_default().trim().to_owned();
    app.tenants.create(&app.clock, (slug, name, Settings::default()), &operator.actor()).await
}

async fn page(operator: &Operator, given: &Params, refusal: Option<&Refusal>) -> Result<Response, Halt> {
    let brand = operator.home.brand();
    let text = |name: &str| given.get(name).unwrap_or_default().to_owned();
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let page = NewTenantPage {
        shell: Shell::of_platform(operator, "console-tenants", &Params::default()).await?.refused(brand.words, refusal),
        name: text("name"),
        slug: text("slug"),
        back_href: operator.home.path(CONSOLE_TENANTS),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// The form. It sends back `csrf`, `name` and `slug`.
#[derive(Template)]
#[template(path = "pages/console/new_tenant.html")]
pub struct NewTenantPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// Its name for people.
    pub name: String,
    /// Its name in URLs.
    pub slug: String,
    /// The list.
    pub back_href: String,
}
