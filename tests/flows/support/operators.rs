//! Operators of the platform, who hold an API key of their own tenant.

use axum::body::Body;
use axum::http::Request;
use chancery::store::tenants::{Settings, Tenant};
use serde_json::Value;

use super::{Answer, TestApp};

/// Their tenant, and a key for everything.
pub struct Operators {
    /// Tenant `system`.
    pub tenant: Tenant,
    /// The key.
    pub key: String,
}

impl Operators {
    /// The operators of this application.
    pub async fn of(app: &TestApp) -> Self {
        let tenant = app.tenant("system", Settings::default()).await;
        let key = app.api_key(&tenant, "platform:*").await;
        Self { tenant, key }
    }

    /// Calls the platform's API: the status, and `data` or the whole refusal.
    pub async fn ask(&self, app: &TestApp, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let headers = [("authorization", format!("Bearer {}", self.key))];
        let answer = app.platform(method, path, &headers, body).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let data = if answer.status.is_success() { told["data"].clone() } else { told };
        (answer.status.as_u16(), data)
    }
}

impl TestApp {
    /// Calls `{P}/api/v1…` with these headers.
    pub async fn platform(&self, method: &str, path: &str, headers: &[(&str, String)], body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.send(request.unwrap()).await
    }
}
