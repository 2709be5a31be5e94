//! Whether a tenant answers, which is the operators' to say: `{P}/console/tenants/{tenant}/standing`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::needs::Platform;
use super::shell::{Shell, done};
use super::tenants::status_word;
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Slug, Stop};
use crate::frame::Brand;
use crate::http::answer::see_other;
use crate::http::{Page, Query};
use crate::store::tenants::TenantStatus;

/// Shows it.
pub async fn get(admin: Admin<Platform>, Query(query): Query) -> Result<Response, Halt> {
    page(&admin, &query, None).await
}

/// Suspends, or lets answer again.
pub async fn post(State(app): State<App>, admin: Admin<Platform>, Sent(form): Sent) -> Result<Response, Halt> {
    admin.lately(&app)?;
    match outcome(set(&app, &admin, &form).await)? {
        Ok(what) => Ok(see_other(&done(&admin.home.path(&admin.at), what))?),
        Err(refusal) => page(&admin, &form, Some(&refusal)).await,
    }
}

async fn set(app: &App, admin: &Admin<Platform>, form: &Params) -> Result<&'static str> {
    let tenant = app.tenants.look_up(admin.tenant.slug.as_str()).await?;
    let what = match form.get("do") {
        // Whoever suspends the operators' own tenant locks everybody out.
        Some("suspend") if tenant.slug.as_str() == Slug::SYSTEM => {
            return Err(Stop::refuse(Code::Unprocessable, "the operators' own tenant is not suspended"));
        }
        Some("suspend") if form.get("sure").is_none() => {
            return Err(Stop::refuse(Code::Unprocessable, "tick the box to say that you are sure"));
        }
        Some("suspend") => {
            app.tenants.suspend(tenant, &admin.actor()).await?;
            "suspended"
        }
        Some("activate") => {
            app.tenants.activate(tenant, &admin.actor()).await?;
            "activated"
        }
        _ => return Err(Stop::refuse(Code::InvalidRequest, "the request cannot be understood")),
    };
    app.tokens.catch_up().await?;
    Ok(what)
}

async fn page(admin: &Admin<Platform>, query: &Params, refusal: Option<&Refusal>) -> Result<Response, Halt> {
    let brand = admin.brand();
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let page = StandingPage {
        shell: Shell::of_tenant(admin, "console-standing", query).await?.refused(brand.words, refusal),
        status: status_word(brand.words, admin.tenant.status),
        active: admin.tenant.status == TenantStatus::Active,
        issuer: admin.tenant.issuer.clone(),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// The page. Its form sends back `csrf`, `do` and, to suspend, `sure`.
#[derive(Template)]
#[template(path = "pages/console/standing.html")]
pub struct StandingPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// Whether it answers, in a word.
    pub status: String,
    /// Whether it does.
    pub active: bool,
    /// Its issuer.
    pub issuer: String,
}
