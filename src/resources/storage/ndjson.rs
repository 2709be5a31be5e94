//! Documents as lines of JSON (NDJSON), in and out: `POST …/documents:import`, `GET …/documents:export`.

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::{TryStreamExt as _, stream};
use serde_json::{Map, Value, json};

use super::asking;
use super::frame::tried;
use super::parameters::{json as json_of, only};
use super::reply::Reply;
use super::request::ONE;
use crate::app::App;
use crate::base::{Code, Refusal, Result, Stop, strict_value};
use crate::documents::{Asking, Imported, OnConflict};
use crate::http::bearer::Unproven;
use crate::http::files::announced;
use crate::http::resource::{Action, Caller, Storage};
use crate::http::{Query, Segments};

/// What it is called.
const NDJSON: &str = "application/x-ndjson";
/// Documents that happen together.
const TOGETHER: usize = 500;
/// Bytes that happen together.
const BYTES_TOGETHER: usize = 4 << 20;

/// Stores a document for each line. Some hundred lines happen together; what they did stays when a later one is wrong.
pub async fn import(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    Query(query): Query,
    request: Request,
) -> Result<Response, Unproven> {
    caller.may_in(Action::Write, &name)?;
    only(&query, &["on_conflict"])?;
    let how = match query.raw("on_conflict") {
        None | Some("error") => OnConflict::Error,
        Some("skip") => OnConflict::Skip,
        Some("replace") => OnConflict::Replace,
        Some(_) => return Err(parameter("on_conflict is error, skip or replace").into()),
    };
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given.split(';').next().unwrap_or_default().trim() != NDJSON {
        return Err(Refusal::new(Code::UnsupportedMediaType, "the body has to be application/x-ndjson").into());
    }
    let limit = app.config.http.import_limit;
    if announced(request.headers()).is_some_and(|length| length > limit) {
        return Err(too_much(limit).into());
    }
    let asking = asking(&app, &caller).await?;
    let mut import = Import { app: &app, asking: &asking, name: &name, how, line: 0, done: Imported::default() };
    let body = request.into_body().into_data_stream();
    let mut lines = Lines { body, rest: Vec::new(), ended: false, left: limit, limit };
    match import.all(&mut lines).await {
        Ok(()) => {
            let Imported { inserted, replaced, skipped } = import.done;
            let told = json!({ "inserted": inserted, "replaced": replaced, "skipped": skipped });
            Ok(Reply::of(told).into_response())
        }
        Err(Stop::Refused(refusal)) => Err(import.until_there(refusal).into()),
        Err(failed) => Err(failed.into()),
    }
}

fn too_much(limit: u64) -> Refusal {
    Refusal::new(Code::BodyTooLarge, "an import this large comes in several requests").member("limit", limit)
}

fn parameter(why: &'static str) -> Refusal {
    Refusal::new(Code::InvalidParameter, why)
}

/// An import under way.
struct Import<'a> {
    app: &'a App,
    asking: &'a Asking,
    name: &'a str,
    how: OnConflict,
    /// Lines before those that are being read.
    line: u64,
    done: Imported,
}

impl Import<'_> {
    async fn all(&mut self, lines: &mut Lines) -> Result<()> {
        let (mut bodies, mut bytes) = (Vec::new(), 0);
        while let Some(line) = lines.next().await? {
            bytes += line.len();
            bodies.push(document(&line).map_err(|refusal| self.at(refusal, bodies.len()))?);
            if bodies.len() == TOGETHER || bytes > BYTES_TOGETHER {
                self.some(std::mem::take(&mut bodies)).await?;
                bytes = 0;
            }
        }
        self.some(bodies).await
    }

    async fn some(&mut self, bodies: Vec<Option<Map<String, Value>>>) -> Result<()> {
        let count = bodies.len() as u64;
        let bodies: Vec<_> = bodies.into_iter().flatten().collect();
        let done = tried(|| async {
            let mut work = self.app.documents.begin(self.asking).await?;
            let done = work.import(self.name, bodies.clone(), self.how).await?;
            work.commit(&Value::Null).await?;
            Ok(done)
        });
        self.done += done.await?;
        self.line += count;
        Ok(())
    }

    fn at(&self, refusal: Refusal, before: usize) -> Refusal {
        refusal.member("line", self.line + before as u64 + 1)
    }

    /// Says what was done before it ended.
    fn until_there(&self, refusal: Refusal) -> Refusal {
        let Imported { inserted, replaced, skipped } = self.done;
        let done = json!({ "inserted": inserted, "replaced": replaced, "skipped": skipped });
        refusal.member("imported", done).member("lines_imported", self.line)
    }
}

/// The document on a line; none on an empty one.
fn document(line: &[u8]) -> Result<Option<Map<String, Value>>, Refusal> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    match strict_value(line) {
        Ok(Value::Object(map)) => Ok(Some(map)),
        _ => Err(Refusal::new(Code::InvalidJson, "a line has to be one JSON object that names no member twice")),
    }
}

/// The lines of a body, as they arrive.
struct Lines {
    body: BodyDataStream,
    rest: Vec<u8>,
    ended: bool,
    /// Bytes that may still come, of so many.
    left: u64,
    limit: u64,
}

impl Lines {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.rest[searched..].iter().position(|byte| *byte == b'\n') {
                let after = self.rest.split_off(searched + end + 1);
                let mut line = std::mem::replace(&mut self.rest, after);
                line.pop();
                return Ok(Some(line));
            }
            searched = self.rest.len();
            if searched > ONE {
                return Err(Refusal::new(Code::BodyTooLarge, "a line is too long").member("limit", ONE));
            }
            if self.ended {
                return Ok((searched > 0).then(|| std::mem::take(&mut self.rest)));
            }
            let cut = |_| Refusal::new(Code::InvalidRequest, "the body was cut off");
            match self.body.try_next().await.map_err(cut)? {
                Some(bytes) => {
                    let left = self.left.checked_sub(bytes.len() as u64);
                    self.left = left.ok_or_else(|| too_much(self.limit))?;
                    self.rest.extend_from_slice(&bytes);
                }
                None => self.ended = true,
            }
        }
    }
}

/// A line for each document, by id, as all of them are at one moment.
pub async fn export(
    State(app): State<App>,
    caller: Caller<Storage>,
    Segments([name]): Segments<1>,
    Query(query): Query,
) -> Result<Response, Unproven> {
    caller.may_in(Action::Read, &name)?;
    only(&query, &["filter"])?;
    let filter = json_of(&query, "filter")?;
    let pages = app.documents.export(&asking(&app, &caller).await?, &name, filter.as_ref()).await?;
    let lines = stream::unfold(pages, |mut pages| async {
        let page = pages.recv().await?;
        Some((page.map(|documents| written(&documents)).map_err(cut_off), pages))
    });
    Ok(([(CONTENT_TYPE, NDJSON), (CACHE_CONTROL, "no-store")], Body::from_stream(lines)).into_response())
}

fn written(documents: &[Value]) -> Bytes {
    documents.iter().flat_map(|document| [document.to_string(), "\n".to_owned()]).collect::<String>().into()
}

/// The answer has begun: all that can be said is that it does not end well.
fn cut_off(stop: Stop) -> std::io::Error {
    match stop {
        Stop::Refused(refusal) => tracing::info!(%refusal.description, "an export ended early"),
        Stop::Failed(fault) => tracing::error!(fault = fault.chain(), "an export failed"),
    }
    std::io::Error::other("the export ended early")
}
