//! The only thing that can carry an answer back to a client: a redirect URI that was proven to be the client's, with
//! the response mode, `state` and `iss` that belong to it.

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::base::Refusal;

/// How the parameters of an answer travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query (OAuth 2.0 Multiple Response Types §2.1).
    Query,
    /// As a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// Those that are served, in the words of the protocol.
    pub const SUPPORTED: [&str; 2] = ["query", "form_post"];

    /// The mode of this name; none for one that is not served.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// Where an answer goes. Made only from a redirect URI that [`super::request`] has proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnTo {
    /// The redirect URI, byte for byte as it was registered (with the port of the request, for native clients).
    pub redirect_uri: String,
    /// How the parameters travel.
    pub mode: ResponseMode,
    /// `state`, unchanged.
    pub state: Option<String>,
    /// `iss` (RFC 9207).
    pub issuer: String,
}

/// An answer on its way to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Where to.
    pub redirect_uri: String,
    /// How.
    pub mode: ResponseMode,
    /// With what.
    pub parameters: Vec<(String, String)>,
}

impl ReturnTo {
    /// The successful answer.
    #[must_use]
    pub fn code(&self, code: &str) -> Answer {
        self.answer(vec![("code".to_owned(), code.to_owned())])
    }

    /// The answer to a refused request (RFC 6749 §4.1.2.1).
    #[must_use]
    pub fn error(&self, refusal: &Refusal) -> Answer {
        let description =
            refusal.description.chars().filter(|c| matches!(c, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e'));
        self.answer(vec![
            ("error".to_owned(), refusal.code.as_str().to_owned()),
            ("error_description".to_owned(), description.collect()),
        ])
    }

    fn answer(&self, mut parameters: Vec<(String, String)>) -> Answer {
        if let Some(state) = &self.state {
            parameters.push(("state".to_owned(), state.clone()));
        }
        parameters.push(("iss".to_owned(), self.issuer.clone()));
        Answer { redirect_uri: self.redirect_uri.clone(), mode: self.mode, parameters }
    }
}

impl Answer {
    /// The address with the parameters in its query; what the redirect URI had there stays (RFC 6749 §3.1.2).
    #[must_use]
    pub fn location(&self) -> String {
        let parameters = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.parameters).finish();
        let sign = match self.redirect_uri.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        format!("{}{sign}{parameters}", self.redirect_uri)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Code;

    fn return_to(redirect_uri: &str, state: Option<&str>) -> ReturnTo {
        ReturnTo {
            redirect_uri: redirect_uri.to_owned(),
            mode: ResponseMode::Query,
            state: state.map(str::to_owned),
            issuer: "https://id.example/t/demo".to_owned(),
        }
    }

    #[test]
    fn a6_every_answer_names_its_issuer() {
        let answer = return_to("https://app.example/cb", Some("s")).code("c");
        assert_eq!(answer.location(), "https://app.example/cb?code=c&state=s&iss=https%3A%2F%2Fid.example%2Ft%2Fdemo");
        let refused = return_to("https://app.example/cb?a=1", None).error(&Refusal::new(Code::AccessDenied, "no"));
        assert!(refused.location().starts_with("https://app.example/cb?a=1&error=access_denied&"));
        assert!(refused.location().ends_with("&iss=https%3A%2F%2Fid.example%2Ft%2Fdemo"));
    }

    #[test]
    fn a11_a_long_and_hostile_state_comes_back_unchanged_and_harmless() {
        let state = format!("{}\r\nSet-Cookie: a=b&code=x#\u{e9}", "x".repeat(500));
        let location = return_to("https://app.example/cb", Some(&state)).code("c").location();
        assert!(!location.contains(['\r', '\n', '#']));
        let url = url::Url::parse(&location).unwrap();
        assert_eq!(url.query_pairs().find(|(name, _)| name == "state").unwrap().1, state);
        assert_eq!(url.query_pairs().filter(|(name, _)| name == "code").count(), 1);
    }
}
