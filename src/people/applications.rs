//! The applications that may do something for a person, and how that ends.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::People;
use crate::base::{Actor, ClientId, Code, Result, Scope, Stop, Timestamp, UserId};
use crate::store::applications as store;
use crate::store::audit::{self, Event};
use crate::store::tenants::Tenant;
use crate::tokens::Ending;

/// An application and what it may do.
#[derive(Clone, Debug, Serialize)]
pub struct Application {
    /// The client.
    pub client_id: ClientId,
    /// Its name.
    pub name: String,
    /// Its logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// What it may do, or may do again without asking.
    pub scope: Scope,
    /// Since when, as a time of RFC 3339.
    pub since: String,
    /// Whether it can do so now, without the person.
    pub active: bool,
}

/// What is gathered about one application.
struct Held {
    scope: Scope,
    since: Timestamp,
    active: bool,
}

impl People {
    /// The applications of a person, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn applications(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<Application>> {
        let mut held = BTreeMap::<String, Held>::new();
        let mut hold = |client: ClientId, scope: Scope, since: Timestamp, active: bool| {
            let place = held.entry(client.to_string());
            let place = place.or_insert_with(|| Held { scope: Scope::empty(), since, active });
            place.scope = place.scope.union(&scope);
            place.since = place.since.min(since);
            place.active |= active;
        };
        for consent in store::consents(&self.db, &tenant.id, user).await? {
            hold(consent.client_id, consent.scope, consent.updated_at, false);
        }
        for grant in store::of_user(&self.db, &tenant.id, user, self.clock.now()).await? {
            hold(grant.client_id, grant.scope, grant.created_at, true);
        }
        let mut all = Vec::new();
        for (id, held) in held {
            all.extend(self.application(tenant, ClientId::from(id), held).await?);
        }
        all.sort_by_key(|application| application.name.to_lowercase());
        Ok(all)
    }

    async fn application(&self, tenant: &Tenant, client_id: ClientId, held: Held) -> Result<Option<Application>> {
        // One that was switched off can do nothing.
        let client = self.clients.find(&tenant.id, &client_id).await?;
        Ok(client.map(|client| Application {
            client_id,
            name: client.name.clone(),
            logo_uri: client.metadata.logo_uri.clone(),
            scope: held.scope,
            since: held.since.rfc3339(),
            active: held.active,
        }))
    }

    /// Takes back all that a person gave an application: its tokens end, and it has to ask again.
    ///
    /// # Errors
    /// It has nothing of this person.
    pub async fn end_application(&self, tenant: &Tenant, user: &UserId, client: &ClientId, by: &Actor) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let forgotten = store::forget_consent(&mut tx, &tenant.id, user, client).await?;
        let mut ended = Vec::new();
        for grant in store::of_user(&mut tx, &tenant.id, user, now).await? {
            if grant.client_id == *client {
                ended.push(self.tokens.end_in(&mut tx, &tenant.id, Ending::Grant(&grant.id)).await?);
            }
        }
        if !forgotten && ended.is_empty() {
            return Err(Stop::refuse(Code::NotFound, "this application has nothing of this account"));
        }
        let event = Event::new(&tenant.id, now, "consent.revoked").by(&by.id).on(user.as_str()).from(&by.origin);
        audit::record(&mut tx, event.detail(json!({ "client_id": client }))).await?;
        tx.commit().await?;
        for ended in ended {
            self.tokens.note(ended);
        }
        Ok(())
    }
}
