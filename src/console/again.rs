//! Before what is dangerous, whoever signed in long ago shows once more who they are: `{console}/again`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::desk::{Desk, Halt};
use super::home::Home;
use super::sign_in;
use crate::app::App;
use crate::frame::Brand;
use crate::http::routes::{CONSOLE, CONSOLE_AGAIN};
use crate::http::{Browser, Page, Query};

/// Asks for it; afterwards the browser is back on the page that it left.
pub(super) fn ask(desk: &Desk) -> Response {
    let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", &desk.at).finish();
    let page = AgainPage {
        brand: desk.home.brand(),
        again_href: format!("{}?{next}", desk.home.path(CONSOLE_AGAIN)),
        back_href: desk.home.path(&desk.at),
    };
    Page::new(page).status(StatusCode::FORBIDDEN).into_response()
}

/// Sends the browser to sign in once more.
pub async fn get(State(app): State<App>, home: Home, browser: Browser, Query(query): Query) -> Result<Response, Halt> {
    let next = query.get("next").filter(|next| is_of_console(next)).unwrap_or(CONSOLE);
    let sign = if next.contains('?') { '&' } else { '?' };
    sign_in::begin(&app, &home, &browser, (&format!("{next}{sign}done=proven"), true)).await
}

/// Whether this is the address of a page of the console, and can stand in a header.
fn is_of_console(next: &str) -> bool {
    let rest = next.strip_prefix(CONSOLE);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        && next.bytes().all(|b| b.is_ascii_graphic())
}

/// The question.
#[derive(Template)]
#[template(path = "pages/console/again.html")]
pub struct AgainPage {
    /// How the page looks.
    pub brand: Brand,
    /// Where one signs in once more.
    pub again_href: String,
    /// The page that was left.
    pub back_href: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_the_console_and_nowhere_else() {
        for good in ["/console", "/console/keys", "/console/users?q=a%20b"] {
            assert!(is_of_console(good), "{good}");
        }
        for bad in ["", "/", "//evil.test", "/consoles", "https://evil.test/console", "/console\r\nx: y", "/console/ä"]
        {
            assert!(!is_of_console(bad), "{bad}");
        }
    }
}
