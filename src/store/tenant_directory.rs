//! Tenants as their operators look for them, and as strangers find those that want to be found.

use super::db::Run;
use super::sql::sql;
use super::tenants::{Tenant, TenantStatus};
use crate::base::{Slug, TenantId, Timestamp};

/// Which tenants, in the order of their slugs.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Those after this slug.
    pub after: String,
    /// Of this status; absent: all that are not deleted.
    pub status: Option<TenantStatus>,
    /// With this in slug or name.
    pub text: String,
    /// Of this plan; empty: of any, and of none.
    pub plan: String,
    /// So many at most.
    pub limit: i64,
}

/// How many tenants there are of a status.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// The status.
    pub status: TenantStatus,
    /// How many.
    pub tenants: i64,
}

sql! {
    global LIST(5) = "SELECT t.id, t.slug, t.name, t.status, t.settings, t.deletion_protected, t.expires_at, t.deleted_at,
            t.purge_at, t.version, t.created_at, t.updated_at, p.key AS plan, p.terms, t.brand
        FROM tenants t LEFT JOIN tenant_plans p
            ON p.key = COALESCE(t.plan, CASE WHEN t.slug <> 'system' THEN 'default' END)
        WHERE t.slug > $1 AND (t.status = $2 OR ($2 = '' AND t.status <> 'deleted'))
            AND ($3 = '' OR t.slug LIKE $3 ESCAPE '\\' OR LOWER(t.name) LIKE $3 ESCAPE '\\')
            AND ($5 = '' OR p.key = $5)
        ORDER BY t.slug LIMIT $4";
    global NAMED(1) = "SELECT id, slug, name FROM tenants WHERE id IN (SELECT value FROM json_each($1))"
        | "SELECT id, slug, name FROM tenants WHERE id IN (SELECT jsonb_array_elements_text($1::text::jsonb))";
    global DISCOVERABLE(3) = "SELECT t.id, t.slug, t.name, t.status, t.settings, t.deletion_protected, t.expires_at, t.deleted_at,
            t.purge_at, t.version, t.created_at, t.updated_at, p.key AS plan, p.terms, t.brand
        FROM tenants t LEFT JOIN tenant_plans p
            ON p.key = COALESCE(t.plan, CASE WHEN t.slug <> 'system' THEN 'default' END)
        WHERE t.discoverable = 1 AND t.slug > $1 AND t.status = 'active' AND (t.expires_at IS NULL OR t.expires_at > $2)
        ORDER BY t.slug LIMIT $3";
    global ANY(1) = "SELECT t.id, t.slug, t.name, t.status, t.settings, t.deletion_protected, t.expires_at, t.deleted_at,
            t.purge_at, t.version, t.created_at, t.updated_at, p.key AS plan, p.terms, t.brand
        FROM tenants t LEFT JOIN tenant_plans p
            ON p.key = COALESCE(t.plan, CASE WHEN t.slug <> 'system' THEN 'default' END)
        WHERE t.id = $1 OR t.slug = $1";
    global COUNTS(0) = "SELECT status, CAST(COUNT(*) AS BIGINT) AS tenants FROM tenants GROUP BY status ORDER BY status";
    tenant EXPIRED(2) = "SELECT t.id, t.slug, t.name, t.status, t.settings, t.deletion_protected, t.expires_at, t.deleted_at,
            t.purge_at, t.version, t.created_at, t.updated_at, p.key AS plan, p.terms, t.brand
        FROM tenants t LEFT JOIN tenant_plans p
            ON p.key = COALESCE(t.plan, CASE WHEN t.slug <> 'system' THEN 'default' END)
        WHERE t.status <> 'deleted' AND t.deletion_protected = 0 AND (t.expires_at <= $1 OR (t.owner_due <= $1
            AND NOT EXISTS (SELECT 1 FROM users u
                WHERE u.tenant_id = t.id AND u.role = 'owner' AND u.email_verified = 1)))
        ORDER BY t.slug LIMIT $2";
    global MUST_PROVE(2) = "UPDATE tenants SET owner_due = $2 WHERE id = $1";
    tenant KEEP_PROVEN(1) = "UPDATE tenants SET owner_due = NULL WHERE owner_due <= $1 AND EXISTS (
            SELECT 1 FROM users u WHERE u.tenant_id = tenants.id AND u.role = 'owner' AND u.email_verified = 1)";
    global DUE(2) = "SELECT t.id, t.slug, t.name, t.status, t.settings, t.deletion_protected, t.expires_at, t.deleted_at,
            t.purge_at, t.version, t.created_at, t.updated_at, p.key AS plan, p.terms, t.brand
        FROM tenants t LEFT JOIN tenant_plans p
            ON p.key = COALESCE(t.plan, CASE WHEN t.slug <> 'system' THEN 'default' END)
        WHERE t.purge_at <= $1 AND t.status = 'deleted' ORDER BY t.purge_at LIMIT $2";
    global CLAIM(3) = "UPDATE tenants SET version = version + 1
        WHERE id = $1 AND version = $2 AND status = 'deleted' AND purge_at <= $3";
    global ERASE(2) = "DELETE FROM tenants WHERE id = $1 AND status = 'deleted' AND purge_at <= $2";
}

