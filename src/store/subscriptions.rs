//! Subscriptions as Stripe last told them.

use serde::{Deserialize, Serialize};

use super::db::Run;
use super::sql::sql;
use super::values::{Flag, Json};
use crate::base::{TenantId, Timestamp};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Subscription {
    /// In which tenant.
    pub tenant_id: TenantId,
    /// Stripe's id.
    pub stripe_id: String,
    /// Who pays; absent when Stripe knows somebody whom we do not.
    pub subject: Option<String>,
    /// What Stripe calls them.
    pub customer: String,
    /// Stripe's word for how it stands.
    pub status: String,
    /// For what.
    pub items: Json<Vec<Item>>,
    /// From when has been paid.
    pub period_start: Option<Timestamp>,
    /// Until when has been paid.
    pub period_end: Option<Timestamp>,
    /// When it ends.
    pub cancel_at: Option<Timestamp>,
    /// Whether it ends with the period.
    pub cancel_at_period_end: Flag,
    /// What will become of it.
    pub schedule_id: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When Stripe was last asked.
    pub synced_at: Timestamp,
}

/// One of the things that it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its id at Stripe.
    pub id: String,
    /// What it costs.
    pub price: String,
    /// The price's other name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup_key: Option<String>,
    /// What is sold.
    pub product: String,
    /// How many.
    pub quantity: i64,
}

sql! {
    tenant BY_ID(2) = "SELECT tenant_id, stripe_id, subject, customer, status, items, period_start, period_end, cancel_at,
            cancel_at_period_end, schedule_id, version, created_at, synced_at
        FROM subscriptions WHERE tenant_id = $1 AND stripe_id = $2";
    tenant OF(4) = "SELECT tenant_id, stripe_id, subject, customer, status, items, period_start, period_end, cancel_at,
            cancel_at_period_end, schedule_id, version, created_at, synced_at
        FROM subscriptions WHERE tenant_id = $1 AND ($2 = '' OR subject = $2) AND ($3 = '' OR stripe_id > $3)
        ORDER BY stripe_id LIMIT $4";
    tenant INSERT(13) = "INSERT INTO subscriptions (tenant_id, stripe_id, subject, customer, status, items, period_start,
            period_end, cancel_at, cancel_at_period_end, schedule_id, version, created_at, synced_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13) ON CONFLICT DO NOTHING";
    tenant UPDATE(13) = "UPDATE subscriptions SET subject = $3, customer = $4, status = $5, items = $6, period_start = $7,
            period_end = $8, cancel_at = $9, cancel_at_period_end = $10, schedule_id = $11, version = version + 1,
            synced_at = $13
        WHERE tenant_id = $1 AND stripe_id = $2 AND version = $12";
}

/// The one of this id.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &str) -> sqlx::Result<Option<Subscription>> {
    run.one(BY_ID, (tenant.clone(), id.to_owned())).await
}

/// Up to `limit` whose id comes after `after`, of this subject or of all.
///
/// # Errors
/// The database failed.
pub async fn page(
    run: impl Run,
    tenant: &TenantId,
    subject: Option<&str>,
    (after, limit): (&str, i64),
) -> sqlx::Result<Vec<Subscription>> {
    run.all(OF, (tenant.clone(), subject.unwrap_or_default().to_owned(), after.to_owned(), limit)).await
}

/// Stores what Stripe told, over the version that was read before it was asked; `before` is that version, absent when
/// there was none. `false`: somebody else did meanwhile, and Stripe has to be asked again.
///
/// # Errors
/// The database failed.
pub async fn store(run: impl Run, told: &Subscription, before: Option<i64>) -> sqlx::Result<bool> {
    let s = told.clone();
    let changed = match before {
        None => {
            let values = (
                s.tenant_id,
                s.stripe_id,
                s.subject,
                s.customer,
                s.status,
                s.items,
                s.period_start,
                s.period_end,
                s.cancel_at,
                s.cancel_at_period_end,
                s.schedule_id,
                s.created_at,
                s.synced_at,
            );
            run.execute(INSERT, values).await?
        }
        Some(version) => {
            let values = (
                s.tenant_id,
                s.stripe_id,
                s.subject,
                s.customer,
                s.status,
                s.items,
                s.period_start,
                s.period_end,
                s.cancel_at,
                s.cancel_at_period_end,
                s.schedule_id,
                version,
                s.synced_at,
            );
            run.execute(UPDATE, values).await?
        }
    };
    Ok(changed == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn w106_what_was_asked_before_somebody_else_stored_does_not_win() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let told = Subscription {
                tenant_id: one.clone(),
                stripe_id: "sub_1".to_owned(),
                subject: Some("ada".to_owned()),
                customer: "cus_1".to_owned(),
                status: "active".to_owned(),
                items: Json(Vec::new()),
                period_start: None,
                period_end: Some(Timestamp(9)),
                cancel_at: None,
                cancel_at_period_end: Flag(false),
                schedule_id: None,
                version: 1,
                created_at: Timestamp(1),
                synced_at: Timestamp(1),
            };
            assert!(store(&db, &told, None).await.unwrap());
            assert!(!store(&db, &told, None).await.unwrap());
            let canceled = Subscription { status: "canceled".to_owned(), ..told.clone() };
            assert!(store(&db, &canceled, Some(1)).await.unwrap());
            assert!(!store(&db, &told, Some(1)).await.unwrap(), "an older answer won");
            let found = by_id(&db, &one, "sub_1").await.unwrap().unwrap();
            assert_eq!((found.version, found.status.as_str()), (2, "canceled"));
            assert!(by_id(&db, &two, "sub_1").await.unwrap().is_none(), "X2");
            assert_eq!(page(&db, &one, Some("ada"), ("", 9)).await.unwrap().len(), 1);
            assert_eq!(page(&db, &one, Some("eve"), ("", 9)).await.unwrap().len(), 0);
            assert_eq!(page(&db, &one, None, ("sub_1", 9)).await.unwrap().len(), 0);
        }
    }
}
