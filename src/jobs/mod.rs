//! Recurring work: removing what has expired, rotating signing keys, purging deleted accounts. Any number of processes may run it; a lease
//! elects the one that does.

pub mod audit;
pub mod declared;
mod job;
pub mod mail;
mod once;
pub mod payments;
pub mod tenants;
pub mod webhooks;

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::base::trace::{self, Kind, Open};
use crate::base::{Result, Seconds, Stop};
use crate::store::job_runs::{self, JobRun};
use crate::store::jobs as store;

pub use job::{Every, Job};
pub use once::{Outcome, Ran, ShownJob, list, once};

/// How often it is looked whether there is something to do.
const EVERY: Duration = Duration::from_mins(1);
/// How long a process that died keeps the others from it.
const LEASE: Seconds = Seconds(150);
/// What the process is elected for that does what is done each minute.
const HOUSEKEEPING: &str = "housekeeping";

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Whether this process had the lease.
    pub elected: bool,
    /// Rows that were removed.
    pub removed: u64,
    /// Signing keys that were rotated.
    pub rotated: u64,
    /// Deleted accounts and tenants whose time to come back was over.
    pub purged: u64,
    /// Jobs that could not be done.
    pub failed: u64,
}

/// Runs the jobs until `stop` becomes true.
#[must_use]
pub fn start(app: App, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let holder = uuid::Uuid::now_v7().to_string();
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            match round(&app, &holder).await {
                Ok(done) if done.removed + done.rotated + done.purged > 0 => {
                    let Done { removed, rotated, purged, .. } = done;
                    tracing::info!(removed, rotated, purged, "housekeeping");
                }
                Ok(_) => {}
                Err(stop) => tracing::error!(why = why(&stop), "housekeeping failed"),
            }
        }
    })
}

/// Does once what is due, if `holder` has or gets the lease. A job that fails keeps no other from being done.
pub async fn round(app: &App, holder: &str) -> Result<Done> {
    let now = app.clock.now();
    if !store::lease(&app.db, HOUSEKEEPING, holder, now, now.plus(LEASE)).await? {
        return Ok(Done::default());
    }
    app.mail.measure().await?;
    app.webhooks.measure().await?;
    let mut done = Done { elected: true, ..Done::default() };
    for job in Job::ALL.iter().copied().filter(|job| job.every() != Every::Moment) {
        if !is_turn(app, job).await? {
            continue;
        }
        match noted(app, job).await? {
            JobRun { failed: Some(_), .. } => done.failed += 1,
            JobRun { count, .. } => match job {
                Job::Keys => done.rotated += count,
                Job::Accounts | Job::Tenants => done.purged += count,
                _ => done.removed += count,
            },
        }
    }
    Ok(done)
}

/// Whether it is time for what is done more rarely than each round.
async fn is_turn(app: &App, job: Job) -> Result<bool> {
    let Some(turn) = job.every().turn() else { return Ok(true) };
    // Everybody is a new holder here, so one process has the turn once in its time.
    let (holder, now) = (uuid::Uuid::now_v7().to_string(), app.clock.now());
    Ok(store::lease(&app.db, job.name(), &holder, now, now.plus(turn)).await?)
}

/// Does a job, and notes how that ended.
async fn noted(app: &App, job: Job) -> Result<JobRun> {
    let begun = Instant::now();
    let outcome = traced(job, Box::pin(job.run(app))).await;
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let at = app.clock.now();
    let run = match outcome {
        Ok(count) => JobRun { at, count, took_ms, failed: None },
        Err(stop) => JobRun { at, count: 0, took_ms, failed: Some(why(&stop)) },
    };
    if let Some(why) = &run.failed {
        tracing::error!(job = job.name(), why, "a job failed");
    }
    job_runs::note(&app.db, job.name(), run.clone()).await?;
    Ok(run)
}

/// Does it as a trace of its own, where traces are taken.
async fn traced(job: Job, work: impl Future<Output = Result<u64>>) -> Result<u64> {
    let Some(span) = Open::begin(Kind::Internal, None) else { return work.await };
    let outcome = trace::within(span.context(), work).await;
    span.end(outcome.is_err(), || (format!("job {}", job.name()), Vec::new()));
    outcome
}

fn why(stop: &Stop) -> String {
    match stop {
        Stop::Failed(fault) => fault.chain(),
        Stop::Refused(refusal) => refusal.description.to_string(),
    }
}
