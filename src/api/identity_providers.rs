//! Providers that people sign in with, as administrators manage them.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;

use crate::accounts::federation::{Changes, Information, NewProvider};
use crate::app::App;
use crate::base::{Actor, ProviderId};
use crate::http::bearer::RequiredScope;
use crate::http::context::origin;
use crate::http::routes::LOGIN;
use crate::http::{Bearer, Body, Data, Problem, Query, Tenant};
use crate::store::providers::ProviderKind;

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

/// A provider as anybody may see it who wants to sign in.
#[derive(Debug, Serialize)]
pub struct Offered {
    slug: String,
    name: String,
    #[serde(rename = "type")]
    kind: ProviderKind,
    login_url: String,
}

/// `GET {T}/api/v1/auth/providers`: whom people can sign in with; with `email`, the one that the address belongs to.
pub async fn offered(
    State(app): State<App>,
    tenant: Tenant,
    Query(query): Query,
) -> Result<Data<Vec<Offered>>, Problem> {
    let found = match query.get("email") {
        Some(address) => app.federation.of_address(&tenant, address).await?.into_iter().collect(),
        None => app.federation.offered(&tenant).await?,
    };
    let shown = found.into_iter().map(|provider| Offered {
        login_url: format!("{}{LOGIN}/{}", tenant.issuer, provider.slug),
        slug: provider.slug,
        name: provider.name,
        kind: provider.kind,
    });
    Ok(Data::new(shown.collect()))
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
    let provider = app.federation.change(&caller.tenant, &id, changes, &actor(&caller)).await?;
    Ok(Data::new(Information::of(&provider, &caller.tenant.issuer)))
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
