//! The audit trail: who did what to whom, and how it ended. Rows are only ever added, in the transaction of the
//! change they tell of; the purge of an account alone takes from its rows where from and with what.

use serde_json::Value;

use super::db::Run;
use super::sql::sql;
use super::values::Json;
use crate::base::{AuditId, Origin, TenantId, Timestamp, UserId};

/// One row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Event {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id; ids sort by time.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// What: `noun.verb`, as in the catalogue of events.
    pub action: String,
    /// Who: a user, client or key id.
    pub actor: Option<String>,
    /// To whom or what.
    pub target: Option<String>,
    /// `success`, or the code of the refusal.
    pub result: String,
    /// Changed fields and circumstances; never a secret.
    pub detail: Json<Value>,
    /// From where.
    pub ip: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
}

impl Event {
    /// An event that went well, with nothing more to say than what it was.
    #[must_use]
    pub fn new(tenant: &TenantId, at: Timestamp, action: &str) -> Self {
        Self {
            tenant_id: tenant.clone(),
            id: AuditId::generate(),
            at,
            action: action.to_owned(),
            actor: None,
            target: None,
            result: "success".to_owned(),
            detail: Json(Value::Null),
            ip: None,
            user_agent: None,
            request_id: None,
        }
    }

    /// Who did it.
    #[must_use]
    pub fn by(mut self, actor: impl Into<String>) -> Self {
        self.actor = Some(actor.into());
        self
    }

    /// To whom or what it was done.
    #[must_use]
    pub fn on(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// How it ended, when not well.
    #[must_use]
    pub fn result(mut self, result: impl Into<String>) -> Self {
        self.result = result.into();
        self
    }

    /// From where, with what and in which request.
    #[must_use]
    pub fn from(mut self, origin: &Origin) -> Self {
        self.ip.clone_from(&origin.ip);
        self.user_agent.clone_from(&origin.user_agent);
        self.request_id.clone_from(&origin.request_id);
        self
    }

    /// The circumstances.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = Json(detail);
        self
    }
}

sql! {
    tenant INSERT(11) = "INSERT INTO audit_events (tenant_id, id, at, action, actor, target, result, detail, ip,
            user_agent, request_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    tenant PAGE(3) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id
        FROM audit_events WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    tenant OF_PERSON(4) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id
        FROM audit_events WHERE tenant_id = $1 AND (actor = $2 OR target = $2) AND id < $3 ORDER BY id DESC LIMIT $4";
}

/// Adds a row.
///
/// # Errors
/// The database failed.
pub async fn record(run: impl Run, event: Event) -> sqlx::Result<()> {
    let e = event;
    let values =
        (e.tenant_id, e.id, e.at, e.action, e.actor, e.target, e.result, e.detail, e.ip, e.user_agent, e.request_id);
    run.execute(INSERT, values).await.map(drop)
}

/// Up to `limit` rows after this id, oldest first.
///
/// # Errors
/// The database failed.
pub async fn page(run: impl Run, tenant: &TenantId, after: &str, limit: i64) -> sqlx::Result<Vec<Event>> {
    run.all(PAGE, (tenant.clone(), after.to_owned(), limit)).await
}

/// Up to `limit` rows before this id, newest first, of what a person did and what was done to them.
///
/// # Errors
/// The database failed.
pub async fn of_person(
    run: impl Run,
    tenant: &TenantId,
    person: &UserId,
    before: &str,
    limit: i64,
) -> sqlx::Result<Vec<Event>> {
    run.all(OF_PERSON, (tenant.clone(), person.clone(), before.to_owned(), limit)).await
}
