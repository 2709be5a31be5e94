//! Providers that people sign in with, as administrators manage them.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::accounts::federation::{Changes, Information, NewProvider};
use crate::app::App;
use crate::base::{Actor, ProviderId};
use crate::http::bearer::RequiredScope;
use crate::http::context::origin;
use crate::http::{Bearer, Body, Data, Problem};

/// To look at a tenant's settings.
#[derive(Clone, Copy, Debug)]
pub struct TenantRead;

impl RequiredScope for TenantRead {
    const SCOPE: Option<&'static str> = Some("tenant:read");
}

/// To change a tenant's settings.
#[derive(Clone, Copy, Debug)]
pub struct TenantWrite;

impl RequiredScope for TenantWrite {
    const SCOPE: Option<&'static str> = Some("tenant:write");
}

/// `GET {T}/api/v1/identity-providers`: all of them, 50 at most.
pub async fn list(State(app): State<App>, caller: Bearer<TenantRead>) -> Result<Data<Vec<Information>>, Problem> {
    let all = app.federation.all(&caller.tenant).await?;
    Ok(Data::new(all.iter().map(|provider| Information::of(provider, &caller.tenant.issuer)).collect()))
}

/// `POST {T}/api/v1/identity-providers`.
pub async fn create(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Body(new): Body<NewProvider>,
) -> Result<Data<Information>, Problem> {
    let added = app.federation.add(&caller.tenant, new, &actor(&caller)).await?;
    Ok(Data::created(Information::of(&added, &caller.tenant.issuer)))
}

/// `GET {T}/api/v1/identity-providers/{provider}`.
pub async fn show(
    State(app): State<App>,
    Path((_, id)): Path<(String, ProviderId)>,
    caller: Bearer<TenantRead>,
) -> Result<Data<Information>, Problem> {
    let found = app.federation.look_up(&caller.tenant, &id).await?;
    Ok(Data::new(Information::of(&found, &caller.tenant.issuer)))
}

/// `PATCH {T}/api/v1/identity-providers/{provider}`: what is left out stays.
pub async fn change(
    State(app): State<App>,
    Path((_, id)): Path<(String, ProviderId)>,
    caller: Bearer<TenantWrite>,
    Body(changes): Body<Changes>,
) -> Result<Data<Information>, Problem> {
    let changed = app.federation.change(&caller.tenant, &id, changes, &actor(&caller)).await?;
    Ok(Data::new(Information::of(&changed, &caller.tenant.issuer)))
}

/// `DELETE {T}/api/v1/identity-providers/{provider}`: the accounts that were made by it stay.
pub async fn remove(
    State(app): State<App>,
    Path((_, id)): Path<(String, ProviderId)>,
    caller: Bearer<TenantWrite>,
) -> Result<StatusCode, Problem> {
    app.federation.remove(&caller.tenant, &id, &actor(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn actor<S: RequiredScope>(caller: &Bearer<S>) -> Actor {
    Actor { id: caller.principal.subject().to_owned(), origin: origin() }
}
