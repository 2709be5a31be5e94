//! Sending anything to any route, and what every answer has to have.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, HeaderValue, Request, Uri};
use chancery::http::routes::{Dialect, dialect_of};
use serde_json::Value;

use super::routes::{self, Route};
use super::{Answer, CALLBACK, CHALLENGE, SECRET, TestApp, World};

/// What any endpoint reads, and some that none does.
pub const NAMES: [&str; 32] = [
    "response_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "claims",
    "ui_locales",
    "request",
    "request_uri",
    "resource",
    "grant_type",
    "code",
    "refresh_token",
    "token",
    "token_type_hint",
    "post_logout_redirect_uri",
    "csrf",
    "decision",
    "_method",
];

/// A small world without limits on tries.
pub async fn world() -> World {
    let world = World::within(TestApp::configured(|config| config.testing.rate_limits_off = true).await).await;
    world.confidential("service", &[]).await;
    world
}

/// Sends it from a peer, as a listener does.
pub async fn send(app: &TestApp, mut request: Request<Body>) -> Answer {
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
    app.send(request).await
}

/// A request of these parts, unless they make none.
pub fn request(method: &str, target: &str, headers: &[(&str, &[u8])], body: impl Into<Body>) -> Option<Request<Body>> {
    let mut request = Request::builder().method(method).uri(target.parse::<Uri>().ok()?);
    for (name, value) in headers {
        request = request.header(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value).ok()?);
    }
    request.body(body.into()).ok()
}

/// A refusal in its dialect, or an answer; with a request id either way.
pub fn assert_specified(answer: &Answer, what: &str, path: &str) {
    let told = || format!("{what}\n{} {:?}\n{:.600}", answer.status, answer.headers, answer.body);
    assert!(!answer.status.is_server_error(), "{}", told());
    assert!(!answer.header("x-request-id").is_empty(), "no request id: {}", told());
    if !answer.status.is_client_error() {
        return;
    }
    let kind = answer.header("content-type");
    match dialect_of(path) {
        Dialect::Page => {
            assert!(kind.starts_with("text/html") && !answer.page().is_empty(), "{}", told());
        }
        Dialect::OAuth | Dialect::Problem => {
            let body: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON: {}", told()));
            let (code, expected) = match dialect_of(path) {
                Dialect::Problem => ("code", "application/problem+json"),
                _ => ("error", "application/json"),
            };
            assert!(body[code].is_string() && kind == expected, "{}", told());
            assert_eq!(body["request_id"], answer.header("x-request-id"), "{}", told());
        }
    }
}

/// Parameters with which the endpoint goes furthest.
pub fn fitting(route: &Route) -> Vec<(&'static str, &'static str)> {
    let client = [("client_id", "service"), ("client_secret", SECRET)];
    let rest: &[_] = match route.path.rsplit('/').next().unwrap_or_default() {
        "authorize" => &[
            ("response_type", "code"),
            ("client_id", "calendar"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ],
        "token" => &[("grant_type", "client_credentials"), client[0], client[1]],
        "introspect" | "revoke" => &[("token", "x"), client[0], client[1]],
        "userinfo" => &[("access_token", "x")],
        "logout" => &[("client_id", "calendar"), ("post_logout_redirect_uri", "https://calendar.example/bye")],
        "login" => &[("username", "ada@demo.test"), ("password", "x"), ("csrf", "x")],
        _ => &[],
    };
    rest.to_vec()
}

/// Every route with each of its methods.
pub fn places() -> Vec<(Route, &'static str)> {
    let all = routes::all().into_iter();
    all.flat_map(|route| route.methods.clone().into_iter().map(move |method| (route.clone(), method))).collect()
}

/// What a form says that it is.
pub const FORM: (&str, &[u8]) = ("content-type", b"application/x-www-form-urlencoded");
