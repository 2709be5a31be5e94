//! Organizations: people of a tenant who belong together.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::db::{Run, Tx};
use super::sql::sql;
use super::values::{Flag, Json, words};
use crate::base::{OrganizationId, Slug, TenantId, Timestamp};

words! {
    /// Whether anything can be done in an organization.
    OrganizationStatus {
        /// Yes.
        Active = "active",
        /// The tenant's administrators said no, for now.
        Suspended = "suspended",
    }
}

/// What an organization decides about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrganizationSettings {
    /// Whoever has a verified address at one of these domains may join by themselves, as a member.
    pub domains: Vec<String>,
    /// Whether applications get tokens for it only after a second factor.
    pub second_factor: bool,
}

/// Longest name of a permission.
const LONGEST_PERMISSION: usize = 64;

/// What a tenant says about its organizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrganizationRules {
    /// Whether people make organizations themselves.
    pub self_service: bool,
    /// Whether somebody without an account gets one by accepting an invitation into an organization.
    pub newcomers: bool,
    /// How many of them one person may own.
    pub most_owned: i64,
    /// What can be allowed in them besides what is built in: `billing:read`, and whatever else the tenant's
    /// applications ask for.
    pub permissions: Vec<String>,
}

impl Default for OrganizationRules {
    fn default() -> Self {
        Self { self_service: true, newcomers: true, most_owned: 20, permissions: Vec::new() }
    }
}

/// An organization.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Organization {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id.
    pub id: OrganizationId,
    /// Its name in addresses and parameters, unique in the tenant.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// Whether anything can be done in it.
    pub status: OrganizationStatus,
    /// What it decides about itself.
    pub settings: Json<OrganizationSettings>,
    /// What applications keep with it.
    pub metadata: Json<Map<String, Value>>,
    /// Whether it has to be unprotected before it can be deleted.
    pub protected: Flag,
    /// Grows with each change.
    pub version: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

sql! {
    tenant INSERT(10) = "INSERT INTO organizations (tenant_id, id, slug, name, name_key, status, settings, metadata,
            protected, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10) ON CONFLICT (tenant_id, slug) DO NOTHING";
    tenant FIND(2) = "SELECT tenant_id, id, slug, name, status, settings, metadata, protected, version, created_at,
            updated_at
        FROM organizations WHERE tenant_id = $1 AND (id = $2 OR slug = $2)";
    tenant HOLD(2) = "SELECT tenant_id, id, slug, name, status, settings, metadata, protected, version, created_at,
            updated_at
        FROM organizations WHERE tenant_id = $1 AND (id = $2 OR slug = $2)"
        | "SELECT tenant_id, id, slug, name, status, settings, metadata, protected, version, created_at, updated_at
        FROM organizations WHERE tenant_id = $1 AND (id = $2 OR slug = $2) FOR UPDATE";
    tenant PAGE(4) = "SELECT tenant_id, id, slug, name, status, settings, metadata, protected, version, created_at,
            updated_at
        FROM organizations WHERE tenant_id = $1 AND id > $2 AND (name_key LIKE $3 ESCAPE '!' OR slug LIKE $3 ESCAPE '!')
        ORDER BY id LIMIT $4";
    tenant SLUG_IS_FREE(3) = "SELECT id FROM organizations WHERE tenant_id = $1 AND slug = $2 AND id <> $3";
    tenant UPDATE(10) = "UPDATE organizations SET slug = $3, name = $4, name_key = $5, status = $6, settings = $7,
            metadata = $8, protected = $9, version = version + 1, updated_at = $10
        WHERE tenant_id = $1 AND id = $2";
    tenant FORGET_DOMAINS(2) = "DELETE FROM organization_domains WHERE tenant_id = $1 AND organization_id = $2";
    tenant ADD_DOMAIN(3) = "INSERT INTO organization_domains (tenant_id, domain, organization_id) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, domain, organization_id) DO NOTHING";
    tenant DELETE(2) = "DELETE FROM organizations WHERE tenant_id = $1 AND id = $2";
    tenant DELETE_MEMBERS(2) = "DELETE FROM organization_members WHERE tenant_id = $1 AND organization_id = $2";
    tenant DELETE_ROLES(2) = "DELETE FROM organization_roles WHERE tenant_id = $1 AND organization_id = $2";
    tenant DELETE_LINKS(2) = "DELETE FROM organization_events WHERE tenant_id = $1 AND organization_id = $2";
    tenant CANCEL_INVITATIONS(3) = "UPDATE invitations SET cancelled_at = $3
        WHERE tenant_id = $1 AND organization_id = $2 AND accepted_at IS NULL AND cancelled_at IS NULL";
}

