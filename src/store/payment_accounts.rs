//! Tenants' accounts at Stripe, and whom Stripe knows by which name.

use serde::{Deserialize, Serialize};

use super::db::Run;
use super::sql::sql;
use super::values::{Flag, Json};
use crate::base::{TenantId, Timestamp};

/// An account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PaymentAccount {
    /// Whose.
    pub tenant_id: TenantId,
    /// Its secret key, sealed.
    pub sealed_key: String,
    /// What its webhooks are signed with, sealed; several while they are replaced, the newest first.
    pub sealed_secrets: Json<Vec<String>>,
    /// Whether it is about money.
    pub livemode: Flag,
    /// How payments are treated.
    pub settings: Json<PaymentSettings>,
    /// Until when everything that changed has been looked at.
    pub reconciled_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
    /// When it was set up.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How payments are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentSettings {
    /// Days for which somebody keeps a plan whose payment is late.
    pub grace_days: u16,
    /// Whether the loss of a plan ends the authorizations that hold its scopes, instead of waiting for their next refresh.
    pub revoke_on_loss: bool,
}

impl Default for PaymentSettings {
    fn default() -> Self {
        Self { grace_days: 3, revoke_on_loss: false }
    }
}

sql! {
    tenant OF_TENANT(1) = "SELECT tenant_id, sealed_key, sealed_secrets, livemode, settings, reconciled_at, version,
            created_at, updated_at
        FROM payment_accounts WHERE tenant_id = $1";
    tenant PUT(6) = "INSERT INTO payment_accounts (tenant_id, sealed_key, sealed_secrets, livemode, settings,
            reconciled_at, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, 1, $6, $6)
        ON CONFLICT (tenant_id) DO UPDATE SET sealed_key = excluded.sealed_key,
            sealed_secrets = excluded.sealed_secrets, livemode = excluded.livemode, settings = excluded.settings,
            version = payment_accounts.version + 1, updated_at = excluded.updated_at";
    tenant REMOVE(1) = "DELETE FROM payment_accounts WHERE tenant_id = $1";
    tenant DUE(2) = "SELECT tenant_id, sealed_key, sealed_secrets, livemode, settings, reconciled_at, version, created_at,
            updated_at
        FROM payment_accounts WHERE reconciled_at <= $1 ORDER BY reconciled_at LIMIT $2";
    tenant LOOKED(3) = "UPDATE payment_accounts SET reconciled_at = $3 WHERE tenant_id = $1 AND reconciled_at = $2";
    tenant CUSTOMER(2) = "SELECT stripe_id FROM payment_customers WHERE tenant_id = $1 AND subject = $2";
    tenant SUBJECT(2) = "SELECT subject FROM payment_customers WHERE tenant_id = $1 AND stripe_id = $2";
    tenant ADD_CUSTOMER(4) = "INSERT INTO payment_customers (tenant_id, subject, stripe_id, created_at)
        VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    tenant FORGET_CUSTOMERS(1) = "DELETE FROM payment_customers WHERE tenant_id = $1";
    tenant FORGET_CHECKOUTS(1) = "DELETE FROM checkouts WHERE tenant_id = $1";
    tenant FORGET_SUBSCRIPTIONS(1) = "DELETE FROM subscriptions WHERE tenant_id = $1";
    tenant FORGET_PAYMENTS(1) = "DELETE FROM payments WHERE tenant_id = $1";
    tenant FORGET_ENTITLEMENTS(2) = "UPDATE entitlements SET revoked_at = $2, updated_at = $2
        WHERE tenant_id = $1 AND source <> 'manual' AND revoked_at IS NULL";
}

/// The account of a tenant.
///
/// # Errors
/// The database failed.
pub async fn of_tenant(run: impl Run, tenant: &TenantId) -> sqlx::Result<Option<PaymentAccount>> {
    run.one(OF_TENANT, (tenant.clone(),)).await
}

/// Stores an account as it is now.
///
/// # Errors
/// The database failed.
pub async fn put(run: impl Run, account: &PaymentAccount, now: Timestamp) -> sqlx::Result<()> {
    let a = account.clone();
    run.execute(PUT, (a.tenant_id, a.sealed_key, a.sealed_secrets, a.livemode, a.settings, now)).await.map(drop)
}

/// Removes an account. `false`: there was none.
///
/// # Errors
/// The database failed.
pub async fn remove(run: impl Run, tenant: &TenantId) -> sqlx::Result<bool> {
    Ok(run.execute(REMOVE, (tenant.clone(),)).await? == 1)
}

