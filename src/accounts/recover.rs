//! A forgotten password: a link to the mailbox, and a new password behind it. The answer is the same whoever is asked
//! about (W-009); a reset ends everything that the old password may have opened (W-014), and proves the address.

use serde_json::json;

use super::letters::To;
use super::links::{Purpose, address_in, masked, over, user_of};
use super::{Accounts, policy};
use crate::base::{Email, Origin, Result, Secret, UserId};
use crate::mail::Letter;
use crate::store::endings;
use crate::store::one_time::{Kind, OneTime};
use crate::store::users::{self, User, UserStatus};
use crate::store::{Tx, addresses};
use crate::tenants::TenantContext;

impl Accounts {
    /// Sends a link to a new password, if there is somebody to send it to.
    pub async fn forgot_password(&self, tenant: &TenantContext, email: &Email, origin: &Origin) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let known = addresses::held_by_email(&mut tx, &tenant.id, email).await?;
        let known = known.filter(|user| user.status == UserStatus::Active);
        let subject = known.as_ref().map_or_else(UserId::generate, |user| user.id.clone());
        let address = known.as_ref().and_then(|user| user.email.as_ref()).unwrap_or(email);
        let known_id = known.as_ref().map(|user| &user.id);
        self.record_asked(&mut tx, tenant, ("user.password_reset_requested", known_id), origin).await?;
        let to = To { email: address, user: known.as_ref(), origin };
        if self.has_room(&mut tx, tenant, &to).await? {
            let letter = self.reset_letter(&mut tx, tenant, &subject, address).await?;
            self.mail_or_pretend(&mut tx, tenant, &to, &letter).await?;
        }
        Ok(tx.commit().await?)
    }

    /// A letter with a new link in it; older ones die.
    pub(super) async fn reset_letter(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        user: &UserId,
        email: &Email,
    ) -> Result<Letter> {
        let lives = tenant.settings.lifetimes.reset_password;
        let data = json!({ "email": email });
        let purpose = Purpose { kind: Kind::ResetPassword, subject: user.as_str(), data, lives };
        Ok(Letter::ResetPassword { link: self.link(tx, tenant, purpose).await?, lifetime: lives })
    }

    /// Whose password a link would set: enough of the address for its owner. Nothing happens to the link.
    pub async fn check_reset(&self, tenant: &TenantContext, token: &Secret) -> Result<String> {
        let link = self.look_at(tenant, Kind::ResetPassword, token).await?;
        let user = self.active(tenant, &user_of(&link)).await?;
        match mailed_to(&link)? {
            Some(address) => Ok(masked(&address)),
            None => Ok(format!("{}***", user.name_to_show().chars().next().unwrap_or('*'))),
        }
    }

    /// Sets a new password by a link; every session, token and other link of the person ends (W-014).
    ///
    /// # Errors
    /// `InvalidGrant`: the link is not good. `InvalidRequest`, `Unprocessable`: the password is not; the link is as
    /// good as before (W-017).
    pub async fn reset_password(
        &self,
        tenant: &TenantContext,
        token: &Secret,
        password: &Secret,
        origin: &Origin,
    ) -> Result<User> {
        super::password::check_length(password)?;
        let link = self.look_at(tenant, Kind::ResetPassword, token).await?;
        let user = self.active(tenant, &user_of(&link)).await?;
        policy::check(&tenant.settings.passwords, password, &user.personal())?;
        let hash = self.passwords.hash(&tenant.id, password).await?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let link = self.take(&mut tx, tenant, Kind::ResetPassword, token).await?;
        let email = mailed_to(&link)?;
        if let Some(email) = &email
            // A link that was mailed to an address which is not the account's any more proves nothing about it.
            && !addresses::verified(&mut tx, &tenant.id, &user.id, email, now).await?
        {
            return Err(over().into());
        }
        users::set_password(&mut tx, &tenant.id, &user.id, &hash, now).await?;
        self.end_everything(&mut tx, tenant, &user.id).await?;
        endings::links(&mut tx, &tenant.id, &user.id, now).await?;
        if email.is_some() && !user.email_verified.0 {
            self.record_on(&mut tx, tenant, ("user.verified", &user.id), origin).await?;
        }
        self.record_on(&mut tx, tenant, ("user.password_reset", &user.id), origin).await?;
        if let Some(email) = email.as_ref().or(user.email.as_ref()) {
            let to = To { email, user: Some(&user), origin };
            self.mail(&mut tx, tenant, &to, &password_changed(tenant)).await?;
        }
        tx.commit().await?;
        Ok(user)
    }
}

/// The address that the link was mailed to; absent when an administrator handed it over, which proves no address.
fn mailed_to(link: &OneTime) -> Result<Option<Email>> {
    if link.data.get("email").is_none() {
        return Ok(None);
    }
    address_in(link, "email").map(Some)
}

/// The notice that follows every change of a password.
pub(super) fn password_changed(tenant: &TenantContext) -> Letter {
    Letter::PasswordChanged { recover: format!("{}/forgot-password", tenant.issuer) }
}
