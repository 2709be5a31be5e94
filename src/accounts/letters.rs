//! How a letter of ours gets on its way: into the outbox, in the transaction of what it tells of.

use super::Accounts;
use crate::base::{Email, Origin, Result};
use crate::frame::Language;
use crate::mail::{Letter, Recipient};
use crate::store::Tx;
use crate::store::users::User;
use crate::tenants::TenantContext;

/// Whom a letter is for, and who caused it.
pub(super) struct To<'a> {
    pub(super) email: &'a Email,
    /// The person, where there is one.
    pub(super) user: Option<&'a User>,
    pub(super) origin: &'a Origin,
}

impl To<'_> {
    fn recipient(&self) -> Recipient {
        let profile = self.user.map(|user| &user.profile.0);
        let locale = profile.and_then(|profile| profile.locale.as_deref());
        let name = profile.and_then(|profile| profile.name.as_deref());
        let to = Recipient::new(self.email.clone()).speaking(locale.and_then(Language::of_tag));
        to.named(name).asked_from(self.origin)
    }
}

impl Accounts {
    /// Whether a letter that a stranger asks for would be sent now; if not, nothing older is withdrawn for it.
    pub(super) async fn has_room(&self, tx: &mut Tx, tenant: &TenantContext, to: &To<'_>) -> Result<bool> {
        self.mail.has_room(tx, tenant, &to.recipient()).await
    }

    /// Puts a letter into the outbox.
    pub(super) async fn mail(&self, tx: &mut Tx, tenant: &TenantContext, to: &To<'_>, letter: &Letter) -> Result<()> {
        self.mail.send(tx, tenant, &to.recipient(), letter).await
    }

    /// As [`Accounts::mail`], or, where there is nobody to write to, the same work for a letter that nobody gets
    /// (W-007).
    pub(super) async fn mail_or_pretend(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        to: &To<'_>,
        letter: &Letter,
    ) -> Result<()> {
        match to.user {
            Some(_) => self.mail(tx, tenant, to, letter).await,
            None => self.mail.withhold(tx, tenant, &to.recipient(), letter).await,
        }
    }
}
