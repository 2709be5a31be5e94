//! Looking through the trail: what can be asked, and what is shown of a row.

use serde::Serialize;
use serde_json::Value;

use super::Audit;
use super::names::current;
use crate::base::{AuditId, Code, Refusal, Result, Stop, TenantId, Timestamp};
use crate::store::audit::Event;
use crate::store::audit_chain::Kept;
use crate::store::audit_pages::{self as store, Before, Wanted};

/// What is asked of the trail; absent: everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Actions by name, or all of a kind as `user.*`.
    pub actions: Vec<String>,
    /// By whom.
    pub actor: Option<String>,
    /// To whom or what.
    pub target: Option<String>,
    /// How it ended.
    pub result: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// A place in a list, as a cursor names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(Before);

impl Place {
    /// Reads a cursor.
    ///
    /// # Errors
    /// It is none of ours.
    pub fn read(cursor: &str) -> Result<Self, Refusal> {
        let read = || {
            let (at, id) = cursor.split_once('.')?;
            let known = id.len() <= 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
            known.then_some(Self(Before { at: Timestamp(at.parse().ok()?), id: id.to_owned() }))
        };
        read().ok_or_else(|| Refusal::new(Code::InvalidCursor, "the cursor is none that was given here"))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0.at.0, self.0.id)
    }
}

/// A row as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Its id.
    pub id: AuditId,
    /// When, as a time of RFC 3339.
    pub at: String,
    /// What.
    pub action: String,
    /// Who: a user, client or key id.
    pub actor: Option<String>,
    /// To whom or what.
    pub target: Option<String>,
    /// `success`, or why not.
    pub result: String,
    /// Circumstances.
    pub detail: Value,
    /// From where.
    pub ip: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// Its place in the chain, which it gets within a second.
    pub seal: Option<Seal>,
    #[serde(skip)]
    place: (Timestamp, AuditId),
}

/// A row's place in the chain.
#[derive(Clone, Debug, Serialize)]
pub struct Seal {
    /// Which; 1 is the first.
    pub seq: i64,
    /// SHA-256 of the row and of the hash before.
    pub hash: String,
    /// SHA-256 of what is personal in it.
    pub personal: String,
    /// What that is mixed with; absent when it was erased.
    pub salt: Option<String>,
}

impl Shown {
    /// Where the page after this row begins.
    #[must_use]
    pub fn place(&self) -> Place {
        Place(Before { at: self.place.0, id: self.place.1.as_str().to_owned() })
    }
}

impl From<Kept> for Shown {
    fn from(row: Kept) -> Self {
        let Kept { event, seq, salt, personal, hash } = row;
        let Event { id, at, action, actor, target, result, detail, ip, user_agent, request_id, .. } = event;
        let seal = match (seq, personal, hash) {
            (Some(seq), Some(personal), Some(hash)) => Some(Seal { seq, hash, personal, salt }),
            _ => None,
        };
        let place = (at, id.clone());
        let at = at.rfc3339();
        Self { id, at, action, actor, target, result, detail: detail.0, ip, user_agent, request_id, seal, place }
    }
}

impl Asked {
    /// Whether an action is one of those asked for, whichever name it had when the row was written.
    fn names(&self, action: &str) -> bool {
        let fits = |asked: &String| match asked.strip_suffix('*') {
            Some(kind) => action.starts_with(kind) || current(action).starts_with(kind),
            None => current(action) == current(asked),
        };
        self.actions.is_empty() || self.actions.iter().any(fits)
    }

    /// Whether a row is one of those asked for.
    #[must_use]
    pub(super) fn takes(&self, event: &Event) -> bool {
        let fits = |asked: &Option<String>, had: Option<&String>| asked.is_none() || asked.as_ref() == had;
        self.names(&event.action)
            && fits(&self.actor, event.actor.as_ref())
            && fits(&self.target, event.target.as_ref())
            && fits(&self.result, Some(&event.result))
            && fits(&self.request_id, event.request_id.as_ref())
            && self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at < to)
    }
}

impl Audit {
    /// Up to `limit` rows after this place, the newest first.
    pub async fn page(&self, tenant: &TenantId, asked: &Asked, after: Option<Place>, limit: i64) -> Result<Vec<Shown>> {
        let end = Before { at: asked.to.unwrap_or(Timestamp(i64::MAX)), id: String::new() };
        let before = after.map_or(end, |place| place.0);
        let wanted = Wanted {
            actions: self.named(tenant, asked).await?,
            actor: asked.actor.clone(),
            target: asked.target.clone(),
            result: asked.result.clone(),
            request_id: asked.request_id.clone(),
            from: asked.from.unwrap_or_default(),
        };
        let rows = store::page(&self.db, tenant, &wanted, &before, limit).await?;
        Ok(rows.into_iter().map(Shown::from).collect())
    }

    /// The actions that occur, of those asked for.
    async fn named(&self, tenant: &TenantId, asked: &Asked) -> Result<Option<Vec<String>>> {
        if asked.actions.is_empty() {
            return Ok(None);
        }
        let mut kinds = store::kinds(&self.db, tenant).await?;
        kinds.retain(|kind| asked.names(kind));
        Ok(Some(kinds))
    }

    /// Every action that occurs, by name.
    pub async fn kinds(&self, tenant: &TenantId) -> Result<Vec<String>> {
        Ok(store::kinds(&self.db, tenant).await?)
    }

    /// One row.
    ///
    /// # Errors
    /// There is none of this id.
    pub async fn look_up(&self, tenant: &TenantId, id: &AuditId) -> Result<Shown> {
        let found = store::by_id(&self.db, tenant, id).await?;
        found.map(Shown::from).ok_or_else(|| Stop::refuse(Code::NotFound, "there is no such event"))
    }
}
