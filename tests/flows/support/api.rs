//! The API as an administrator's program uses it.

use axum::body::Body;
use axum::http::Request;
use chancery::api_keys::NewKey;
use chancery::base::Actor;
use chancery::store::tenants::Tenant;
use serde_json::Value;

use super::TestApp;

impl TestApp {
    /// A key of this scope.
    pub async fn api_key(&self, tenant: &Tenant, scope: &str) -> String {
        let new = NewKey { name: "test".to_owned(), scope: scope.parse().unwrap(), expires_at: None };
        let (_, key) = self.app.api_keys.create(tenant, new, &Actor::operator()).await.unwrap();
        key.expose().to_owned()
    }

    /// The JSON that a request with this key is answered with.
    pub async fn api(&self, method: &str, path: &str, key: &str, body: Option<Value>) -> Value {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {key}"));
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let answer = self.send(request.unwrap()).await;
        serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body))
    }
}
