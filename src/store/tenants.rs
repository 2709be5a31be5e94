//! Tenants and the domains that lead to them.

use super::db::Run;
use super::plans::Quotas;
use super::sql::sql;
use super::tenant_plans::Held;
use super::values::{Flag, Json, words};
use crate::base::{Slug, TenantId, Timestamp};

pub use super::tenant_settings::{
    ArchiveSettings, Branding, Lifetimes, MailSettings, PasswordPolicy, SecondFactor, Settings, SignIn,
};

words! {
    /// Whether a tenant answers.
    TenantStatus {
        /// It does.
        Active = "active",
        /// Its operator switched it off: every route refuses.
        Suspended = "suspended",
        /// Gone for everybody; the row waits to be purged.
        Deleted = "deleted",
    }
}

/// A tenant: the hard wall around users, clients, keys and data.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name in URLs.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// Whether it answers.
    pub status: TenantStatus,
    /// What its owner can set.
    pub settings: Json<Settings>,
    /// How long it lives.
    #[sqlx(flatten)]
    pub life: Life,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Its plan and its brand.
    #[sqlx(flatten)]
    pub held: Held,
}

impl Tenant {
    /// How much may be kept: what its owner set or what its plan allows, whichever is less.
    #[must_use]
    pub fn quotas(&self) -> Quotas {
        self.settings.quotas.and(self.held.allowance().quotas())
    }

    /// A new tenant.
    #[must_use]
    pub fn new(slug: Slug, name: impl Into<String>, settings: Settings, now: Timestamp) -> Self {
        Self {
            id: TenantId::generate(),
            slug,
            name: name.into(),
            status: TenantStatus::Active,
            settings: Json(settings),
            life: Life::default(),
            version: 1,
            created_at: now,
            updated_at: now,
            held: Held::default(),
        }
    }
}

/// How long a tenant lives, which its operators decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Life {
    /// Whether it cannot be deleted.
    pub deletion_protected: Flag,
    /// From when on it is deleted, for previews and test runs.
    pub expires_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When a deleted tenant, and all that it has, is removed for good.
    pub purge_at: Option<Timestamp>,
}

sql! {
    global INSERT(9) = "INSERT INTO tenants (id, slug, name, status, settings, version, created_at, updated_at,
            discoverable, deletion_protected, expires_at)
        VALUES ($1, $2, $3, $4, $5, 1, $6, $6, $7, $8, $9) ON CONFLICT (slug) DO NOTHING";
    // Who was given no plan has the one of the key `default`, if there is one.
    global BY_SLUG(1) = "SELECT t.id, t.slug, t.name, t.status, t.settings, t.deletion_protected, t.expires_at, t.deleted_at,
            t.purge_at, t.version, t.created_at, t.updated_at, p.key AS plan, p.terms, t.brand
        FROM tenants t LEFT JOIN tenant_plans p
            ON p.key = COALESCE(t.plan, CASE WHEN t.slug <> 'system' THEN 'default' END)
        WHERE t.slug = $1 AND t.status <> 'deleted'";
    global BY_ID(1) = "SELECT t.id, t.slug, t.name, t.status, t.settings, t.deletion_protected, t.expires_at, t.deleted_at,
            t.purge_at, t.version, t.created_at, t.updated_at, p.key AS plan, p.terms, t.brand
        FROM tenants t LEFT JOIN tenant_plans p
            ON p.key = COALESCE(t.plan, CASE WHEN t.slug <> 'system' THEN 'default' END)
        WHERE t.id = $1 AND t.status <> 'deleted'";
    global BY_DOMAIN(1) = "SELECT t.id, t.slug, t.name, t.status, t.settings, t.deletion_protected, t.expires_at, t.deleted_at,
            t.purge_at, t.version, t.created_at, t.updated_at, p.key AS plan, p.terms, t.brand
        FROM tenants t JOIN tenant_domains d ON d.tenant_id = t.id LEFT JOIN tenant_plans p
            ON p.key = COALESCE(t.plan, CASE WHEN t.slug <> 'system' THEN 'default' END)
        WHERE d.domain = $1 AND d.verified_at IS NOT NULL AND t.status <> 'deleted'";
    global PAGE(2) = "SELECT t.id, t.slug, t.name, t.status, t.settings, t.deletion_protected, t.expires_at, t.deleted_at,
            t.purge_at, t.version, t.created_at, t.updated_at, p.key AS plan, p.terms, t.brand
        FROM tenants t LEFT JOIN tenant_plans p
            ON p.key = COALESCE(t.plan, CASE WHEN t.slug <> 'system' THEN 'default' END)
        WHERE t.slug > $1 AND t.status <> 'deleted' ORDER BY t.slug LIMIT $2";
    global UPDATE(11) = "UPDATE tenants SET name = $2, status = $3, settings = $4, version = version + 1,
            updated_at = $5, discoverable = $7, deletion_protected = $8, expires_at = $9, deleted_at = $10,
            purge_at = $11
        WHERE id = $1 AND version = $6";
    global WITH_AUDIT_RETENTION(2) = "SELECT id, CAST(settings ->> 'audit_retention_days' AS BIGINT) FROM tenants
            WHERE id > $1 AND settings ->> 'audit_retention_days' IS NOT NULL ORDER BY id LIMIT $2"
        | "SELECT id, CAST(settings::jsonb ->> 'audit_retention_days' AS BIGINT) FROM tenants
            WHERE id > $1 AND settings::jsonb ->> 'audit_retention_days' IS NOT NULL ORDER BY id LIMIT $2";
    tenant ADD_DOMAIN(4) = "INSERT INTO tenant_domains (tenant_id, domain, verified_at, created_at)
        VALUES ($1, $2, $3, $4) ON CONFLICT (tenant_id, domain)
        DO UPDATE SET verified_at = COALESCE(tenant_domains.verified_at, excluded.verified_at)";
}

