//! Plans of tenants: how much of everything the operator lets a tenant have. What a tenant sells its own people is
//! another thing ([`super::plans`]).

use serde::{Deserialize, Serialize};

use super::db::Run;
use super::plans::Quotas;
use super::sql::sql;
use super::tenant_usage::Counted;
use super::values::Json;
use crate::base::{TenantId, Timestamp};

/// The plan of every tenant that was given no other, if there is one of this key. The operators' own tenant has none.
pub const USUAL: &str = "default";

/// A plan of tenants.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TenantPlan {
    /// Its name in addresses and problems.
    pub key: String,
    /// What it allows.
    pub terms: Json<Terms>,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What a plan allows. Absent members have the defaults below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// Its name for people.
    pub name: String,
    /// How much of everything.
    pub limits: Allowance,
    /// What applications and operators ask for by name.
    pub features: Vec<String>,
    /// Prices at the operators' own account that are paid for it, by id or lookup key; none: it is not for sale.
    pub prices: Vec<String>,
    /// Products at that account whose every price is paid for it.
    pub products: Vec<String>,
    /// Of several plans that a tenant pays for, it has the one of the highest rank.
    pub rank: i64,
}

impl Terms {
    /// Whether tenants can buy it.
    #[must_use]
    pub const fn is_for_sale(&self) -> bool {
        !self.prices.is_empty()
    }
}

/// How much of everything a tenant may have. What is absent, or `null`, has no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Allowance {
    /// People who are not suspended, and open invitations.
    pub users: Option<u64>,
    /// Organizations.
    pub organizations: Option<u64>,
    /// Clients, besides the built-in one.
    pub clients: Option<u64>,
    /// Documents.
    pub documents: Option<u64>,
    /// Bytes of all files; and as many of all documents.
    pub bytes: Option<u64>,
    /// Requests in a minute.
    pub requests_per_minute: Option<u64>,
    /// Mails in a day.
    pub mails_per_day: Option<u64>,
}

impl Allowance {
    /// How many of these there may be.
    #[must_use]
    pub const fn of(&self, what: Counted) -> Option<u64> {
        match what {
            Counted::Users => self.users,
            Counted::Organizations => self.organizations,
            Counted::Clients => self.clients,
        }
    }

    /// What it says of documents and files.
    #[must_use]
    pub const fn quotas(&self) -> Quotas {
        Quotas { documents: self.documents, document_bytes: self.bytes, files: None, file_bytes: self.bytes }
    }
}

/// What of a tenant is decided beside its settings, as it is read with every tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Held {
    /// The key of its plan.
    #[sqlx(default)]
    pub plan: Option<String>,
    /// What that plan allows.
    #[sqlx(default)]
    pub terms: Option<Json<Terms>>,
    /// Its published brand, as it was stored.
    #[sqlx(default)]
    pub brand: Option<String>,
}

impl Held {
    /// How many requests the plan allows in a minute.
    #[must_use]
    pub fn requests_per_minute(&self) -> Option<u64> {
        self.terms.as_ref().and_then(|terms| terms.limits.requests_per_minute)
    }

    /// How much of everything the plan allows; without a plan, everything.
    #[must_use]
    pub fn allowance(&self) -> Allowance {
        self.terms.as_ref().map(|terms| terms.limits).unwrap_or_default()
    }
}

sql! {
    global ALL(0) = "SELECT key, terms, version, created_at, updated_at FROM tenant_plans ORDER BY key";
    global BY_KEY(1) = "SELECT key, terms, version, created_at, updated_at FROM tenant_plans WHERE key = $1";
    global INSERT(3) = "INSERT INTO tenant_plans (key, terms, version, created_at, updated_at)
        VALUES ($1, $2, 1, $3, $3) ON CONFLICT DO NOTHING";
    global UPDATE(4) = "UPDATE tenant_plans SET terms = $2, version = version + 1, updated_at = $3
        WHERE key = $1 AND version = $4";
    // Of two who delete it and give it to a tenant at once, one waits for the other on PostgreSQL, too.
    global HOLD(1) = "SELECT key FROM tenant_plans WHERE key = $1"
        | "SELECT key FROM tenant_plans WHERE key = $1 FOR UPDATE";
    global DELETE(1) = "DELETE FROM tenant_plans WHERE key = $1
        AND NOT EXISTS (SELECT 1 FROM tenants WHERE plan = $1 AND status <> 'deleted')";
    global GIVE(3) = "UPDATE tenants SET plan = $2, version = version + 1, updated_at = $3
        WHERE id = $1 AND status <> 'deleted'";
}

