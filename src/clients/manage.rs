//! What administrators do with clients once they are there.

use super::Clients;
use crate::base::{Actor, ClientId, Code, Result, Seconds, Secret, Stop};
use crate::store::audit::{self, Event};
use crate::store::clients::{self as store, AuthMethod, Client};
use crate::store::grants;
use crate::store::tenants::Tenant;

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

    /// Gives a new secret, shown this once; the ones before work for `overlap` longer.
    ///
    /// # Errors
    /// There is no such client, or it proves itself otherwise.
    pub async fn rotate_secret(
        &self,
        tenant: &Tenant,
        id: &ClientId,
        overlap: Seconds,
        by: &Actor,
    ) -> Result<(Client, Secret)> {
        let client = self.look_up(tenant, id).await?;
        let method = client.metadata.token_endpoint_auth_method;
        if !matches!(method, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost) {
            return Err(Stop::refuse(Code::Unprocessable, "this client has no secret"));
        }
        let (now, secret) = (self.clock.now(), Secret::generate());
        let mut tx = self.db.begin().await?;
        store::expire_secrets(&mut tx, &tenant.id, id, now.plus(overlap)).await?;
        store::add_secret(&mut tx, &tenant.id, id, &secret.digest(), now).await?;
        let event = Event::new(&tenant.id, now, "client.secret_rotated").by(&by.id).on(id.as_str()).from(&by.origin);
        audit::record(&mut tx, event).await?;
        tx.commit().await?;
        self.forget(&tenant.id, id).await;
        Ok((client, secret))
    }

    /// Stores what was changed on `client` over the version that was read.
    ///
    /// # Errors
    /// Somebody else changed it meanwhile.
    pub async fn change(&self, client: &Client, by: &Actor) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        if !store::update(&mut tx, client, now).await? {
            return Err(Stop::refuse(Code::Conflict, "the client was changed by somebody else meanwhile"));
        }
        let event = Event::new(&client.tenant_id, now, "client.updated").by(&by.id).on(client.id.as_str());
        audit::record(&mut tx, event.from(&by.origin)).await?;
        tx.commit().await?;
        self.forget(&client.tenant_id, &client.id).await;
        Ok(())
    }

    /// Removes a client and its secrets, and ends everything that people allowed it.
    ///
    /// # Errors
    /// The tenant has none of this id.
    pub async fn delete(&self, tenant: &Tenant, id: &ClientId, by: &Actor) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        if !store::delete(&mut tx, &tenant.id, id).await? {
            return Err(nothing());
        }
        grants::revoke_client(&mut tx, &tenant.id, id, now).await?;
        let event = Event::new(&tenant.id, now, "client.deleted").by(&by.id).on(id.as_str()).from(&by.origin);
        audit::record(&mut tx, event).await?;
        tx.commit().await?;
        self.forget(&tenant.id, id).await;
        Ok(())
    }
}

fn nothing() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such client in this tenant")
}
