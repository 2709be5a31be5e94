//! The routes of what people ask for themselves.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};

use super::{applications, devices, me};
use crate::app::App;
use crate::http::browser;
use crate::http::routes::{
    AUTH_ME, ME, MY_APPLICATION, MY_APPLICATIONS, MY_DATA, MY_EVENTS, MY_SESSION, MY_SESSIONS, mounted,
};

/// By a token, or in their browser.
pub(super) fn router(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(ME), get(me::get).patch(me::patch).delete(me::delete))
        .route(&mounted(AUTH_ME), get(me::get))
        .route(&mounted(MY_EVENTS), get(me::events))
        .route(&mounted(MY_DATA), post(me::export))
        .route(&mounted(MY_APPLICATIONS), get(applications::list))
        .route(&mounted(MY_APPLICATION), delete(applications::delete))
        .route(&mounted(MY_SESSIONS), get(devices::list).delete(devices::delete_all))
        .route(&mounted(MY_SESSION), delete(devices::delete))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant))
}
