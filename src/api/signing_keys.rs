//! The keys that sign a tenant's tokens, as its administrators rotate them: `{T}/api/v1/keys`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::identity_providers::TenantRead;
use crate::app::App;
use crate::base::{Code, Kid, Refusal, TenantId, Timestamp};
use crate::http::bearer::Unproven;
use crate::http::manager::KeysWrite;
use crate::http::routes::{SIGNING_KEY, SIGNING_KEYS, SIGNING_KEYS_ROTATE, mounted};
use crate::http::{Body, Data, Manager, Segments};
use crate::keys::SigningAlgorithm;

/// All of it.
pub fn router() -> Router<App> {
    Router::new()
        .route(&mounted(SIGNING_KEYS), get(list))
        .route(&mounted(SIGNING_KEYS_ROTATE), post(rotate))
        .route(&mounted(SIGNING_KEY), delete(revoke))
}

/// Those that are published.
async fn list(State(app): State<App>, caller: Manager<TenantRead>) -> Result<Data<Vec<Value>>, Unproven> {
    Ok(Data::new(published(&app, &caller.tenant.id).await?))
}

/// Which algorithm's; all when absent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    #[serde(default)]
    alg: Option<String>,
}

/// Lets the next keys sign.
async fn rotate(
    State(app): State<App>,
    caller: Manager<KeysWrite>,
    Body(told): Body<Rotation>,
) -> Result<Data<Vec<Value>>, Unproven> {
    let refused = |_| Refusal::new(Code::InvalidRequest, "the field `alg` cannot be that");
    let one = told.alg.map(|text| text.parse::<SigningAlgorithm>().map_err(refused)).transpose()?;
    for alg in one.map_or_else(|| SigningAlgorithm::ALL.to_vec(), |alg| vec![alg]) {
        app.keys.rotate(&caller.tenant.id, alg, &caller.actor().id).await?;
    }
    Ok(Data::new(published(&app, &caller.tenant.id).await?))
}

/// Refuses the tokens of a key that signed before.
async fn revoke(
    State(app): State<App>,
    caller: Manager<KeysWrite>,
    Segments([kid]): Segments<1>,
) -> Result<StatusCode, Unproven> {
    if app.keys.revoke(&caller.tenant.id, &Kid::from(kid), &caller.actor().id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Refusal::new(Code::NotFound, "the tenant has no previous key of this name; rotate first").into())
}

async fn published(app: &App, tenant: &TenantId) -> Result<Vec<Value>, Unproven> {
    let found = app.keys.list(tenant).await?;
    let told = found.into_iter().map(|key| {
        json!({
            "kid": key.kid,
            "alg": key.alg,
            "state": key.state,
            "created_at": key.created_at.rfc3339(),
            "activates_at": key.activates_at.rfc3339(),
            "retires_at": key.retires_at.map(Timestamp::rfc3339),
        })
    });
    Ok(told.collect())
}
