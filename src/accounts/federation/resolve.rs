//! Who somebody from a provider is here (W-037). What finds an account is the provider and its `sub`, never an address:
//! an address that the provider vouches for may *propose* an account, which its owner then signs in to once, here.

use serde_json::json;

use super::{Federation, Returned, Upstream};
use crate::base::{Code, Email, IdentityId, Origin, Refusal, Result, Stop, UserId};
use crate::store::audit::{self, Event};
use crate::store::identities::{self, Identity};
use crate::store::providers::{Creation, IdentityProvider};
use crate::store::users::{self, Role, User, UserStatus};
use crate::store::{Flag, Json, Tx};
use crate::tenants::{TenantContext, make_room_for_stranger};

/// What becomes of somebody from a provider.
#[derive(Clone, Debug)]
pub enum Resolved {
    /// The account is linked: this person has proven who they are, by one factor.
    Known(User),
    /// An account was made and linked.
    Created(User),
    /// The person who is signed in here has linked the account there.
    Linked(User),
    /// There is an account of this address. Whoever owns it has to sign in to it here before the two are linked.
    Ask(User),
}

impl Federation {
    /// Decides it, and does what has to be done.
    ///
    /// # Errors
    /// The account there belongs to another account here, or there is none and the provider's people get none.
    pub async fn resolve(
        &self,
        tenant: &TenantContext,
        returned: &Returned,
        upstream: &Upstream,
        origin: &Origin,
    ) -> Result<Resolved> {
        let provider = &returned.provider;
        let known = self.known(tenant, provider, upstream).await?;
        match (&returned.task.link, known) {
            (Some(user), known) => self.link_to(tenant, (provider, upstream), (user, known), origin).await,
            (None, Some((identity, user))) => {
                let renamed = Identity { name: upstream.name.clone(), ..identity };
                identities::used(&self.db, &renamed, self.clock.now()).await?;
                Ok(Resolved::Known(user))
            }
            (None, None) => self.welcome(tenant, (provider, upstream), origin).await,
        }
    }

    /// Keeps a row about somebody who did not get in.
    ///
    /// # Errors
    /// The database failed.
    pub async fn record_refusal(
        &self,
        tenant: &TenantContext,
        returned: &Returned,
        refusal: &Refusal,
        origin: &Origin,
    ) -> Result<()> {
        let event = Event::new(&tenant.id, self.clock.now(), "user.login_failed").result(refusal.code.as_str());
        let subject = returned.outcome.as_ref().ok().map(|upstream| upstream.subject.as_str());
        let detail = json!({ "provider": returned.provider.slug, "subject": subject, "why": refusal.description });
        tracing::info!(provider = returned.provider.slug, hint = refusal.hint.as_deref(), "refused");
        Ok(audit::record(&self.db, event.from(origin).detail(detail)).await?)
    }

    /// The linked account. One that was deleted keeps its links until it is removed for good: nobody else gets in by
    /// them meanwhile.
    async fn known(
        &self,
        tenant: &TenantContext,
        provider: &IdentityProvider,
        upstream: &Upstream,
    ) -> Result<Option<(Identity, User)>> {
        let found = identities::by_subject(&self.db, &tenant.id, &provider.id, &upstream.subject).await?;
        let Some(identity) = found else { return Ok(None) };
        match users::by_id(&self.db, &tenant.id, &identity.user_id).await? {
            Some(user) => Ok(Some((identity, user))),
            None => Err(Stop::refuse(Code::Forbidden, "the account that this sign-in leads to was deleted")),
        }
    }

    async fn link_to(
        &self,
        tenant: &TenantContext,
        who: (&IdentityProvider, &Upstream),
        (user, known): (&UserId, Option<(Identity, User)>),
        origin: &Origin,
    ) -> Result<Resolved> {
        match known {
            Some((identity, linked)) if identity.user_id == *user => Ok(Resolved::Linked(linked)),
            Some(_) => Err(elsewhere().into()),
            None => {
                let found = users::by_id(&self.db, &tenant.id, user).await?;
                let user = found.ok_or_else(|| Stop::refuse(Code::Forbidden, "this account is gone"))?;
                let mut tx = self.db.begin().await?;
                self.link_in(&mut tx, who, &user, origin).await?;
                self.tell(&mut tx, tenant, &user, (who.0, true)).await?;
                tx.commit().await?;
                Ok(Resolved::Linked(user))
            }
        }
    }

