//! `private_key_jwt` (OIDC Core §9, RFC 7523 §3): a client signs that it is itself, once.

use std::sync::Arc;

use super::{Clients, KnownClient};
use crate::base::{Result, Seconds};
use crate::keys::{Algorithm, Claims, Expected, Invalid, JwkSet, Policy};
use crate::outbound::FetchError;
use crate::store::clients::use_assertion;

/// How far a client's clock may be off: 10 s have to be accepted, 60 s refused.
const LEEWAY: Seconds = Seconds(30);
/// How long an assertion may be valid, since its `jti` is remembered for as long.
const LONGEST: Seconds = Seconds(3_600);
const MAX_JTI: usize = 256;

impl Clients {
    /// Whether the assertion proves this client, here, now, and for the first time.
    pub(super) async fn accepts_assertion(
        &self,
        client: &KnownClient,
        audiences: &[&str],
        assertion: &str,
    ) -> Result<bool> {
        let Ok(claims) = self.verify(client, assertion).await else { return Ok(false) };
        let now = self.clock.now();
        let expected = Expected { issuer: client.id.as_str(), audiences, now, leeway: LEEWAY, longest: Some(LONGEST) };
        let is_client = claims.text("sub") == Some(client.id.as_str());
        if claims.check(&expected).is_err() || !is_client {
            return Ok(false);
        }
        let (Some(jti), Some(exp)) = (claims.text("jti"), claims.instant("exp")) else { return Ok(false) };
        if jti.is_empty() || jti.len() > MAX_JTI {
            return Ok(false);
        }
        let end = exp.plus(LEEWAY);
        Ok(use_assertion(&self.db, &client.tenant_id, &client.id, jti, end).await?)
    }

    /// With the keys that are registered, or published; published ones are fetched again for a key not yet seen.
    async fn verify(&self, client: &KnownClient, assertion: &str) -> Result<Claims, Invalid> {
        let registered = client.metadata.token_endpoint_auth_signing_alg.as_deref();
        let only = registered.and_then(|name| name.parse::<Algorithm>().ok()).map(|algorithm| [algorithm]);
        let algorithms = only.as_ref().map_or(Algorithm::ALL, |only| only.as_slice());
        let policy = Policy { algorithms, ..Policy::CLIENT_ASSERTION };
        if let Some(keys) = &client.keys {
            return keys.verify(assertion, &policy).map(|verified| verified.claims);
        }
        let uri = client.metadata.jwks_uri.as_deref().ok_or(Invalid::UnknownKey)?;
        let fetched = self.outbound.key_set(uri).await;
        match verify_by(&fetched, assertion, &policy) {
            Err(Invalid::UnknownKey) => verify_by(&self.outbound.key_set_again(uri).await, assertion, &policy),
            verified => verified,
        }
    }
}

fn verify_by(fetched: &Result<Arc<[u8]>, FetchError>, assertion: &str, policy: &Policy) -> Result<Claims, Invalid> {
    let keys = fetched.as_ref().ok().and_then(|json| JwkSet::parse(json).ok()).ok_or(Invalid::UnknownKey)?;
    keys.verify(assertion, policy).map(|verified| verified.claims)
}
