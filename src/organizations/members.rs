//! Who joins, leaves, is removed, and as what somebody is a member. An organization keeps an owner who may act: of two
//! who leave at the same time one stays (W-070). Whoever is a member no more has nothing of it on the next request
//! (W-071).

use serde_json::json;

use super::change::domain_of;
use super::permission::{JOINS_AS, MEMBERS_WRITE, STEPS_DOWN_TO};
use super::{Belonging, Inside, Organizations, Permissions, Who, held, none};
use crate::base::{Code, OrganizationId, Refusal, Result, Stop, UserId};
use crate::store::organization_members::{self as members, BUILT_IN_ROLES, Member, Membership, OWNER};
use crate::store::organizations::{self as store, Organization};
use crate::store::tenants::Tenant;
use crate::store::users::{self, User, UserStatus};
use crate::store::{Run, Tx, endings, invitations, organization_roles as custom};

/// Most organizations that are offered to somebody by the domain of their address.
const MOST_OFFERED: i64 = 50;

impl Organizations {
    /// Adds somebody without asking them: for those who govern the tenant, to whom its people are known (W-073).
    ///
    /// # Errors
    /// `forbidden`; `not_found`: no such organization or person; `conflict`: a member already; `unprocessable`: there is
    /// no such role.
    pub async fn add(
        &self,
        (tenant, who): (&Tenant, &Who),
        named: &str,
        (user, role): (&UserId, &str),
    ) -> Result<Member> {
        let mut tx = self.db.begin().await?;
        let inside = self.enter_held(&mut tx, (tenant, who), named).await?;
        if !inside.governs {
            return Err(Stop::refuse(Code::Forbidden, "whoever is to be a member has to be invited"));
        }
        permissions_of(&mut tx, tenant, &inside.organization.id, role).await?;
        let user = users::by_id(&mut tx, &tenant.id, user).await?;
        let user = user.filter(|user| user.status == UserStatus::Active);
        let user = user.ok_or_else(|| Stop::refuse(Code::NotFound, "there is no such person in this tenant"))?;
        self.admit(&mut tx, (&inside, who), (&user.id, role)).await?;
        let added =
            members::one(&mut tx, &tenant.id, &inside.organization.id, &user.id).await?.ok_or_else(no_member)?;
        tx.commit().await?;
        Ok(added)
    }

    /// Lets somebody in by the domain of their verified address.
    ///
    /// # Errors
    /// `not_found`: the organization does not take them by themselves, or there is none. `conflict`: a member already.
    pub async fn join(&self, (tenant, who): (&Tenant, &Who), named: &str) -> Result<Inside> {
        let user = who.person()?;
        let mut tx = self.db.begin().await?;
        let found = store::hold(&mut tx, &tenant.id, named).await?.ok_or_else(none)?;
        if !takes(&found, user) || who.bound.is_some() {
            return Err(none());
        }
        let may = Permissions::of_role(JOINS_AS, None, &[]);
        let inside = Inside { organization: found, role: Some(JOINS_AS.to_owned()), may, governs: who.governs() };
        self.admit(&mut tx, (&inside, who), (&user.id, JOINS_AS)).await?;
        tx.commit().await?;
        Ok(inside)
    }

    /// The organizations that somebody may join by themselves.
    pub async fn joinable(&self, tenant: &Tenant, user: &User) -> Result<Vec<Organization>> {
        match domain_of(user) {
            Some(domain) => Ok(members::joinable(&self.db, &tenant.id, &user.id, &domain, MOST_OFFERED).await?),
            None => Ok(Vec::new()),
        }
    }

    /// What somebody is in their organizations that are active.
    pub async fn belongings(&self, tenant: &Tenant, user: &UserId, limit: i64) -> Result<Vec<Belonging>> {
        Belonging::all(&self.db, tenant, user, limit).await
    }

    /// Refuses to offer a role to somebody that the caller could not give.
    ///
    /// # Errors
    /// `forbidden`; `unprocessable`: there is no such role.
    pub async fn must_be_able_to_offer(&self, tenant: &Tenant, inside: &Inside, role: &str) -> Result<()> {
        inside.must(MEMBERS_WRITE)?;
        inside.must_hold(&permissions_of(&self.db, tenant, &inside.organization.id, role).await?)
    }

