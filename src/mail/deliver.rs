//! Sending what waits: under a lease, so that of many processes one sends a mail and another does if that one dies;
//! again after longer and longer waits; and then given up, to be looked at by somebody.

use std::time::Duration;

use tokio::task::JoinSet;

use super::sender::{Route, Secrets, Sender};
use super::{Mail, http, message};
use crate::base::{Fault, Result, Seconds, Secret, TenantId, Timestamp};
use crate::keys::Purpose;
use crate::store::mails::{Mail as Row, MailState};
use crate::store::outbox::{self, BUSY, Claim};
use crate::store::tenants::{MailSettings, Tenant};
use crate::store::{mail_secrets, tenants};

/// Mails on the way at once, and of one tenant.
pub(super) const SLOTS: i64 = 16;
pub(super) const PER_TENANT: i64 = 4;
/// How much longer than an attempt the lease on a mail is.
const LEASE_MORE: i64 = 10;
/// The longest wait between two attempts.
const LONGEST_WAIT: i64 = 3_600;
/// Longest reason that is kept.
const REASON_MOST: usize = 500;

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Undelivered {
    /// Whether trying again is of no use.
    pub(super) for_good: bool,
    pub(super) why: String,
}

impl Undelivered {
    pub(super) fn for_now(why: impl Into<String>) -> Self {
        Self { for_good: false, why: why.into() }
    }

    pub(super) fn for_good(why: impl Into<String>) -> Self {
        Self { for_good: true, why: why.into() }
    }
}

/// What has become of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is sent.
    Sent,
    /// It is tried again later.
    Waits,
    /// It is given up.
    Dead,
}

impl Mail {
    /// Takes up mails that are due, of none of these tenants.
    pub(super) async fn claim(&self, most: i64, busy: [Option<TenantId>; BUSY]) -> Result<Vec<Row>> {
        let now = self.clock.now();
        let lease = Seconds(i64::try_from(self.settings.timeout).unwrap_or(30).saturating_add(LEASE_MORE));
        let claim = Claim { now, until: now.plus(lease), most, most_of_one: PER_TENANT, busy };
        Ok(outbox::claim(&self.db, claim).await?)
    }

