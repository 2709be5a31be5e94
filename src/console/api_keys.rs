//! What a tenant's programs prove themselves with: `{console}/api-keys`. A new key is shown once.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::list::{Asked, Pager};
use super::needs::Keys;
use super::shell::{Shell, done};
use crate::api_keys::NewKey;
use crate::app::App;
use crate::base::{ApiKeyId, Code, Params, Refusal, Result, Scope, Seconds, Secret, Slug, Stop, Timestamp};
use crate::clients::scopes::{KNOWN, for_machines};
use crate::frame::{Brand, When, Words};
use crate::http::answer::see_other;
use crate::http::routes::CONSOLE_API_KEYS;
use crate::http::{Page, Query};
use crate::store::api_keys::ApiKey;

const DAY: i64 = 86_400;
/// How long a key may live, in days, and the words for it; 0 is for ever.
const LIVES: [(i64, &str); 4] =
    [(30, "console-for-days"), (90, "console-for-days"), (365, "console-for-days"), (0, "console-for-ever")];

/// What an act came to besides a list of keys.
enum Made {
    Nothing,
    Key(Secret),
    Refused(Refusal),
}

/// Shows them.
pub async fn get(State(app): State<App>, admin: Admin<Keys>, Query(query): Query) -> Result<Response, Halt> {
    page(&app, &admin, &query, Made::Nothing).await
}

/// Makes one, or ends one.
pub async fn post(State(app): State<App>, admin: Admin<Keys>, Sent(form): Sent) -> Result<Response, Halt> {
    admin.lately(&app)?;
    if let Some(id) = form.get("revoke") {
        return match outcome(app.api_keys.revoke(&admin.tenant.id, &ApiKeyId::from(id), &admin.actor()).await)? {
            Ok(()) => Ok(see_other(&done(&admin.path(CONSOLE_API_KEYS), "revoked"))?),
            Err(refusal) => page(&app, &admin, &Params::default(), Made::Refused(refusal)).await,
        };
    }
    let made = match outcome(create(&app, &admin, &form).await)? {
        Ok(secret) => Made::Key(secret),
        Err(refusal) => Made::Refused(refusal),
    };
    page(&app, &admin, &Params::default(), made).await
}

async fn create(app: &App, admin: &Admin<Keys>, form: &Params) -> Result<Secret> {
    let scope = Scope::of(form.list("scope"));
    // Nobody gives a program what they do not hold themselves (W-055).
    if scope.tokens().iter().any(|token| !offered(admin).contains(token)) {
        return Err(Stop::refuse(Code::Forbidden, "nobody gives a right that they do not have"));
    }
    let days: i64 = form.get("days").and_then(|days| days.parse().ok()).unwrap_or(30);
    let known = LIVES.iter().find(|(known, _)| *known == days).map_or(30, |(known, _)| *known);
    let expires_at = (known > 0).then(|| app.clock.now().plus(Seconds(known * DAY)));
    let new = NewKey { name: form.get("name").unwrap_or_default().trim().to_owned(), scope, expires_at };
    Ok(app.api_keys.create_within(&admin.tenant, new, &Scope::of(offered(admin)), &admin.actor()).await?.1)
}

/// The scopes that this person can give to a program of this tenant.
fn offered(admin: &Admin<Keys>) -> Vec<&'static str> {
    let own = admin.tenant.slug.as_str() == Slug::SYSTEM;
    let all = for_machines(&Scope::of(KNOWN.iter().map(|(token, _)| *token)));
    let fits = |token: &str| (own || !token.starts_with("platform:")) && all.contains(token) && admin.may(token);
    KNOWN.iter().map(|(token, _)| *token).filter(|token| fits(token)).collect()
}

async fn page(app: &App, admin: &Admin<Keys>, query: &Params, made: Made) -> Result<Response, Halt> {
    let (asked, brand, now) = (Asked::read(query), admin.brand(), app.clock.now());
    let mut found = app.api_keys.page(&admin.tenant.id, &asked.after, asked.limit()).await?;
    let pager = Pager::of(&admin.path(CONSOLE_API_KEYS), &asked, &[], &mut found, |key| key.id.to_string());
    let (secret, refusal) = match made {
        Made::Nothing => (None, None),
        Made::Key(secret) => (Some(secret.expose().to_owned()), None),
        Made::Refused(refusal) => (None, Some(refusal)),
    };
    let status = refusal.as_ref().map_or(200, |refusal| refusal.code.status());
    let life = |(days, word): (i64, &str)| (days, brand.words.tell(word, "number", days));
    let page = ApiKeysPage {
        shell: Shell::of_tenant(admin, "console-api-keys", query).await?.refused(brand.words, refusal.as_ref()),
        rows: found.iter().map(|key| row(brand.words, key, now)).collect(),
        scopes: offered(admin),
        lives: LIVES.map(life).to_vec(),
        secret,
        pager,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

fn row(words: Words, key: &ApiKey, now: Timestamp) -> Row {
    let state = match (key.revoked_at, key.expires_at) {
        (Some(_), _) => "console-key-ended",
        (None, Some(at)) if at <= now => "console-key-expired",
        _ => "console-active",
    };
    Row {
        id: key.id.to_string(),
        name: key.name.clone(),
        prefix: key.prefix.clone(),
        scope: key.scope.to_string(),
        live: state == "console-active",
        state: words.say(state),
        used: key.last_used_at.map(|at| When::new(words, at, now)),
        until: key.expires_at.map(|at| at.rfc3339().split('T').next().unwrap_or_default().to_owned()),
    }
}

/// A key in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// What it allows.
    pub scope: String,
    /// Whether it is worth something.
    pub live: bool,
    /// The same in a word.
    pub state: String,
    /// When it was last used.
    pub used: Option<When>,
    /// The day on which it ends.
    pub until: Option<String>,
}

/// The list, and the form for a new key. It sends back `csrf`, `name`, `days` and ticked `scope`; the others `revoke`.
#[derive(Template)]
#[template(path = "pages/console/api_keys.html")]
pub struct ApiKeysPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The secret of the key that was just made.
    pub secret: Option<String>,
    /// The keys.
    pub rows: Vec<Row>,
    /// What a new one can allow.
    pub scopes: Vec<&'static str>,
    /// How long it can live.
    pub lives: Vec<(i64, String)>,
    /// The links below.
    pub pager: Pager,
}
