//! The whole life of an account, by a person with a real browser and a real mail server: signed up, proven, secured
//! with a passkey and an authenticator app, recovered, moved to another address and back, deleted.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::driver::{Device, Window, is_there};
use crate::smtp::{Behaviour, SmtpServer};
use crate::support::people::{Client, HOME};
use crate::support::{Place, Server};

const FIRST: &str = "grace@people.test";
const OTHER: &str = "hopper@people.test";

#[tokio::test]
async fn the_life_of_an_account_on_a_desk() {
    if is_there() {
        life(&Device::Desk).await;
    }
}

#[tokio::test]
async fn the_life_of_an_account_on_a_phone() {
    if is_there() {
        life(&Device::Phone).await;
    }
}

async fn life(device: &Device) {
    let mut story = Story::begin(device).await;
    story.signs_up().await;
    story.signs_in_by_password().await;
    story.gets_a_passkey().await;
    story.signs_out().await;
    story.signs_in_by_passkey().await;
    story.gets_an_authenticator_app().await;
    story.steps_up_for_an_application().await;
    story.forgets_the_password().await;
    story.moves_to_another_address().await;
    story.takes_the_address_back().await;
    story.deletes_the_account().await;
    story.end().await;
}

/// A person at a browser, with the mail server that their mails go to.
struct Story {
    window: Window,
    server: Server,
    smtp: SmtpServer,
    store: String,
    used: Vec<String>,
    password: String,
    seed: String,
}

impl Story {
    async fn begin(device: &Device) -> Self {
        let smtp = SmtpServer::start(Behaviour::default()).await;
        let mut place = Place::new().await;
        for (name, value) in [
            ("CHANCERY_MAIL__PROVIDER", "smtp"),
            ("CHANCERY_MAIL__FROM_ADDRESS", "chancery@server.test"),
            ("CHANCERY_MAIL__SMTP_HOST", "127.0.0.1"),
            ("CHANCERY_MAIL__SMTP_PORT", &smtp.port.to_string()),
            ("CHANCERY_MAIL__SMTP_SECURITY", "none"),
        ] {
            place = place.with(name, value);
        }
        let (server, window) = (place.start().await, Window::open(device).await);
        let store = window.owns_a_passkey_store().await;
        let password = "a quiet harbour in spring".to_owned();
        Self { window, server, smtp, store, used: Vec::new(), password, seed: String::new() }
    }

    async fn end(self) {
        let complaints = self.window.complaints().await;
        // That an application is not there is no complaint about us, nor is what the browser would recommend.
        let expected = |told: &&String| !told.contains(HOME) && !told.contains("\"DEBUG\"");
        let complaints: Vec<_> = complaints.iter().filter(expected).collect();
        assert!(complaints.is_empty(), "W-132: {complaints:#?}");
        self.window.close().await;
        self.server.done().await;
    }

    async fn open(&self, path: &str) {
        self.window.open_page(&format!("{}{path}", self.server.issuer("demo"))).await;
    }

    /// The page is there, and fits the window and a thumb.
    async fn at(&self, page: &str) {
        self.window.shows(page).await;
        self.window.assert_comfortable().await.unwrap();
    }

    /// The newest link to `page` in a mail to this address that was not followed before.
    async fn mailed(&mut self, to: &str, page: &str) -> String {
        for count in 1..100 {
            let mails = self.smtp.wait_for(count).await;
            let texts = mails.iter().filter(|mail| mail.to == [to]).map(|mail| plain(&mail.raw));
            let links: Vec<_> = texts.flat_map(|text| links(&text)).collect();
            let fresh = links.into_iter().rev().find(|link| link.contains(page) && !self.used.contains(link));
            if let Some(link) = fresh {
                self.used.push(link.clone());
                return link;
            }
        }
        panic!("no mail to {to} leads to {page}");
    }

    async fn follows(&mut self, to: &str, page: &str) {
        let link = self.mailed(to, page).await;
        self.window.open_page(&link).await;
    }

    async fn signs_up(&mut self) {
        self.open("/login").await;
        self.window.click("#login-sign-up").await;
        self.at("signup").await;
        self.window.fill("#name", "Grace").await;
        self.window.fill("#email", FIRST).await;
        self.window.fill("#password", &self.password).await;
        self.window.click("#sign-up-submit").await;
        self.window.text("#done").await;
        self.follows(FIRST, "/verify-email").await;
        self.at("verify-email").await;
        self.window.click("#link-submit").await;
        self.window.text("#done").await;
    }

    async fn types_the_password(&self, email: &str) {
        self.at("login").await;
        self.window.fill("#username", email).await;
        self.window.fill("#password", &self.password).await;
        self.window.click("#login-submit").await;
    }

    async fn signs_in_by_password(&self) {
        self.open("/login").await;
        self.types_the_password(FIRST).await;
        self.at("account").await;
        assert_eq!(self.window.text("#account-name").await, FIRST);
    }

    async fn gets_a_passkey(&self) {
        self.open("/account/passkeys").await;
        self.at("account-passkeys").await;
        self.window.click("#passkey-submit").await;
        self.window.text("#passkeys li").await;
        self.at("account-passkeys").await;
    }

    async fn signs_out(&self) {
        self.window.click("#sign-out").await;
        self.at("logout").await;
        self.window.click("#logout-confirm").await;
        self.at("logged-out").await;
    }

