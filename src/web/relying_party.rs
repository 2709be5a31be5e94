//! The client side of the developer's application: authorization code with PKCE (RFC 7636) and OpenID Connect, spoken
//! over HTTP to the endpoints that any stranger's client uses.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::base::{Secret, Timestamp};
use crate::http::routes::{AUTHORIZE, LOGOUT, TOKEN, USERINFO, WHOAMI};
use crate::outbound::{Loopback, Reply};

/// Its `client_id`; the demonstration registers it.
pub const CLIENT_ID: &str = "dev-app";
/// What it asks for.
const SCOPE: &str = "openid profile email offline_access";

/// The application at one issuer.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    /// The issuer.
    pub issuer: String,
    /// Where the answer comes back.
    pub redirect_uri: String,
    /// Where a sign-out comes back.
    pub post_logout_redirect_uri: String,
    /// How it calls.
    pub http: Loopback,
}

/// What it remembers of a sign-in that has begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Begun {
    state: String,
    nonce: String,
    verifier: String,
}

/// What it has when a sign-in is complete.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tokens {
    /// The access token.
    pub access_token: String,
    /// How it is presented.
    pub token_type: String,
    /// How long it lives.
    pub expires_in: i64,
    /// What it allows.
    #[serde(default)]
    pub scope: String,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// The ID token.
    pub id_token: Option<String>,
    /// How often they were refreshed.
    #[serde(default)]
    pub refreshed: u32,
}

/// Why a sign-in did not succeed, in words for the developer.
pub type Trouble = String;

impl RelyingParty {
    /// Begins: where to send the browser, and what to remember.
    pub fn begin(&self) -> Result<(String, Begun), Trouble> {
        let random = || Secret::generate().expose().to_owned();
        let begun = Begun { state: random(), nonce: random(), verifier: random() };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.verifier.as_bytes()));
        let mut url = Url::parse(&format!("{}{AUTHORIZE}", self.issuer)).map_err(|error| error.to_string())?;
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", &self.redirect_uri),
            ("scope", SCOPE),
            ("state", &begun.state),
            ("nonce", &begun.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Ok((url.into(), begun))
    }

    /// Finishes: checks whose answer this is (RFC 9207 §2.4), redeems the code, checks the ID token.
    pub async fn finish(
        &self,
        begun: &Begun,
        answer: impl Fn(&str) -> Option<String>,
        now: Timestamp,
    ) -> Result<Tokens, Trouble> {
        if answer("state").as_deref() != Some(begun.state.as_str()) {
            return Err("The answer belongs to another sign-in.".to_owned());
        }
        if answer("iss").as_deref() != Some(self.issuer.as_str()) {
            return Err("The answer comes from another issuer.".to_owned());
        }
        if let Some(error) = answer("error") {
            return Err(format!("{error}: {}", answer("error_description").unwrap_or_default()));
        }
        let code = answer("code").ok_or("The answer has no code.")?;
        let tokens = self
            .token(&[
                ("grant_type", "authorization_code"),
                ("client_id", CLIENT_ID),
                ("code", &code),
                ("redirect_uri", &self.redirect_uri),
                ("code_verifier", &begun.verifier),
            ])
            .await?;
        let claims = tokens.claims();
        let fits = |name: &str, value: &str| claims.get(name).and_then(Value::as_str) == Some(value);
        let alive = claims.get("exp").and_then(Value::as_i64).is_some_and(|exp| exp > now.0);
        if fits("iss", &self.issuer) && fits("aud", CLIENT_ID) && fits("nonce", &begun.nonce) && alive {
            Ok(tokens)
        } else {
            Err("The ID token is not for this sign-in.".to_owned())
        }
    }

    /// Trades the refresh token for new tokens.
    pub async fn refresh(&self, tokens: &Tokens) -> Result<Tokens, Trouble> {
        let refresh_token = tokens.refresh_token.as_deref().ok_or("There is no refresh token.")?;
        let form = [("grant_type", "refresh_token"), ("client_id", CLIENT_ID), ("refresh_token", refresh_token)];
        let mut fresh = self.token(&form).await?;
        fresh.refreshed = tokens.refreshed.saturating_add(1);
        fresh.refresh_token = fresh.refresh_token.or_else(|| tokens.refresh_token.clone());
        fresh.id_token = fresh.id_token.or_else(|| tokens.id_token.clone());
        Ok(fresh)
    }

    async fn token(&self, form: &[(&str, &str)]) -> Result<Tokens, Trouble> {
        let url = format!("{}{TOKEN}", self.issuer);
        let reply = self.http.post(&url, form).await.map_err(|error| format!("{url}: {error}"))?;
        if reply.status != 200 {
            return Err(format!("The token endpoint answered {}: {}", reply.status, reply.body));
        }
        serde_json::from_str(&reply.body).map_err(|error| format!("The token endpoint's answer: {error}"))
    }

    /// The protected API that it calls.
    pub fn api(&self) -> String {
        format!("{}{WHOAMI}", self.issuer)
    }

    /// Calls it.
    pub async fn call(&self, tokens: &Tokens) -> Reply {
        let reply = self.http.get(&self.api(), &tokens.access_token).await;
        reply.unwrap_or_else(|error| Reply { status: 0, body: error.to_string() })
    }

    /// Who signed in, by the userinfo endpoint.
    pub async fn name(&self, tokens: &Tokens) -> Option<String> {
        let reply = self.http.get(&format!("{}{USERINFO}", self.issuer), &tokens.access_token).await.ok()?;
        let claims: Map<String, Value> = serde_json::from_str(&reply.body).ok()?;
        let claim = |name| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        claim("name").or_else(|| claim("email")).or_else(|| claim("sub"))
    }

    /// Where to send the browser to sign out (OIDC RP-Initiated Logout §2).
    pub fn sign_out(&self, tokens: &Tokens) -> Result<String, Trouble> {
        let mut url = Url::parse(&format!("{}{LOGOUT}", self.issuer)).map_err(|error| error.to_string())?;
        url.query_pairs_mut()
            .append_pair("client_id", CLIENT_ID)
            .append_pair("post_logout_redirect_uri", &self.post_logout_redirect_uri);
        if let Some(hint) = &tokens.id_token {
            url.query_pairs_mut().append_pair("id_token_hint", hint);
        }
        Ok(url.into())
    }
}

