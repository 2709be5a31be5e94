//! A provider tells that a sign-in there has ended (OIDC Back-Channel Logout §2.4–2.6): those here that rest on it end.

use crate::base::{ClientId, Code, Refusal, Result, Seconds, SessionId};
use crate::keys::{Algorithm, Claims, Invalid, JwkSet, Policy, Typ};
use crate::store::clients::use_assertion;
use crate::store::identities;
use crate::store::providers::{IdentityProvider, ProviderKind};
use crate::store::tenants::Tenant;

use super::{Federation, oidc, unreachable};

/// How far the provider's clock may be off.
const LEEWAY: Seconds = Seconds(60);
/// How old a logout token may be, and how far ahead its end may lie.
const OLDEST: Seconds = Seconds(600);
/// What the token is about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Longest `jti`, `sub` and `sid`.
const LONGEST: usize = 255;

impl Federation {
    /// The sign-ins here that a logout token ends.
    ///
    /// # Errors
    /// The token is not this provider's, not for us, not about a sign-out, late, or was here before.
    pub async fn ended_upstream(
        &self,
        tenant: &Tenant,
        provider: &IdentityProvider,
        token: &str,
    ) -> Result<Vec<SessionId>> {
        if provider.kind != ProviderKind::Oidc {
            return Err(refused("this provider has no sign-out").into());
        }
        let claims = self.verify(provider, token).await?;
        self.check(provider, &claims).map_err(refused)?;
        let jti = claims.text("jti").filter(|jti| !jti.is_empty() && jti.len() <= LONGEST);
        let jti = jti.ok_or_else(|| refused("jti"))?;
        // Beside the assertions of clients, under a name that no client has.
        let party = ClientId::from(format!("provider:{}", provider.id));
        let until = self.clock.now().plus(Seconds(2 * OLDEST.0));
        if !use_assertion(&self.db, &tenant.id, &party, jti, until).await? {
            return Err(refused("jti was here before").into());
        }
        let named = (claims.text("sub"), claims.text("sid"));
        let ended = identities::resting(&self.db, &tenant.id, &provider.id, named).await?;
        Ok(ended.into_iter().map(|session| session.session_id).collect())
    }

    async fn verify(&self, provider: &IdentityProvider, token: &str) -> Result<Claims, Refusal> {
        let metadata = oidc::metadata(&self.outbound, &provider.settings.issuer).await?;
        let url = metadata.jwks_uri().as_str();
        let keys = |bytes: &[u8]| JwkSet::parse(bytes).map_err(|_| refused("the provider's keys cannot be used"));
        let policy = Policy { algorithms: Algorithm::ALL, typ: Typ::May(&["logout+jwt", "jwt"]) };
        let known = keys(&self.outbound.key_set(url).await.map_err(unreachable)?)?;
        let verified = match known.verify(token, &policy) {
            Err(Invalid::UnknownKey) => {
                keys(&self.outbound.key_set_again(url).await.map_err(unreachable)?)?.verify(token, &policy)
            }
            verified => verified,
        };
        verified.map(|verified| verified.claims).map_err(|invalid| refused(&invalid.to_string()))
    }

    fn check(&self, provider: &IdentityProvider, claims: &Claims) -> Result<(), &'static str> {
        let now = self.clock.now();
        if claims.text("iss") != Some(&provider.settings.issuer) {
            return Err("iss");
        }
        if !claims.is_for(&provider.settings.client_id) {
            return Err("aud");
        }
        let age = now.since(claims.instant("iat").ok_or("iat")?);
        if age.0 < -LEEWAY.0 || age > OLDEST {
            return Err("iat");
        }
        // Left out by providers that follow the drafts; the age is bounded all the same.
        if claims.0.contains_key("exp") && claims.instant("exp").is_none_or(|exp| now >= exp.plus(LEEWAY)) {
            return Err("exp");
        }
        if claims.0.contains_key("nonce") {
            return Err("nonce: this is an ID token");
        }
        let event = claims.0.get("events").and_then(|events| events.get(EVENT));
        if !event.is_some_and(serde_json::Value::is_object) {
            return Err("events");
        }
        let fits = |name| claims.text(name).is_some_and(|text| !text.is_empty() && text.len() <= LONGEST);
        let absent = |name: &str| !claims.0.contains_key(name);
        match (fits("sub") || absent("sub"), fits("sid") || absent("sid"), absent("sub") && absent("sid")) {
            (true, true, false) => Ok(()),
            _ => Err("sub or sid"),
        }
    }
}

fn refused(hint: &str) -> Refusal {
    Refusal::new(Code::InvalidRequest, "the logout token cannot be accepted").hint(hint)
}
