//! What is made is made once: a request that comes again under the same `Idempotency-Key`, by the same caller and with
//! the same body, is answered as the first one was, for a day.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::Manager;
use super::bearer::{RequiredScope, Unproven};
use super::context::request_id;
use crate::app::App;
use crate::base::{Code, Digest, Refusal, TenantId};
use crate::keys::Purpose;
use crate::store::created_replays as store;

/// The request's header.
const KEY: &str = "idempotency-key";
/// Marks an answer that was given before.
const REPLAYED: &str = "idempotency-replayed";
/// Longest key, in bytes.
const LONGEST: usize = 255;
/// Largest answer that is kept, in bytes.
const LARGEST: usize = 1 << 20;

/// The layer of a route that asks for this scope, for `from_fn_with_state`.
pub async fn once<S: RequiredScope>(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match Box::pin(answered::<S>(&app, request, next)).await {
        Ok(response) => response,
        Err(unproven) => unproven.into_response(),
    }
}

async fn answered<S: RequiredScope>(app: &App, request: Request, next: Next) -> Result<Response, Unproven> {
    let key = key_of(request.headers())?;
    let (mut parts, body) = request.into_parts();
    // Whoever may not ask any more is not told what was answered (W-071).
    let caller = Manager::<S>::from_request_parts(&mut parts, app).await?;
    let body = to_bytes(body, app.config.http.body_limit).await;
    let body = body.map_err(|_| Refusal::new(Code::BodyTooLarge, "the body is too large or was cut off"))?;
    let (tenant, now) = (&caller.tenant.id, app.clock.now());
    let name = named(&parts, &caller.actor().id, &key);
    match store::claim(&app.db, tenant, (&name, &Digest::of(&body)), now).await? {
        None => done(app, (tenant, &name), Request::from_parts(parts, Body::from(body)), next).await,
        Some(kept) if kept.digest != Digest::of(&body) => {
            let sentence = "this idempotency key was used for another request";
            Err(Refusal::new(Code::IdempotencyConflict, sentence).into())
        }
        Some(store::Kept { answer: Some(sealed), .. }) => replayed(app, tenant, &sealed),
        Some(_) => {
            Err(Refusal::new(Code::Conflict, "this request is being done, or was cut off; see what there is").into())
        }
    }
}

fn key_of(headers: &HeaderMap) -> Result<String, Refusal> {
    let refused =
        || Refusal::new(Code::InvalidRequest, "an idempotency key is one line of 1 to 255 visible characters");
    let mut all = headers.get_all(KEY).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return Err(refused()) };
    let text = value.to_str().map_err(|_| refused())?;
    let is_one = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_one.then(|| text.to_owned()).ok_or_else(refused)
}

fn named(parts: &Parts, subject: &str, key: &str) -> Digest {
    Digest::of(json!([subject, parts.method.as_str(), parts.uri.path(), key]).to_string().as_bytes())
}

async fn done(
    app: &App,
    (tenant, name): (&TenantId, &Digest),
    request: Request,
    next: Next,
) -> Result<Response, Unproven> {
    let (parts, body) = next.run(request).await.into_parts();
    if !parts.status.is_success() {
        store::forget(&app.db, tenant, name).await?;
        return Ok(Response::from_parts(parts, body));
    }
    let body = to_bytes(body, LARGEST).await.unwrap_or_default();
    let answer = json!({ "status": parts.status.as_u16(), "body": String::from_utf8_lossy(&body) });
    let sealed = app.keys.seal(Purpose::Record, tenant, answer.to_string().as_bytes())?;
    store::keep(&app.db, tenant, name, sealed).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replayed(app: &App, tenant: &TenantId, sealed: &str) -> Result<Response, Unproven> {
    let answer: Value = serde_json::from_slice(&app.keys.open(Purpose::Record, tenant, sealed)?)?;
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    let mut body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default())?;
    body["request_id"] = request_id().into();
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static(REPLAYED), HeaderValue::from_static("true")),
    ];
    Ok((status, headers, Bytes::from(body.to_string())).into_response())
}
