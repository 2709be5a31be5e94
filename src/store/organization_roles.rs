//! Roles of an organization's own.

use super::db::Run;
use super::sql::sql;
use super::values::Json;
use crate::base::{OrganizationId, TenantId, Timestamp};

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CustomRole {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Whose organization.
    pub organization_id: OrganizationId,
    /// Its name, which no built-in role has.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it may do, in alphabetical order.
    pub permissions: Json<Vec<String>>,
    /// Grows with each change.
    pub version: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

sql! {
    tenant INSERT(6) = "INSERT INTO organization_roles (tenant_id, organization_id, name, description, permissions,
            version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, 1, $6, $6) ON CONFLICT (tenant_id, organization_id, name) DO NOTHING";
    tenant FIND(3) = "SELECT tenant_id, organization_id, name, description, permissions, version, created_at, updated_at
        FROM organization_roles WHERE tenant_id = $1 AND organization_id = $2 AND name = $3";
    tenant ALL(2) = "SELECT tenant_id, organization_id, name, description, permissions, version, created_at, updated_at
        FROM organization_roles WHERE tenant_id = $1 AND organization_id = $2 ORDER BY name";
    tenant UPDATE(6) = "UPDATE organization_roles SET description = $4, permissions = $5, version = version + 1,
            updated_at = $6
        WHERE tenant_id = $1 AND organization_id = $2 AND name = $3";
    tenant DELETE(3) = "DELETE FROM organization_roles WHERE tenant_id = $1 AND organization_id = $2 AND name = $3";
    tenant HELD(3) = "SELECT CAST((SELECT COUNT(*) FROM organization_members
            WHERE tenant_id = $1 AND organization_id = $2 AND role = $3)
        + (SELECT COUNT(*) FROM invitations WHERE tenant_id = $1 AND organization_id = $2 AND organization_role = $3
            AND accepted_at IS NULL AND cancelled_at IS NULL) AS BIGINT)";
}

/// Stores a new role. `false`: the organization has one of this name.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, new: &CustomRole) -> sqlx::Result<bool> {
    let n = new.clone();
    let values = (n.tenant_id, n.organization_id, n.name, n.description, n.permissions, n.created_at);
    Ok(run.execute(INSERT, values).await? == 1)
}

/// The role of this name.
///
/// # Errors
/// The database failed.
pub async fn find(
    run: impl Run,
    tenant: &TenantId,
    organization: &OrganizationId,
    name: &str,
) -> sqlx::Result<Option<CustomRole>> {
    run.one(FIND, (tenant.clone(), organization.clone(), name.to_owned())).await
}

/// All of them, by name; an organization has few.
///
/// # Errors
/// The database failed.
pub async fn all(run: impl Run, tenant: &TenantId, organization: &OrganizationId) -> sqlx::Result<Vec<CustomRole>> {
    run.all(ALL, (tenant.clone(), organization.clone())).await
}

/// Stores what a role is for and what it may do. `false`: there is none of this name.
///
/// # Errors
/// The database failed.
pub async fn update(run: impl Run, changed: &CustomRole) -> sqlx::Result<bool> {
    let c = changed.clone();
    let values = (c.tenant_id, c.organization_id, c.name, c.description, c.permissions, c.updated_at);
    Ok(run.execute(UPDATE, values).await? == 1)
}

/// Removes a role. `false`: there is none of this name.
///
/// # Errors
/// The database failed.
pub async fn delete(run: impl Run, tenant: &TenantId, organization: &OrganizationId, name: &str) -> sqlx::Result<bool> {
    Ok(run.execute(DELETE, (tenant.clone(), organization.clone(), name.to_owned())).await? == 1)
}

/// How many members have a role, or are invited to it.
///
/// # Errors
/// The database failed.
pub async fn held(run: impl Run, tenant: &TenantId, organization: &OrganizationId, name: &str) -> sqlx::Result<i64> {
    let row: Option<(i64,)> = run.one(HELD, (tenant.clone(), organization.clone(), name.to_owned())).await?;
    Ok(row.map_or(0, |(count,)| count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::UserId;
    use crate::store::organization_members as members;
    use crate::store::organizations::tests::organization;
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn a_role_has_its_name_once_and_says_what_its_holders_may_do() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let (acme, zeta) = (organization(&db, &one, "acme").await.id, organization(&db, &one, "zeta").await.id);
            let billing = CustomRole {
                tenant_id: one.clone(),
                organization_id: acme.clone(),
                name: "billing".to_owned(),
                description: "Pays".to_owned(),
                permissions: Json(vec!["billing:read".to_owned()]),
                version: 1,
                created_at: Timestamp(1),
                updated_at: Timestamp(1),
            };
            assert!(insert(&db, &billing).await.unwrap());
            assert!(!insert(&db, &billing).await.unwrap());
            let ada = UserId::generate();
            members::add(&db, (&one, &acme), &ada, "billing", Timestamp(2)).await.unwrap();
            members::add(&db, (&one, &zeta), &ada, "billing", Timestamp(2)).await.unwrap();
            let here = members::of(&db, &one, &ada, "acme").await.unwrap().unwrap();
            assert_eq!(here.permissions, Some(billing.permissions.clone()));
            let there = members::of(&db, &one, &ada, "zeta").await.unwrap().unwrap();
            assert_eq!(there.permissions, None, "X2: another organization's role of the same name");
            assert_eq!(held(&db, &one, &acme, "billing").await.unwrap(), 1);
            assert_eq!(held(&db, &one, &acme, "admin").await.unwrap(), 0);
            let more = CustomRole { permissions: Json(vec![]), updated_at: Timestamp(3), ..billing };
            assert!(update(&db, &more).await.unwrap());
            assert_eq!(find(&db, &one, &acme, "billing").await.unwrap().unwrap().version, 2);
            assert!(!delete(&db, &one, &zeta, "billing").await.unwrap());
            assert!(delete(&db, &one, &acme, "billing").await.unwrap());
            assert!(all(&db, &one, &acme).await.unwrap().is_empty());
        }
    }
}
