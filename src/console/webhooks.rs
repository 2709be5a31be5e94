//! Who is told when something happens in a tenant: `{console}/webhooks`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::list::{Asked, Pager};
use super::needs::{ChangeWebhooks, SeeWebhooks};
use super::new_client::lines;
use super::shell::Shell;
use super::webhook;
use crate::app::App;
use crate::base::{Params, Refusal, Result, Secret};
use crate::frame::Brand;
use crate::http::bearer::RequiredScope;
use crate::http::routes::CONSOLE_WEBHOOKS;
use crate::http::{Page, Query};
use crate::store::webhooks::{Endpoint, EndpointStatus, Scheme};
use crate::webhooks::{EVENTS, NewEndpoint};

/// Shows a page of them.
pub async fn get(State(app): State<App>, admin: Admin<SeeWebhooks>, Query(query): Query) -> Result<Response, Halt> {
    page(&app, &admin, &query, None).await
}

/// Makes one, and shows it with its secret, this once.
pub async fn post(State(app): State<App>, admin: Admin<ChangeWebhooks>, Sent(form): Sent) -> Result<Response, Halt> {
    admin.lately(&app)?;
    match outcome(create(&app, &admin, &form).await)? {
        Ok((made, secret)) => webhook::made(&app, &admin, (&made, Some(&secret))).await,
        Err(refusal) => page(&app, &admin, &form, Some(&refusal)).await,
    }
}

async fn create(app: &App, admin: &Admin<ChangeWebhooks>, form: &Params) -> Result<(Endpoint, Secret)> {
    let named = lines(form.get("events").map(|list| list.replace(',', " ")).as_deref());
    let new = NewEndpoint {
        url: form.get("url").unwrap_or_default().trim().to_owned(),
        description: form.get("description").unwrap_or_default().trim().to_owned(),
        events: if named.is_empty() { vec!["*".to_owned()] } else { named },
        scheme: Scheme::Standard,
        secret: None,
    };
    app.webhooks.create(&admin.tenant, new, &admin.actor()).await
}

async fn page<S: RequiredScope>(
    app: &App,
    admin: &Admin<S>,
    query: &Params,
    refusal: Option<&Refusal>,
) -> Result<Response, Halt> {
    let (asked, brand, path) = (Asked::read(query), admin.brand(), admin.path(CONSOLE_WEBHOOKS));
    let mut found = app.webhooks.page(&admin.tenant, &asked.after, asked.limit()).await?;
    let pager = Pager::of(&path, &asked, &[], &mut found, |endpoint| endpoint.id.clone());
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let text = |name: &str| refusal.and_then(|_| query.get(name)).unwrap_or_default().to_owned();
    let row = |endpoint: Endpoint| Row {
        href: format!("{path}/{}", endpoint.id),
        enabled: endpoint.status == EndpointStatus::Enabled,
        events: endpoint.events.0.join(", "),
        url: endpoint.url,
        description: endpoint.description,
    };
    let page = WebhooksPage {
        shell: Shell::of_tenant(admin, "console-webhooks", query).await?.refused(brand.words, refusal),
        rows: found.into_iter().map(row).collect(),
        may_change: admin.may("webhooks:write"),
        known: EVENTS.iter().map(|(name, _)| *name).collect(),
        url: text("url"),
        events: text("events"),
        description: text("description"),
        pager,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// An endpoint in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// Where messages are posted.
    pub url: String,
    /// For people.
    pub description: String,
    /// What it is told of.
    pub events: String,
    /// Whether it is told anything.
    pub enabled: bool,
}

/// The list, and the form for another. It sends back `csrf`, `url`, `events` and `description`.
#[derive(Template)]
#[template(path = "pages/console/webhooks.html")]
pub struct WebhooksPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// The endpoints.
    pub rows: Vec<Row>,
    /// Whether the visitor may change them.
    pub may_change: bool,
    /// What there is to be told of.
    pub known: Vec<&'static str>,
    /// Where messages are posted.
    pub url: String,
    /// What it is told of.
    pub events: String,
    /// For people.
    pub description: String,
    /// The links below.
    pub pager: Pager,
}
