//! What runs in a whole tenant, and how administrators end it: sign-ins, and what clients were allowed.

use serde_json::{Value, json};

use super::{People, above};
use crate::base::{Actor, ClientId, Code, GrantId, Result, SessionId, Stop, UserId};
use crate::sessions::is_alive;
use crate::store::audit::Event;
use crate::store::grants::{self, Grant};
use crate::store::sessions::{self, Session};
use crate::store::tenants::Tenant;
use crate::store::users::{self, Role};
use crate::store::{Json, grant_lists as store};
use crate::tokens::Ending;

/// Whose grants are asked for.
#[derive(Clone, Debug, Default)]
pub struct Whose {
    /// Given by this person.
    pub user: Option<UserId>,
    /// Given to this client.
    pub client: Option<ClientId>,
}

/// A page, and where the next one begins.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The id before which the next one begins, if there may be one.
    pub next: Option<String>,
}

impl People {
    /// Up to `limit` sessions of anybody before this id, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn all_sessions(&self, tenant: &Tenant, before: &str, limit: i64) -> Result<Page<Session>> {
        let now = self.clock.now();
        let mut items = store::sessions(&self.db, &tenant.id, before, now, limit).await?;
        let next = next(&items, limit, |session| session.id.as_str());
        items.retain(|session| is_alive(session, tenant, now));
        Ok(Page { items, next })
    }

    /// Ends anybody's session, and what was begun in it.
    ///
    /// # Errors
    /// `NotFound`: there is no such session. `Forbidden`: the person's role is above the caller's.
    pub async fn end_any_session(&self, tenant: &Tenant, id: &SessionId, (reach, by): (Role, &Actor)) -> Result<()> {
        let found = sessions::by_id(&self.db, &tenant.id, id).await?;
        let found = found.ok_or_else(|| Stop::refuse(Code::NotFound, "there is no such session"))?;
        self.must_reach(tenant, &found.user_id, reach).await?;
        self.end_session(tenant, &found.user_id, id, by).await
    }

    /// Up to `limit` grants that are alive before this id, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn all_grants(&self, tenant: &Tenant, whose: &Whose, before: &str, limit: i64) -> Result<Page<Grant>> {
        let whose = (whose.user.as_ref(), whose.client.as_ref());
        let items = store::grants(&self.db, &tenant.id, whose, before, (self.clock.now(), limit)).await?;
        Ok(Page { next: next(&items, limit, |grant| grant.id.as_str()), items })
    }

    /// Ends a grant, and every token that was issued from it.
    ///
    /// # Errors
    /// `NotFound`: there is none that is alive. `Forbidden`: the role of whoever gave it is above the caller's.
    pub async fn end_grant(&self, tenant: &Tenant, id: &GrantId, (reach, by): (Role, &Actor)) -> Result<()> {
        let now = self.clock.now();
        let found = grants::by_id(&self.db, &tenant.id, id).await?;
        let alive = found.filter(|grant| grant.revoked_at.is_none() && grant.expires_at > now);
        let grant = alive.ok_or_else(|| Stop::refuse(Code::NotFound, "there is no such grant"))?;
        if let Some(user) = &grant.user_id {
            self.must_reach(tenant, user, reach).await?;
        }
        let mut event = Event::new(&tenant.id, now, "grant.revoked").by(&by.id).on(id.as_str()).from(&by.origin);
        event.detail = Json(json!({ "client_id": grant.client_id, "user_id": grant.user_id }));
        self.tokens.end(&tenant.id, Ending::Grant(id), event).await
    }

    async fn must_reach(&self, tenant: &Tenant, user: &UserId, reach: Role) -> Result<()> {
        let person = users::by_id(&self.db, &tenant.id, user).await?;
        let is_above = person.is_some_and(|person| person.role.rank() > reach.rank());
        if is_above { Err(above()) } else { Ok(()) }
    }
}

fn next<T>(items: &[T], limit: i64, id: impl Fn(&T) -> &str) -> Option<String> {
    let full = i64::try_from(items.len()).is_ok_and(|count| count >= limit);
    items.last().filter(|_| full).map(|last| id(last).to_owned())
}

/// A grant as administrators are shown it.
#[must_use]
pub fn granted(grant: &Grant) -> Value {
    json!({
        "id": grant.id,
        "client_id": grant.client_id,
        "user_id": grant.user_id,
        "session_id": grant.session_id,
        "scope": grant.scope,
        "resource": grant.context.resource,
        "created_at": grant.created_at.rfc3339(),
        "expires_at": grant.expires_at.rfc3339(),
    })
}
