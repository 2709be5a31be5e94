//! The three dialects of refusals and faults, side by side: OAuth JSON (RFC 6749 §5.2), HTML page, and
//! `application/problem+json` (RFC 9457). A fault is logged here, once; its caller learns a request id and no more.

use askama::Template as _;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::context::request_id;
use super::routes::Dialect;
use crate::base::{Code, Refusal, Stop};
use crate::frame::{ErrorPage, Words};
use crate::store::trouble::Trouble;

/// Marks a response that is already in the dialect of its surface.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rendered;

/// A refusal on its way to the layer that knows the surface.
#[derive(Clone, Debug)]
pub(super) struct Pending(pub(super) Refusal);

macro_rules! dialect {
    ($(#[$doc:meta])* $name:ident, $dialect:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            /// What stopped the work.
            pub stop: Stop,
            /// `WWW-Authenticate` of the answer.
            pub challenge: Option<String>,
        }

        impl $name {
            /// With a `WWW-Authenticate` challenge.
            #[must_use]
            pub fn challenged(stop: impl Into<Stop>, challenge: impl Into<String>) -> Self {
                Self { stop: stop.into(), challenge: Some(challenge.into()) }
            }
        }

        impl<E> From<E> for $name
        where
            Stop: From<E>,
        {
            fn from(error: E) -> Self {
                Self { stop: error.into(), challenge: None }
            }
        }

        impl IntoResponse for $name {
            fn into_response(self) -> Response {
                render(&refusal(self.stop), self.challenge.as_deref(), $dialect)
            }
        }
    };
}

dialect!(
    /// An answer of an OAuth endpoint.
    OAuthError,
    Dialect::OAuth
);
dialect!(
    /// An answer of a page.
    PageError,
    Dialect::Page
);
dialect!(
    /// An answer of an API.
    Problem,
    Dialect::Problem
);

/// What an extractor that serves every surface refuses with: it is rendered in the dialect of the path.
#[derive(Debug)]
pub struct Rejected(pub Stop);

impl<E> From<E> for Rejected
where
    Stop: From<E>,
{
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Rejected {
    fn into_response(self) -> Response {
        let refusal = refusal(self.0);
        let mut response = status(refusal.code).into_response();
        response.extensions_mut().insert(Pending(refusal));
        response
    }
}

impl From<Rejected> for OAuthError {
    fn from(rejected: Rejected) -> Self {
        rejected.0.into()
    }
}

impl From<Rejected> for PageError {
    fn from(rejected: Rejected) -> Self {
        rejected.0.into()
    }
}

impl From<Rejected> for Problem {
    fn from(rejected: Rejected) -> Self {
        rejected.0.into()
    }
}

/// Logs what stopped the work, and makes of a fault a refusal that tells nothing.
pub(super) fn refusal(stop: Stop) -> Refusal {
    match stop {
        Stop::Refused(refusal) => {
            tracing::info!(
                code = refusal.code.as_str(),
                description = %refusal.description,
                hint = refusal.hint.as_deref(),
                request_id = request_id(),
                "refused"
            );
            refusal
        }
        Stop::Failed(fault) => {
            tracing::error!(fault = fault.chain(), request_id = request_id(), "failed");
            metrics::counter!("chancery_faults_total").increment(1);
            told(Trouble::of(&fault))
        }
    }
}

/// What a caller learns of a fault: whether it makes sense to try again.
fn told(trouble: Option<Trouble>) -> Refusal {
    match trouble {
        Some(Trouble::Full) => Refusal::new(Code::InsufficientStorage, "there is no room left here for anything new"),
        Some(Trouble::Away | Trouble::Crossing) => {
            Refusal::new(Code::TemporarilyUnavailable, "the database cannot do this at the moment")
        }
        None => Refusal::new(Code::ServerError, "something went wrong here; the request id helps to find out what"),
    }
}

/// The answer to a refusal in a dialect.
pub(super) fn render(refusal: &Refusal, challenge: Option<&str>, dialect: Dialect) -> Response {
    let mut response = match dialect {
        Dialect::OAuth => oauth(refusal),
        Dialect::Page => page(refusal),
        Dialect::Problem => problem(refusal),
    };
    *response.status_mut() = status(refusal.code);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::from_str(challenge).ok()) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if matches!(refusal.code, Code::TooManyRequests | Code::TemporarilyUnavailable) {
        headers.insert(RETRY_AFTER, refusal.retry_after.map_or(5, |wait| wait.0.max(1)).into());
    }
    response.extensions_mut().insert(Rendered);
    response
}

fn status(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn oauth(refusal: &Refusal) -> Response {
    let description: String = refusal.description.chars().map(|c| if in_description(c) { c } else { ' ' }).collect();
    let mut body = json!({
        "error": refusal.code.as_str(),
        "error_description": description,
        "request_id": request_id(),
    });
    add_members(&mut body, refusal);
    ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Tells machines what this refusal has besides.
fn add_members(body: &mut serde_json::Value, refusal: &Refusal) {
    if let Some(body) = body.as_object_mut() {
        body.extend(refusal.members.as_ref().clone());
    }
}

/// The characters of `error_description` (RFC 6749 §5.2).
const fn in_description(c: char) -> bool {
    matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e')
}

fn problem(refusal: &Refusal) -> Response {
    let code = refusal.code.as_str().replace('_', "-");
    let mut body = json!({
        "type": format!("/problems/{code}"),
        "title": Words::default().title_of(refusal.code.status()),
        "status": refusal.code.status(),
        "detail": refusal.description,
        "code": refusal.code.as_str(),
        "request_id": request_id(),
    });
    add_members(&mut body, refusal);
    ([(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}

fn page(refusal: &Refusal) -> Response {
    let brand = super::page::platform();
    let page = ErrorPage {
        title: brand.words.title_of(refusal.code.status()),
        code: refusal.code.as_str().to_owned(),
        description: brand.words.refusal(refusal),
        request_id: request_id(),
        brand,
    };
    let html = page.render().unwrap_or_else(|_| format!("Request {}", request_id()));
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}
