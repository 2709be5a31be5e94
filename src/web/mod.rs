//! The pages people see; one file is one page and has one template of the same name in `templates/pages/`. Every page
//! keeps the ids and names that strangers' automation clicks through, works without JavaScript, and has neither
//! inline style nor inline script, so that its content security policy needs no `unsafe-*`.

pub mod account;
pub mod address;
pub mod arrival;
pub mod brand_css;
pub mod branding_preview;
pub mod by_mail;
pub mod choose_organization;
pub mod consent;
mod demonstration;
pub mod dev_app;
pub mod dev_mailbox;
pub mod done;
pub mod email_links;
pub mod invite;
pub mod link;
pub mod login;
pub mod login_with;
pub mod logout;
pub mod mailed_link;
pub mod organisation;
pub mod passkey;
mod relying_party;
pub mod reset_password;
pub mod second_factor;
pub mod sign_up;
pub mod signed_out;
pub mod start;
pub mod static_files;
mod turn;
pub mod verify_email;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::app::App;
use crate::http::browser;
use crate::http::routes::{
    BACKCHANNEL_LOGOUT, BRAND_CSS, BRANDING_PREVIEW, CHOOSE_ORGANIZATION, CONFIRM_EMAIL_PAGE, CONSENT, FORGOT_PAGE,
    INVITE_PAGE, LINK, LINK_WITH, LOGIN, LOGIN_BY_LINK, LOGIN_CALLBACK, LOGIN_CODE, LOGIN_EMAIL, LOGIN_PASSKEY,
    LOGIN_WITH, LOGOUT, ORGANISATION, RESET_PAGE, SECOND_FACTOR, SIGN_OUT, SIGN_UP, SIGNED_OUT_THERE, UNDO_EMAIL_PAGE,
    VERIFY_PAGE, mounted,
};

/// All of them.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/", get(start::get))
        .route("/static/{*path}", get(static_files::get))
        .route(&mounted(BRAND_CSS), get(brand_css::get))
        .route(&mounted(BRANDING_PREVIEW), get(branding_preview::get))
        .merge(of_tenant(app))
        .merge(of_developer(app))
}

/// What a tenant's people see.
fn of_tenant(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(LOGIN), get(login::get).post(login::post))
        .merge(with_others())
        .merge(account::router())
        .route(&mounted(LOGIN_PASSKEY), post(passkey::post))
        .route(&mounted(SECOND_FACTOR), get(second_factor::get).post(second_factor::post))
        .route(&mounted(LOGIN_EMAIL), get(by_mail::get).post(by_mail::post))
        .route(&mounted(LOGIN_CODE), get(by_mail::code).post(by_mail::typed))
        .route(&mounted(LOGIN_BY_LINK), get(by_mail::link).post(by_mail::clicked))
        .route(&mounted(CHOOSE_ORGANIZATION), get(choose_organization::get).post(choose_organization::post))
        .route(&mounted(CONSENT), get(consent::get).post(consent::post))
        .route(&mounted(LOGOUT), get(logout::get).post(logout::post))
        .route(&mounted(SIGN_OUT), get(logout::get).post(logout::confirm))
        .route(&mounted(SIGN_UP), get(sign_up::get).post(sign_up::post))
        .route(&mounted(VERIFY_PAGE), get(verify_email::get).post(verify_email::post))
        .route(&mounted(FORGOT_PAGE), get(address::get).post(address::post))
        .route(&mounted(RESET_PAGE), get(reset_password::get).post(reset_password::post))
        .route(&mounted(CONFIRM_EMAIL_PAGE), get(email_links::confirm).post(email_links::confirmed))
        .route(&mounted(UNDO_EMAIL_PAGE), get(email_links::undo).post(email_links::undone))
        .route(&mounted(INVITE_PAGE), get(invite::get).post(invite::post))
        .route_layer(from_fn_with_state(app.clone(), browser::of_tenant))
}

/// Sign-in with others.
fn with_others() -> Router<App> {
    Router::new()
        .route(&mounted(ORGANISATION), get(organisation::get).post(organisation::post))
        .route(&mounted(LINK), get(link::get).post(link::post))
        .route(&mounted(LINK_WITH), post(link::begin))
        .route(&mounted(LOGIN_WITH), get(login_with::get).post(login_with::post))
        .route(&mounted(LOGIN_CALLBACK), get(login_with::callback))
        .route(&mounted(SIGNED_OUT_THERE), get(signed_out::back))
        .route(&mounted(BACKCHANNEL_LOGOUT), post(signed_out::told))
}

/// What exists with `--dev` only.
fn of_developer(app: &App) -> Router<App> {
    Router::new()
        .route("/dev/app", get(dev_app::get))
        .route("/dev/app/sign-in", post(dev_app::sign_in))
        .route("/dev/app/callback", get(dev_app::callback))
        .route("/dev/app/refresh", post(dev_app::refresh))
        .route("/dev/app/logout", post(dev_app::logout))
        .route_layer(from_fn_with_state(app.clone(), browser::of_developer))
        .route("/dev/mailbox", get(dev_mailbox::list))
        .route("/dev/mailbox/{tenant}/{mail}", get(dev_mailbox::show))
}
