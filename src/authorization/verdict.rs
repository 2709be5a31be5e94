//! What has to happen next with a request: sign in, consent, or answer (OIDC Core §3.1.2.3, §3.1.2.4).

use serde_json::Value;

use super::{Authorization, AuthorizationRequest, Next, Pending};
use crate::base::{Code, Refusal, Result, Scope};
use crate::clients::KnownClient;
use crate::sessions::SignedIn;
use crate::store::grants;
use crate::tenants::TenantContext;

impl Authorization {
    /// The next step of a request, given who is signed in in this browser. When everything is given already, the
    /// code is issued and the answer ready.
    pub async fn next(&self, tenant: &TenantContext, pending: &Pending, who: Option<&SignedIn>) -> Result<Next> {
        let request = &pending.request;
        let refuse = |code, text: &'static str| Ok(Next::Answer(request.return_to.error(&Refusal::new(code, text))));
        let Some(client) = self.clients.find(&tenant.id, &request.client_id).await? else {
            return refuse(Code::UnauthorizedClient, "this client is not active any more");
        };
        let Some(who) = who.filter(|who| self.is_fresh_enough(pending, who)) else {
            return if request.prompt.none {
                refuse(Code::LoginRequired, "the person has to sign in")
            } else {
                Ok(Next::SignIn)
            };
        };
        if request.hinted_sub.as_ref().is_some_and(|named| named != who.user.id.as_str()) {
            return if request.prompt.none || is_for(pending, who) {
                refuse(Code::LoginRequired, "another person is signed in than the id_token_hint names")
            } else {
                Ok(Next::SignIn)
            };
        }
        if !acr_is_met(request, who) {
            return refuse(Code::UnmetAuthenticationRequirements, "the acr that is essential cannot be reached");
        }
        if self.must_ask(tenant, request, &client, who).await? {
            return if request.prompt.none {
                refuse(Code::ConsentRequired, "the person has to be asked")
            } else {
                Ok(Next::Consent(request.scope.clone()))
            };
        }
        self.approve(tenant, request, who, &request.scope).await.map(Next::Answer)
    }

    /// Whether the person proved who they are recently enough, or for this very request.
    fn is_fresh_enough(&self, pending: &Pending, who: &SignedIn) -> bool {
        let age = self.clock.now().since(who.session.auth_time).0;
        let stale = pending.request.max_age.is_some_and(|most| most == 0 || age > most);
        is_for(pending, who) || !(pending.request.prompt.login || stale)
    }

    async fn must_ask(
        &self,
        tenant: &TenantContext,
        request: &AuthorizationRequest,
        client: &KnownClient,
        who: &SignedIn,
    ) -> Result<bool> {
        if request.prompt.consent {
            return Ok(true);
        }
        if client.policy.first_party {
            return Ok(false);
        }
        let given = grants::consent(&self.db, &tenant.id, &who.user.id, &request.client_id).await?;
        Ok(!request.scope.is_within(&given.unwrap_or_else(Scope::empty)))
    }
}

/// Whether the person signed in for this request.
fn is_for(pending: &Pending, who: &SignedIn) -> bool {
    pending.signed_in.as_ref() == Some(&who.session.id)
}

/// An `acr` asked for as essential is reached or the request fails (OIDC Core §5.5.1.1); `acr_values` only wish.
fn acr_is_met(request: &AuthorizationRequest, who: &SignedIn) -> bool {
    let Some(acr) = request.claims.as_ref().and_then(|claims| claims.pointer("/id_token/acr")) else { return true };
    if acr.get("essential") != Some(&Value::Bool(true)) {
        return true;
    }
    let reached = Value::from(who.session.acr.as_str());
    match (acr.get("value"), acr.get("values").and_then(Value::as_array)) {
        (Some(value), _) => *value == reached,
        (None, Some(values)) => values.contains(&reached),
        (None, None) => true,
    }
}
