//! Requests of the developer's application, which runs inside the server and still speaks to it as a stranger would:
//! over HTTP. They reach this machine alone.

use reqwest::RequestBuilder;
use reqwest::header::ACCEPT;
use url::form_urlencoded;

use super::{BadSettings, FetchError, Guard, Route, body, reason};
use crate::config::Config;

/// A client of servers on this machine.
#[derive(Clone, Debug)]
pub struct Loopback(Route);

/// What came back, whatever its status.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Loopback {
    /// With the operator's time limit and root certificates.
    pub fn new(config: &Config) -> Result<Self, BadSettings> {
        Route::new(Guard::Loopback, &config.outbound).map(Self)
    }

    /// `GET` with a bearer token (RFC 6750 §2.1).
    pub async fn get(&self, url: &str, bearer: &str) -> Result<Reply, FetchError> {
        reply(self.0.client.get(url).bearer_auth(bearer)).await
    }

    /// `POST` of a form.
    pub async fn post(&self, url: &str, form: &[(&str, &str)]) -> Result<Reply, FetchError> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.0.client.post(url).header("content-type", "application/x-www-form-urlencoded");
        reply(request.body(form)).await
    }
}

async fn reply(request: RequestBuilder) -> Result<Reply, FetchError> {
    let answer = request.header(ACCEPT, "application/json").send().await.map_err(|error| reason(&error))?;
    let status = answer.status().as_u16();
    let body = String::from_utf8_lossy(&body(answer).await?).into_owned();
    Ok(Reply { status, body })
}
