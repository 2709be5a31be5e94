//! Chromium, driven by chromedriver. What it complains about on its console is collected.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::support::{free_port, switch};

/// How long a page may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A window.
pub struct Window {
    /// The browser.
    pub client: Client,
    driver: Driver,
}

/// chromedriver, which takes its browsers with it.
struct Driver {
    process: Child,
    url: String,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ended_anyway = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Whether there is a Chromium to drive. `REQUIRE_BROWSER` demands one.
pub fn is_there() -> bool {
    let found = Command::new("chromedriver").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    assert!(found || switch("REQUIRE_BROWSER").is_none(), "REQUIRE_BROWSER is set, but there is no chromedriver");
    if !found {
        println!("skipped: chromedriver is not installed (apt-get install chromium chromium-driver)");
    }
    found
}

/// What a window looks like.
pub enum Device {
    /// On a desk.
    Desk,
    /// In a hand.
    Phone,
}

impl Window {
    /// A new browser with nothing in it.
    pub async fn open(device: &Device) -> Self {
        let driver = Driver::start().await;
        let mut options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--window-size=1200,900"],
        });
        if matches!(device, Device::Phone) {
            options["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 2.0, "mobile": true } });
        }
        let wanted = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let Value::Object(wanted) = wanted else { unreachable!() };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(wanted).connect(&driver.url).await.unwrap();
        Self { client, driver }
    }

    /// Waits for a page, by what its `data-page` names.
    pub async fn shows(&self, page: &str) {
        self.find(&format!("body[data-page=\"{page}\"]")).await;
    }

    /// Waits for what a CSS selector names.
    async fn find(&self, selector: &str) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await {
            Ok(element) => element,
            Err(error) => panic!("no {selector} ({error}) in {}", self.client.source().await.unwrap_or_default()),
        }
    }

    /// Does something with what is named. When the page gives way to the next one meanwhile, it is done there.
    async fn with(&self, selector: &str, act: impl AsyncFn(&Element) -> Result<(), CmdError>) {
        let begun = std::time::Instant::now();
        loop {
            match act(&self.find(selector).await).await {
                Ok(()) => return,
                Err(error) if error.is_stale_element_reference() && begun.elapsed() < PATIENCE => {}
                Err(error) => panic!("{selector}: {error}"),
            }
        }
    }

    /// Clicks.
    pub async fn click(&self, selector: &str) {
        self.with(selector, async |element| element.click().await).await;
    }

    /// Types into a field, in the place of what was there.
    pub async fn fill(&self, selector: &str, text: &str) {
        self.with(selector, async |field| {
            field.clear().await?;
            field.send_keys(text).await
        })
        .await;
    }

    /// Chooses a file of this machine.
    pub async fn choose(&self, selector: &str, file: &std::path::Path) {
        self.find(selector).await.send_keys(&file.display().to_string()).await.unwrap();
    }

    /// What stands in a field.
    pub async fn value(&self, selector: &str) -> String {
        self.find(selector).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Waits until nothing is named so any more.
    pub async fn gone(&self, selector: &str) {
        let begun = std::time::Instant::now();
        while self.client.find(Locator::Css(selector)).await.is_ok() {
            assert!(begun.elapsed() < PATIENCE, "{selector} is still there");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What can be read there.
    pub async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await.unwrap()
    }

    /// Whether the page fits the window's width, and everything to press is large enough for a thumb (24 px, WCAG 2.2).
    pub async fn assert_comfortable(&self) -> Result<(), CmdError> {
        let script = "const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
            const small = [...document.querySelectorAll('button, a.button, input:not([type=hidden]):not([type=checkbox]):not([type=radio])')]
                .map(e => [e.id, e.getBoundingClientRect()]).filter(([, r]) => r.height > 0 && r.height < 24);
            return [wide, small.map(([id]) => id)];";
        let found = self.client.execute(script, Vec::new()).await?;
        assert_eq!(found, json!([0, []]), "too wide by, and too small, on {}", self.client.current_url().await?);
        Ok(())
    }

    /// Gives the browser a passkey store whose owner is there and says yes (WebDriver extension of WebAuthn §11); what
    /// names it is told.
    pub async fn owns_a_passkey_store(&self) -> String {
        let store = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserConsenting": true, "isUserVerified": true,
        });
        let told = self.ask("webauthn/authenticator", store).await;
        told["value"].as_str().unwrap_or_else(|| panic!("no authenticator: {told}")).to_owned()
    }

    /// Whether the owner of the store shows a finger when asked.
    pub async fn shows_a_finger(&self, store: &str, whether: bool) {
        let told = self.ask(&format!("webauthn/authenticator/{store}/uv"), json!({ "isUserVerified": whether })).await;
        assert!(told["value"].get("error").is_none(), "{told}");
    }

    /// Asks the driver for what its client has no word for.
    async fn ask(&self, path: &str, body: Value) -> Value {
        let session = self.client.session_id().await.unwrap().unwrap();
        let url = format!("{}/session/{session}/{path}", self.driver.url);
        let answer = reqwest::Client::builder().build().unwrap().post(url).json(&body).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// Opens an address.
    pub async fn open_page(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// What stands on the console since it was last asked, without what a page may say of itself.
    pub async fn complaints(&self) -> Vec<String> {
        let told = self.ask("se/log", json!({ "type": "browser" })).await;
        let told = told["value"].as_array().unwrap_or_else(|| panic!("no console: {told}")).clone();
        told.iter().map(ToString::to_string).collect()
    }

    /// Closes it.
    pub async fn close(self) {
        self.client.close().await.unwrap();
    }
}

impl Driver {
    async fn start() -> Self {
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = Self { process: command.spawn().unwrap(), url: format!("http://127.0.0.1:{port}") };
        for _ in 0..500 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return driver;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("chromedriver does not listen");
    }
}
