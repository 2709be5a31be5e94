//! Asking the API in JSON, and what is in its answers.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use super::{Answer, Person, TestApp};

impl TestApp {
    /// A request with a JSON body, by nobody.
    pub async fn tell(&self, path: &str, body: &Value) -> Answer {
        self.tell_as("POST", path, None, body).await
    }

    /// A request with a JSON body, by whoever holds this token.
    pub async fn tell_as(&self, method: &str, path: &str, token: Option<&str>, body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// The secret in the link of the newest mail of this kind to this address.
    pub async fn secret_to(&self, address: &str, kind: &str) -> String {
        let link = self.mail_to(address, kind).await.link();
        link.split_once("token=").unwrap_or_else(|| panic!("no secret in {link}")).1.to_owned()
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// What a stranger can tell answers apart by.
    pub fn look(&self) -> (u16, Value, Vec<String>) {
        let mut body = self.json();
        body.as_object_mut().unwrap().remove("request_id");
        // How near a limit is depends on who asked before, not on whom it is about.
        let told = |name: &str| !["x-request-id", "date"].contains(&name) && !name.starts_with("ratelimit-");
        let headers = self.headers.iter().filter(|(name, _)| told(name.as_str()));
        (self.status.as_u16(), body, headers.map(|(name, value)| format!("{name}: {value:?}")).collect())
    }
}

impl Person {
    /// A request with a JSON body as a page's script sends it: with the cookie and the browser's anti-forgery token.
    pub async fn tell(&mut self, app: &TestApp, path: &str, body: &Value) -> Answer {
        let token = self.csrf(app).await;
        let cookies = self.cookies.iter().map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>();
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("cookie", cookies.join("; "))
            .header("x-csrf-token", token)
            .header("origin", app.app.config.base());
        let answer = app.send(request.body(Body::from(body.to_string())).unwrap()).await;
        self.remember(&answer);
        answer
    }

    /// The anti-forgery token of this browser, as its pages carry it.
    async fn csrf(&mut self, app: &TestApp) -> String {
        self.open(app, "/t/demo/forgot-password").await;
        let (_, rest) = self.page.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }
}
