//! What the links of a changed address do: the one in the mail to the new address makes the change, the one in the
//! notice to the old address takes it back (W-016).

use serde_json::{Value, json};

use super::Accounts;
use super::letters::To;
use super::links::{Purpose, address_in, masked, user_of};
use crate::base::{Code, Email, Origin, Result, Secret, Stop};
use crate::mail::Letter;
use crate::store::audit::{self, Event};
use crate::store::one_time::{self, Kind, OneTime};
use crate::store::users::User;
use crate::store::{Tx, addresses, endings};
use crate::tenants::TenantContext;

impl Accounts {
    /// The address that a link would make the account's. Nothing happens to the link.
    pub async fn check_email_link(&self, tenant: &TenantContext, kind: Kind, token: &Secret) -> Result<String> {
        let link = self.look_at(tenant, kind, token).await?;
        self.active(tenant, &user_of(&link)).await?;
        Ok(masked(&address_in(&link, "email")?))
    }

    /// Makes the new address the account's.
    ///
    /// # Errors
    /// `InvalidGrant`: the link is not good. `Conflict`: another account has proven the address meanwhile; the link is
    /// as good as before.
    pub async fn confirm_email(&self, tenant: &TenantContext, token: &Secret, origin: &Origin) -> Result<User> {
        let link = self.look_at(tenant, Kind::ConfirmEmail, token).await?;
        let user = self.active(tenant, &user_of(&link)).await?;
        let email = address_in(&link, "email")?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        self.take(&mut tx, tenant, Kind::ConfirmEmail, token).await?;
        self.move_to(&mut tx, tenant, &user, &email).await?;
        endings::links(&mut tx, &tenant.id, &user.id, now).await?;
        self.record_on(&mut tx, tenant, ("user.email_changed", &user.id), origin).await?;
        if let Some(old) = &user.email {
            let letter = self.undo_letter(&mut tx, tenant, (&user, old), &email).await?;
            self.mail(&mut tx, tenant, &To { email: old, user: Some(&user), origin }, &letter).await?;
        }
        tx.commit().await?;
        self.active(tenant, &user.id).await
    }

    /// Gives the account its old address back. Whoever changed it may know the password and be signed in: all of that
    /// ends, and a link to a new password goes to the restored address.
    ///
    /// # Errors
    /// As [`Accounts::confirm_email`].
    pub async fn undo_email(&self, tenant: &TenantContext, token: &Secret, origin: &Origin) -> Result<User> {
        let link = self.look_at(tenant, Kind::UndoEmail, token).await?;
        let user = self.active(tenant, &user_of(&link)).await?;
        let email = address_in(&link, "email")?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let link = self.take(&mut tx, tenant, Kind::UndoEmail, token).await?;
        self.move_to(&mut tx, tenant, &user, &email).await?;
        self.withdraw_later(&mut tx, tenant, &link).await?;
        addresses::forget_password(&mut tx, &tenant.id, &user.id).await?;
        self.end_everything(&mut tx, tenant, &user.id).await?;
        endings::links(&mut tx, &tenant.id, &user.id, now).await?;
        let event = Event::new(&tenant.id, now, "user.email_changed").by(user.id.as_str()).on(user.id.as_str());
        audit::record(&mut tx, event.from(origin).detail(json!({ "undone": true }))).await?;
        let letter = self.reset_letter(&mut tx, tenant, &user.id, &email).await?;
        self.mail(&mut tx, tenant, &To { email: &email, user: Some(&user), origin }, &letter).await?;
        tx.commit().await?;
        self.active(tenant, &user.id).await
    }

    /// Somebody holds a link that only this mailbox got: an account that never proved the address gives way.
    async fn move_to(&self, tx: &mut Tx, tenant: &TenantContext, user: &User, email: &Email) -> Result<()> {
        let now = self.clock.now();
        addresses::give_way(&mut *tx, &tenant.id, email, &user.id, now).await?;
        if addresses::change(tx, &tenant.id, &user.id, (email, true), now).await? {
            return Ok(());
        }
        Err(Stop::refuse(Code::Conflict, "another account has this address"))
    }

    /// The notice to the old address. `depth` counts the changes that can still be undone, so that undoing one takes
    /// the later ones along, and never an earlier one.
    async fn undo_letter(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        (user, old): (&User, &Email),
        new: &Email,
    ) -> Result<Letter> {
        let now = self.clock.now();
        let before = one_time::of_subject(&mut *tx, &tenant.id, Kind::UndoEmail, user.id.as_str(), now).await?;
        let depth = before.iter().map(depth_of).max().map_or(0, |deepest| deepest + 1);
        let lives = tenant.settings.lifetimes.undo_email;
        let data = json!({ "email": old, "depth": depth });
        let purpose = Purpose { kind: Kind::UndoEmail, subject: user.id.as_str(), data, lives };
        let undo = self.link(tx, tenant, purpose).await?;
        Ok(Letter::EmailChanged { new_email: masked(new), undo, lifetime: lives })
    }

    async fn withdraw_later(&self, tx: &mut Tx, tenant: &TenantContext, used: &OneTime) -> Result<()> {
        let now = self.clock.now();
        let all = one_time::of_subject(&mut *tx, &tenant.id, Kind::UndoEmail, &used.subject, now).await?;
        for later in all.iter().filter(|link| depth_of(link) > depth_of(used)) {
            one_time::take(&mut *tx, &tenant.id, Kind::UndoEmail, &later.digest, now).await?;
        }
        Ok(())
    }
}

fn depth_of(link: &OneTime) -> i64 {
    link.data.get("depth").and_then(Value::as_i64).unwrap_or_default()
}
