//! Sealing the audit trail, in every process that runs jobs: a lease elects the one that does it, so that the others do
//! not get into its way.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::base::{Result, Seconds, Stop, Timestamp};
use crate::store::audit_chain::unsealed;
use crate::store::jobs::lease;

/// How often it is looked whether something happened.
const EVERY: Duration = Duration::from_millis(500);
/// How long a process that died keeps the others from it.
const LEASE: Seconds = Seconds(10);
/// How long before its end a lease is renewed.
const RENEWED: Seconds = Seconds(5);

/// Seals until `stop` becomes true, and once more then.
#[must_use]
pub fn start(app: App, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut turn = Turn { holder: uuid::Uuid::now_v7().to_string(), until: Timestamp(0) };
        loop {
            match turn.take(&app).await {
                Ok(()) => {}
                Err(Stop::Failed(fault)) => tracing::error!(fault = fault.chain(), "sealing the audit trail failed"),
                Err(Stop::Refused(refusal)) => tracing::error!(%refusal.description, "sealing the audit trail failed"),
            }
            if *stop.borrow() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    })
}

/// Whose turn it is.
struct Turn {
    holder: String,
    until: Timestamp,
}

impl Turn {
    /// Seals what there is, if it is this process's turn. Where nothing happens, nothing is written.
    async fn take(&mut self, app: &App) -> Result<()> {
        if unsealed(&app.db, 1).await?.is_empty() {
            return Ok(());
        }
        let now = app.clock.now();
        if now.plus(RENEWED) > self.until {
            let until = now.plus(LEASE);
            if !lease(&app.db, "audit", &self.holder, now, until).await? {
                return Ok(());
            }
            self.until = until;
        }
        app.audit.seal().await.map(drop)
    }
}
