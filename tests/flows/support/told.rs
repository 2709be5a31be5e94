//! A tenant that tells others what happens in it.

use axum::body::Body;
use axum::http::Request;
use chancery::base::Seconds;
use chancery::config::Config;
use chancery::store::tenants::{Settings, Tenant};
use chancery::webhooks::Outcome;
use serde_json::{Value, json};

use super::{Answer, TestApp, Told};

/// The tenant, and a key that governs its webhooks and its people.
pub struct Telling {
    /// The application.
    pub app: TestApp,
    /// Tenant `demo`.
    pub tenant: Tenant,
    /// The key.
    pub key: String,
}

impl Telling {
    /// With plain http to this machine allowed.
    pub async fn new() -> Self {
        Self::configured(|config| config.testing.http_callbacks = true).await
    }

    /// With other settings.
    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::configured(change).await;
        let tenant = app.tenant("demo", Settings::default()).await;
        let scope = "webhooks:read webhooks:write users:read users:write clients:write tenant:read tenant:write";
        let key = app.api_key(&tenant, scope).await;
        Self { app, tenant, key }
    }

    /// Calls the API as the program that governs.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Told {
        self.app.call(method, path, Some(&self.key), body).await
    }

    /// As [`Telling::call`], over a version.
    pub async fn over(&self, version: &str, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder().method(method).uri(format!("/t/demo/api/v1{path}"));
        let request = request.header("authorization", format!("Bearer {}", self.key)).header("if-match", version);
        let request = request.header("content-type", "application/json");
        self.app.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// An endpoint for these events: its id and its secret.
    pub async fn endpoint(&self, url: &str, events: &[&str]) -> (String, String) {
        self.endpoint_as(json!({ "url": url, "events": events })).await
    }

    /// An endpoint like that.
    pub async fn endpoint_as(&self, wish: Value) -> (String, String) {
        let told = self.call("POST", "/webhooks", Some(wish)).await;
        assert_eq!(told.status, 201, "{told:?}");
        let text = |name: &str| told.data[name].as_str().unwrap().to_owned();
        (text("id"), text("secret"))
    }

    /// Somebody gets an account: the id.
    pub async fn user(&self, email: &str) -> String {
        let told = self
            .call(
                "POST",
                "/users",
                Some(json!({ "email": email, "email_verified": true, "password": super::PASSWORD })),
            )
            .await;
        assert_eq!(told.status, 201, "{told:?}");
        told.data["id"].as_str().unwrap().to_owned()
    }

    /// Everything that happened becomes deliveries.
    pub async fn fan_out(&self) -> u64 {
        self.app.app.audit.seal().await.unwrap();
        let mut read = 0;
        loop {
            match self.app.app.webhooks.fan_out().await.unwrap() {
                0 => return read,
                more => read += more,
            }
        }
    }

    /// Everything that is due is attempted, once.
    pub async fn deliver(&self) -> Vec<Outcome> {
        self.app.app.webhooks.deliver_due().await.unwrap()
    }

    /// Everything that happened is told.
    pub async fn tell(&self) -> Vec<Outcome> {
        self.fan_out().await;
        self.deliver().await
    }

    /// Time passes.
    pub fn pass(&self, seconds: i64) {
        self.app.clock.advance(Seconds(seconds));
    }

    /// Deliveries to an endpoint, the newest first.
    pub async fn log(&self, endpoint: &str, query: &str) -> Vec<Value> {
        let told = self.call("GET", &format!("/webhooks/{endpoint}/deliveries?{query}"), None).await;
        assert_eq!(told.status, 200, "{told:?}");
        told.data.as_array().unwrap().clone()
    }

    /// How often something stands in the audit trail.
    pub async fn audited(&self, action: &str) -> usize {
        let rows = chancery::store::audit::page(&self.app.app.db, &self.tenant.id, "", 1_000).await.unwrap();
        rows.iter().filter(|row| row.action == action).count()
    }
}
