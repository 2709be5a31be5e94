//! What a person did lately, and what was done to them: the audit trail as the person may see it.

use serde::Serialize;

use super::{Device, People};
use crate::base::{AuditId, Result, Timestamp, UserId};
use crate::store::audit::{self, Event};
use crate::store::tenants::Tenant;

/// Who did something, as the person is told. Whoever administrates is not named, nor seen from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The person.
    You,
    /// Somebody with rights over the account.
    Administrator,
    /// Nobody who could prove who they are, or the server by itself.
    Unknown,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Activity {
    /// Its id; the page after begins before it.
    pub id: AuditId,
    /// When, as a time of RFC 3339.
    pub at: String,
    /// The same.
    #[serde(skip)]
    pub happened: Timestamp,
    /// What, as in the catalogue of events.
    pub action: String,
    /// `success`, or why not.
    pub result: String,
    /// Who.
    pub by: By,
    /// From where, unless an administrator did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// With what.
    pub device: Device,
}

impl People {
    /// Up to `limit` things before this id, newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn activity(&self, tenant: &Tenant, user: &UserId, before: &str, limit: i64) -> Result<Vec<Activity>> {
        let rows = audit::of_person(&self.db, &tenant.id, user, before, limit).await?;
        Ok(rows.into_iter().map(|row| told(row, user)).collect())
    }
}

fn told(row: Event, user: &UserId) -> Activity {
    let by = match row.actor.as_deref() {
        Some(actor) if actor == user.as_str() => By::You,
        Some(_) => By::Administrator,
        None => By::Unknown,
    };
    let theirs = by != By::Administrator;
    Activity {
        id: row.id,
        at: row.at.rfc3339(),
        happened: row.at,
        action: row.action,
        result: row.result,
        by,
        ip: row.ip.filter(|_| theirs),
        device: if theirs { Device::of(row.user_agent.as_deref()) } else { Device::default() },
    }
}
