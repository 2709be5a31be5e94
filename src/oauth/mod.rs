//! The endpoints that machines call; each file bears its protocol's name.

pub mod authorize;
pub mod discovery;
pub mod introspect;
pub mod jwks;
pub mod revoke;
pub mod token;
pub mod userinfo;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::app::App;
use crate::http::routes::{
    AUTHORIZATION_SERVER, AUTHORIZE, INTROSPECT, JWKS, OPENID_CONFIGURATION, REVOKE, TOKEN, USERINFO, mounted,
};
use crate::http::{browser, cors};

/// All of them.
pub fn router(app: &App) -> Router<App> {
    let with_browser = Router::new()
        .route(&mounted(AUTHORIZE), get(authorize::get).post(authorize::post))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant));
    let for_any_origin = Router::new()
        .route(&mounted(OPENID_CONFIGURATION), get(discovery::get))
        .route(&mounted(AUTHORIZATION_SERVER), get(discovery::get))
        .route(&mounted(JWKS), get(jwks::get))
        .route(&mounted(TOKEN), post(token::post))
        .route(&mounted(USERINFO), get(userinfo::get).post(userinfo::post))
        .route(&mounted(REVOKE), post(revoke::post))
        .layer(cors::open());
    let for_resource_servers = Router::new().route(&mounted(INTROSPECT), post(introspect::post));
    with_browser.merge(for_any_origin).merge(for_resource_servers)
}
