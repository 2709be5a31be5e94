//! Endpoints that are told what happens in a tenant, as its administrators manage them.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::Serialize;

use super::page::Page;
use super::webhook_deliveries as deliveries;
use crate::app::App;
use crate::base::Actor;
use crate::http::bearer::RequiredScope;
use crate::http::context::origin;
use crate::http::routes::{
    WEBHOOK, WEBHOOK_DELIVERIES, WEBHOOK_DELIVERY, WEBHOOK_REDELIVER, WEBHOOK_SECRET, WEBHOOK_TEST, WEBHOOKS, mounted,
};
use crate::http::{Bearer, Body, Data, IfMatch, Problem, Query};
use crate::store::webhooks::Endpoint;
use crate::webhooks::{Changes, NewEndpoint, Rotation, ShownEndpoint};

/// To look at webhooks.
#[derive(Clone, Copy, Debug)]
pub struct WebhooksRead;

impl RequiredScope for WebhooksRead {
    const SCOPE: Option<&'static str> = Some("webhooks:read");
}

/// To change them.
#[derive(Clone, Copy, Debug)]
pub struct WebhooksWrite;

impl RequiredScope for WebhooksWrite {
    const SCOPE: Option<&'static str> = Some("webhooks:write");
}

/// All of it.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(&mounted(WEBHOOKS), get(list).post(create))
        .route(&mounted(WEBHOOK), get(show).patch(change).delete(remove))
        .route(&mounted(WEBHOOK_SECRET), post(rotate))
        .route(&mounted(WEBHOOK_TEST), post(deliveries::test))
        .route(&mounted(WEBHOOK_DELIVERIES), get(deliveries::list))
        .route(&mounted(WEBHOOK_DELIVERY), get(deliveries::show))
        .route(&mounted(WEBHOOK_REDELIVER), post(deliveries::redeliver))
}

/// An endpoint with its secret, the one time that it is shown.
#[derive(Debug, Serialize)]
pub struct Told {
    #[serde(flatten)]
    endpoint: ShownEndpoint,
    secret: String,
}

/// `GET {T}/api/v1/webhooks`.
pub async fn list(
    State(app): State<App>,
    caller: Bearer<WebhooksRead>,
    Query(query): Query,
) -> Result<Data<Vec<ShownEndpoint>>, Problem> {
    let page = Page::read(&query, "")?;
    let found = app.webhooks.page(&caller.tenant, &page.after, page.limit).await?;
    let next = page.next(&found, |endpoint| &endpoint.id);
    Ok(Data::new(found.iter().map(|endpoint| ShownEndpoint::of(endpoint, app.clock.now())).collect()).meta(next))
}

/// `POST {T}/api/v1/webhooks`: the answer holds the secret.
pub async fn create(
    State(app): State<App>,
    caller: Bearer<WebhooksWrite>,
    Body(new): Body<NewEndpoint>,
) -> Result<Data<Told>, Problem> {
    let (made, secret) = app.webhooks.create(&caller.tenant, new, &actor(&caller)).await?;
    let told = Told { endpoint: ShownEndpoint::of(&made, app.clock.now()), secret: secret.expose().to_owned() };
    Ok(Data::created(told).tagged(made.version))
}

/// `GET {T}/api/v1/webhooks/{id}`.
pub async fn show(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    caller: Bearer<WebhooksRead>,
) -> Result<Data<ShownEndpoint>, Problem> {
    Ok(shown(&app, &app.webhooks.look_up(&caller.tenant, &id).await?))
}

/// `PATCH {T}/api/v1/webhooks/{id}` (RFC 7396).
pub async fn change(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    IfMatch(version): IfMatch,
    caller: Bearer<WebhooksWrite>,
    Body(changes): Body<Changes>,
) -> Result<Data<ShownEndpoint>, Problem> {
    let changed = app.webhooks.change(&caller.tenant, (&id, version), changes, &actor(&caller)).await?;
    Ok(shown(&app, &changed))
}

/// `DELETE {T}/api/v1/webhooks/{id}`.
pub async fn remove(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    IfMatch(version): IfMatch,
    caller: Bearer<WebhooksWrite>,
) -> Result<StatusCode, Problem> {
    app.webhooks.remove(&caller.tenant, (&id, version), &actor(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST {T}/api/v1/webhooks/{id}/rotate-secret`: the answer holds the new secret.
pub async fn rotate(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    IfMatch(version): IfMatch,
    caller: Bearer<WebhooksWrite>,
    Body(rotation): Body<Rotation>,
) -> Result<Data<Told>, Problem> {
    let (changed, secret) = app.webhooks.rotate(&caller.tenant, (&id, version), &rotation, &actor(&caller)).await?;
    let told = Told { endpoint: ShownEndpoint::of(&changed, app.clock.now()), secret: secret.expose().to_owned() };
    Ok(Data::new(told).tagged(changed.version))
}

fn shown(app: &App, endpoint: &Endpoint) -> Data<ShownEndpoint> {
    Data::new(ShownEndpoint::of(endpoint, app.clock.now())).tagged(endpoint.version)
}

/// Who asks.
pub(super) fn actor(caller: &Bearer<WebhooksWrite>) -> Actor {
    Actor { id: caller.principal.subject().to_owned(), origin: origin() }
}