    /// Somebody whom nobody here knows.
    async fn welcome(
        &self,
        tenant: &TenantContext,
        (provider, upstream): (&IdentityProvider, &Upstream),
        origin: &Origin,
    ) -> Result<Resolved> {
        if let Some(email) = upstream.proven_email()
            && let Some(user) = users::by_email(&self.db, &tenant.id, email.as_str()).await?
        {
            return Ok(Resolved::Ask(user));
        }
        admits(provider, upstream)?;
        let user = self.new_user(tenant, upstream);
        let mut tx = self.db.begin().await?;
        make_room_for_stranger(&mut tx, tenant, self.clock.now()).await?;
        if !users::insert(&mut tx, &user).await? {
            return Err(Stop::refuse(Code::Conflict, "an account of this address was made just now; start again"));
        }
        let event = Event::new(&tenant.id, self.clock.now(), "user.created").by(provider.id.as_str());
        audit::record(&mut tx, event.on(user.id.as_str()).from(origin)).await?;
        self.link_in(&mut tx, (provider, upstream), &user, origin).await?;
        tx.commit().await?;
        Ok(Resolved::Created(user))
    }

    /// An address that nobody vouches for is not taken: it may be somebody else's.
    fn new_user(&self, tenant: &TenantContext, upstream: &Upstream) -> User {
        let now = self.clock.now();
        let email = upstream.proven_email().cloned();
        User {
            tenant_id: tenant.id.clone(),
            id: UserId::generate(),
            email_verified: Flag(email.is_some()),
            email,
            username: None,
            status: UserStatus::Active,
            role: Role::User,
            profile: Json(upstream.profile.clone()),
            created_at: now,
            updated_at: now,
            last_login_at: None,
        }
    }

    /// Links an account there to one here, with its audit row.
    ///
    /// # Errors
    /// It is linked to another one.
    pub(super) async fn link_in(
        &self,
        tx: &mut Tx,
        (provider, upstream): (&IdentityProvider, &Upstream),
        user: &User,
        origin: &Origin,
    ) -> Result<()> {
        let now = self.clock.now();
        let identity = Identity {
            tenant_id: user.tenant_id.clone(),
            id: IdentityId::generate(),
            provider_id: provider.id.clone(),
            subject: upstream.subject.clone(),
            user_id: user.id.clone(),
            name: upstream.name.clone(),
            created_at: now,
            last_used_at: Some(now),
        };
        if !identities::insert(&mut *tx, &identity).await? {
            return Err(elsewhere().into());
        }
        let event = Event::new(&user.tenant_id, now, "identity.linked").by(user.id.as_str()).on(identity.id.as_str());
        let detail = json!({ "provider": provider.slug, "user_id": user.id });
        Ok(audit::record(tx, event.from(origin).detail(detail)).await?)
    }
}

/// Whether a stranger from this provider gets an account.
fn admits(provider: &IdentityProvider, upstream: &Upstream) -> Result<(), Refusal> {
    let refuse = |sentence: &'static str| Err(Refusal::new(Code::Forbidden, sentence));
    let settings = &provider.settings;
    let email = upstream.proven_email();
    match (settings.creation, email) {
        (Creation::Never, _) => return refuse("nobody here knows this account; ask for an invitation"),
        (Creation::Verified, None) => return refuse("the other provider does not vouch for your e-mail address"),
        (Creation::Verified, Some(_)) | (Creation::Always, _) => {}
    }
    let domains = &settings.creation_domains;
    if !domains.is_empty() && !email.is_some_and(|email| domains.contains(&domain_of(email))) {
        return refuse("accounts here are for other e-mail addresses than yours");
    }
    Ok(())
}

/// What stands behind the `@`, in lower case.
pub(super) fn domain_of(email: &Email) -> String {
    email.key().rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default()
}

fn elsewhere() -> Refusal {
    Refusal::new(Code::Conflict, "this account of the other provider belongs to another account here")
}
