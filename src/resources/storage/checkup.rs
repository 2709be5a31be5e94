//! For those who govern: `POST …/documents:validate`, `GET …/documents:audit`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::asking;
use super::parameters::only;
use super::reply::Reply;
use super::request::{ONE, Sent};
use crate::app::App;
use crate::base::{Code, Refusal};
use crate::http::bearer::Unproven;
use crate::http::resource::{Action, Caller, Storage};
use crate::http::{Query, Segments};
use crate::store::document_audits::Audited;

/// Rows of a page.
const PAGE: i64 = 100;

/// Whether documents that are there are as a schema says.
pub async fn validate(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    sent: Sent<ONE>,
) -> Result<Response, Unproven> {
    caller.may(Action::Admin)?;
    let mut members = sent.members()?;
    let (filter, schema) = (members.take("filter"), members.take("schema"));
    members.done()?;
    let asking = asking(&app, &caller).await?;
    Ok(Reply::of(app.documents.validate(&asking, &name, filter.as_ref(), schema.as_ref()).await?).into_response())
}

/// Who changed documents.
pub async fn audit(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    Query(query): Query,
) -> Result<Response, Unproven> {
    caller.may(Action::Admin)?;
    only(&query, &["cursor"])?;
    let cursor = query.raw("cursor").unwrap_or_default();
    if cursor.len() > 64 || cursor.bytes().any(|byte| byte.is_ascii_control()) {
        return Err(Refusal::new(Code::InvalidCursor, "the cursor is none").into());
    }
    let rows = app.documents.audit_trail(&asking(&app, &caller).await?, &name, cursor, PAGE).await?;
    let full = i64::try_from(rows.len()).is_ok_and(|count| count == PAGE);
    let next = rows.last().filter(|_| full).map(|row| row.id.clone());
    let told: Vec<Value> = rows.iter().map(told).collect();
    Ok(Reply::of(told).meta(json!({ "next": next })).into_response())
}

fn told(row: &Audited) -> Value {
    json!({
        "id": row.id,
        "at": row.at.rfc3339(),
        "action": row.action,
        "document": row.document,
        "rev": row.rev,
        "actor": row.actor,
        "request_id": row.request_id,
    })
}