/// Stores a new tenant. `false`: the slug is taken, nothing was stored.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, tenant: &Tenant) -> sqlx::Result<bool> {
    let Tenant { id, slug, name, status, settings, life, created_at, .. } = tenant.clone();
    let shown = Flag(settings.discoverable);
    let values = (id, slug, name, status, settings, created_at, shown, life.deletion_protected, life.expires_at);
    Ok(run.execute(INSERT, values).await? == 1)
}

/// The tenant of this slug, suspended ones included.
///
/// # Errors
/// The database failed.
pub async fn by_slug(run: impl Run, slug: &Slug) -> sqlx::Result<Option<Tenant>> {
    run.one(BY_SLUG, (slug.clone(),)).await
}

/// The tenant of this id, suspended ones included.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, id: &TenantId) -> sqlx::Result<Option<Tenant>> {
    run.one(BY_ID, (id.clone(),)).await
}

/// The tenant that has proven this domain.
///
/// # Errors
/// The database failed.
pub async fn by_domain(run: impl Run, domain: &str) -> sqlx::Result<Option<Tenant>> {
    run.one(BY_DOMAIN, (domain.to_owned(),)).await
}

/// Up to `limit` tenants whose slug comes after `after`, in slug order.
///
/// # Errors
/// The database failed.
pub async fn page(run: impl Run, after: &str, limit: i64) -> sqlx::Result<Vec<Tenant>> {
    run.all(PAGE, (after.to_owned(), limit)).await
}

/// Up to `limit` tenants after this id whose audit trail is not kept for ever, and for how many days it is.
///
/// # Errors
/// The database failed.
pub async fn with_audit_retention(run: impl Run, after: &TenantId, limit: i64) -> sqlx::Result<Vec<(TenantId, i64)>> {
    run.all(WITH_AUDIT_RETENTION, (after.clone(), limit)).await
}
/// Stores name, status, settings and life if nobody changed the tenant since `tenant.version` was read.
///
/// # Errors
/// The database failed.
pub async fn update(run: impl Run, tenant: &Tenant, now: Timestamp) -> sqlx::Result<bool> {
    let Tenant { id, name, status, settings, life, version, .. } = tenant.clone();
    let Life { deletion_protected, expires_at, deleted_at, purge_at } = life;
    let shown = Flag(settings.discoverable);
    let values =
        (id, name, status, settings, now, version, shown, deletion_protected, expires_at, deleted_at, purge_at);
    Ok(run.execute(UPDATE, values).await? == 1)
}

/// Gives a domain to a tenant; it leads there once it is verified.
///
/// # Errors
/// The database failed, or another tenant has verified the domain.
pub async fn add_domain(
    run: impl Run,
    tenant: &TenantId,
    domain: &str,
    verified_at: Option<Timestamp>,
    now: Timestamp,
) -> sqlx::Result<()> {
    run.execute(ADD_DOMAIN, (tenant.clone(), domain.to_owned(), verified_at, now)).await.map(drop)
}
