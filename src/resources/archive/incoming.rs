//! A file as a request brings it: a form with one file, or the bytes themselves with what is said of them in headers and
//! query.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use futures_util::Stream;
use serde_json::{Map, Value};

use crate::base::{Code, Params, Refusal, Result, Stop, strict_object};
use crate::files::kind::declared;
use crate::files::{Incoming, NewFile, digest, name, refused};
use crate::http::files::{METADATA, announced, bytes_of, header, multipart};
use crate::query::document::accept;
use crate::store::files::Visibility;

/// What may be said of a file besides its bytes.
pub(super) const FIELDS: [&str; 4] = ["name", "path", "visibility", "metadata"];

/// A stream of bytes.
type Bytestream = Box<dyn Stream<Item = Result<Bytes>> + Send + Unpin>;

/// Reads what is said of a file, and leaves its bytes to be read.
///
/// # Errors
/// What is said cannot be said of a file.
pub(super) async fn read(request: Request) -> Result<(Incoming, Bytestream)> {
    let content_type = header(&request, CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
    let digest = read_digest(&request)?;
    let length = announced(request.headers());
    if content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        let form = multipart(&content_type, request.into_body(), &FIELDS).await?;
        if !form.has_file() {
            return Err(Stop::refuse(Code::InvalidRequest, "the form has no part `file`"));
        }
        let new = described(|name| form.field(name).map(str::to_owned), form.name.as_deref(), form.kind.as_deref())?;
        return Ok((Incoming { id: None, new, length: None, digest, most: None }, Box::new(form.into_bytes())));
    }
    let query = Params::parse(request.uri().query().unwrap_or_default().as_bytes())?;
    only(&query, &FIELDS)?;
    let named = header(&request, "content-disposition").and_then(name::in_disposition);
    let new = described(|field| query.get(field).map(str::to_owned), named.as_deref(), Some(&content_type))?;
    let incoming = Incoming { id: None, new, length, digest, most: None };
    Ok((incoming, Box::new(bytes_of(request.into_body()))))
}

/// The digest that a request announces for its bytes (RFC 9530).
pub(super) fn read_digest(request: &Request) -> Result<Option<String>> {
    for name in ["content-digest", "repr-digest"] {
        if let Some(text) = header(request, name) {
            return Ok(digest::read(text)?);
        }
    }
    Ok(None)
}

/// The bytes of a request, whatever else is said.
pub(super) fn only_bytes(body: Body) -> Bytestream {
    Box::new(bytes_of(body))
}

/// What is said of a file, from wherever it is said.
pub(super) fn described(
    field: impl Fn(&str) -> Option<String>,
    file_name: Option<&str>,
    kind: Option<&str>,
) -> Result<NewFile> {
    let given = field("name");
    let metadata = match field("metadata") {
        Some(text) => metadata(text.as_bytes())?,
        None => Map::new(),
    };
    let visibility = field("visibility").map_or(Ok(Visibility::Private), |text| text.parse::<Visibility>());
    Ok(NewFile {
        name: name::cleaned(given.as_deref().or(file_name).unwrap_or_default()),
        path: field("path").map(|text| folder(&text)).transpose()?,
        declared_type: kind.and_then(declared),
        visibility: visibility.map_err(|_| unfit("visibility is private, tenant or public"))?,
        metadata,
    })
}

/// A folder.
pub(super) fn folder(text: &str) -> Result<String> {
    name::folder(text).ok_or_else(|| unfit("a path is names between slashes"))
}

/// Metadata as text.
fn metadata(text: &[u8]) -> Result<Map<String, Value>> {
    let object = strict_object(text).map_err(|_| Refusal::new(Code::InvalidJson, "metadata is one JSON object"))?;
    acceptable(object)
}

/// Metadata that documents could have too, and not too much of it.
pub(super) fn acceptable(object: Map<String, Value>) -> Result<Map<String, Value>> {
    let accepted = accept(object).map_err(|invalid| refused(&invalid))?;
    if accepted.to_string().len() > METADATA {
        return Err(unfit("metadata is 16 KiB at most"));
    }
    match accepted {
        Value::Object(object) => Ok(object),
        _ => Ok(Map::new()),
    }
}

/// Refuses parameters that are not known here.
pub(super) fn only(query: &Params, known: &[&str]) -> Result<()> {
    match query.iter().find(|(name, _)| !known.contains(name)) {
        Some(_) => Err(Stop::refuse(Code::InvalidParameter, format!("the parameters here are {}", known.join(", ")))),
        None => Ok(()),
    }
}

fn unfit(sentence: &'static str) -> Stop {
    Stop::refuse(Code::Unprocessable, sentence)
}
