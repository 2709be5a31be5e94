//! Whether a token is alive: authentic, of its time, and not ended by anybody.

use std::time::Duration;

use super::live::{Kind, LiveToken};
use super::revoked::Verdict;
use super::{Ending, Tokens};
use crate::base::{Digest, Refusal, Result, Seconds, Stop, TenantId, Timestamp};
use crate::keys::Claims;
use crate::store::grants::{self, RefreshRow};
use crate::store::users::{self, UserStatus};

/// `typ` of our access tokens (RFC 9068 §2.1).
pub const ACCESS_TYP: &str = "at+jwt";
/// `typ` of our ID tokens.
pub const ID_TOKEN_TYP: &str = "JWT";
/// How opaque access tokens begin.
pub const OPAQUE_PREFIX: &str = "at_";
/// How refresh tokens begin.
pub const REFRESH_PREFIX: &str = "rt_";

/// How far the clocks of two nodes may be apart.
pub(super) const LEEWAY: Seconds = Seconds(5);
/// How long an authentic token is known without looking at its signature or row again: no longer than another node's
/// key rotation may go unnoticed. Time and revocation are looked at every time.
pub(super) const RECHECK: Duration = Duration::from_secs(5);
/// How many authentic tokens are known, about a kilobyte each.
pub(super) const MOST_CHECKED: u64 = 4_096;
/// Nothing longer is ours.
const LONGEST: usize = 16 * 1024;

/// A token found authentic a moment ago.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    token: LiveToken,
    at: Timestamp,
}

impl Tokens {
    /// The token if it is one of this tenant's and alive: a JWT, an opaque access token or a refresh token. `issuer`
    /// is the tenant's.
    ///
    /// # Errors
    /// Something failed here; a bad token is `None`.
    pub async fn inspect(&self, tenant: &TenantId, issuer: &str, token: &str) -> Result<Option<LiveToken>> {
        if token.len() > LONGEST {
            return Ok(None);
        }
        if token.starts_with(REFRESH_PREFIX) {
            return self.refresh_token(tenant, issuer, token).await;
        }
        self.access_token(tenant, issuer, token).await
    }

    /// As [`Tokens::inspect`], but a refresh token is none (T2).
    ///
    /// # Errors
    /// As there.
    pub async fn access_token(&self, tenant: &TenantId, issuer: &str, token: &str) -> Result<Option<LiveToken>> {
        let found = self.authentic(tenant, issuer, token).await?;
        let Some(token) = found.filter(|token| !token.is_over(self.clock.now())) else { return Ok(None) };
        Ok(self.is_alive(tenant, &token).await?.then_some(token))
    }

    /// An access token of this tenant that was alive when it was last looked at.
    async fn authentic(&self, tenant: &TenantId, issuer: &str, token: &str) -> Result<Option<LiveToken>> {
        let now = self.clock.now();
        let key = Digest::of(format!("{tenant} {issuer} {token}").as_bytes());
        let fresh = Seconds(i64::try_from(RECHECK.as_secs()).unwrap_or_default());
        if let Some(known) = self.checked.get(&key).filter(|known| now.since(known.at) < fresh) {
            return Ok(Some(known.token));
        }
        let Some(claims) = self.claims(tenant, token).await? else { return Ok(None) };
        let Ok(token) = LiveToken::read(Kind::Access, claims, issuer, now) else { return Ok(None) };
        self.checked.insert(key, Checked { token: token.clone(), at: now });
        Ok(Some(token))
    }

    async fn claims(&self, tenant: &TenantId, token: &str) -> Result<Option<Claims>> {
        if token.starts_with(OPAQUE_PREFIX) {
            let row = grants::access_token(&self.db, tenant, &Digest::of(token.as_bytes())).await?;
            return Ok(row.map(|row| Claims(row.claims.0)));
        }
        match self.keys.verify(tenant, token, ACCESS_TYP).await {
            Ok(claims) => Ok(Some(claims)),
            Err(Stop::Refused(Refusal { hint, .. })) => {
                tracing::debug!(hint, "a token is refused");
                Ok(None)
            }
            Err(failed) => Err(failed),
        }
    }

    async fn refresh_token(&self, tenant: &TenantId, issuer: &str, token: &str) -> Result<Option<LiveToken>> {
        let now = self.clock.now();
        let row = grants::refresh_token(&self.db, tenant, &Digest::of(token.as_bytes())).await?;
        let over = |row: &RefreshRow| {
            row.used_at.is_some()
                || row.grant.revoked_at.is_some()
                || now >= row.token_expires_at.min(row.grant.expires_at)
        };
        let Some(row) = row.filter(|row| !over(row)) else { return Ok(None) };
        let Ok(token) = LiveToken::read(Kind::Refresh, refresh_claims(&row, issuer), issuer, now) else {
            return Ok(None);
        };
        if !self.is_alive(tenant, &token).await? {
            return Ok(None);
        }
        // A person who was suspended on another node a moment ago has no live refresh token here either.
        let Some(user) = token.user() else { return Ok(Some(token)) };
        let user = users::by_id(&self.db, tenant, &user).await?;
        Ok(user.filter(|user| user.status == UserStatus::Active).map(|_| token))
    }

    /// Whether nobody ended the token, its grant, its session or its person.
    async fn is_alive(&self, tenant: &TenantId, token: &LiveToken) -> Result<bool> {
        let now = self.clock.now();
        let revoked = match self.revoked.verdict(tenant, token, now) {
            Verdict::Revoked => true,
            Verdict::Alive => false,
            Verdict::Unknown => {
                let found = grants::revoked(&self.db, tenant, token.names(), now).await?;
                found.iter().any(|revocation| super::revoked::concerns(revocation.kind, revocation.revoked_at, token))
            }
        };
        if revoked {
            return Ok(false);
        }
        // A token that outlives the memory of revocations asks its grant.
        let outlives = token.kind() == Kind::Access && token.expires_at().since(token.issued_at()) > Ending::REMEMBERED;
        match token.grant().filter(|_| outlives) {
            Some(grant) => {
                let grant = grants::by_id(&self.db, tenant, &grant).await?;
                Ok(grant.is_some_and(|grant| grant.revoked_at.is_none()))
            }
            None => Ok(true),
        }
    }
}

/// What a refresh token would say if it said anything.
fn refresh_claims(row: &RefreshRow, issuer: &str) -> Claims {
    let grant = &row.grant;
    let subject = grant.user_id.as_ref().map_or(grant.client_id.as_str(), |user| user.as_str());
    let claims = serde_json::json!({
        "iss": issuer,
        "sub": subject,
        "aud": issuer,
        "client_id": grant.client_id.as_str(),
        "scope": grant.scope,
        "iat": row.token_created_at,
        "exp": row.token_expires_at.min(grant.expires_at),
        "gid": grant.id.as_str(),
        "sid": grant.session_id.as_ref().map(crate::base::SessionId::as_str),
    });
    let Claims(mut map) = Claims(claims.as_object().cloned().unwrap_or_default());
    map.retain(|_, value| !value.is_null());
    Claims(map)
}
