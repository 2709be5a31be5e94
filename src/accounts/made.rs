//! Accounts that somebody makes for somebody else: nobody gives away more than they have (W-063).

use serde_json::json;

use super::letters::To;
use super::links::Purpose;
use super::{Accounts, NewUser, StoredHash};
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

/// An account to be made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The person.
    pub new: NewUser,
    /// The hash of the password, as another system made it.
    pub hash: Option<StoredHash>,
    /// Whether the address gets a mail with a link, behind which the person chooses a password.
    pub invite: bool,
}

impl Giver {
    /// Refuses a role above the giver's own.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn check(&self, role: Role) -> Result<()> {
        if role.rank() <= self.highest.rank() {
            return Ok(());
        }
        Err(Stop::refuse(Code::Forbidden, "nobody gives a role above their own"))
    }
}

impl Accounts {
    /// Makes an account.
    ///
    /// # Errors
    /// `Conflict`: the address or user name is taken. `Forbidden`: the role is above the giver's own. `Unprocessable`:
    /// a password and a hash, or an invitation without an address.
    pub async fn make(&self, tenant: &TenantContext, made: Made, by: &Giver) -> Result<User> {
        let Made { new, hash: imported, invite } = made;
        by.check(new.role)?;
        if imported.is_some() && new.password.is_some() {
            return Err(Stop::refuse(Code::Unprocessable, "there is a password, or the hash of one, not both"));
        }
        let address = new.email.clone().filter(|_| invite);
        if invite && address.is_none() {
            return Err(Stop::refuse(Code::Unprocessable, "an invitation needs an e-mail address"));
        }
        let hash = self.check_new(tenant, &new).await?.or(imported.map(|hash| hash.as_str().to_owned()));
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
    pub(super) async fn welcome(
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
