//! Sign-in sessions: begun when a person proves who they are, looked at on every page, over when idle, old or ended.

use serde_json::json;

pub use crate::base::Proof;
use crate::base::{Clock, Level, Origin, Result, SessionId, Timestamp};
use crate::store::audit::{self, Event};
use crate::store::people::Described;
use crate::store::reader::Reader;
use crate::store::sessions::{self as store, Session, WithPerson};
use crate::store::tenants::Tenant;
use crate::store::users::{User, UserStatus};
use crate::store::{Db, Flag, Json};
use crate::tenants::TenantContext;

/// How often at most a session's last use is written down, in seconds.
const SEEN_EVERY: i64 = 60;

/// Whether a session is neither over, nor ended, nor unused for too long.
#[must_use]
pub fn is_alive(session: &Session, tenant: &Tenant, now: Timestamp) -> bool {
    let lifetimes = &tenant.settings.lifetimes;
    let idle = if session.remembered.0 { lifetimes.session_remembered } else { lifetimes.session_idle };
    session.ended_at.is_none() && session.expires_at > now && session.last_seen_at.plus(idle) > now
}

/// A live session and its person.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// The person, who is active.
    pub user: User,
    /// The person with what else is kept, where it was read along.
    pub described: Option<Box<Described>>,
}

impl SignedIn {
    /// How well the person proved who they are.
    #[must_use]
    pub fn level(&self) -> Level {
        Level::of(&self.session.acr).unwrap_or_default()
    }
}

/// Begins and looks up sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    db: Db,
    clock: Clock,
    reader: Reader,
}

impl Sessions {
    /// Over this database.
    #[must_use]
    pub const fn new(db: Db, clock: Clock, reader: Reader) -> Self {
        Self { db, clock, reader }
    }

    /// Begins a session, or renews the proof of `current` when it is the same person's; always with its audit row.
    pub async fn begin(
        &self,
        tenant: &TenantContext,
        proof: Proof,
        current: Option<&SignedIn>,
        origin: &Origin,
    ) -> Result<Session> {
        let now = self.clock.now();
        let same = current.filter(|current| current.user.id == proof.user);
        let mut tx = self.db.begin().await?;
        let session = if let Some(current) = same {
            let mut session = current.session.clone();
            (session.auth_time, session.amr, session.acr) = (now, Json(proof.amr), proof.acr);
            store::reauthenticated(&mut tx, &session).await?;
            session
        } else {
            let session = Session {
                tenant_id: tenant.id.clone(),
                id: SessionId::generate(),
                user_id: proof.user,
                auth_time: now,
                amr: Json(proof.amr),
                acr: proof.acr,
                ip: origin.ip.clone(),
                user_agent: origin.user_agent.clone(),
                created_at: now,
                last_seen_at: now,
                expires_at: now.plus(tenant.settings.lifetimes.session_absolute),
                ended_at: None,
                remembered: Flag(false),
            };
            store::insert(&mut tx, &session).await?;
            session
        };
        let event = Event::new(&tenant.id, now, "session.created").by(session.user_id.as_str());
        let event = event.on(session.id.as_str()).detail(json!({ "renewed": same.is_some() })).from(origin);
        audit::record(&mut tx, event).await?;
        tx.commit().await?;
        Ok(session)
    }

    /// Lets a session outlive the browser, because the person asked for it.
    pub async fn remember(&self, tenant: &Tenant, session: &mut Session) -> Result<()> {
        let until = self.clock.now().plus(tenant.settings.lifetimes.session_remembered);
        store::remember(&self.db, &tenant.id, &session.id, until).await?;
        (session.remembered, session.expires_at) = (Flag(true), until);
        Ok(())
    }

    /// The session of this id, if it is alive and its person may act.
    pub async fn live(&self, tenant: &TenantContext, id: &SessionId) -> Result<Option<SignedIn>> {
        match self.reader.session(&tenant.id, id).await? {
            Some(found) => self.living(tenant, found).await,
            None => Ok(None),
        }
    }

    /// What was found of a session just now, if it is alive and its person may act.
    pub async fn living(&self, tenant: &TenantContext, found: WithPerson) -> Result<Option<SignedIn>> {
        let (session, person) = found.apart();
        let now = self.clock.now();
        if !is_alive(&session, tenant, now) || person.user.status != UserStatus::Active {
            return Ok(None);
        }
        if now.since(session.last_seen_at).0 >= SEEN_EVERY {
            store::seen(&self.db, &tenant.id, &session.id, now).await?;
        }
        Ok(Some(SignedIn { session, user: person.user.clone(), described: Some(Box::new(person)) }))
    }
}
