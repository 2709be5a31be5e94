//! Configuration: the commented defaults, then a file, then the environment. Every section is typed, an unknown
//! setting stops the start, and a secret never prints itself.

mod archive;
mod declared;
mod mail;
mod sections;
mod telemetry;
mod thumbnail;

use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::Deserialize;
use url::Url;

pub use archive::{Archive, Scan};
pub use declared::{Declared, Reference};
pub use mail::{Mail, MailProvider, SmtpSecurity};
pub use sections::{
    Database, Http, Jobs, KeySettings, Limits, Log, LogFormat, Masked, Metrics, Outbound, Passwords, Payments, Redis,
    Tenants, Testing, Webhooks,
};
pub use telemetry::Telemetry;
pub use thumbnail::{Keep, Thumbnail};

/// The defaults, which are also their documentation (`docs/configuration.md` shows this text).
pub const DEFAULTS: &str = include_str!("default.toml");

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How browsers and clients reach this server. Issuers are built from it, never from a request.
    pub public_url: Url,
    /// Where it listens.
    pub listen: String,
    /// Where the embedded database, keys and files live.
    pub data_dir: PathBuf,
    /// The tenant at the root of the public URL; empty: none.
    pub default_tenant: String,
    /// The database.
    pub database: Database,
    /// Keys at rest.
    pub keys: KeySettings,
    /// The listener.
    pub http: Http,
    /// Prometheus.
    pub metrics: Metrics,
    /// Redis, when used.
    pub redis: Redis,
    /// What hashing a password costs.
    pub passwords: Passwords,
    /// How often somebody may fail.
    pub limits: Limits,
    /// Outgoing requests.
    pub outbound: Outbound,
    /// The log.
    pub log: Log,
    /// Traces.
    pub telemetry: Telemetry,
    /// Mail.
    pub mail: Mail,
    /// Files.
    pub archive: Archive,
    /// Money.
    pub payments: Payments,
    /// What may become of tenants.
    pub tenants: Tenants,
    /// Files that say how tenants are to be configured, by slug.
    pub declared: BTreeMap<String, Declared>,
    /// Outgoing webhooks.
    pub webhooks: Webhooks,
    /// Recurring jobs.
    pub jobs: Jobs,
    /// Switches for test suites.
    pub testing: Testing,
    /// Set by `--dev` only: demonstration data, the developer's application and the mailbox.
    #[serde(skip)]
    pub dev: bool,
}

