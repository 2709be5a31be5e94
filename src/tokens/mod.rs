//! Tokens: what is inside them, which of them are alive, and how they end.

mod claims;
mod inspect;
mod issue;
mod live;
mod person;
mod revocation;
mod revoked;

use std::sync::Arc;

use moka::sync::Cache;
use serde_json::{Map, Value};

pub use self::claims::standard_claims;
pub use self::inspect::{ACCESS_TYP, ID_TOKEN_TYP, OPAQUE_PREFIX, REFRESH_PREFIX};
use self::inspect::{Checked, MOST_CHECKED, RECHECK};
pub use self::issue::{AccessToken, Issuance, asks_about_person, roles};
pub use self::live::{Kind, LiveToken};
pub use self::person::claims_of_scopes;
use self::person::{FRESH, MOST_PEOPLE};
pub use self::revocation::{Ended, Ending};
use self::revoked::Revoked;
use crate::base::{Clock, Digest, Fault, Result, TenantId};
use crate::entitlements::{Entitled, Entitlements};
use crate::keys::Keys;
use crate::store::Db;

/// Issues, inspects and ends tokens. Cloning shares what is kept in memory.
#[derive(Clone, Debug)]
pub struct Tokens {
    db: Db,
    clock: Clock,
    keys: Keys,
    entitlements: Entitlements,
    revoked: Arc<Revoked>,
    checked: Cache<Digest, Checked>,
    people: Cache<String, Arc<Map<String, Value>>>,
}

impl Tokens {
    /// Loads what is revoked and goes on following it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open(db: Db, clock: Clock, keys: Keys, entitlements: Entitlements) -> Result<Self, Fault> {
        let revoked = Revoked::follow(db.clone(), clock.clone()).await?;
        let checked = Cache::builder().max_capacity(MOST_CHECKED).time_to_live(RECHECK).build();
        let people = Cache::builder().max_capacity(MOST_PEOPLE).time_to_live(FRESH).build();
        Ok(Self { db, clock, keys, entitlements, revoked, checked, people })
    }

    /// What this person or client has paid for, at this moment.
    ///
    /// # Errors
    /// The database failed.
    pub async fn entitled(&self, tenant: &TenantId, subject: &str) -> Result<Entitled> {
        self.entitlements.of(tenant, subject).await
    }
}

#[cfg(test)]
mod tests;
