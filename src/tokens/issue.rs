//! What is inside a token: access tokens (RFC 9068, or opaque with the same claims) and ID tokens (OIDC Core §2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha512};
use uuid::Uuid;

use super::claims::standard_claims;
use super::{ACCESS_TYP, ID_TOKEN_TYP, OPAQUE_PREFIX, Tokens};
use crate::base::{AuthorizationDetails, Result, Scope, Seconds, Secret, SessionId, Timestamp};
use crate::entitlements::Entitled;
use crate::keys::SigningAlgorithm;
use crate::organizations::Belonging;
use crate::store::clients::{AccessTokenFormat, Client};
use crate::store::grants::Grant;
use crate::store::resource_servers::ResourceServer;
use crate::store::tenants::Tenant;
use crate::store::users::{Role, User};
use crate::store::writer::NewAccess;

/// What tokens are issued about.
#[derive(Clone, Copy, Debug)]
pub struct Issuance<'a> {
    /// By whom.
    pub tenant: &'a Tenant,
    /// The tenant's issuer.
    pub issuer: &'a str,
    /// To whom.
    pub client: &'a Client,
    /// What the person allowed; absent when a client acts for itself.
    pub grant: Option<&'a Grant>,
    /// The person's role in the tenant.
    pub role: Option<Role>,
    /// What the access token allows.
    pub scope: &'a Scope,
    /// Whom the access token is for.
    pub audience: &'a [String],
    /// The organization that it is for, and what the person is there.
    pub organization: Option<&'a Belonging>,
    /// What its subject has paid for.
    pub entitled: &'a Entitled,
    /// What its scope is narrowed to (RFC 9396).
    pub details: &'a AuthorizationDetails,
}

/// A new access token.
#[derive(Debug)]
pub struct AccessToken {
    /// The token itself, for the one answer that shows it.
    pub token: Secret,
    /// How long it lives.
    pub expires_in: Seconds,
    /// What has to be stored before it is shown; a JWT needs nothing.
    pub row: Option<NewAccess>,
}

/// One audience is a string, several are a list (RFC 7519 §4.1.3).
#[derive(Serialize)]
#[serde(untagged)]
enum Audience<'a> {
    One(&'a str),
    Many(&'a [String]),
}

/// RFC 9068 §2.2.
#[derive(Serialize)]
struct AccessClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: Audience<'a>,
    exp: Timestamp,
    iat: Timestamp,
    jti: String,
    client_id: &'a str,
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    gid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<String>>,
    #[serde(flatten)]
    organization: Map<String, Value>,
    #[serde(flatten)]
    entitled: Map<String, Value>,
    #[serde(skip_serializing_if = "AuthorizationDetails::is_empty")]
    authorization_details: &'a AuthorizationDetails,
}

/// OIDC Core §2. `more` is what the request asked for by `claims.id_token` (§5.5), and what has been paid for.
#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: Timestamp,
    iat: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Issuance<'_> {
    /// How long an access token lives; never beyond its grant.
    fn lifetime(&self, now: Timestamp) -> Seconds {
        let of_servers = self.servers().filter_map(|server| server.token_lifetime).min();
        let usual = match (self.client.policy.access_token_lifetime, of_servers) {
            (Some(of_client), Some(of_servers)) => of_client.min(of_servers),
            (one, other) => one.or(other).unwrap_or(self.tenant.settings.lifetimes.access_token),
        };
        let left = self.grant.map_or(usual, |grant| grant.expires_at.since(now));
        usual.min(left).max(Seconds(1))
    }

    /// The resource servers that the access token is for.
    fn servers(&self) -> impl Iterator<Item = &ResourceServer> {
        self.audience.iter().filter_map(|audience| self.tenant.settings.resource_server(audience))
    }

    /// How the access token looks: as its resource server wants it, or as is usual for the client.
    fn format(&self) -> AccessTokenFormat {
        let wanted = self.servers().find_map(|server| server.token_format);
        wanted.unwrap_or(self.client.policy.access_token_format)
    }

    /// The person, or the client itself (RFC 9068 §2.2).
    fn subject(&self) -> &str {
        let user = self.grant.and_then(|grant| grant.user_id.as_ref());
        user.map_or(self.client.id.as_str(), |user| user.as_str())
    }

    /// The person's roles, where they are asked for: the one in the tenant, and the one in the organization.
    fn roles(&self) -> Option<Vec<String>> {
        let role = self.role.filter(|_| self.scope.contains("roles"))?;
        Some(roles(role, self.organization))
    }

    fn about_organization(&self) -> Map<String, Value> {
        self.organization.map(|organization| organization.claims(self.scope)).unwrap_or_default()
    }

    fn access_claims(&self, now: Timestamp, exp: Timestamp) -> AccessClaims<'_> {
        let context = self.grant.map(|grant| &grant.context.0);
        AccessClaims {
            iss: self.issuer,
            sub: self.subject(),
            aud: match self.audience {
                [one] => Audience::One(one),
                many => Audience::Many(many),
            },
            exp,
            iat: now,
            jti: Uuid::now_v7().to_string(),
            client_id: self.client.id.as_str(),
            scope: self.scope,
            gid: self.grant.map(|grant| grant.id.as_str()),
            sid: self.grant.and_then(|grant| grant.session_id.as_ref()).map(SessionId::as_str),
            auth_time: context.and_then(|context| context.auth_time),
            acr: context.and_then(|context| context.acr.as_deref()),
            roles: self.roles(),
            organization: self.about_organization(),
            entitled: self.entitled.claims(self.scope),
            authorization_details: self.details,
        }
    }
}

