//! The services that tokens open, below `{T}/api/v1`, and what their clients have to know of them.

pub mod archive;
pub mod payments;
pub mod protected_resource;
pub mod storage;

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::http::cors;
use crate::http::routes::{API, PROTECTED_RESOURCE, PROTECTED_SERVICE, mounted};

/// All of it.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .merge(archive::router(app))
        .route(&mounted(PROTECTED_RESOURCE), get(protected_resource::of_api))
        .route(&mounted(&format!("{PROTECTED_RESOURCE}{API}")), get(protected_resource::of_api))
        .route(&mounted(PROTECTED_SERVICE), get(protected_resource::of_service))
        .merge(storage::router())
        .merge(payments::router())
        .layer(cors::open())
        .merge(payments::webhooks())
}
