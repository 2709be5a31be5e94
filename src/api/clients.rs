//! Clients, as administrators and programs manage them: `{T}/api/v1/clients`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::page::{Page, only};
use crate::app::App;
use crate::base::{ClientId, Code, Refusal, Result as Done, Seconds, Timestamp};
use crate::clients::{Described, Registration, policy_of};
use crate::http::bearer::Unproven;
use crate::http::manager::{ClientsRead, ClientsWrite};
use crate::http::routes::{
    CLIENT, CLIENT_DISABLE, CLIENT_ENABLE, CLIENT_ROTATE, CLIENT_SECRET, CLIENT_SECRETS, CLIENTS, mounted,
};
use crate::http::{Body, Data, IfMatch, Manager, Query, Segments, repeatable};
use crate::store::clients::{ClientStatus, Wanted};

/// All of it.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(CLIENTS), get(list).post(create))
        .route_layer(from_fn_with_state(app.clone(), repeatable::once::<ClientsWrite>))
        .route(&mounted(CLIENT), get(show).patch(change).delete(remove))
        .route(&mounted(CLIENT_ENABLE), post(enable))
        .route(&mounted(CLIENT_DISABLE), post(disable))
        .route(&mounted(CLIENT_ROTATE), post(rotate))
        .route(&mounted(CLIENT_SECRETS), get(secrets))
        .route(&mounted(CLIENT_SECRET), delete(end_secret))
}

/// By id, a page after `cursor`.
async fn list(
    State(app): State<App>,
    caller: Manager<ClientsRead>,
    Query(query): Query,
) -> Result<Data<Vec<Described>>, Unproven> {
    only(&query, &["q", "type", "status", "cursor", "limit"])?;
    let page = Page::read(&query, "")?;
    let refused = |name: &str| Refusal::new(Code::InvalidRequest, format!("{name} cannot be that"));
    let wanted = Wanted {
        q: query.get("q").unwrap_or_default().to_owned(),
        kind: query.get("type").map(|text| text.parse().map_err(|_| refused("type"))).transpose()?,
        status: query.get("status").map(|text| text.parse().map_err(|_| refused("status"))).transpose()?,
    };
    let found = app.clients.search(&caller.tenant, &wanted, &page.after, page.limit).await?;
    let next = page.next(&found, |client| client.id.as_str());
    Ok(Data::new(found.iter().map(|client| Described::of(client, None)).collect()).meta(next))
}

/// Registers one.
async fn create(
    State(app): State<App>,
    caller: Manager<ClientsWrite>,
    Body(members): Body<Map<String, Value>>,
) -> Result<Data<Described>, Unproven> {
    let (client, secret) = app.clients.create(&caller.tenant, wish(members)?, &caller.registrant()).await?;
    Ok(Data::created(Described::of(&client, secret.as_ref())).tagged(client.version))
}

/// Client metadata (RFC 7591 §2), and besides it `type` and `policy`.
fn wish(mut members: Map<String, Value>) -> Done<Registration> {
    let policy = members.remove("policy").map(policy_of).transpose()?;
    let kind = members.remove("type").map(serde_json::from_value).transpose();
    let kind = kind.map_err(|_| Refusal::new(Code::InvalidRequest, "the field `type` cannot be that"))?;
    let mut wish = match kind {
        Some(kind) => Registration::of_kind(kind, members)?,
        None => Registration::strict(members)?,
    };
    wish.policy = policy.unwrap_or_default();
    Ok(wish)
}

/// Shows one.
async fn show(
    State(app): State<App>,
    caller: Manager<ClientsRead>,
    Segments([id]): Segments<1>,
) -> Result<Data<Described>, Unproven> {
    let client = app.clients.look_up(&caller.tenant, &ClientId::from(id)).await?;
    Ok(Data::new(Described::of(&client, None)).tagged(client.version))
}

/// Changes one by a merge patch.
async fn change(
    State(app): State<App>,
    caller: Manager<ClientsWrite>,
    Segments([id]): Segments<1>,
    IfMatch(version): IfMatch,
    Body(patch): Body<Map<String, Value>>,
) -> Result<Data<Described>, Unproven> {
    let id = ClientId::from(id);
    let client = app.clients.edit(&caller.tenant, &id, (patch, version), &caller.registrant()).await?;
    Ok(Data::new(Described::of(&client, None)).tagged(client.version))
}

/// Removes one.
async fn remove(
    State(app): State<App>,
    caller: Manager<ClientsWrite>,
    Segments([id]): Segments<1>,
) -> Result<StatusCode, Unproven> {
    app.clients.delete(&caller.tenant, &ClientId::from(id), &caller.actor()).await?;
    app.tokens.catch_up().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets it do something again.
async fn enable(
    app: State<App>,
    caller: Manager<ClientsWrite>,
    Segments([id]): Segments<1>,
) -> Result<Data<Described>, Unproven> {
    set_status(&app, &caller, ClientId::from(id), ClientStatus::Active).await
}

/// Lets it do nothing.
async fn disable(
    app: State<App>,
    caller: Manager<ClientsWrite>,
    Segments([id]): Segments<1>,
) -> Result<Data<Described>, Unproven> {
    set_status(&app, &caller, ClientId::from(id), ClientStatus::Disabled).await
}

async fn set_status(
    app: &App,
    caller: &Manager<ClientsWrite>,
    id: ClientId,
    status: ClientStatus,
) -> Result<Data<Described>, Unproven> {
    let client = app.clients.set_status(&caller.tenant, &id, status, &caller.registrant()).await?;
    Ok(Data::new(Described::of(&client, None)).tagged(client.version))
}

/// How long the secrets before work on, in seconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    #[serde(default)]
    overlap: i64,
}

/// Gives another secret.
async fn rotate(
    State(app): State<App>,
    caller: Manager<ClientsWrite>,
    Segments([id]): Segments<1>,
    Body(told): Body<Rotation>,
) -> Result<Data<Value>, Unproven> {
    let (id, overlap) = (ClientId::from(id), Seconds(told.overlap));
    let (client, secret) = app.clients.rotate(&caller.tenant, &id, overlap, &caller.registrant()).await?;
    Ok(Data::created(json!({ "client_id": client.id, "client_secret": secret.expose() })))
}

/// Its secrets, without what they are.
async fn secrets(
    State(app): State<App>,
    caller: Manager<ClientsRead>,
    Segments([id]): Segments<1>,
) -> Result<Data<Vec<Value>>, Unproven> {
    let now = app.clock.now();
    let found = app.clients.secrets(&caller.tenant, &ClientId::from(id)).await?;
    let told = found.iter().map(|secret| {
        let ended = secret.expires_at.is_some_and(|at| at <= now);
        json!({
            "id": secret.id(),
            "prefix": secret.prefix,
            "status": if ended { "expired" } else { "active" },
            "created_at": secret.created_at.rfc3339(),
            "expires_at": secret.expires_at.map(Timestamp::rfc3339),
        })
    });
    Ok(Data::new(told.collect()))
}

/// Ends one of them.
async fn end_secret(
    State(app): State<App>,
    caller: Manager<ClientsWrite>,
    Segments([id, secret]): Segments<2>,
) -> Result<StatusCode, Unproven> {
    app.clients.end_secret(&caller.tenant, &ClientId::from(id), &secret, &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
