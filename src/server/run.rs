//! A server's life: open, migrate, build, listen, work, and on SIGTERM or SIGINT an end without loss.

use std::io;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::{health, listen, log};
use crate::app::App;
use crate::base::{Clock, Fault, Result};
use crate::config::Config;
use crate::jobs;
use crate::setup::demonstration;
use crate::store::{Db, migrations};
use crate::telemetry;

/// Serves until it is told to stop. `say` writes a line for whoever started it.
///
/// # Errors
/// It cannot start; the sentence says why.
pub async fn run(config: Config, say: fn(&str) -> io::Result<()>) -> Result<()> {
    log::start(&config.log);
    health::count();
    config.make_data_dir()?;
    let db = Db::open(&config.database_url(), config.database.connections).await?;
    migrations::up(&db).await?;
    let app = Box::pin(App::build(config, Clock::system(), db)).await?;
    let listening = listen(&app).await?;
    let (stop, stopped) = watch::channel(false);
    wait_for_signals(stop)?;
    let jobs = app.config.jobs.enabled.then(|| {
        let of_payments = jobs::payments::start(app.clone(), stopped.clone());
        let of_audit = jobs::audit::start(app.clone(), stopped.clone());
        let of_webhooks = jobs::webhooks::start(&app, stopped.clone());
        let of_mail = jobs::mail::start(&app, stopped.clone());
        [jobs::start(app.clone(), stopped.clone()), of_mail, of_payments, of_audit, of_webhooks]
    });
    let declared = jobs::declared::start(app.clone(), stopped.clone());
    figures(&app.config.metrics.listen, stopped.clone()).await?;
    let traces = telemetry::start(&app.config)?;
    if app.config.dev {
        for line in demonstration::lines(&app, &demonstration::prepare(&app).await?) {
            say(&line)?;
        }
    }
    tracing::info!(address = %listening.address, public_url = app.config.base(), "listening");
    listening.serve(app.clone(), stopped).await;
    for job in jobs.into_iter().flatten().chain([declared]) {
        job.await?;
    }
    if let Some(traces) = traces {
        traces.end().await;
    }
    app.documents.close().await;
    app.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Tells everybody to stop at the first SIGTERM or SIGINT; a second one ends the process as the system does.
fn wait_for_signals(stop: watch::Sender<bool>) -> Result<(), Fault> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.send_replace(true);
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        std::process::exit(130);
    });
    Ok(())
}

/// The listener for figures alone, where one is configured.
async fn figures(address: &str, mut stop: watch::Receiver<bool>) -> Result<(), Fault> {
    if address.is_empty() {
        return Ok(());
    }
    let refused = |error| Fault::new(format!("cannot listen on {address} (metrics.listen): {error}"));
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
    tokio::spawn(async move {
        drop(axum::serve(listener, health::metrics_router()).with_graceful_shutdown(stopped).await);
    });
    Ok(())
}
