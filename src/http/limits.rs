//! What is asked for too often from one address: routes that send mail, make accounts or take guesses at codes, each
//! class with a limit of its own.

use axum::extract::{FromRequestParts as _, MatchedPath, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

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

/// The layer of all surfaces.
pub async fn of_routes(State(app): State<App>, path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let class = path.filter(|_| request.method() == Method::POST).and_then(|path| class_of(path.as_str()));
    let Some(class) = class else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    let tenant = match Tenant::from_request_parts(&mut parts, &app).await {
        Ok(tenant) => tenant,
        Err(rejected) => return rejected.into_response(),
    };
    match app.limits.act(&tenant.id, class, &origin()).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(stop) => Rejected::from(stop).into_response(),
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