    /// The browser offers the passkey by itself, and its owner shows a finger: nothing has to be pressed.
    async fn signs_in_by_passkey(&self) {
        self.open("/login").await;
        self.at("account").await;
        self.window.shows_a_finger(&self.store, false).await;
    }

    async fn gets_an_authenticator_app(&mut self) {
        self.open("/account/authenticator").await;
        self.at("account-authenticator").await;
        self.seed = self.window.text("#totp-secret").await;
        self.window.fill("#code", &self.code_of(0)).await;
        self.window.click("#totp-submit").await;
        self.at("recovery-codes").await;
        self.window.click("#recovery-continue").await;
        self.at("account-authenticator").await;
    }

    /// An application wants to see two factors now. Each code of the app counts once, so this is the next one.
    async fn steps_up_for_an_application(&self) {
        let client = Client::register(&self.server.place, &["first_party=true"]);
        let mut wish = client.authorize("openid");
        wish.query_pairs_mut().append_pair("acr_values", "urn:chancery:acr:2fa").append_pair("prompt", "login");
        self.window.open_page(wish.as_str()).await;
        self.types_the_password(FIRST).await;
        self.at("second-factor").await;
        self.window.fill("#code", &self.code_of(1)).await;
        self.window.click("#totp-submit").await;
        let code = self.code_at_the_application().await;
        let tokens = client.exchange(&self.server.http, &code).await;
        let token = tokens.text("id_token");
        let claims = token.split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        assert_eq!(claims["acr"], "urn:chancery:acr:2fa", "{claims}");
    }

    /// Nobody listens there; the address that the browser was sent to says enough.
    async fn code_at_the_application(&self) -> String {
        for _ in 0..500 {
            let url = self.window.client.current_url().await.unwrap();
            if url.as_str().starts_with(HOME) {
                return url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the browser never came back: {}", self.window.client.source().await.unwrap());
    }

    async fn chooses_a_password(&mut self, password: &str) {
        password.clone_into(&mut self.password);
        self.at("reset-password").await;
        self.window.fill("#password", password).await;
        self.window.click("#link-submit").await;
        self.window.text("#done").await;
    }

    async fn forgets_the_password(&mut self) {
        self.open("/account/security").await;
        self.at("account-security").await;
        self.open("/forgot-password").await;
        self.at("forgot-password").await;
        self.window.fill("#email", FIRST).await;
        self.window.click("#address-submit").await;
        self.window.text("#done").await;
        self.follows(FIRST, "/reset-password").await;
        self.chooses_a_password("two lighthouses at dusk").await;
        self.open("/account").await;
        self.signs_in_with_both(FIRST).await;
    }

    /// By password, and the passkey as second factor.
    async fn signs_in_with_both(&self, email: &str) {
        self.types_the_password(email).await;
        self.at("second-factor").await;
        self.window.shows_a_finger(&self.store, true).await;
        self.window.click("#passkey-submit").await;
        self.at("account").await;
        self.window.shows_a_finger(&self.store, false).await;
    }

    async fn moves_to_another_address(&mut self) {
        self.open("/account/email").await;
        self.at("account-email").await;
        self.window.fill("#email", OTHER).await;
        self.window.fill("#current_password", &self.password).await;
        self.window.click("#email-save").await;
        self.window.text("#email-sent").await;
        self.follows(OTHER, "/confirm-email-change").await;
        self.at("confirm-email-change").await;
        self.window.click("#link-submit").await;
        self.window.text("#done").await;
        self.open("/account").await;
        self.at("account").await;
        assert_eq!(self.window.text("#account-name").await, OTHER);
    }

    async fn takes_the_address_back(&mut self) {
        self.follows(FIRST, "/undo-email-change").await;
        self.at("undo-email-change").await;
        self.window.click("#link-submit").await;
        self.window.text("#done").await;
        self.follows(FIRST, "/reset-password").await;
        self.chooses_a_password("three gulls over the pier").await;
        self.open("/account").await;
        self.signs_in_with_both(FIRST).await;
        assert_eq!(self.window.text("#account-name").await, FIRST);
    }

    async fn deletes_the_account(&self) {
        self.open("/account/delete").await;
        self.at("account-delete").await;
        self.window.click("#sure").await;
        self.window.click("#delete-confirm").await;
        self.at("account-deleted").await;
        self.open("/login").await;
        self.types_the_password(FIRST).await;
        assert!(!self.window.text("#login-error").await.is_empty());
    }

    /// What the authenticator app shows so many steps from now (RFC 6238).
    fn code_of(&self, steps: u64) -> String {
        #[expect(clippy::disallowed_methods, reason = "an authenticator app reads the clock on the wall")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let seed = totp_rs::Secret::try_from_base32(&self.seed).unwrap();
        let app = totp_rs::Builder::new().with_secret(seed).build_noncompliant();
        app.generate(now + 30 * steps).to_string()
    }
}

/// The text of a mail with its quoted-printable lines joined (RFC 2045 §6.7).
fn plain(raw: &str) -> String {
    raw.replace("=\r\n", "").replace("=3D", "=")
}

fn links(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| letter.is_whitespace() || "<>\"".contains(letter));
    words.filter(|word| word.starts_with("http://localhost")).map(|word| word.replace("&amp;", "&")).collect()
}
