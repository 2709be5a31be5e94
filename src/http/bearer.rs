//! Who holds a token or an API key (RFC 6750 §2.1, RFC 9068 §4), proven before the handler runs: the need of an
//! endpoint stands in its signature.

mod unproven;

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::{Params, Tenant};
use crate::api_keys;
use crate::app::App;
use crate::base::{Code, Scope, Secret, Stop};
use crate::clients::scopes::within_role;
use crate::store::api_keys::ApiKey;
use crate::store::users::{self, Role, UserStatus};
use crate::tenants::TenantContext;
use crate::tokens::LiveToken;

pub use unproven::Unproven;

/// The header for API keys, besides `Authorization`.
const API_KEY: &str = "x-api-key";

/// What an endpoint needs of its caller.
pub trait RequiredScope: Send + Sync + 'static {
    /// The scope; absent: being somebody is enough.
    const SCOPE: Option<&'static str>;
}

/// Being somebody is enough.
#[derive(Clone, Copy, Debug)]
pub struct Anybody;

impl RequiredScope for Anybody {
    const SCOPE: Option<&'static str> = None;
}

/// Whoever was found behind a credential.
#[derive(Clone, Debug)]
pub enum Principal {
    /// A client with a token, for itself or for a person.
    Token(LiveToken),
    /// A program with an API key.
    Key(ApiKey),
}

impl Principal {
    /// What it may do.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        match self {
            Self::Token(token) => token.scope(),
            Self::Key(key) => &key.scope,
        }
    }

    /// What names it: the `sub` of a token, the id of a key.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::Token(token) => token.subject(),
            Self::Key(key) => key.id.as_str(),
        }
    }
}

/// Extractor: a caller of this tenant whose credential is alive, for this tenant's API, and has the scope.
#[derive(Clone, Debug)]
pub struct Bearer<S> {
    /// The tenant.
    pub tenant: Arc<TenantContext>,
    /// The caller.
    pub principal: Principal,
    scope: PhantomData<S>,
}

impl<S: RequiredScope> FromRequestParts<App> for Bearer<S> {
    type Rejection = Unproven;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Unproven> {
        let Tenant(tenant) = Tenant::from_request_parts(parts, app).await?;
        let given = given(&parts.headers, parts.uri.query(), &tenant)?;
        let principal = prove(app, &tenant, given).await?;
        demand(&tenant, principal.scope(), S::SCOPE)?;
        reaches(app, &tenant, &principal, S::SCOPE).await?;
        Ok(Self { tenant, principal, scope: PhantomData })
    }
}

/// The one credential of a request: in `Authorization` (the scheme in any case) or, for a key, in `X-API-Key`.
///
/// # Errors
/// There is one in the query (T7), more than one, or one that cannot be read.
pub fn given(headers: &HeaderMap, query: Option<&str>, tenant: &TenantContext) -> Result<Option<Secret>, Unproven> {
    let malformed = |why| Unproven::refused(tenant, Code::InvalidRequest, why);
    let query = Params::parse(query.unwrap_or_default().as_bytes()).map_err(Stop::from)?;
    if query.raw("access_token").is_some() {
        return Err(malformed("a token does not belong into the address"));
    }
    let mut all = headers.get_all(AUTHORIZATION).iter().chain(headers.get_all(API_KEY));
    let (Some(value), None) = (all.next(), all.next()) else {
        let several = headers.contains_key(AUTHORIZATION) || headers.contains_key(API_KEY);
        return if several { Err(malformed("there is more than one credential")) } else { Ok(None) };
    };
    let text = value.to_str().map_err(|_| malformed("the credential cannot be read"))?;
    let Some((scheme, rest)) = headers.get(AUTHORIZATION).map(|_| text.split_once(' ').unwrap_or((text, ""))) else {
        return Ok(Some(Secret::new(text)).filter(|key| key.expose().starts_with(api_keys::PREFIX)));
    };
    let token = rest.trim_start_matches(' ');
    Ok(scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token)).filter(|token| !token.expose().is_empty()))
}

/// Who holds this credential: it has to be alive, of this tenant and for its API, and a token's client still has to
/// be allowed to do anything.
///
/// # Errors
/// [`Code::Unauthorized`] without a credential, [`Code::InvalidToken`] for one that does not hold.
pub async fn prove(app: &App, tenant: &TenantContext, given: Option<Secret>) -> Result<Principal, Unproven> {
    prove_at(app, tenant, "", given).await
}

/// The same at one of the services: a token may be for that service alone (RFC 8707 §2).
pub(super) async fn prove_at(
    app: &App,
    tenant: &TenantContext,
    service: &str,
    given: Option<Secret>,
) -> Result<Principal, Unproven> {
    let Some(secret) = given else { return Err(Unproven::nobody(tenant)) };
    if secret.expose().starts_with(api_keys::PREFIX) {
        let key = app.api_keys.find(&tenant.id, &secret).await?;
        return key.map(Principal::Key).ok_or_else(|| Unproven::invalid(tenant));
    }
    let found = app.tokens.access_token(&tenant.id, &tenant.issuer, secret.expose()).await?;
    let (all, one) = (tenant.api_audience(), tenant.service_audience(service));
    let is_for_us = |token: &LiveToken| token.is_for(&all) || (!service.is_empty() && token.is_for(&one));
    let token = found.filter(is_for_us).ok_or_else(|| Unproven::invalid(tenant))?;
    match app.clients.find(&tenant.id, token.client_id()).await? {
        Some(_) => Ok(Principal::Token(token)),
        None => Err(Unproven::invalid(tenant)),
    }
}

/// What needs a role needs it now, whatever the token of a person said when it was made (W-071).
pub(super) async fn reaches(
    app: &App,
    tenant: &TenantContext,
    principal: &Principal,
    needed: Option<&'static str>,
) -> Result<(), Unproven> {
    let outside = |needed: &str, role| within_role(&Scope::of([needed]), role).is_empty();
    let Some(needed) = needed.filter(|needed| outside(needed, Role::User)) else { return Ok(()) };
    let Principal::Token(token) = principal else { return Ok(()) };
    let Some(person) = token.user() else { return Ok(()) };
    let user = users::by_id(&app.db, &tenant.id, &person).await?;
    match user.filter(|user| user.status == UserStatus::Active) {
        None => Err(Unproven::invalid(tenant)),
        Some(user) if outside(needed, user.role) => Err(Unproven::insufficient(tenant, needed)),
        Some(_) => Ok(()),
    }
}

pub(super) fn demand(tenant: &TenantContext, held: &Scope, needed: Option<&'static str>) -> Result<(), Unproven> {
    match needed {
        Some(needed) if !held.contains(needed) => Err(Unproven::insufficient(tenant, needed)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
