//! Management and information as JSON, below `{T}/api/v1`.

pub mod identities;
pub mod identity_providers;
pub mod protected_resource;
pub mod whoami;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get};

use crate::app::App;
use crate::http::routes::{API, MY_IDENTITIES, MY_IDENTITY, PROTECTED_RESOURCE, PROVIDER, PROVIDERS, WHOAMI, mounted};
use crate::http::{browser, cors};

/// All of it.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(WHOAMI), get(whoami::get))
        .route(&mounted(PROTECTED_RESOURCE), get(protected_resource::get))
        .route(&mounted(&format!("{PROTECTED_RESOURCE}{API}")), get(protected_resource::get))
        .merge(of_providers(app))
        .layer(from_fn(cors::open))
}

/// Sign-in with others: for administrators, and for each person what is their own.
fn of_providers(app: &App) -> Router<App> {
    let own = Router::new()
        .route(&mounted(MY_IDENTITIES), get(identities::list))
        .route(&mounted(MY_IDENTITY), delete(identities::remove))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant));
    Router::new()
        .route(&mounted(PROVIDERS), get(identity_providers::list).post(identity_providers::create))
        .route(
            &mounted(PROVIDER),
            get(identity_providers::show).patch(identity_providers::change).delete(identity_providers::remove),
        )
        .merge(own)
}
