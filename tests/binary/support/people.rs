//! Clients and people of a server, made by the command line, and what they ask of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{COOKIE, LOCATION};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Place, Server};
use crate::browser::Browser;

/// The secret of every code exchange here (RFC 7636 §4.1).
pub const VERIFIER: &str = "a-verifier-that-is-longer-than-it-has-to-be-0123456789";
/// Where answers to clients made here go.
pub const HOME: &str = "http://localhost:53999/callback";

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    /// The issuer that knows it.
    pub issuer: String,
    /// Its `client_id`.
    pub id: String,
    /// Its secret; empty when it has none.
    pub secret: String,
}

/// What an endpoint answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The JSON.
    pub body: Value,
}

impl Answer {
    /// A string member, which has to be there.
    pub fn text(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name} in {self:?}")).to_owned()
    }
}

impl Client {
    /// Registers one at tenant `demo`, which may use the code, keep access, and speak for itself.
    pub fn register(place: &Place, policies: &[&str]) -> Self {
        let metadata = json!({
            "client_name": "A story's client",
            "redirect_uris": [HOME],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"],
            "scope": "openid profile email offline_access",
            "token_endpoint_auth_method": "client_secret_basic",
            "application_type": "native",
        });
        let mut words = vec!["client", "create", "--tenant", "demo", "--from-json", "-", "--json"];
        words.extend(policies.iter().flat_map(|policy| ["--policy", policy]));
        let made = place.run(&words, &metadata.to_string()).json();
        Self::of(&format!("{}/t/demo", place.url), &made)
    }

    /// One of those that `--dev` made.
    pub fn of_dev(place: &Place, tenant: &str, name: &str) -> Self {
        let tenant = &place.dev()["tenants"][tenant];
        Self::of(tenant["issuer"].as_str().unwrap(), &tenant["clients"][name])
    }

    /// From what names its id and secret.
    pub fn of(issuer: &str, made: &Value) -> Self {
        let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        let (id, secret) = (text("client_id"), text("client_secret"));
        assert!(!id.is_empty(), "{made}");
        Self { issuer: issuer.to_owned(), id, secret }
    }

    /// Asks an endpoint, proving itself by its secret.
    pub async fn ask(
        &self,
        http: &reqwest::Client,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        let request = http.post(format!("{}{path}", self.issuer)).form(form);
        let answer = request.basic_auth(&self.id, Some(&self.secret)).send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    /// A token for itself (RFC 6749 §4.4).
    pub async fn own_token(&self, http: &reqwest::Client) -> Result<Answer, reqwest::Error> {
        self.ask(http, "/oauth/token", &[("grant_type", "client_credentials")]).await
    }

    /// Trades a refresh token.
    pub async fn refresh(&self, http: &reqwest::Client, token: &str) -> Result<Answer, reqwest::Error> {
        self.ask(http, "/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Whether a token is alive (RFC 7662).
    pub async fn is_active(&self, http: &reqwest::Client, token: &str) -> bool {
        let answer = self.ask(http, "/oauth/introspect", &[("token", token)]).await.unwrap();
        answer.body["active"].as_bool().unwrap_or_else(|| panic!("{answer:?}"))
    }

    /// The address of an authorization request.
    pub fn authorize(&self, scope: &str) -> Url {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", HOME),
            ("scope", scope),
            ("state", "a-state"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        Url::parse_with_params(&format!("{}/oauth/authorize", self.issuer), parameters).unwrap()
    }

    /// A code for whoever is signed in with these cookies; nothing may have to be asked.
    pub async fn code(&self, http: &reqwest::Client, cookies: &str, scope: &str) -> String {
        let answer = http.get(self.authorize(scope)).header(COOKIE, cookies).send().await.unwrap();
        let location = answer.headers().get(LOCATION).expect("a redirect").to_str().unwrap().to_owned();
        let back = Url::parse(&location).unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code");
        code.unwrap_or_else(|| panic!("no code in {location}")).1.into_owned()
    }

    /// The tokens for a code.
    pub async fn exchange(&self, http: &reqwest::Client, code: &str) -> Answer {
        let form =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", HOME), ("code_verifier", VERIFIER)];
        self.ask(http, "/oauth/token", &form).await.unwrap()
    }
}

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub struct Person {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

impl Person {
    /// The first one that `--dev` made at a tenant.
    pub fn of_dev(place: &Place, tenant: &str) -> Self {
        let dev = place.dev();
        let user = &dev["tenants"][tenant]["users"][0];
        let text = |name: &str| user[name].as_str().unwrap().to_owned();
        Self { email: text("email"), password: text("password") }
    }

    /// Whoever sees to all tenants that `--dev` made.
    pub fn operator_of_dev(place: &Place) -> Self {
        let dev = place.dev();
        let text = |name: &str| dev["operator"][name].as_str().unwrap().to_owned();
        Self { email: text("email"), password: text("password") }
    }

    /// A browser that sends an application's request and signs this person in; it ends at the application, or at the
    /// page that is shown instead.
    pub async fn sign_in(&self, server: &Server, client: &Client, scope: &str) -> Browser {
        let mut browser = Browser::new(&server.http, HOME).unwrap();
        browser.open(client.authorize(scope).as_str()).await.unwrap();
        assert_eq!(browser.shows(), "login", "{}", browser.page);
        let person = [("username", self.email.as_str()), ("password", &self.password), ("decision", "sign-in")];
        browser.submit("login-form", &person).await.unwrap();
        browser
    }
}
