//! What tokens, rules and applications learn of somebody's place in an organization.

use serde_json::{Map, Value};

use super::held;
use crate::base::{OrganizationId, Result, Scope, Slug, UserId};
use crate::store::organization_members::{self as members, Membership};
use crate::store::organizations::OrganizationStatus;
use crate::store::tenants::Tenant;
use crate::store::{Db, Run};

/// Somebody's place in an organization that is active, at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging {
    /// The organization.
    pub id: OrganizationId,
    /// Its name in parameters.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// What somebody is in it.
    pub role: String,
    /// What that allows, in alphabetical order.
    pub permissions: Vec<String>,
    /// Whether applications get tokens for it only after a second factor.
    pub second_factor: bool,
}

impl Belonging {
    /// The place of somebody in the organization of this id or slug. `None`: they have none, or it is suspended, or
    /// there is no such organization.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(run: impl Run, tenant: &Tenant, user: &UserId, named: &str) -> Result<Option<Self>> {
        let found = members::of(run, &tenant.id, user, named).await?;
        Ok(found.and_then(|member| Self::of(member, &tenant.settings.organizations.permissions)))
    }

    /// Up to `limit` places of somebody.
    ///
    /// # Errors
    /// The database failed.
    pub async fn all(db: &Db, tenant: &Tenant, user: &UserId, limit: i64) -> Result<Vec<Self>> {
        let found = members::of_user(db, &tenant.id, user, "", ("", limit)).await?;
        let catalogue = &tenant.settings.organizations.permissions;
        Ok(found.into_iter().filter_map(|member| Self::of(member, catalogue)).collect())
    }

    fn of(member: Membership, catalogue: &[String]) -> Option<Self> {
        let permissions = held(&member, catalogue).names();
        let Membership { organization, role, .. } = member;
        (organization.status == OrganizationStatus::Active).then(|| Self {
            id: organization.id,
            slug: organization.slug,
            name: organization.name,
            role,
            permissions,
            second_factor: organization.settings.second_factor,
        })
    }

    /// The role as it stands among others: a tenant's own roles have no colon, so that an organization's owner is never
    /// taken for the tenant's.
    #[must_use]
    pub fn named_role(&self) -> String {
        format!("org:{}", self.role)
    }

    /// The claims about the organization: `org_id` and `org_name`; with the scope `roles` also `permissions`.
    #[must_use]
    pub fn claims(&self, scope: &Scope) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("org_id".to_owned(), self.id.as_str().into());
        claims.insert("org_name".to_owned(), self.name.as_str().into());
        if scope.contains("roles") {
            claims.insert("permissions".to_owned(), self.permissions.clone().into());
        }
        claims
    }
}
