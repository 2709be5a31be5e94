//! Telling webhooks what happened, in every process that runs jobs: each piece of an audit trail becomes deliveries in
//! one of them, and each delivery is leased to one.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::base::Stop;
use crate::webhooks::Courier;

/// How often it is looked whether something happened.
const EVERY: Duration = Duration::from_millis(500);

/// Works until `stop` becomes true.
#[must_use]
pub fn start(app: &App, stop: watch::Receiver<bool>) -> JoinHandle<()> {
    let courier = Courier::new(app.webhooks.clone()).run(stop.clone());
    let fan_out = fan_out(app.clone(), stop);
    tokio::spawn(async move {
        tokio::join!(courier, fan_out);
    })
}

async fn fan_out(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match app.webhooks.fan_out().await {
            // There may be more of it.
            Ok(read) if read > 0 => continue,
            Ok(_) => {}
            Err(Stop::Failed(fault)) => tracing::error!(fault = fault.chain(), "telling webhooks failed"),
            Err(Stop::Refused(refusal)) => tracing::error!(%refusal.description, "telling webhooks failed"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
