//! Real Chromium at the developer's application: sign in, consent, refresh, sign out. Needs `chromedriver`; where there
//! is none the test says so and passes, for `.ci/run` installs it.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;
use tokio::sync::watch;

use crate::support::{PASSWORD, World, free_port};

struct Browser {
    client: Client,
    base: String,
    _driver: Driver,
}

struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Browser {
    /// None where no `chromedriver` is installed.
    async fn start(base: &str) -> Option<Self> {
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = Driver(command.spawn().ok()?);
        let profile = std::env::temp_dir().join(format!("chancery-chromium-{port}"));
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &format!("--user-data-dir={}", profile.display()),
        ];
        let capabilities = json!({ "goog:chromeOptions": { "args": arguments } });
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut builder = ClientBuilder::rustls().unwrap();
        builder.capabilities(capabilities.as_object().unwrap().clone());
        for _ in 0..100 {
            if let Ok(client) = builder.connect(&format!("http://127.0.0.1:{port}")).await {
                return Some(Self { client, base: base.to_owned(), _driver: driver });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("chromedriver does not answer");
    }

    async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    /// Waits for the page of this name.
    async fn sees(&self, page: &str) {
        let selector = format!("body[data-page='{page}']");
        let found = self.client.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(&selector)).await;
        let source = self.client.source().await.unwrap();
        assert!(found.is_ok(), "no page {page} but\n{source}");
    }

    async fn text(&self, selector: &str) -> String {
        self.client.find(Locator::Css(selector)).await.unwrap().text().await.unwrap()
    }

    async fn write(&self, selector: &str, text: &str) {
        self.client.find(Locator::Css(selector)).await.unwrap().send_keys(text).await.unwrap();
    }

    async fn click(&self, selector: &str) {
        self.client.find(Locator::Css(selector)).await.unwrap().click().await.unwrap();
    }

    async fn signs_in(&self) {
        self.sees("login").await;
        self.write("#username", "ada@demo.test").await;
        self.write("#password", PASSWORD).await;
        self.click("#login-submit").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_signs_in_denies_allows_refreshes_and_signs_out() {
    let port = free_port();
    let world = World::at(&format!("http://localhost:{port}"), &format!("127.0.0.1:{port}")).await;
    let base = world.app.app.config.base().to_owned();
    world
        .client("dev-app", "Demo application", |client| {
            client.metadata.0.redirect_uris = vec![format!("{base}/dev/app/callback")];
            client.metadata.0.post_logout_redirect_uris = vec![format!("{base}/dev/app")];
            client.metadata.0.application_type = chancery::store::clients::ApplicationType::Native;
        })
        .await;
    let (stop, stopped) = watch::channel(false);
    let app = world.app.app.clone();
    let listening = chancery::server::listen(&app).await.unwrap();
    let server = tokio::spawn(listening.serve(app.clone(), stopped));
    let Some(browser) = Browser::start(app.config.base()).await else {
        println!("chromedriver is not installed: nothing was tested");
        return;
    };

    browser.open("/").await;
    browser.sees("start").await;
    browser.click("#try-it").await;
    browser.sees("dev-app").await;
    browser.click("#dev-sign-in").await;
    browser.sees("login").await;
    browser.click("#login-cancel").await;
    browser.sees("dev-app").await;
    assert!(browser.text("#dev-error").await.contains("access_denied"));

    browser.click("#dev-sign-in").await;
    browser.signs_in().await;
    browser.sees("consent").await;
    browser.click("#consent-deny").await;
    browser.sees("dev-app").await;
    assert!(browser.text("#dev-error").await.contains("access_denied"));

    browser.click("#dev-sign-in").await;
    browser.sees("consent").await;
    browser.click("#consent-allow").await;
    browser.sees("dev-app-result").await;
    assert_eq!(browser.text("[data-claim='aud']").await, "dev-app");
    assert_eq!(browser.text("#api-status").await, "200");
    let first = browser.text("#access-token").await;

    browser.click("#dev-refresh").await;
    browser.sees("dev-app-result").await;
    assert_eq!(browser.text("#dev-refreshed").await, "1");
    assert_ne!(browser.text("#access-token").await, first);

    browser.click("#dev-logout").await;
    browser.sees("dev-app").await;
    browser.open("/t/demo/account").await;
    browser.sees("login").await;

    browser.client.clone().close().await.unwrap();
    stop.send(true).unwrap();
    server.await.unwrap();
}
