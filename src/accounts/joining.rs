//! Invitations into organizations: where they lead, and how somebody who is signed in takes or declines one that waits for
//! their address (W-073).

use serde_json::json;

use super::Accounts;
use super::links::over;
use super::made::Giver;
use crate::base::{Code, OrganizationId, Origin, Result, Stop, UserId};
use crate::store::audit::Event;
use crate::store::invitations::{self, Invitation};
use crate::store::one_time::{self, Kind};
use crate::store::organization_members::{self as members, BUILT_IN_ROLES};
use crate::store::organizations::{self, Organization, OrganizationStatus};
use crate::store::users::User;
use crate::store::{Tx, organization_events, organization_roles};
use crate::tenants::TenantContext;

/// Most invitations that are told to somebody.
const MOST: i64 = 50;

/// A place in an organization that is offered.
#[derive(Clone, Debug)]
pub struct Place {
    /// The organization.
    pub organization: OrganizationId,
    /// As what.
    pub role: String,
    /// What the person is there who offers it; absent for those who govern the tenant.
    pub offered_as: Option<String>,
}

/// An invitation that waits for somebody's answer, and the organization that it is into.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The invitation.
    pub invitation: Invitation,
    /// The organization.
    pub organization: Organization,
}

impl Place {
    /// Holds the organization, and looks whether whoever offers a place in it is still what they were (W-071).
    pub(super) async fn hold(&self, tx: &mut Tx, tenant: &TenantContext, by: &Giver) -> Result<()> {
        let none = || Stop::refuse(Code::NotFound, "there is no such organization");
        let id = self.organization.as_str();
        let held = organizations::hold(&mut *tx, &tenant.id, id).await?;
        held.filter(|held| held.status == OrganizationStatus::Active).ok_or_else(none)?;
        let Some(role) = &self.offered_as else { return Ok(()) };
        let inviter = UserId::from(by.actor.id.as_str());
        let now = members::of(&mut *tx, &tenant.id, &inviter, id).await?;
        if now.is_some_and(|now| now.role == *role) {
            return Ok(());
        }
        Err(Stop::refuse(Code::Conflict, "what you may do here was changed meanwhile"))
    }
}

/// Holds the organization that an invitation is into, before anything else is touched: whoever changes an organization
/// does so too.
pub(super) async fn hold_place(tx: &mut Tx, tenant: &TenantContext, invitation: &Invitation) -> Result<()> {
    let Some(id) = invitation.organization() else { return Ok(()) };
    let held = organizations::hold(tx, &tenant.id, id.as_str()).await?;
    match held.filter(|held| held.status == OrganizationStatus::Active) {
        Some(_) => Ok(()),
        None => Err(over().into()),
    }
}

impl Accounts {
    /// Makes whoever accepted an invitation into an organization a member; who is one already stays what they are.
    pub(super) async fn join(
        &self,
        tx: &mut Tx,
        invitation: &Invitation,
        user: &UserId,
        origin: &Origin,
    ) -> Result<()> {
        let Some(id) = invitation.organization() else { return Ok(()) };
        let (tenant, role, now) = (&invitation.tenant_id, &invitation.organization_role, self.clock.now());
        let built_in = BUILT_IN_ROLES.contains(&role.as_str());
        if !built_in && organization_roles::find(&mut *tx, tenant, id, role).await?.is_none() {
            return Err(over().into());
        }
        if members::add(&mut *tx, (tenant, id), user, role, now).await? {
            let event = Event::new(tenant, now, "organization.member_added").by(user.as_str()).on(user.as_str());
            let detail = json!({ "role": role, "invitation": invitation.id });
            organization_events::record(tx, id, event.detail(detail).from(origin)).await?;
        }
        Ok(())
    }

    /// The invitations into organizations that wait for somebody's verified address.
    ///
    /// # Errors
    /// The database failed.
    pub async fn waiting_for(&self, tenant: &TenantContext, user: &User) -> Result<Vec<Waiting>> {
        let Some(address) = user.email.as_ref().filter(|_| user.email_verified.0) else { return Ok(Vec::new()) };
        let mut waiting = Vec::new();
        for invitation in invitations::open_for(&self.db, &tenant.id, address, self.clock.now(), MOST).await? {
            let found = organizations::find(&self.db, &tenant.id, invitation.organization_id.as_str()).await?;
            let active = found.filter(|found| found.status == OrganizationStatus::Active);
            waiting.extend(active.map(|organization| Waiting { invitation, organization }));
        }
        Ok(waiting)
    }

    /// Accepts one of them.
    ///
    /// # Errors
    /// `NotFound`: none of this id waits for this person. `InvalidGrant`: it is over.
    pub async fn accept_waiting(
        &self,
        tenant: &TenantContext,
        (user, id): (&User, &str),
        origin: &Origin,
    ) -> Result<()> {
        let invitation = self.waiting(tenant, user, id).await?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        hold_place(&mut tx, tenant, &invitation).await?;
        self.accepted(&mut tx, tenant, (&invitation, &user.id), origin).await?;
        one_time::withdraw(&mut tx, &tenant.id, Kind::Invitation, id, now).await?;
        Ok(tx.commit().await?)
    }

    /// Declines one of them; it cannot be accepted after that.
    ///
    /// # Errors
    /// As there.
    pub async fn decline(&self, tenant: &TenantContext, (user, id): (&User, &str), origin: &Origin) -> Result<()> {
        let invitation = self.waiting(tenant, user, id).await?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        if !invitations::cancel(&mut tx, &tenant.id, id, now).await? {
            return Err(over().into());
        }
        one_time::withdraw(&mut tx, &tenant.id, Kind::Invitation, id, now).await?;
        let event = Event::new(&tenant.id, now, "invitation.declined").by(user.id.as_str()).on(id).from(origin);
        organization_events::record(&mut tx, &invitation.organization_id, event).await?;
        Ok(tx.commit().await?)
    }

    async fn waiting(&self, tenant: &TenantContext, user: &User, id: &str) -> Result<Invitation> {
        let all = self.waiting_for(tenant, user).await?;
        let found = all.into_iter().map(|waiting| waiting.invitation).find(|invitation| invitation.id == id);
        found.ok_or_else(|| Stop::refuse(Code::NotFound, "no such invitation waits for you"))
    }
}
