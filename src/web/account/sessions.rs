//! Where one is signed in: `{T}/account/sessions`.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::shell::{Section, Shell, When, visitor};
use crate::app::App;
use crate::base::{Actor, Code, SessionId, Stop, Timestamp};
use crate::frame::{Brand, Words};
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::{brand_of, here};
use crate::http::routes::ACCOUNT_SESSIONS;
use crate::http::{Browser, Form, Page, PageError, Tenant};
use crate::people::Device;
use crate::sessions::SignedIn;
use crate::store::sessions::Session;
use crate::web::turn::check;

/// Shows them.
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_SESSIONS).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let (brand, now) = (brand_of(&tenant), app.clock.now());
    let found = app.people.sessions(&tenant, &who.user.id).await?;
    let mut sessions: Vec<_> = found.iter().map(|session| row(brand.words, session, (&who, now))).collect();
    sessions.sort_by_key(|row| !row.current);
    let page = SessionsPage {
        shell: Shell::new(&tenant, brand.words, Section::Sessions),
        action: here(&tenant, ACCOUNT_SESSIONS),
        csrf: browser.csrf().await?,
        sessions,
        brand,
    };
    Ok(Page::new(page).into_response())
}

/// Ends one, or all others.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_SESSIONS).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let (own, by) = (&who.session.id, Actor { id: who.user.id.to_string(), origin: origin() });
    match form.get("session").map(SessionId::from) {
        None => drop(app.people.end_sessions(&tenant, &who.user.id, Some(own), &by).await?),
        Some(id) => match app.people.end_session(&tenant, &who.user.id, &id, &by).await {
            // Somebody was faster; what is wanted is so.
            Err(Stop::Refused(refusal)) if refusal.code == Code::NotFound => {}
            done => done?,
        },
    }
    see_other(&here(&tenant, ACCOUNT_SESSIONS))
}

fn row(words: Words, session: &Session, (who, now): (&SignedIn, Timestamp)) -> Row {
    let device = Device::of(session.user_agent.as_deref()).words();
    let current = session.id == who.session.id;
    Row {
        id: session.id.to_string(),
        current,
        device: if device.is_empty() { words.say("account-unknown-device") } else { device },
        ip: session.ip.clone(),
        seen: When::new(words, if current { now } else { session.last_seen_at }, now),
        since: When::new(words, session.created_at, now),
    }
}

/// A session as it is shown.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the form names it by.
    pub id: String,
    /// Whether it is this browser's.
    pub current: bool,
    /// What it runs in.
    pub device: String,
    /// From where it began.
    pub ip: Option<String>,
    /// Its last use.
    pub seen: When,
    /// Its beginning.
    pub since: When,
}

/// The list. Its forms send back `csrf`, and `session` or nothing for all others.
#[derive(Template)]
#[template(path = "pages/account_sessions.html")]
pub struct SessionsPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the forms go.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// This browser's first.
    pub sessions: Vec<Row>,
}
