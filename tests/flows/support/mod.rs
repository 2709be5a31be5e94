//! The application under test: the real router with a clock that stands still until it is turned.

mod api;
pub mod archive;
pub mod asking;
pub mod authenticator;
mod calls;
pub mod console;
pub mod credentials;
pub mod declaring;
pub mod described;
pub mod furnished;
pub mod github;
mod instance;
mod mailbox;
pub mod names;
pub mod operators;
mod organizations;
pub mod others;
mod own_account;
mod person;
pub mod probe;
pub mod receiver;
pub mod routes;
pub mod shop;
pub mod storage;
mod tokens;
pub mod told;
pub mod trail;
mod world;

use std::path::PathBuf;
use std::sync::Mutex;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use chancery::app::App;
use chancery::base::{Clock, Timestamp};
use chancery::config::{Config, Overrides};
use chancery::store::tenants::{self, Settings, Tenant};
use chancery::store::{Db, migrations};
use tower::ServiceExt as _;

pub use calls::Told;
pub use instance::{Instance, Ran};
pub use person::Person;
pub use tokens::SECRET;
pub use world::{CALLBACK, CHALLENGE, PASSWORD, VERIFIER, World};

/// Where the tests' clock starts: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp(1_767_225_600);

/// An application of its own for one test.
pub struct TestApp {
    /// The services.
    pub app: App,
    /// Their clock.
    pub clock: Clock,
    /// The URL of their database.
    pub database: String,
    /// Headers and body of every answer so far.
    pub answers: Mutex<Vec<(String, String)>>,
    service: Router,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl TestApp {
    /// A new database, migrated, with nothing in it.
    pub async fn start() -> Self {
        Self::configured(|_| {}).await
    }

    /// As [`TestApp::start`], with other settings.
    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let (id, data_dir) = place();
        let database = database(&data_dir, &id).await;
        Self::over(data_dir, database, change).await
    }

    /// As [`TestApp::configured`], with an embedded database wherever the others are.
    pub async fn embedded(change: impl FnOnce(&mut Config)) -> Self {
        let (_, data_dir) = place();
        let database = format!("sqlite:{}", data_dir.join("chancery.db").display());
        Self::over(data_dir, database, change).await
    }

    async fn over(data_dir: PathBuf, database: String, change: impl FnOnce(&mut Config)) -> Self {
        let overrides = Overrides { data_dir: Some(data_dir.clone()), dev: true, ..Overrides::default() };
        let mut config = Config::load(&overrides).unwrap();
        let master = data_dir.join("test.key");
        std::fs::write(&master, chancery::keys::MasterKey::generate().expose()).unwrap();
        config.keys.master_key_file = master.display().to_string();
        if let Some(url) = switch("TEST_REDIS") {
            config.redis.url = serde_json::from_value(url.into()).unwrap();
        }
        change(&mut config);
        let db = Db::open(&database, 4).await.unwrap();
        migrations::up(&db).await.unwrap();
        let clock = Clock::fixed(START);
        let app = Box::pin(App::build(config, clock.clone(), db)).await.unwrap();
        Self { service: chancery::server::service(&app), app, clock, database, answers: Mutex::default() }
    }

    /// A new tenant with these settings.
    pub async fn tenant(&self, slug: &str, settings: Settings) -> Tenant {
        let tenant = Tenant::new(slug.parse().unwrap(), slug, settings, self.clock.now());
        assert!(tenants::insert(&self.app.db, &tenant).await.unwrap());
        tenant
    }

    /// Sends a request as it is, and answers while the body is still on its way.
    pub async fn open(&self, mut request: Request<Body>) -> Response<Body> {
        // Every client of HTTP/1.1 names the host that it talks to.
        request.headers_mut().entry("host").or_insert(HeaderValue::from_static("127.0.0.1"));
        self.service.clone().oneshot(request).await.unwrap()
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 10_000_000).await.unwrap();
        described::check((&method, &path), &parts, &body);
        let body = String::from_utf8_lossy(&body).into_owned();
        self.answers.lock().unwrap().push((format!("{:?}", parts.headers), body.clone()));
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A tenant's context, as the services want it.
    pub async fn context(&self, slug: &str) -> std::sync::Arc<chancery::tenants::TenantContext> {
        self.app.tenants.serve(&chancery::tenants::Hint::Slug(slug.parse().unwrap())).await.unwrap()
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// `POST` of a form.
    pub async fn post(&self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(encoded(form).into()).unwrap()).await
    }
}

/// A name and a folder for a new application.
fn place() -> (String, PathBuf) {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let data_dir = std::env::temp_dir().join(format!("chancery-flow-{id}"));
    std::fs::create_dir_all(&data_dir).unwrap();
    (id, data_dir)
}

/// `application/x-www-form-urlencoded`.
pub fn encoded(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

impl Answer {
    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// What the body's `data-page` names.
    pub fn page(&self) -> &str {
        self.body.split_once("data-page=\"").map_or("", |(_, rest)| rest.split('"').next().unwrap_or_default())
    }
}

/// The URL of a new database: SQLite, or a schema of its own where `TEST_POSTGRES` names a server.
pub async fn database(data_dir: &std::path::Path, id: &str) -> String {
    let Some(url) = switch("TEST_POSTGRES") else {
        let file: PathBuf = data_dir.join("chancery.db");
        return format!("sqlite:{}", file.display());
    };
    let admin = sqlx::PgPool::connect(&url).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA f{id}"))).execute(&admin).await.unwrap();
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}options=-csearch_path%3Df{id}")
}

#[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
fn switch(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
