//! A new application: `{console}/new-client`. Four kinds cover what people have; everything else has its usual value.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::client;
use super::desk::{Admin, Halt, Sent, outcome};
use super::needs::ChangeClients;
use super::shell::Shell;
use crate::app::App;
use crate::base::{ClientId, Params, Refusal, Result, Secret};
use crate::clients::Registration;
use crate::frame::{Brand, Words};
use crate::http::routes::CONSOLE_CLIENTS;
use crate::http::{Page, Query};
use crate::store::clients::{ApplicationType, Client, ClientKind};

/// The kinds, each with the words for it.
const KINDS: [(&str, &str, &str); 4] = [
    ("web", "console-kind-web", "console-kind-web-lead"),
    ("spa", "console-kind-spa", "console-kind-spa-lead"),
    ("native", "console-kind-native", "console-kind-native-lead"),
    ("service", "console-kind-service", "console-kind-service-lead"),
];

/// The form.
pub async fn get(admin: Admin<ChangeClients>, Query(query): Query) -> Result<Response, Halt> {
    page(&admin, &query, None).await
}

/// Makes it, and shows it with its secret, this once.
pub async fn post(State(app): State<App>, admin: Admin<ChangeClients>, Sent(form): Sent) -> Result<Response, Halt> {
    match outcome(create(&app, &admin, &form).await)? {
        Ok((made, secret)) => client::made(&app, &admin, (&made, secret.as_ref())).await,
        Err(refusal) => page(&admin, &form, Some(&refusal)).await,
    }
}

async fn create(app: &App, admin: &Admin<ChangeClients>, form: &Params) -> Result<(Client, Option<Secret>)> {
    let kind = match form.get("kind") {
        Some("spa" | "native") => ClientKind::Public,
        Some("service") => ClientKind::Service,
        _ => ClientKind::Confidential,
    };
    let mut wish = Registration::preset(kind, form.get("name").unwrap_or_default().trim());
    wish.id = form.get("client_id").map(|id| ClientId::from(id.trim()));
    wish.policy.first_party = form.get("first_party").is_some();
    if kind != ClientKind::Service {
        wish.metadata.redirect_uris = lines(form.get("redirect_uris"));
        wish.metadata.post_logout_redirect_uris = lines(form.get("post_logout_redirect_uris"));
    }
    if form.get("kind") == Some("native") {
        wish.metadata.application_type = ApplicationType::Native;
    }
    app.clients.create(&admin.tenant, wish, &admin.registrant()).await
}

/// One address a line.
pub(super) fn lines(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

async fn page(admin: &Admin<ChangeClients>, given: &Params, refusal: Option<&Refusal>) -> Result<Response, Halt> {
    let brand = admin.brand();
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let text = |name: &str| given.get(name).unwrap_or_default().to_owned();
    let page = NewClientPage {
        shell: Shell::of_tenant(admin, "console-clients", &Params::default()).await?.refused(brand.words, refusal),
        kinds: KINDS.map(|kind| Kind::new(brand.words, kind, given)).to_vec(),
        name: text("name"),
        client_id: text("client_id"),
        redirect_uris: text("redirect_uris"),
        post_logout_redirect_uris: text("post_logout_redirect_uris"),
        first_party: given.get("first_party").is_some(),
        back_href: admin.path(CONSOLE_CLIENTS),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// A kind to choose.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its name in the form.
    pub name: &'static str,
    /// What it is.
    pub title: String,
    /// Who chooses it.
    pub text: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Kind {
    fn new(words: Words, (name, title, text): (&'static str, &str, &str), given: &Params) -> Self {
        let chosen = given.get("kind").unwrap_or("web") == name;
        Self { name, title: words.say(title), text: words.say(text), chosen }
    }
}

/// The form. It sends back `csrf`, `kind`, `name`, `client_id`, `redirect_uris`, `post_logout_redirect_uris` and
/// `first_party`.
#[derive(Template)]
#[template(path = "pages/console/new_client.html")]
pub struct NewClientPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The kinds.
    pub kinds: Vec<Kind>,
    /// Its name.
    pub name: String,
    /// A `client_id` that is wished for.
    pub client_id: String,
    /// Where people come back to, one address a line.
    pub redirect_uris: String,
    /// The same after a sign-out.
    pub post_logout_redirect_uris: String,
    /// Whether nobody is asked for consent.
    pub first_party: bool,
    /// The list.
    pub back_href: String,
}
