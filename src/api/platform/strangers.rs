//! What anybody may ask of the platform: which tenant a domain belongs to, which tenants want to be found, and, where the
//! operators allow it, a tenant of one's own.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::tenants::listed;
use crate::accounts::Owner;
use crate::api::page::Page;
use crate::api::tenant::Public;
use crate::app::App;
use crate::base::{Actor, Code, Email, Fault, Params, Refusal, Secret, Slug, Stop, TenantId};
use crate::http::bearer::Unproven;
use crate::http::context::origin;
use crate::http::{Body, Data, Operator, Problem, Query};
use crate::store::tenants::{Settings, Tenant};
use crate::tenants::{Hint, domain_of};

/// What is counted for no tenant is counted for the operators' own, so that platforms that share a Redis do not count
/// together; before there is one, nobody is there who could be counted with others.
async fn platform(app: &App) -> Result<TenantId, Stop> {
    let system: Slug = Slug::SYSTEM.parse().map_err(Fault::new)?;
    let found = app.tenants.find(&Hint::Slug(system)).await?;
    Ok(found.map_or_else(|| TenantId::from(app.config.base()), |system| system.id.clone()))
}

/// `GET {P}/api/v1/tenants/by-domain?domain=`: what an application has to know to begin. Only misses are counted, so that
/// nobody tries all names there are.
pub async fn by_domain(State(app): State<App>, Query(query): Query) -> Result<Data<Public>, Problem> {
    let typed = query.get("domain").ok_or_else(|| Refusal::new(Code::InvalidRequest, "domain is missing"))?;
    if let Some(domain) = domain_of(typed) {
        let hint = Hint::Domain(domain);
        if app.tenants.find(&hint).await?.is_some() {
            return Ok(Data::new(Public::of(&*app.tenants.serve(&hint).await?)));
        }
    }
    app.limits.act(&platform(&app).await?, "by-domain", &origin()).await?;
    Err(Stop::refuse(Code::NotFound, "there is no such tenant").into())
}

/// `GET {P}/api/v1/tenants`: for operators all, and with `discoverable=true` for everybody those that want to be found.
pub async fn list(State(app): State<App>, request: Request) -> Result<Response, Unproven> {
    let (mut parts, _) = request.into_parts();
    let query = Params::parse(parts.uri.query().unwrap_or_default().as_bytes()).map_err(Stop::from)?;
    match query.get("discoverable") {
        Some("true") => Ok(directory(&app, &query).await?.into_response()),
        Some(_) => Err(Refusal::new(Code::InvalidRequest, "discoverable is true, or left out").into()),
        None => {
            Operator::from_request_parts(&mut parts, &app).await?;
            Ok(listed(&app, &query).await?.into_response())
        }
    }
}

async fn directory(app: &App, query: &Params) -> Result<Data<Vec<Public>>, Stop> {
    app.limits.act(&platform(app).await?, "directory", &origin()).await?;
    let page = Page::read(query, "")?;
    let found = app.tenants.discoverable(&page.after, page.limit).await?;
    let meta = page.next(&found, |tenant| tenant.slug.as_str());
    Ok(Data::new(found.into_iter().map(|tenant| Public::of(&app.tenants.context(tenant))).collect()).meta(meta))
}

/// A tenant for oneself. What only operators decide has no place here (W-063, W-068).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    slug: Slug,
    name: String,
    email: Email,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    full_name: Option<String>,
    #[serde(default)]
    frontend_url: Option<String>,
    /// Claimed, and nothing more, until it is proven.
    #[serde(default)]
    domain: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Registered {
    id: TenantId,
    slug: Slug,
    name: String,
    issuer: String,
    verification: &'static str,
}

/// `POST {P}/api/v1/tenants/register`: a tenant and its owner, who proves the address by mail before anything else.
pub async fn register(State(app): State<App>, Body(new): Body<Registration>) -> Result<Data<Registered>, Problem> {
    if !app.config.tenants.public_signup {
        return Err(Stop::refuse(Code::Forbidden, "tenants are made by the platform's operators here").into());
    }
    let origin = origin();
    app.limits.act(&platform(&app).await?, "register-tenant", &origin).await?;
    if new.domain.as_deref().is_some_and(|domain| domain_of(domain).is_none()) {
        return Err(Stop::refuse(Code::Unprocessable, "domain is a host name, without scheme, port and path").into());
    }
    // Where operators have not made theirs yet, nobody else does.
    if new.slug.as_str() == Slug::SYSTEM {
        return Err(Stop::refuse(Code::Conflict, "there is a tenant of this slug").into());
    }
    let settings = Settings { frontend_url: new.frontend_url, ..Settings::default() };
    let tenant = Tenant::new(new.slug, new.name, settings, app.clock.now());
    let owner =
        Owner { email: new.email, password: new.password.map(Secret::new), name: new.full_name, vouched: false };
    let by = Actor { id: "registration".to_owned(), origin };
    let (made, _) = app.accounts.found(&app.tenants, tenant, Some(owner), &by).await?;
    if let Some(domain) = &new.domain {
        app.domains.add(&made, domain, &by).await?;
    }
    Ok(Data::created(Registered {
        id: made.id.clone(),
        slug: made.slug.clone(),
        name: made.name.clone(),
        issuer: made.issuer.clone(),
        verification: "mailed",
    }))
}
