//! Requests that tell somebody something, and to whom the answer matters little: its status, and how its body begins.

use std::time::Duration;

use url::Url;

use super::{FetchError, Outbound, reason, traced};

/// What somebody answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The status.
    pub status: u16,
    /// The seconds of `Retry-After`, where it gives seconds (RFC 9110 §10.2.3).
    pub retry_after: Option<i64>,
    /// How the body begins.
    pub beginning: Vec<u8>,
}

/// Why nobody was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untold {
    /// It may not be asked at all.
    #[error(transparent)]
    Refused(FetchError),
    /// No connection.
    #[error("no connection could be made")]
    NoConnection,
    /// No answer in time.
    #[error("there was no answer in time")]
    Late,
    /// The connection broke, or what came back is no HTTP.
    #[error("the connection ended without an answer")]
    Broken,
}

impl Outbound {
    /// Whether a URL may be asked at all, as far as the URL itself tells: what its name leads to is looked at when it is
    /// asked.
    ///
    /// # Errors
    /// It may not.
    pub fn check(&self, url: &str) -> Result<(), FetchError> {
        let url: Url = url.parse().map_err(|_| FetchError::Url)?;
        self.route(&url).map(drop)
    }

    /// Sends a request that has to be answered within `limit`. Of the answer's body no more than `most` bytes are read.
    ///
    /// # Errors
    /// Nobody answered, or it may not be asked.
    pub async fn tell(&self, request: http::Request<String>, (limit, most): (Duration, usize)) -> Result<Told, Untold> {
        let url: Url = request.uri().to_string().parse().map_err(|_| Untold::Refused(FetchError::Url))?;
        let route = self.route(&url).map_err(Untold::Refused)?;
        let mut request = reqwest::Request::try_from(request).map_err(|_| Untold::Refused(FetchError::Url))?;
        *request.timeout_mut() = Some(limit);
        let mut answer = traced::execute(&route.client, request).await.map_err(|error| untold(&error))?;
        let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let status = answer.status().as_u16();
        let mut beginning = Vec::new();
        // Who has answered has been told, whatever becomes of the rest of the answer.
        while let Ok(Some(chunk)) = answer.chunk().await {
            beginning.extend_from_slice(&chunk[..chunk.len().min(most - beginning.len())]);
            if beginning.len() >= most {
                break;
            }
        }
        Ok(Told { status, retry_after, beginning })
    }
}

fn untold(error: &reqwest::Error) -> Untold {
    match reason(error) {
        FetchError::Forbidden => Untold::Refused(FetchError::Forbidden),
        _ if error.is_timeout() => Untold::Late,
        _ if error.is_connect() => Untold::NoConnection,
        _ => Untold::Broken,
    }
}
