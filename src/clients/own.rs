//! The tenant's own applications at its own sign-in API: one named, or the built-in one, which every tenant has.

use std::sync::Arc;

use super::{Clients, KnownClient, scopes};
use crate::base::{ClientId, Code, Fault, Refusal, Result, Scope};
use crate::store::Json;
use crate::store::audit::{self, Event};
use crate::store::clients::{
    self as store, ApplicationType, AuthMethod, Client, ClientKind, ClientMetadata, ClientPolicy, ClientStatus,
};
use crate::store::tenants::Tenant;

/// The id of the built-in one.
pub const BUILT_IN: &str = "account";

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
        let now = self.clock.now();
        let metadata = ClientMetadata {
            token_endpoint_auth_method: AuthMethod::None,
            grant_types: vec!["refresh_token".to_owned()],
            response_types: Vec::new(),
            application_type: ApplicationType::Web,
            scope: Scope::of(scopes::offered(&tenant.settings.own_scopes())),
            ..ClientMetadata::default()
        };
        let client = Client {
            tenant_id: tenant.id.clone(),
            id: ClientId::from(BUILT_IN),
            name: tenant.name.clone(),
            kind: ClientKind::Public,
            status: ClientStatus::Active,
            metadata: Json(metadata),
            policy: Json(ClientPolicy { first_party: true, ..ClientPolicy::default() }),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.db.begin().await?;
        if store::insert(&mut tx, &client).await? {
            let event = Event::new(&tenant.id, now, "client.created").by("system").on(BUILT_IN);
            audit::record(&mut tx, event).await?;
        }
        Ok(tx.commit().await?)
    }
}
