//! Files that arrive in pieces: `{T}/api/v1/archive/uploads`, the tus protocol 1.0 with the extensions creation,
//! expiration, checksum and termination. An upload's id becomes the file's.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::incoming::{described, only_bytes};
use crate::app::App;
use crate::base::{Code, Refusal, Result, Stop, Timestamp, UploadId};
use crate::files::{NewFile, Under, digest};
use crate::http::bearer::Unproven;
use crate::http::files::asker_of;
use crate::http::resource::{Action, Archive, Caller};
use crate::http::routes::{ARCHIVE_FILES, ARCHIVE_UPLOADS};
use crate::http::{Rejected, Segments, Tenant};

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");

/// Lets only the protocol's one version in, and says which it is on every answer. Which tenant it is comes first.
pub async fn versioned(_: Tenant, request: Request, next: Next) -> Response {
    let speaks = request.method() == Method::OPTIONS || request.headers().get(RESUMABLE) == Some(&VERSION);
    let mut response = if speaks {
        next.run(request).await
    } else {
        let mut refused =
            Rejected::from(Refusal::new(Code::PreconditionFailed, "this speaks tus 1.0.0")).into_response();
        refused.headers_mut().insert("tus-version", VERSION);
        refused
    };
    response.headers_mut().insert(RESUMABLE, VERSION);
    response
}

/// What is spoken here.
pub async fn options(State(app): State<App>) -> Response {
    let most = app.files.settings().max_upload_bytes.to_string();
    let headers = [
        ("tus-version", "1.0.0".to_owned()),
        ("tus-extension", "creation,expiration,checksum,termination".to_owned()),
        ("tus-checksum-algorithm", "sha256".to_owned()),
        ("tus-max-size", most),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Begins a file.
pub async fn create(State(app): State<App>, caller: Caller<Archive>, headers: HeaderMap) -> Result<Response, Unproven> {
    caller.may(Action::Write)?;
    let asker = asker_of(&app, &caller).await?;
    let length: u64 = number(&headers, "upload-length")?;
    let mut under = app.files.begin_upload(&asker, about(&headers)?, length).await?;
    if length == 0 {
        let nothing = only_bytes(axum::body::Body::empty());
        under = app.files.append(&asker, &under.id, (0, None), nothing).await?;
    }
    let place = format!("{}{ARCHIVE_UPLOADS}/{}", caller.tenant.issuer, under.id);
    let mut response = (StatusCode::CREATED, [("location", place)]).into_response();
    tell(&caller, &under, &mut response)?;
    Ok(response)
}

/// How far it has come.
pub async fn head(
    State(app): State<App>,
    caller: Caller<Archive>,
    Segments([id]): Segments<1>,
) -> Result<Response, Unproven> {
    caller.may(Action::Write)?;
    let asker = asker_of(&app, &caller).await?;
    let under = app.files.upload(&asker, &UploadId::from(id)).await?;
    let mut response = StatusCode::OK.into_response();
    tell(&caller, &under, &mut response)?;
    response.headers_mut().insert("upload-length", under.length.into());
    Ok(response)
}

/// Takes the next piece.
pub async fn patch(
    State(app): State<App>,
    caller: Caller<Archive>,
    Segments([id]): Segments<1>,
    request: Request,
) -> Result<Response, Unproven> {
    caller.may(Action::Write)?;
    let asker = asker_of(&app, &caller).await?;
    let headers = request.headers();
    if text(headers, "content-type") != Some("application/offset+octet-stream") {
        let sentence = "a piece is application/offset+octet-stream";
        return Err(Stop::refuse(Code::UnsupportedMediaType, sentence).into());
    }
    let at = (number(headers, "upload-offset")?, checksum(headers)?);
    let under = app.files.append(&asker, &UploadId::from(id), at, only_bytes(request.into_body())).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    tell(&caller, &under, &mut response)?;
    Ok(response)
}

/// Gives it up.
pub async fn delete(
    State(app): State<App>,
    caller: Caller<Archive>,
    Segments([id]): Segments<1>,
) -> Result<Response, Unproven> {
    caller.may(Action::Write)?;
    app.files.cancel_upload(&asker_of(&app, &caller).await?, &UploadId::from(id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn tell(caller: &Caller<Archive>, under: &Under, response: &mut Response) -> Result<()> {
    let headers = response.headers_mut();
    headers.insert("upload-offset", under.offset.into());
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    if let Some(date) = under.ends_at.filter(|_| under.file.is_none()).and_then(http_date) {
        headers.insert("upload-expires", HeaderValue::from_str(&date)?);
    }
    if let Some(file) = &under.file {
        let place = format!("{}{ARCHIVE_FILES}/{}", caller.tenant.issuer, file.id);
        headers.insert("content-location", HeaderValue::from_str(&place)?);
    }
    Ok(())
}

fn http_date(at: Timestamp) -> Option<String> {
    let written = OffsetDateTime::from_unix_timestamp(at.0).ok()?.format(&Rfc2822).ok()?;
    Some(written.replace("+0000", "GMT"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn number<N: std::str::FromStr>(headers: &HeaderMap, name: &'static str) -> Result<N> {
    let digits = text(headers, name).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|text| text.parse().ok());
    number.ok_or_else(|| Stop::refuse(Code::InvalidRequest, format!("{name} is a number and needed here")))
}

/// `Upload-Checksum: sha256 BASE64`.
fn checksum(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(text) = text(headers, "upload-checksum") else { return Ok(None) };
    let read = text.strip_prefix("sha256 ").and_then(digest::base64);
    read.map(Some).ok_or_else(|| Stop::refuse(Code::InvalidRequest, "Upload-Checksum is sha256 and base64"))
}

/// `Upload-Metadata`: names, each with a value in base64.
fn about(headers: &HeaderMap) -> Result<NewFile> {
    let malformed = || Refusal::new(Code::InvalidRequest, "Upload-Metadata is names with values in base64");
    let mut members: Vec<(String, String)> = Vec::new();
    for pair in text(headers, "upload-metadata").unwrap_or_default().split(',').filter(|pair| !pair.trim().is_empty()) {
        let (name, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let bytes = STANDARD.decode(value).map_err(|_| malformed())?;
        let value = String::from_utf8(bytes).map_err(|_| malformed())?;
        if members.iter().any(|(known, _)| known == name) {
            return Err(malformed().into());
        }
        members.push((name.to_owned(), value));
    }
    let member = |name: &str| members.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    // What the clients of this protocol say by custom.
    let (file_name, kind) = (member("filename"), member("filetype").or_else(|| member("type")));
    described(member, file_name.as_deref(), kind.as_deref())
}
