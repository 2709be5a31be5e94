//! The one HTTP client for what tenants and clients register (`jwks_uri` and its kin): it has time and size limits,
//! follows no redirect, uses no proxy, and reaches no private address unless the operator allows it.

mod guard;
mod key_sets;
mod loopback;
mod names;
mod operated;
mod resolver;
mod tls;
mod told;
mod traced;

use std::error::Error as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::header::ACCEPT;
use reqwest::{Client, Response, redirect};
use serde_json::Value;
use url::{Host, Url};

use self::guard::Guard;
use self::key_sets::KeySets;
use self::resolver::{Forbidden, Guarded};
use crate::base::Clock;
use crate::config::{self, Config};

pub use self::loopback::{Loopback, Reply};
pub use self::operated::{Operated, Unanswered};
pub use self::told::{Told, Untold};

/// Longer answers are refused.
const MOST_BYTES: usize = 256 * 1024;

/// The outgoing requests of this process. Cloning shares connections and what is remembered.
#[derive(Clone, Debug)]
pub struct Outbound {
    public: Route,
    /// For plain http, which exists on loopback in tests only.
    loopback: Option<Route>,
    key_sets: KeySets,
    /// Who is asked for texts; absent: whom the system asks.
    nameserver: Option<SocketAddr>,
    patience: Duration,
}

/// A client whose resolver and whose check of literal addresses follow the same rule.
#[derive(Clone, Debug)]
struct Route {
    client: Client,
    guard: Arc<Guard>,
}

/// The settings cannot be used; the text says why.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// Not a CIDR.
    #[error("outbound.allow_private: `{0}` is not a network such as 10.1.0.0/16")]
    Network(String),
    /// Not an address with a port.
    #[error("outbound.nameserver: `{0}` is not an address with a port such as 192.0.2.53:53")]
    NameServer(String),
    /// A certificate file is missing or is not PEM.
    #[error("outbound.extra_root_certificates: {0}")]
    Certificate(String),
    /// The client could not be built.
    #[error("the outgoing HTTP client cannot be built: {0}")]
    Client(#[from] reqwest::Error),
}

/// Why nothing was fetched. The sentence may be shown to whoever registered the URL: it tells nothing about what
/// answers, or does not answer, at an address that must not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Not an absolute URL of a permitted scheme without user name and fragment.
    #[error("the URL has to be https, without user name and fragment")]
    Url,
    /// It leads to an address that must not be reached.
    #[error("the URL leads to an address that must not be reached")]
    Forbidden,
    /// No answer, or none in time.
    #[error("the URL did not answer")]
    Unreachable,
    /// Another status than 200; redirects are not followed.
    #[error("the URL answered with status {0}")]
    Status(u16),
    /// Over the size limit.
    #[error("the answer is too large")]
    TooLarge,
    /// Not JSON.
    #[error("the answer is not JSON")]
    NotJson,
}

impl Outbound {
    /// The client as the operator configured it.
    pub fn new(config: &Config, clock: Clock) -> Result<Self, BadSettings> {
        Self::with(&config.outbound, config.testing.http_callbacks, clock)
    }

    fn with(settings: &config::Outbound, http_callbacks: bool, clock: Clock) -> Result<Self, BadSettings> {
        let network = |text: &String| text.parse::<IpNet>().map_err(|_| BadSettings::Network(text.clone()));
        let mut allowed = settings.allow_private.iter().map(network).collect::<Result<Vec<_>, _>>()?;
        if http_callbacks {
            allowed.extend(LOOPBACK.iter().filter_map(|text| text.parse::<IpNet>().ok()));
        }
        let public = Route::new(Guard::Public(allowed), settings)?;
        let loopback = http_callbacks.then(|| Route::new(Guard::Loopback, settings)).transpose()?;
        let nameserver = Some(&settings.nameserver).filter(|text| !text.is_empty());
        let nameserver = nameserver.map(|text| text.parse().map_err(|_| BadSettings::NameServer(text.clone())));
        let patience = Duration::from_secs(settings.timeout);
        Ok(Self { public, loopback, key_sets: KeySets::new(clock), nameserver: nameserver.transpose()?, patience })
    }

    /// The JSON at `url`.
    pub async fn get_json(&self, url: &str) -> Result<Value, FetchError> {
        serde_json::from_slice(&self.get(url).await?).map_err(|_| FetchError::NotJson)
    }

