//! Somebody who is told by webhook: a real server on this machine, with a list of answers to give.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chancery::base::{Secret, Timestamp};
use chancery::webhooks::{Forged, Message, verify};
use serde_json::Value;

/// What is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This status, and a few words.
    Status(u16),
    /// Status 503 with `Retry-After`.
    RetryAfter(i64),
    /// A redirect to there.
    Redirect(String),
    /// Nothing, ever.
    Silence,
}

/// What came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it came.
    pub body: String,
}

/// The server. Without a list of answers it takes everything.
#[derive(Clone, Debug, Default)]
pub struct Receiver {
    /// Where it is.
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    /// Starts it.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks?x=1", listener.local_addr().unwrap());
        let receiver = Self { url, ..Self::default() };
        let router = axum::Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// Gives these answers next, and then takes everything again.
    pub fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }

    /// What came since the last time this was asked.
    pub fn received(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }

    /// The types of the events that came since the last time.
    pub fn told(&self) -> Vec<String> {
        self.received().iter().map(Received::kind).collect()
    }
}

impl Received {
    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// What it is.
    pub fn kind(&self) -> String {
        let body = self.json();
        body["type"].as_str().or(body["event_type"].as_str()).unwrap().to_owned()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The event's id.
    pub fn id(&self) -> &str {
        self.header("webhook-id").unwrap()
    }

    /// Reads it as receivers do.
    pub fn verified(&self, secret: &str, now: Timestamp) -> Result<Message, Forged> {
        verify(|name| self.header(name), &self.body, &[Secret::new(secret)], now)
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> Response {
    receiver.received.lock().unwrap().push(Received { headers, body });
    let answer = receiver.answers.lock().unwrap().pop_front().unwrap_or(Answer::Status(204));
    match answer {
        Answer::Status(status) => (StatusCode::from_u16(status).unwrap(), "so it is\u{1b}[2J").into_response(),
        Answer::RetryAfter(seconds) => {
            (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", seconds.to_string())]).into_response()
        }
        Answer::Redirect(there) => (StatusCode::TEMPORARY_REDIRECT, [("location", there)]).into_response(),
        Answer::Silence => {
            tokio::time::sleep(Duration::from_mins(10)).await;
            StatusCode::OK.into_response()
        }
    }
}
