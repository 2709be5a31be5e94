//! The endpoints that machines call; each file bears its protocol's name.

pub mod authorize;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::app::App;
use crate::http::browser;
use crate::http::routes::{AUTHORIZE, mounted};

/// All of them.
pub fn router(app: &App) -> Router<App> {
    let with_browser = Router::new()
        .route(&mounted(AUTHORIZE), get(authorize::get).post(authorize::post))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant));
    Router::new().merge(with_browser)
}