/// What the command line says beyond file and environment.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--config`.
    pub file: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--public-url`.
    pub public_url: Option<String>,
    /// `--tls-cert`.
    pub tls_cert: Option<String>,
    /// `--tls-key`.
    pub tls_key: Option<String>,
    /// `--dev`.
    pub dev: bool,
}

/// The configuration cannot be used; the text says why in one sentence.
#[derive(Debug, thiserror::Error)]
#[error("configuration: {0}")]
pub struct ConfigError(String);

impl Config {
    /// Reads the settings and checks what can be checked without touching anything.
    ///
    /// # Errors
    /// A setting is unknown, has the wrong type, or would be unsafe.
    pub fn load(overrides: &Overrides) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = &overrides.file {
            if !file.is_file() {
                return Err(ConfigError(format!("the file {} cannot be read", file.display())));
            }
            figment = figment.merge(Toml::file(file));
        }
        figment = figment.merge(Env::prefixed("CHANCERY_").split("__"));
        for (name, value) in [
            ("data_dir", overrides.data_dir.as_ref().map(|dir| dir.display().to_string())),
            ("listen", overrides.listen.clone()),
            ("public_url", overrides.public_url.clone()),
            ("http.tls_cert", overrides.tls_cert.clone()),
            ("http.tls_key", overrides.tls_key.clone()),
        ] {
            if let Some(value) = value {
                figment = figment.merge(Serialized::default(name, value));
            }
        }
        let mut config: Self = figment.extract().map_err(|error| ConfigError(error.to_string()))?;
        config.dev = overrides.dev;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |sentence: &str| Err(ConfigError(sentence.to_owned()));
        let url = &self.public_url;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return refuse("public_url has to be scheme, host and port alone");
        }
        match url.scheme() {
            "https" => {}
            "http" if self.is_loopback() => {}
            "http" => return refuse("public_url may be http on loopback only; use https"),
            _ => return refuse("public_url has to be https"),
        }
        if self.dev && !self.is_loopback() {
            return refuse("--dev is for loopback only: its people and secrets are printed on the screen");
        }
        if self.testing.any() && !self.is_loopback() {
            return refuse("[testing] is for loopback only");
        }
        if self.http.tls_cert.is_empty() != self.http.tls_key.is_empty() {
            return refuse("tls_cert and tls_key belong together");
        }
        if !self.passwords.are_safe() {
            return refuse(
                "[passwords] costs less than OWASP recommends: memory 19456, passes 2, or memory 7168, passes 5",
            );
        }
        self.telemetry.check().map_err(|sentence| ConfigError(sentence.to_owned()))?;
        self.mail.check().map_err(|sentence| ConfigError(sentence.to_owned()))?;
        self.archive.check().map_err(|sentence| ConfigError(sentence.to_owned()))?;
        if !self.limits.are_numbers() {
            return refuse("[limits] are numbers from 1 on, and puzzle is 24 at most");
        }
        let scheme = self.database.url.split_once(':').map_or("", |(scheme, _)| scheme);
        if !self.database.url.is_empty() && !["sqlite", "postgres", "postgresql"].contains(&scheme) {
            return refuse("database.url has to start with sqlite: or postgres:");
        }
        Ok(())
    }

    /// Whether the public URL is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.public_url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }

    /// The public URL without a trailing slash: what issuers and links begin with.
    #[must_use]
    pub fn base(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// The database's URL, with the default filled in.
    #[must_use]
    pub fn database_url(&self) -> String {
        if self.database.url.is_empty() {
            format!("sqlite:{}", self.data_dir.join("chancery.db").display())
        } else {
            self.database.url.expose().to_owned()
        }
    }

    /// Makes the data directory where there is none, for its owner's eyes only.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make_data_dir(&self) -> Result<(), ConfigError> {
        self.make_dir(&self.data_dir)
    }

    /// Makes a directory where there is none, for its owner's eyes only.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make_dir(&self, dir: &Path) -> Result<(), ConfigError> {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
        made.map_err(|error| ConfigError(format!("the directory {} cannot be made: {error}", dir.display())))
    }

    /// The folder of files' bytes, with the default filled in.
    #[must_use]
    pub fn archive_folder(&self) -> PathBuf {
        if self.archive.store.is_empty() { self.data_dir.join("files") } else { PathBuf::from(&self.archive.store) }
    }

    /// The file that holds the master key: the configured one, or with `--dev` one in the data directory.
    #[must_use]
    pub fn master_key_file(&self) -> Option<PathBuf> {
        if !self.keys.master_key_file.is_empty() {
            return Some(Path::new(&self.keys.master_key_file).to_owned());
        }
        (self.dev && self.keys.master_key.is_empty()).then(|| self.data_dir.join("master.key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(file: &str, dev: bool) -> Result<Config, ConfigError> {
        let path = std::env::temp_dir().join(format!("chancery-{}.toml", uuid::Uuid::now_v7()));
        std::fs::write(&path, file).unwrap();
        Config::load(&Overrides { file: Some(path), dev, ..Overrides::default() })
    }

    fn refusal(file: &str, dev: bool) -> String {
        with(file, dev).unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_complete() {
        let config = Config::load(&Overrides::default()).unwrap();
        assert_eq!(config.base(), "http://localhost:8080");
        assert_eq!(config.database_url(), "sqlite:./data/chancery.db");
    }

    #[test]
    fn an_unknown_setting_stops_the_start_and_is_named() {
        assert!(refusal("pubic_url = 'x'", false).contains("pubic_url"));
        assert!(refusal("[database]\nulr = 'x'", false).contains("ulr"));
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        assert!(refusal("public_url = 'http://id.example.com'", false).contains("https"));
        assert!(refusal("public_url = 'http://localhost.evil.test'", false).contains("https"));
        assert!(with("public_url = 'http://[::1]:9'", false).is_ok());
        assert!(with("public_url = 'https://id.example.com'", false).is_ok());
    }

    #[test]
    fn dev_and_test_switches_are_for_loopback_only() {
        assert!(refusal("public_url = 'https://id.example.com'", true).contains("--dev"));
        let testing = "public_url = 'https://id.example.com'\n[testing]\nrate_limits_off = true";
        assert!(refusal(testing, false).contains("[testing]"));
    }

    #[test]
    fn hashes_that_cost_too_little_are_refused() {
        assert!(refusal("[passwords]\npasses = 1", false).contains("OWASP"));
        assert!(refusal("[passwords]\nmemory = 64\npasses = 4000", false).contains("OWASP"));
        assert!(with("[passwords]\nmemory = 7168\npasses = 5", false).is_ok());
    }

    #[test]
    fn a_way_for_mail_to_leave_is_whole() {
        let whole = "[mail]\nprovider = 'smtp'\nsmtp_host = 'smtp.test'\nfrom_address = 'a@b.test'";
        assert!(with(whole, false).is_ok());
        assert!(refusal("[mail]\nprovider = 'smtp'", false).contains("smtp_host"));
        assert!(refusal("[mail]\nprovider = 'http'", false).contains("http_url"));
        assert!(refusal("[mail]\nprovider = 'http'\nhttp_url = 'https://x'", false).contains("from_address"));
        assert!(refusal("[mail]\nprovider = 'pigeon'", false).contains("provider"));
        assert!(refusal("[mail]\nattempts = 0", false).contains("attempts"));
        assert!(refusal(&format!("{whole}\nsmtp_password = 4711"), false).contains("smtp_password"));
    }

    #[test]
    fn an_unknown_database_is_refused() {
        assert!(refusal("[database]\nurl = 'mysql://x'", false).contains("sqlite:"));
    }

    #[test]
    fn secrets_do_not_print_themselves() {
        let config =
            with("[keys]\nmaster_key = 'hunter2'\n[database]\nurl = 'postgres://u:hunter2@h/d'", false).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
        let digits = refusal("[keys]\nmaster_key = 4711", false);
        assert!(digits.contains("master_key") && !digits.contains("4711"), "{digits}");
    }
}
