//! What the account pages share: who comes in, the navigation, and how long ago something was.

use axum::response::Response;

use crate::app::App;
use crate::base::{Result, Seconds};
pub use crate::frame::When;
use crate::frame::Words;
use crate::http::answer::see_other;
use crate::http::page::here;
use crate::http::routes::{
    ACCOUNT, ACCOUNT_ACTIVITY, ACCOUNT_APPLICATIONS, ACCOUNT_DATA, ACCOUNT_FILES, ACCOUNT_ORGANIZATIONS,
    ACCOUNT_PROFILE, ACCOUNT_SECURITY, ACCOUNT_SESSIONS, LOGIN, SIGN_OUT,
};
use crate::http::{Browser, PageError, Tenant};
use crate::sessions::SignedIn;

/// How old the proof may be for what cannot be undone (W-026).
pub const RECENTLY: Seconds = Seconds(600);

/// The member of a browser's data that holds the path to go on at after a sign-in.
const NEXT: &str = "next";

/// Whoever is signed in, or the way to the sign-in page and back to `path`.
pub async fn visitor(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    path: &'static str,
) -> Result<Result<SignedIn, Response>, PageError> {
    match browser.person(app, tenant).await? {
        Some(who) => Ok(Ok(who)),
        None => Ok(Err(sign_in(tenant, browser, path).await?)),
    }
}

/// As [`visitor`], who proved lately who they are.
pub async fn proven_visitor(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    path: &'static str,
) -> Result<Result<SignedIn, Response>, PageError> {
    match browser.person(app, tenant).await? {
        Some(who) if app.clock.now().since(who.session.auth_time) <= RECENTLY => Ok(Ok(who)),
        _ => Ok(Err(sign_in(tenant, browser, path).await?)),
    }
}

/// Sends somebody to sign in, and back here afterwards.
pub async fn sign_in(tenant: &Tenant, browser: &Browser, path: &'static str) -> Result<Response, PageError> {
    browser.put(NEXT, path).await?;
    see_other(&here(tenant, LOGIN))
}

/// Where somebody who has just signed in goes on: the account page that sent them, else the account.
pub async fn next(tenant: &Tenant, browser: &Browser) -> Result<String> {
    let path: Option<String> = browser.take(NEXT).await?;
    let known = path.filter(|path| path == ACCOUNT || path.starts_with("/account/"));
    Ok(here(tenant, known.as_deref().unwrap_or(ACCOUNT)))
}

/// A page's place in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The overview.
    Overview,
    /// Name, picture, language.
    Profile,
    /// Whatever one signs in with.
    Security,
    /// Where one is signed in.
    Sessions,
    /// What applications may do.
    Applications,
    /// Where one belongs.
    Organizations,
    /// What happened lately.
    Activity,
    /// Files.
    Files,
    /// All data, and the end.
    Data,
}

/// A link of the navigation.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: String,
    /// Whether it is the page at hand.
    pub here: bool,
}

/// The navigation of the account pages.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The links.
    pub tabs: Vec<Tab>,
    /// The way out.
    pub sign_out_href: String,
}

impl Shell {
    /// As it looks from this section.
    #[must_use]
    pub fn new(tenant: &Tenant, words: Words, at: Section) -> Self {
        let tabs = [
            (Section::Overview, ACCOUNT, words.say("account-overview")),
            (Section::Profile, ACCOUNT_PROFILE, words.say("account-profile")),
            (Section::Security, ACCOUNT_SECURITY, words.say("account-security")),
            (Section::Sessions, ACCOUNT_SESSIONS, words.say("account-sessions")),
            (Section::Applications, ACCOUNT_APPLICATIONS, words.say("account-applications")),
            (Section::Organizations, ACCOUNT_ORGANIZATIONS, words.say("account-organizations")),
            (Section::Activity, ACCOUNT_ACTIVITY, words.say("account-activity")),
            (Section::Files, ACCOUNT_FILES, words.say("account-files")),
            (Section::Data, ACCOUNT_DATA, words.say("account-data")),
        ];
        let tab = |(section, path, text)| Tab { href: here(tenant, path), text, here: section == at };
        Self { tabs: tabs.map(tab).to_vec(), sign_out_href: here(tenant, SIGN_OUT) }
    }
}

/// The letter in the circle.
#[must_use]
pub fn initial(name: &str) -> String {
    name.chars().find(|c| c.is_alphanumeric()).map(|c| c.to_uppercase().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_in_the_circle_is_a_letter() {
        assert_eq!((initial("ada@x"), initial(" <é"), initial("…")), ("A".to_owned(), "É".to_owned(), String::new()));
    }
}