/// Stores a new organization. `false`: the slug is taken.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, new: &Organization) -> sqlx::Result<bool> {
    let n = new.clone();
    let key = n.name.to_lowercase();
    let values = (n.tenant_id, n.id, n.slug, n.name, key, n.status, n.settings, n.metadata, n.protected, n.created_at);
    Ok(run.execute(INSERT, values).await? == 1)
}

/// The organization of this id or slug, suspended ones included. No slug looks like an id.
///
/// # Errors
/// The database failed.
pub async fn find(run: impl Run, tenant: &TenantId, named: &str) -> sqlx::Result<Option<Organization>> {
    run.one(FIND, (tenant.clone(), named.to_owned())).await
}

/// As [`find`], and nobody else changes it, its members or its roles until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn hold(tx: &mut Tx, tenant: &TenantId, named: &str) -> sqlx::Result<Option<Organization>> {
    tx.one(HOLD, (tenant.clone(), named.to_owned())).await
}

/// Up to `limit` organizations after this id whose name or slug holds `text`, oldest first.
///
/// # Errors
/// The database failed.
pub async fn page(
    run: impl Run,
    tenant: &TenantId,
    text: &str,
    (after, limit): (&str, i64),
) -> sqlx::Result<Vec<Organization>> {
    run.all(PAGE, (tenant.clone(), after.to_owned(), pattern(text), limit)).await
}

/// Stores an organization that is held. `false`: the slug is another's.
///
/// # Errors
/// The database failed.
pub async fn update(tx: &mut Tx, changed: &Organization) -> sqlx::Result<bool> {
    let c = changed.clone();
    let taken: Option<(OrganizationId,)> =
        tx.one(SLUG_IS_FREE, (c.tenant_id.clone(), c.slug.clone(), c.id.clone())).await?;
    if taken.is_some() {
        return Ok(false);
    }
    tx.execute(FORGET_DOMAINS, (c.tenant_id.clone(), c.id.clone())).await?;
    for domain in &c.settings.domains {
        tx.execute(ADD_DOMAIN, (c.tenant_id.clone(), domain.clone(), c.id.clone())).await?;
    }
    let key = c.name.to_lowercase();
    let values = (c.tenant_id, c.id, c.slug, c.name, key, c.status, c.settings, c.metadata, c.protected, c.updated_at);
    match tx.execute(UPDATE, values).await {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        done => done.map(|changed| changed == 1),
    }
}

/// Removes an organization that is held, with its members and roles; open invitations into it are over.
///
/// # Errors
/// The database failed.
pub async fn delete(tx: &mut Tx, tenant: &TenantId, id: &OrganizationId, now: Timestamp) -> sqlx::Result<()> {
    tx.execute(CANCEL_INVITATIONS, (tenant.clone(), id.clone(), now)).await?;
    for sql in [DELETE_MEMBERS, DELETE_ROLES, DELETE_LINKS, FORGET_DOMAINS, DELETE] {
        tx.execute(sql, (tenant.clone(), id.clone())).await?;
    }
    Ok(())
}

