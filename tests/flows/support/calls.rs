//! Calls of the JSON API.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use super::{PASSWORD, TestApp};

/// What an API answered.
#[derive(Debug)]
pub struct Told {
    /// The status.
    pub status: u16,
    /// The whole body.
    pub body: Value,
    /// What it calls `data`.
    pub data: Value,
}

impl TestApp {
    /// Calls `path` of tenant `demo`'s API with a bearer token and a JSON body, either of which may be absent.
    pub async fn call(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Told {
        let mut request = Request::builder().method(method).uri(format!("/t/demo/api/v1{path}"));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = self.send(request.body(body).unwrap()).await;
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        Told { status: answer.status.as_u16(), data: body["data"].clone(), body }
    }

    /// Signs `email` in with the password of everybody; what the answer says.
    pub async fn log_in(&self, email: &str) -> Value {
        let body = serde_json::json!({ "identifier": email, "password": PASSWORD });
        let told = self.call("POST", "/auth/login", None, Some(body)).await;
        assert_eq!(told.status, 200, "{told:?}");
        told.data
    }

    /// An access token of `email`, who has no second factor.
    pub async fn token_of(&self, email: &str) -> String {
        self.log_in(email).await["access_token"].as_str().unwrap().to_owned()
    }
}
