//! Invitations: a place in the tenant, offered by mail; sent again, taken back. Whoever invites never sees the link
//! (W-022).

use serde_json::json;

use super::Accounts;
use super::letters::To;
use super::links::Purpose;
use super::made::Giver;
use crate::base::{Code, Email, Result, Stop};
use crate::mail::Letter;
use crate::store::Tx;
use crate::store::audit::{self, Event};
use crate::store::invitations::{self, Invitation};
use crate::store::one_time::{self, Kind};
use crate::store::users::Role;
use crate::tenants::{Counted, TenantContext, make_room};

impl Accounts {
    /// Invites an address; one that is invited already gets a new mail, and its older link dies.
    ///
    /// # Errors
    /// `Forbidden`: the role is above the giver's own.
    pub async fn invite(&self, tenant: &TenantContext, (email, role): (Email, Role), by: &Giver) -> Result<Invitation> {
        by.check(role)?;
        let now = self.clock.now();
        let new = Invitation {
            tenant_id: tenant.id.clone(),
            id: uuid::Uuid::now_v7().to_string(),
            email,
            role,
            invited_by: by.actor.id.clone(),
            created_at: now,
            sent_at: now,
            expires_at: now.plus(tenant.settings.lifetimes.invitation),
            accepted_at: None,
            accepted_by: None,
            cancelled_at: None,
        };
        let mut tx = self.db.begin().await?;
        if !invitations::is_open(&mut tx, &tenant.id, &new.email, now).await? {
            make_room(&mut tx, tenant, Counted::Users, now).await?;
        }
        let invitation = invitations::offer(&mut tx, &new).await?;
        self.send_invitation(&mut tx, tenant, &invitation, by).await?;
        self.record_invitation(&mut tx, tenant, "invitation.sent", &invitation, by).await?;
        tx.commit().await?;
        Ok(invitation)
    }

    /// Sends an open or expired invitation again; the older link dies.
    ///
    /// # Errors
    /// `NotFound`; `Conflict`: it was accepted or cancelled. `Forbidden`: its role is above the giver's own.
    pub async fn resend_invitation(&self, tenant: &TenantContext, id: &str, by: &Giver) -> Result<Invitation> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let found = invitations::by_id(&mut tx, &tenant.id, id).await?.ok_or_else(none)?;
        by.check(found.role)?;
        if found.expires_at <= now {
            make_room(&mut tx, tenant, Counted::Users, now).await?;
        }
        let until = now.plus(tenant.settings.lifetimes.invitation);
        if !invitations::sent(&mut tx, &tenant.id, id, now, until).await? {
            return Err(ended());
        }
        let invitation = Invitation { sent_at: now, expires_at: until, ..found };
        self.send_invitation(&mut tx, tenant, &invitation, by).await?;
        self.record_invitation(&mut tx, tenant, "invitation.sent", &invitation, by).await?;
        tx.commit().await?;
        Ok(invitation)
    }

    /// Takes an invitation back, with its link.
    ///
    /// # Errors
    /// `NotFound`; `Conflict`: it was accepted or cancelled before.
    pub async fn cancel_invitation(&self, tenant: &TenantContext, id: &str, by: &Giver) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let found = invitations::by_id(&mut tx, &tenant.id, id).await?.ok_or_else(none)?;
        if !invitations::cancel(&mut tx, &tenant.id, id, now).await? {
            return Err(ended());
        }
        one_time::withdraw(&mut tx, &tenant.id, Kind::Invitation, id, now).await?;
        self.record_invitation(&mut tx, tenant, "invitation.cancelled", &found, by).await?;
        Ok(tx.commit().await?)
    }

    /// Up to `limit` invitations after this id, oldest first.
    pub async fn invitations(&self, tenant: &TenantContext, after: &str, limit: i64) -> Result<Vec<Invitation>> {
        Ok(invitations::page(&self.db, &tenant.id, after, limit).await?)
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
        let letter = Letter::Invitation { inviter: by.name.clone(), link, lifetime: lives };
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
        let event = event.from(&by.actor.origin).detail(json!({ "role": invitation.role.as_str() }));
        Ok(audit::record(tx, event).await?)
    }
}

fn none() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such invitation")
}

fn ended() -> Stop {
    Stop::refuse(Code::Conflict, "this invitation was accepted or cancelled")
}
