//! How far tenants are from their files: told by every process, because each tells its own figures and reads its own
//! files.

use std::time::Duration;

use metrics::gauge;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::base::Fault;
use crate::declared::differences;

/// How often it is looked.
const EVERY: Duration = Duration::from_mins(5);

/// Looks until `stop` becomes true; ends at once where nothing is declared.
#[must_use]
pub fn start(app: App, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !app.config.declared.is_empty() {
            round(&app).await;
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    })
}

/// Compares every tenant with its file and tells the figures; answers how many differ, or why that is not known.
pub async fn round(app: &App) -> Vec<(String, Result<usize, Fault>)> {
    let mut found = Vec::new();
    for (slug, declared) in &app.config.declared {
        let differences = Box::pin(differences(app, slug, declared)).await.map_err(Fault::from);
        match &differences {
            Ok(count) => {
                let count = u32::try_from(*count).unwrap_or(u32::MAX);
                gauge!("chancery_config_drift", "tenant" => slug.clone()).set(f64::from(count));
            }
            Err(fault) => tracing::error!(tenant = slug, fault = fault.chain(), "a declaration cannot be compared"),
        }
        let unknown = f64::from(u8::from(differences.is_err()));
        gauge!("chancery_config_drift_unknown", "tenant" => slug.clone()).set(unknown);
        found.push((slug.clone(), differences));
    }
    found
}
