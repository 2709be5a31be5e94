//! A caller who is not, or not enough, who an endpoint needs, and the challenge that tells what would do
//! (RFC 6750 §3, RFC 9470 §3, RFC 9728 §5.1).

use axum::http::HeaderValue;
use axum::http::header::WWW_AUTHENTICATE;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::base::{Code, Refusal, Seconds, Stop};
use crate::http::context;
use crate::http::errors::{OAuthError, Rejected};
use crate::http::routes::{CHECKOUT_SESSIONS, protected_resource_metadata};
use crate::tenants::TenantContext;

/// A caller who is not, or not enough, who the endpoint needs.
#[derive(Debug)]
pub struct Unproven {
    pub(super) stop: Stop,
    pub(super) challenge: Option<Box<Challenge>>,
}

/// The challenge of RFC 6750 §3, and the resource whose metadata it names (RFC 9728 §5.1).
#[derive(Debug)]
pub(super) struct Challenge {
    members: Vec<String>,
    resource: Option<(String, &'static str)>,
}

impl std::fmt::Display for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let metadata = self
            .resource
            .as_ref()
            .map(|(issuer, service)| format!("resource_metadata=\"{}\"", protected_resource_metadata(issuer, service)));
        let members: Vec<&str> = self.members.iter().chain(&metadata).map(String::as_str).collect();
        write!(f, "Bearer {}", members.join(", "))
    }
}

impl Unproven {
    /// A refusal with the challenge of RFC 6750 §3 and where RFC 9728 §5.1 wants the metadata named. Without a
    /// credential there is no error code to tell.
    fn new(tenant: &TenantContext, refusal: Refusal, scope: Option<&str>) -> Self {
        let mut members = if refusal.code == Code::Unauthorized { Vec::new() } else { told(&refusal) };
        members.extend(scope.map(|scope| format!("scope=\"{scope}\"")));
        let challenge = Challenge { members, resource: Some((tenant.issuer.clone(), "")) };
        Self { stop: refusal.into(), challenge: Some(Box::new(challenge)) }
    }

    /// The same at one of the services, which has metadata of its own.
    pub(in crate::http) fn at(mut self, service: &'static str) -> Self {
        if let Some((_, named)) = self.challenge.as_mut().and_then(|challenge| challenge.resource.as_mut()) {
            *named = service;
        }
        self
    }

    pub(super) fn refused(tenant: &TenantContext, code: Code, description: &'static str) -> Self {
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
        let refusal = Refusal::new(Code::InsufficientUserAuthentication, why).member("max_age", within.0);
        Self::new(tenant, refusal, None)
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

/// A refusal in the members of a challenge, with what a stronger sign-in would have to be (RFC 9470 §3).
fn told(refusal: &Refusal) -> Vec<String> {
    let mut told =
        vec![format!("error=\"{}\"", refusal.code.as_str()), format!("error_description=\"{}\"", refusal.description)];
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let wanted = ["acr_values", "max_age"].into_iter().filter_map(|name| Some((name, refusal.members.get(name)?)));
    told.extend(wanted.map(|(name, value)| format!("{name}=\"{}\"", text(value))));
    told
}

impl<E> From<E> for Unproven
where
    Stop: From<E>,
{
    fn from(error: E) -> Self {
        let stop = error.into();
        let challenge = match &stop {
            // What a rule asks of the sign-in is found out behind the guard.
            Stop::Refused(refusal) if refusal.code == Code::InsufficientUserAuthentication => {
                let resource = context::resource().map(|(tenant, service)| (tenant.issuer.clone(), service));
                Some(Box::new(Challenge { members: told(refusal), resource }))
            }
            _ => None,
        };
        Self { stop, challenge }
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
