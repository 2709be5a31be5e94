//! Whom an access token is for (RFC 8707): exactly the resources asked for, or the tenant's own API.

use super::TokenRequest;
use crate::base::{Code, Refusal, Result};
use crate::clients::KnownClient;
use crate::tenants::TenantContext;

/// Whether tokens may be issued to this client for this resource.
#[must_use]
pub fn is_permitted(tenant: &TenantContext, client: &KnownClient, resource: &str) -> bool {
    let known = tenant.is_own_resource(resource) || tenant.settings.is_resource(resource);
    let own = &client.policy.resources;
    known && (own.is_empty() || own.iter().any(|own| own == resource))
}

/// The audience of a token: what this request asks for, within what the grant was given for; else what it was given
/// for; else what the client is limited to; else our own API (RFC 8707 §2.2).
pub(super) fn of(ask: &TokenRequest<'_>, granted: &[String]) -> Result<Vec<String>> {
    let mut audience: Vec<String> = Vec::new();
    for resource in &ask.form.resources {
        let within = granted.is_empty() || granted.iter().any(|granted| granted == resource);
        if !within || !is_permitted(ask.tenant, ask.client, resource) {
            let refusal = Refusal::new(Code::InvalidTarget, "no token can be issued for this resource");
            let known = if granted.is_empty() { ask.tenant.settings.audiences() } else { granted.to_vec() };
            return Err(refusal.because("resource", known.join(" "), (*resource).to_owned()).into());
        }
        if !audience.iter().any(|have| have == resource) {
            audience.push((*resource).to_owned());
        }
    }
    if !audience.is_empty() {
        return Ok(audience);
    }
    let usual = [granted, &ask.client.policy.resources].into_iter().find(|resources| !resources.is_empty());
    Ok(usual.map_or_else(|| vec![ask.tenant.api_audience()], <[String]>::to_vec))
}
