//! Changes that somebody who is signed in makes: password and e-mail address. A stolen session is not enough: who has a
//! password shows it again, and guessing it there counts like guessing it at sign-in (W-015, U6).

use serde_json::json;

use super::letters::To;
use super::links::Purpose;
use super::recover::password_changed;
use super::{Accounts, policy};
use crate::base::{Code, Email, Origin, Result, Secret, Stop, UserId};
use crate::mail::Letter;
use crate::store::endings::{self, Kept};
use crate::store::one_time::{self, Kind};
use crate::store::users::{self, User};
use crate::store::{Tx, addresses, devices};
use crate::tenants::TenantContext;

impl Accounts {
    /// Whether the person has a password.
    pub async fn has_password(&self, tenant: &TenantContext, user: &UserId) -> Result<bool> {
        Ok(addresses::hash(&self.db, &tenant.id, user).await?.is_some())
    }

    /// Holds the password of somebody who is signed in against the stored one. People without a password pass with
    /// `None`; the surface has made sure that they signed in lately.
    ///
    /// # Errors
    /// `Forbidden`: it is wrong, or it is missing. `TooManyRequests`: so were too many before it.
    pub async fn confirm_password(
        &self,
        tenant: &TenantContext,
        user: &User,
        given: Option<&Secret>,
        origin: &Origin,
    ) -> Result<()> {
        let stored = addresses::hash(&self.db, &tenant.id, &user.id).await?;
        let given = match (&stored, given) {
            (None, None) => return Ok(()),
            (Some(_), None) => return Err(wrong()),
            (_, Some(given)) => given,
        };
        let mut attempt = self.limits.attempt(&tenant.id, user.name_to_show(), origin);
        attempt.is_about(Some(&user.id));
        let spent = self.may_try(tenant, (user.name_to_show(), origin), &mut attempt).await?;
        let right = self.passwords.verify(&tenant.id, given, stored.as_deref()).await? && !spent;
        if self.tried(&attempt, right).await? {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        self.record_on(&mut tx, tenant, ("user.confirmation_failed", &user.id), origin).await?;
        tx.commit().await?;
        Err(wrong())
    }

    /// Sets another password. What `kept` names goes on; every other session, every grant and every mailed link of the
    /// person ends (W-014).
    ///
    /// # Errors
    /// As [`Accounts::confirm_password`]; `Unprocessable`: the new one is not good.
    pub async fn change_password(
        &self,
        tenant: &TenantContext,
        user: &User,
        (current, new): (Option<&Secret>, &Secret),
        (kept, origin): (&Kept, &Origin),
    ) -> Result<()> {
        policy::check(&tenant.settings.passwords, new, &user.personal())?;
        self.confirm_password(tenant, user, current, origin).await?;
        if current == Some(new) {
            return Err(Stop::refuse(Code::Unprocessable, "the new password has to be another one"));
        }
        let hash = self.passwords.hash(&tenant.id, new).await?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        users::set_password(&mut tx, &tenant.id, &user.id, &hash, now).await?;
        endings::others(&mut tx, &tenant.id, &user.id, kept, now).await?;
        devices::forget_all(&mut tx, &tenant.id, &user.id).await?;
        endings::links(&mut tx, &tenant.id, &user.id, now).await?;
        self.record_on(&mut tx, tenant, ("user.password_changed", &user.id), origin).await?;
        if let Some(email) = &user.email {
            let to = To { email, user: Some(user), origin };
            self.mail(&mut tx, tenant, &to, &password_changed(tenant)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Asks a new address to confirm that it is this person's. If another account has it, its owner gets a notice
    /// instead; the answer is the same.
    ///
    /// # Errors
    /// As [`Accounts::confirm_password`]; `Unprocessable`: it is the address the account has.
    pub async fn change_email(
        &self,
        tenant: &TenantContext,
        user: &User,
        (current, email): (Option<&Secret>, &Email),
        origin: &Origin,
    ) -> Result<()> {
        if user.email.as_ref().is_some_and(|old| old.key() == email.key()) {
            return Err(Stop::refuse(Code::Unprocessable, "this is the address of the account already"));
        }
        self.confirm_password(tenant, user, current, origin).await?;
        let mut tx = self.db.begin().await?;
        let taken = addresses::held_by_email(&mut tx, &tenant.id, email).await?;
        let taken = taken.filter(|owner| owner.email_verified.0 && owner.id != user.id);
        self.record_on(&mut tx, tenant, ("user.email_change_requested", &user.id), origin).await?;
        let to = To { email, user: Some(taken.as_ref().unwrap_or(user)), origin };
        if self.has_room(&mut tx, tenant, &to).await? {
            let letter = self.confirmation(&mut tx, tenant, (user, email), taken.is_some()).await?;
            self.mail(&mut tx, tenant, &to, &letter).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The letter to a new address. For one that is taken, the link is about nobody, and its owner gets a notice.
    async fn confirmation(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        (user, email): (&User, &Email),
        taken: bool,
    ) -> Result<Letter> {
        let subject = if taken { UserId::generate() } else { user.id.clone() };
        one_time::withdraw(&mut *tx, &tenant.id, Kind::ConfirmEmail, user.id.as_str(), self.clock.now()).await?;
        let lifetime = tenant.settings.lifetimes.confirm_email;
        let data = json!({ "email": email });
        let purpose = Purpose { kind: Kind::ConfirmEmail, subject: subject.as_str(), data, lives: lifetime };
        let link = self.link(tx, tenant, purpose).await?;
        let sign_in = format!("{}/login", tenant.issuer);
        Ok(if taken { Letter::AddressTaken { sign_in } } else { Letter::ConfirmEmail { link, lifetime } })
    }
}

fn wrong() -> Stop {
    Stop::refuse(Code::Forbidden, "the current password is wrong")
}
