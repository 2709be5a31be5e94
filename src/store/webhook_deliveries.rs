//! Events on their way to endpoints: taken up under a lease, tried, tried again, taken or given up; and what each
//! attempt came to.

use super::db::Run;
use super::sql::sql;
use super::values::words;
use crate::base::{TenantId, Timestamp, UserId};

/// How many endpoints can be left out of a claim.
pub const BUSY: usize = 8;

words! {
    /// What has become of a delivery.
    DeliveryState {
        /// It is to be attempted.
        Waiting = "waiting",
        /// Its endpoint is disabled.
        Held = "held",
        /// The endpoint took it.
        Delivered = "delivered",
        /// It was given up.
        Exhausted = "exhausted",
    }
}

/// One event for one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Delivery {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id; ids sort by time.
    pub id: String,
    /// Which endpoint.
    pub endpoint_id: String,
    /// Which event; the same at every attempt and at every endpoint.
    pub event_id: String,
    /// What it is.
    pub event_type: String,
    /// The bytes that are sent.
    pub body: String,
    /// Whom it tells of.
    pub subject: Option<UserId>,
    /// What has become of it.
    pub state: DeliveryState,
    /// How many attempts were begun.
    pub attempts: i64,
    /// How many of them were before it was sent anew by hand.
    pub counted_from: i64,
    /// When it is attempted; while somebody is at it, when that is given up.
    pub due_at: Timestamp,
    /// What the endpoint answered last.
    pub last_status: Option<i64>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// When it was taken or given up.
    pub finished_at: Option<Timestamp>,
}

/// An attempt.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempt {
    /// Which one, from 1.
    pub number: i64,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
    /// What the endpoint answered.
    pub status: Option<i64>,
    /// Why it failed.
    pub error: Option<String>,
    /// How the answer's body began.
    pub excerpt: String,
}

/// Which deliveries are taken up.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The present.
    pub now: Timestamp,
    /// When somebody else takes them up, should this process die.
    pub until: Timestamp,
    /// Most of them.
    pub most: i64,
    /// Most of one endpoint; of one that fails, one.
    pub most_of_one: i64,
    /// Endpoints that have enough on the way.
    pub busy: [String; BUSY],
}

sql! {
    tenant INSERT(8) = "INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, body, subject,
            state, attempts, counted_from, due_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0, 0, $8, $8) ON CONFLICT DO NOTHING";
    // The outer conditions are asked again when another process was faster (READ COMMITTED): it moved `due_at`. Of an
    // endpoint that fails one is tried at a time: it must not hold up the others by being slow.
    tenant CLAIM(12) = "UPDATE webhook_deliveries SET attempts = attempts + 1, due_at = $2
        WHERE state = 'waiting' AND due_at <= $1 AND (tenant_id, id) IN
            (SELECT tenant_id, id FROM
                (SELECT tenant_id, id, due_at, failing,
                        ROW_NUMBER() OVER (PARTITION BY tenant_id, endpoint_id ORDER BY due_at, id) AS place
                    FROM (SELECT d.tenant_id, d.id, d.endpoint_id, d.due_at, e.failing_since AS failing
                        FROM webhook_deliveries d
                        JOIN webhook_endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id
                        WHERE d.state = 'waiting' AND d.due_at <= $1 AND e.status = 'enabled'
                            AND d.endpoint_id NOT IN ($5, $6, $7, $8, $9, $10, $11, $12)
                        ORDER BY d.due_at, d.id LIMIT 1000) AS oldest) AS due
                WHERE place <= CASE WHEN failing IS NULL THEN $4 ELSE 1 END ORDER BY due_at, id LIMIT $3)
        RETURNING tenant_id, id, endpoint_id, event_id, event_type, body, subject, state, attempts, counted_from, due_at,
            last_status, last_error, created_at, finished_at";
    tenant FINISH(7) = "UPDATE webhook_deliveries SET state = $4, finished_at = $5, last_status = $6, last_error = $7
        WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state IN ('waiting', 'held')";
    tenant AGAIN(6) = "UPDATE webhook_deliveries SET due_at = $4, last_status = $5, last_error = $6
        WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state IN ('waiting', 'held')";
    tenant NOTE(8) = "INSERT INTO webhook_attempts (tenant_id, delivery_id, number, at, duration_ms, status, error, excerpt)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    tenant BY_ID(3) = "SELECT tenant_id, id, endpoint_id, event_id, event_type, body, subject, state, attempts, counted_from,
            due_at, last_status, last_error, created_at, finished_at
        FROM webhook_deliveries WHERE tenant_id = $1 AND id = $2 AND ($3 = '' OR endpoint_id = $3)";
}

