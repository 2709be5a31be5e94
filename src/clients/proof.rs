//! Client authentication (RFC 6749 §2.3, RFC 7523 §2.2): who the client is, proven by what it registered for.
//! An unknown client, a disabled one, a wrong method and a wrong secret get the same answer.

use std::sync::Arc;

use super::{Clients, KnownClient};
use crate::base::{ClientId, Code, Digest, Refusal, Result, Secret};
use crate::store::clients::AuthMethod;
use crate::store::tenants::Tenant;

/// What a request says about its client.
#[derive(Debug)]
pub struct Presented {
    /// Who it claims to be.
    pub client_id: ClientId,
    /// What is to prove it.
    pub credential: Credential,
}

/// The proof.
#[derive(Debug)]
pub enum Credential {
    /// Nothing: a public client.
    None,
    /// A secret, in the header or in the body. A client that is registered for one of the two may use the other:
    /// RFC 6749 §2.3.1 has every secret work by Basic, and what is proven is the same.
    Secret(Secret),
    /// A signed assertion.
    Assertion(Secret),
}

pub(super) fn unproven() -> Refusal {
    Refusal::new(Code::InvalidClient, "client authentication failed")
}

impl Credential {
    /// The methods that it can be the proof of.
    const fn methods(&self) -> &'static [AuthMethod] {
        match self {
            Self::None => &[AuthMethod::None],
            Self::Secret(_) => &[AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost],
            Self::Assertion(_) => &[AuthMethod::PrivateKeyJwt],
        }
    }
}

impl Clients {
    /// The client, proven. `audiences`: what an assertion may be for, the issuer and the token endpoint.
    ///
    /// # Errors
    /// `invalid_client`.
    pub async fn authenticate(
        &self,
        tenant: &Tenant,
        audiences: &[&str],
        presented: Presented,
    ) -> Result<Arc<KnownClient>> {
        let known = self.find(&tenant.id, &presented.client_id).await?;
        let method = known.as_ref().map(|known| known.metadata.token_endpoint_auth_method);
        let proven = match (&presented.credential, method) {
            (Credential::None, method) => method == Some(AuthMethod::None),
            (Credential::Secret(secret), method) => {
                let registered = matches!(method, Some(AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost));
                self.knows_secret(known.as_deref(), secret) && registered
            }
            (Credential::Assertion(assertion), Some(AuthMethod::PrivateKeyJwt)) => match &known {
                Some(known) => self.accepts_assertion(known, audiences, assertion.expose()).await?,
                None => false,
            },
            (Credential::Assertion(_), _) => false,
        };
        match known {
            Some(known) if proven => Ok(known),
            known => Err(self.told_apart(known.as_deref(), &presented).into()),
        }
    }

    /// The refusal, with what only the tenant's administrators are told: which of the reasons it was.
    fn told_apart(&self, known: Option<&KnownClient>, presented: &Presented) -> Refusal {
        let Some(known) = known else {
            return unproven().because("client_id", None, presented.client_id.as_str().to_owned());
        };
        let (registered, tried) = (known.metadata.token_endpoint_auth_method, presented.credential.methods());
        if !tried.contains(&registered) {
            let tried = tried.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(" or ");
            return unproven().because("token_endpoint_auth_method", registered.as_str().to_owned(), tried);
        }
        if matches!(presented.credential, Credential::Assertion(_)) {
            let keys =
                "a key of the client's jwks, iss and sub its id, aud the issuer or the token endpoint, a new jti";
            return unproven().because("client_assertion", keys.to_owned(), "an assertion that is not so".to_owned());
        }
        let now = self.clock.now();
        let live = known.secrets.iter().filter(|secret| secret.expires_at.is_none_or(|end| end > now)).count();
        let registered = format!("{live} of {} secrets are valid", known.secrets.len());
        unproven().because("client_secret", registered, "a wrong secret".to_owned())
    }

    /// Compares with every live secret, and for an unknown client with one that nobody has.
    fn knows_secret(&self, known: Option<&KnownClient>, presented: &Secret) -> bool {
        let now = self.clock.now();
        let presented = presented.digest();
        let nobody = [Digest::of(b"")];
        let secrets = known.map_or(&[][..], |known| &known.secrets);
        let live = secrets.iter().filter(|secret| secret.expires_at.is_none_or(|end| end > now));
        let mut live = live.map(|secret| &secret.digest).peekable();
        let is_known = live.peek().is_some();
        let candidates = live.chain(nobody.iter().filter(|_| !is_known));
        candidates.fold(false, |matched, digest| (*digest == presented) | matched) && is_known
    }
}
