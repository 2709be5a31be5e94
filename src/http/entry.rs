//! The door: what happens to every request before a router sees it, and to every answer on its way out.

use std::convert::Infallible;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{MatchedPath, Request};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use http_body_util::Limited;
use tokio::time::timeout;
use tower::Service;

use super::around::{Around, Before};
use super::context::{Known, REQUEST_ID};
use super::errors::{Pending, Rejected, Rendered, render};
use super::routes::{bounds_bodies, carries_files, dialect_of, patience};
use super::{context, figures, limits, tenant, traced};
use crate::app::App;
use crate::base::trace;
use crate::base::{Code, Fault, Refusal, Result, Stop};
use crate::limits::watched;

/// Longest request target.
const LONGEST_TARGET: usize = 16 * 1024;

/// The policy of every page: nothing from elsewhere, nothing inline, in nobody's frame.
pub const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https: data:; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The server as a service: the door, and behind it the surfaces. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Door {
    app: App,
    surfaces: Router,
}

impl Door {
    /// In front of these surfaces.
    #[must_use]
    pub const fn new(app: App, surfaces: Router) -> Self {
        Self { app, surfaces }
    }

    /// Gives the request its id, finds its tenant, bounds its time, and renders what was left unrendered.
    pub async fn answer(&self, request: Request) -> Response {
        let started = Instant::now();
        let known = Known::of(&request, &self.app.trusted_proxies);
        let id = known.request_id().clone();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let span = traced::begin(&request);
        let config = &self.app.config;
        let limit = if carries_files(uri.path()) {
            config.archive.transfer_timeout
        } else {
            config.http.request_timeout * patience(uri.path())
        };
        let limit = Duration::from_secs(limit);
        // Pinned where they are: to hand such work on by value is to copy it, kilobytes for each request.
        let work = pin!(self.admit(request));
        let work = pin!(async {
            let answered = timeout(limit, unharmed(work)).await;
            let answered = answered.unwrap_or_else(|_| {
                Rejected::from(Refusal::new(Code::RequestTimeout, "the request took too long")).into_response()
            });
            in_dialect(answered, &uri)
        });
        let work = pin!(context::within(known, work));
        let (mut response, standing) = match &span {
            Some(span) => trace::within(span.context(), watched(work)).await,
            None => watched(work).await,
        };
        if let Some(standing) = standing {
            limits::tell(&mut response, standing);
        }
        finish(&self.app, &mut response, id);
        observe(&method, &response, started);
        if let Some(span) = span {
            traced::end(span, &method, &response);
        }
        response
    }

    async fn admit(&self, request: Request) -> Response {
        match self.lead(request).await {
            Ok(request) => match self.surfaces.clone().call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
            Err(stop) => Rejected::from(stop).into_response(),
        }
    }

    /// To its tenant's place, if it may come in.
    async fn lead(&self, mut request: Request) -> Result<Request> {
        let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        if target > LONGEST_TARGET {
            return Err(Stop::refuse(Code::UriTooLong, "the address is too long"));
        }
        // No id holds it, and PostgreSQL cannot look it up.
        if request.uri().path().contains("%00") {
            return Err(Stop::refuse(Code::NotFound, "there is nothing here"));
        }
        if let Some(rewriting) = tenant::rewriting(&self.app, &mut request)? {
            // Boxed, because it is rare and large.
            Box::pin(rewriting).await?;
        }
        // Files have limits of their own, counted as they arrive.
        if bounds_bodies(request.uri().path()) || carries_files(request.uri().path()) {
            return Ok(request);
        }
        bounded(request, self.app.config.http.body_limit)
    }
}

impl Service<Request> for Door {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let door = self.clone();
        Box::pin(async move { Ok(door.answer(request).await) })
    }
}

/// A body that says that it is too large is not read; one that does not say is read no further than allowed.
fn bounded(request: Request, limit: usize) -> Result<Request> {
    match request.body().size_hint().upper().map(usize::try_from) {
        Some(Ok(size)) if size <= limit => Ok(request),
        Some(_) => Err(Stop::refuse(Code::BodyTooLarge, "the body is too large")),
        None => Ok(request.map(|body| Body::new(Limited::new(body, limit)))),
    }
}

/// A panic ends the request that it happened in, and nothing else.
async fn unharmed(mut work: Pin<&mut impl Future<Output = Response>>) -> Response {
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))).unwrap_or_else(|panic| {
            let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Poll::Ready(Rejected::from(Fault::new(format!("a panic: {words}"))).into_response())
        })
    })
    .await
}

/// Brings refusals that came from extractors or from the framework into the dialect of their surface.
fn in_dialect(response: Response, asked: &Uri) -> Response {
    if response.extensions().get::<Rendered>().is_some() {
        return response;
    }
    if let Some(Pending(refusal)) = response.extensions().get::<Pending>().cloned() {
        let challenge = response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        return kept(&response, render(&refusal, challenge, dialect_of(asked.path())));
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
    kept(&response, render(&refusal, None, dialect_of(asked.path())))
}

/// Headers that a layer or the framework gave to an answer, on what is sent in its place.
fn kept(response: &Response, mut rendered: Response) -> Response {
    let tus = [HeaderName::from_static("tus-resumable"), HeaderName::from_static("tus-version")];
    for name in [ALLOW, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS].into_iter().chain(tus) {
        if let Some(value) = response.headers().get(&name) {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    rendered
}

fn finish(app: &App, response: &mut Response, id: HeaderValue) {
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
    headers.insert(REQUEST_ID, id);
}

/// Sets a header unless the handler did.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

/// Remembers the matched route on the answer, where the door can see it.
#[derive(Clone, Copy, Debug)]
pub struct RememberRoute;

impl Around for RememberRoute {
    type Note = MatchedPath;

    fn before(&self, request: &Request) -> Before<MatchedPath> {
        Before::GoOn(request.extensions().get().cloned())
    }

    fn after(&self, route: MatchedPath, response: &mut Response) {
        response.extensions_mut().insert(route);
    }
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
