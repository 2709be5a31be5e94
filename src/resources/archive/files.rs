//! Files: `{T}/api/v1/archive/files`.

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::incoming::{only, read};
use super::tagged;
use crate::app::App;
use crate::base::{Code, Params, Refusal, Result, Stop, strict_object};
use crate::files::{Listing, whole};
use crate::http::bearer::Unproven;
use crate::http::files::asker_of;
use crate::http::resource::{Action, Archive, Caller};
use crate::http::routes::ARCHIVE_FILES;
use crate::http::{Data, params::Query};

/// How many files a page has, unless it is said.
const PAGE: u64 = 50;
/// How many it has at most.
const MOST: u64 = 1_000;

/// Takes a file.
pub async fn post(State(app): State<App>, caller: Caller<Archive>, request: Request) -> Result<Response, Unproven> {
    caller.may(Action::Write)?;
    let asker = asker_of(&app, &caller).await?;
    let (incoming, bytes) = read(request).await?;
    app.files.may_create(&asker, &incoming.new).await?;
    let file = app.files.receive(&asker, incoming, bytes).await?;
    let place = format!("{}{ARCHIVE_FILES}/{}", caller.tenant.issuer, file.id);
    let response = ([("location", place)], Data::created(whole(&file))).into_response();
    Ok(tagged(&file, response)?)
}

/// Lists them.
pub async fn get(State(app): State<App>, caller: Caller<Archive>, Query(query): Query) -> Result<Response, Unproven> {
    caller.may(Action::Read)?;
    let asker = asker_of(&app, &caller).await?;
    let listing = listing(&query)?;
    let page = app.files.list(&asker, &listing).await?;
    let mut meta = json!({ "next": page.next });
    if let Some(count) = page.count {
        meta["count"] = count.into();
    }
    let mut response = Data::new(page.files).meta(meta).into_response();
    if let Some(next) = page.next {
        let link = format!("<{}{ARCHIVE_FILES}?{}>; rel=\"next\"", caller.tenant.issuer, again(&query, &next));
        response.headers_mut().insert("link", HeaderValue::from_str(&link)?);
    }
    Ok(response)
}

fn listing(query: &Params) -> Result<Listing> {
    only(query, &["filter", "sort", "limit", "cursor", "count"])?;
    let filter = match query.get("filter") {
        Some(text) => strict_object(text.as_bytes())
            .map(Value::Object)
            .map_err(|_| Refusal::new(Code::InvalidJson, "filter is one JSON object"))?,
        None => json!({}),
    };
    let bad = |what: &'static str| Stop::refuse(Code::InvalidParameter, what);
    let limit = query.get("limit").map_or(Ok(PAGE), str::parse::<u64>);
    let limit = limit.ok().filter(|limit| *limit <= MOST).ok_or_else(|| bad("limit is a number from 0 to 1000"))?;
    let count = match query.get("count") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(bad("count is true or false")),
    };
    let text = |name| query.get(name).map(str::to_owned);
    Ok(Listing { filter, sort: text("sort"), limit, cursor: text("cursor"), count })
}

/// The same query from another place on.
fn again(query: &Params, cursor: &str) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(query.iter().filter(|(name, _)| *name != "cursor"));
    text.append_pair("cursor", cursor).finish()
}
