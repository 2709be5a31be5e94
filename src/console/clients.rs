//! A tenant's applications: `{console}/clients`.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::desk::{Admin, Halt};
use super::list::{Asked, Entry, Pager};
use super::needs::SeeClients;
use super::shell::Shell;
use crate::app::App;
use crate::base::{ClientId, Code, Result, Stop};
use crate::frame::{Brand, When, Words};
use crate::http::routes::{CONSOLE_CLIENTS, CONSOLE_NEW_CLIENT};
use crate::http::{Page, Query};
use crate::store::clients::{ApplicationType, Client, ClientKind, ClientStatus};

/// Shows a page of them, or the one of the id that is looked for.
pub async fn get(State(app): State<App>, admin: Admin<SeeClients>, Query(query): Query) -> Result<Response, Halt> {
    let (asked, path) = (Asked::read(&query), admin.path(CONSOLE_CLIENTS));
    let mut found = if asked.search.is_empty() {
        app.clients.page(&admin.tenant, &asked.after, asked.limit()).await?
    } else {
        one(&app, &admin, &asked.search).await?
    };
    let pager = Pager::of(&path, &asked, &[], &mut found, |client| client.id.to_string());
    let (brand, now) = (admin.brand(), app.clock.now());
    let row = |client: &Client| Entry {
        id: client.id.to_string(),
        named: true,
        href: format!("{path}/{}", segment(client.id.as_str())),
        title: client.name.clone(),
        notes: kind_word(brand.words, client),
        at: Some(When::new(brand.words, client.created_at, now)),
        tags: disabled_tag(brand.words, client).into_iter().collect(),
    };
    let page = ClientsPage {
        shell: Shell::of_tenant(&admin, "console-clients", &query).await?,
        rows: found.iter().map(row).collect(),
        new_href: admin.may("clients:write").then(|| admin.path(CONSOLE_NEW_CLIENT)),
        search: asked.search,
        pager,
        brand,
    };
    Ok(Page::new(page).into_response())
}

async fn one(app: &App, admin: &Admin<SeeClients>, id: &str) -> Result<Vec<Client>> {
    match app.clients.look_up(&admin.tenant, &ClientId::from(id)).await {
        Ok(client) => Ok(vec![client]),
        Err(Stop::Refused(refusal)) if refusal.code == Code::NotFound => Ok(Vec::new()),
        Err(stop) => Err(stop),
    }
}

/// An id as a segment of a path; those that we take have nothing to encode.
pub(super) fn segment(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

/// What kind of application it is, in words.
#[must_use]
pub fn kind_word(words: Words, client: &Client) -> String {
    let native = client.metadata.application_type == ApplicationType::Native;
    words.say(match client.kind {
        ClientKind::Confidential => "console-kind-web",
        ClientKind::Public if native => "console-kind-native",
        ClientKind::Public => "console-kind-spa",
        ClientKind::Service => "console-kind-service",
    })
}

fn disabled_tag(words: Words, client: &Client) -> Option<(String, bool)> {
    (client.status == ClientStatus::Disabled).then(|| (words.say("console-disabled"), true))
}

/// The list.
#[derive(Template)]
#[template(path = "pages/console/clients.html")]
pub struct ClientsPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// What was looked for.
    pub search: String,
    /// The way to a new one, for who may.
    pub new_href: Option<String>,
    /// What was found.
    pub rows: Vec<Entry>,
    /// The links below.
    pub pager: Pager,
}
