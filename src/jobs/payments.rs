//! Acting upon what Stripe told, and asking for what it did not tell, in every process that runs jobs: each event and
//! each account is taken by one of them.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::base::{Result, Stop};

/// How often it is looked whether an account has not been asked for a day.
const EVERY: Duration = Duration::from_mins(10);

/// Works until `stop` becomes true.
#[must_use]
pub fn start(app: App, stop: watch::Receiver<bool>) -> JoinHandle<()> {
    let asking = ask(app.clone(), stop.clone());
    tokio::spawn(async move {
        tokio::join!(act(app, stop), asking);
    })
}

async fn act(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        complain(app.payments.work().await);
        tokio::select! {
            () = app.payments.something_received() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

async fn ask(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        complain(app.payments.reconcile().await);
    }
}

fn complain(done: Result<u64>) {
    match done {
        Ok(_) => {}
        Err(Stop::Failed(fault)) => tracing::error!(fault = fault.chain(), "payments failed"),
        Err(Stop::Refused(refusal)) => tracing::error!(%refusal.description, "payments failed"),
    }
}
