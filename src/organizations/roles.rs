//! Roles of an organization's own. Nobody defines one that holds more than they do, nor changes one that does: not even
//! one that they have themselves.

use serde::Deserialize;
use serde_json::json;

use super::permission::ROLES_WRITE;
use super::wish::RoleWish;
use super::{Inside, Organizations, Permissions, Who};
use crate::base::{Code, Result, Stop};
use crate::store::organization_members::BUILT_IN_ROLES;
use crate::store::organization_roles::{self as store, CustomRole};
use crate::store::tenants::Tenant;
use crate::store::{Json, Tx, invitations};

/// Most roles of an organization's own.
const MOST: usize = 100;
/// Longest description, in characters.
const LONGEST: usize = 200;

/// A role to be defined.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it may do.
    pub permissions: Vec<String>,
}

impl Organizations {
    /// The organization's own roles, by name. Whoever is inside may see what there is to be.
    pub async fn roles(&self, tenant: &Tenant, inside: &Inside) -> Result<Vec<CustomRole>> {
        Ok(store::all(&self.db, &tenant.id, &inside.organization.id).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn role(&self, tenant: &Tenant, inside: &Inside, name: &str) -> Result<CustomRole> {
        store::find(&self.db, &tenant.id, &inside.organization.id, name).await?.ok_or_else(no_role)
    }

    /// Defines a role.
    ///
    /// # Errors
    /// `forbidden`; `unprocessable`: name or permissions cannot be; `conflict`: there is one of this name.
    pub async fn define(&self, (tenant, who): (&Tenant, &Who), named: &str, new: NewRole) -> Result<CustomRole> {
        check_name(&new.name)?;
        let mut tx = self.db.begin().await?;
        let inside = self.enter_held(&mut tx, (tenant, who), named).await?;
        inside.must(ROLES_WRITE)?;
        let permissions = grantable(tenant, &inside, &new.permissions)?;
        let id = inside.organization.id.clone();
        if store::all(&mut tx, &tenant.id, &id).await?.len() >= MOST {
            return Err(Stop::refuse(Code::Conflict, "an organization has no more than 100 roles of its own"));
        }
        let now = self.clock.now();
        let role = CustomRole {
            tenant_id: tenant.id.clone(),
            organization_id: id,
            name: new.name,
            description: description(&new.description)?,
            permissions: Json(permissions.names()),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        if !store::insert(&mut tx, &role).await? {
            return Err(Stop::refuse(Code::Conflict, "there is a role of this name"));
        }
        self.record_role(&mut tx, (&inside, who), "organization.role_created", &role).await?;
        tx.commit().await?;
        Ok(role)
    }

    /// Changes what a role is for and what it may do, for all who have it.
    ///
    /// # Errors
    /// As for a new one; `not_found`; `precondition_failed`.
    pub async fn redefine(
        &self,
        (tenant, who): (&Tenant, &Who),
        (named, role): (&str, &str),
        wish: RoleWish,
        over: Option<&[i64]>,
    ) -> Result<CustomRole> {
        let mut tx = self.db.begin().await?;
        let inside = self.enter_held(&mut tx, (tenant, who), named).await?;
        let mut role = self.held_role(&mut tx, (tenant, &inside), role, over).await?;
        if let Some(wished) = &wish.description {
            role.description = description(wished)?;
        }
        let now = self.clock.now();
        if let Some(wished) = &wish.permissions {
            let (before, after) =
                (Permissions::of(role.permissions.iter().map(String::as_str)), grantable(tenant, &inside, wished)?);
            if !after.cover(&before) {
                invitations::cancel_of_role(&mut tx, (&tenant.id, &role.organization_id), &role.name, now).await?;
            }
            role.permissions = Json(after.names());
        }
        role.updated_at = now;
        store::update(&mut tx, &role).await?;
        role.version += 1;
        self.record_role(&mut tx, (&inside, who), "organization.role_updated", &role).await?;
        tx.commit().await?;
        Ok(role)
    }

    /// Removes a role that nobody has or is invited to.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `precondition_failed`; `conflict`: somebody has it.
    pub async fn undefine(
        &self,
        (tenant, who): (&Tenant, &Who),
        (named, role): (&str, &str),
        over: Option<&[i64]>,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let inside = self.enter_held(&mut tx, (tenant, who), named).await?;
        let role = self.held_role(&mut tx, (tenant, &inside), role, over).await?;
        if store::held(&mut tx, &tenant.id, &role.organization_id, &role.name).await? > 0 {
            return Err(Stop::refuse(Code::Conflict, "members have this role, or are invited to it"));
        }
        store::delete(&mut tx, &tenant.id, &role.organization_id, &role.name).await?;
        self.record_role(&mut tx, (&inside, who), "organization.role_deleted", &role).await?;
        Ok(tx.commit().await?)
    }

    /// A role that the caller may change: of those that hold no more than the caller does.
    async fn held_role(
        &self,
        tx: &mut Tx,
        (tenant, inside): (&Tenant, &Inside),
        name: &str,
        over: Option<&[i64]>,
    ) -> Result<CustomRole> {
        inside.must(ROLES_WRITE)?;
        let found = store::find(&mut *tx, &tenant.id, &inside.organization.id, name).await?.ok_or_else(no_role)?;
        let catalogue = &tenant.settings.organizations.permissions;
        inside.must_hold(&Permissions::of_role(name, Some(&found.permissions), catalogue))?;
        if over.is_some_and(|versions| !versions.contains(&found.version)) {
            return Err(Stop::refuse(Code::PreconditionFailed, "the role was changed by somebody else meanwhile"));
        }
        Ok(found)
    }

    async fn record_role(
        &self,
        tx: &mut Tx,
        (inside, who): (&Inside, &Who),
        action: &str,
        role: &CustomRole,
    ) -> Result<()> {
        let about = (&who.actor, json!({ "permissions": role.permissions.0 }));
        self.record(tx, inside, (action, &role.name), about).await
    }
}

fn grantable(tenant: &Tenant, inside: &Inside, names: &[String]) -> Result<Permissions> {
    let permissions = Permissions::grantable(names, &tenant.settings.organizations.permissions)?;
    inside.must_hold(&permissions)?;
    Ok(permissions)
}

fn check_name(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let fits = (2..=40).contains(&name.len()) && name.bytes().all(plain);
    if !fits {
        return Err(Stop::refuse(Code::Unprocessable, "a role's name has 2 to 40 characters of a-z, 0-9, _ and -"));
    }
    if BUILT_IN_ROLES.contains(&name) {
        return Err(Stop::refuse(Code::Conflict, "this role is built in"));
    }
    Ok(())
}

fn description(text: &str) -> Result<String> {
    let fits = text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    if fits {
        return Ok(text.trim().to_owned());
    }
    Err(Stop::refuse(Code::Unprocessable, "a description is one line of up to 200 characters"))
}

fn no_role() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such role in this organization")
}
