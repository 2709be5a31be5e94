//! What is asked of the server, measure by measure.

use crate::Failed;
use crate::http::{Answer, form, get, post_form};
use crate::load::Script;

/// RFC 7636, appendix B: its example serves as well as any.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The S256 challenge of [`VERIFIER`].
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The same request again and again; the body of its answer always has these words.
pub struct Fixed(pub Vec<u8>, pub &'static str);

impl Script for Fixed {
    fn next(&mut self) -> Vec<u8> {
        self.0.clone()
    }

    fn took(&mut self, answer: &Answer<'_>) -> Result<bool, Failed> {
        demand(answer, 200)?;
        if answer.body.contains(self.1) { Ok(true) } else { Err(wrong(answer)) }
    }
}

/// A chain of refreshes: each one spends the token of the last.
pub struct Refresh {
    /// Path of the token endpoint.
    pub token_path: String,
    /// `Authorization` of the client.
    pub basic: String,
    /// The token to spend next.
    pub token: String,
}

impl Script for Refresh {
    fn next(&mut self) -> Vec<u8> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", self.token.as_str())];
        post_form(&self.token_path, &[("authorization", &self.basic)], &fields)
    }

    fn took(&mut self, answer: &Answer<'_>) -> Result<bool, Failed> {
        demand(answer, 200)?;
        answer.text("refresh_token").ok_or("no refresh token in the answer")?.clone_into(&mut self.token);
        Ok(true)
    }
}

/// An authorization request of somebody signed in, then the exchange of its code: two requests, one operation.
#[derive(Clone)]
pub struct CodeFlow {
    /// Path and query of the authorization request.
    pub authorize: String,
    /// Path of the token endpoint.
    pub token_path: String,
    /// `Authorization` of the client.
    pub basic: String,
    /// The session.
    pub cookies: String,
    /// Where the client wants its code.
    pub redirect_uri: String,
    /// The code to exchange, between the two requests.
    pub code: Option<String>,
}

impl Script for CodeFlow {
    fn next(&mut self) -> Vec<u8> {
        match &self.code {
            None => get(&self.authorize, &[("cookie", &self.cookies)]),
            Some(code) => {
                let fields = [
                    ("grant_type", "authorization_code"),
                    ("code", code.as_str()),
                    ("redirect_uri", &self.redirect_uri),
                    ("code_verifier", VERIFIER),
                ];
                post_form(&self.token_path, &[("authorization", &self.basic)], &fields)
            }
        }
    }

    fn took(&mut self, answer: &Answer<'_>) -> Result<bool, Failed> {
        if self.code.take().is_some() {
            return demand(answer, 200).map(|()| true);
        }
        let location = answer.header("location").ok_or_else(|| wrong(answer))?;
        self.code = Some(query_value(location, "code").ok_or_else(|| wrong(answer))?);
        Ok(false)
    }
}

/// Path and query of an authorization request with PKCE.
pub fn authorization_request(path: &str, client_id: &str, redirect_uri: &str, scope: &str) -> String {
    let query = form(&[
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("scope", scope),
        ("state", "a-state-of-usual-length"),
        ("nonce", "a-nonce-of-usual-length"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    format!("{path}?{query}")
}

/// One value of a URL's query.
pub fn query_value(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

/// The answer has this status, or it says what it is instead.
pub fn demand(answer: &Answer<'_>, status: u16) -> Result<(), Failed> {
    if answer.status == status { Ok(()) } else { Err(wrong(answer)) }
}

fn wrong(answer: &Answer<'_>) -> Failed {
    let body: String = answer.body.chars().take(400).collect();
    format!("an unexpected answer:\n{}{body}", answer.head).into()
}
