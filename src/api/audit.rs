//! The audit trail as administrators read it: page by page, all of it as a file, and as it grows.

use axum::extract::{FromRequestParts as _, State};
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::page::Page;
use crate::app::App;
use crate::audit::{Asked, Place, Shown, Tail, Verdict};
use crate::base::{AuditId, Code, Params, Refusal, Result, Timestamp};
use crate::http::bearer::{RequiredScope, Unproven};
use crate::http::events::{Source, Told, last_seen, respond};
use crate::http::{Bearer, Data, Problem, Query, Segments};

/// To read the audit trail.
#[derive(Clone, Copy, Debug)]
pub struct AuditRead;

impl RequiredScope for AuditRead {
    const SCOPE: Option<&'static str> = Some("audit:read");
}

/// What every reading of the trail understands.
const FILTERS: [&str; 7] = ["action", "actor", "target", "result", "request_id", "from", "to"];

/// `GET {T}/api/v1/audit-events`: the newest first.
pub async fn list(
    State(app): State<App>,
    caller: Bearer<AuditRead>,
    Query(query): Query,
) -> Result<Data<Vec<Shown>>, Problem> {
    let asked = read(&query, &["limit", "cursor"])?;
    let Page { limit, .. } = Page::read(&query, "")?;
    let after = query.get("cursor").map(Place::read).transpose()?;
    let found = app.audit.page(&caller.tenant.id, &asked, after, limit).await?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count >= limit);
    let next = found.last().filter(|_| full).map(|last| last.place().to_string());
    Ok(Data::new(found).meta(json!({ "next_cursor": next })))
}

/// `GET {T}/api/v1/audit-events/{id}`.
pub async fn show(
    State(app): State<App>,
    caller: Bearer<AuditRead>,
    Segments([id]): Segments<1>,
) -> Result<Data<Shown>, Problem> {
    Ok(Data::new(app.audit.look_up(&caller.tenant.id, &AuditId::from(id)).await?))
}

/// `GET {T}/api/v1/audit-events:actions`: the kinds of events that there are.
pub async fn actions(State(app): State<App>, caller: Bearer<AuditRead>) -> Result<Data<Value>, Problem> {
    Ok(Data::new(json!({ "actions": app.audit.kinds(&caller.tenant.id).await? })))
}

/// `GET {T}/api/v1/audit-events:verify`: whether every row is as it was written.
pub async fn verify(State(app): State<App>, caller: Bearer<AuditRead>) -> Result<Data<Verdict>, Problem> {
    Ok(Data::new(app.audit.verify(&caller.tenant.id).await?))
}

/// `GET {T}/api/v1/audit-events:tail`: events from now on, or from after the last one that was seen.
pub async fn tail(
    State(app): State<App>,
    caller: Bearer<AuditRead>,
    Query(query): Query,
    parts: Parts,
) -> Result<Response, Problem> {
    let tail = app.audit.tail(&caller.tenant.id, read(&query, &[])?, last_seen(&parts.headers)?).await?;
    Ok(respond(Following { app, parts, tail }))
}

/// What is asked, of a query that has these parameters besides.
///
/// # Errors
/// A parameter is unknown, or a time is none.
pub(super) fn read(query: &Params, besides: &[&str]) -> Result<Asked, Refusal> {
    if let Some((name, _)) = query.iter().find(|(name, _)| !FILTERS.contains(name) && !besides.contains(name)) {
        let known = FILTERS.iter().chain(besides).copied().collect::<Vec<_>>().join(", ");
        return Err(Refusal::new(Code::InvalidParameter, format!("`{name:.40}` is none of {known}")));
    }
    let text = |name| query.get(name).map(str::to_owned);
    let actions = query.get("action").unwrap_or_default().split(',').map(str::trim).filter(|action| !action.is_empty());
    Ok(Asked {
        actions: actions.map(str::to_owned).collect(),
        actor: text("actor"),
        target: text("target"),
        result: text("result"),
        request_id: text("request_id"),
        from: time(query, "from")?,
        to: time(query, "to")?,
    })
}

/// A time of RFC 3339, or unix seconds.
fn time(query: &Params, name: &'static str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let read = OffsetDateTime::parse(text, &Rfc3339).map(OffsetDateTime::unix_timestamp).ok();
    let read = read.or_else(|| text.parse().ok()).map(Timestamp);
    let refused = || Refusal::new(Code::InvalidParameter, format!("{name} is a time as 2026-01-31T12:00:00Z"));
    read.map(Some).ok_or_else(refused)
}

/// A trail that somebody follows.
struct Following {
    app: App,
    parts: Parts,
    tail: Tail,
}

impl Following {
    async fn renew(&mut self) -> Result<(), Unproven> {
        Bearer::<AuditRead>::from_request_parts(&mut self.parts, &self.app).await.map(drop)
    }
}

impl Source for Following {
    fn seen(&self) -> i64 {
        self.tail.seen()
    }

    async fn news(&mut self) -> Result<Vec<Told>> {
        let news = self.app.audit.news(&mut self.tail).await?;
        let told = |(id, shown): (i64, Shown)| {
            let data = serde_json::to_string(&shown)?;
            Ok(Told { id, event: shown.action, data })
        };
        news.into_iter().map(told).collect()
    }

    async fn prove(&mut self) -> bool {
        self.renew().await.is_ok()
    }

    fn is_closing(&self) -> bool {
        self.app.documents.is_closing()
    }
}
