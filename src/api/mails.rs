//! A tenant's mail, as its administrators manage it: who it is from and how it leaves, and what became of it.

use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::json;

use super::identity_providers::{TenantRead, TenantWrite};
use crate::app::App;
use crate::base::{Actor, Code, Email, Refusal};
use crate::http::context::origin;
use crate::http::{Bearer, Body, Data, Problem, Query};
use crate::mail::{Changes, Information, Shown};

/// Mails in an answer, unless fewer are asked for.
const PAGE: i64 = 100;

/// `GET {T}/api/v1/tenant/mail`.
pub async fn settings(State(app): State<App>, caller: Bearer<TenantRead>) -> Result<Data<Information>, Problem> {
    let tenant = app.tenants.look_up(caller.tenant.slug.as_str()).await?;
    Ok(Data::new(app.mail.information(&tenant).await?))
}

/// `PATCH {T}/api/v1/tenant/mail` (RFC 7396): what is absent stays, `null` goes back to the operator's.
pub async fn change(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Body(changes): Body<Changes>,
) -> Result<Data<Information>, Problem> {
    let by = actor(&caller);
    let slug = caller.tenant.slug.as_str();
    let mut tenant = app.tenants.look_up(slug).await?;
    let secrets = changes.apply(&mut tenant.settings.0.mail);
    app.tenants.change(&app.clock, &tenant, "tenant.updated", &by).await?;
    for (name, secret) in secrets {
        app.mail.set_secret(&tenant, name, secret.as_ref(), &by).await?;
    }
    Ok(Data::new(app.mail.information(&app.tenants.look_up(slug).await?).await?))
}

/// The body of a test.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    to: Email,
}

/// `POST {T}/api/v1/tenant/mail/test`: writes a test mail; what became of it stands in the outbox.
pub async fn test(
    State(app): State<App>,
    caller: Bearer<TenantWrite>,
    Body(Test { to }): Body<Test>,
) -> Result<Data<Shown>, Problem> {
    let id = app.mail.test(&caller.tenant, to, &actor(&caller)).await?;
    Ok(Data::accepted(app.mail.look_up(&caller.tenant, &id).await?))
}

/// `GET {T}/api/v1/mails`: the newest first; `state`, `limit`, and `after` as `meta.next` gives it.
pub async fn list(
    State(app): State<App>,
    caller: Bearer<TenantRead>,
    Query(query): Query,
) -> Result<Data<Vec<Shown>>, Problem> {
    let refuse = |_| Refusal::new(Code::InvalidRequest, "state is waiting, sent or dead");
    let state = query.get("state").map(str::parse).transpose().map_err(refuse)?;
    let limit = query.get("limit").map_or(Ok(PAGE), str::parse).ok().filter(|limit| (1..=PAGE).contains(limit));
    let limit = limit.ok_or_else(|| Refusal::new(Code::InvalidRequest, "limit is a number from 1 to 100"))?;
    let mails = app.mail.page(&caller.tenant, state, (query.get("after").unwrap_or_default(), limit)).await?;
    let full = i64::try_from(mails.len()).is_ok_and(|count| count == limit);
    let next = mails.last().filter(|_| full).map(|mail| mail.id.clone());
    Ok(Data::new(mails).meta(json!({ "next": next })))
}

/// `GET {T}/api/v1/mails/{mail}`.
pub async fn show(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    caller: Bearer<TenantRead>,
) -> Result<Data<Shown>, Problem> {
    Ok(Data::new(app.mail.look_up(&caller.tenant, &id).await?))
}

/// `POST {T}/api/v1/mails/{mail}/retry`.
pub async fn retry(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    caller: Bearer<TenantWrite>,
) -> Result<Data<Shown>, Problem> {
    app.mail.again(&caller.tenant, &id, &actor(&caller)).await?;
    Ok(Data::accepted(app.mail.look_up(&caller.tenant, &id).await?))
}

fn actor(caller: &Bearer<TenantWrite>) -> Actor {
    Actor { id: caller.principal.subject().to_owned(), origin: origin() }
}
