//! A server of GitHub's shape, over real HTTP: no ID token, and an API that tells who it is.

use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chancery::accounts::federation::{NewProvider, Preset};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::others::{add, listener, serve};
use super::{SECRET, World};

type Parameters = std::collections::BTreeMap<String, String>;

/// A server of GitHub's shape with one account.
#[derive(Clone)]
pub struct GitHub {
    /// What `/user` says.
    pub user: Arc<Mutex<Value>>,
    /// What `/user/emails` says.
    pub emails: Arc<Mutex<Value>>,
    asked: Arc<Mutex<Parameters>>,
}

impl GitHub {
    /// A provider of tenant `demo` here, of slug `other`.
    pub async fn new(here: &World, change: impl FnOnce(&mut NewProvider)) -> Self {
        let (listener, url) = listener().await;
        let server = Self { user: Arc::default(), emails: Arc::default(), asked: Arc::default() };
        let routes = Router::new()
            .route("/login/oauth/authorize", get(Self::authorize))
            .route("/login/oauth/access_token", post(Self::token))
            .route("/api/v3/user", get(Self::user))
            .route("/api/v3/user/emails", get(Self::emails))
            .with_state(server.clone());
        serve(listener, routes);
        add(here, url, "here", |new| {
            new.preset = Preset::Github;
            change(new);
        })
        .await;
        server
    }

    /// Whom it signs in.
    pub fn is(&self, user: Value, emails: Value) {
        *self.user.lock().unwrap() = user;
        *self.emails.lock().unwrap() = emails;
    }

    /// Follows an address there, and answers where the browser is sent back to.
    pub async fn visit(here: &World, address: &str) -> String {
        let request = axum::http::Request::get(address).body(Vec::new()).unwrap();
        let answer = here.app.app.outbound.send(request).await.unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    fn authorize(State(server): State<Self>, Query(asked): Query<Parameters>) -> Ready<Response> {
        let back = format!("{}?code=github-code&state={}", asked["redirect_uri"], asked["state"]);
        *server.asked.lock().unwrap() = asked;
        ready((StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response())
    }

    fn token(State(server): State<Self>, Form(sent): Form<Parameters>) -> Ready<Json<Value>> {
        let asked = server.asked.lock().unwrap().clone();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(sent["code_verifier"].as_bytes()));
        let good = sent["code"] == "github-code"
            && sent["client_id"] == "here"
            && sent["client_secret"] == SECRET
            && sent["redirect_uri"] == asked["redirect_uri"]
            && challenge == asked["code_challenge"];
        ready(Json(if good {
            json!({ "access_token": "gho_x", "token_type": "bearer", "scope": "read:user,user:email" })
        } else {
            json!({ "error": "bad_verification_code" })
        }))
    }

    fn user(State(server): State<Self>, headers: HeaderMap) -> Ready<Response> {
        ready(told(headers, &server.user))
    }

    fn emails(State(server): State<Self>, headers: HeaderMap) -> Ready<Response> {
        ready(told(headers, &server.emails))
    }
}

fn told(headers: HeaderMap, what: &Mutex<Value>) -> Response {
    if headers
        .into_iter()
        .any(|(name, value)| name.is_some_and(|name| name == "authorization") && value == "Bearer gho_x")
    {
        Json(what.lock().unwrap().clone()).into_response()
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}
