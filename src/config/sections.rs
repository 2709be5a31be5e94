//! The sections of the configuration. `default.toml` says what each setting means.

use std::path::PathBuf;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

/// A setting that never prints itself.
#[derive(Clone, Default)]
pub struct Masked(String);

impl<'de> Deserialize<'de> for Masked {
    /// By hand, because the derived one tells a value of another type in its error, and a secret of digits is one.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Any {
            Text(String),
            Other(IgnoredAny),
        }
        match Any::deserialize(deserializer)? {
            Any::Text(text) => Ok(Self(text)),
            Any::Other(_) => Err(D::Error::custom("has to be text; one that looks like a number needs quotes")),
        }
    }
}

impl Masked {
    /// The setting.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for Masked {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "unset" } else { "***" })
    }
}

/// `[database]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Its URL, which may hold a password; empty: SQLite in the data directory.
    pub url: Masked,
    /// Most connections held open.
    pub connections: u32,
}

/// `[keys]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySettings {
    /// The master key itself.
    pub master_key: Masked,
    /// The file that holds it.
    pub master_key_file: String,
    /// Days after which signing keys are rotated.
    pub rotation_days: i64,
}

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Largest body in bytes.
    pub body_limit: usize,
    /// Largest import of documents in bytes.
    pub import_limit: u64,
    /// Seconds for a whole request.
    pub request_timeout: u64,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    /// Certificate chain, PEM.
    pub tls_cert: String,
    /// Private key, PEM.
    pub tls_key: String,
}

/// `[metrics]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Own listener; empty: the main one, for loopback peers.
    pub listen: String,
}

/// `[redis]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// Its URL, which may hold a password; empty: not used.
    pub url: Masked,
}

/// `[passwords]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    /// KiB that a hash fills.
    pub memory: u32,
    /// How often it fills them.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Most of one tenant that wait.
    pub waiting: usize,
}

impl Passwords {
    /// Whether a hash costs at least what the cheapest of OWASP's recommendations costs.
    #[must_use]
    pub const fn are_safe(&self) -> bool {
        self.memory >= 7168 && self.memory.saturating_mul(self.passes) >= 35_840
    }
}

/// `[limits]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Seconds that a failure counts.
    pub window: i64,
    /// Failures of one account from one address.
    pub place: i64,
    /// Failures of one account.
    pub account: i64,
    /// Failures from one address.
    pub address: i64,
    /// Failures of one tenant.
    pub tenant: i64,
    /// Requests per hour and address to each route that sends mail or makes accounts.
    pub acts: i64,
    /// How hard the puzzle is at first, in bits.
    pub puzzle: u32,
}

impl Limits {
    /// Whether each is one that can be kept.
    #[must_use]
    pub fn are_numbers(&self) -> bool {
        let all = [self.window, self.place, self.account, self.address, self.tenant, self.acts];
        all.into_iter().all(|limit| limit >= 1) && (1..=24).contains(&self.puzzle)
    }
}

/// `[outbound]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// Networks that may be reached although they are private.
    pub allow_private: Vec<String>,
    /// Further roots.
    pub extra_root_certificates: Vec<PathBuf>,
    /// Seconds for a request.
    pub timeout: u64,
    /// Who is asked for what a domain shows to prove whose it is, `ADDRESS:PORT`; empty: whom the system asks.
    pub nameserver: String,
}

/// How the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For eyes.
    Text,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// How it looks.
    pub format: LogFormat,
    /// What is in it.
    pub filter: String,
}

/// `[webhooks]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// Seconds for one attempt.
    pub timeout: u64,
    /// Days after which deliveries are removed, whatever became of them.
    pub keep_days: i64,
}

/// `[payments]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payments {
    /// Where Stripe is.
    pub stripe_url: String,
    /// Milliseconds before a call is repeated for the first time.
    pub retry_wait: u64,
}

/// `[jobs]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jobs {
    /// Whether this process runs them.
    pub enabled: bool,
}

/// `[tenants]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenants {
    /// Whether strangers may make a tenant for themselves.
    pub public_signup: bool,
    /// Days that a deleted tenant can be brought back.
    pub keep_deleted_days: u32,
}

/// `[testing]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Testing {
    /// No rate limits and no lock-out.
    pub rate_limits_off: bool,
    /// Outgoing requests may use http to loopback.
    pub http_callbacks: bool,
}

impl Testing {
    /// Whether any switch is set.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.rate_limits_off || self.http_callbacks
    }
}