impl Tokens {
    /// A new access token in the client's format.
    pub async fn issue_access(&self, about: &Issuance<'_>) -> Result<AccessToken> {
        let now = self.clock.now();
        let expires_in = about.lifetime(now);
        let claims = about.access_claims(now, now.plus(expires_in));
        match about.format() {
            AccessTokenFormat::Jwt => {
                let token = self.keys.sign(&about.tenant.id, SigningAlgorithm::ES256, ACCESS_TYP, &claims).await?;
                Ok(AccessToken { token: Secret::new(token), expires_in, row: None })
            }
            AccessTokenFormat::Opaque => {
                let token = Secret::generate_with_prefix(OPAQUE_PREFIX);
                let row = NewAccess {
                    tenant_id: about.tenant.id.clone(),
                    digest: token.digest().as_str().to_owned(),
                    claims: serde_json::to_string(&claims)?,
                    expires_at: claims.exp,
                };
                Ok(AccessToken { token, expires_in, row: Some(row) })
            }
        }
    }

    /// The ID token that goes with an access token. `user` is needed when the request asked for claims about the
    /// person in it; a refreshed one has no `nonce` (OIDC Core §12.2).
    pub async fn issue_id(
        &self,
        about: &Issuance<'_>,
        grant: &Grant,
        (user, refreshed): (Option<&User>, bool),
        access: &AccessToken,
    ) -> Result<String> {
        let now = self.clock.now();
        let registered = about.client.metadata.id_token_signed_response_alg.parse();
        let algorithm = registered.unwrap_or(SigningAlgorithm::RS256);
        let context = &grant.context;
        let mut more = user.map(|user| asked_claims(grant, user)).unwrap_or_default();
        more.extend(about.entitled.claims(about.scope));
        more.extend(about.about_organization());
        if let Some(roles) = about.roles().filter(|_| about.organization.is_some()) {
            more.insert("roles".to_owned(), roles.into());
        }
        let claims = IdClaims {
            iss: about.issuer,
            sub: about.subject(),
            aud: about.client.id.as_str(),
            exp: now.plus(about.tenant.settings.lifetimes.id_token),
            iat: now,
            auth_time: context.auth_time,
            nonce: context.nonce.as_deref().filter(|_| !refreshed),
            acr: context.acr.as_deref(),
            amr: &context.amr,
            at_hash: token_hash(algorithm, access.token.expose()),
            sid: grant.session_id.as_ref().map(SessionId::as_str),
            more,
        };
        self.keys.sign(&about.tenant.id, algorithm, ID_TOKEN_TYP, &claims).await
    }
}

/// The claim `roles`: an organization's are told apart from the tenant's.
#[must_use]
pub fn roles(role: Role, organization: Option<&Belonging>) -> Vec<String> {
    let there = organization.map(Belonging::named_role);
    std::iter::once(role.as_str().to_owned()).chain(there).collect()
}

/// Whether the ID token has to tell about the person.
#[must_use]
pub fn asks_about_person(grant: &Grant) -> bool {
    wishes(grant).is_some_and(|wishes| !wishes.is_empty())
}

fn wishes(grant: &Grant) -> Option<&Map<String, Value>> {
    grant.context.claims.as_ref()?.get("id_token")?.as_object()
}

/// What `claims.id_token` asked for, of what there is to tell.
fn asked_claims(grant: &Grant, user: &User) -> Map<String, Value> {
    let Some(wishes) = wishes(grant) else { return Map::new() };
    let mut known = standard_claims(user);
    known.retain(|name, _| wishes.contains_key(name));
    known
}

/// The left half of the hash that belongs to the algorithm (OIDC Core §3.1.3.6); Ed25519 hashes with SHA-512.
fn token_hash(algorithm: SigningAlgorithm, token: &str) -> String {
    match algorithm {
        SigningAlgorithm::RS256 | SigningAlgorithm::ES256 => URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16]),
        SigningAlgorithm::EdDSA => URL_SAFE_NO_PAD.encode(&Sha512::digest(token)[..32]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_hash_is_that_of_the_specification() {
        // OIDC Core A.3: the access token and the at_hash of the ID token beside it.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(token_hash(SigningAlgorithm::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(token_hash(SigningAlgorithm::EdDSA, token).len(), 43);
    }
}
