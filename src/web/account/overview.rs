//! Who is signed in, and where everything else is: `{T}/account`.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::shell::{Section, Shell, When, initial, visitor};
use crate::app::App;
use crate::frame::Brand;
use crate::http::page::brand_of;
use crate::http::routes::ACCOUNT;
use crate::http::{Browser, Page, PageError, Tenant};

/// `GET {T}/account`.
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    let who = match visitor((&app, &tenant, &browser), ACCOUNT).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let (devices, applications) = (
        app.people.sessions(&tenant, &who.user.id).await?.len(),
        app.people.applications(&tenant, &who.user.id).await?.len(),
    );
    let brand = brand_of(&tenant);
    let words = brand.words;
    let shell = Shell::new(&tenant, words, Section::Overview);
    let lines = [
        words.say("account-profile-line"),
        words.say("account-security-line"),
        words.tell("account-sessions-line", "number", devices),
        words.tell("account-applications-line", "number", applications),
        words.say("account-organizations-line"),
        words.say("account-activity-line"),
        words.say("account-files-line"),
        words.say("account-data-line"),
    ];
    let tiles = shell.tabs.iter().skip(1).zip(lines);
    let name = who.user.profile.name.clone().unwrap_or_else(|| who.user.name_to_show().to_owned());
    let page = AccountPage {
        brand,
        initial: initial(&name),
        name,
        account: who.user.name_to_show().to_owned(),
        since: When::new(words, who.session.auth_time, app.clock.now()),
        tiles: tiles.map(|(tab, line)| (tab.href.clone(), tab.text.clone(), line)).collect(),
        shell,
    };
    Ok(Page::new(page).into_response())
}

/// The page of somebody who is signed in.
#[derive(Template)]
#[template(path = "pages/account.html")]
pub struct AccountPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// The letter in the circle.
    pub initial: String,
    /// The person's name.
    pub name: String,
    /// What the person signs in with.
    pub account: String,
    /// When the person did.
    pub since: When,
    /// Where each page is, its name, and a line about it.
    pub tiles: Vec<(String, String, String)>,
}
