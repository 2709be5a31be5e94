//! The tenant's own APIs, as administrators and programs manage them: `{T}/api/v1/resource-servers`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use serde_json::{Map, Value};

use crate::app::App;
use crate::clients::resource_servers::Wished;
use crate::http::bearer::Unproven;
use crate::http::manager::{ClientsRead, ClientsWrite};
use crate::http::routes::{RESOURCE_SERVER, RESOURCE_SERVERS, mounted};
use crate::http::{Body, Data, Manager, Segments, repeatable};
use crate::store::resource_servers::ResourceServer;

/// All of it.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(RESOURCE_SERVERS), get(list).post(create))
        .route_layer(from_fn_with_state(app.clone(), repeatable::once::<ClientsWrite>))
        .route(&mounted(RESOURCE_SERVER), get(show).patch(change).delete(remove))
}

/// All of them, 100 at most.
async fn list(State(app): State<App>, caller: Manager<ClientsRead>) -> Result<Data<Vec<ResourceServer>>, Unproven> {
    Ok(Data::new(app.resource_servers.all(&caller.tenant).await?))
}

/// Adds one.
async fn create(
    State(app): State<App>,
    caller: Manager<ClientsWrite>,
    Body(wish): Body<Wished>,
) -> Result<Data<ResourceServer>, Unproven> {
    Ok(Data::created(app.resource_servers.add(&caller.tenant, wish, &caller.actor()).await?))
}

/// Shows one.
async fn show(
    State(app): State<App>,
    caller: Manager<ClientsRead>,
    Segments([id]): Segments<1>,
) -> Result<Data<ResourceServer>, Unproven> {
    Ok(Data::new(app.resource_servers.look_up(&caller.tenant, &id).await?))
}

/// Changes one by a merge patch.
async fn change(
    State(app): State<App>,
    caller: Manager<ClientsWrite>,
    Segments([id]): Segments<1>,
    Body(patch): Body<Map<String, Value>>,
) -> Result<Data<ResourceServer>, Unproven> {
    Ok(Data::new(app.resource_servers.change(&caller.tenant, &id, &patch, &caller.actor()).await?))
}

/// Takes one away.
async fn remove(
    State(app): State<App>,
    caller: Manager<ClientsWrite>,
    Segments([id]): Segments<1>,
) -> Result<StatusCode, Unproven> {
    app.resource_servers.remove(&caller.tenant, &id, &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
