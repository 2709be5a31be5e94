//! Jobs by hand: each once and at once, for instances whose servers do none (`serve --no-jobs`), and to look what is
//! the matter.

use serde::Serialize;

use super::job::{Every, Job};
use super::{HOUSEKEEPING, LEASE, noted};
use crate::app::App;
use crate::base::{Result, Seconds, Timestamp};
use crate::store::job_runs::{self, JobRun};
use crate::store::jobs as store;

/// What has become of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is done.
    Done,
    /// Another process does it.
    Elsewhere,
    /// It could not be done.
    Failed,
}

/// A job that was to be done.
#[derive(Clone, Debug, Serialize)]
pub struct Ran {
    /// Its name.
    pub job: &'static str,
    /// What has become of it.
    pub outcome: Outcome,
    /// How much there was to do.
    pub count: u64,
    /// How long it took.
    pub took_ms: u64,
    /// Why it could not be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A job as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ShownJob {
    /// Its name.
    pub job: &'static str,
    /// How often it is done.
    pub every: &'static str,
    /// When it was done last, where that is known.
    pub last_run_at: Option<String>,
    /// How much there was to do.
    pub last_count: Option<u64>,
    /// Why it could not be done.
    pub last_failure: Option<String>,
    /// What it does.
    pub about: &'static str,
}

/// Does these jobs, one after the other. What one process is elected for is left to it while it is there.
///
/// # Errors
/// The database failed.
pub async fn once(app: &App, jobs: &[Job]) -> Result<Vec<Ran>> {
    let holder = uuid::Uuid::now_v7().to_string();
    let mut all = Vec::new();
    for job in jobs.iter().copied() {
        all.push(one(app, job, &holder).await?);
    }
    Ok(all)
}

async fn one(app: &App, job: Job, holder: &str) -> Result<Ran> {
    let lease = lease_of(job);
    let now = app.clock.now();
    if let Some(name) = lease
        && !store::lease(&app.db, name, holder, now, now.plus(LEASE)).await?
    {
        return Ok(Ran { job: job.name(), outcome: Outcome::Elsewhere, count: 0, took_ms: 0, reason: None });
    }
    let JobRun { count, took_ms, failed: reason, .. } = noted(app, job).await?;
    if let Some(name) = lease {
        // Whoever comes next need not wait for the end of it.
        store::lease(&app.db, name, holder, now, app.clock.now().minus(Seconds(1))).await?;
    }
    let outcome = if reason.is_some() { Outcome::Failed } else { Outcome::Done };
    Ok(Ran { job: job.name(), outcome, count, took_ms, reason })
}

/// Who does not do it at the same time. Mails, messages and payments are leased one by one.
const fn lease_of(job: Job) -> Option<&'static str> {
    match (job, job.every()) {
        (Job::Audit, _) => Some("audit"),
        (_, Every::Moment) => None,
        _ => Some(HOUSEKEEPING),
    }
}

/// All jobs, and when each was done last. Of those that are done at any moment only runs by hand are known.
///
/// # Errors
/// The database failed.
pub async fn list(app: &App) -> Result<Vec<ShownJob>> {
    let known = job_runs::all(&app.db).await?;
    let shown = |job: &Job| {
        let run = known.iter().find(|(name, _)| name == job.name()).map(|(_, run)| run);
        ShownJob {
            job: job.name(),
            every: job.every().as_str(),
            last_run_at: run.map(|run| Timestamp::rfc3339(run.at)),
            last_count: run.map(|run| run.count),
            last_failure: run.and_then(|run| run.failed.clone()),
            about: job.about(),
        }
    };
    Ok(Job::ALL.iter().map(shown).collect())
}
