//! Somebody is signed in, and this is not theirs to see.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::Desk;
use crate::frame::{Brand, Words};
use crate::http::Page;
use crate::http::context::request_id;
use crate::http::page::here;
use crate::http::routes::{ACCOUNT, CONSOLE_SIGN_OUT};
use crate::store::users::Role;

/// Says so, to whom, and where to go instead.
pub(super) fn page(desk: &Desk) -> Response {
    tracing::info!(user = desk.who.user.id.as_str(), at = desk.at, request_id = request_id(), "turned away");
    let brand = desk.home.brand();
    let page = TurnedAwayPage {
        account: desk.who.user.name_to_show().to_owned(),
        role: role_word(brand.words, desk.who.user.role),
        account_href: here(&desk.home.tenant, ACCOUNT),
        sign_out_href: desk.home.path(CONSOLE_SIGN_OUT),
        request_id: request_id(),
        brand,
    };
    Page::new(page).status(StatusCode::FORBIDDEN).into_response()
}

/// What a role is called.
#[must_use]
pub fn role_word(words: Words, role: Role) -> String {
    words.say(match role {
        Role::User => "console-role-user",
        Role::Support => "console-role-support",
        Role::Admin => "console-role-admin",
        Role::Owner => "console-role-owner",
    })
}

/// The page.
#[derive(Template)]
#[template(path = "pages/console/turned_away.html")]
pub struct TurnedAwayPage {
    /// How the page looks.
    pub brand: Brand,
    /// Who is signed in.
    pub account: String,
    /// As what.
    pub role: String,
    /// Their own account.
    pub account_href: String,
    /// To come back as somebody else.
    pub sign_out_href: String,
    /// The request id.
    pub request_id: String,
}
