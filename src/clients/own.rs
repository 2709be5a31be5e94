//! The tenant's own applications at its own sign-in API: one named, or the built-in one, which every tenant has.

use std::sync::Arc;

use super::{Clients, KnownClient, scopes};
use crate::base::{Actor, ClientId, Code, Fault, Origin, Refusal, Result, Scope, Stop, Timestamp};
use crate::store::Json;
use crate::store::audit::{self, Event};
use crate::store::clients::{
    self as store, ApplicationType, AuthMethod, Client, ClientKind, ClientMetadata, ClientPolicy, ClientStatus,
};
use crate::store::tenants::Tenant;

/// The id of the built-in one.
pub const BUILT_IN: &str = "account";
/// The id of the console.
pub const CONSOLE: &str = "chancery-console";

impl Clients {
    /// The application that somebody signs in for at the API: the tenant's own, and one that keeps no secret, because
    /// here it proves none.
    ///
    /// # Errors
    /// `InvalidClient`: it is not one.
    pub async fn own(&self, tenant: &Tenant, named: Option<&str>) -> Result<Arc<KnownClient>> {
        let id = ClientId::from(named.unwrap_or(BUILT_IN));
        let mut found = self.find(&tenant.id, &id).await?;
        if found.is_none() && named.is_none_or(|named| named == BUILT_IN) {
            self.make_built_in(tenant).await?;
            found = self.find(&tenant.id, &id).await?;
        }
        let own = found.filter(|client| client.policy.first_party && !client.is_confidential());
        own.ok_or_else(|| Refusal::new(Code::InvalidRequest, "the client_id is not one of this tenant's own").into())
    }

    /// Of many at once one makes it.
    async fn make_built_in(&self, tenant: &Tenant) -> Result<(), Fault> {
        let metadata = ClientMetadata {
            token_endpoint_auth_method: AuthMethod::None,
            grant_types: vec!["refresh_token".to_owned()],
            response_types: Vec::new(),
            application_type: ApplicationType::Web,
            scope: Scope::of(scopes::offered(&tenant.settings.own_scopes())),
            ..ClientMetadata::default()
        };
        self.insert_own(first_party(tenant, (BUILT_IN, tenant.name.clone()), metadata, self.clock.now())).await
    }

    /// The console as a client of this tenant: it asks who somebody is, and nothing else. It comes back to these two
    /// addresses, after a sign-in and after a sign-out.
    ///
    /// # Errors
    /// The database failed.
    pub async fn console(&self, tenant: &Tenant, back: [&str; 2]) -> Result<Arc<KnownClient>> {
        let id = ClientId::from(CONSOLE);
        let [signed_in, signed_out] = back;
        for _ in 0..2 {
            let found = self.find(&tenant.id, &id).await?;
            let fits = |client: &Arc<KnownClient>| {
                let registered = &client.metadata;
                registered.redirect_uris.iter().any(|uri| uri == signed_in)
                    && registered.post_logout_redirect_uris.iter().any(|uri| uri == signed_out)
                    && client.policy.first_party
                    && !client.is_confidential()
            };
            match found.filter(fits) {
                Some(client) => return Ok(client),
                None => self.settle_console(tenant, &id, back).await?,
            }
        }
        Err(Fault::new("the console is no client of its tenant").into())
    }

    /// Makes the console's client, or brings it to the address that the server has by now.
    async fn settle_console(&self, tenant: &Tenant, id: &ClientId, back: [&str; 2]) -> Result<()> {
        let known = store::by_id(&self.db, &tenant.id, id).await?;
        let mut metadata = ClientMetadata {
            token_endpoint_auth_method: AuthMethod::None,
            grant_types: vec!["authorization_code".to_owned()],
            application_type: ApplicationType::Web,
            scope: Scope::of(["openid"]),
            ..ClientMetadata::default()
        };
        // The operators' tenant has two consoles, its own and theirs.
        if let Some(known) = &known {
            metadata.redirect_uris.clone_from(&known.metadata.redirect_uris);
            metadata.post_logout_redirect_uris.clone_from(&known.metadata.post_logout_redirect_uris);
        }
        for (list, uri) in [&mut metadata.redirect_uris, &mut metadata.post_logout_redirect_uris].into_iter().zip(back)
        {
            list.retain(|known| known != uri);
            list.insert(0, uri.to_owned());
            list.truncate(2);
        }
        let wanted = first_party(tenant, (CONSOLE, "Console".to_owned()), metadata, self.clock.now());
        match known {
            None => Ok(self.insert_own(wanted).await?),
            Some(known) => {
                let client = Client { version: known.version, created_at: known.created_at, ..wanted };
                match self.change(&client, &Actor { id: "system".to_owned(), origin: Origin::default() }).await {
                    // Somebody else has just done the same.
                    Err(Stop::Refused(refusal)) if refusal.code == Code::Conflict => {
                        self.forget(&tenant.id, id).await;
                        Ok(())
                    }
                    done => done,
                }
            }
        }
    }

    async fn insert_own(&self, client: Client) -> Result<(), Fault> {
        let mut tx = self.db.begin().await?;
        if store::insert(&mut tx, &client).await? {
            let event = Event::new(&client.tenant_id, client.created_at, "client.created").by("system");
            audit::record(&mut tx, event.on(client.id.as_str())).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// A client of the tenant's own, which keeps no secret.
fn first_party(tenant: &Tenant, (id, name): (&str, String), metadata: ClientMetadata, now: Timestamp) -> Client {
    Client {
        tenant_id: tenant.id.clone(),
        id: ClientId::from(id),
        name,
        kind: ClientKind::Public,
        status: ClientStatus::Active,
        metadata: Json(metadata),
        policy: Json(ClientPolicy { first_party: true, ..ClientPolicy::default() }),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}
