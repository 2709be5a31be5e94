//! A stand-in for Stripe, over real HTTP: it answers as Stripe does, keeps what it is told under idempotency keys,
//! refuses parameters that it does not know, and signs what it tells. What it cannot do is take money.

mod answers;
mod events;
mod forms;
mod objects;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use chancery::base::Clock;
use serde_json::{Value, json};

pub use self::events::{WEBHOOK_SECRET, signed};

/// The key of the account.
pub const KEY: &str = "sk_test_51StandInForTheTests";

/// The server. Cloning shares it.
#[derive(Clone)]
pub struct StandIn {
    /// Where it is.
    pub url: String,
    state: Arc<Mutex<Objects>>,
    running: Arc<tokio::task::JoinHandle<()>>,
}

/// All that it knows.
#[derive(Default)]
pub struct Objects {
    /// By id.
    pub all: BTreeMap<String, Value>,
    /// What happened, oldest first.
    pub events: Vec<Value>,
    /// Method, path and form of every request.
    pub asked: Vec<(String, String, Value)>,
    /// Statuses that the next requests are answered with instead.
    pub failures: VecDeque<u16>,
    /// What was answered under each idempotency key.
    kept: BTreeMap<String, (String, u16, Value)>,
    made: u64,
    clock: Option<Clock>,
}

/// An answer: a status and JSON.
type Told = Result<Value, (u16, Value)>;

impl StandIn {
    /// A new account with nothing in it.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<Objects>>::default();
        let routes = Router::new().route("/v1/{*path}", any(answer)).with_state(Arc::clone(&state));
        let running = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, state, running: Arc::new(running) }
    }

    /// Lives by this clock from now on.
    pub fn follow(&self, clock: &Clock) {
        self.objects().clock = Some(clock.clone());
    }

    /// Answers nobody any more.
    pub fn stop(&self) {
        self.running.abort();
    }

    /// All that it knows.
    pub fn objects(&self) -> MutexGuard<'_, Objects> {
        self.state.lock().unwrap()
    }

    /// Answers the next requests with these statuses.
    pub fn fail(&self, statuses: &[u16]) {
        self.objects().failures.extend(statuses);
    }

    /// How often this was asked.
    pub fn count(&self, method: &str, path: &str) -> usize {
        self.objects().asked.iter().filter(|(was, at, _)| was == method && at == path).count()
    }
}

async fn answer(State(state): State<Arc<Mutex<Objects>>>, request: Request) -> Response {
    let (asked, body) = request.into_parts();
    let body = to_bytes(body, 1_000_000).await.unwrap();
    let mut objects = state.lock().unwrap();
    objects.respond(&asked, std::str::from_utf8(&body).unwrap())
}

impl Objects {
    fn respond(&mut self, asked: &Parts, body: &str) -> Response {
        let (method, headers) = (&asked.method, &asked.headers);
        let path = asked.uri.path().trim_start_matches("/v1/");
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let form = match *method {
            Method::POST => forms::parse(body),
            _ => forms::parse(asked.uri.query().unwrap_or_default()),
        };
        self.asked.push((method.to_string(), format!("/v1/{path}"), form.clone()));
        if let Some(status) = self.failures.pop_front() {
            return told(Err((status, forms::error(status, "api_error", "lock_timeout", ""))));
        }
        if text("authorization") != format!("Bearer {KEY}") {
            return told(Err((401, forms::error(401, "invalid_request_error", "", ""))));
        }
        if text("stripe-version").is_empty() {
            return told(Err((400, forms::error(400, "invalid_request_error", "version", ""))));
        }
        let now = self.now();
        let key = text("idempotency-key");
        if *method != Method::POST {
            return told(self.answer(method.as_str(), path, &form, now));
        }
        let request = format!("{path} {form}");
        match self.kept.get(&key) {
            _ if key.is_empty() => told(Err((400, forms::error(400, "idempotency_error", "", "")))),
            Some((known, ..)) if *known != request => told(Err((400, forms::error(400, "idempotency_error", "", "")))),
            Some((_, 200, body)) => told(Ok(body.clone())),
            Some((_, status, body)) => told(Err((*status, body.clone()))),
            None => {
                let answer = self.answer("POST", path, &form, now);
                let (status, body) = match &answer {
                    Ok(body) => (200, body.clone()),
                    Err((status, body)) => (*status, body.clone()),
                };
                self.kept.insert(key, (request, status, body));
                told(answer)
            }
        }
    }
}

fn told(answer: Told) -> Response {
    let (status, body) = match answer {
        Ok(body) => (200, body),
        Err((status, body)) => (status, body),
    };
    // So that whoever stops answering is not heard over an old connection.
    (StatusCode::from_u16(status).unwrap(), [("connection", "close")], axum::Json(body)).into_response()
}

impl Objects {
    /// The present.
    pub fn now(&self) -> i64 {
        self.clock.as_ref().map_or(0, |clock| clock.now().0)
    }

    /// A new id.
    pub fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}_{:06}", self.made)
    }

    /// Keeps an object under its id.
    pub fn keep(&mut self, object: Value) -> Value {
        self.all.insert(object["id"].as_str().unwrap().to_owned(), object.clone());
        object
    }

    /// An object, or Stripe's words for that there is none.
    pub fn find(&self, id: &str) -> Told {
        self.all
            .get(id)
            .cloned()
            .ok_or_else(|| (404, forms::error(404, "invalid_request_error", "resource_missing", "id")))
    }

    /// All of one kind that have this value.
    pub fn list(&self, kind: &str, form: &Value, by: &str) -> Value {
        let matches = |object: &&Value| object["object"] == kind && (form[by].is_null() || form[by] == object[by]);
        let after = form["starting_after"].as_str();
        let limit = form["limit"].as_str().and_then(|limit| limit.parse().ok()).unwrap_or(10_usize);
        let all: Vec<_> = self.all.values().filter(matches).cloned().collect();
        let start = after.and_then(|after| all.iter().position(|object| object["id"] == after)).map_or(0, |at| at + 1);
        let rest = &all[start.min(all.len())..];
        let page: Vec<_> = rest.iter().take(limit).cloned().collect();
        json!({ "object": "list", "data": page, "has_more": rest.len() > page.len() })
    }
}