/// All, in the order of their keys.
///
/// # Errors
/// The database failed.
pub async fn all(run: impl Run) -> sqlx::Result<Vec<TenantPlan>> {
    run.all(ALL, ()).await
}

/// The plan of this key.
///
/// # Errors
/// The database failed.
pub async fn by_key(run: impl Run, key: &str) -> sqlx::Result<Option<TenantPlan>> {
    run.one(BY_KEY, (key.to_owned(),)).await
}

/// Makes a plan. `false`: there is one of this key.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, key: &str, terms: &Terms, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(INSERT, (key.to_owned(), Json(terms.clone()), now)).await? == 1)
}

/// Changes the plan that was read. `false`: it is gone or another by now.
///
/// # Errors
/// The database failed.
pub async fn update(run: impl Run, plan: &TenantPlan, now: Timestamp) -> sqlx::Result<bool> {
    let TenantPlan { key, terms, version, .. } = plan.clone();
    Ok(run.execute(UPDATE, (key, terms, now, version)).await? == 1)
}

/// Whether there is a plan of this key; it stays until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn hold(run: impl Run, key: &str) -> sqlx::Result<bool> {
    let found: Option<(String,)> = run.one(HOLD, (key.to_owned(),)).await?;
    Ok(found.is_some())
}

/// Removes a plan, which has to be held. `false`: a tenant has it.
///
/// # Errors
/// The database failed.
pub async fn delete(run: impl Run, key: &str) -> sqlx::Result<bool> {
    Ok(run.execute(DELETE, (key.to_owned(),)).await? == 1)
}

/// Gives a tenant a plan, which has to be held, or takes it. `false`: there is no such tenant.
///
/// # Errors
/// The database failed.
pub async fn give(run: impl Run, tenant: &TenantId, plan: Option<&str>, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(GIVE, (tenant.clone(), plan.map(str::to_owned), now)).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tenants;
    use crate::store::testing::{databases, tenant};

    const NOW: Timestamp = Timestamp(7);

    fn terms(users: u64) -> Terms {
        let limits = Allowance { users: Some(users), ..Allowance::default() };
        Terms { name: "Small".to_owned(), limits, features: vec!["sso".to_owned()], ..Terms::default() }
    }

    #[tokio::test]
    async fn a_plan_is_changed_over_what_was_read_and_stays_while_a_tenant_has_it() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            assert!(insert(&db, "small", &terms(3), NOW).await.unwrap());
            assert!(!insert(&db, "small", &terms(4), NOW).await.unwrap());
            let mut plan = by_key(&db, "small").await.unwrap().unwrap();
            plan.terms = Json(terms(5));
            assert!(update(&db, &plan, NOW).await.unwrap());
            assert!(!update(&db, &plan, NOW).await.unwrap(), "an old version won");
            assert!(give(&db, &one, Some("small"), NOW).await.unwrap());
            let held = tenants::by_id(&db, &one).await.unwrap().unwrap().held;
            assert_eq!((held.plan.as_deref(), held.allowance().users), (Some("small"), Some(5)));
            let mut tx = db.begin().await.unwrap();
            assert!(hold(&mut tx, "small").await.unwrap() && !hold(&mut tx, "large").await.unwrap());
            assert!(!delete(&mut tx, "small").await.unwrap(), "a tenant has it");
            tx.commit().await.unwrap();
            assert!(give(&db, &one, None, NOW).await.unwrap());
            assert!(delete(&db, "small").await.unwrap() && all(&db).await.unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn who_was_given_none_has_the_usual_plan_but_not_the_operators() {
        for db in databases().await {
            let (one, system) = (tenant(&db, "one").await, tenant(&db, "system").await);
            assert!(insert(&db, USUAL, &terms(3), NOW).await.unwrap());
            let held = tenants::by_id(&db, &one).await.unwrap().unwrap().held;
            assert_eq!((held.plan.as_deref(), held.allowance().users), (Some(USUAL), Some(3)));
            assert_eq!(tenants::by_id(&db, &system).await.unwrap().unwrap().held.plan, None);
        }
    }
}
