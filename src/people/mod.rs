//! What people do with their own account, and administrators with others': what is told about somebody, devices,
//! applications, recent activity, all data at once, and the end.

mod activity;
mod applications;
mod bought;
mod describe;
mod device;
mod devices;
mod export;
mod list;
mod metadata;
mod running;
mod transfer;
mod trial;
mod wish;

use crate::accounts::standing::purge_at;
use crate::accounts::{Accounts, Delivery, Giver, MadeLink};
use crate::base::{Actor, Clock, Code, Result, Stop, Timestamp, UserId};
use crate::clients::Clients;
use crate::store::Db;
use crate::store::people as store;
use crate::store::tenants::Tenant;
use crate::store::users::{Role, UserStatus};
use crate::tenants::TenantContext;
use crate::tokens::Tokens;

pub use activity::{Activity, By};
pub use applications::Application;
pub use describe::Shown;
pub use device::Device;
pub use devices::told as session_told;
pub use export::NEWEST;
pub use list::{Asked, Listed};
pub use metadata::first as first_metadata;
pub use running::{Page, Whose, granted as grant_told};
pub use transfer::{Arrived, Travelling};
pub use trial::Trial;
pub use wish::Wish;

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct People {
    db: Db,
    clock: Clock,
    accounts: Accounts,
    tokens: Tokens,
    clients: Clients,
}

impl People {
    /// Over these services.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, accounts: Accounts, tokens: Tokens, clients: Clients) -> Self {
        Self { db, clock, accounts, tokens, clients }
    }

    /// Deletes an account. From now on nothing of it works; answers until when an administrator can restore it.
    ///
    /// # Errors
    /// There is no such person, or it is the tenant's last owner.
    pub async fn delete(&self, tenant: &Tenant, user: &UserId, by: &Actor) -> Result<Timestamp> {
        self.accounts.set_status(tenant, user, UserStatus::Deleted, by).await?;
        self.tokens.catch_up().await?;
        Ok(purge_at(tenant, self.clock.now()))
    }

    /// Suspends an account: nothing of it works until it is activated again, and then it has to sign in anew.
    ///
    /// # Errors
    /// There is no such person, or it is the tenant's last owner.
    pub async fn suspend(&self, tenant: &Tenant, user: &UserId, by: &Actor) -> Result<()> {
        self.accounts.set_status(tenant, user, UserStatus::Suspended, by).await?;
        self.tokens.catch_up().await
    }

    /// Lets a suspended person in again.
    ///
    /// # Errors
    /// There is no such person.
    pub async fn activate(&self, tenant: &TenantContext, user: &UserId, by: &Actor) -> Result<()> {
        self.accounts.activate(tenant, user, by).await
    }

    /// Makes a link to a new password for somebody; see [`Accounts::reset_for`].
    ///
    /// # Errors
    /// As there.
    pub async fn reset_password(
        &self,
        tenant: &TenantContext,
        user: &UserId,
        how: (Delivery, bool),
        by: &Giver,
    ) -> Result<Option<MadeLink>> {
        let made = self.accounts.reset_for(tenant, user, how, by).await?;
        self.tokens.catch_up().await?;
        Ok(made)
    }

    /// Who was deleted lately and had this id, address or user name; of several the last.
    ///
    /// # Errors
    /// There is nobody.
    pub async fn find_deleted(&self, tenant: &Tenant, typed: &str) -> Result<UserId> {
        store::buried_as(&self.db, &tenant.id, typed).await?.ok_or_else(nobody)
    }

    /// Brings a deleted person back.
    ///
    /// # Errors
    /// Nobody of this id was deleted lately, their role is above that of the caller, or the address or user name is
    /// somebody else's now.
    pub async fn restore(&self, tenant: &TenantContext, user: &UserId, (reach, by): (Role, &Actor)) -> Result<()> {
        let was = store::buried(&self.db, &tenant.id, user).await?.ok_or_else(nobody)?;
        if reach.rank() < was.role.rank() {
            return Err(above());
        }
        self.accounts.restore(tenant, user, by).await
    }
}

/// Nobody changes somebody whose role is above their own (W-070).
#[must_use]
pub fn above() -> Stop {
    Stop::refuse(Code::Forbidden, "nobody changes somebody whose role is above their own")
}

fn nobody() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such person in this tenant")
}
