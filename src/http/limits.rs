//! What is asked for too often from one address: routes that send mail, make accounts or take guesses at codes, each
//! class with a limit of its own.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::{FromRequestParts as _, MatchedPath, Request};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tower::{Layer, Service};

use super::context::origin;
use super::errors::Rejected;
use super::routes::{
    AUTH_PASSWORDLESS_START, FORGOT, FORGOT_PAGE, INVITATION_ACCEPT, INVITE_PAGE, LOGIN_EMAIL, REGISTER, RESET,
    RESET_PAGE, SIGN_UP, VERIFY_AGAIN,
};
use super::tenant::Tenant;
use crate::app::App;
use crate::limits::Standing;

/// The class of a route, below the tenant. Sign-in itself, and second factors, count their failures instead.
fn class_of(path: &str) -> Option<&'static str> {
    Some(match path.strip_prefix("/t/{tenant}")? {
        SIGN_UP | REGISTER => "register",
        FORGOT_PAGE | FORGOT => "forgot",
        VERIFY_AGAIN => "resend",
        RESET_PAGE | RESET => "reset",
        INVITE_PAGE | INVITATION_ACCEPT => "invite",
        LOGIN_EMAIL | AUTH_PASSWORDLESS_START => "code",
        _ => return None,
    })
}

/// The layer of all surfaces. Requests of no class pass through it as if it were not there.
#[derive(Clone, Debug)]
pub struct OfRoutes(App);

impl OfRoutes {
    /// With the limits of this application.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self(app)
    }
}

impl<S> Layer<S> for OfRoutes {
    type Service = Limited<S>;

    fn layer(&self, inner: S) -> Limited<S> {
        Limited { app: self.0.clone(), inner }
    }
}

/// A service behind [`OfRoutes`].
#[derive(Clone, Debug)]
pub struct Limited<S> {
    app: App,
    inner: S,
}

impl<S> Service<Request> for Limited<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send + Unpin,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Limiting<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let path = request.extensions().get::<MatchedPath>().filter(|_| request.method() == Method::POST);
        match path.and_then(|path| class_of(path.as_str())) {
            None => Limiting::Free(self.inner.call(request)),
            Some(class) => {
                let (app, mut inner) = (self.app.clone(), self.inner.clone());
                Limiting::Counted(Box::pin(async move {
                    match count(&app, class, request).await {
                        Ok(request) => inner.call(request).await,
                        Err(rejected) => Ok(rejected.into_response()),
                    }
                }))
            }
        }
    }
}

/// Lets a request pass that does not come too often.
async fn count(app: &App, class: &'static str, request: Request) -> Result<Request, Rejected> {
    let (mut parts, body) = request.into_parts();
    let tenant = Tenant::from_request_parts(&mut parts, app).await?;
    app.limits.act(&tenant.id, class, &origin()).await?;
    Ok(Request::from_parts(parts, body))
}

/// The answer of [`Limited`], to be.
pub enum Limiting<F, E> {
    /// Of a request of no class.
    Free(F),
    /// Of one that counts.
    Counted(Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>),
}

impl<F, E> std::fmt::Debug for Limiting<F, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Free(_)) { "Limiting::Free" } else { "Limiting::Counted" })
    }
}

impl<F, E> Future for Limiting<F, E>
where
    F: Future<Output = Result<Response, E>> + Unpin,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Free(answer) => Pin::new(answer).poll(context),
            Self::Counted(answer) => answer.as_mut().poll(context),
        }
    }
}

/// Tells how a request stands (the `RateLimit-*` fields of draft-ietf-httpapi-ratelimit-headers as far as deployed).
pub(super) fn tell(response: &mut Response, standing: Standing) {
    let (seconds, refused) = (standing.reset.0.max(1), response.status() == StatusCode::TOO_MANY_REQUESTS);
    let headers = response.headers_mut();
    if refused {
        headers.entry(RETRY_AFTER).or_insert_with(|| HeaderValue::from(seconds));
    }
    headers.insert("ratelimit-limit", HeaderValue::from(standing.limit));
    headers.insert("ratelimit-remaining", HeaderValue::from(standing.remaining));
    headers.insert("ratelimit-reset", HeaderValue::from(seconds));
}