/// Forgets what another account, or the same in its other mode, has told: its names mean nothing here.
///
/// # Errors
/// The database failed.
pub async fn forget(tx: &mut super::Tx, tenant: &TenantId, now: Timestamp) -> sqlx::Result<()> {
    for sql in [FORGET_CUSTOMERS, FORGET_CHECKOUTS, FORGET_SUBSCRIPTIONS, FORGET_PAYMENTS] {
        tx.execute(sql, (tenant.clone(),)).await?;
    }
    tx.execute(FORGET_ENTITLEMENTS, (tenant.clone(), now)).await.map(drop)
}

/// Up to `limit` accounts of any tenant that nobody has looked at since.
///
/// # Errors
/// The database failed.
pub async fn due(run: impl Run, since: Timestamp, limit: i64) -> sqlx::Result<Vec<PaymentAccount>> {
    run.all(DUE, (since, limit)).await
}

/// Notes that everything until `to` is looked at, which was so until `from`. `false`: somebody else looks.
///
/// # Errors
/// The database failed.
pub async fn looked(run: impl Run, tenant: &TenantId, from: Timestamp, to: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(LOOKED, (tenant.clone(), from, to)).await? == 1)
}

/// What Stripe calls somebody.
///
/// # Errors
/// The database failed.
pub async fn customer(run: impl Run, tenant: &TenantId, subject: &str) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = run.one(CUSTOMER, (tenant.clone(), subject.to_owned())).await?;
    Ok(row.map(|(id,)| id))
}

/// Whom Stripe calls so.
///
/// # Errors
/// The database failed.
pub async fn subject(run: impl Run, tenant: &TenantId, customer: &str) -> sqlx::Result<Option<String>> {
    let row: Option<(String,)> = run.one(SUBJECT, (tenant.clone(), customer.to_owned())).await?;
    Ok(row.map(|(id,)| id))
}

/// Notes what Stripe calls somebody. `false`: it calls them something else, or somebody else so.
///
/// # Errors
/// The database failed.
pub async fn add_customer(
    run: impl Run,
    tenant: &TenantId,
    (subject, customer): (&str, &str),
    now: Timestamp,
) -> sqlx::Result<bool> {
    let values = (tenant.clone(), subject.to_owned(), customer.to_owned(), now);
    Ok(run.execute(ADD_CUSTOMER, values).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn an_account_is_kept_per_tenant_and_somebody_has_one_name_at_stripe() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let mut account = PaymentAccount {
                tenant_id: one.clone(),
                sealed_key: "sealed".to_owned(),
                sealed_secrets: Json(vec!["new".to_owned(), "old".to_owned()]),
                livemode: Flag(false),
                settings: Json(PaymentSettings::default()),
                reconciled_at: Timestamp(5),
                version: 1,
                created_at: Timestamp(5),
                updated_at: Timestamp(5),
            };
            put(&db, &account, Timestamp(5)).await.unwrap();
            account.settings.0.revoke_on_loss = true;
            put(&db, &account, Timestamp(6)).await.unwrap();
            let found = of_tenant(&db, &one).await.unwrap().unwrap();
            assert!(found.version == 2 && found.settings.revoke_on_loss && found.reconciled_at == Timestamp(5));
            assert!(of_tenant(&db, &two).await.unwrap().is_none());
            assert_eq!(due(&db, Timestamp(4), 9).await.unwrap().len(), 0);
            assert_eq!(due(&db, Timestamp(5), 9).await.unwrap().len(), 1);
            assert!(looked(&db, &one, Timestamp(5), Timestamp(9)).await.unwrap());
            assert!(!looked(&db, &one, Timestamp(5), Timestamp(9)).await.unwrap(), "somebody looks already");
            assert!(add_customer(&db, &one, ("ada", "cus_1"), Timestamp(1)).await.unwrap());
            assert!(!add_customer(&db, &one, ("ada", "cus_2"), Timestamp(1)).await.unwrap());
            assert!(!add_customer(&db, &one, ("eve", "cus_1"), Timestamp(1)).await.unwrap());
            assert!(add_customer(&db, &two, ("ada", "cus_1"), Timestamp(1)).await.unwrap());
            assert_eq!(subject(&db, &one, "cus_1").await.unwrap().as_deref(), Some("ada"));
            let mut tx = db.begin().await.unwrap();
            forget(&mut tx, &one, Timestamp(7)).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(customer(&db, &one, "ada").await.unwrap(), None);
            assert_eq!(customer(&db, &two, "ada").await.unwrap().as_deref(), Some("cus_1"), "X2");
            assert!(remove(&db, &one).await.unwrap() && !remove(&db, &one).await.unwrap());
        }
    }
}
