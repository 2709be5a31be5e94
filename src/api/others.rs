//! The routes of what administrators ask about people.

use axum::Router;
use axum::routing::{delete, get, post};

use super::{user, user_sessions};
use crate::app::App;
use crate::http::routes::{USER, USER_ACTIVATE, USER_RESTORE, USER_SESSION, USER_SESSIONS, USER_SUSPEND, mounted};

/// By a token or an API key.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(&mounted(USER), get(user::get).patch(user::patch).delete(user::delete))
        .route(&mounted(USER_SUSPEND), post(user::suspend))
        .route(&mounted(USER_ACTIVATE), post(user::activate))
        .route(&mounted(USER_RESTORE), post(user::restore))
        .route(&mounted(USER_SESSIONS), get(user_sessions::list).delete(user_sessions::delete_all))
        .route(&mounted(USER_SESSION), delete(user_sessions::delete))
}