/// Some tenants.
///
/// # Errors
/// The database failed.
pub async fn list(run: impl Run, wanted: Wanted) -> sqlx::Result<Vec<Tenant>> {
    let status = wanted.status.map_or("", TenantStatus::as_str).to_owned();
    run.all(LIST, (wanted.after, status, pattern(&wanted.text), wanted.limit, wanted.plan)).await
}

/// What tenants are called: id, slug, and name for people.
///
/// # Errors
/// The database failed.
pub async fn named(run: impl Run, ids: &[TenantId]) -> sqlx::Result<Vec<(TenantId, Slug, String)>> {
    run.all(NAMED, (serde_json::to_string(ids).unwrap_or_default(),)).await
}

/// Up to `limit` active tenants that want to be found, after this slug.
///
/// # Errors
/// The database failed.
pub async fn discoverable(run: impl Run, after: &str, now: Timestamp, limit: i64) -> sqlx::Result<Vec<Tenant>> {
    run.all(DISCOVERABLE, (after.to_owned(), now, limit)).await
}

/// The tenant of this id or slug, deleted ones included. No slug is anybody's id.
///
/// # Errors
/// The database failed.
pub async fn any(run: impl Run, named: &str) -> sqlx::Result<Option<Tenant>> {
    run.one(ANY, (named.to_owned(),)).await
}

/// How many tenants there are.
///
/// # Errors
/// The database failed.
pub async fn counts(run: impl Run) -> sqlx::Result<Vec<Count>> {
    run.all(COUNTS, ()).await
}

/// Up to `limit` tenants whose time has ended, or whose owner never proved an address, and that are not deleted yet.
///
/// # Errors
/// The database failed.
pub async fn expired(run: impl Run, now: Timestamp, limit: i64) -> sqlx::Result<Vec<Tenant>> {
    run.all(EXPIRED, (now, limit)).await
}

/// Gives the owner of a tenant that a stranger made until then to prove an address.
///
/// # Errors
/// The database failed.
pub async fn must_prove(run: impl Run, id: &TenantId, until: Timestamp) -> sqlx::Result<()> {
    run.execute(MUST_PROVE, (id.clone(), until)).await.map(drop)
}

/// Lets tenants stay whose owners have done so.
///
/// # Errors
/// The database failed.
pub async fn keep_proven(run: impl Run, now: Timestamp) -> sqlx::Result<()> {
    run.execute(KEEP_PROVEN, (now,)).await.map(drop)
}

/// Up to `limit` deleted tenants that nobody can bring back any more.
///
/// # Errors
/// The database failed.
pub async fn due(run: impl Run, now: Timestamp, limit: i64) -> sqlx::Result<Vec<Tenant>> {
    run.all(DUE, (now, limit)).await
}

