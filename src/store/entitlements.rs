//! Who has which plan, by what, and until when.

use super::db::Run;
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

/// One reason why somebody has a plan.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Entitlement {
    /// In which tenant.
    pub tenant_id: TenantId,
    /// Who: a person's or a client's id.
    pub subject: String,
    /// The plan's key.
    pub plan: String,
    /// By what: `subscription:…`, `payment:…` or `manual`.
    pub source: String,
    /// Until when; absent: for good.
    pub valid_until: Option<Timestamp>,
    /// Since when it is taken back.
    pub revoked_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

sql! {
    tenant LIVE(3) = "SELECT DISTINCT plan FROM entitlements WHERE tenant_id = $1 AND subject = $2
        AND revoked_at IS NULL AND (valid_until IS NULL OR valid_until > $3)";
    tenant OF_SUBJECT(2) = "SELECT tenant_id, subject, plan, source, valid_until, revoked_at, created_at, updated_at
        FROM entitlements WHERE tenant_id = $1 AND subject = $2 ORDER BY plan, source";
    tenant OF_SOURCE(2) = "SELECT tenant_id, subject, plan, source, valid_until, revoked_at, created_at, updated_at
        FROM entitlements WHERE tenant_id = $1 AND source = $2 ORDER BY plan, subject";
    tenant GIVE(6) = "INSERT INTO entitlements (tenant_id, subject, plan, source, valid_until, revoked_at, created_at,
            updated_at)
        VALUES ($1, $2, $3, $4, $5, NULL, $6, $6)
        ON CONFLICT (tenant_id, subject, plan, source)
            DO UPDATE SET valid_until = excluded.valid_until, revoked_at = NULL, updated_at = excluded.updated_at";
    // Of the operators' own tenant: what other tenants have paid for.
    tenant LAPSED(2) = "UPDATE entitlements SET revoked_at = $2, updated_at = $2
        WHERE tenant_id = $1 AND subject LIKE 'tenant:%' AND revoked_at IS NULL AND valid_until <= $2
        RETURNING tenant_id, subject, plan, source, valid_until, revoked_at, created_at, updated_at";
    tenant PAYING(1) = "SELECT DISTINCT subject FROM entitlements
        WHERE tenant_id = $1 AND subject LIKE 'tenant:%' AND revoked_at IS NULL ORDER BY subject";
    tenant TAKE(5) = "UPDATE entitlements SET revoked_at = $5, updated_at = $5
        WHERE tenant_id = $1 AND subject = $2 AND plan = $3 AND source = $4 AND revoked_at IS NULL";
}

/// The keys of the plans that somebody has now.
///
/// # Errors
/// The database failed.
pub async fn live(run: impl Run, tenant: &TenantId, subject: &str, now: Timestamp) -> sqlx::Result<Vec<String>> {
    let rows: Vec<(String,)> = run.all(LIVE, (tenant.clone(), subject.to_owned(), now)).await?;
    Ok(rows.into_iter().map(|(plan,)| plan).collect())
}

/// Everything that somebody has or had.
///
/// # Errors
/// The database failed.
pub async fn of_subject(run: impl Run, tenant: &TenantId, subject: &str) -> sqlx::Result<Vec<Entitlement>> {
    run.all(OF_SUBJECT, (tenant.clone(), subject.to_owned())).await
}

/// Everything that a subscription or a payment gives or gave.
///
/// # Errors
/// The database failed.
pub async fn of_source(run: impl Run, tenant: &TenantId, source: &str) -> sqlx::Result<Vec<Entitlement>> {
    run.all(OF_SOURCE, (tenant.clone(), source.to_owned())).await
}

/// Gives a plan, or gives it again, until `until`.
///
/// # Errors
/// The database failed.
pub async fn give(
    run: impl Run,
    tenant: &TenantId,
    (subject, plan, source): (&str, &str, &str),
    until: Option<Timestamp>,
    now: Timestamp,
) -> sqlx::Result<()> {
    let values = (tenant.clone(), subject.to_owned(), plan.to_owned(), source.to_owned(), until, now);
    run.execute(GIVE, values).await.map(drop)
}

/// Takes back what tenants have of the operators' tenant and is over: nobody reads of it with each use of a plan, as of
/// what people have.
///
/// # Errors
/// The database failed.
pub async fn take_lapsed(run: impl Run, operators: &TenantId, now: Timestamp) -> sqlx::Result<Vec<Entitlement>> {
    run.all(LAPSED, (operators.clone(), now)).await
}

/// The tenants that have something of the operators' tenant.
///
/// # Errors
/// The database failed.
pub async fn paying_tenants(run: impl Run, operators: &TenantId) -> sqlx::Result<Vec<String>> {
    let rows: Vec<(String,)> = run.all(PAYING, (operators.clone(),)).await?;
    Ok(rows.into_iter().map(|(subject,)| subject).collect())
}

/// Takes it back. `false`: there was nothing to take.
///
/// # Errors
/// The database failed.
pub async fn take(
    run: impl Run,
    tenant: &TenantId,
    (subject, plan, source): (&str, &str, &str),
    now: Timestamp,
) -> sqlx::Result<bool> {
    let values = (tenant.clone(), subject.to_owned(), plan.to_owned(), source.to_owned(), now);
    Ok(run.execute(TAKE, values).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn somebody_has_what_was_given_until_its_end_or_until_it_is_taken_back() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let by = ("ada", "pro", "subscription:sub_1");
            give(&db, &one, by, Some(Timestamp(100)), Timestamp(1)).await.unwrap();
            give(&db, &one, ("ada", "pro", "manual"), None, Timestamp(1)).await.unwrap();
            let has = async |tenant: &TenantId, now| live(&db, tenant, "ada", Timestamp(now)).await.unwrap();
            assert_eq!(has(&one, 99).await, ["pro"], "once, however often it was given");
            assert!(take(&db, &one, ("ada", "pro", "manual"), Timestamp(2)).await.unwrap());
            assert!(!take(&db, &one, ("ada", "pro", "manual"), Timestamp(3)).await.unwrap());
            assert_eq!((has(&one, 99).await.len(), has(&one, 100).await.len()), (1, 0));
            assert!(has(&two, 99).await.is_empty(), "X2");
            give(&db, &one, ("ada", "pro", "manual"), None, Timestamp(4)).await.unwrap();
            assert_eq!(has(&one, 100).await, ["pro"], "given again");
            assert_eq!(of_source(&db, &one, "subscription:sub_1").await.unwrap().len(), 1);
            give(&db, &one, ("tenant:x", "small", "subscription:sub_2"), Some(Timestamp(9)), Timestamp(1))
                .await
                .unwrap();
            assert_eq!(paying_tenants(&db, &one).await.unwrap(), ["tenant:x"]);
            assert!(take_lapsed(&db, &one, Timestamp(8)).await.unwrap().is_empty());
            assert!(take_lapsed(&db, &two, Timestamp(200)).await.unwrap().is_empty(), "X2");
            let lapsed = take_lapsed(&db, &one, Timestamp(200)).await.unwrap();
            assert!(lapsed.len() == 1 && lapsed[0].subject == "tenant:x", "what people have lapses by being read");
            assert_eq!(of_subject(&db, &one, "ada").await.unwrap().len(), 2);
        }
    }
}