/// Puts an event on its way. `false`: it is on its way to that endpoint already.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, delivery: &Delivery) -> sqlx::Result<bool> {
    let d = delivery.clone();
    let values = (d.tenant_id, d.id, d.endpoint_id, d.event_id, d.event_type, d.body, d.subject, d.created_at);
    Ok(run.execute(INSERT, values).await? == 1)
}

/// Takes up what is due. Each goes to one process; the oldest first, but of no endpoint too many.
///
/// # Errors
/// The database failed.
pub async fn claim(run: impl Run, claim: Claim) -> sqlx::Result<Vec<Delivery>> {
    let Claim { now, until, most, most_of_one, busy: [one, two, three, four, five, six, seven, eight] } = claim;
    run.all(CLAIM, (now, until, most, most_of_one, one, two, three, four, five, six, seven, eight)).await
}

/// Notes that a delivery is over: taken or given up. `false`: somebody else has it by now.
///
/// # Errors
/// The database failed.
pub async fn finish(
    run: impl Run,
    delivery: &Delivery,
    (state, at): (DeliveryState, Timestamp),
    attempt: &Attempt,
) -> sqlx::Result<bool> {
    let d = delivery.clone();
    let values = (d.tenant_id, d.id, d.attempts, state, at, attempt.status, attempt.error.clone());
    Ok(run.execute(FINISH, values).await? == 1)
}

/// Notes when it is attempted again. `false`: somebody else has it by now.
///
/// # Errors
/// The database failed.
pub async fn again(run: impl Run, delivery: &Delivery, due_at: Timestamp, attempt: &Attempt) -> sqlx::Result<bool> {
    let d = delivery.clone();
    let values = (d.tenant_id, d.id, d.attempts, due_at, attempt.status, attempt.error.clone());
    Ok(run.execute(AGAIN, values).await? == 1)
}

/// Notes what an attempt came to.
///
/// # Errors
/// The database failed.
pub async fn note(run: impl Run, delivery: &Delivery, attempt: &Attempt) -> sqlx::Result<()> {
    let a = attempt.clone();
    let (tenant, id) = (delivery.tenant_id.clone(), delivery.id.clone());
    let values = (tenant, id, a.number, a.at, a.duration_ms, a.status, a.error, a.excerpt);
    run.execute(NOTE, values).await.map(drop)
}

/// The delivery of this id to this endpoint; to any, when that is empty.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, endpoint: &str, id: &str) -> sqlx::Result<Option<Delivery>> {
    run.one(BY_ID, (tenant.clone(), id.to_owned(), endpoint.to_owned())).await
}

#[cfg(test)]
pub(crate) fn sample(endpoint: &super::webhooks::Endpoint, id: &str) -> Delivery {
    Delivery {
        tenant_id: endpoint.tenant_id.clone(),
        id: id.to_owned(),
        endpoint_id: endpoint.id.clone(),
        event_id: format!("event of {id}"),
        event_type: "user.created".to_owned(),
        body: "{}".to_owned(),
        subject: Some(UserId::from("somebody")),
        state: DeliveryState::Waiting,
        attempts: 0,
        counted_from: 0,
        due_at: Timestamp(5),
        last_status: None,
        last_error: None,
        created_at: Timestamp(5),
        finished_at: None,
    }
}

#[cfg(test)]
mod tests;