    /// Sends once what is due, and answers what became of each. For commands and tests; servers have [`super::Courier`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn deliver_due(&self) -> Result<Vec<Outcome>> {
        let mut sending = JoinSet::new();
        for mail in self.claim(SLOTS, [const { None }; BUSY]).await? {
            let service = self.clone();
            sending.spawn(async move { service.attempt(&mail).await });
        }
        sending.join_all().await.into_iter().collect()
    }

    /// Sends one mail that was taken up, and notes what became of it.
    pub(super) async fn attempt(&self, mail: &Row) -> Result<Outcome> {
        let limit = Duration::from_secs(self.settings.timeout.max(1));
        let handed_over = tokio::time::timeout(limit, self.hand_over(mail)).await;
        let late = |_| Err(Undelivered::for_now("the mail server did not answer in time"));
        let outcome = match handed_over.unwrap_or_else(late) {
            Ok(()) => {
                // On a developer's machine the mailbox shows it for ever.
                let kept = if self.dev { mail.content.as_str() } else { "" };
                outbox::sent(&self.db, mail, self.clock.now(), kept).await?;
                Outcome::Sent
            }
            Err(undelivered) => self.note(mail, &undelivered).await?,
        };
        let name = match outcome {
            Outcome::Sent => "sent",
            Outcome::Waits => "failed",
            Outcome::Dead => "dead",
        };
        metrics::counter!("chancery_mails_total", "outcome" => name).increment(1);
        Ok(outcome)
    }

    /// Whether the operator's own mail server takes mail from us: connects, greets it, starts TLS, proves who we are,
    /// and sends nothing.
    ///
    /// # Errors
    /// Why not.
    pub async fn greet(&self) -> Result<(), String> {
        let sender = Sender::of(&self.settings, &MailSettings::default(), &Secrets::new());
        let (Some(ways), Route::Smtp(server)) = (&self.ways, sender.route) else {
            return Err("mail does not leave by SMTP".to_owned());
        };
        if sender.address.is_empty() {
            return Err("no sender is configured (mail.from_address)".to_owned());
        }
        let limit = Duration::from_secs(self.settings.timeout.max(1));
        let greeted = tokio::time::timeout(limit, ways.servers.greet(&server)).await;
        greeted
            .map_or_else(|_| Err("the mail server did not answer in time".to_owned()), |told| told.map_err(|no| no.why))
    }

    async fn note(&self, mail: &Row, undelivered: &Undelivered) -> Result<Outcome> {
        let why: String =
            undelivered.why.chars().map(|c| if c.is_control() { ' ' } else { c }).take(REASON_MOST).collect();
        let over = undelivered.for_good || mail.attempts >= self.settings.attempts;
        let (state, outcome) =
            if over { (MailState::Dead, Outcome::Dead) } else { (MailState::Waiting, Outcome::Waits) };
        tracing::warn!(
            mail = mail.id,
            kind = mail.kind,
            attempts = mail.attempts,
            given_up = over,
            why,
            "a mail did not leave"
        );
        outbox::failed(&self.db, mail, (state, self.next_try(mail)), &why).await?;
        Ok(outcome)
    }

    /// Twice as long after each attempt.
    fn next_try(&self, mail: &Row) -> Timestamp {
        let doubled = 1_i64 << (mail.attempts - 1).clamp(0, 20);
        let wait = self.settings.retry_after.saturating_mul(doubled).min(LONGEST_WAIT);
        self.clock.now().plus(Seconds(wait))
    }

    async fn hand_over(&self, mail: &Row) -> Result<(), Undelivered> {
        let (tenant, sender) = self.sender(mail).await?;
        if matches!(sender.route, Route::Nowhere) {
            return if self.dev { Ok(()) } else { Err(Undelivered::for_now("no way for mail to leave is configured")) };
        }
        let ways = self.ways.as_ref().ok_or_else(|| Undelivered::for_now("mail does not leave from here"))?;
        let content = self.read(mail).map_err(|fault| Undelivered::for_now(fault.chain()))?;
        let content = content.ok_or_else(|| Undelivered::for_good("nothing is left of it".to_owned()))?;
        if sender.address.is_empty() {
            return Err(Undelivered::for_now("no sender is configured (mail.from_address)"));
        }
        match &sender.route {
            Route::Nowhere => Ok(()),
            Route::Smtp(server) => {
                ways.servers.send(server, message::message(&sender, &tenant.name, mail, &content)?).await
            }
            Route::Http(api) => http::send(&ways.outbound, api, (&sender, &tenant.name), (mail, &content)).await,
        }
    }

    async fn sender(&self, mail: &Row) -> Result<(Tenant, Sender), Undelivered> {
        let unreadable = |error: Fault| Undelivered::for_now(error.chain());
        let tenant = tenants::by_id(&self.db, &mail.tenant_id).await.map_err(|error| unreadable(error.into()))?;
        let tenant = tenant.ok_or_else(|| Undelivered::for_good("its tenant is gone".to_owned()))?;
        let secrets = self.secrets(&tenant.id).await.map_err(unreadable)?;
        let sender = Sender::of(&self.settings, &tenant.settings.mail, &secrets);
        Ok((tenant, sender))
    }

    /// The tenant's own secrets, opened.
    ///
    /// # Errors
    /// The database failed, or the keys do not open one.
    pub async fn secrets(&self, tenant: &TenantId) -> Result<Secrets, Fault> {
        let mut opened = Secrets::new();
        for (name, sealed) in mail_secrets::of_tenant(&self.db, tenant).await? {
            let bytes = self.keys.open(Purpose::UpstreamSecret, tenant, &sealed)?;
            opened.insert(name, Secret::new(String::from_utf8_lossy(&bytes).into_owned()));
        }
        Ok(opened)
    }

    /// Removes mails that have been over for long enough.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget(&self) -> Result<u64> {
        let days = Seconds(self.settings.keep_days.max(1).saturating_mul(86_400));
        Ok(outbox::forget(&self.db, self.clock.now().minus(days)).await?)
    }

    /// Tells the figures how many mails are in each state.
    ///
    /// # Errors
    /// The database failed.
    pub async fn measure(&self) -> Result<()> {
        let states = outbox::states(&self.db).await?;
        for state in [MailState::Waiting, MailState::Sent, MailState::Dead] {
            let count = states.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count);
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            metrics::gauge!("chancery_mails", "state" => state.as_str()).set(f64::from(count));
        }
        Ok(())
    }

    /// Ends when a letter was written here, or after a while.
    pub(super) async fn something_written(&self) {
        /// Letters of other processes are found this late.
        const LOOK_EVERY: Duration = Duration::from_secs(1);
        /// The transaction that wrote it needs this long to commit.
        const COMMIT: Duration = Duration::from_millis(50);
        if tokio::time::timeout(LOOK_EVERY, self.written.notified()).await.is_ok() {
            tokio::time::sleep(COMMIT).await;
        }
    }
}