    async fn admit(&self, tx: &mut Tx, (inside, who): (&Inside, &Who), (user, role): (&UserId, &str)) -> Result<()> {
        let Organization { tenant_id, id, .. } = &inside.organization;
        if !members::add(&mut *tx, (tenant_id, id), user, role, self.clock.now()).await? {
            return Err(Stop::refuse(Code::Conflict, "this person is a member already"));
        }
        let about = (&who.actor, json!({ "role": role }));
        self.record(tx, inside, ("organization.member_added", user.as_str()), about).await
    }

    /// Gives a member another role. Nobody gives a role that holds more than they do, nor takes one that does.
    ///
    /// # Errors
    /// `forbidden`; `not_found`: no such organization or member; `unprocessable`: no such role; `user_is_sole_owner`.
    pub async fn set_role(
        &self,
        (tenant, who): (&Tenant, &Who),
        named: &str,
        (user, role): (&UserId, &str),
    ) -> Result<Member> {
        let mut tx = self.db.begin().await?;
        let inside = self.enter_held(&mut tx, (tenant, who), named).await?;
        inside.must(MEMBERS_WRITE)?;
        let id = &inside.organization.id;
        let was = member(&mut tx, tenant, id, user).await?;
        let before = held(&was, &tenant.settings.organizations.permissions);
        let after = permissions_of(&mut tx, tenant, id, role).await?;
        inside.must_hold(&before)?;
        inside.must_hold(&after)?;
        if was.role == OWNER && role != OWNER {
            keep_an_owner(&mut tx, &inside.organization, user).await?;
        }
        if was.role != role {
            members::set_role(&mut tx, (&tenant.id, id), user, role).await?;
            if !after.cover(&before) {
                invitations::cancel_of(&mut tx, (&tenant.id, id), user, self.clock.now()).await?;
            }
            let about = (&who.actor, json!({ "role": role, "before": was.role }));
            self.record(&mut tx, &inside, ("organization.member_role_changed", user.as_str()), about).await?;
        }
        let member = members::one(&mut tx, &tenant.id, id, user).await?.ok_or_else(no_member)?;
        tx.commit().await?;
        Ok(member)
    }

