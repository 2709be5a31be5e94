//! What has to happen next with a request: sign in, consent, or answer (OIDC Core §3.1.2.3, §3.1.2.4).

use super::{Authorization, AuthorizationRequest, Next, Pending};
use crate::base::{Code, Level, Method, Refusal, Result, Scope};
use crate::clients::KnownClient;
use crate::sessions::SignedIn;
use crate::store::factors;
use crate::tenants::TenantContext;

/// What a person's proof is worth for a request.
enum Standing {
    Enough,
    SignIn,
    SecondFactor,
    Unreachable,
}

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
        match self.standing(tenant, pending, &client, who).await? {
            Standing::Enough => {}
            Standing::Unreachable => {
                return refuse(Code::UnmetAuthenticationRequirements, "the acr that is essential cannot be reached");
            }
            _ if request.prompt.none => return refuse(Code::LoginRequired, "the person has to prove more"),
            Standing::SignIn => return Ok(Next::SignIn),
            Standing::SecondFactor => return Ok(Next::SecondFactor),
        }
        self.next_in_place(tenant, pending, &client, who).await
    }

    /// Whether the person proved who they are recently enough, or for this very request.
    fn is_fresh_enough(&self, pending: &Pending, who: &SignedIn) -> bool {
        let age = self.clock.now().since(who.session.auth_time).0;
        let stale = pending.request.max_age.is_some_and(|most| most == 0 || age > most);
        is_for(pending, who) || !(pending.request.prompt.login || pending.request.prompt.create || stale)
    }

    /// Whether what the person proved is enough for this request, and if not, what would be.
    async fn standing(
        &self,
        tenant: &TenantContext,
        pending: &Pending,
        client: &KnownClient,
        who: &SignedIn,
    ) -> Result<Standing> {
        let demanded = if client.policy.second_factor { Level::Two } else { Level::One };
        let wanted = pending.request.wanted_level().max(demanded);
        if wanted > who.level() {
            let held = factors::held(&self.db, &tenant.id, &who.user.id).await?;
            let reachable = match (held.passkeys > 0, held.totp > 0) {
                (true, _) => Level::PhishingResistant,
                (false, true) => Level::Two,
                (false, false) => Level::One,
            };
            if wanted.min(reachable) > who.level() {
                return Ok(Standing::SecondFactor);
            }
        }
        // Who signed in for this very request was told by the engine what is needed, and what is forgiven for a while.
        let lacking = demanded > who.level() || !is_by_wanted_method(client, who);
        Ok(match acr_is_met(&pending.request, who) {
            false => Standing::Unreachable,
            true if lacking && !is_for(pending, who) => Standing::SignIn,
            true => Standing::Enough,
        })
    }

    pub(super) async fn must_ask(
        &self,
        tenant: &TenantContext,
        request: &AuthorizationRequest,
        client: &KnownClient,
        (who, in_organization): (&SignedIn, bool),
    ) -> Result<bool> {
        if request.prompt.consent {
            return Ok(true);
        }
        if client.policy.first_party {
            return Ok(false);
        }
        // What was allowed before is remembered by scope alone.
        if !request.details.is_empty() || in_organization {
            return Ok(true);
        }
        let given = self.reader.consent(&tenant.id, &who.user.id, &request.client_id).await?;
        Ok(!request.scope.is_within(&given.unwrap_or_else(Scope::empty)))
    }
}

/// Whether the person signed in for this request.
fn is_for(pending: &Pending, who: &SignedIn) -> bool {
    pending.signed_in.as_ref() == Some(&who.session.id)
}

/// Whether somebody got in by one of the ways that the client wants.
fn is_by_wanted_method(client: &KnownClient, who: &SignedIn) -> bool {
    let wanted = &client.policy.sign_in_methods;
    let used = |method: &Method| method.amr().iter().all(|word| who.session.amr.iter().any(|used| used == word));
    wanted.is_empty() || wanted.iter().any(used)
}

/// An `acr` asked for as essential is reached or the request fails (OIDC Core §5.5.1.1); `acr_values` only wish.
fn acr_is_met(request: &AuthorizationRequest, who: &SignedIn) -> bool {
    let essential = request.essential_acr();
    essential.is_empty() || essential.iter().any(|acr| Level::of(acr).is_some_and(|level| level <= who.level()))
}
