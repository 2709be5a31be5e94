//! The archive as programs use it.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::{Answer, TestApp, World};

/// A picture of one pixel.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0,
    0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0xf0, 0x1f, 0, 5,
    0, 1, 0xff, 0x56, 0xc7, 0x2f, 0x0d, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// Somebody at the archive of tenant `demo`.
pub struct Archivist<'a> {
    app: &'a TestApp,
    /// The access token.
    pub token: String,
}

impl World {
    /// This person with a token for the archive, by default to read and write.
    pub async fn archivist(&self, email: &str) -> Archivist<'_> {
        self.archivist_with(email, "archive:read archive:write").await
    }

    /// As [`World::archivist`], with another scope.
    pub async fn archivist_with(&self, email: &str, scope: &str) -> Archivist<'_> {
        let sub = self.sub(email).await;
        let token = self.token_with(&[("sub", json!(sub)), ("scope", json!(scope))]).await;
        Archivist { app: &self.app, token }
    }
}

impl Archivist<'_> {
    /// Whoever holds this token or key.
    pub fn with(app: &TestApp, token: impl Into<String>) -> Archivist<'_> {
        Archivist { app, token: token.into() }
    }

    /// A request to a path below the archive.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let token = format!("Bearer {}", self.token);
        let all: Vec<_> = headers.iter().copied().chain([("authorization", token.as_str())]).collect();
        self.app.archive(method, path, &all, body).await
    }

    /// The same with JSON in both directions.
    pub async fn tell(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.ask(method, path, &[("content-type", "application/json")], body.to_string()).await;
        (answer.status.as_u16(), serde_json::from_str(&answer.body).unwrap_or_default())
    }

    /// Reads JSON.
    pub async fn read(&self, path: &str) -> (u16, Value) {
        let answer = self.ask("GET", path, &[], Body::empty()).await;
        (answer.status.as_u16(), serde_json::from_str(&answer.body).unwrap_or_default())
    }

    /// Brings a file with this name and type; it has to be taken.
    pub async fn bring(&self, name: &str, kind: &str, bytes: impl Into<Body>) -> Value {
        let query = super::encoded(&[("name", name)]);
        let answer = self.ask("POST", &format!("/files?{query}"), &[("content-type", kind)], bytes).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["data"].clone()
    }

    /// Brings a form with a file.
    pub async fn form(&self, parts: &[(&str, Option<&str>, &str)]) -> Answer {
        let mut body = String::new();
        for (name, file, content) in parts {
            let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            write!(body, "--lim\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n")
                .unwrap();
        }
        body.push_str("--lim--\r\n");
        self.ask("POST", "/files", &[("content-type", "multipart/form-data; boundary=lim")], body).await
    }

    /// The bytes of a file.
    pub async fn content(&self, id: &Value, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", &format!("/files/{}/content", id.as_str().unwrap()), headers, Body::empty()).await
    }

    /// What is taken up.
    pub async fn usage(&self) -> (i64, i64) {
        let (_, body) = self.read("/usage").await;
        (body["data"]["files"].as_i64().unwrap(), body["data"]["bytes"].as_i64().unwrap())
    }
}

impl TestApp {
    /// A request to a path below tenant `demo`'s archive, by whoever the headers say.
    pub async fn archive(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/t/demo/api/v1/archive{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Every file in the folder of files' bytes, finished or not.
    pub fn lying(&self) -> usize {
        fn count(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
        }
        count(&self.app.config.archive_folder())
    }
}
