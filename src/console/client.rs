//! One application: what it is, what one pastes into it, its addresses and its secret: `{console}/clients/{client}`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::clients::{kind_word, segment};
use super::desk::{Admin, Halt, Sent, outcome};
use super::needs::{ChangeClients, SeeClients};
use super::new_client::lines;
use super::shell::{Shell, done};
use super::snippets::{self, Snippet};
use crate::app::App;
use crate::base::{ClientId, Code, Params, Refusal, Result, Seconds, Secret, Stop};
use crate::frame::{Brand, When};
use crate::http::answer::see_other;
use crate::http::bearer::RequiredScope;
use crate::http::routes::CONSOLE_CLIENTS;
use crate::http::{Page, Query, Segments};
use crate::store::clients::{AuthMethod, Client, ClientKind, ClientStatus};

/// How long an old secret works beside a new one, where that is wished.
const OVERLAP: Seconds = Seconds(86_400);

/// What an act came to.
enum Done {
    /// The page is shown again, and says so.
    Here(&'static str),
    /// The client is gone.
    Gone,
    /// There is a new secret, to be shown this once.
    Secret(Box<Client>, Secret),
}

/// Shows it.
pub async fn get(
    State(app): State<App>,
    admin: Admin<SeeClients>,
    Segments([id]): Segments<1>,
    Query(query): Query,
) -> Result<Response, Halt> {
    let client = app.clients.look_up(&admin.tenant, &ClientId::from(id)).await?;
    page(&app, &admin, (&client, None), (&query, None)).await
}

/// Changes it.
pub async fn post(
    State(app): State<App>,
    admin: Admin<ChangeClients>,
    Segments([id]): Segments<1>,
    Sent(form): Sent,
) -> Result<Response, Halt> {
    if matches!(form.get("do"), Some("rotate" | "delete")) {
        admin.lately(&app)?;
    }
    let client = app.clients.look_up(&admin.tenant, &ClientId::from(id)).await?;
    let path = admin.path(CONSOLE_CLIENTS);
    match outcome(act(&app, &admin, &client, &form).await)? {
        Ok(Done::Here(what)) => Ok(see_other(&done(&format!("{path}/{}", segment(client.id.as_str())), what))?),
        Ok(Done::Gone) => Ok(see_other(&done(&path, "deleted"))?),
        Ok(Done::Secret(client, secret)) => made(&app, &admin, (&client, Some(&secret))).await,
        Err(refusal) => page(&app, &admin, (&client, None), (&Params::default(), Some(&refusal))).await,
    }
}

async fn act(app: &App, admin: &Admin<ChangeClients>, client: &Client, form: &Params) -> Result<Done> {
    let by = admin.registrant();
    match form.get("do") {
        Some("save") => {
            let patch = changes(client, form);
            app.clients.edit(&admin.tenant, &client.id, (patch, Some(client.version)), &by).await?;
            Ok(Done::Here("saved"))
        }
        Some("rotate") => {
            let overlap = if form.get("overlap").is_some() { OVERLAP } else { Seconds(0) };
            let (client, secret) = app.clients.rotate(&admin.tenant, &client.id, overlap, &by).await?;
            Ok(Done::Secret(Box::new(client), secret))
        }
        Some("disable" | "enable") => {
            let status = if form.get("do") == Some("enable") { ClientStatus::Active } else { ClientStatus::Disabled };
            app.clients.set_status(&admin.tenant, &client.id, status, &by).await?;
            Ok(Done::Here(if status == ClientStatus::Active { "activated" } else { "suspended" }))
        }
        Some("delete") if form.get("sure").is_none() => {
            Err(Stop::refuse(Code::Unprocessable, "tick the box to say that you are sure"))
        }
        Some("delete") => {
            app.clients.delete(&admin.tenant, &client.id, &by.actor).await?;
            Ok(Done::Gone)
        }
        _ => Err(Stop::refuse(Code::InvalidRequest, "the request cannot be understood")),
    }
}

/// The form as a merge patch; a service has no people to send anywhere.
fn changes(client: &Client, form: &Params) -> Map<String, Value> {
    let mut patch = Map::new();
    patch.insert("client_name".to_owned(), form.get("name").unwrap_or_default().trim().into());
    if client.kind != ClientKind::Service {
        for list in ["redirect_uris", "post_logout_redirect_uris"] {
            patch.insert(list.to_owned(), lines(form.get(list)).into());
        }
        patch.insert("policy".to_owned(), json!({ "first_party": form.get("first_party").is_some() }));
    }
    patch
}

/// The page of a client whose secret is to be seen this once.
pub(super) async fn made(
    app: &App,
    admin: &Admin<ChangeClients>,
    (client, secret): (&Client, Option<&Secret>),
) -> Result<Response, Halt> {
    page(app, admin, (client, secret), (&Params::default(), None)).await
}

async fn page<S: RequiredScope>(
    app: &App,
    admin: &Admin<S>,
    (client, secret): (&Client, Option<&Secret>),
    (query, refusal): (&Params, Option<&Refusal>),
) -> Result<Response, Halt> {
    let brand = admin.brand();
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let method = client.metadata.token_endpoint_auth_method;
    let page = ClientPage {
        shell: Shell::of_tenant(admin, "console-clients", query).await?.refused(brand.words, refusal),
        action: format!("{}/{}", admin.path(CONSOLE_CLIENTS), segment(client.id.as_str())),
        secret: secret.map(|secret| secret.expose().to_owned()),
        snippets: snippets::of(client, &admin.tenant.issuer),
        kind: kind_word(brand.words, client),
        issuer: admin.tenant.issuer.clone(),
        has_people: client.kind != ClientKind::Service,
        has_secret: matches!(method, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost),
        disabled: client.status == ClientStatus::Disabled,
        may_change: admin.may("clients:write"),
        since: When::new(brand.words, client.created_at, app.clock.now()),
        client: client.clone(),
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// The page. Its forms send back `csrf` and `do` (`save`, `rotate`, `disable`, `enable`, `delete`).
#[derive(Template)]
#[template(path = "pages/console/client.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows or hides a part of the page")]
pub struct ClientPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// Where the forms go.
    pub action: String,
    /// The client.
    pub client: Client,
    /// Its secret, this once.
    pub secret: Option<String>,
    /// What one pastes into it.
    pub snippets: Vec<Snippet>,
    /// What kind it is.
    pub kind: String,
    /// The tenant's issuer.
    pub issuer: String,
    /// Whether people sign in with it.
    pub has_people: bool,
    /// Whether it proves itself with a secret.
    pub has_secret: bool,
    /// Whether it may do nothing for now.
    pub disabled: bool,
    /// Whether the visitor may change it.
    pub may_change: bool,
    /// Since when it is there.
    pub since: When,
}