    /// What is at `url`, whatever it is.
    pub async fn bytes(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        self.get(url).await
    }

    /// The key set at a client's `jwks_uri`, from memory when it was fetched within the hour.
    pub async fn key_set(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        self.key_sets.get(url, key_sets::KEPT, || self.get(url)).await
    }

    /// As [`Outbound::key_set`] when a token names a key that is not in the set: fetched again, but at most once a
    /// minute, so that invented key ids cannot turn this server against another.
    pub async fn key_set_again(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        self.key_sets.get(url, key_sets::AGAIN, || self.get(url)).await
    }

    /// The JSON at `url`, from memory when it was fetched within the hour: another server's metadata.
    pub async fn metadata(&self, url: &str) -> Result<Arc<[u8]>, FetchError> {
        self.key_set(url).await
    }

    /// Sends a request to another server, with its credentials in it, and answers what came back, whatever its status.
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, FetchError> {
        let url: Url = request.uri().to_string().parse().map_err(|_| FetchError::Url)?;
        let route = self.route(&url)?;
        let request = reqwest::Request::try_from(request).map_err(|_| FetchError::Url)?;
        let answer = traced::execute(&route.client, request).await.map_err(|error| reason(&error))?;
        let mut back = http::Response::new(Vec::new());
        *back.status_mut() = answer.status();
        back.headers_mut().clone_from(answer.headers());
        *back.body_mut() = body(answer).await?;
        Ok(back)
    }

    /// An address of this name that may be connected to, for what is not HTTP.
    pub async fn address(&self, host: &str, port: u16) -> Result<IpAddr, FetchError> {
        let found = tokio::net::lookup_host((host, port)).await.map_err(|_| FetchError::Unreachable)?;
        let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        if found.iter().any(|address| !self.public.guard.admits(*address)) {
            return Err(FetchError::Forbidden);
        }
        found.first().copied().ok_or(FetchError::Unreachable)
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let url: Url = url.parse().map_err(|_| FetchError::Url)?;
        let route = self.route(&url)?;
        let request = route.client.get(url).header(ACCEPT, "application/json").build().map_err(|_| FetchError::Url)?;
        let answer = traced::execute(&route.client, request).await.map_err(|error| reason(&error))?;
        match answer.status().as_u16() {
            200 => body(answer).await,
            status => Err(FetchError::Status(status)),
        }
    }

    /// The client for this URL. A literal address is checked here, since no name has to be resolved for it; the
    /// parser has already turned decimal, octal and hexadecimal spellings into addresses.
    fn route(&self, url: &Url) -> Result<&Route, FetchError> {
        let route = match url.scheme() {
            "https" => Some(&self.public),
            "http" => self.loopback.as_ref(),
            _ => None,
        };
        let route = route.ok_or(FetchError::Url)?;
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(FetchError::Url);
        }
        let admitted = match url.host().ok_or(FetchError::Url)? {
            Host::Domain(_) => true,
            Host::Ipv4(address) => route.guard.admits(address.into()),
            Host::Ipv6(address) => route.guard.admits(address.into()),
        };
        if admitted { Ok(route) } else { Err(FetchError::Forbidden) }
    }
}

/// What `testing.http_callbacks` allows besides.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];

impl Route {
    fn new(guard: Guard, settings: &config::Outbound) -> Result<Self, BadSettings> {
        let guard = Arc::new(guard);
        let limit = Duration::from_secs(settings.timeout);
        let client = Client::builder()
            .tls_backend_preconfigured(tls::trusting(&settings.extra_root_certificates)?)
            .dns_resolver(Arc::new(Guarded(Arc::clone(&guard))))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("chancery/", env!("CARGO_PKG_VERSION")))
            .timeout(limit)
            .connect_timeout(limit.min(Duration::from_secs(5)))
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(Duration::from_secs(30))
            .build()?;
        Ok(Self { client, guard })
    }
}

async fn body(mut answer: Response) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| reason(&error))? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn reason(error: &reqwest::Error) -> FetchError {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<Forbidden>() {
            return FetchError::Forbidden;
        }
        cause = error.source();
    }
    FetchError::Unreachable
}

#[cfg(test)]
mod tests;
