//! The listener, and the surfaces mounted on it.

pub mod health;
mod listen;
pub mod log;
mod run;

use axum::Router;

use crate::app::App;
use crate::http::around::Layered;
use crate::http::entry::{Door, RememberRoute};
use crate::http::limits::OfRoutes;
use crate::{api, console, oauth, resources, web};

pub use listen::{Listening, listen};
pub use run::run;

/// The whole application as one service: the door, then the surfaces.
pub fn service(app: &App) -> Router {
    Router::new().fallback_service(door(app))
}

/// As [`service`], for the listener, which needs no router around it.
fn door(app: &App) -> Door {
    let surfaces = Router::new()
        .merge(health::router())
        .merge(oauth::router(app))
        .merge(api::router(app))
        .merge(resources::router(app))
        .merge(web::router(app))
        .merge(console::router(app))
        .layer(OfRoutes::new(app.clone()))
        .layer(Layered(RememberRoute))
        .with_state(app.clone());
    Door::new(app.clone(), surfaces)
}
