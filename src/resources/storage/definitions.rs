//! Collections: `GET {T}/api/v1/storage`, and `GET`, `PUT`, `PATCH`, `DELETE …/storage/{collection}`.

use axum::extract::State;
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::asking;
use super::parameters::only;
use super::reply::Reply;
use super::request::{Kind, ONE, Sent, condition, is_known};
use crate::app::App;
use crate::base::{Code, Fault, Refusal};
use crate::documents::Described;
use crate::http::bearer::Unproven;
use crate::http::resource::{Action, Caller, Storage};
use crate::http::routes::STORAGE;
use crate::http::{Query, Segments};

type Answer = Result<Response, Unproven>;

fn reply(described: &Described) -> Result<Reply, Fault> {
    Ok(Reply::of(serde_json::to_value(described)?).tagged(described.version))
}

/// Those that the caller may do something with.
pub async fn list(State(app): State<App>, caller: Caller<Storage>, Query(query): Query) -> Answer {
    only(&query, &[])?;
    let all = app.documents.collections(&asking(&app, &caller).await?).await?;
    Ok(Reply::of(serde_json::to_value(all)?).meta(json!({ "next": Value::Null })).into_response())
}

/// One of them.
pub async fn show(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    headers: HeaderMap,
) -> Answer {
    if !caller.is(Action::Admin) && !caller.is_in(Action::Write, &name) {
        caller.may_in(Action::Read, &name)?;
    }
    let described = app.documents.collection(&asking(&app, &caller).await?, &name).await?;
    if is_known(&headers, described.version) {
        let tag = HeaderValue::from_str(&format!("\"{}\"", described.version))?;
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    Ok(reply(&described)?.into_response())
}

/// Makes one, or gives it another definition.
pub async fn put(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    headers: HeaderMap,
    sent: Sent<ONE>,
) -> Answer {
    caller.may(Action::Admin)?;
    let (text, asking) = (sent.object()?, asking(&app, &caller).await?);
    let (described, new) = app.documents.define(&asking, &name, text, &condition(&headers)).await?;
    let reply = reply(&described)?.created(new);
    let place = format!("{}{STORAGE}/{name}", caller.tenant.issuer);
    Ok(if new { reply.at(place) } else { reply }.preferred(&headers).into_response())
}

/// Merges into its definition.
pub async fn patch(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    headers: HeaderMap,
    sent: Sent<ONE>,
) -> Answer {
    caller.may(Action::Admin)?;
    let merged = match sent.kind {
        Kind::Json | Kind::Merge => sent.any_object()?,
        Kind::Patch => return Err(Refusal::new(Code::UnsupportedMediaType, "a definition is merged").into()),
    };
    let asking = asking(&app, &caller).await?;
    let described = app.documents.redefine(&asking, &name, &merged, &condition(&headers)).await?;
    Ok(reply(&described)?.preferred(&headers).into_response())
}

/// Removes it with all its documents.
pub async fn delete(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    Query(query): Query,
    headers: HeaderMap,
) -> Answer {
    caller.may(Action::Admin)?;
    only(&query, &["confirm"])?;
    let sure = query.get("confirm") == Some(name.as_str());
    app.documents.drop_collection(&asking(&app, &caller).await?, &name, &condition(&headers), sure).await?;
    Ok(Reply::nothing().into_response())
}
