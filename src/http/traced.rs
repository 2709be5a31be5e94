//! A request as a span, named by the route that answered it: the raw path may hold anything, and is not told.

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, Method};
use axum::response::Response;

use super::context::REQUEST_ID;
use crate::base::trace::{Attribute, Kind, Open};

/// Where a caller says which trace its request is part of (W3C Trace Context §3.2).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The span of a request, where spans are taken.
pub(super) fn begin(request: &Request) -> Option<Open> {
    let brought = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok());
    Open::begin(Kind::Server, brought)
}

/// Ends it.
pub(super) fn end(span: Open, method: &Method, response: &Response) {
    let status = response.status();
    span.end(status.is_server_error(), || {
        let route = response.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
        let id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
        let about = vec![
            ("http.request.method", Attribute::from(method.as_str())),
            ("http.route", Attribute::from(route)),
            ("http.response.status_code", Attribute::from(i64::from(status.as_u16()))),
            ("chancery.request_id", Attribute::from(id)),
        ];
        (format!("{method} {route}"), about)
    });
}
