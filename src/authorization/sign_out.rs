//! What a client may ask of the end-session endpoint (OIDC RP-Initiated Logout §2, §3): a hint must be a token of
//! ours, and the way back must be registered by the client that the hint or `client_id` names.

use std::sync::Arc;

use url::Url;

use super::{Authorization, ID_TOKEN_TYP, not_ours};
use crate::base::{ClientId, Code, Params, Refusal, Result, Stop};
use crate::clients::KnownClient;
use crate::keys::Claims;
use crate::sessions::SignedIn;
use crate::tenants::TenantContext;

/// A request to sign out that keeps the rules.
#[derive(Debug)]
pub struct SignOut {
    /// The client that asks, if it says.
    pub client: Option<Arc<KnownClient>>,
    /// Where the browser goes afterwards, with `state`.
    pub return_to: Option<String>,
    hint: Option<Claims>,
}

impl SignOut {
    /// Whether the hint names this very sign-in: then the person need not be asked.
    #[must_use]
    pub fn is_of(&self, who: &SignedIn) -> bool {
        self.hint.as_ref().is_some_and(|hint| {
            hint.text("sub") == Some(who.user.id.as_str()) && hint.text("sid") == Some(who.session.id.as_str())
        })
    }
}

impl Authorization {
    /// Checks a request to sign out.
    ///
    /// # Errors
    /// The hint is not ours, the client is unknown, or the way back is not registered: a page, and no redirect (S4).
    pub async fn sign_out(&self, tenant: &TenantContext, params: &Params) -> Result<SignOut> {
        let hint = match params.get("id_token_hint") {
            Some(hint) => Some(self.read_own(tenant, hint).await?),
            None => None,
        };
        let client = match client_id(params.get("client_id"), hint.as_ref())? {
            Some(id) => self.clients.find(&tenant.id, &id).await?,
            None => None,
        };
        let return_to = match params.get("post_logout_redirect_uri") {
            Some(uri) => Some(proven(uri, params.get("state"), client.as_deref())?),
            None => None,
        };
        Ok(SignOut { client, return_to, hint })
    }

    async fn read_own(&self, tenant: &TenantContext, hint: &str) -> Result<Claims> {
        let claims = match self.keys.verify_hint(&tenant.id, hint, ID_TOKEN_TYP).await {
            Err(Stop::Refused(_)) => return Err(not_ours().into()),
            other => other?,
        };
        if claims.text("iss") == Some(&tenant.issuer) { Ok(claims) } else { Err(not_ours().into()) }
    }
}

/// The client that is named, twice at most and then the same.
fn client_id(named: Option<&str>, hint: Option<&Claims>) -> Result<Option<ClientId>, Refusal> {
    let audience = hint.and_then(Claims::audiences);
    match (named, audience.as_deref()) {
        (Some(named), Some(audience)) if !audience.contains(&named) => Err(Refusal::new(
            Code::InvalidRequest,
            "the id_token_hint was issued to another client than client_id names",
        )),
        (Some(named), _) => Ok(Some(ClientId::from(named))),
        (None, Some([audience])) => Ok(Some(ClientId::from(*audience))),
        (None, _) => Ok(None),
    }
}

/// The way back, if this client registered it.
fn proven(uri: &str, state: Option<&str>, client: Option<&KnownClient>) -> Result<String, Refusal> {
    let refuse = |sentence: &'static str| Refusal::new(Code::InvalidRequest, sentence).hint(uri.to_owned());
    let client =
        client.ok_or_else(|| refuse("post_logout_redirect_uri needs the id_token_hint or client_id of its client"))?;
    if !client.may_redirect_after_logout_to(uri) {
        return Err(refuse("the post_logout_redirect_uri is not registered for this client"));
    }
    let Some(state) = state else { return Ok(uri.to_owned()) };
    let mut url = Url::parse(uri).map_err(|_| refuse("the post_logout_redirect_uri is not a URL"))?;
    url.query_pairs_mut().append_pair("state", state);
    Ok(url.into())
}
