//! How a file's bytes are sent. Whatever is in them, nothing of it runs here: no sniffing, a sandbox without scripts, and
//! only what is known to be harmless is shown in the browser at all (W-101, F2).

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::range::{Wanted, wanted};
use crate::app::App;
use crate::base::{Actor, Code, Refusal, Result, Stop};
use crate::files::digest;
use crate::files::kind::may_be_shown;
use crate::files::name::{cleaned, disposition};
use crate::http::errors::Problem;
use crate::store::archive_usage::Ceiling;
use crate::store::files::File;

/// Nothing of a file runs, whatever it is.
const POLICY: &str = "default-src 'none'; sandbox";

/// To whom and how a file is sent.
#[derive(Clone, Debug)]
pub struct Sent<'a> {
    /// The request's method: HEAD sends no bytes.
    pub method: &'a Method,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// A name to save it under, instead of showing it.
    pub download: Option<&'a str>,
    /// Whether anybody may keep it.
    pub public: bool,
    /// Who reads it.
    pub by: &'a Actor,
}

/// The answer to a request for a file's bytes.
///
/// # Errors
/// The bytes may not be read, or the store is away.
pub async fn serve(app: &App, file: &File, sent: &Sent<'_>) -> Result<Response> {
    let (size, tag) = (file.size.unsigned_abs(), tag_of(file));
    let (range, status) = match wanted(sent.headers, &tag, size) {
        Wanted::Whole => (0..size, StatusCode::OK),
        Wanted::Part(range) => (range, StatusCode::PARTIAL_CONTENT),
        Wanted::Known => return Ok((StatusCode::NOT_MODIFIED, headers(file, &tag, sent)?).into_response()),
        Wanted::Another => return Err(Stop::refuse(Code::PreconditionFailed, "the file has other bytes by now")),
        Wanted::Beyond => return beyond(size),
    };
    let mut headers = headers(file, &tag, sent)?;
    headers.insert(CONTENT_LENGTH, (range.end - range.start).into());
    if status == StatusCode::PARTIAL_CONTENT {
        let part = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        headers.insert(CONTENT_RANGE, HeaderValue::from_str(&part)?);
    }
    if sent.method == Method::HEAD {
        app.files.readable(file)?;
        return Ok((status, headers).into_response());
    }
    let bytes = app.files.bytes(file, range, sent.by).await?;
    Ok((status, headers, Body::from_stream(bytes)).into_response())
}

/// The answer to a request for a smaller picture of a file, of a size that is configured.
///
/// # Errors
/// There is none of this size or file, or none can be made now.
pub async fn serve_smaller(app: &App, file: &File, name: &str, room: Ceiling, sent: &Sent<'_>) -> Result<Response> {
    let size = app.files.thumbnail_size(file, name)?;
    let tag = format!("\"{}-{name}\"", file.view.sha256.get(..32).unwrap_or_default());
    let mut headers = headers(file, &tag, sent)?;
    match wanted(sent.headers, &tag, 0) {
        Wanted::Known => return Ok((StatusCode::NOT_MODIFIED, headers).into_response()),
        Wanted::Another => return Err(Stop::refuse(Code::PreconditionFailed, "the file has other bytes by now")),
        // It is small enough to be sent as a whole.
        Wanted::Whole | Wanted::Part(_) | Wanted::Beyond => {}
    }
    let picture = app.files.thumbnail(file, size, room, sent.by).await?;
    headers.insert(CONTENT_LENGTH, picture.bytes.len().into());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(picture.kind));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
    headers.insert("repr-digest", HeaderValue::from_str(&digest::of(&picture.bytes))?);
    let body = if sent.method == Method::HEAD { Body::empty() } else { Body::from(picture.bytes.clone()) };
    Ok((StatusCode::OK, headers, body).into_response())
}

/// The entity tag of a file's bytes.
fn tag_of(file: &File) -> String {
    format!("\"{}\"", file.view.sha256.get(..32).unwrap_or_default())
}

fn headers(file: &File, tag: &str, sent: &Sent<'_>) -> Result<HeaderMap> {
    let view = &file.view;
    let shown = may_be_shown(&view.kind, file.sniffed.0) && sent.download.is_none();
    let name = sent.download.map_or_else(|| view.name.clone(), cleaned);
    let kind = if view.kind == "text/plain" { "text/plain; charset=utf-8" } else { &view.kind };
    let fixed = [
        (ACCEPT_RANGES, "bytes"),
        (CACHE_CONTROL, if sent.public { "public, max-age=300" } else { "private, no-cache" }),
        (CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-site"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let mut headers: HeaderMap =
        fixed.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(kind)?);
    headers.insert(ETAG, HeaderValue::from_str(tag)?);
    headers.insert("repr-digest", HeaderValue::from_str(&digest::written(&view.sha256))?);
    let disposition = disposition(if shown { "inline" } else { "attachment" }, &name);
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_str(&disposition)?);
    Ok(headers)
}

fn beyond(size: u64) -> Result<Response> {
    let refusal = Refusal::new(Code::RangeNotSatisfiable, "the file has no such part");
    let mut response = Problem::from(refusal).into_response();
    response.headers_mut().insert(CONTENT_RANGE, HeaderValue::from_str(&format!("bytes */{size}"))?);
    Ok(response)
}