/// Takes the removal of a deleted tenant up. `false`: meanwhile it was brought back, or somebody else did it.
///
/// # Errors
/// The database failed.
pub async fn claim(run: impl Run, tenant: &Tenant, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(CLAIM, (tenant.id.clone(), tenant.version, now)).await? == 1)
}

/// Removes the last trace of a deleted tenant. `false`: meanwhile it was brought back, or somebody else did it.
///
/// # Errors
/// The database failed, or something of the tenant is left.
pub async fn erase(run: impl Run, id: &TenantId, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(ERASE, (id.clone(), now)).await? == 1)
}

/// What LIKE finds `text` by, in any case, wherever it stands.
fn pattern(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tenants::{self, Settings};
    use crate::store::testing::databases;

    const NOW: Timestamp = Timestamp(1_000);

    fn wanted(after: &str, status: Option<TenantStatus>, text: &str) -> Wanted {
        Wanted { after: after.to_owned(), status, text: text.to_owned(), plan: String::new(), limit: 10 }
    }

    #[tokio::test]
    async fn operators_find_tenants_by_slug_name_and_status() {
        for db in databases().await {
            for (slug, name) in [("acme", "Acme 100%"), ("beta", "Under_score"), ("gamma", "Plain")] {
                let tenant = Tenant::new(slug.parse().unwrap(), name, Settings::default(), NOW);
                assert!(tenants::insert(&db, &tenant).await.unwrap());
            }
            let gone = Tenant { status: TenantStatus::Deleted, ..any(&db, "gamma").await.unwrap().unwrap() };
            assert!(tenants::update(&db, &gone, NOW).await.unwrap());
            let find = async |wanted: Wanted| -> Vec<String> {
                list(&db, wanted).await.unwrap().into_iter().map(|tenant| tenant.slug.to_string()).collect()
            };
            assert_eq!(find(wanted("", None, "")).await, ["acme", "beta"]);
            assert_eq!(find(wanted("acme", None, "")).await, ["beta"]);
            assert_eq!(find(wanted("", None, "0%")).await, ["acme"], "a sign of LIKE is a sign");
            assert_eq!(find(wanted("", None, "r_S")).await, ["beta"]);
            assert_eq!(find(wanted("", None, "%m_")).await, [""; 0]);
            assert_eq!(find(wanted("", Some(TenantStatus::Deleted), "")).await, ["gamma"]);
            let called = named(&db, &[gone.id.clone(), TenantId::from("nobody")]).await.unwrap();
            assert_eq!(called, [(gone.id.clone(), gone.slug.clone(), gone.name.clone())]);
            assert_eq!(any(&db, gone.id.as_str()).await.unwrap().unwrap().slug, gone.slug);
            let count = |status, tenants| Count { status, tenants };
            let all = counts(&db).await.unwrap();
            assert_eq!(all, [count(TenantStatus::Active, 2), count(TenantStatus::Deleted, 1)]);
        }
    }

    #[tokio::test]
    async fn strangers_find_those_that_want_to_be_found() {
        for db in databases().await {
            let settings = Settings { discoverable: true, ..Settings::default() };
            let mut open = Tenant::new("open".parse().unwrap(), "Open", settings, NOW);
            open.life.expires_at = Some(Timestamp(2_000));
            assert!(tenants::insert(&db, &open).await.unwrap());
            let shut = Tenant::new("shut".parse().unwrap(), "Shut", Settings::default(), NOW);
            assert!(tenants::insert(&db, &shut).await.unwrap());
            let found = discoverable(&db, "", NOW, 10).await.unwrap();
            assert_eq!(found.iter().map(|tenant| tenant.slug.as_str()).collect::<Vec<_>>(), ["open"]);
            assert!(discoverable(&db, "", Timestamp(2_000), 10).await.unwrap().is_empty(), "its time is over");
            open.settings.0.discoverable = false;
            assert!(tenants::update(&db, &open, NOW).await.unwrap());
            assert!(discoverable(&db, "", NOW, 10).await.unwrap().is_empty(), "it does not want to any more");
        }
    }
}
