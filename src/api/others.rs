//! The routes of what administrators ask about people.

use axum::Router;
use axum::routing::{delete, get, post, put};

use super::{user, user_applications, user_factors, user_sessions};
use crate::app::App;
use crate::http::routes::{
    USER, USER_ACTIVATE, USER_APPLICATION, USER_APPLICATIONS, USER_FACTOR, USER_FACTORS, USER_PASSWORD_RESET,
    USER_RESTORE, USER_ROLE, USER_SESSION, USER_SESSIONS, USER_SUSPEND, mounted,
};

/// By a token or an API key.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(&mounted(USER), get(user::get).patch(user::patch).delete(user::delete))
        .route(&mounted(USER_SUSPEND), post(user::suspend))
        .route(&mounted(USER_ACTIVATE), post(user::activate))
        .route(&mounted(USER_RESTORE), post(user::restore))
        .route(&mounted(USER_ROLE), put(user::put_role))
        .route(&mounted(USER_PASSWORD_RESET), post(user::reset_password))
        .route(&mounted(USER_FACTORS), get(user_factors::list).delete(user_factors::delete_all))
        .route(&mounted(USER_FACTOR), delete(user_factors::delete))
        .route(&mounted(USER_APPLICATIONS), get(user_applications::list))
        .route(&mounted(USER_APPLICATION), delete(user_applications::delete))
        .route(&mounted(USER_SESSIONS), get(user_sessions::list).delete(user_sessions::delete_all))
        .route(&mounted(USER_SESSION), delete(user_sessions::delete))
}
