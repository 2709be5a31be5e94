//! An authorization request held against every rule without anything happening: what a developer asks who wonders why
//! one is refused. The rules are those of the endpoint.

use serde::Serialize;

use super::Authorization;
use super::request::{AuthorizationRequest, prove_return_to};
use super::rules::{AUTHORIZE, Asked, Rule};
use crate::base::{Params, Refusal, Result, Scope, Stop, Why};
use crate::tenants::TenantContext;

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Rehearsal {
    /// Whether the request keeps all rules: then the person is asked to sign in, or is sent back.
    pub accepted: bool,
    /// Every rule that could be looked at, in order.
    pub rules: Vec<Checked>,
    /// The first that is broken: what the endpoint would refuse with.
    pub refused: Option<Checked>,
    /// How the endpoint would tell it: `page` to the person, since the redirect URI is not proven, or `redirect` to the
    /// client.
    pub told_by: Option<&'static str>,
    /// What of the scope would be asked of the person.
    pub scope: Option<Scope>,
}

/// A rule and whether it is kept.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// Its name.
    pub rule: &'static str,
    /// Whether it is kept.
    pub kept: bool,
    /// What is registered.
    pub registered: Option<String>,
    /// What came.
    pub received: Option<String>,
    /// The code of the refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// What the client would be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Checked {
    fn kept(rule: &'static str, registered: Option<String>, received: Option<String>) -> Self {
        Self { rule, kept: true, registered, received, code: None, description: None }
    }

    fn broken(refusal: Refusal) -> Self {
        let (code, description) = (Some(refusal.code.as_str()), Some(refusal.description.into_owned()));
        let Why { rule, registered, received } =
            refusal.why.map_or(Why { rule: "request", registered: None, received: None }, |why| *why);
        Self { rule, kept: false, registered, received, code, description }
    }
}

impl Rehearsal {
    /// Of a request whose parameters cannot be read.
    #[must_use]
    pub fn unreadable(refusal: Refusal) -> Self {
        Self::of(vec![Checked::broken(refusal)], false, None)
    }

    fn of(rules: Vec<Checked>, proven: bool, scope: Option<Scope>) -> Self {
        let refused = rules.iter().find(|rule| !rule.kept).cloned();
        let told_by = refused.as_ref().map(|_| if proven { "redirect" } else { "page" });
        let accepted = refused.is_none();
        Self { accepted, rules, refused, told_by, scope: scope.filter(|_| accepted) }
    }
}

impl Authorization {
    /// Holds a request against every rule.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rehearse(&self, tenant: &TenantContext, params: &Params) -> Result<Rehearsal> {
        let client = match self.client_of(tenant, params).await {
            Ok(client) => client,
            Err(Stop::Refused(refusal)) => return Ok(Rehearsal::of(vec![Checked::broken(refusal)], false, None)),
            Err(failed) => return Err(failed),
        };
        let id = client.id.as_str().to_owned();
        let mut rules = vec![Checked::kept("client_id", Some(id.clone()), Some(id))];
        let return_to = match prove_return_to(params, tenant, &client) {
            Ok(return_to) => return_to,
            Err(refusal) => {
                rules.push(Checked::broken(refusal));
                return Ok(Rehearsal::of(rules, false, None));
            }
        };
        let registered = client.metadata.redirect_uris.join(" ");
        rules.push(Checked::kept("redirect_uri", Some(registered), Some(return_to.redirect_uri.clone())));
        let mut request = AuthorizationRequest::blank(&client, return_to);
        rules.extend(hold_all(&Asked { params, tenant, client: &client }, &mut request));
        rules.push(self.rehearse_hint(tenant, params, request.clone()).await?);
        Ok(Rehearsal::of(rules, true, Some(request.scope)))
    }

    async fn rehearse_hint(
        &self,
        tenant: &TenantContext,
        params: &Params,
        request: AuthorizationRequest,
    ) -> Result<Checked> {
        let given = params.get("id_token_hint").map(|_| "a token".to_owned());
        Ok(match self.read_hint(tenant, params, request).await? {
            Ok(_) => Checked::kept("id_token_hint", None, given),
            Err(refusal) => Checked::broken(refusal),
        })
    }
}

/// Each rule by itself: what one breaks does not hide what another does.
fn hold_all(asked: &Asked<'_>, request: &mut AuthorizationRequest) -> Vec<Checked> {
    let hold = |rule: &Rule| match rule.hold(asked, request) {
        Ok(()) => Checked::kept(rule.name, rule.registered(asked), rule.received(asked)),
        Err(refusal) => Checked::broken(refusal),
    };
    AUTHORIZE.iter().map(hold).collect()
}
