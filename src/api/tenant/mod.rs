//! A tenant about itself: what strangers may know, what its administrators set, and how much there is in it.

pub mod buying;
pub mod domains;
pub mod info;
pub mod settings;
pub mod stats;

use axum::Router;
use axum::routing::{delete, get, post, put};

use crate::app::App;
use crate::http::routes::{
    TENANT_CHECKOUTS, TENANT_DOMAIN, TENANT_DOMAIN_PRIMARY, TENANT_DOMAIN_VERIFY, TENANT_DOMAINS, TENANT_FOR_SALE,
    TENANT_INFO, TENANT_PORTAL, TENANT_SETTINGS, TENANT_STATS, mounted,
};

pub use info::Public;

/// All of it.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(&mounted(TENANT_INFO), get(info::get).post(info::get))
        .route(&mounted(TENANT_SETTINGS), get(settings::get).patch(settings::patch))
        .route(&mounted(TENANT_STATS), get(stats::get))
        .route(&mounted(TENANT_FOR_SALE), get(buying::list))
        .route(&mounted(TENANT_CHECKOUTS), post(buying::check_out))
        .route(&mounted(TENANT_PORTAL), post(buying::portal))
        .route(&mounted(TENANT_DOMAINS), get(domains::list).post(domains::add))
        .route(&mounted(TENANT_DOMAIN), delete(domains::remove))
        .route(&mounted(TENANT_DOMAIN_VERIFY), post(domains::verify))
        .route(&mounted(TENANT_DOMAIN_PRIMARY), put(domains::make_primary).delete(domains::leave_primary))
}
