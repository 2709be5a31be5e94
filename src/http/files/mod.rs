//! What the surfaces share about files: who asks, how a file is read off a request, and how its bytes are sent.

mod asker;
mod multipart;
pub mod range;
mod serving;

use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use crate::base::{Code, Result, Stop};

pub use asker::{asker_of, asker_of_link, asker_of_person};
pub use multipart::{Parts, multipart};
pub use serving::{Sent, serve, serve_smaller};

/// Longest metadata in bytes.
pub const METADATA: usize = 16 * 1024;

/// The bytes of a body as they come.
pub fn bytes_of(body: Body) -> impl Stream<Item = Result<Bytes>> + Send + Unpin {
    let cut = |_| Stop::refuse(Code::InvalidRequest, "the bytes were cut off");
    body.into_data_stream().map(move |piece| piece.map_err(cut))
}

/// How many bytes a request announces.
#[must_use]
pub fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(axum::http::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A header as text; one that is not readable is none.
#[must_use]
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}
