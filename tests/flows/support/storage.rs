//! Callers of the storage service.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::{Answer, World};

/// A world with collections in it, and those who use them.
pub struct Storage {
    /// The world.
    pub world: World,
    /// A program that governs.
    pub admin: String,
    /// A program that reads and writes.
    pub program: String,
    /// A person who reads and writes.
    pub ada: String,
    /// Another one.
    pub grace: String,
}

impl Storage {
    /// An empty one.
    pub async fn new() -> Self {
        Self::within(World::new().await).await
    }

    /// In this world.
    pub async fn within(world: World) -> Self {
        let admin = world.app.api_key(&world.tenant, "storage:admin storage:read storage:write").await;
        let program = world.app.api_key(&world.tenant, "storage:read storage:write").await;
        let ada = world.scoped("ada@demo.test", "storage:read storage:write").await;
        let grace = world.scoped("grace@demo.test", "storage:read storage:write").await;
        Self { world, admin, program, ada, grace }
    }

    /// With this collection, for everybody.
    pub async fn with(name: &str) -> Self {
        let storage = Self::new().await;
        let open = json!({"rules": {"read": true, "create": true, "update": true, "delete": true}});
        storage.define(name, open).await;
        storage
    }

    /// Makes a collection.
    pub async fn define(&self, name: &str, definition: Value) {
        let (status, told) = self.ask(&self.admin, "PUT", &format!("/{name}"), definition).await;
        assert!(status == 201 || status == 200, "{told}");
    }

    /// Stores documents, each with its id.
    pub async fn fill(&self, token: &str, name: &str, documents: Value) {
        let (status, told) =
            self.ask(token, "POST", &format!("/{name}/documents:batch"), json!({ "documents": documents })).await;
        assert_eq!(status, 201, "{told}");
    }

    /// Calls the service; `null` is no body.
    pub async fn send(&self, token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let uri = format!("/t/demo/api/v1/storage{path}");
        let mut request = Request::builder().method(method).uri(uri).header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let typed = headers.iter().any(|(name, _)| *name == "content-type");
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body if typed => request.body(Body::from(body.to_string())),
            body => request.header("content-type", "application/json").body(Body::from(body.to_string())),
        };
        self.world.app.send(request.unwrap()).await
    }

    /// As [`Storage::send`]: the status, and `data` or the whole refusal.
    pub async fn ask(&self, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        told(&self.send(token, method, path, &[], body).await)
    }

    /// `data` of an answer that has to be good.
    pub async fn good(&self, token: &str, method: &str, path: &str, body: Value) -> Value {
        let (status, data) = self.ask(token, method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {data}");
        data
    }

    /// Status and code of a refusal.
    pub async fn refused(&self, token: &str, method: &str, path: &str, body: Value) -> (u16, String) {
        let (status, told) = self.ask(token, method, path, body).await;
        (status, told["code"].as_str().unwrap_or_default().to_owned())
    }

    /// The ids that a list answers.
    pub async fn ids(&self, token: &str, path: &str) -> Vec<String> {
        let found = self.good(token, "GET", path, Value::Null).await;
        found.as_array().unwrap().iter().map(|document| document["_id"].as_str().unwrap().to_owned()).collect()
    }
}

/// The status, and `data` or the whole refusal.
pub fn told(answer: &Answer) -> (u16, Value) {
    let status = answer.status.as_u16();
    if answer.body.is_empty() {
        return (status, Value::Null);
    }
    let told: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON: {answer:?}"));
    assert_eq!(told["request_id"], answer.header("x-request-id"), "{told}");
    let data = if answer.status.is_success() { told["data"].clone() } else { told };
    (status, data)
}

/// A query string's value.
pub fn encoded(value: &Value) -> String {
    url::form_urlencoded::byte_serialize(value.to_string().as_bytes()).collect()
}

/// Every way to ask for something in a collection: method, path, body, and the least scope.
pub fn ways(name: &str) -> Vec<(&'static str, String, Value, &'static str)> {
    let at = |rest: &str| format!("/{name}{rest}");
    let all = encoded(&json!({"n": 1}));
    vec![
        ("GET", at("/documents"), Value::Null, "read"),
        ("GET", at("/documents/a"), Value::Null, "read"),
        ("POST", at("/documents:query"), json!({}), "read"),
        ("POST", at("/documents:count"), json!({}), "read"),
        ("POST", at("/documents:distinct"), json!({"field": "n"}), "read"),
        ("POST", at("/documents:aggregate"), json!({"pipeline": []}), "read"),
        ("POST", at("/documents"), json!({"n": 1}), "write"),
        ("PUT", at("/documents/a"), json!({"n": 1}), "write"),
        ("PATCH", at("/documents/a"), json!({"$inc": {"n": 1}}), "write"),
        ("DELETE", at("/documents/zzz"), Value::Null, "write"),
        ("PATCH", at(&format!("/documents?filter={all}")), json!({"$inc": {"m": 1}}), "write"),
        ("DELETE", at(&format!("/documents?filter={}", encoded(&json!({"n": 99})))), Value::Null, "write"),
        ("POST", at("/documents:batch"), json!({"documents": [{"n": 1}]}), "write"),
        ("POST", at("/documents:update"), json!({"filter": {"n": 99}, "update": {"$inc": {"m": 1}}}), "write"),
        ("POST", at("/documents:delete"), json!({"filter": {"n": 99}}), "write"),
        (
            "POST",
            ":transaction".to_owned(),
            json!({"operations": [{"op": "insert", "collection": name, "document": {"n": 1}}]}),
            "write",
        ),
        ("PUT", at(""), json!({"rules": "owner"}), "admin"),
        ("PATCH", at(""), json!({"rules": "owner"}), "admin"),
        ("DELETE", format!("/{name}?confirm={name}"), Value::Null, "admin"),
    ]
}
