//! Calls: a form out, JSON back, one idempotency key for all attempts.

use std::time::Duration;

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use rand::RngExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::VERSION;
use super::form::encoded;
use crate::base::Secret;
use crate::outbound::Outbound;

/// Attempts of a call.
const ATTEMPTS: u32 = 3;
/// The longest wait between two.
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// Calls Stripe. Cloning shares connections.
#[derive(Clone, Debug)]
pub struct Stripe {
    outbound: Outbound,
    base: String,
    wait: Duration,
}

/// Whose account is called.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// Stripe.
    pub stripe: &'a Stripe,
    /// The account's secret key.
    pub key: &'a Secret,
}

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StripeError {
    /// It said no.
    #[error("stripe refused: {}", .0.message)]
    Refused(Box<Refused>),
    /// It does not answer, or nothing that makes sense.
    #[error("stripe cannot be reached: {0}")]
    Unavailable(String),
}

/// What Stripe said when it said no.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Refused {
    /// The status of its answer.
    #[serde(skip)]
    pub status: u16,
    /// `card_error`, `invalid_request_error` and so on.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its code.
    pub code: String,
    /// Why a bank said no.
    pub decline_code: String,
    /// The parameter that is to blame.
    pub param: String,
    /// For people.
    pub message: String,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: Refused,
}

impl Stripe {
    /// At this address, with this wait before the first repetition.
    #[must_use]
    pub fn new(outbound: Outbound, base: &str, wait: Duration) -> Self {
        Self { outbound, base: base.trim_end_matches('/').to_owned(), wait }
    }

    /// Waits a little longer each time, and not as long as others who wait.
    async fn pause(&self, attempt: u32, told: Option<u64>) {
        let usual = self.wait.saturating_mul(2_u32.saturating_pow(attempt)).mul_f64(rand::rng().random_range(0.5..1.0));
        let wait = told.map_or(usual, Duration::from_secs);
        tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
    }
}

impl Account<'_> {
    /// Asks for something.
    ///
    /// # Errors
    /// Stripe said no, or does not answer.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &Value) -> Result<T, StripeError> {
        let query = encoded(query);
        let path = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        self.call((Method::GET, &path), String::new(), None).await
    }

    /// Changes something. The same key with the same form changes it once, however often it is called.
    ///
    /// # Errors
    /// Stripe said no, or does not answer.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, form: &Value, key: &str) -> Result<T, StripeError> {
        self.call((Method::POST, path), encoded(form), Some(key)).await
    }

    /// Ends something.
    ///
    /// # Errors
    /// Stripe said no, or does not answer.
    pub async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, StripeError> {
        self.call((Method::DELETE, path), String::new(), None).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        (method, path): (Method, &str),
        body: String,
        key: Option<&str>,
    ) -> Result<T, StripeError> {
        for attempt in 0.. {
            let told = match self.once((&method, path), &body, key).await {
                Ok(answer) if answer.status().is_success() => return read(answer.body()),
                Ok(answer) if !is_worth_repeating(&answer) || attempt + 1 >= ATTEMPTS => return Err(refused(&answer)),
                Err(error) if attempt + 1 >= ATTEMPTS => return Err(error),
                Ok(answer) => text(&answer, RETRY_AFTER.as_str()).and_then(|wait| wait.parse().ok()),
                Err(_) => None,
            };
            self.stripe.pause(attempt, told).await;
        }
        Err(StripeError::Unavailable("no attempt was made".to_owned()))
    }

    async fn once(
        &self,
        (method, path): (&Method, &str),
        body: &str,
        key: Option<&str>,
    ) -> Result<http::Response<Vec<u8>>, StripeError> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.stripe.base))
            .header(AUTHORIZATION, format!("Bearer {}", self.key.expose()))
            .header("stripe-version", VERSION);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(body.as_bytes().to_vec());
        let request = request.map_err(|error| StripeError::Unavailable(error.to_string()))?;
        let answer = self.stripe.outbound.send(request).await;
        answer.map_err(|error| StripeError::Unavailable(error.to_string().replace("the URL", "it")))
    }
}

/// What is about the moment and not about the call; Stripe itself knows best.
fn is_worth_repeating(answer: &http::Response<Vec<u8>>) -> bool {
    match text(answer, "stripe-should-retry") {
        Some("true") => true,
        Some("false") => false,
        _ => matches!(answer.status().as_u16(), 409 | 429 | 500..),
    }
}

fn text<'a>(answer: &'a http::Response<Vec<u8>>, header: &str) -> Option<&'a str> {
    answer.headers().get(header)?.to_str().ok()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, StripeError> {
    serde_json::from_slice(body)
        .map_err(|error| StripeError::Unavailable(format!("its answer cannot be read: {error}")))
}

fn refused(answer: &http::Response<Vec<u8>>) -> StripeError {
    let status = answer.status().as_u16();
    if status == 429 || status >= 500 {
        return StripeError::Unavailable(format!("it answered {status}"));
    }
    let told = serde_json::from_slice::<ErrorBody>(answer.body()).map(|body| body.error).unwrap_or_default();
    StripeError::Refused(Box::new(Refused { status, ..told }))
}
