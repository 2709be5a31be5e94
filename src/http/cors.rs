//! Cross-origin reads (the Fetch standard) for endpoints whose every answer depends on what the request itself
//! carries: any origin may read, and no browser adds cookies (T11). The pages and the authorization endpoint answer
//! no other origin (RFC 9700 §2.6).

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::around::{Around, Before, Layered};

/// What a script of another origin may read of an answer's head.
const READABLE: &str = "www-authenticate, x-request-id, retry-after, ratelimit-limit, ratelimit-remaining, \
    ratelimit-reset, etag, location, link, accept-ranges, content-range, content-disposition, content-location, repr-digest, \
    tus-resumable, tus-version, tus-extension, tus-max-size, upload-offset, upload-length, upload-expires";

/// What it may send besides what every page may.
const SENDABLE: &str = "authorization, content-type, x-api-key, x-challenge-solution, if-match, if-none-match, \
    if-range, range, prefer, idempotency-key, last-event-id, content-disposition, content-digest, tus-resumable, \
    upload-offset, upload-length, upload-metadata, upload-checksum";

/// The layer that lets any origin read the answers, and answers the question whether it may ask.
#[must_use]
pub const fn open() -> Layered<Open> {
    Layered(Open)
}

/// What [`open`] does.
#[derive(Clone, Copy, Debug)]
pub struct Open;

impl Around for Open {
    type Note = ();

    fn before(&self, request: &Request) -> Before<()> {
        let asks = request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if asks { Before::Answer(allowance()) } else { Before::GoOn(Some(())) }
    }

    fn after(&self, (): (), response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READABLE));
    }
}

fn allowance() -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE"),
        (ACCESS_CONTROL_ALLOW_HEADERS, SENDABLE),
        (ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}
