//! What Stripe told us, once each, until it has been acted upon.

use super::db::Run;
use super::sql::sql;
use super::values::Flag;
use crate::base::{TenantId, Timestamp};

/// Most events removed by one statement.
const BATCH: i64 = 1_000;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PaymentEvent {
    /// In which tenant.
    pub tenant_id: TenantId,
    /// Stripe's id.
    pub id: String,
    /// `noun.verb`.
    pub r#type: String,
    /// What has to be asked for, as `kind:id`; empty: nothing.
    pub object: String,
    /// Whether it is about money.
    pub livemode: Flag,
    /// When it happened.
    pub created_at: Timestamp,
    /// When we learned of it.
    pub received_at: Timestamp,
    /// When it is to be acted upon.
    pub due_at: Timestamp,
    /// How often that has been begun.
    pub attempts: i64,
    /// When it was done.
    pub processed_at: Option<Timestamp>,
    /// What came of it, or what went wrong last.
    pub outcome: Option<String>,
}

sql! {
    tenant INSERT(9) = "INSERT INTO payment_events (tenant_id, id, type, object, livemode, created_at, received_at,
            due_at, attempts, processed_at, outcome)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0, $8, $9) ON CONFLICT DO NOTHING";
    // The outer conditions are asked again when another process was faster (READ COMMITTED): it moved `due_at`.
    tenant CLAIM(3) = "UPDATE payment_events SET attempts = attempts + 1, due_at = $2
        WHERE processed_at IS NULL AND due_at <= $1 AND (tenant_id, id) IN
            (SELECT tenant_id, id FROM payment_events WHERE processed_at IS NULL AND due_at <= $1
                ORDER BY due_at, id LIMIT $3)
        RETURNING tenant_id, id, type, object, livemode, created_at, received_at, due_at, attempts, processed_at,
            outcome";
    tenant DONE(4) = "UPDATE payment_events SET processed_at = $3, outcome = $4
        WHERE tenant_id = $1 AND id = $2 AND processed_at IS NULL";
    tenant FAILED(5) = "UPDATE payment_events SET due_at = $3, outcome = $4
        WHERE tenant_id = $1 AND id = $2 AND attempts = $5 AND processed_at IS NULL";
    tenant PAGE(3) = "SELECT tenant_id, id, type, object, livemode, created_at, received_at, due_at, attempts,
            processed_at, outcome
        FROM payment_events WHERE tenant_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3";
    tenant FORGET(2) = "DELETE FROM payment_events WHERE (tenant_id, id) IN
        (SELECT tenant_id, id FROM payment_events WHERE received_at < $1 AND processed_at IS NOT NULL LIMIT $2)";
}

/// Notes one. `false`: it is known.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, event: &PaymentEvent) -> sqlx::Result<bool> {
    let e = event.clone();
    let values =
        (e.tenant_id, e.id, e.r#type, e.object, e.livemode, e.created_at, e.received_at, e.processed_at, e.outcome);
    Ok(run.execute(INSERT, values).await? == 1)
}

/// Takes up to `limit` that are due; until then nobody else does.
///
/// # Errors
/// The database failed.
pub async fn claim(run: impl Run, now: Timestamp, until: Timestamp, limit: i64) -> sqlx::Result<Vec<PaymentEvent>> {
    run.all(CLAIM, (now, until, limit)).await
}

/// Notes that one has been acted upon, and what came of it.
///
/// # Errors
/// The database failed.
pub async fn done(run: impl Run, event: &PaymentEvent, now: Timestamp, outcome: &str) -> sqlx::Result<()> {
    run.execute(DONE, (event.tenant_id.clone(), event.id.clone(), now, outcome.to_owned())).await.map(drop)
}

/// Notes what went wrong, and when to try again.
///
/// # Errors
/// The database failed.
pub async fn failed(run: impl Run, event: &PaymentEvent, due_at: Timestamp, why: &str) -> sqlx::Result<()> {
    let values = (event.tenant_id.clone(), event.id.clone(), due_at, why.to_owned(), event.attempts);
    run.execute(FAILED, values).await.map(drop)
}

/// Up to `limit` before this id, in the order of ids.
///
/// # Errors
/// The database failed.
pub async fn page(run: impl Run, tenant: &TenantId, before: &str, limit: i64) -> sqlx::Result<Vec<PaymentEvent>> {
    run.all(PAGE, (tenant.clone(), before.to_owned(), limit)).await
}

/// Removes what was acted upon and received before then; answers how many.
///
/// # Errors
/// The database failed.
pub async fn forget(run: impl Run, before: Timestamp) -> sqlx::Result<u64> {
    run.execute(FORGET, (before, BATCH)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    fn event(tenant: &TenantId, id: &str) -> PaymentEvent {
        PaymentEvent {
            tenant_id: tenant.clone(),
            id: id.to_owned(),
            r#type: "customer.subscription.updated".to_owned(),
            object: "subscription:sub_1".to_owned(),
            livemode: Flag(false),
            created_at: Timestamp(1),
            received_at: Timestamp(2),
            due_at: Timestamp(2),
            attempts: 0,
            processed_at: None,
            outcome: None,
        }
    }

    #[tokio::test]
    async fn w106_an_event_is_noted_once_and_taken_by_one() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            assert!(insert(&db, &event(&one, "evt_1")).await.unwrap());
            assert!(!insert(&db, &event(&one, "evt_1")).await.unwrap());
            assert!(insert(&db, &event(&two, "evt_1")).await.unwrap(), "another tenant's");
            let take = async |now| claim(&db, Timestamp(now), Timestamp(now + 60), 9).await.unwrap();
            assert_eq!(take(1).await.len(), 0);
            let taken = take(2).await;
            assert_eq!((taken.len(), taken[0].attempts), (2, 1));
            assert_eq!(take(3).await.len(), 0, "somebody has them");
            done(&db, &taken[0], Timestamp(4), "synced").await.unwrap();
            failed(&db, &taken[1], Timestamp(10), "unavailable").await.unwrap();
            assert_eq!(take(9).await.len(), 0);
            assert_eq!(take(10).await.len(), 1);
            failed(&db, &taken[1], Timestamp(10), "late").await.unwrap();
            assert_eq!(take(11).await.len(), 0, "an attempt that is over says nothing");
            assert_eq!(page(&db, &one, "", 9).await.unwrap().len(), 1);
            assert_eq!(forget(&db, Timestamp(99)).await.unwrap(), 1, "what is not done stays");
        }
    }
}
