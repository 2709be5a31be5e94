//! Single documents, and lists of them: `GET`, `POST …/{collection}/documents`, `GET`, `PUT`, `PATCH`,
//! `DELETE …/documents/{document}`.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::asking;
use super::frame::changed;
use super::parameters::{flag, json as json_of, only};
use super::reply::Reply;
use super::request::{ONE, Sent, condition, is_known, repeatable};
use crate::app::App;
use crate::base::{Code, Params, Refusal};
use crate::documents::{Found, MOST, USUAL, Wish};
use crate::http::bearer::Unproven;
use crate::http::resource::{Action, Caller, Storage};
use crate::http::routes::STORAGE;
use crate::http::{Query, Segments};

type Answer = Result<Response, Unproven>;

/// How many documents a list may pass over; a cursor goes further.
pub const SKIPPED: u64 = 100_000;

/// A page of documents.
pub async fn list(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    Query(query): Query,
) -> Answer {
    caller.may_in(Action::Read, &name)?;
    let wish = wish(&query)?;
    let found = app.documents.find(&asking(&app, &caller).await?, &name, &wish).await?;
    let here = format!("{}{STORAGE}/{name}/documents", caller.tenant.issuer);
    let next = found.next.as_deref().map(|cursor| following(&here, &query, cursor));
    Ok(page(found).next(next).into_response())
}

/// A page as it is answered.
pub fn page(found: Found) -> Reply {
    let mut meta = json!({ "next": found.next });
    if let (Some(count), Some(meta)) = (found.count, meta.as_object_mut()) {
        meta.insert("count".to_owned(), count.into());
    }
    Reply::of(found.documents).meta(meta)
}

fn wish(query: &Params) -> Result<Wish, Refusal> {
    only(query, &["filter", "sort", "fields", "limit", "skip", "cursor", "count"])?;
    let number = |name: &str, most: u64| match query.raw(name) {
        None => Ok(None),
        Some(text) => {
            let plain = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            let number = plain.and_then(|text| text.parse().ok()).filter(|number| *number <= most);
            let why = || Refusal::new(Code::InvalidParameter, format!("{name} is a number from 0 to {most}"));
            number.map(Some).ok_or_else(why)
        }
    };
    Ok(Wish {
        filter: json_of(query, "filter")?,
        sort: listed(query, "sort")?,
        projection: listed(query, "fields")?,
        skip: number("skip", SKIPPED)?.unwrap_or(0),
        limit: number("limit", MOST)?.unwrap_or(USUAL),
        cursor: query.raw("cursor").map(str::to_owned),
        count: flag(query, "count")?,
    })
}

/// `-n,s` and `a,b.c`, or the same as JSON.
fn listed(query: &Params, name: &str) -> Result<Option<Value>, Refusal> {
    match query.raw(name) {
        Some(text) if text.starts_with('{') => json_of(query, name),
        text => Ok(text.map(Value::from)),
    }
}

/// The address of the next page.
fn following(here: &str, query: &Params, cursor: &str) -> String {
    let mut next = url::form_urlencoded::Serializer::new(String::new());
    next.extend_pairs(query.iter().filter(|(name, _)| *name != "cursor")).append_pair("cursor", cursor);
    format!("{here}?{}", next.finish())
}

/// Stores a new document.
pub async fn post(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    headers: HeaderMap,
    sent: Sent<ONE>,
) -> Answer {
    caller.may_in(Action::Write, &name)?;
    let (body, asking) = (&sent.object()?, asking(&app, &caller).await?);
    let request = sent.repeatable(&headers, &caller, &["insert", &name])?;
    let (name, issuer) = (&name, &caller.tenant.issuer);
    let reply = changed(&app, &asking, request, |mut work| async move {
        let stored = work.insert(name, vec![body.clone()]).await?.pop().unwrap_or_default();
        let id = stored["_id"].as_str().unwrap_or_default();
        let place = format!("{issuer}{STORAGE}/{name}/documents/{id}");
        Ok((work, Reply::of(stored).created(true).tagged(1).at(place)))
    });
    Ok(reply.await?.preferred(&headers).into_response())
}

/// A document.
pub async fn show(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name, id]): Segments<2>,
    Query(query): Query,
    headers: HeaderMap,
) -> Answer {
    caller.may_in(Action::Read, &name)?;
    only(&query, &["fields"])?;
    let fields = listed(&query, "fields")?;
    let (document, rev) = app.documents.get(&asking(&app, &caller).await?, &name, &id, fields.as_ref()).await?;
    if is_known(&headers, rev) {
        let tag = HeaderValue::from_str(&format!("\"{rev}\""))?;
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(Reply::of(document).tagged(rev).into_response())
}

/// Stores a document under this id, in place of what is there.
pub async fn put(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name, id]): Segments<2>,
    headers: HeaderMap,
    sent: Sent<ONE>,
) -> Answer {
    caller.may_in(Action::Write, &name)?;
    let (body, asking) = (&sent.object()?, asking(&app, &caller).await?);
    let request = sent.repeatable(&headers, &caller, &["put", &name, &id])?;
    let (name, id, condition, issuer) = (&name, &id, &condition(&headers), &caller.tenant.issuer);
    let reply = changed(&app, &asking, request, |mut work| async move {
        let (stored, rev, new) = work.put(name, id, body.clone(), condition).await?;
        let reply = Reply::of(stored).created(new).tagged(rev);
        let place = format!("{issuer}{STORAGE}/{name}/documents/{id}");
        Ok((work, if new { reply.at(place) } else { reply }))
    });
    Ok(reply.await?.preferred(&headers).into_response())
}

/// Changes a document.
pub async fn patch(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name, id]): Segments<2>,
    headers: HeaderMap,
    sent: Sent<ONE>,
) -> Answer {
    caller.may_in(Action::Write, &name)?;
    let (edit, asking) = (&sent.edit()?, asking(&app, &caller).await?);
    let request = sent.repeatable(&headers, &caller, &["patch", &name, &id])?;
    let (name, id, condition) = (&name, &id, &condition(&headers));
    let reply = changed(&app, &asking, request, |mut work| async move {
        let (edited, rev) = work.edit(name, id, edit, condition).await?;
        Ok((work, Reply::of(edited).tagged(rev)))
    });
    Ok(reply.await?.preferred(&headers).into_response())
}

/// Removes a document.
pub async fn delete(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name, id]): Segments<2>,
    Query(query): Query,
    headers: HeaderMap,
) -> Answer {
    caller.may_in(Action::Write, &name)?;
    only(&query, &[])?;
    let asking = asking(&app, &caller).await?;
    let request = repeatable(&headers, &caller, &["delete", &name, &id], b"")?;
    let (name, id, condition) = (&name, &id, &condition(&headers));
    let reply = changed(&app, &asking, request, |mut work| async move {
        work.remove(name, id, condition).await?;
        Ok((work, Reply::nothing()))
    });
    Ok(reply.await?.into_response())
}
