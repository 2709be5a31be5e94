//! The listener, and the surfaces mounted on it.

pub mod health;
mod listen;
pub mod log;
mod run;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tower::{Layer as _, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::app::App;
use crate::http::{entry, limits};
use crate::{api, oauth, resources, web};

pub use listen::{Listening, listen};
pub use run::run;

/// The whole application as one service: the door, then the surfaces.
pub fn service(app: &App) -> Router {
    let surfaces = Router::new()
        .merge(health::router())
        .merge(oauth::router(app))
        .merge(api::router(app))
        .merge(resources::router(app))
        .merge(web::router(app))
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(entry::remember_route))
                .layer(CatchPanicLayer::new())
                .layer(from_fn_with_state(app.clone(), limits::of_routes))
                .layer(RequestBodyLimitLayer::new(app.config.http.body_limit)),
        )
        .with_state(app.clone());
    Router::new().fallback_service(from_fn_with_state(app.clone(), entry::door).layer(surfaces))
}
