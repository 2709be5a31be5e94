//! Proof of an address: the link of the mail is opened and its button pressed (W-020). What was signed up for without
//! a password gets one here.

use serde_json::{Value, json};

use super::letters::To;
use super::links::{Purpose, address_in, masked, over, user_of};
use super::{Accounts, nobody, policy};
use crate::base::{Actor, Code, Email, Origin, Result, Secret, Stop, UserId};
use crate::mail::Letter;
use crate::store::one_time::{self as links, Kind, OneTime};
use crate::store::users::{self, User, UserStatus};
use crate::store::{Tx, addresses};
use crate::tenants::{TenantContext, place};

/// What a link of a mail would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Enough of the address for its owner.
    pub email_masked: String,
    /// Whether the account still needs a password.
    pub password_required: bool,
}

/// An address that was just proven.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Whose.
    pub user: User,
    /// Where to go from here.
    pub redirect_url: Option<String>,
    /// The user name that was asked for belongs to somebody else.
    pub username_taken: bool,
}

impl Accounts {
    /// What a verification link would do. Nothing happens to it.
    pub async fn check_verification(&self, tenant: &TenantContext, token: &Secret) -> Result<Checked> {
        let link = self.look_at(tenant, Kind::VerifyEmail, token).await?;
        let user = self.active(tenant, &user_of(&link)).await?;
        let password = addresses::hash(&self.db, &tenant.id, &user.id).await?;
        Ok(Checked { email_masked: masked(&address_in(&link, "email")?), password_required: password.is_none() })
    }

    /// Uses a verification link: the address is proven, and the password set where one was missing.
    ///
    /// # Errors
    /// `InvalidGrant`: the link is not good. `Unprocessable`: there has to be another password, or none; the link is
    /// as good as before.
    pub async fn verify_email(
        &self,
        tenant: &TenantContext,
        token: &Secret,
        password: Option<&Secret>,
        origin: &Origin,
    ) -> Result<Verified> {
        let link = self.look_at(tenant, Kind::VerifyEmail, token).await?;
        let mut user = self.active(tenant, &user_of(&link)).await?;
        let stored = addresses::hash(&self.db, &tenant.id, &user.id).await?;
        let hash = match (stored, password) {
            (Some(_), Some(_)) => return Err(Stop::refuse(Code::Unprocessable, "this account has a password")),
            (None, None) => return Err(Stop::refuse(Code::Unprocessable, "this account needs a password")),
            (Some(_), None) => None,
            (None, Some(password)) => {
                policy::check(&tenant.settings.passwords, password, &user.personal())?;
                Some(self.passwords.hash(&tenant.id, password).await?)
            }
        };
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let link = self.take(&mut tx, tenant, Kind::VerifyEmail, token).await?;
        if !addresses::verified(&mut tx, &tenant.id, &user.id, &address_in(&link, "email")?, now).await? {
            return Err(over().into());
        }
        if let Some(hash) = hash {
            users::set_password(&mut tx, &tenant.id, &user.id, &hash, now).await?;
        }
        self.record_on(&mut tx, tenant, ("user.verified", &user.id), origin).await?;
        tx.commit().await?;
        (user.email_verified.0, user.updated_at) = (true, now);
        let username_taken = link.data.get("username_taken").and_then(Value::as_bool).unwrap_or_default();
        Ok(Verified { user, redirect_url: after_verification(tenant, &link), username_taken })
    }

    /// Sends a new verification link to an address that waits for one; whoever asks learns nothing.
    pub async fn resend_verification(&self, tenant: &TenantContext, email: &Email, origin: &Origin) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let known = addresses::held_by_email(&mut tx, &tenant.id, email).await?;
        let waiting = known.filter(|user| user.status == UserStatus::Active && !user.email_verified.0);
        let subject = waiting.as_ref().map_or_else(UserId::generate, |user| user.id.clone());
        let known = waiting.as_ref().map(|user| &user.id);
        self.record_asked(&mut tx, tenant, ("user.verification_resent", known), origin).await?;
        let to = To { email, user: waiting.as_ref(), origin };
        if self.has_room(&mut tx, tenant, &to).await? {
            let link = self.verification_link(&mut tx, tenant, &subject, email).await?;
            let lifetime = tenant.settings.lifetimes.verify_email;
            self.mail_or_pretend(&mut tx, tenant, &to, &Letter::VerifyEmail { link, lifetime }).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The same for an administrator, who may know what there is.
    ///
    /// # Errors
    /// `NotFound`: nobody of this id. `Conflict`: there is nothing to verify.
    pub async fn resend_verification_of(&self, tenant: &TenantContext, user: &UserId, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let user = users::by_id(&mut tx, &tenant.id, user).await?.ok_or_else(nobody)?;
        let address = user.email.clone().filter(|_| !user.email_verified.0);
        let address = address.ok_or_else(|| Stop::refuse(Code::Conflict, "there is no address to be verified"))?;
        let link = self.verification_link(&mut tx, tenant, &user.id, &address).await?;
        self.record(&mut tx, tenant, "user.verification_resent", &user.id, by).await?;
        let lives = tenant.settings.lifetimes.verify_email;
        let to = To { email: &address, user: Some(&user), origin: &by.origin };
        self.mail(&mut tx, tenant, &to, &Letter::VerifyEmail { link, lifetime: lives }).await?;
        Ok(tx.commit().await?)
    }

    /// A new link that remembers what the one before it did.
    async fn verification_link(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        user: &UserId,
        email: &Email,
    ) -> Result<String> {
        let now = self.clock.now();
        let before = links::of_subject(&mut *tx, &tenant.id, Kind::VerifyEmail, user.as_str(), now).await?;
        let mut data = before.into_iter().next().map_or_else(|| json!({}), |link| link.data.0);
        data["email"] = json!(email);
        let lives = tenant.settings.lifetimes.verify_email;
        self.link(tx, tenant, Purpose { kind: Kind::VerifyEmail, subject: user.as_str(), data, lives }).await
    }

    /// The person a link is about, as long as they may act.
    pub(super) async fn active(&self, tenant: &TenantContext, id: &UserId) -> Result<User> {
        let user = users::by_id(&self.db, &tenant.id, id).await?;
        Ok(user.filter(|user| user.status == UserStatus::Active).ok_or_else(over)?)
    }
}

/// Where a verified person goes: what the sign-up asked for, else what the tenant set, else its front end.
fn after_verification(tenant: &TenantContext, link: &OneTime) -> Option<String> {
    let settings = &tenant.settings;
    let asked = link.data.get("redirect").and_then(Value::as_str);
    let places = [asked, settings.verification_redirect_url.as_deref(), settings.frontend_url.as_deref()];
    places.into_iter().flatten().find_map(|url| place(settings, url))
}
