//! The door: what happens to every request before a router sees it, and to every answer on its way out.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::errors::{Pending, Rejected, Rendered, render};
use super::routes::{Dialect, dialect_of};
use super::{context, figures, limits, tenant};
use crate::app::App;
use crate::base::{Code, Refusal};
use crate::limits::watched;

/// Longest request target.
const LONGEST_TARGET: usize = 16 * 1024;

/// The policy of every page: nothing from elsewhere, nothing inline, in nobody's frame.
pub const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https: data:; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Gives the request its id, finds its tenant, bounds its time, and renders what was left unrendered.
pub async fn door(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let origin = context::read(&parts, &app.trusted_proxies);
    let preferences = context::preferred(&parts);
    let id = origin.request_id.clone().unwrap_or_default();
    let dialect = dialect_of(parts.uri.path());
    let method = parts.method.clone();
    let request = Request::from_parts(parts, body);
    let limit = Duration::from_secs(app.config.http.request_timeout);
    let answered = context::within(origin, preferences, async {
        let answered = tokio::time::timeout(limit, admit(&app, request, next)).await;
        let answered = answered.unwrap_or_else(|_| {
            render(&Refusal::new(Code::RequestTimeout, "the request took too long"), None, dialect)
        });
        in_dialect(answered, dialect)
    });
    let (mut response, standing) = Box::pin(watched(answered)).await;
    if let Some(standing) = standing {
        limits::tell(&mut response, standing);
    }
    finish(&app, &mut response, &id);
    observe(&method, &response, started);
    response
}

async fn admit(app: &App, request: Request, next: Next) -> Response {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > LONGEST_TARGET {
        return Rejected::from(Refusal::new(Code::UriTooLong, "the address is too long")).into_response();
    }
    // No id holds it, and PostgreSQL cannot look it up.
    if request.uri().path().contains("%00") {
        return Rejected::from(Refusal::new(Code::NotFound, "there is nothing here")).into_response();
    }
    match tenant::rewrite(app, request).await {
        Ok(request) => next.run(request).await,
        Err(stop) => Rejected::from(stop).into_response(),
    }
}

/// Brings refusals that came from extractors or from the framework into the dialect of their surface.
fn in_dialect(response: Response, dialect: Dialect) -> Response {
    if response.extensions().get::<Rendered>().is_some() {
        return response;
    }
    if let Some(Pending(refusal)) = response.extensions().get::<Pending>().cloned() {
        let challenge = response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        return kept(&response, render(&refusal, challenge, dialect));
    }
    let refusal = match response.status() {
        StatusCode::NOT_FOUND => Refusal::new(Code::NotFound, "there is nothing here"),
        StatusCode::METHOD_NOT_ALLOWED => Refusal::new(Code::MethodNotAllowed, "this method is not for this address"),
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(Code::BodyTooLarge, "the body is too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Refusal::new(Code::UnsupportedMediaType, "the content type is not for this address")
        }
        status if status.is_client_error() => Refusal::new(Code::InvalidRequest, "the request cannot be understood"),
        status if status == StatusCode::INTERNAL_SERVER_ERROR => {
            Refusal::new(Code::ServerError, "something went wrong here; the request id helps to find out what")
        }
        _ => return response,
    };
    kept(&response, render(&refusal, None, dialect))
}

/// Headers that a layer or the framework gave to an answer, on what is sent in its place.
fn kept(response: &Response, mut rendered: Response) -> Response {
    for name in [ALLOW, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS] {
        if let Some(value) = response.headers().get(&name) {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    rendered
}

fn finish(app: &App, response: &mut Response, id: &str) {
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/html"));
    let headers = response.headers_mut();
    put(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(headers, REFERRER_POLICY, "no-referrer");
    put(headers, CACHE_CONTROL, "no-store");
    if app.config.public_url.scheme() == "https" {
        put(headers, STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if is_page {
        put(headers, CONTENT_SECURITY_POLICY, PAGE_POLICY);
        put(headers, HeaderName::from_static("x-frame-options"), "DENY");
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", id);
    }
}

/// Sets a header unless the handler did.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

/// Remembers the matched route on the answer, where the door can see it.
pub async fn remember_route(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(path) = path {
        response.extensions_mut().insert(path);
    }
    response
}

/// Logs and counts by the route that answered: the raw path may hold anything.
fn observe(method: &Method, response: &Response, started: Instant) {
    let route = response.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    if !["/healthz", "/readyz", "/metrics"].contains(&route) {
        tracing::debug!(%method, route, status, elapsed_us = elapsed.as_micros(), "answered");
    }
    figures::count(route, status, elapsed);
}
