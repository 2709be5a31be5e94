//! The log of deliveries, as administrators read it and send from it again.

use super::db::{Run, Tx};
use super::sql::sql;
use super::webhook_deliveries::{Attempt, Delivery, DeliveryState};
use crate::base::{TenantId, Timestamp};

/// Which deliveries are listed.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// To which endpoint; empty: to any.
    pub endpoint: String,
    /// In which state.
    pub state: Option<DeliveryState>,
    /// Of which event; empty: of any.
    pub event: String,
    /// Those before this id; empty: from the newest on.
    pub before: String,
    /// How many at most.
    pub limit: i64,
}

sql! {
    tenant PAGE(6) = "SELECT tenant_id, id, endpoint_id, event_id, event_type, '' AS body, subject, state, attempts,
            counted_from, due_at, last_status, last_error, created_at, finished_at
        FROM webhook_deliveries WHERE tenant_id = $1 AND ($2 = '' OR endpoint_id = $2) AND ($3 = '' OR state = $3)
            AND ($4 = '' OR event_id = $4) AND ($5 = '' OR id < $5) ORDER BY id DESC LIMIT $6";
    tenant ATTEMPTS(2) = "SELECT number, at, duration_ms, status, error, excerpt FROM webhook_attempts
        WHERE tenant_id = $1 AND delivery_id = $2 ORDER BY number";
    tenant REDELIVER(3) = "UPDATE webhook_deliveries SET state = 'waiting', counted_from = attempts, due_at = $3,
            finished_at = NULL
        WHERE tenant_id = $1 AND id = $2 AND state <> 'held'";
    tenant RETRY(4) = "UPDATE webhook_deliveries SET state = 'waiting', counted_from = attempts, due_at = $2,
            finished_at = NULL
        WHERE (tenant_id, id) IN (SELECT d.tenant_id, d.id FROM webhook_deliveries d
            JOIN webhook_endpoints e ON e.tenant_id = d.tenant_id AND e.id = d.endpoint_id AND e.status = 'enabled'
            WHERE d.tenant_id = $1 AND d.state = 'exhausted' AND ($3 = '' OR d.endpoint_id = $3)
            ORDER BY d.id LIMIT $4)";
    tenant HOLD(2) = "UPDATE webhook_deliveries SET state = 'held'
        WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'waiting'";
    tenant RELEASE(3) = "UPDATE webhook_deliveries SET state = 'waiting', due_at = $3
        WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'held'";
    tenant REMOVE(2) = "DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND endpoint_id = $2";
    tenant FORGET(2) = "DELETE FROM webhook_deliveries WHERE (tenant_id, id) IN
        (SELECT tenant_id, id FROM webhook_deliveries WHERE created_at < $1 LIMIT $2)";
    tenant FORGET_ATTEMPTS(2) = "DELETE FROM webhook_attempts WHERE (tenant_id, delivery_id, number) IN
        (SELECT tenant_id, delivery_id, number FROM webhook_attempts WHERE at < $1 LIMIT $2)";
    global STATES(0) = "SELECT state, COUNT(*), MIN(created_at) FROM webhook_deliveries
        WHERE state IN ('waiting', 'held', 'exhausted') GROUP BY state";
}

/// Deliveries of a tenant without their bodies, the newest first.
///
/// # Errors
/// The database failed.
pub async fn page(run: impl Run, tenant: &TenantId, listed: Listed) -> sqlx::Result<Vec<Delivery>> {
    let state = listed.state.map_or_else(String::new, |state| state.as_str().to_owned());
    run.all(PAGE, (tenant.clone(), listed.endpoint, state, listed.event, listed.before, listed.limit)).await
}

/// All attempts of a delivery, the first one first.
///
/// # Errors
/// The database failed.
pub async fn attempts(run: impl Run, tenant: &TenantId, id: &str) -> sqlx::Result<Vec<Attempt>> {
    run.all(ATTEMPTS, (tenant.clone(), id.to_owned())).await
}

/// Sends one anew, with as many attempts as one that is new. `false`: its endpoint is disabled.
///
/// # Errors
/// The database failed.
pub async fn redeliver(run: impl Run, tenant: &TenantId, id: &str, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(REDELIVER, (tenant.clone(), id.to_owned(), now)).await? == 1)
}

/// Sends up to `limit` anew that were given up: those of one endpoint, or of all when `endpoint` is empty.
///
/// # Errors
/// The database failed.
pub async fn retry(
    run: impl Run,
    tenant: &TenantId,
    (endpoint, limit): (&str, i64),
    now: Timestamp,
) -> sqlx::Result<u64> {
    run.execute(RETRY, (tenant.clone(), now, endpoint.to_owned(), limit)).await
}

/// Lets what is on its way to an endpoint wait until that is enabled.
///
/// # Errors
/// The database failed.
pub async fn hold(run: impl Run, tenant: &TenantId, endpoint: &str) -> sqlx::Result<()> {
    run.execute(HOLD, (tenant.clone(), endpoint.to_owned())).await.map(drop)
}

/// Lets it go on.
///
/// # Errors
/// The database failed.
pub async fn release(run: impl Run, tenant: &TenantId, endpoint: &str, now: Timestamp) -> sqlx::Result<()> {
    run.execute(RELEASE, (tenant.clone(), endpoint.to_owned(), now)).await.map(drop)
}

/// Removes everything that was for an endpoint.
///
/// # Errors
/// The database failed.
pub async fn remove(tx: &mut Tx, tenant: &TenantId, endpoint: &str) -> sqlx::Result<()> {
    tx.execute(REMOVE, (tenant.clone(), endpoint.to_owned())).await.map(drop)
}

/// Removes up to `limit` deliveries from before then, whatever became of them, and as many attempts; answers how many.
///
/// # Errors
/// The database failed.
pub async fn forget(run: impl Run + Copy, before: Timestamp, limit: i64) -> sqlx::Result<u64> {
    let deliveries = run.execute(FORGET, (before, limit)).await?;
    Ok(deliveries + run.execute(FORGET_ATTEMPTS, (before, limit)).await?)
}

/// How many deliveries wait, are held or were given up, and since when the oldest.
///
/// # Errors
/// The database failed.
pub async fn states(run: impl Run) -> sqlx::Result<Vec<(DeliveryState, i64, Timestamp)>> {
    run.all(STATES, ()).await
}

#[cfg(test)]
mod tests;
