//! Everything that is done again and again, by name: servers do it by themselves, `chancery jobs run-once` when told to.

use crate::app::App;
use crate::base::{Result, Seconds};
use crate::mail::Outcome;
use crate::store::jobs as store;

/// Most batches in a row of what is done in batches.
const BATCHES: usize = 20;

/// How often a job is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// As soon as there is something, in every process.
    Moment,
    /// Each minute, in the one process that is elected.
    Minute,
    /// Each hour, there.
    Hour,
    /// Each week, there.
    Week,
}

impl Every {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Moment => "moment",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Week => "week",
        }
    }

    /// How long a turn lasts that is rarer than each round.
    pub(super) const fn turn(self) -> Option<Seconds> {
        match self {
            Self::Moment | Self::Minute => None,
            Self::Hour => Some(Seconds(3_600)),
            Self::Week => Some(Seconds(7 * 86_400)),
        }
    }
}

/// Declares the jobs: each with its name, how often it is done, and what it does.
macro_rules! jobs {
    ($($job:ident = $name:literal, $every:ident, $about:literal;)*) => {
        /// Recurring work.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Job {
            $(#[doc = $about] $job,)*
        }

        impl Job {
            /// All of them, in the order in which they are done.
            pub const ALL: &[Self] = &[$(Self::$job),*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$job => $name,)* }
            }

            /// How often it is done.
            #[must_use]
            pub const fn every(self) -> Every {
                match self { $(Self::$job => Every::$every,)* }
            }

            /// What it does.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$job => $about,)* }
            }
        }
    };
}

jobs! {
    Audit = "audit", Moment, "Seals the audit trail";
    Mail = "mail", Moment, "Sends the mails that are due";
    Webhooks = "webhooks", Moment, "Tells webhooks what happened";
    Payments = "payments", Moment, "Acts upon what Stripe told, and asks for what it did not tell";
    Expired = "expired", Minute, "Removes sessions, codes, tokens and counts whose time is over";
    SentMail = "sent-mail", Minute, "Removes mails that were kept long enough";
    Deliveries = "deliveries", Minute, "Removes deliveries to webhooks that were kept long enough";
    Keys = "keys", Minute, "Rotates the signing keys that are due";
    Invitations = "invitations", Minute, "Notes invitations that nobody accepted in time";
    Accounts = "accounts", Minute, "Purges deleted accounts that nobody brought back";
    Tenants = "tenants", Minute, "Ends tenants whose time is over, purges deleted ones, looks at domains again";
    Documents = "documents", Minute, "Removes documents whose time is over, and erased ones";
    Files = "files", Minute, "Looks for viruses, and removes the bytes of deleted files";
    AuditRetention = "audit-retention", Hour, "Removes what of the audit trail was kept long enough";
    StoredFiles = "stored-files", Week, "Looks through the whole store of files for what belongs to nobody";
}

impl Job {
    /// Does it once, as far as there is something to do; answers how much that was.
    ///
    /// # Errors
    /// It could not be done; what was done before stays done.
    pub async fn run(self, app: &App) -> Result<u64> {
        match self {
            Self::Audit => app.audit.seal().await,
            Self::Mail => mails(app).await,
            Self::Webhooks => webhooks(app).await,
            Self::Payments => Ok(app.payments.work().await? + app.payments.reconcile().await?),
            Self::Expired => Ok(store::purge(&app.db, app.clock.now()).await?),
            Self::SentMail => app.mail.forget().await,
            Self::Deliveries => app.webhooks.forget().await,
            Self::Documents => Ok(app.documents.tidy().await? + app.documents.forget_erased().await?),
            Self::Keys => keys(app).await,
            Self::Invitations => Ok(app.accounts.note_expired_invitations().await? as u64),
            Self::Accounts => app.accounts.purge_due().await,
            Self::Tenants => super::tenants::round(app).await,
            Self::Files => files(app).await,
            Self::AuditRetention => app.audit.retire().await,
            Self::StoredFiles => app.files.sweep_store().await,
        }
    }
}

impl std::str::FromStr for Job {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = || Self::ALL.iter().map(|job| job.name()).collect::<Vec<_>>().join(", ");
        let found = Self::ALL.iter().find(|job| job.name() == name).copied();
        found.ok_or_else(|| format!("there is no such job; there are {}", known()))
    }
}

/// Until none is due; one that fails is due later again.
async fn mails(app: &App) -> Result<u64> {
    let mut sent = 0;
    for _ in 0..BATCHES {
        let outcomes = app.mail.deliver_due().await?;
        if outcomes.is_empty() {
            break;
        }
        sent += outcomes.iter().filter(|outcome| **outcome == Outcome::Sent).count() as u64;
    }
    Ok(sent)
}

/// What is in the trail becomes messages, and those that are due leave.
async fn webhooks(app: &App) -> Result<u64> {
    while app.webhooks.fan_out().await? > 0 {}
    let mut sent = 0;
    for _ in 0..BATCHES {
        let outcomes = app.webhooks.deliver_due().await?;
        if outcomes.is_empty() {
            break;
        }
        sent += outcomes.len() as u64;
    }
    Ok(sent)
}

async fn keys(app: &App) -> Result<u64> {
    let mut rotated = 0;
    for _ in 0..BATCHES {
        let done = app.keys.rotate_due().await?;
        rotated += done.rotated;
        if !done.was_full() {
            break;
        }
    }
    Ok(rotated)
}

/// A scanner that is away keeps no deleted file.
async fn files(app: &App) -> Result<u64> {
    let scanned = app.files.scan_due().await;
    let swept = app.files.sweep().await?;
    scanned?;
    Ok(swept.blobs + swept.uploads + swept.files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_found_by_its_name_and_by_no_other() {
        for job in Job::ALL {
            assert_eq!(job.name().parse::<Job>(), Ok(*job));
            assert!(!job.about().is_empty() && !job.every().as_str().is_empty());
        }
        assert!("key".parse::<Job>().unwrap_err().contains("audit-retention"));
    }
}
