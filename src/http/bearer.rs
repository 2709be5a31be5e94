//! Who holds a token or an API key (RFC 6750 §2.1, RFC 9068 §4), proven before the handler runs: the need of an
//! endpoint stands in its signature.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::errors::{OAuthError, Rejected};
use super::routes::{CHECKOUT_SESSIONS, protected_resource_metadata};
use super::{Params, Tenant};
use crate::api_keys;
use crate::app::App;
use crate::base::{Code, Refusal, Scope, Seconds, Secret, Stop};
use crate::clients::scopes::within_role;
use crate::store::api_keys::ApiKey;
use crate::store::users::{self, Role, UserStatus};
use crate::tenants::TenantContext;
use crate::tokens::LiveToken;

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

/// A caller who is not, or not enough, who the endpoint needs.
#[derive(Debug)]
pub struct Unproven {
    stop: Stop,
    challenge: Option<Box<Challenge>>,
}

/// The challenge of RFC 6750 §3, and the resource whose metadata it names (RFC 9728 §5.1).
#[derive(Debug)]
struct Challenge {
    members: Vec<String>,
    issuer: String,
    service: &'static str,
}

impl std::fmt::Display for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer ")?;
        for member in &self.members {
            write!(f, "{member}, ")?;
        }
        write!(f, "resource_metadata=\"{}\"", protected_resource_metadata(&self.issuer, self.service))
    }
}

impl Unproven {
    /// A refusal with the challenge of RFC 6750 §3 and where RFC 9728 §5.1 wants the metadata named. Without a
    /// credential there is no error code to tell.
    fn new(tenant: &TenantContext, refusal: Refusal, scope: Option<&str>) -> Self {
        let mut members = Vec::new();
        if refusal.code != Code::Unauthorized {
            members.push(format!("error=\"{}\"", refusal.code.as_str()));
            members.push(format!("error_description=\"{}\"", refusal.description));
        }
        members.extend(scope.map(|scope| format!("scope=\"{scope}\"")));
        let challenge = Challenge { members, issuer: tenant.issuer.clone(), service: "" };
        Self { stop: refusal.into(), challenge: Some(Box::new(challenge)) }
    }

    /// The same at one of the services, which has metadata of its own.
    pub(super) fn at(mut self, service: &'static str) -> Self {
        if let Some(challenge) = &mut self.challenge {
            challenge.service = service;
        }
        self
    }

    fn refused(tenant: &TenantContext, code: Code, description: &'static str) -> Self {
        Self::new(tenant, Refusal::new(code, description), None)
    }

    /// A caller without credential.
    pub(crate) fn nobody(tenant: &TenantContext) -> Self {
        Self::refused(tenant, Code::Unauthorized, "this needs an access token")
    }

    /// A credential that is not, or no longer, one.
    pub(crate) fn invalid(tenant: &TenantContext) -> Self {
        Self::refused(tenant, Code::InvalidToken, "the token is not valid")
    }

    /// A person who proved who they are too long ago (RFC 9470 §3).
    pub(crate) fn too_long_ago(tenant: &TenantContext, within: Seconds) -> Self {
        let why = "this needs a sign-in that is not so long ago";
        Self::refused(tenant, Code::InsufficientUserAuthentication, why).wanting("max_age", &within.0.to_string())
    }

    fn wanting(mut self, name: &str, value: &str) -> Self {
        if let Some(challenge) = &mut self.challenge {
            challenge.members.push(format!("{name}=\"{value}\""));
        }
        self
    }

    /// A caller who may not do this.
    pub(crate) fn insufficient(tenant: &TenantContext, scope: &str) -> Self {
        let refusal = Refusal::new(Code::InsufficientScope, format!("this needs the scope {scope}"));
        Self::new(tenant, refusal, Some(scope))
    }

    /// A caller who may do this after paying for it: to OAuth's machinery that is too little scope.
    pub(crate) fn unpaid(tenant: &TenantContext, scope: &str, plans: &[String]) -> Self {
        let unproven = Self::insufficient(tenant, scope);
        let refusal = Refusal::new(Code::EntitlementRequired, format!("the scope {scope} has to be paid for"));
        let refusal = refusal.member("plans", plans.to_vec()).member("checkout", CHECKOUT_SESSIONS);
        Self { stop: refusal.into(), ..unproven }
    }
}

impl<E> From<E> for Unproven
where
    Stop: From<E>,
{
    fn from(error: E) -> Self {
        Self { stop: error.into(), challenge: None }
    }
}

impl From<Rejected> for Unproven {
    fn from(rejected: Rejected) -> Self {
        rejected.0.into()
    }
}

impl From<Unproven> for OAuthError {
    fn from(unproven: Unproven) -> Self {
        Self { stop: unproven.stop, challenge: unproven.challenge.map(|challenge| challenge.to_string()) }
    }
}

impl IntoResponse for Unproven {
    fn into_response(self) -> Response {
        let mut response = Rejected(self.stop).into_response();
        if let Some(challenge) = self.challenge.and_then(|text| HeaderValue::from_str(&text.to_string()).ok()) {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
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
