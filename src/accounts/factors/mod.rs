//! What people prove themselves with besides a password: authenticator apps, recovery codes, passkeys, mails.

use super::Accounts;
use crate::base::{Clock, Result, Secret};
use crate::keys::Keys;
use crate::store::Db;
use crate::store::tenants::Tenant;
use crate::store::users::User;

/// The service; [`crate::accounts::engine`] is its heart. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Factors {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) keys: Keys,
    pub(super) accounts: Accounts,
}

impl Factors {
    /// Over these services.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, keys: Keys, accounts: Accounts) -> Self {
        Self { db, clock, keys, accounts }
    }

    pub(super) async fn remembers(&self, _tenant: &Tenant, _user: &User, _device: &Secret) -> Result<bool> {
        Ok(false)
    }
}
