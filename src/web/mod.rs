//! The pages people see; one file is one page and has one template of the same name in `templates/pages/`. Every page
//! keeps the ids and names that strangers' automation clicks through, works without JavaScript, and has neither
//! inline style nor inline script, so that its content security policy needs no `unsafe-*`.

pub mod consent;
pub mod dev_app;
pub mod dev_mailbox;
pub mod login;
pub mod logout;
pub mod start;
pub mod static_files;

use axum::Router;

use crate::app::App;

/// All of them.
pub fn router() -> Router<App> {
    Router::new()
}
