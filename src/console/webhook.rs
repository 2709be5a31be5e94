//! One endpoint and what was sent to it lately: `{console}/webhooks/{endpoint}`.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Admin, Halt, Sent, outcome};
use super::list::{Asked, Pager};
use super::needs::{ChangeWebhooks, SeeWebhooks};
use super::shell::{Shell, done};
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Secret, Stop};
use crate::frame::{Brand, When, Words};
use crate::http::answer::see_other;
use crate::http::bearer::RequiredScope;
use crate::http::routes::CONSOLE_WEBHOOKS;
use crate::http::{Page, Query, Segments};
use crate::store::webhook_deliveries::{Delivery, DeliveryState};
use crate::store::webhooks::{Endpoint, EndpointStatus};
use crate::webhooks::{Changes, Rotation, Wanted};

/// What an act came to.
enum Done {
    /// The page is shown again, and says so.
    Here(&'static str),
    /// The endpoint is gone.
    Gone,
    /// There is a new secret, to be shown this once.
    Secret(Box<Endpoint>, Secret),
}

/// Shows it.
pub async fn get(
    State(app): State<App>,
    admin: Admin<SeeWebhooks>,
    Segments([id]): Segments<1>,
    Query(query): Query,
) -> Result<Response, Halt> {
    let endpoint = app.webhooks.look_up(&admin.tenant, &id).await?;
    page(&app, &admin, (&endpoint, None), (&query, None)).await
}

/// Changes it, or sends something.
pub async fn post(
    State(app): State<App>,
    admin: Admin<ChangeWebhooks>,
    Segments([id]): Segments<1>,
    Sent(form): Sent,
) -> Result<Response, Halt> {
    if matches!(form.get("do"), Some("rotate" | "remove")) {
        admin.lately(&app)?;
    }
    let endpoint = app.webhooks.look_up(&admin.tenant, &id).await?;
    let path = admin.path(CONSOLE_WEBHOOKS);
    match outcome(act(&app, &admin, &endpoint, &form).await)? {
        Ok(Done::Here(what)) => Ok(see_other(&done(&format!("{path}/{}", endpoint.id), what))?),
        Ok(Done::Gone) => Ok(see_other(&done(&path, "deleted"))?),
        Ok(Done::Secret(endpoint, secret)) => made(&app, &admin, (&endpoint, Some(&secret))).await,
        Err(refusal) => page(&app, &admin, (&endpoint, None), (&Params::default(), Some(&refusal))).await,
    }
}

async fn act(app: &App, admin: &Admin<ChangeWebhooks>, endpoint: &Endpoint, form: &Params) -> Result<Done> {
    let (tenant, by, id) = (&admin.tenant, admin.actor(), endpoint.id.as_str());
    match form.get("do") {
        Some("test") => app.webhooks.test(tenant, id, &by).await.map(|_| Done::Here("sent")),
        Some("redeliver") => {
            let delivery = form.require("delivery")?;
            app.webhooks.redeliver(tenant, (id, delivery), &by).await.map(|_| Done::Here("sent"))
        }
        Some(what @ ("on" | "off")) => {
            let status = if what == "on" { EndpointStatus::Enabled } else { EndpointStatus::Disabled };
            let changes = Changes { status: Some(status), ..Changes::default() };
            app.webhooks.change(tenant, (id, None), changes, &by).await.map(|_| Done::Here("saved"))
        }
        Some("rotate") => {
            let (endpoint, secret) = app.webhooks.rotate(tenant, (id, None), &Rotation::default(), &by).await?;
            Ok(Done::Secret(Box::new(endpoint), secret))
        }
        Some("remove") => app.webhooks.remove(tenant, (id, None), &by).await.map(|()| Done::Gone),
        _ => Err(Stop::refuse(Code::InvalidRequest, "the request cannot be understood")),
    }
}

/// The page of an endpoint whose secret is to be seen this once.
pub(super) async fn made(
    app: &App,
    admin: &Admin<ChangeWebhooks>,
    (endpoint, secret): (&Endpoint, Option<&Secret>),
) -> Result<Response, Halt> {
    page(app, admin, (endpoint, secret), (&Params::default(), None)).await
}

async fn page<S: RequiredScope>(
    app: &App,
    admin: &Admin<S>,
    (endpoint, secret): (&Endpoint, Option<&Secret>),
    (query, refusal): (&Params, Option<&Refusal>),
) -> Result<Response, Halt> {
    let (asked, brand, now) = (Asked::read(query), admin.brand(), app.clock.now());
    let action = format!("{}/{}", admin.path(CONSOLE_WEBHOOKS), endpoint.id);
    let wanted = Wanted { state: None, event: String::new(), before: asked.after.clone(), limit: asked.limit() };
    let mut found = app.webhooks.deliveries(&admin.tenant, &endpoint.id, wanted).await?;
    let pager = Pager::of(&action, &asked, &[], &mut found, |delivery| delivery.id.clone());
    let status = refusal.map_or(200, |refusal| refusal.code.status());
    let when = |at| When::new(brand.words, at, now);
    let page = WebhookPage {
        shell: Shell::of_tenant(admin, "console-webhooks", query).await?.refused(brand.words, refusal),
        rows: found.iter().map(|delivery| Row::of(brand.words, delivery, when)).collect(),
        url: endpoint.url.clone(),
        description: endpoint.description.clone(),
        events: endpoint.events.0.join(", "),
        enabled: endpoint.status == EndpointStatus::Enabled,
        may_change: admin.may("webhooks:write"),
        secret: secret.map(|secret| secret.expose().to_owned()),
        action,
        pager,
        brand,
    };
    Ok(Page::new(page).status(StatusCode::from_u16(status).unwrap_or_default()).into_response())
}

/// A delivery in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What happened.
    pub event: String,
    /// What has become of it, in a word.
    pub state: String,
    /// Whether it was given up.
    pub lost: bool,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was written.
    pub since: When,
}

impl Row {
    fn of(words: Words, delivery: &Delivery, when: impl Fn(crate::base::Timestamp) -> When) -> Self {
        let state = match delivery.state {
            DeliveryState::Waiting => "console-mail-waiting",
            DeliveryState::Held => "console-delivery-held",
            DeliveryState::Delivered => "console-delivery-taken",
            DeliveryState::Exhausted => "console-mail-dead",
        };
        Self {
            id: delivery.id.clone(),
            event: delivery.event_type.clone(),
            state: words.say(state),
            lost: delivery.state == DeliveryState::Exhausted,
            error: delivery.last_error.clone(),
            since: when(delivery.created_at),
        }
    }
}

/// The page. Its forms send back `csrf` and `do` (`test`, `redeliver` with `delivery`, `on`, `off`, `rotate`, `remove`).
#[derive(Template)]
#[template(path = "pages/console/webhook.html")]
pub struct WebhookPage {
    /// How the page looks.
    pub brand: Brand,
    /// The frame.
    pub shell: Shell,
    /// Where the forms go.
    pub action: String,
    /// Where messages are posted.
    pub url: String,
    /// For people.
    pub description: String,
    /// What it is told of.
    pub events: String,
    /// Whether it is told anything.
    pub enabled: bool,
    /// Whether the visitor may change it.
    pub may_change: bool,
    /// Its secret, this once.
    pub secret: Option<String>,
    /// What was sent lately.
    pub rows: Vec<Row>,
    /// The links below.
    pub pager: Pager,
}
