//! Sign-in with others: we are the relying party of an OpenID provider (OIDC Core §3.1), or of one that speaks OAuth
//! 2.0 alone. What a provider says is believed about its own people and nothing else: who an account here belongs to
//! is decided by [`resolve`], and whether the person may come in by the same engine as after any first factor.

mod back_channel;
mod begin;
mod callback;
mod check;
mod github;
mod identities;
mod information;
mod manage;
mod oidc;
mod preset;
mod profile;
mod resolve;
mod sign_out;
mod waiting;

use serde::{Deserialize, Serialize};

use crate::base::{Clock, Code, Email, Refusal, Result, Secret, TenantId, UserId};
use crate::keys::{Keys, Purpose};
use crate::mail::Mail;
use crate::outbound::{FetchError, Outbound};
use crate::store::Db;
use crate::store::providers::IdentityProvider;
use crate::store::users::Profile;

pub use begin::redirect_uri;
pub use callback::Returned;
pub use information::Information;
pub use manage::{Changes, NewProvider};
pub use preset::Preset;
pub use resolve::Resolved;
pub use sign_out::signed_out_uri;

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Federation {
    db: Db,
    clock: Clock,
    keys: Keys,
    outbound: Outbound,
    mail: Mail,
}

/// What a way to a provider and back is for. It waits here, sealed, while the person is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The reference of the authorization request that waits for the person.
    pub request: Option<String>,
    /// The person who is signed in and wants the account there linked.
    pub link: Option<UserId>,
    /// Whom the provider shall propose.
    pub login_hint: Option<String>,
    /// Whether the person has to prove anew at the provider who they are.
    pub again: bool,
}

/// A provider's person, proven to be whoever sits before the browser.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// The `sub` there: the only thing that finds anybody here.
    pub subject: String,
    /// What the account is called there.
    pub name: Option<String>,
    /// The address, if there is one.
    pub email: Option<Email>,
    /// Whether the provider vouches for the address.
    pub email_verified: bool,
    /// What else it tells, for an account that is new.
    pub profile: Profile,
    /// The sign-in there.
    pub sid: Option<String>,
    /// The ID token, which names that sign-in when it shall end.
    pub hint: Option<Secret>,
}

impl Upstream {
    /// The address, as far as the provider vouches for it (W-037).
    fn proven_email(&self) -> Option<&Email> {
        self.email.as_ref().filter(|_| self.email_verified)
    }
}

impl Federation {
    /// Over these services.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, keys: Keys, outbound: Outbound, mail: Mail) -> Self {
        Self { db, clock, keys, outbound, mail }
    }

    /// What we prove ourselves with at a provider.
    ///
    /// # Errors
    /// The keys do not open it.
    pub fn secret_of(&self, provider: &IdentityProvider) -> Result<Option<Secret>> {
        let Some(sealed) = &provider.sealed_secret else { return Ok(None) };
        let open = self.keys.open(Purpose::UpstreamSecret, &provider.tenant_id, sealed)?;
        Ok(Some(Secret::new(std::str::from_utf8(&open)?)))
    }

    /// A record that only this tenant opens again.
    fn seal(&self, tenant: &TenantId, record: &impl Serialize) -> Result<String> {
        Ok(self.keys.seal(Purpose::Record, tenant, &serde_json::to_vec(record)?)?)
    }

    fn open<T: serde::de::DeserializeOwned>(&self, tenant: &TenantId, sealed: &str) -> Result<T> {
        Ok(serde_json::from_slice(&self.keys.open(Purpose::Record, tenant, sealed)?)?)
    }
}

/// The provider does not answer, or not in time.
fn unreachable(error: FetchError) -> Refusal {
    let sentence = "the other provider does not answer; try again later or sign in another way";
    Refusal::new(Code::TemporarilyUnavailable, sentence).hint(error.to_string())
}

/// The provider answers something that proves nothing. What exactly is for the log.
fn unproven(hint: impl Into<String>) -> Refusal {
    Refusal::new(Code::AccessDenied, "what the other provider answered proves nothing").hint(hint)
}
