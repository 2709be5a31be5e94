//! Between the way back from a provider and the sign-in here there may be pages: a second factor, or the sign-in to an
//! account that an address proposed. Until then it waits here, for this person in this browser, what is to be
//! remembered when the sign-in is done.

use serde::{Deserialize, Serialize};

use super::{Federation, Upstream};
use crate::base::{Email, Origin, ProviderId, Result, Seconds, Secret, Stop};
use crate::store::Json;
use crate::store::identities::{self, UpstreamSession};
use crate::store::one_time::{self, Kind, OneTime};
use crate::store::providers::{self, IdentityProvider};
use crate::store::sessions::Session;
use crate::store::users::{self, Profile, User};
use crate::tenants::TenantContext;

/// How long a person may take for the sign-in here.
const PATIENCE: Seconds = Seconds(900);

/// What waits, sealed: the ID token is in it.
#[derive(Serialize, Deserialize)]
struct Record {
    provider: ProviderId,
    subject: String,
    name: Option<String>,
    email: Option<Email>,
    sid: Option<String>,
    hint: Option<String>,
    link: bool,
}

impl Federation {
    /// Keeps it until `user` has signed in in this browser; with `link`, the two accounts are linked then.
    ///
    /// # Errors
    /// The database failed.
    pub async fn wait_for(
        &self,
        user: &User,
        browser: &str,
        (provider, upstream): (&IdentityProvider, &Upstream),
        link: bool,
    ) -> Result<()> {
        let now = self.clock.now();
        let record = Record {
            provider: provider.id.clone(),
            subject: upstream.subject.clone(),
            name: upstream.name.clone(),
            email: upstream.email.clone(),
            sid: upstream.sid.clone(),
            hint: upstream.hint.as_ref().map(|hint| hint.expose().to_owned()),
            link,
        };
        let waiting = OneTime {
            tenant_id: user.tenant_id.clone(),
            kind: Kind::Upstream,
            digest: Secret::generate().digest(),
            subject: user.id.to_string(),
            browser: Some(browser.to_owned()),
            data: Json(self.seal(&user.tenant_id, &record)?.into()),
            attempts: 0,
            created_at: now,
            expires_at: now.plus(PATIENCE),
            used_at: None,
        };
        Ok(one_time::insert(&self.db, &waiting).await?)
    }

    /// Does what waited for this sign-in: links what shall be linked, and remembers what the sign-in rests on. To be
    /// called whenever a person has signed in in a browser, by whatever method.
    ///
    /// # Errors
    /// The database failed.
    pub async fn signed_in(
        &self,
        tenant: &TenantContext,
        browser: &str,
        session: &Session,
        origin: &Origin,
    ) -> Result<()> {
        let now = self.clock.now();
        let user = &session.user_id;
        let all = one_time::of_subject(&self.db, &tenant.id, Kind::Upstream, user.as_str(), now).await?;
        for waiting in all.into_iter().filter(|waiting| waiting.browser.as_deref() == Some(browser)) {
            match self.do_waiting(tenant, &waiting, session, origin).await {
                // Linked to another account meanwhile, for instance: no reason not to let the person in.
                Err(Stop::Refused(refusal)) => tracing::info!(description = %refusal.description, "not linked"),
                done => done?,
            }
        }
        Ok(())
    }

    async fn do_waiting(
        &self,
        tenant: &TenantContext,
        waiting: &OneTime,
        session: &Session,
        origin: &Origin,
    ) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let taken = one_time::take(&mut tx, &tenant.id, Kind::Upstream, &waiting.digest, now).await?;
        let Some(taken) = taken else { return Ok(()) };
        let record: Record = self.open(&tenant.id, taken.data.as_str().unwrap_or_default())?;
        let provider = providers::by_id(&mut tx, &tenant.id, &record.provider).await?;
        let person = users::by_id(&mut tx, &tenant.id, &session.user_id).await?;
        if let (Some(provider), Some(person)) = (provider.filter(|provider| provider.enabled.0), person) {
            let upstream = record.upstream();
            let known = identities::by_subject(&mut tx, &tenant.id, &provider.id, &upstream.subject).await?;
            if record.link && known.is_none() {
                self.link_in(&mut tx, (&provider, &upstream), &person, origin).await?;
                self.tell(&mut tx, tenant, &person, (&provider, true)).await?;
            }
            identities::rest_on(&mut tx, &self.resting(session, record)?).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Forgets what waits for this person in this browser: "not now".
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget(&self, tenant: &TenantContext, browser: &str, user: &str) -> Result<()> {
        let now = self.clock.now();
        for waiting in one_time::of_subject(&self.db, &tenant.id, Kind::Upstream, user, now).await? {
            if waiting.browser.as_deref() == Some(browser) {
                one_time::take(&self.db, &tenant.id, Kind::Upstream, &waiting.digest, now).await?;
            }
        }
        Ok(())
    }

    fn resting(&self, session: &Session, record: Record) -> Result<UpstreamSession> {
        Ok(UpstreamSession {
            tenant_id: session.tenant_id.clone(),
            session_id: session.id.clone(),
            provider_id: record.provider,
            subject: record.subject,
            sid: record.sid,
            hint: record.hint.map(|hint| self.seal(&session.tenant_id, &hint)).transpose()?,
            expires_at: session.expires_at,
        })
    }
}

impl Record {
    fn upstream(&self) -> Upstream {
        Upstream {
            subject: self.subject.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            email_verified: true,
            profile: Profile::default(),
            sid: self.sid.clone(),
            hint: None,
        }
    }
}
