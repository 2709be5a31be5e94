//! The database goes away and comes back; the process sees it, says so, and needs no restart. SQLite cannot go away.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::people::Client;
use crate::support::proxy::Proxy;
use crate::support::{Place, Server, postgres};

/// W-127.
const NOTICED: Duration = Duration::from_secs(5);
/// W-126.
const RECOVERED: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w126_w127_readiness_follows_the_database_and_nobody_has_to_restart_the_process() {
    let Some(url) = postgres() else { return println!("skipped: TEST_POSTGRES names no server that could go away") };
    let url: url::Url = url.parse().unwrap();
    let proxy = Proxy::start(url.host_str().unwrap(), url.port().unwrap_or(5432)).await;
    let server = behind(&proxy).await.start().await;
    let client = Client::register(&server.place, &["access_token_format=opaque"]);
    let load = Load::start(&server, &client);
    let pid = server.pid();

    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(load.failures_since(load.begun).is_empty(), "failures before anything happened");
    proxy.cut();
    changes_to(&server, 503, NOTICED).await;
    assert_eq!(server.http.get(format!("{}/healthz", server.place.url)).send().await.unwrap().status(), 200);
    proxy.restore().await;
    works_again(&server, &load).await;

    proxy.freeze(true);
    changes_to(&server, 503, NOTICED).await;
    proxy.freeze(false);
    works_again(&server, &load).await;

    assert_eq!(server.pid(), pid);
    load.end();
    server.done().await;
}

/// A place whose database is reached through the proxy.
async fn behind(proxy: &Proxy) -> Place {
    let place = Place::new().await;
    let (_, url) = place.settings.iter().find(|(name, _)| name == "CHANCERY_DATABASE__URL").unwrap();
    let mut url: url::Url = url.parse().unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(proxy.port)).unwrap();
    place.with("CHANCERY_DATABASE__URL", url.as_str())
}

async fn changes_to(server: &Server, status: u16, within: Duration) {
    let begun = Instant::now();
    loop {
        let found = server.readiness().await;
        let took = begun.elapsed();
        assert!(took < within, "after {took:?} readiness is {found}: {}", server.place.log());
        if found == status {
            return println!("readiness was {status} after {took:?}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn works_again(server: &Server, load: &Load) {
    let restored = Instant::now();
    changes_to(server, 200, RECOVERED).await;
    tokio::time::sleep_until((restored + RECOVERED + Duration::from_millis(1500)).into()).await;
    let failures = load.failures_since(restored + RECOVERED);
    assert!(failures.is_empty(), "{failures:?}: {}", server.place.log());
    assert!(load.answers_since(restored + RECOVERED) > 10, "the load has stopped");
}

/// Somebody who wants tokens all the time.
struct Load {
    begun: Instant,
    /// When each was asked for, and what was answered.
    asked: Arc<Mutex<Vec<(Instant, u16)>>>,
    running: tokio::task::JoinHandle<()>,
}

impl Load {
    fn start(server: &Server, client: &Client) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (http, client, told) = (server.http.clone(), client.clone(), Arc::clone(&asked));
        let running = tokio::spawn(async move {
            loop {
                let at = Instant::now();
                let (http, client, told) = (http.clone(), client.clone(), Arc::clone(&told));
                tokio::spawn(async move {
                    let status = client.own_token(&http).await.map_or(0, |answer| answer.status);
                    told.lock().unwrap().push((at, status));
                });
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        Self { begun: Instant::now(), asked, running }
    }

    fn failures_since(&self, instant: Instant) -> Vec<u16> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(at, status)| *at >= instant && *status != 200).map(|(_, status)| *status).collect()
    }

    fn answers_since(&self, instant: Instant) -> usize {
        self.asked.lock().unwrap().iter().filter(|(at, _)| *at >= instant).count()
    }

    fn end(self) {
        self.running.abort();
    }
}
