//! The keys that a tenant's tokens are signed with, and their rotation: `{console}/keys`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::needs::Keys;
use super::shell::{Shell, done};
use crate::app::App;
use crate::base::{Code, Kid, Params, Refusal, Result, Stop, Timestamp};
use crate::frame::{Brand, When, Words};
use crate::http::answer::see_other;
use crate::http::routes::{CONSOLE_KEYS, JWKS};
use crate::http::{Page, Query};
use crate::keys::SigningAlgorithm;
use crate::store::keys::{KeyState, SigningKey};

/// Shows them.
pub async fn get(State(app): State<App>, admin: Admin<Keys>, Query(query): Query) -> Result<Response, Halt> {
    page(&app, &admin, &query, None).await
}

/// Rotates, or ends a key before its time.
pub async fn post(State(app): State<App>, admin: Admin<Keys>, Sent(form): Sent) -> Result<Response, Halt> {
    admin.lately(&app)?;
    match outcome(act(&app, &admin, &form).await)? {
        Ok(what) => Ok(see_other(&done(&admin.path(CONSOLE_KEYS), what))?),
        Err(refusal) => page(&app, &admin, &Params::default(), Some(&refusal)).await,
    }
}

async fn act(app: &App, admin: &Admin<Keys>, form: &Params) -> Result<&'static str> {
    let (tenant, by) = (&admin.tenant.id, admin.actor().id);
    if let Some(algorithm) = form.get("rotate") {
        let unknown = || Stop::refuse(Code::InvalidRequest, "the request cannot be understood");
        let algorithm: SigningAlgorithm = algorithm.parse().map_err(|_| unknown())?;
        app.keys.rotate(tenant, algorithm, &by).await?;
        return Ok("rotated");
    }
    if app.keys.revoke(tenant, &Kid::from(form.require("revoke")?), &by).await? {
        return Ok("revoked");
    }
    Err(Stop::refuse(Code::NotFound, "there is no previous key of this name; rotate first"))
}

async fn page(app: &App, admin: &Admin<Keys>, query: &Params, refusal: Option<&Refusal>) -> Result<Response, Halt> {
    let (brand, now) = (admin.brand(), app.clock.now());
    let found = app.keys.list(&admin.tenant.id).await?;
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let page = KeysPage {
        shell: Shell::of_tenant(admin, "console-keys", query).await?.refused(brand.words, refusal),
        algorithms: SigningAlgorithm::ALL.iter().map(|algorithm| rows(brand.words, *algorithm, &found, now)).collect(),
        jwks: format!("{}{JWKS}", admin.tenant.issuer),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

fn rows(words: Words, algorithm: SigningAlgorithm, found: &[SigningKey], now: Timestamp) -> Keyring {
    let row = |key: &SigningKey| Row {
        kid: key.kid.to_string(),
        state: words.say(match key.state {
            KeyState::Next => "console-key-next",
            KeyState::Current => "console-key-current",
            KeyState::Previous => "console-key-previous",
            KeyState::Retired => "console-key-retired",
        }),
        signs: key.state == KeyState::Current,
        previous: key.state == KeyState::Previous,
        since: When::new(words, key.created_at, now),
    };
    let algorithm = algorithm.to_string();
    Keyring { keys: found.iter().filter(|key| key.alg == algorithm).map(row).collect(), algorithm }
}

/// The keys of an algorithm.
#[derive(Clone, Debug)]
pub struct Keyring {
    /// The algorithm.
    pub algorithm: String,
    /// Its keys, the oldest first.
    pub keys: Vec<Row>,
}

/// A key in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub kid: String,
    /// Where it stands, in a word.
    pub state: String,
    /// Whether it signs.
    pub signs: bool,
    /// Whether it did, and can be ended.
    pub previous: bool,
    /// Since when it exists.
    pub since: When,
}

/// The list. Its forms send back `csrf`, and `rotate` with an algorithm or `revoke` with a key's name.
#[derive(Template)]
#[template(path = "pages/console/keys.html")]
pub struct KeysPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The keys by algorithm.
    pub algorithms: Vec<Keyring>,
    /// Where they are published.
    pub jwks: String,
}
