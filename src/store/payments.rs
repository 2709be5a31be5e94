//! Single payments as Stripe last told them; nothing of a card.

use super::db::Run;
use super::sql::sql;
use super::values::Flag;
use crate::base::{TenantId, Timestamp};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Payment {
    /// In which tenant.
    pub tenant_id: TenantId,
    /// Stripe's id.
    pub stripe_id: String,
    /// Who paid; absent when it is nobody of ours.
    pub subject: Option<String>,
    /// Which plan it was for.
    pub plan: Option<String>,
    /// How much, in the money's smallest unit.
    pub amount: i64,
    /// In which money.
    pub currency: String,
    /// Stripe's word for how it stands.
    pub status: String,
    /// How much was given back.
    pub refunded: i64,
    /// Whether somebody says that it was not them.
    pub disputed: Flag,
    /// Grows with every change.
    pub version: i64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When Stripe was last asked.
    pub synced_at: Timestamp,
}

sql! {
    tenant BY_ID(2) = "SELECT tenant_id, stripe_id, subject, plan, amount, currency, status, refunded, disputed, version,
            created_at, synced_at
        FROM payments WHERE tenant_id = $1 AND stripe_id = $2";
    tenant PAGE(4) = "SELECT tenant_id, stripe_id, subject, plan, amount, currency, status, refunded, disputed, version,
            created_at, synced_at
        FROM payments WHERE tenant_id = $1 AND ($2 = '' OR subject = $2) AND ($3 = '' OR stripe_id > $3)
        ORDER BY stripe_id LIMIT $4";
    tenant INSERT(11) = "INSERT INTO payments (tenant_id, stripe_id, subject, plan, amount, currency, status, refunded,
            disputed, version, created_at, synced_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11) ON CONFLICT DO NOTHING";
    tenant UPDATE(11) = "UPDATE payments SET subject = $3, plan = $4, amount = $5, currency = $6, status = $7,
            refunded = $8, disputed = $9, version = version + 1, synced_at = $11
        WHERE tenant_id = $1 AND stripe_id = $2 AND version = $10";
}

/// The one of this id.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &str) -> sqlx::Result<Option<Payment>> {
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
) -> sqlx::Result<Vec<Payment>> {
    run.all(PAGE, (tenant.clone(), subject.unwrap_or_default().to_owned(), after.to_owned(), limit)).await
}

/// Stores what Stripe told, over the version that was read before it was asked. `false`: somebody else did meanwhile.
///
/// # Errors
/// The database failed.
pub async fn store(run: impl Run, told: &Payment, before: Option<i64>) -> sqlx::Result<bool> {
    let p = told.clone();
    let (sql, number) = match before {
        None => (INSERT, p.created_at.0),
        Some(version) => (UPDATE, version),
    };
    let values = (
        p.tenant_id,
        p.stripe_id,
        p.subject,
        p.plan,
        p.amount,
        p.currency,
        p.status,
        p.refunded,
        p.disputed,
        number,
        p.synced_at,
    );
    Ok(run.execute(sql, values).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn w106_a_payment_is_stored_over_the_version_that_was_read() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let told = Payment {
                tenant_id: one.clone(),
                stripe_id: "pi_1".to_owned(),
                subject: Some("ada".to_owned()),
                plan: None,
                amount: 900,
                currency: "eur".to_owned(),
                status: "succeeded".to_owned(),
                refunded: 0,
                disputed: Flag(false),
                version: 1,
                created_at: Timestamp(4),
                synced_at: Timestamp(5),
            };
            assert!(store(&db, &told, None).await.unwrap());
            assert_eq!(by_id(&db, &one, "pi_1").await.unwrap(), Some(told.clone()));
            assert!(store(&db, &Payment { refunded: 900, ..told.clone() }, Some(1)).await.unwrap());
            assert!(!store(&db, &told, Some(1)).await.unwrap() && !store(&db, &told, None).await.unwrap());
            assert_eq!(page(&db, &one, Some("ada"), ("", 9)).await.unwrap()[0].refunded, 900);
            assert_eq!(page(&db, &two, None, ("", 9)).await.unwrap().len(), 0, "X2");
        }
    }
}
