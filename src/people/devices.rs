//! Where a person is signed in, and how that ends: with the session goes everything that was begun in it, also what
//! an ordinary sign-out leaves to applications (`offline_access`), for the device may be lost.

use serde_json::{Value, json};

use super::{Device, People};
use crate::base::{Actor, Code, Result, SessionId, Stop, UserId};
use crate::sessions::is_alive;
use crate::store::audit::{self, Event};
use crate::store::sessions::{self as store, Session};
use crate::store::tenants::Tenant;
use crate::store::{Tx, applications};
use crate::tokens::{Ended, Ending};

impl People {
    /// The sessions in which a person is signed in now, the last used first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sessions(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<Session>> {
        let now = self.clock.now();
        let mut found = store::of_user(&self.db, &tenant.id, user, now).await?;
        found.retain(|session| is_alive(session, tenant, now));
        found.sort_by(|one, other| (other.last_seen_at, &other.id.as_str()).cmp(&(one.last_seen_at, &one.id.as_str())));
        Ok(found)
    }

    /// Ends one of a person's sessions.
    ///
    /// # Errors
    /// It is not one of theirs, or has ended before.
    pub async fn end_session(&self, tenant: &Tenant, user: &UserId, id: &SessionId, by: &Actor) -> Result<()> {
        let theirs = self.sessions(tenant, user).await?.into_iter().any(|session| session.id == *id);
        let ended = if theirs { self.end_all(tenant, &[id], by).await? } else { 0 };
        if ended == 1 { Ok(()) } else { Err(Stop::refuse(Code::NotFound, "there is no such session")) }
    }

    /// Ends all of a person's sessions but one; answers how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_sessions(
        &self,
        tenant: &Tenant,
        user: &UserId,
        except: Option<&SessionId>,
        by: &Actor,
    ) -> Result<u64> {
        let found = self.sessions(tenant, user).await?;
        let ids: Vec<_> = found.iter().map(|session| &session.id).filter(|id| Some(*id) != except).collect();
        self.end_all(tenant, &ids, by).await
    }

    async fn end_all(&self, tenant: &Tenant, ids: &[&SessionId], by: &Actor) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let (mut count, mut ended) = (0, Vec::new());
        for id in ids {
            if store::end(&mut tx, &tenant.id, id, self.clock.now()).await? {
                count += 1;
                ended.extend(self.end_one(&mut tx, tenant, id, by).await?);
            }
        }
        tx.commit().await?;
        for ended in ended {
            self.tokens.note(ended);
        }
        Ok(count)
    }

    async fn end_one(&self, tx: &mut Tx, tenant: &Tenant, id: &SessionId, by: &Actor) -> Result<Vec<Ended>> {
        let now = self.clock.now();
        let mut ended = Vec::new();
        for grant in applications::of_session(&mut *tx, &tenant.id, id, now).await? {
            ended.push(self.tokens.end_in(tx, &tenant.id, Ending::Grant(&grant.id)).await?);
        }
        ended.push(self.tokens.end_in(tx, &tenant.id, Ending::Session(id)).await?);
        let event = Event::new(&tenant.id, now, "session.revoked").by(&by.id).on(id.as_str()).from(&by.origin);
        audit::record(tx, event).await?;
        Ok(ended)
    }
}

/// A session as people and administrators are shown it.
#[must_use]
pub fn told(session: &Session, current: Option<&SessionId>) -> Value {
    json!({
        "id": session.id,
        "current": current == Some(&session.id),
        "device": Device::of(session.user_agent.as_deref()),
        "ip": session.ip,
        "remembered": session.remembered.0,
        "amr": session.amr,
        "acr": session.acr,
        "auth_time": session.auth_time.rfc3339(),
        "created_at": session.created_at.rfc3339(),
        "last_seen_at": session.last_seen_at.rfc3339(),
        "expires_at": session.expires_at.rfc3339(),
    })
}
