//! An invitation that is accepted. The link makes a new account; for an address that has one it opens nothing by itself:
//! its owner signs in to accept (W-022).

use super::joining::hold_place;
use super::links::over;
use super::{Accounts, NewUser};
use crate::base::{Code, Origin, Result, Secret, Stop, UserId};
use crate::store::invitations::{self, Invitation};
use crate::store::one_time::Kind;
use crate::store::users::{self, Profile, User};
use crate::store::{Tx, addresses};
use crate::tenants::{Counted, TenantContext, make_room, take_turn};

/// What an invitation's link leads to.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The account that has the address, and has proven it.
    pub owner: Option<User>,
}

/// What somebody tells who accepts.
#[derive(Clone, Debug, Default)]
pub struct Acceptance {
    /// The new account's password.
    pub password: Option<Secret>,
    /// Its user name.
    pub username: Option<String>,
    /// Further claims.
    pub profile: Profile,
}

impl Accounts {
    /// What a link leads to. Nothing happens to it.
    pub async fn invited(&self, tenant: &TenantContext, token: &Secret) -> Result<Invited> {
        let link = self.look_at(tenant, Kind::Invitation, token).await?;
        let invitation = invitations::by_id(&self.db, &tenant.id, &link.subject).await?;
        let invitation = invitation.filter(Invitation::is_open).ok_or_else(over)?;
        let owner = users::by_email(&self.db, &tenant.id, invitation.email.as_str()).await?;
        Ok(Invited { invitation, owner: owner.filter(|owner| owner.email_verified.0) })
    }

    /// Accepts with a new account, which the mailbox's holder makes: it is verified from the start.
    ///
    /// # Errors
    /// `InvalidGrant`: the link is not good. `Unauthorized`: the address has an account, whose owner has to sign in.
    /// `Unprocessable`, `Conflict`: password or user name cannot be; the link is as good as before.
    pub async fn accept_as_new(
        &self,
        tenant: &TenantContext,
        token: &Secret,
        told: Acceptance,
        origin: &Origin,
    ) -> Result<User> {
        let Invited { invitation, owner } = self.invited(tenant, token).await?;
        if owner.is_some() {
            return Err(Stop::refuse(Code::Unauthorized, "this address has an account; sign in to accept"));
        }
        if invitation.organization().is_some() && !tenant.settings.organizations.newcomers {
            return Err(Stop::refuse(Code::Forbidden, "this invitation is for people who have an account"));
        }
        if told.password.is_none() {
            return Err(Stop::refuse(Code::Unprocessable, "this account needs a password"));
        }
        let new = NewUser {
            email: Some(invitation.email.clone()),
            email_verified: true,
            username: told.username,
            password: told.password,
            role: invitation.role,
            profile: told.profile,
        };
        let hash = self.check_new(tenant, &new).await?;
        let mut tx = self.db.begin().await?;
        hold_place(&mut tx, tenant, &invitation).await?;
        match invitation.organization() {
            // The invitation kept a place.
            None => take_turn(&mut tx, tenant, Counted::Users, self.clock.now()).await?,
            Some(_) => make_room(&mut tx, tenant, Counted::Users, self.clock.now()).await?,
        }
        self.take(&mut tx, tenant, Kind::Invitation, token).await?;
        addresses::give_way(&mut tx, &tenant.id, &invitation.email, &UserId::from(""), self.clock.now()).await?;
        let user = self.insert_expected(&mut tx, tenant, new, hash).await?;
        self.accepted(&mut tx, tenant, (&invitation, &user.id), origin).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Accepts as the owner of the address, who is signed in: the role is given if it is more than the one there is.
    ///
    /// # Errors
    /// `InvalidGrant`: the link is not good. `Forbidden`: it is somebody else's.
    pub async fn accept_as(
        &self,
        tenant: &TenantContext,
        token: &Secret,
        user: &User,
        origin: &Origin,
    ) -> Result<User> {
        let Invited { invitation, owner } = self.invited(tenant, token).await?;
        if owner.is_none_or(|owner| owner.id != user.id) {
            return Err(Stop::refuse(Code::Forbidden, "this invitation is for another address"));
        }
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        hold_place(&mut tx, tenant, &invitation).await?;
        self.take(&mut tx, tenant, Kind::Invitation, token).await?;
        self.accepted(&mut tx, tenant, (&invitation, &user.id), origin).await?;
        if invitation.role.rank() > user.role.rank() {
            users::set_role(&mut tx, &tenant.id, &user.id, invitation.role, now).await?;
        }
        tx.commit().await?;
        self.active(tenant, &user.id).await
    }

    pub(super) async fn accepted(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        (invitation, user): (&Invitation, &UserId),
        origin: &Origin,
    ) -> Result<()> {
        if !invitations::accept(&mut *tx, &tenant.id, &invitation.id, self.clock.now(), user).await? {
            return Err(over().into());
        }
        self.join(&mut *tx, invitation, user, origin).await?;
        self.record_on(tx, tenant, ("invitation.accepted", user), origin).await
    }
}
