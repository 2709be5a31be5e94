//! `GET …/documents:watch`: changes as server-sent events (WHATWG HTML §9.2). A credential is proven again every few
//! seconds, so that the stream ends with it.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts as _, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;

use super::asking;
use super::request::{json as json_of, only};
use crate::app::App;
use crate::base::{Code, Refusal, Stop};
use crate::documents::{Happened, Watch};
use crate::http::bearer::Unproven;
use crate::http::resource::{Action, Caller, Storage};
use crate::http::{Query, Segments};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Proxies that collect answers would keep events back.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// How long a credential that was proven is believed.
const BELIEVED: Duration = Duration::from_secs(2);
/// How long a stream is silent at most: those in between close what seems to be dead.
const SILENCE: Duration = Duration::from_secs(15);

/// The changes from now on, or from after the last one that was seen.
pub async fn get(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    Query(query): Query,
    parts: Parts,
) -> Result<Response, Unproven> {
    caller.may_in(Action::Read, &name)?;
    only(&query, &["filter"])?;
    let (filter, from) = (json_of(&query, "filter")?, last_seen(&parts.headers)?);
    let watch = app.documents.watch(&asking(&app, &caller).await?, &name, filter, from).await?;
    let now = Instant::now();
    let watching = Watching { app, parts, name, watch, proven: now, spoken: now, begun: false, over: false };
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store"), (ACCEL_BUFFERING, "no")];
    Ok((headers, Body::from_stream(stream::unfold(watching, Watching::next))).into_response())
}

fn last_seen(headers: &HeaderMap) -> Result<Option<i64>, Refusal> {
    let Some(given) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let number = given.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| Refusal::new(Code::InvalidCursor, "Last-Event-ID is the number of an event"))
}

/// A stream of events.
struct Watching {
    app: App,
    parts: Parts,
    name: String,
    watch: Watch,
    proven: Instant,
    spoken: Instant,
    begun: bool,
    over: bool,
}

impl Watching {
    /// What is sent next, when there is something.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let text = self.text().await?;
        self.spoken = Instant::now();
        Some((Ok(Bytes::from(text)), self))
    }

    async fn text(&mut self) -> Option<String> {
        if self.over {
            return None;
        }
        if !self.begun {
            self.begun = true;
            // Whoever loses the connection before the first event comes back to here.
            return Some(format!("retry: 2000\nid: {}\n\n", self.watch.seen()));
        }
        loop {
            if self.app.documents.is_closing() {
                return None;
            }
            if self.prove().await.is_err() {
                return Some(self.end(Code::InvalidToken));
            }
            match self.app.documents.news(&mut self.watch).await {
                Ok(news) if !news.is_empty() => return Some(news.iter().map(told).collect()),
                Ok(_) if self.spoken.elapsed() > SILENCE => return Some(": nothing new\n\n".to_owned()),
                Ok(_) => {}
                Err(stop) => return Some(self.end(code_of(&stop))),
            }
        }
    }

    async fn prove(&mut self) -> Result<(), Unproven> {
        if self.proven.elapsed() < BELIEVED {
            return Ok(());
        }
        let caller = Caller::<Storage>::from_request_parts(&mut self.parts, &self.app).await?;
        caller.may_in(Action::Read, &self.name)?;
        self.watch.renew(asking(&self.app, &caller).await?);
        self.proven = Instant::now();
        Ok(())
    }

    /// The last event.
    fn end(&mut self, code: Code) -> String {
        self.over = true;
        format!("event: end\ndata: {}\n\n", json!({ "code": code.as_str() }))
    }
}

fn code_of(stop: &Stop) -> Code {
    match stop {
        Stop::Refused(refusal) => refusal.code,
        Stop::Failed(fault) => {
            tracing::error!(fault = fault.chain(), "a watch failed");
            Code::ServerError
        }
    }
}

fn told(happened: &Happened) -> String {
    format!("id: {}\nevent: {}\ndata: {}\n\n", happened.seq, happened.event, happened.data)
}
