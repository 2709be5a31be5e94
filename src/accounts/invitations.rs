//! Invitations: a place in the tenant, or in one of its organizations, offered by mail; sent again, taken back. Whoever
//! invites never sees the link (W-022).

use serde_json::json;

use super::Accounts;
use super::joining::Place;
use super::letters::To;
use super::links::Purpose;
use super::made::Giver;
use crate::base::{Code, Email, OrganizationId, Result, Stop};
use crate::mail::Letter;
use crate::store::audit::{self, Event};
use crate::store::invitations::{self, Invitation};
use crate::store::one_time::{self, Kind};
use crate::store::users::Role;
use crate::store::{Run, Tx, organization_events, organizations};
use crate::tenants::{Counted, TenantContext, make_room};

impl Accounts {
    /// Invites an address; one that is invited already gets a new mail, and its older link dies.
    ///
    /// # Errors
    /// `Forbidden`: the role is above the giver's own.
    pub async fn invite(&self, tenant: &TenantContext, (email, role): (Email, Role), by: &Giver) -> Result<Invitation> {
        by.check(role)?;
        let new = Invitation { role, ..self.new_invitation(tenant, email, by) };
        let mut tx = self.db.begin().await?;
        if !invitations::is_open(&mut tx, &tenant.id, &new.email, new.sent_at).await? {
            make_room(&mut tx, tenant, Counted::Users, new.sent_at).await?;
        }
        let invitation = self.offer(&mut tx, tenant, &new, by).await?;
        tx.commit().await?;
        Ok(invitation)
    }

    /// Invites an address into an organization, in which the caller has been found to be able to give the role.
    ///
    /// # Errors
    /// `NotFound`: the organization is gone by now, or suspended. `Conflict`: the caller is something else there by now.
    pub async fn invite_into(
        &self,
        tenant: &TenantContext,
        (email, place): (Email, &Place),
        by: &Giver,
    ) -> Result<Invitation> {
        let mut tx = self.db.begin().await?;
        place.hold(&mut tx, tenant, by).await?;
        let new = Invitation {
            organization_id: place.organization.clone(),
            organization_role: place.role.clone(),
            ..self.new_invitation(tenant, email, by)
        };
        let invitation = self.offer(&mut tx, tenant, &new, by).await?;
        tx.commit().await?;
        Ok(invitation)
    }

    fn new_invitation(&self, tenant: &TenantContext, email: Email, by: &Giver) -> Invitation {
        let now = self.clock.now();
        Invitation {
            tenant_id: tenant.id.clone(),
            id: uuid::Uuid::now_v7().to_string(),
            email,
            role: Role::User,
            invited_by: by.actor.id.clone(),
            created_at: now,
            sent_at: now,
            expires_at: now.plus(tenant.settings.lifetimes.invitation),
            accepted_at: None,
            accepted_by: None,
            cancelled_at: None,
            organization_id: OrganizationId::from(""),
            organization_role: String::new(),
        }
    }

    async fn offer(&self, tx: &mut Tx, tenant: &TenantContext, new: &Invitation, by: &Giver) -> Result<Invitation> {
        let invitation = invitations::offer(&mut *tx, new).await?;
        self.send_invitation(tx, tenant, &invitation, by).await?;
        let again = invitation.id != new.id;
        let action = if again { "invitation.resent" } else { "invitation.created" };
        self.record_invitation(tx, tenant, action, &invitation, by).await?;
        Ok(invitation)
    }

