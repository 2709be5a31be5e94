//! What administrators do with clients once they are there.

use super::{Clients, Registrant};
use crate::base::{Actor, ClientId, Code, Result, Stop};
use crate::store::audit::{self, Event};
use crate::store::clients::{self as store, Client, ClientStatus, Wanted};
use crate::store::tenants::Tenant;
use crate::store::{Tx, applications, grants};

impl Clients {
    /// The client of this id, from the database, disabled ones included.
    ///
    /// # Errors
    /// The tenant has none.
    pub async fn look_up(&self, tenant: &Tenant, id: &ClientId) -> Result<Client> {
        store::by_id(&self.db, &tenant.id, id).await?.ok_or_else(nothing)
    }

    /// Up to `limit` clients after this id.
    pub async fn page(&self, tenant: &Tenant, after: &str, limit: i64) -> Result<Vec<Client>> {
        Ok(store::page(&self.db, &tenant.id, after, limit).await?)
    }

    /// Up to `limit` clients that are wanted, after this id.
    pub async fn search(&self, tenant: &Tenant, wanted: &Wanted, after: &str, limit: i64) -> Result<Vec<Client>> {
        Ok(store::search(&self.db, &tenant.id, wanted, after, limit).await?)
    }

    /// Lets a client do something again, or nothing: then its tokens are refused at once, and are good again when it
    /// is enabled before they expire.
    ///
    /// # Errors
    /// The tenant has none of this id; to enable one that has more than the caller is not the caller's to do.
    pub async fn set_status(
        &self,
        tenant: &Tenant,
        id: &ClientId,
        status: ClientStatus,
        by: &Registrant,
    ) -> Result<Client> {
        let mut client = self.look_up(tenant, id).await?;
        if status == ClientStatus::Active {
            by.check(&client)?;
        }
        if client.status != status {
            client.status = status;
            let action = if status == ClientStatus::Active { "client.enabled" } else { "client.disabled" };
            self.store(&client, action, &by.actor).await?;
            client.version += 1;
        }
        Ok(client)
    }

    /// Stores what was changed on `client` over the version that was read.
    ///
    /// # Errors
    /// Somebody else changed it meanwhile.
    pub async fn change(&self, client: &Client, by: &Actor) -> Result<()> {
        self.store(client, "client.updated", by).await
    }

    pub(super) async fn store(&self, client: &Client, action: &str, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        self.change_in(&mut tx, client, action, by).await?;
        tx.commit().await?;
        self.forget(&client.tenant_id, &client.id).await;
        Ok(())
    }

    /// Stores what was changed on `client` over the version that was read, within the caller's transaction;
    /// [`Clients::forget`] is asked after.
    ///
    /// # Errors
    /// Somebody else changed it meanwhile.
    pub async fn change_in(&self, tx: &mut Tx, client: &Client, action: &str, by: &Actor) -> Result<()> {
        let now = self.clock.now();
        if !store::update(&mut *tx, client, now).await? {
            return Err(Stop::refuse(Code::Conflict, "the client was changed by somebody else meanwhile"));
        }
        let event = Event::new(&client.tenant_id, now, action).by(&by.id).on(client.id.as_str());
        Ok(audit::record(tx, event.from(&by.origin)).await?)
    }

    /// Removes a client and its secrets, and ends everything that people allowed it.
    ///
    /// # Errors
    /// The tenant has none of this id.
    pub async fn delete(&self, tenant: &Tenant, id: &ClientId, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        self.delete_in(&mut tx, tenant, id, by).await?;
        tx.commit().await?;
        self.forget(&tenant.id, id).await;
        Ok(())
    }

    /// As [`Clients::delete`], within the caller's transaction; [`Clients::forget`] is asked after.
    ///
    /// # Errors
    /// As there.
    pub async fn delete_in(&self, tx: &mut Tx, tenant: &Tenant, id: &ClientId, by: &Actor) -> Result<()> {
        let now = self.clock.now();
        if !store::delete(tx, &tenant.id, id).await? {
            return Err(nothing());
        }
        grants::revoke_client(&mut *tx, &tenant.id, id, now).await?;
        // Who registers another one by this id asks people anew.
        applications::forget_client(&mut *tx, &tenant.id, id).await?;
        let event = Event::new(&tenant.id, now, "client.deleted").by(&by.id).on(id.as_str()).from(&by.origin);
        Ok(audit::record(tx, event).await?)
    }
}

pub(super) fn nothing() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such client in this tenant")
}
