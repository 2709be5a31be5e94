//! The links of a person's account to accounts at providers, as the person manages them.

use serde_json::json;

use super::Federation;
use crate::base::{Actor, Code, IdentityId, Result, SessionId, Stop};
use crate::mail::{Letter, Recipient};
use crate::store::audit::{self, Event};
use crate::store::identities::{self as store, Identity};
use crate::store::providers::{self, IdentityProvider};
use crate::store::users::{self, User};
use crate::store::{Tx, factors};
use crate::tenants::TenantContext;

impl Federation {
    /// A person's links with their providers, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn identities(&self, user: &User) -> Result<Vec<(Identity, IdentityProvider)>> {
        let known = providers::all(&self.db, &user.tenant_id).await?;
        let links = store::of_user(&self.db, &user.tenant_id, &user.id).await?;
        let with_provider = |link: Identity| {
            let provider = known.iter().find(|provider| provider.id == link.provider_id)?.clone();
            Some((link, provider))
        };
        Ok(links.into_iter().filter_map(with_provider).collect())
    }

    /// Removes a link, and answers the sign-ins that rest on it, which should end.
    ///
    /// # Errors
    /// There is no such link, or without it the person could not come in any more.
    pub async fn unlink(
        &self,
        context: &TenantContext,
        user: &User,
        id: &IdentityId,
        by: &Actor,
    ) -> Result<Vec<SessionId>> {
        let tenant = &context.id;
        let nothing = || Stop::refuse(Code::NotFound, "there is no such linked account");
        let mut tx = self.db.begin().await?;
        let links = store::of_user(&mut tx, tenant, &user.id).await?;
        let link = links.iter().find(|link| link.id == *id).ok_or_else(nothing)?.clone();
        let by_mail = user.email.is_some() && user.email_verified.0;
        let by_passkey = factors::held(&mut tx, tenant, &user.id).await?.passkeys > 0;
        let otherwise = links.len() > 1 || by_mail || by_passkey;
        if !otherwise && !users::has_password(&mut tx, tenant, &user.id).await? {
            let why = "this is the only way into the account; set a password or add an e-mail address first";
            return Err(Stop::refuse(Code::Conflict, why));
        }
        if !store::delete(&mut tx, tenant, &user.id, id).await? {
            return Err(nothing());
        }
        let resting = store::resting(&mut tx, tenant, &link.provider_id, (Some(&link.subject), None)).await?;
        let event = Event::new(tenant, self.clock.now(), "identity.unlinked").by(&by.id).on(id.as_str());
        let event = event.from(&by.origin).detail(json!({ "user_id": user.id, "provider_id": link.provider_id }));
        audit::record(&mut tx, event).await?;
        if let Some(provider) = providers::by_id(&mut tx, tenant, &link.provider_id).await? {
            self.tell(&mut tx, context, user, (&provider, false)).await?;
        }
        tx.commit().await?;
        Ok(resting.into_iter().map(|session| session.session_id).collect())
    }

    /// Tells the person by mail that a link was made or removed: whoever did not do it shall know.
    pub(super) async fn tell(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        user: &User,
        (provider, linked): (&IdentityProvider, bool),
    ) -> Result<()> {
        let Some(to) = Recipient::of(user) else { return Ok(()) };
        let (provider, account) = (provider.name.clone(), format!("{}/account", tenant.issuer));
        let letter = if linked {
            Letter::ProviderLinked { provider, account }
        } else {
            Letter::ProviderUnlinked { provider, account }
        };
        self.mail.send(tx, tenant, &to, &letter).await
    }
}
