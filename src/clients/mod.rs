//! OAuth clients: registered by rules, found from memory, proven by what they hold.

mod assertion;
mod change;
mod fields;
mod information;
mod manage;
mod own;
pub mod policy;
mod proof;
pub mod redirect_uri;
mod registration;
pub mod resource_servers;
mod rights;
pub mod scopes;
mod secrets;

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use serde_json::json;

pub use change::policy_of;
pub use information::{Described, Information};
pub use own::{BUILT_IN, CONSOLE};
pub use proof::{Credential, Presented};
pub use redirect_uri::redirect_uri_matches;
pub use registration::{GRANT_TYPES, Registration};
pub use rights::Registrant;
pub use secrets::LONGEST_OVERLAP;

use crate::base::{Actor, ClientId, Clock, Code, Fault, Result, Scope, Secret, Stop, TenantId};
use crate::config::Config;
use crate::keys::JwkSet;
use crate::outbound::Outbound;
use crate::store::audit::{self, Event};
use crate::store::client_secrets::{self, ClientSecret};
use crate::store::clients::{self as store, ApplicationType, Client, ClientStatus};
use crate::store::tenants::Tenant;
use crate::store::{Db, Tx};
use crate::tenants::{Counted, make_room};

/// How long a change made by another process may go unnoticed.
const FRESH: Duration = Duration::from_secs(1);
/// Most clients kept in memory.
const MOST: u64 = 50_000;

/// A client with what proves it, from memory.
#[derive(Debug)]
pub struct KnownClient {
    /// The record.
    pub client: Client,
    /// What it may do for itself (RFC 6749 §4.4), of what it is registered for.
    pub own_scope: Scope,
    secrets: Vec<ClientSecret>,
    keys: Option<JwkSet>,
}

impl std::ops::Deref for KnownClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl KnownClient {
    /// Refuses clients that prove nothing, where only a proven one may ask (RFC 7662 §2.1).
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn must_be_confidential(&self) -> Result<()> {
        if self.is_confidential() { Ok(()) } else { Err(proof::unproven().into()) }
    }

    /// Whether `uri` is one of the client's redirect URIs.
    #[must_use]
    pub fn may_redirect_to(&self, uri: &str) -> bool {
        self.has(&self.metadata.redirect_uris, uri)
    }

    /// Whether `uri` is one of those it may be sent to after a sign-out (RP-Initiated Logout §3.1).
    #[must_use]
    pub fn may_redirect_after_logout_to(&self, uri: &str) -> bool {
        self.has(&self.metadata.post_logout_redirect_uris, uri)
    }

    fn has(&self, registered: &[String], uri: &str) -> bool {
        let native = self.metadata.application_type == ApplicationType::Native;
        registered.iter().any(|registered| redirect_uri_matches(registered, uri, native))
    }
}

/// Why a look-up left nothing in memory.
enum Missing {
    Unknown,
    Failed(Fault),
}

/// The clients of all tenants.
#[derive(Clone, Debug)]
pub struct Clients {
    db: Db,
    clock: Clock,
    outbound: Outbound,
    /// Where this server itself is on loopback, confidential clients may be there too, by http.
    loopback_http: bool,
    known: Cache<(TenantId, ClientId), Arc<KnownClient>>,
}

impl Clients {
    /// Over this database.
    #[must_use]
    pub fn new(config: &Config, clock: Clock, db: Db, outbound: Outbound) -> Self {
        let known = Cache::builder().max_capacity(MOST).time_to_live(FRESH).build();
        Self { db, clock, outbound, loopback_http: config.is_loopback(), known }
    }

    /// The client of this id in this tenant, if it may do anything. Unknown ones are not remembered, so a new client
    /// works at once.
    pub async fn find(&self, tenant: &TenantId, id: &ClientId) -> Result<Option<Arc<KnownClient>>> {
        let key = (tenant.clone(), id.clone());
        // What is known needs none of what finding out does, which is large and rare.
        match self.known.get(&key).await {
            Some(known) => Ok(Some(known)),
            None => Box::pin(self.find_out(&key)).await,
        }
    }

