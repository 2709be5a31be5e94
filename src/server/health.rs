//! Whether the process lives, whether it can serve, and its figures.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde::Serialize;

use crate::app::App;
use crate::base::{Code, Refusal};
use crate::http::Problem;
use crate::http::probe::{self, Arrival};
use crate::store;

/// How long the database may take to answer before the process is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long single measurements are kept.
const SUMMED_UP: Duration = Duration::from_secs(5);
/// The bounds, in seconds, between which answers are counted: a signature, a commit, a password, too long.
const SECONDS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// What health endpoints tell.
#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
    service: &'static str,
    version: &'static str,
}

/// What readiness tells besides.
#[derive(Debug, Serialize)]
struct Ready {
    #[serde(flatten)]
    health: Health,
    /// Whether the store of files answers.
    files: &'static str,
    /// How the request arrived, for whoever may know.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<Arrival>,
}

const HEALTHY: Health = Health { status: "ok", service: "chancery", version: env!("CARGO_PKG_VERSION") };

/// `/healthz`, `/readyz`, `/api/health`, `/api/v1/health` and `/metrics`.
pub fn router() -> Router<App> {
    let lives = get(|| async { Json(HEALTHY) });
    Router::new()
        .route("/healthz", lives.clone())
        .route("/api/health", lives.clone())
        .route("/api/v1/health", lives)
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
}

/// 503 within moments of the database's end (W-127). A store of files that is away is told and takes nobody's sign-in
/// away: everything else works.
async fn ready(
    State(app): State<App>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Result<Json<Ready>, Problem> {
    let answers = tokio::time::timeout(PATIENCE, store::migrations::status(&app.db));
    let (answers, files) = tokio::join!(answers, app.files.store_answers());
    let current = matches!(answers, Ok(Ok(versions)) if versions.iter().all(|version| version.applied));
    if !current {
        let sentence = "the database does not answer or its schema is not current";
        return Err(Refusal::new(Code::TemporarilyUnavailable, sentence).into());
    }
    let arrival = match peer {
        Some(Extension(ConnectInfo(peer))) => probe::arrival(&app, &headers, peer).await,
        None => None,
    };
    Ok(Json(Ready { health: HEALTHY, files: if files { "ok" } else { "away" }, arrival }))
}

/// Starts counting; once per process.
pub fn count() {
    METRICS.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&SECONDS).ok()?;
        builder.install_recorder().ok()
    });
}

/// Sums up what was measured, for ever: single measurements are kept until somebody does, in memory.
pub(super) async fn sum_up() {
    loop {
        tokio::time::sleep(SUMMED_UP).await;
        METRICS.get().and_then(Option::as_ref).inspect(|figures| figures.run_upkeep());
    }
}

/// The figures in Prometheus' text format, for callers on this machine: who else wants them goes through a proxy
/// that is there, or the listener that `metrics.listen` names.
async fn figures(Extension(ConnectInfo(peer)): Extension<ConnectInfo<SocketAddr>>) -> Result<Response, Problem> {
    if !peer.ip().is_loopback() {
        return Err(Refusal::new(Code::NotFound, "there is nothing here").into());
    }
    Ok(rendered())
}

fn rendered() -> Response {
    let text = METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// The router of the listener for figures alone.
pub fn metrics_router() -> Router {
    Router::new().route("/metrics", get(|| async { rendered() }))
}
