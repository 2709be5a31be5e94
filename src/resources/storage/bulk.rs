//! All documents that a filter takes: `PATCH`, `DELETE …/{collection}/documents?filter=`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::asking;
use super::frame::changed;
use super::parameters::{deliberate, flag, json as json_of, only};
use super::reply::Reply;
use super::request::{ONE, Sent, repeatable};
use crate::app::App;
use crate::base::{Code, Params, Refusal};
use crate::documents::Counts;
use crate::http::bearer::Unproven;
use crate::http::resource::{Action, Caller, Storage};
use crate::http::{Query, Segments};

/// How many were met and changed.
pub fn told(counts: Counts) -> Value {
    json!({ "matched": counts.matched, "modified": counts.modified })
}

fn filter_of(query: &Params) -> Result<Value, Refusal> {
    only(query, &["filter", "all"])?;
    if query.raw("filter") == Some("") {
        return Err(Refusal::new(Code::FilterRequired, "a filter has to say which documents are meant"));
    }
    deliberate(json_of(query, "filter")?, flag(query, "all")?)
}

/// Changes them.
pub async fn patch(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    Query(query): Query,
    headers: HeaderMap,
    sent: Sent<ONE>,
) -> Result<Response, Unproven> {
    caller.may_in(Action::Write, &name)?;
    let (filter, edit, asking) = (&filter_of(&query)?, &sent.edit()?, asking(&app, &caller).await?);
    let request = sent.repeatable(&headers, &caller, &["patch", &name, "?", &filter.to_string()])?;
    let name = &name;
    let reply = changed(&app, &asking, request, |mut work| async move {
        let counts = work.edit_many(name, filter, edit).await?;
        Ok((work, Reply::of(told(counts))))
    });
    Ok(reply.await?.into_response())
}

/// Removes them.
pub async fn delete(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Response, Unproven> {
    caller.may_in(Action::Write, &name)?;
    let (filter, asking) = (&filter_of(&query)?, asking(&app, &caller).await?);
    let request = repeatable(&headers, &caller, &["delete", &name, "?", &filter.to_string()], b"")?;
    let name = &name;
    let reply = changed(&app, &asking, request, |mut work| async move {
        let deleted = work.remove_many(name, filter).await?;
        Ok((work, Reply::of(json!({ "deleted": deleted }))))
    });
    Ok(reply.await?.into_response())
}