/// Whether a permission can be called so: `noun:verb`, in small letters.
#[must_use]
pub fn is_permission(name: &str) -> bool {
    let part = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.');
        !part.is_empty() && part.bytes().all(plain)
    };
    name.len() <= LONGEST_PERMISSION && name.contains(':') && name.split(':').all(part)
}

/// What `LIKE … ESCAPE '!'` takes for texts that hold `text`.
pub(super) fn pattern(text: &str) -> String {
    let plain = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{plain}%")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::store::Db;
    use crate::store::testing::{databases, tenant};

    /// A new organization of this slug.
    pub(crate) async fn organization(db: &Db, tenant: &TenantId, slug: &str) -> Organization {
        let new = Organization {
            tenant_id: tenant.clone(),
            id: OrganizationId::generate(),
            slug: slug.parse().unwrap(),
            name: format!("The {slug} % Company"),
            status: OrganizationStatus::Active,
            settings: Json::default(),
            metadata: Json::default(),
            protected: Flag(false),
            version: 1,
            created_at: Timestamp(1),
            updated_at: Timestamp(1),
        };
        assert!(insert(db, &new).await.unwrap());
        new
    }

    #[tokio::test]
    async fn x2_an_organization_is_found_by_id_or_slug_and_by_its_tenant_only() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let acme = organization(&db, &one, "acme").await;
            assert_eq!(find(&db, &one, "acme").await.unwrap().as_ref(), Some(&acme));
            assert_eq!(find(&db, &one, acme.id.as_str()).await.unwrap().as_ref(), Some(&acme));
            assert!(find(&db, &two, "acme").await.unwrap().is_none());
            assert!(find(&db, &two, acme.id.as_str()).await.unwrap().is_none());
            organization(&db, &two, "acme").await;
            assert!(!insert(&db, &Organization { id: OrganizationId::generate(), ..acme }).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_list_goes_on_after_an_id_and_finds_what_a_name_holds_letter_by_letter() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let (acme, zeta) = (organization(&db, &one, "acme").await, organization(&db, &one, "zeta").await);
            let names = async |text: &str, after: &str| -> Vec<String> {
                let found = page(&db, &one, text, (after, 9)).await.unwrap();
                found.into_iter().map(|found| found.slug.to_string()).collect()
            };
            assert_eq!(names("", "").await, ["acme", "zeta"]);
            assert_eq!(names("", acme.id.as_str()).await, ["zeta"]);
            assert_eq!(names("THE ZETA", "").await, ["zeta"]);
            assert_eq!(names("% comp", "").await, ["acme", "zeta"]);
            assert!(names("a%e", "").await.is_empty() && names("z_ta", "").await.is_empty());
            let mut tx = db.begin().await.unwrap();
            let held = hold(&mut tx, &one, "zeta").await.unwrap().unwrap();
            let renamed = Organization { slug: "acme".parse().unwrap(), ..held.clone() };
            assert!(!update(&mut tx, &renamed).await.unwrap(), "the slug is another's");
            let renamed = Organization { slug: "omega".parse().unwrap(), updated_at: Timestamp(5), ..held };
            assert!(update(&mut tx, &renamed).await.unwrap());
            tx.commit().await.unwrap();
            assert_eq!(find(&db, &one, "omega").await.unwrap().unwrap().version, 2);
            let mut tx = db.begin().await.unwrap();
            delete(&mut tx, &one, &zeta.id, Timestamp(9)).await.unwrap();
            tx.commit().await.unwrap();
            assert!(find(&db, &one, "omega").await.unwrap().is_none());
        }
    }

    #[test]
    fn a_permission_is_called_noun_and_verb() {
        for good in ["a:b", "billing:read", "a.b-c_1:x:y"] {
            assert!(is_permission(good), "{good}");
        }
        for bad in ["", "a", "a:", ":b", "A:b", "a:b c", "a:b\n", &format!("a:{}", "b".repeat(63))] {
            assert!(!is_permission(bad), "{bad}");
        }
    }
}
