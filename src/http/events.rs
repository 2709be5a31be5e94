//! Server-sent events (WHATWG HTML §9.2): a stream that goes on for as long as its caller may see it. The credential is
//! proven again every few seconds, so that the stream ends with it.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;

use crate::base::{Code, Refusal, Result, Stop};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Proxies that collect answers would keep events back.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// How long a credential that was proven is believed.
const BELIEVED: Duration = Duration::from_secs(2);
/// How long a stream is silent at most: those in between close what seems to be dead.
const SILENCE: Duration = Duration::from_secs(15);

/// An event.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its number; whoever comes back with it misses nothing.
    pub id: i64,
    /// What kind it is.
    pub event: String,
    /// What happened, as JSON on one line.
    pub data: String,
}

/// Where events come from.
pub trait Source: Send + 'static {
    /// Up to where everything was told.
    fn seen(&self) -> i64;

    /// What has happened since; nothing, if that is so for about a second.
    fn news(&mut self) -> impl Future<Output = Result<Vec<Told>>> + Send;

    /// Proves the caller again; `false`: it is nobody any more.
    fn prove(&mut self) -> impl Future<Output = bool> + Send;

    /// Whether all streams are to end.
    fn is_closing(&self) -> bool;
}

/// The number that a client saw last.
///
/// # Errors
/// It is none.
pub fn last_seen(headers: &HeaderMap) -> Result<Option<i64>, Refusal> {
    let Some(given) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let number = given.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| Refusal::new(Code::InvalidCursor, "Last-Event-ID is the number of an event"))
}

/// The answer that tells what comes from there.
pub fn respond(source: impl Source) -> Response {
    let now = Instant::now();
    let following = Following { source, proven: now, spoken: now, begun: false, over: false };
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store"), (ACCEL_BUFFERING, "no")];
    (headers, Body::from_stream(stream::unfold(following, Following::next))).into_response()
}

/// A stream of events.
struct Following<S> {
    source: S,
    proven: Instant,
    spoken: Instant,
    begun: bool,
    over: bool,
}

impl<S: Source> Following<S> {
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
            return Some(format!("retry: 2000\nid: {}\n\n", self.source.seen()));
        }
        loop {
            if self.source.is_closing() {
                return None;
            }
            if !self.prove().await {
                return Some(self.end(Code::InvalidToken));
            }
            match self.source.news().await {
                Ok(news) if !news.is_empty() => return Some(news.iter().map(written).collect()),
                Ok(_) if self.spoken.elapsed() > SILENCE => return Some(": nothing new\n\n".to_owned()),
                Ok(_) => {}
                Err(stop) => return Some(self.end(code_of(&stop))),
            }
        }
    }

    async fn prove(&mut self) -> bool {
        if self.proven.elapsed() < BELIEVED {
            return true;
        }
        self.proven = Instant::now();
        self.source.prove().await
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
            tracing::error!(fault = fault.chain(), "a stream of events failed");
            Code::ServerError
        }
    }
}

fn written(told: &Told) -> String {
    format!("id: {}\nevent: {}\ndata: {}\n\n", told.id, told.event, told.data)
}
