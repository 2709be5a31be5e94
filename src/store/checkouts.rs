//! Checkout sessions that were begun here.

use super::db::Run;
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Checkout {
    /// In which tenant.
    pub tenant_id: TenantId,
    /// Our id.
    pub id: String,
    /// Who buys.
    pub subject: String,
    /// By which client.
    pub client_id: Option<String>,
    /// `payment`, `subscription` or `setup`.
    pub mode: String,
    /// Which plan, if one was named.
    pub plan: Option<String>,
    /// The digest of the request's `Idempotency-Key`.
    pub idempotency_key: String,
    /// The digest of what was asked.
    pub request: String,
    /// Stripe's id.
    pub stripe_id: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// `opening`, `open`, `complete` or `expired`.
    pub status: String,
    /// `paid`, `unpaid` or `no_payment_required`.
    pub payment_status: String,
    /// What it paid.
    pub payment_intent: Option<String>,
    /// What it began.
    pub subscription_id: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it is over.
    pub expires_at: Timestamp,
}

sql! {
    tenant INSERT(10) = "INSERT INTO checkouts (tenant_id, id, subject, client_id, mode, plan, idempotency_key, request,
            status, payment_status, version, created_at, updated_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'opening', 'unpaid', 1, $9, $9, $10) ON CONFLICT DO NOTHING";
    tenant BY_KEY(3) = "SELECT tenant_id, id, subject, client_id, mode, plan, idempotency_key, request, stripe_id, url,
            status, payment_status, payment_intent, subscription_id, version, created_at, updated_at, expires_at
        FROM checkouts WHERE tenant_id = $1 AND subject = $2 AND idempotency_key = $3";
    tenant BY_ID(2) = "SELECT tenant_id, id, subject, client_id, mode, plan, idempotency_key, request, stripe_id, url,
            status, payment_status, payment_intent, subscription_id, version, created_at, updated_at, expires_at
        FROM checkouts WHERE tenant_id = $1 AND (id = $2 OR stripe_id = $2)";
    tenant PAGE(4) = "SELECT tenant_id, id, subject, client_id, mode, plan, idempotency_key, request, stripe_id, url,
            status, payment_status, payment_intent, subscription_id, version, created_at, updated_at, expires_at
        FROM checkouts WHERE tenant_id = $1 AND ($2 = '' OR subject = $2) AND ($3 = '' OR id < $3)
        ORDER BY id DESC LIMIT $4";
    tenant UPDATE(10) = "UPDATE checkouts SET stripe_id = $3, url = $4, status = $5, payment_status = $6,
            payment_intent = $7, subscription_id = $8, expires_at = $9, version = version + 1
        WHERE tenant_id = $1 AND id = $2 AND version = $10";
    tenant DELETE(2) = "DELETE FROM checkouts WHERE tenant_id = $1 AND id = $2 AND status = 'opening'";
}

/// Notes that one is about to be begun. `false`: there is one of this subject and key.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, checkout: &Checkout) -> sqlx::Result<bool> {
    let c = checkout.clone();
    let values = (
        c.tenant_id,
        c.id,
        c.subject,
        c.client_id,
        c.mode,
        c.plan,
        c.idempotency_key,
        c.request,
        c.created_at,
        c.expires_at,
    );
    Ok(run.execute(INSERT, values).await? == 1)
}

/// The one of this subject and key.
///
/// # Errors
/// The database failed.
pub async fn by_key(run: impl Run, tenant: &TenantId, subject: &str, key: &str) -> sqlx::Result<Option<Checkout>> {
    run.one(BY_KEY, (tenant.clone(), subject.to_owned(), key.to_owned())).await
}

/// The one of this id, ours or Stripe's.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &str) -> sqlx::Result<Option<Checkout>> {
    run.one(BY_ID, (tenant.clone(), id.to_owned())).await
}

/// Up to `limit`, the newest first: those before `before`, of this subject or of all.
///
/// # Errors
/// The database failed.
pub async fn page(
    run: impl Run,
    tenant: &TenantId,
    subject: Option<&str>,
    (before, limit): (&str, i64),
) -> sqlx::Result<Vec<Checkout>> {
    run.all(PAGE, (tenant.clone(), subject.unwrap_or_default().to_owned(), before.to_owned(), limit)).await
}

/// Stores what Stripe told, over the version that was read before it was asked. `false`: somebody else did meanwhile.
///
/// # Errors
/// The database failed.
pub async fn update(run: impl Run, checkout: &Checkout) -> sqlx::Result<bool> {
    let c = checkout.clone();
    let values = (
        c.tenant_id,
        c.id,
        c.stripe_id,
        c.url,
        c.status,
        c.payment_status,
        c.payment_intent,
        c.subscription_id,
        c.expires_at,
        c.version,
    );
    Ok(run.execute(UPDATE, values).await? == 1)
}

/// Removes one that Stripe did not want.
///
/// # Errors
/// The database failed.
pub async fn delete(run: impl Run, tenant: &TenantId, id: &str) -> sqlx::Result<()> {
    run.execute(DELETE, (tenant.clone(), id.to_owned())).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    fn checkout(tenant: &TenantId, id: &str, key: &str) -> Checkout {
        Checkout {
            tenant_id: tenant.clone(),
            id: id.to_owned(),
            subject: "ada".to_owned(),
            client_id: None,
            mode: "payment".to_owned(),
            plan: Some("pro".to_owned()),
            idempotency_key: key.to_owned(),
            request: "digest".to_owned(),
            stripe_id: None,
            url: None,
            status: "opening".to_owned(),
            payment_status: "unpaid".to_owned(),
            payment_intent: None,
            subscription_id: None,
            version: 1,
            created_at: Timestamp(1),
            updated_at: Timestamp(1),
            expires_at: Timestamp(9),
        }
    }

    #[tokio::test]
    async fn a_key_begins_one_checkout_and_an_older_answer_does_not_win() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let first = checkout(&one, "1", "key");
            assert!(insert(&db, &first).await.unwrap());
            assert!(!insert(&db, &checkout(&one, "2", "key")).await.unwrap());
            assert!(insert(&db, &checkout(&two, "1", "key")).await.unwrap());
            assert_eq!(by_key(&db, &one, "ada", "key").await.unwrap(), Some(first.clone()));
            let told = Checkout { stripe_id: Some("cs_1".to_owned()), status: "open".to_owned(), ..first };
            assert!(update(&db, &told).await.unwrap());
            assert!(!update(&db, &Checkout { status: "expired".to_owned(), ..told }).await.unwrap());
            assert_eq!(by_id(&db, &one, "cs_1").await.unwrap().unwrap().status, "open");
            assert!(by_id(&db, &two, "cs_1").await.unwrap().is_none(), "X2");
            delete(&db, &one, "1").await.unwrap();
            assert_eq!(page(&db, &one, Some("ada"), ("", 9)).await.unwrap().len(), 1, "an open one stays");
            assert_eq!(page(&db, &one, Some("eve"), ("", 9)).await.unwrap().len(), 0);
        }
    }
}
