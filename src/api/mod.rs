//! Management and information as JSON, below `{T}/api/v1`.

use axum::Router;

use crate::app::App;

/// All of it.
pub fn router() -> Router<App> {
    Router::new()
}
