//! Recurring work: removing what has expired, rotating signing keys, purging deleted accounts. Any number of processes may run it; a lease
//! elects the one that does.

pub mod audit;
pub mod mail;
pub mod payments;
pub mod tenants;
pub mod webhooks;

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::base::{Result, Seconds, Stop};
use crate::store::jobs as store;

/// How often it is looked whether there is something to do.
const EVERY: Duration = Duration::from_mins(1);
/// How long a process that died keeps the others from it.
const LEASE: Seconds = Seconds(150);
/// How often it is looked whether the audit trail was kept long enough.
const HOUR: Seconds = Seconds(3_600);
/// How often the whole store of files is looked through.
const WEEK: Seconds = Seconds(7 * 86_400);
/// Most batches of key rotation in a row.
const ROTATIONS: usize = 20;

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
                Err(Stop::Failed(fault)) => tracing::error!(fault = fault.chain(), "housekeeping failed"),
                Err(Stop::Refused(refusal)) => tracing::error!(%refusal.description, "housekeeping failed"),
            }
        }
    })
}

/// Does once what is due, if `holder` has or gets the lease.
pub async fn round(app: &App, holder: &str) -> Result<Done> {
    let now = app.clock.now();
    if !store::lease(&app.db, "housekeeping", holder, now, now.plus(LEASE)).await? {
        return Ok(Done::default());
    }
    let removed = store::purge(&app.db, now).await? + app.mail.forget().await? + app.documents.tidy().await?;
    let removed = removed + app.webhooks.forget().await?;
    app.mail.measure().await?;
    app.webhooks.measure().await?;
    let mut rotated = 0;
    for _ in 0..ROTATIONS {
        let done = app.keys.rotate_due().await?;
        rotated += done.rotated;
        if !done.was_full() {
            break;
        }
    }
    let purged = app.accounts.purge_due().await? + tenants::round(app).await?;
    let forgotten = app.documents.forget_erased().await?;
    let swept = files(app).await? + trail(app).await?;
    Ok(Done { elected: true, removed: removed + forgotten + swept, rotated, purged })
}

/// What of the audit trail was kept long enough.
async fn trail(app: &App) -> Result<u64> {
    // Everybody is a new holder here, so one process has the turn once an hour.
    let (turn, now) = (uuid::Uuid::now_v7().to_string(), app.clock.now());
    let ours = store::lease(&app.db, "audit-retention", &turn, now, now.plus(HOUR)).await?;
    if ours { app.audit.retire().await } else { Ok(0) }
}

/// What is due among files. A store or scanner that is away keeps nothing else from being done.
async fn files(app: &App) -> Result<u64> {
    if app.files.scan_due().await.is_err() {
        tracing::warn!("files wait to be looked at: the scanner does not answer");
    }
    let Ok(swept) = app.files.sweep().await else {
        tracing::warn!("files wait to be removed: the store of files does not answer");
        return Ok(0);
    };
    let mut removed = swept.blobs + swept.uploads + swept.files;
    // Everybody is a new holder here, so one process has the turn once a week.
    let (turn, now) = (uuid::Uuid::now_v7().to_string(), app.clock.now());
    if store::lease(&app.db, "files", &turn, now, now.plus(WEEK)).await? {
        removed += app.files.sweep_store().await.unwrap_or_default();
    }
    Ok(removed)
}