    async fn find_out(&self, key: &(TenantId, ClientId)) -> Result<Option<Arc<KnownClient>>> {
        let load = async { self.load(&key.0, &key.1).await.map_err(Missing::Failed)?.ok_or(Missing::Unknown) };
        match self.known.try_get_with_by_ref(key, load).await {
            Ok(found) => Ok(Some(found)),
            Err(missing) => match &*missing {
                Missing::Unknown => Ok(None),
                Missing::Failed(fault) => Err(fault.clone().into()),
            },
        }
    }

    async fn load(&self, tenant: &TenantId, id: &ClientId) -> Result<Option<Arc<KnownClient>>, Fault> {
        let found = store::by_id(&self.db, tenant, id).await?;
        let Some(client) = found.filter(|client| client.status == ClientStatus::Active) else { return Ok(None) };
        let secrets = client_secrets::all(&self.db, tenant, id).await?;
        let keys = client.metadata.jwks.as_ref().and_then(|jwks| JwkSet::parse(jwks.to_string().as_bytes()).ok());
        let own_scope = scopes::for_machines(&client.metadata.scope);
        Ok(Some(Arc::new(KnownClient { client, own_scope, secrets, keys })))
    }

    /// As [`Clients::create`], for the server's own commands.
    ///
    /// # Errors
    /// A rule of registration is broken, the wished id is taken, or the tenant's plan has no room.
    pub async fn register(&self, tenant: &Tenant, wish: Registration, actor: &str) -> Result<(Client, Option<Secret>)> {
        let by = Actor { id: actor.to_owned(), ..Actor::operator() };
        self.create(tenant, wish, &Registrant::operator(by)).await
    }

    /// Registers a client; answers it with its secret, which is shown this once.
    ///
    /// # Errors
    /// A rule of registration is broken, the wished id is taken, or the client would have more than its registrant.
    pub async fn create(
        &self,
        tenant: &Tenant,
        wish: Registration,
        by: &Registrant,
    ) -> Result<(Client, Option<Secret>)> {
        let at = (self.loopback_http, by.reaches_platform(tenant));
        let client = wish.into_client_of(tenant, at, self.clock.now())?;
        by.check(&client)?;
        let secret = client.has_secret().then(Secret::generate);
        let mut tx = self.db.begin().await?;
        self.create_in(&mut tx, tenant, (&client, secret.as_ref()), &by.actor).await?;
        tx.commit().await?;
        Ok((client, secret))
    }

    /// The client that a wish becomes.
    ///
    /// # Errors
    /// A rule of registration is broken.
    pub fn made(&self, tenant: &Tenant, wish: Registration) -> Result<Client> {
        wish.into_client(tenant, self.loopback_http, self.clock.now())
    }

    /// Registers a client that was [made](Clients::made), with this secret, within the caller's transaction.
    ///
    /// # Errors
    /// The id is taken, or the tenant's plan has no room.
    pub async fn create_in(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        (client, secret): (&Client, Option<&Secret>),
        by: &Actor,
    ) -> Result<()> {
        let now = self.clock.now();
        make_room(tx, tenant, Counted::Clients, now).await?;
        if !store::insert(&mut *tx, client).await? {
            return Err(Stop::refuse(Code::Conflict, "there is a client of this id"));
        }
        if let Some(secret) = secret {
            client_secrets::add(&mut *tx, &tenant.id, &client.id, secret, now).await?;
        }
        let event = Event::new(&tenant.id, now, "client.created").by(&by.id).on(client.id.as_str());
        let detail = json!({ "type": client.kind, "scope": client.metadata.scope });
        Ok(audit::record(tx, event.from(&by.origin).detail(detail)).await?)
    }

    /// Forgets what is in memory about a client, after a change made here.
    pub async fn forget(&self, tenant: &TenantId, id: &ClientId) {
        self.known.invalidate(&(tenant.clone(), id.clone())).await;
    }
}

#[cfg(test)]
mod tests;
