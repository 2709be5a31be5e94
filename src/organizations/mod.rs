//! Organizations inside a tenant: who belongs to them, as what, and what that allows. Whatever changes an organization
//! holds its row first, so that of two changes at once the second sees what the first one did.

mod belonging;
mod change;
mod members;
mod permission;
mod roles;
mod wish;

use serde_json::Value;

use crate::base::{Actor, Clock, Code, OrganizationId, Refusal, Result, Stop};
use crate::store::audit::Event;
use crate::store::organization_events::{self as events, Told};
use crate::store::organization_members::{self as members_store, Member, Membership};
use crate::store::organizations::{self as store, Organization, OrganizationStatus};
use crate::store::tenants::Tenant;
use crate::store::users::{Role, User};
use crate::store::{Db, Tx};

pub use belonging::Belonging;
pub use permission::{
    MEMBERS_READ, MEMBERS_WRITE, ORG_AUDIT, ORG_DELETE, ORG_WRITE, OWNERS_WRITE, Permissions, ROLES_WRITE,
};
pub use roles::NewRole;
pub use wish::{New, RoleWish, Wish, check_metadata, name as checked_name};

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Organizations {
    db: Db,
    clock: Clock,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Who {
    /// The person; a program has none, and governs like an administrator.
    pub user: Option<User>,
    /// The one organization that the credential is for.
    pub bound: Option<OrganizationId>,
    /// For the audit trail.
    pub actor: Actor,
}

/// Somebody as they stand in an organization at this moment.
#[derive(Clone, Debug)]
pub struct Inside {
    /// The organization.
    pub organization: Organization,
    /// What they are in it; absent for those who are no members and govern the tenant.
    pub role: Option<String>,
    /// What they may do in it.
    pub may: Permissions,
    /// Whether they govern the tenant.
    pub governs: bool,
}

impl Who {
    /// Whether they manage the whole tenant, organizations included.
    #[must_use]
    pub fn governs(&self) -> bool {
        self.user.as_ref().is_none_or(|user| user.role.rank() >= Role::Admin.rank())
    }

    /// Whether they may look at every organization.
    #[must_use]
    pub fn looks(&self) -> bool {
        self.user.as_ref().is_none_or(|user| user.role.rank() >= Role::Support.rank())
    }

    /// The person.
    ///
    /// # Errors
    /// It is a program.
    pub fn person(&self) -> Result<&User> {
        let machine = || Stop::refuse(Code::Forbidden, "this is for people; the credential is a program's");
        self.user.as_ref().ok_or_else(machine)
    }

    /// As somebody stands in an organization, who is this there; `None`: it does not exist for them.
    fn inside(&self, tenant: &Tenant, organization: Organization, as_member: Option<&Membership>) -> Option<Inside> {
        if self.bound.as_ref().is_some_and(|bound| *bound != organization.id) {
            return None;
        }
        let catalogue = &tenant.settings.organizations.permissions;
        let role = as_member.map(|member| member.role.clone());
        let may = match as_member {
            _ if self.governs() => Permissions::all(catalogue),
            Some(member) => held(member, catalogue),
            None if self.looks() => Permissions::of([MEMBERS_READ, ORG_AUDIT]),
            None => return None,
        };
        Some(Inside { organization, role, may, governs: self.governs() })
    }
}

impl Inside {
    /// Refuses unless they hold this permission.
    ///
    /// # Errors
    /// `forbidden`, with the permission.
    pub fn must(&self, permission: &str) -> Result<()> {
        if self.may.has(permission) {
            return Ok(());
        }
        let refusal = Refusal::new(Code::Forbidden, format!("this needs the permission {permission}"));
        Err(refusal.member("permission", permission).into())
    }

    /// In an organization that is suspended, only those who govern the tenant change anything.
    fn must_be_open(&self) -> Result<()> {
        if self.organization.status == OrganizationStatus::Suspended && !self.governs {
            return Err(Stop::refuse(Code::Forbidden, "this organization is suspended"));
        }
        Ok(())
    }

    /// Refuses to give, change or take what they do not hold themselves (W-070).
    ///
    /// # Errors
    /// `forbidden`.
    pub fn must_hold(&self, permissions: &Permissions) -> Result<()> {
        if self.may.cover(permissions) {
            return Ok(());
        }
        Err(Stop::refuse(Code::Forbidden, "nobody gives or takes what they do not hold themselves"))
    }
}

impl Organizations {
    /// Over this database.
    #[must_use]
    pub const fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// The organization of this id or slug, and what the caller is there. Whoever has no part in it learns as little as
    /// of one that does not exist (W-075).
    ///
    /// # Errors
    /// `not_found`.
    pub async fn enter(&self, tenant: &Tenant, who: &Who, named: &str) -> Result<Inside> {
        let found = store::find(&self.db, &tenant.id, named).await?.ok_or_else(none)?;
        let member = match &who.user {
            Some(user) => members_store::of(&self.db, &tenant.id, &user.id, found.id.as_str()).await?,
            None => None,
        };
        who.inside(tenant, found, member.as_ref()).ok_or_else(none)
    }

    /// As [`Organizations::enter_open`], and nobody else changes the organization, its members or its roles until the
    /// transaction ends.
    async fn enter_held(&self, tx: &mut Tx, (tenant, who): (&Tenant, &Who), named: &str) -> Result<Inside> {
        let found = store::hold(&mut *tx, &tenant.id, named).await?.ok_or_else(none)?;
        let member = match &who.user {
            Some(user) => members_store::of(&mut *tx, &tenant.id, &user.id, found.id.as_str()).await?,
            None => None,
        };
        let inside = who.inside(tenant, found, member.as_ref()).ok_or_else(none)?;
        inside.must_be_open()?;
        Ok(inside)
    }

    /// As [`Organizations::enter`], to change something.
    ///
    /// # Errors
    /// `not_found`; `forbidden`: it is suspended.
    pub async fn enter_open(&self, tenant: &Tenant, who: &Who, named: &str) -> Result<Inside> {
        let inside = self.enter(tenant, who, named).await?;
        inside.must_be_open()?;
        Ok(inside)
    }

    /// Up to `limit` organizations after this id whose name or slug holds `text`: all of the tenant's for those who may
    /// look at them, without what they are in each; their own for everybody else.
    pub async fn page(&self, tenant: &Tenant, who: &Who, text: &str, after: (&str, i64)) -> Result<Vec<Inside>> {
        if !who.looks() {
            return self.own(tenant, who, text, after).await;
        }
        let found = store::page(&self.db, &tenant.id, text, after).await?;
        Ok(found.into_iter().filter_map(|found| who.inside(tenant, found, None)).collect())
    }

    /// Up to `limit` organizations after this id, of those that somebody belongs to.
    ///
    /// # Errors
    /// `forbidden`: a program belongs to none.
    pub async fn own(&self, tenant: &Tenant, who: &Who, text: &str, after: (&str, i64)) -> Result<Vec<Inside>> {
        let user = who.person()?;
        let found = members_store::of_user(&self.db, &tenant.id, &user.id, text, after).await?;
        let inside = |member: Membership| who.inside(tenant, member.organization.clone(), Some(&member));
        Ok(found.into_iter().filter_map(inside).collect())
    }

    /// Up to `limit` members after this person.
    ///
    /// # Errors
    /// `not_found`; `forbidden`: guests see nobody (W-073).
    pub async fn members(&self, tenant: &Tenant, inside: &Inside, after: (&str, i64)) -> Result<Vec<Member>> {
        inside.must(MEMBERS_READ)?;
        Ok(members_store::page(&self.db, &tenant.id, &inside.organization.id, after).await?)
    }

    /// Up to `limit` things that happened in an organization before this id, newest first.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn events(
        &self,
        tenant: &Tenant,
        inside: &Inside,
        action: &str,
        before: (&str, i64),
    ) -> Result<Vec<Told>> {
        inside.must(ORG_AUDIT)?;
        Ok(events::page(&self.db, (&tenant.id, &inside.organization.id), action, before).await?)
    }

    /// Records what was done in an organization, in its transaction.
    async fn record(
        &self,
        tx: &mut Tx,
        inside: &Inside,
        (action, target): (&str, &str),
        (by, detail): (&Actor, Value),
    ) -> Result<()> {
        let organization = &inside.organization;
        let event = Event::new(&organization.tenant_id, self.clock.now(), action).by(&by.id).on(target);
        Ok(events::record(tx, &organization.id, event.detail(detail).from(&by.origin)).await?)
    }
}

/// What a member may do.
#[must_use]
fn held(member: &Membership, catalogue: &[String]) -> Permissions {
    Permissions::of_role(&member.role, member.permissions.as_ref().map(|stored| stored.0.as_slice()), catalogue)
}

/// Said of an organization that does not exist, and of one that the caller has no part in.
fn none() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such organization")
}