impl Tokens {
    /// The claims of the ID token. It came from the token endpoint itself, which vouches for it in the place of its
    /// signature (OIDC Core §3.1.3.7 no. 6).
    pub fn claims(&self) -> Map<String, Value> {
        let payload = self.id_token.as_deref().and_then(|token| token.split('.').nth(1));
        let bytes = payload.and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok()).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Overrides};

    fn party() -> RelyingParty {
        RelyingParty {
            issuer: "http://localhost:8080/t/demo".to_owned(),
            redirect_uri: "http://localhost:8080/dev/app/callback".to_owned(),
            post_logout_redirect_uri: "http://localhost:8080/dev/app".to_owned(),
            http: Loopback::new(&Config::load(&Overrides::default()).unwrap()).unwrap(),
        }
    }

    #[test]
    fn a_request_carries_the_challenge_of_a_verifier_that_stays_here() {
        let (url, begun) = party().begin().unwrap();
        assert!(url.starts_with("http://localhost:8080/t/demo/oauth/authorize?response_type=code&client_id=dev-app&"));
        assert!(!url.contains(&begun.verifier));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.verifier.as_bytes()));
        assert!(url.contains(&format!("code_challenge={challenge}&code_challenge_method=S256")));
    }

    #[tokio::test]
    async fn an_answer_of_another_sign_in_or_issuer_is_not_redeemed() {
        let (party, (_, begun)) = (party(), party().begin().unwrap());
        let answer = |state: &str, iss: &str| {
            let (state, iss) = (state.to_owned(), iss.to_owned());
            move |name: &str| match name {
                "state" => Some(state.clone()),
                "iss" => Some(iss.clone()),
                "code" => Some("code".to_owned()),
                _ => None,
            }
        };
        let now = Timestamp(0);
        let other_state = party.finish(&begun, answer("x", &party.issuer), now).await.unwrap_err();
        assert!(other_state.contains("another sign-in"));
        let other_issuer = party.finish(&begun, answer(&begun.state, "http://evil.test"), now).await.unwrap_err();
        assert!(other_issuer.contains("another issuer"));
    }
}
