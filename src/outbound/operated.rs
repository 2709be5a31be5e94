//! Requests to servers that the operator configured, such as a store of files: whatever address they have is right,
//! and bodies of any size stream in both directions.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Body, Client, redirect};

use super::{BadSettings, tls, traced};
use crate::config;

/// How long the other side may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// The client for them. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Operated(Client);

/// Nobody answered.
#[derive(Debug, thiserror::Error)]
#[error("the configured server did not answer")]
pub struct Unanswered(#[source] reqwest::Error);

impl Operated {
    /// A client that trusts what the operator trusts.
    ///
    /// # Errors
    /// A configured certificate cannot be read.
    pub fn new(settings: &config::Outbound) -> Result<Self, BadSettings> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls::trusting(&settings.extra_root_certificates)?)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("chancery/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(SILENCE)
            .build()?;
        Ok(Self(client))
    }

    /// Sends a request; the answer's body comes as it is read.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn send<B>(&self, request: http::Request<B>) -> Result<http::Response<Body>, Unanswered>
    where
        B: hyper::body::Body<Data = Bytes> + Send + Sync + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let request = reqwest::Request::try_from(request.map(Body::wrap)).map_err(Unanswered)?;
        Ok(traced::execute(&self.0, request).await.map_err(Unanswered)?.into())
    }
}
