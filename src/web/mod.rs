//! The pages people see; one file is one page and has one template of the same name in `templates/pages/`. Every page
//! keeps the ids and names that strangers' automation clicks through, works without JavaScript, and has neither
//! inline style nor inline script, so that its content security policy needs no `unsafe-*`.

pub mod brand_css;
pub mod consent;
mod demonstration;
pub mod dev_app;
pub mod dev_mailbox;
pub mod login;
pub mod logout;
pub mod start;
pub mod static_files;

use axum::Router;
use axum::routing::get;

use crate::app::App;
use crate::http::routes::{BRAND_CSS, mounted};

/// All of them.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(start::get))
        .route("/static/{*path}", get(static_files::get))
        .route(&mounted(BRAND_CSS), get(brand_css::get))
        .route("/dev/mailbox", get(dev_mailbox::list))
        .route("/dev/mailbox/{tenant}/{mail}", get(dev_mailbox::show))
}
