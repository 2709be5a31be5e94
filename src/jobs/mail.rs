//! Carrying mail, in every process that runs jobs: each mail is leased to one of them.

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::mail::Courier;

/// Carries mail until `stop` becomes true.
#[must_use]
pub fn start(app: &App, stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(Courier::new(app.mail.clone()).run(stop))
}