    /// Removes a member, who has nothing of the organization from the next request on.
    ///
    /// # Errors
    /// `forbidden`; `not_found`: no such organization or member; `user_is_sole_owner`.
    pub async fn remove(&self, (tenant, who): (&Tenant, &Who), named: &str, user: &UserId) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let inside = self.enter_held(&mut tx, (tenant, who), named).await?;
        inside.must(MEMBERS_WRITE)?;
        let was = member(&mut tx, tenant, &inside.organization.id, user).await?;
        inside.must_hold(&held(&was, &tenant.settings.organizations.permissions))?;
        self.dismiss(&mut tx, (&inside, who), &was, user).await?;
        Ok(tx.commit().await?)
    }

    /// Leaves; also an organization that is suspended can be left.
    ///
    /// # Errors
    /// `not_found`: not a member. `user_is_sole_owner`: there has to be another owner first.
    pub async fn leave(&self, (tenant, who): (&Tenant, &Who), named: &str) -> Result<()> {
        let user = who.person()?;
        let mut tx = self.db.begin().await?;
        let found = store::hold(&mut tx, &tenant.id, named).await?.ok_or_else(none)?;
        let was = members::of(&mut tx, &tenant.id, &user.id, found.id.as_str()).await?.ok_or_else(none)?;
        let inside = who.inside(tenant, found, Some(&was)).ok_or_else(none)?;
        self.dismiss(&mut tx, (&inside, who), &was, &user.id).await?;
        Ok(tx.commit().await?)
    }

    async fn dismiss(
        &self,
        tx: &mut Tx,
        (inside, who): (&Inside, &Who),
        was: &Membership,
        user: &UserId,
    ) -> Result<()> {
        let Organization { tenant_id, id, .. } = &inside.organization;
        if was.role == OWNER {
            keep_an_owner(tx, &inside.organization, user).await?;
        }
        let now = self.clock.now();
        members::remove(&mut *tx, (tenant_id, id), user).await?;
        invitations::cancel_of(&mut *tx, (tenant_id, id), user, now).await?;
        endings::of_organization(&mut *tx, (tenant_id, id), Some(user), now).await?;
        let about = (&who.actor, json!({ "role": was.role }));
        self.record(tx, inside, ("organization.member_removed", user.as_str()), about).await
    }

    /// Gives the organization to another member, in one step: the caller, if an owner, becomes what `then` says. Those
    /// who govern the tenant give it to a member without taking it from anybody.
    ///
    /// # Errors
    /// `forbidden`: the caller does not own it. `not_found`: no such organization or member. `unprocessable`: the new
    /// owner may not act, or there is no such role.
    pub async fn transfer(
        &self,
        (tenant, who): (&Tenant, &Who),
        named: &str,
        (to, then): (&UserId, Option<&str>),
    ) -> Result<Inside> {
        let mut tx = self.db.begin().await?;
        let inside = self.enter_held(&mut tx, (tenant, who), named).await?;
        let owns = inside.role.as_deref() == Some(OWNER);
        if !owns && !inside.governs {
            return Err(Stop::refuse(Code::Forbidden, "an organization is given away by its owner"));
        }
        let id = inside.organization.id.clone();
        let heir = members::one(&mut tx, &tenant.id, &id, to).await?.ok_or_else(no_member)?;
        if heir.status != UserStatus::Active {
            return Err(Stop::refuse(Code::Unprocessable, "an owner has to be somebody who may act"));
        }
        members::set_role(&mut tx, (&tenant.id, &id), to, OWNER).await?;
        let from = who.user.as_ref().filter(|user| owns && user.id != *to);
        let then = then.unwrap_or(STEPS_DOWN_TO);
        if let Some(user) = from {
            permissions_of(&mut tx, tenant, &id, then).await?;
            members::set_role(&mut tx, (&tenant.id, &id), &user.id, then).await?;
            invitations::cancel_of(&mut tx, (&tenant.id, &id), &user.id, self.clock.now()).await?;
        }
        let about = (&who.actor, json!({ "from": from.map(|user| &user.id), "before": heir.role }));
        self.record(&mut tx, &inside, ("organization.ownership_transferred", to.as_str()), about).await?;
        tx.commit().await?;
        self.enter(tenant, who, id.as_str()).await
    }
}

/// What a role of this name would hold, if there is one.
///
/// # Errors
/// `unprocessable`.
async fn permissions_of(
    run: impl Run,
    tenant: &Tenant,
    organization: &OrganizationId,
    role: &str,
) -> Result<Permissions> {
    let catalogue = &tenant.settings.organizations.permissions;
    if BUILT_IN_ROLES.contains(&role) {
        return Ok(Permissions::of_role(role, None, catalogue));
    }
    let found = custom::find(run, &tenant.id, organization, role).await?;
    let found = found.ok_or_else(|| Stop::refuse(Code::Unprocessable, "there is no such role in this organization"))?;
    Ok(Permissions::of_role(role, Some(&found.permissions), catalogue))
}

async fn member(tx: &mut Tx, tenant: &Tenant, organization: &OrganizationId, user: &UserId) -> Result<Membership> {
    members::of(tx, &tenant.id, user, organization.as_str()).await?.ok_or_else(no_member)
}

/// Refuses to let the last owner who may act cease to be one.
async fn keep_an_owner(tx: &mut Tx, organization: &Organization, leaving: &UserId) -> Result<()> {
    match members::owners(&mut *tx, &organization.tenant_id, &organization.id).await?.as_slice() {
        [last] if last == leaving => {
            let told = json!([{ "id": organization.id, "slug": organization.slug, "name": organization.name }]);
            let why = "this is the organization's only owner; transfer it, or make somebody else an owner first";
            Err(Refusal::new(Code::UserIsSoleOwner, why).member("organizations", told).into())
        }
        _ => Ok(()),
    }
}

/// Whether an organization lets somebody in by the domain of their verified address.
fn takes(organization: &Organization, user: &User) -> bool {
    let active = organization.status == store::OrganizationStatus::Active;
    active && domain_of(user).is_some_and(|domain| organization.settings.domains.contains(&domain))
}

fn no_member() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such member")
}
