//! The endpoints that machines call; each file bears its protocol's name.

use axum::Router;

use crate::app::App;

/// All of them.
pub fn router() -> Router<App> {
    Router::new()
}
