//! A token that is accepted here and now, and what it says.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::base::{ClientId, GrantId, Level, OrganizationId, Proven, Scope, SessionId, Timestamp, UserId};
use crate::keys::{Claims, Expected, Invalid};
use crate::store::clients::Client;
use crate::store::grants::Names;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To open APIs.
    Access,
    /// To get new access tokens; it opens nothing.
    Refresh,
}

/// A token that has been found alive. It is so for the request at hand only; the next one asks again. Cloning shares
/// what it says.
#[derive(Clone, Debug)]
pub struct LiveToken(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    kind: Kind,
    claims: Claims,
    client_id: ClientId,
    subject: String,
    scope: Scope,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl LiveToken {
    /// Takes the claims of a token of `issuer` that is authentic; whether it is alive is still to be seen.
    ///
    /// # Errors
    /// The first claim that is absent, of another type (T5), or over.
    pub(super) fn read(kind: Kind, claims: Claims, issuer: &str, now: Timestamp) -> Result<Self, Invalid> {
        // Nodes may be some seconds apart about when a token was issued, but none of them stretches its life.
        let audiences = claims.audiences().ok_or(Invalid::Claim("aud"))?;
        let leeway = super::inspect::LEEWAY;
        claims.check(&Expected { issuer, audiences: &audiences, now, leeway, longest: None })?;
        let text = |name| claims.text(name).filter(|text| !text.is_empty()).ok_or(Invalid::Claim(name));
        let instant = |name| claims.instant(name).ok_or(Invalid::Claim(name));
        let scope = claims.0.get("scope").map_or(Ok(Scope::empty()), |scope| {
            scope.as_str().and_then(|text| text.parse().ok()).ok_or(Invalid::Claim("scope"))
        });
        let (client_id, subject) = (ClientId::from(text("client_id")?), text("sub")?.to_owned());
        let (issued_at, expires_at, scope) = (instant("iat")?, instant("exp")?, scope?);
        let token = Self(Arc::new(Facts { kind, claims, client_id, subject, scope, issued_at, expires_at }));
        if token.is_over(now) { Err(Invalid::Expired) } else { Ok(token) }
    }

    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.0.expires_at
    }

    pub(super) fn names(&self) -> Names<'_> {
        let text = |name| self.0.claims.text(name);
        let user = (self.0.subject != self.0.client_id.as_str()).then_some(self.0.subject.as_str());
        Names { token: text("jti"), grant: text("gid"), session: text("sid"), user }
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Its `sub`.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The person it is about; a client that acts for itself has none (RFC 9068 §2.2).
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.names().user.map(UserId::from)
    }

    /// How that person proved who they are (RFC 9068 §2.2.1): what the token does not say is not proven.
    #[must_use]
    pub fn proven(&self) -> Option<Proven> {
        let claims = &self.0.claims;
        let level = claims.text("acr").and_then(Level::of).unwrap_or_default();
        self.user().map(|_| Proven { level, at: claims.instant("auth_time") })
    }

    /// The client it was issued to.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.0.client_id
    }

    /// What it allows.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// Whether it is for this audience (RFC 9068 §4).
    #[must_use]
    pub fn is_for(&self, audience: &str) -> bool {
        self.0.claims.is_for(audience)
    }

    /// Its `jti`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.0.claims.text("jti")
    }

    /// The grant it was issued from.
    #[must_use]
    pub fn grant(&self) -> Option<GrantId> {
        self.names().grant.map(GrantId::from)
    }

    /// The session it was issued in.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.names().session.map(SessionId::from)
    }

    /// The organization that it is for.
    #[must_use]
    pub fn organization(&self) -> Option<OrganizationId> {
        self.0.claims.text("org_id").map(OrganizationId::from)
    }

    /// When it was issued.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        self.0.issued_at
    }

    /// When it ends.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// All it says.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.0.claims.0
    }

    /// Whether this client may learn what it says (RFC 7662 §4): the one that holds it, and the resource server that
    /// it is for. A refresh token is for nobody but its holder.
    #[must_use]
    pub fn visible_to(&self, client: &Client) -> bool {
        let serves = || self.is_for(client.id.as_str()) || client.policy.serves.iter().any(|own| self.is_for(own));
        self.0.client_id == client.id || (self.0.kind == Kind::Access && serves())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn claims() -> Map<String, Value> {
        let claims = json!({
            "iss": "https://as", "sub": "u", "aud": ["https://as/api/v1"], "iat": 900, "exp": 1_500, "jti": "j",
            "client_id": "c", "scope": "openid email", "gid": "g", "sid": "s",
        });
        claims.as_object().unwrap().clone()
    }

    fn read(claims: Map<String, Value>) -> Result<LiveToken, Invalid> {
        LiveToken::read(Kind::Access, Claims(claims), "https://as", NOW)
    }

    #[test]
    fn t5_each_claim_has_to_be_there_and_of_its_type() {
        for (name, bad) in [
            ("iss", json!("https://other")),
            ("iss", json!(["https://as"])),
            ("iss", Value::Null),
            ("sub", json!("")),
            ("sub", Value::Null),
            ("aud", json!([])),
            ("aud", json!([1])),
            ("aud", Value::Null),
            ("exp", json!("1500")),
            ("exp", json!(1_000)),
            ("exp", json!(999)),
            ("exp", Value::Null),
            ("iat", Value::Null),
            ("iat", json!(1_100)),
            ("nbf", json!(1_100)),
            ("client_id", Value::Null),
            ("scope", json!(["openid"])),
        ] {
            let mut claims = claims();
            if bad.is_null() {
                claims.remove(name)
            } else {
                claims.insert(name.to_owned(), bad.clone())
            };
            assert!(read(claims).is_err(), "{name}: {bad}");
        }
        assert!(read(claims()).is_ok());
    }

    #[test]
    fn a_machine_has_no_person() {
        let token = read(claims()).unwrap();
        assert_eq!(token.user(), Some(UserId::from("u")));
        let mut machine = claims();
        machine.insert("sub".to_owned(), json!("c"));
        assert_eq!(read(machine).unwrap().user(), None);
    }
}
