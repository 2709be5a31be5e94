//! Management and information as JSON, below `{T}/api/v1`.

pub mod protected_resource;
pub mod whoami;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;

use crate::app::App;
use crate::http::cors;
use crate::http::routes::{API, PROTECTED_RESOURCE, WHOAMI, mounted};

/// All of it.
pub fn router() -> Router<App> {
    Router::new()
        .route(&mounted(WHOAMI), get(whoami::get))
        .route(&mounted(PROTECTED_RESOURCE), get(protected_resource::get))
        .route(&mounted(&format!("{PROTECTED_RESOURCE}{API}")), get(protected_resource::get))
        .layer(from_fn(cors::open))
}
