//! Accounts that somebody makes for somebody else: nobody gives away more than they have (W-063).

use serde_json::json;

use super::letters::To;
use super::links::Purpose;
use super::{Accounts, NewUser};
use crate::base::{Actor, Code, Email, Result, Stop, UserId};
use crate::mail::Letter;
use crate::store::Tx;
use crate::store::one_time::Kind;
use crate::store::users::{Role, User};
use crate::tenants::TenantContext;

/// Who makes an account or invites, and the highest role they may give.
#[derive(Clone, Debug)]
pub struct Giver {
    /// Who it is.
    pub actor: Actor,
    /// A person's own role; for programs what their scope says.
    pub highest: Role,
    /// What a mail says about who invites.
    pub name: Option<String>,
}

impl Giver {
    /// Refuses a role above the giver's own.
    ///
    /// # Errors
    /// `Forbidden`.
    pub(super) fn check(&self, role: Role) -> Result<()> {
        if role.rank() <= self.highest.rank() {
            return Ok(());
        }
        Err(Stop::refuse(Code::Forbidden, "nobody gives a role above their own"))
    }
}

impl Accounts {
    /// Makes an account; with `invite` its address gets a mail with a link, behind which the person chooses a password.
    ///
    /// # Errors
    /// `Conflict`: the address or user name is taken. `Forbidden`: the role is above the giver's own.
    pub async fn make(&self, tenant: &TenantContext, new: NewUser, invite: bool, by: &Giver) -> Result<User> {
        by.check(new.role)?;
        let address = new.email.clone().filter(|_| invite);
        if invite && address.is_none() {
            return Err(Stop::refuse(Code::Unprocessable, "an invitation needs an e-mail address"));
        }
        let hash = self.check_new(tenant, &new).await?;
        let mut tx = self.db.begin().await?;
        let user = self.insert_new(&mut tx, tenant, new, hash).await?;
        self.record(&mut tx, tenant, "user.created", &user.id, &by.actor).await?;
        if let Some(address) = &address {
            let letter = self.welcome(&mut tx, tenant, (&user.id, address), by).await?;
            let to = To { email: address, user: Some(&user), origin: &by.actor.origin };
            self.mail(&mut tx, tenant, &to, &letter).await?;
        }
        tx.commit().await?;
        Ok(user)
    }

    /// The letter to somebody whose account was made by somebody else.
    async fn welcome(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        (user, email): (&UserId, &Email),
        by: &Giver,
    ) -> Result<Letter> {
        let lives = tenant.settings.lifetimes.invitation;
        let data = json!({ "email": email });
        let purpose = Purpose { kind: Kind::VerifyEmail, subject: user.as_str(), data, lives };
        Ok(Letter::Invitation {
            inviter: by.name.clone(),
            link: self.link(tx, tenant, purpose).await?,
            lifetime: lives,
        })
    }
}
