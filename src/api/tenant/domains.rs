//! A tenant's own domains: claimed, proven, and the one that the issuer is at. Only owners change them, and programs with
//! `tenant:write`.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::identity_providers::{TenantRead, TenantWrite};
use crate::app::App;
use crate::base::{Actor, Code, Result as Done, Stop, Timestamp};
use crate::http::bearer::{Principal, Unproven};
use crate::http::context::origin;
use crate::http::{Bearer, Body, Data, Segments};
use crate::store::tenant_domains::Domain;
use crate::store::users::{self, Role};
use crate::tenants::domain_of;

/// A claim as it is shown, with what the domain has to show.
#[derive(Debug, Serialize)]
pub struct Shown {
    domain: String,
    status: &'static str,
    primary: bool,
    created_at: String,
    verified_at: Option<String>,
    checked_at: Option<String>,
    failing_since: Option<String>,
    challenge: Option<Value>,
}

impl Shown {
    fn of(app: &App, claim: Domain, primary: Option<&String>) -> Self {
        let challenge = app.domains.challenge(&claim).map(|challenge| {
            json!({
                "dns": { "type": "TXT", "name": challenge.record, "value": challenge.text },
                "http": { "url": challenge.page, "body": challenge.text },
            })
        });
        Self {
            primary: primary == Some(&claim.domain),
            status: if claim.verified_at.is_some() { "verified" } else { "pending" },
            created_at: claim.created_at.rfc3339(),
            verified_at: claim.verified_at.map(Timestamp::rfc3339),
            checked_at: claim.checked_at.map(Timestamp::rfc3339),
            failing_since: claim.failing_since.map(Timestamp::rfc3339),
            domain: claim.domain,
            challenge,
        }
    }
}

/// `GET {T}/api/v1/tenant/domains`.
pub async fn list(State(app): State<App>, caller: Bearer<TenantRead>) -> Result<Data<Vec<Shown>>, Unproven> {
    let primary = caller.tenant.settings.domain.as_ref();
    let all = app.domains.list(&caller.tenant).await?;
    Ok(Data::new(all.into_iter().map(|claim| Shown::of(&app, claim, primary)).collect()))
}

/// The domain to be claimed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    domain: String,
}

/// `POST {T}/api/v1/tenant/domains`.
pub async fn add(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Body(new): Body<New>,
) -> Result<Data<Shown>, Unproven> {
    let by = owner(&app, &caller).await?;
    let claim = app.domains.add(&caller.tenant, &new.domain, &by).await?;
    Ok(Data::created(Shown::of(&app, claim, caller.tenant.settings.domain.as_ref())))
}

/// `POST {T}/api/v1/tenant/domains/{domain}/verify`: looks now.
pub async fn verify(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Segments([domain]): Segments<1>,
) -> Result<Data<Shown>, Unproven> {
    let by = owner(&app, &caller).await?;
    let claim = app.domains.verify(&caller.tenant, &domain, &by).await?;
    Ok(Data::new(Shown::of(&app, claim, caller.tenant.settings.domain.as_ref())))
}

/// `DELETE {T}/api/v1/tenant/domains/{domain}`.
pub async fn remove(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Segments([domain]): Segments<1>,
) -> Result<StatusCode, Unproven> {
    let by = owner(&app, &caller).await?;
    app.domains.remove(&caller.tenant, &domain, &by).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT {T}/api/v1/tenant/domains/{domain}/primary`: the issuer is there from now on.
pub async fn make_primary(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Segments([domain]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    let by = owner(&app, &caller).await?;
    let moved = app.domains.make_primary(&caller.tenant, Some(&domain), &by).await?;
    Ok(Data::new(json!({ "issuer": app.tenants.context(moved).issuer })))
}

/// `DELETE {T}/api/v1/tenant/domains/{domain}/primary`: the issuer is at the platform again.
pub async fn leave_primary(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Segments([domain]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    let by = owner(&app, &caller).await?;
    if caller.tenant.settings.domain != domain_of(&domain) {
        return Err(Stop::refuse(Code::Conflict, "the issuer is not at this domain").into());
    }
    let moved = app.domains.make_primary(&caller.tenant, None, &by).await?;
    Ok(Data::new(json!({ "issuer": app.tenants.context(moved).issuer })))
}

/// The caller, if it is no person below the owners.
pub(super) async fn owner(app: &App, caller: &Bearer<TenantWrite>) -> Done<Actor> {
    if let Principal::Token(token) = &caller.principal
        && let Some(person) = token.user()
    {
        let user = users::by_id(&app.db, &caller.tenant.id, &person).await?;
        if user.is_none_or(|user| user.role != Role::Owner) {
            return Err(Stop::refuse(Code::Forbidden, "only an owner of the tenant decides about this"));
        }
    }
    Ok(Actor { id: caller.principal.subject().to_owned(), origin: origin() })
}
