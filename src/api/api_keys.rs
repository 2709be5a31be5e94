//! API keys, as administrators and programs manage them: `{T}/api/v1/api-keys`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get};
use serde::Deserialize;

use super::page::{Page, only};
use crate::api_keys::{Described, NewKey};
use crate::app::App;
use crate::base::{ApiKeyId, Code, Refusal, Scope, Timestamp};
use crate::http::bearer::Unproven;
use crate::http::manager::KeysWrite;
use crate::http::routes::{API_KEY, API_KEYS, mounted};
use crate::http::{Body, Data, Manager, Query, Segments, repeatable};

/// All of it.
pub fn router(app: &App) -> Router<App> {
    Router::new()
        .route(&mounted(API_KEYS), get(list).post(create))
        .route_layer(from_fn_with_state(app.clone(), repeatable::once::<KeysWrite>))
        .route(&mounted(API_KEY), delete(revoke))
}

/// The oldest first, ended ones included.
async fn list(
    State(app): State<App>,
    caller: Manager<KeysWrite>,
    Query(query): Query,
) -> Result<Data<Vec<Described>>, Unproven> {
    only(&query, &["cursor", "limit"])?;
    let page = Page::read(&query, "")?;
    let found = app.api_keys.page(&caller.tenant.id, &page.after, page.limit).await?;
    let (next, now) = (page.next(&found, |key| key.id.as_str()), app.clock.now());
    Ok(Data::new(found.into_iter().map(|key| Described::of(key, now)).collect()).meta(next))
}

/// A key to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    scope: String,
    #[serde(default)]
    expires_at: Option<String>,
}

/// Makes one, within what the caller holds.
async fn create(
    State(app): State<App>,
    caller: Manager<KeysWrite>,
    Body(told): Body<New>,
) -> Result<Data<Described>, Unproven> {
    let refused = || Refusal::new(Code::InvalidRequest, "the field `expires_at` cannot be that");
    let expires_at =
        told.expires_at.as_deref().map(|text| Timestamp::of_rfc3339(text).ok_or_else(refused)).transpose()?;
    let new = NewKey { name: told.name, scope: told.scope.parse::<Scope>()?, expires_at };
    let (key, secret) = app.api_keys.create_within(&caller.tenant, new, &caller.holds(), &caller.actor()).await?;
    Ok(Data::created(Described::of(key, app.clock.now()).shown(&secret)))
}

/// Ends one at once.
async fn revoke(
    State(app): State<App>,
    caller: Manager<KeysWrite>,
    Segments([id]): Segments<1>,
) -> Result<StatusCode, Unproven> {
    app.api_keys.revoke(&caller.tenant.id, &ApiKeyId::from(id), &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
