//! The platform at a glance: `{P}/console`.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Halt, Operator};
use super::shell::Shell;
use crate::app::App;
use crate::frame::{Brand, Words};
use crate::http::routes::{CONSOLE_MAILS, CONSOLE_NEW_TENANT, CONSOLE_TENANTS};
use crate::http::{Page, Query};
use crate::store::mails::MailState;

/// Mails are counted no further.
const COUNTED: i64 = 1_000;

/// Shows it.
pub async fn get(State(app): State<App>, operator: Operator, Query(query): Query) -> Result<Response, Halt> {
    let brand = operator.home.brand();
    let (waiting, dead) =
        (app.mail.count(MailState::Waiting, COUNTED).await?, app.mail.count(MailState::Dead, COUNTED).await?);
    let page = PlatformPage {
        shell: Shell::of_platform(&operator, "console-platform", &query).await?,
        tenants_href: operator.home.path(CONSOLE_TENANTS),
        new_href: operator.home.path(CONSOLE_NEW_TENANT),
        mails_href: operator.home.path(CONSOLE_MAILS),
        waiting: counted(brand.words, "console-mails-waiting", waiting),
        dead: counted(brand.words, "console-mails-dead", dead),
        trouble: dead > 0,
        address: app.config.base().to_owned(),
        version: env!("CARGO_PKG_VERSION"),
        database: app.db.kind(),
        brand,
    };
    Ok(Page::new(page).into_response())
}

fn counted(words: Words, id: &str, count: i64) -> String {
    let more = if count >= COUNTED { "+" } else { "" };
    words.tell(id, "number", format!("{count}{more}"))
}

/// The page.
#[derive(Template)]
#[template(path = "pages/console/platform.html")]
pub struct PlatformPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The list of tenants.
    pub tenants_href: String,
    /// The form for a new one.
    pub new_href: String,
    /// The mails that did not leave.
    pub mails_href: String,
    /// How many mails wait.
    pub waiting: String,
    /// How many were given up.
    pub dead: String,
    /// Whether there is one.
    pub trouble: bool,
    /// Where the platform is.
    pub address: String,
    /// Which program this is.
    pub version: &'static str,
    /// Where its data is.
    pub database: &'static str,
}
