//! A person's files: `{T}/account/files`. To bring one, take it home, hand a link to somebody, delete it.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::shell::{Section, Shell, sign_in, visitor};
use crate::app::App;
use crate::base::{Actor, Code, FileId, Params, Refusal, Result, Seconds, Stop};
use crate::files::kind::declared;
use crate::files::{Asker, Changes, Incoming, Listing, Match, NewFile, links, name};
use crate::frame::{Brand, Words, size};
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::files::{Sent, asker_of_person, header, multipart, serve};
use crate::http::page::{brand_of, here};
use crate::http::routes::{ACCOUNT_FILES, ARCHIVE_FILES};
use crate::http::{Browser, Form, Page, PageError, Segments, Tenant};
use crate::sessions::SignedIn;
use crate::store::files::Visibility;
use crate::web::turn::check;

/// How long ago somebody has just signed in.
const JUST_NOW: Seconds = Seconds(60);
/// Most files on the page.
const MOST: u64 = 200;

/// Shows them.
pub async fn get(State(app): State<App>, tenant: Tenant, browser: Browser) -> Result<Response, PageError> {
    match visitor((&app, &tenant, &browser), ACCOUNT_FILES).await? {
        Ok(who) => {
            let asker = asker_of_person(&app, &tenant, &who).await?;
            let shown = show((&app, &tenant, &browser), &asker, Told::default()).await;
            match shown {
                Err(refused) if wants_sign_in(&refused, &app, &who) => sign_in(&tenant, &browser, ACCOUNT_FILES).await,
                shown => shown,
            }
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Whether the rules ask for a sign-in that somebody can give now: whoever has just given one is told what is missing.
fn wants_sign_in(refused: &PageError, app: &App, who: &SignedIn) -> bool {
    let asked = |refusal: &Refusal| refusal.code == Code::InsufficientUserAuthentication;
    let lately = app.clock.now().since(who.session.auth_time) <= JUST_NOW;
    matches!(&refused.stop, Stop::Refused(refusal) if asked(refusal)) && !lately
}

/// Takes one.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    request: Request,
) -> Result<Response, PageError> {
    let content_type = header(&request, "content-type").unwrap_or_default().to_owned();
    let (parts, body) = request.into_parts();
    let form = multipart(&content_type, body, &["csrf"]).await?;
    browser.check(&parts.headers, form.field("csrf")).await?;
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_FILES).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let asker = asker_of_person(&app, &tenant, &who).await?;
    if form.name.as_deref().unwrap_or_default().is_empty() {
        let refused = Refusal::new(Code::InvalidRequest, "choose a file first");
        return show((&app, &tenant, &browser), &asker, Told { error: Some(refused), link: None }).await;
    }
    let new = NewFile {
        name: name::cleaned(form.name.as_deref().unwrap_or_default()),
        path: None,
        declared_type: form.kind.as_deref().and_then(declared),
        visibility: Visibility::Private,
        metadata: serde_json::Map::new(),
    };
    let incoming = Incoming { id: None, new, length: None, digest: None, most: None };
    match app.files.receive(&asker, incoming, form.into_bytes()).await {
        Ok(_) => see_other(&here(&tenant, ACCOUNT_FILES)),
        Err(Stop::Refused(refusal)) => {
            show((&app, &tenant, &browser), &asker, Told { error: Some(refusal), link: None }).await
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Sends one, always to be saved: nothing of it is shown among our pages.
pub async fn download(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Segments([id]): Segments<1>,
    (method, headers): (Method, HeaderMap),
) -> Result<Response, PageError> {
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_FILES).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let asker = asker_of_person(&app, &tenant, &who).await?;
    let file = app.files.find(&asker, &FileId::from(id)).await?;
    let by = Actor { id: who.user.id.to_string(), origin: origin() };
    let name = file.view.name.clone();
    let sent = Sent { method: &method, headers: &headers, download: Some(&name), public: false, by: &by };
    Ok(serve(&app, &file, &sent).await?)
}

/// Does something with one.
pub async fn act(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Segments([id]): Segments<1>,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, PageError> {
    check(&browser, &headers, &form).await?;
    let who = match visitor((&app, &tenant, &browser), ACCOUNT_FILES).await? {
        Ok(who) => who,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let asker = asker_of_person(&app, &tenant, &who).await?;
    match done((&app, &tenant), &asker, &FileId::from(id), &form).await {
        Ok(None) => see_other(&here(&tenant, ACCOUNT_FILES)),
        Ok(link) => show((&app, &tenant, &browser), &asker, Told { error: None, link }).await,
        Err(Stop::Refused(refusal)) => {
            show((&app, &tenant, &browser), &asker, Told { error: Some(refusal), link: None }).await
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Does it; a link that was asked for is told.
async fn done((app, tenant): (&App, &Tenant), asker: &Asker, id: &FileId, form: &Params) -> Result<Option<String>> {
    match form.get("do") {
        Some("share") => {
            let (link, _) = app.files.link_to_read(asker, id, Seconds(links::LONGEST.0)).await?;
            Ok(Some(format!("{}{ARCHIVE_FILES}/{id}/content?link={link}", tenant.issuer)))
        }
        Some("unshare") => {
            let changes = Changes { withdraw_links: true, ..Changes::default() };
            app.files.change(asker, id, &Match::Any, changes).await?;
            Ok(None)
        }
        Some("delete") => {
            app.files.delete(asker, id, &Match::Any, false).await?;
            Ok(None)
        }
        _ => Err(Stop::refuse(Code::InvalidRequest, "the request cannot be understood")),
    }
}

/// What the page has to tell besides the files.
#[derive(Debug, Default)]
struct Told {
    error: Option<Refusal>,
    link: Option<String>,
}

async fn show(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    asker: &Asker,
    told: Told,
) -> Result<Response, PageError> {
    let listing = Listing {
        filter: json!({ "_owner": asker.subject }),
        sort: Some("-_created".to_owned()),
        limit: MOST,
        cursor: None,
        count: false,
    };
    let files = app.files.list(asker, &listing).await?.files;
    let (used, _) = app.files.usage(asker).await?;
    let brand = brand_of(tenant);
    let status = told.error.as_ref().map_or(200, |refusal| refusal.code.status());
    let page = FilesPage {
        shell: Shell::new(tenant, brand.words, Section::Files),
        action: here(tenant, ACCOUNT_FILES),
        csrf: browser.csrf().await?,
        files: files.iter().map(|file| Kept::of(file, brand.words)).collect(),
        used: brand.words.tell("account-files-used", "size", size(used.bytes)),
        link: told.link,
        error: told.error.map(|refusal| brand.words.refusal(&refusal)),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// A file of theirs.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What names it here.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How large it is, and since when it is here.
    pub about: String,
    /// Why its bytes cannot be read, where that is so.
    pub held: Option<String>,
}

impl Kept {
    fn of(file: &Value, words: Words) -> Self {
        let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
        let day = text("_created").chars().take(10).collect::<String>();
        let held = match file["state"].as_str() {
            Some("scanning") => Some(words.say("account-files-scanning")),
            Some("quarantined") => Some(words.say("account-files-quarantined")),
            _ => None,
        };
        let size = size(file["size"].as_i64().unwrap_or_default());
        Self { id: text("_id"), name: text("name"), about: format!("{size} · {day}"), held }
    }
}

/// The list, and the form that brings another. Its forms send back `csrf`.
#[derive(Template)]
#[template(path = "pages/account_files.html")]
pub struct FilesPage {
    /// The tenant.
    pub brand: Brand,
    /// The navigation.
    pub shell: Shell,
    /// Where the forms go; a file's id after it is where that file is.
    pub action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// What there is.
    pub files: Vec<Kept>,
    /// How much that is.
    pub used: String,
    /// A link that was asked for.
    pub link: Option<String>,
    /// Why the last try did not succeed.
    pub error: Option<String>,
}