    /// Sends an open or expired invitation into this place again; the older link dies.
    ///
    /// # Errors
    /// `NotFound`; `Conflict`: it was accepted or cancelled. `Forbidden`: its role is above the giver's own.
    pub async fn resend_invitation(
        &self,
        tenant: &TenantContext,
        (place, id): (Option<&OrganizationId>, &str),
        by: &Giver,
    ) -> Result<Invitation> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let found = one_of(&mut tx, tenant, place, id).await?;
        by.check(found.role)?;
        if found.expires_at <= now && place.is_none() {
            make_room(&mut tx, tenant, Counted::Users, now).await?;
        }
        let until = now.plus(tenant.settings.lifetimes.invitation);
        if !invitations::sent(&mut tx, &tenant.id, id, now, until).await? {
            return Err(ended());
        }
        let invitation = Invitation { sent_at: now, expires_at: until, ..found };
        self.send_invitation(&mut tx, tenant, &invitation, by).await?;
        self.record_invitation(&mut tx, tenant, "invitation.resent", &invitation, by).await?;
        tx.commit().await?;
        Ok(invitation)
    }

    /// Takes an invitation into this place back, with its link.
    ///
    /// # Errors
    /// `NotFound`; `Conflict`: it was accepted or cancelled before.
    pub async fn cancel_invitation(
        &self,
        tenant: &TenantContext,
        (place, id): (Option<&OrganizationId>, &str),
        by: &Giver,
    ) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let found = one_of(&mut tx, tenant, place, id).await?;
        if !invitations::cancel(&mut tx, &tenant.id, id, now).await? {
            return Err(ended());
        }
        one_time::withdraw(&mut tx, &tenant.id, Kind::Invitation, id, now).await?;
        self.record_invitation(&mut tx, tenant, "invitation.cancelled", &found, by).await?;
        Ok(tx.commit().await?)
    }

    /// Up to `limit` invitations after this id, oldest first: into an organization, or into the tenant alone.
    pub async fn invitations(
        &self,
        tenant: &TenantContext,
        place: Option<&OrganizationId>,
        after: (&str, i64),
    ) -> Result<Vec<Invitation>> {
        Ok(invitations::page(&self.db, &tenant.id, place, after).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn invitation(
        &self,
        tenant: &TenantContext,
        (place, id): (Option<&OrganizationId>, &str),
    ) -> Result<Invitation> {
        one_of(&self.db, tenant, place, id).await
    }

    async fn send_invitation(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        invitation: &Invitation,
        by: &Giver,
    ) -> Result<()> {
        let lives = tenant.settings.lifetimes.invitation;
        let purpose = Purpose { kind: Kind::Invitation, subject: &invitation.id, data: json!({}), lives };
        let link = self.link(&mut *tx, tenant, purpose).await?;
        let inviter = by.name.clone();
        let organization = match invitation.organization() {
            Some(id) => organizations::find(&mut *tx, &tenant.id, id.as_str()).await?,
            None => None,
        };
        let letter = match organization.map(|organization| organization.name) {
            Some(organization) => Letter::OrganizationInvitation { inviter, organization, link, lifetime: lives },
            None => Letter::Invitation { inviter, link, lifetime: lives },
        };
        let to = To { email: &invitation.email, user: None, origin: &by.actor.origin };
        self.mail(tx, tenant, &to, &letter).await
    }

    async fn record_invitation(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        action: &str,
        invitation: &Invitation,
        by: &Giver,
    ) -> Result<()> {
        let event = Event::new(&tenant.id, self.clock.now(), action).by(&by.actor.id).on(&invitation.id);
        let event = event.from(&by.actor.origin);
        match invitation.organization() {
            Some(id) => {
                let event = event.detail(json!({ "role": invitation.organization_role }));
                Ok(organization_events::record(tx, id, event).await?)
            }
            None => Ok(audit::record(tx, event.detail(json!({ "role": invitation.role.as_str() }))).await?),
        }
    }
}

/// The invitation of this id, if it is into this place.
async fn one_of(run: impl Run, tenant: &TenantContext, place: Option<&OrganizationId>, id: &str) -> Result<Invitation> {
    let found = invitations::by_id(run, &tenant.id, id).await?;
    found.filter(|found| found.organization() == place).ok_or_else(none)
}

fn none() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such invitation")
}

fn ended() -> Stop {
    Stop::refuse(Code::Conflict, "this invitation was accepted or cancelled")
}
