//! Verifying our own tokens, with the keys of the tenant that is asked and no other's.

use super::ring::RingKey;
use super::verify::Unverified;
use super::{Algorithm, Claims, Invalid, Keys, Policy, Typ};
use crate::base::{Kid, Refusal, Result, TenantId};
use crate::store::keys as rows;

/// What our own tokens are signed with.
const OWN: &[Algorithm] = &[Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

impl Keys {
    /// The claims of a token that this tenant signed, with exactly this `typ`, with a key whose time is not over.
    /// They are still to be checked ([`Claims::check`]).
    pub async fn verify(&self, tenant: &TenantId, token: &str, typ: &str) -> Result<Claims> {
        let unverified = parse(token, typ)?;
        let (kid, algorithm) = (unverified.kid.clone().unwrap_or_default(), unverified.algorithm);
        let now = self.clock.now();
        let ring = self.ring(tenant, &[]).await?;
        if let Some(key) = ring.find(&kid, algorithm).filter(|key| key.verifies_at(now)) {
            return prove(unverified, Some(key));
        }
        // Another process may have rotated just now: a valid token must not be refused for that (W-060).
        let key = self.stored(tenant, &kid).await?.filter(|key| key.verifies_at(now));
        if key.is_some() {
            self.reload(tenant, &[], |ring| ring.find(&kid, algorithm).is_some()).await?;
        }
        prove(unverified, key.as_ref())
    }

    /// As [`Keys::verify`] for an ID token that comes back as a hint: its key may have been retired since (OIDC
    /// RP-Initiated Logout §2). What it says may only be used to find things again, never to allow anything.
    pub async fn verify_hint(&self, tenant: &TenantId, token: &str, typ: &str) -> Result<Claims> {
        let unverified = parse(token, typ)?;
        let key = self.stored(tenant, unverified.kid.as_deref().unwrap_or_default()).await?;
        prove(unverified, key.as_ref())
    }

    async fn stored(&self, tenant: &TenantId, kid: &str) -> Result<Option<RingKey>> {
        let row = rows::by_kid(&self.db, tenant, &Kid::from(kid)).await?;
        Ok(row.map(RingKey::new).transpose()?)
    }
}

fn parse<'a>(token: &'a str, typ: &str) -> Result<Unverified<'a>, Refusal> {
    Ok(Unverified::parse(token, &Policy { algorithms: OWN, typ: Typ::Must(typ) })?)
}

fn prove(token: Unverified, key: Option<&RingKey>) -> Result<Claims> {
    let kid = token.kid.as_deref().unwrap_or_default();
    let key = key.filter(|key| key.is(kid, token.algorithm)).ok_or(Refusal::from(Invalid::UnknownKey))?;
    Ok(token.verify(key.public()?).map_err(Refusal::from)?.claims)
}
