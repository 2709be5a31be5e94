//! `[mail]`: how mail leaves. `default.toml` says what each setting means.

use serde::{Deserialize, Serialize};

use super::Masked;
use crate::base::Email;

/// How mail leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailProvider {
    /// Not at all.
    #[default]
    #[serde(rename = "")]
    None,
    /// By SMTP (RFC 5321).
    Smtp,
    /// By an HTTP API like Mailgun's.
    Http,
}

/// What protects an SMTP connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// TLS after the greeting, and no mail without it (RFC 3207).
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314 §3.3).
    Tls,
    /// Nothing.
    None,
}

impl SmtpSecurity {
    /// The usual port.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// `[mail]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// How mail leaves.
    pub provider: MailProvider,
    /// Who mails are from.
    pub from_address: String,
    /// And by which name; empty: the tenant's.
    pub from_name: String,
    /// The SMTP server.
    pub smtp_host: String,
    /// Its port; 0: the usual one.
    pub smtp_port: u16,
    /// What protects the connection.
    pub smtp_security: SmtpSecurity,
    /// Who we are there; empty: nobody.
    pub smtp_username: String,
    /// And how we prove it.
    pub smtp_password: Masked,
    /// Where messages are posted.
    pub http_url: String,
    /// The key of the API.
    pub http_key: Masked,
    /// Seconds for one attempt.
    pub timeout: u64,
    /// Attempts before a mail is given up.
    pub attempts: i64,
    /// Seconds between the first two.
    pub retry_after: i64,
    /// Most requested mails in an hour to one address.
    pub per_address_hour: i64,
    /// Most requested mails in an hour from one network address.
    pub per_ip_hour: i64,
    /// Most requested mails in an hour in one tenant.
    pub requested_per_tenant_hour: i64,
    /// Most invitations of one tenant in a day.
    pub per_tenant_day: i64,
    /// Days after which what is over is removed.
    pub keep_days: i64,
}

impl Mail {
    /// What can be wrong with the section, as a sentence.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let from: Result<Email, _> = self.from_address.parse();
        if self.provider == MailProvider::Smtp && self.smtp_host.is_empty() {
            return Err("mail.provider is smtp, so mail.smtp_host has to be set");
        }
        if self.provider == MailProvider::Http && self.http_url.is_empty() {
            return Err("mail.provider is http, so mail.http_url has to be set");
        }
        if self.provider != MailProvider::None && from.is_err() {
            return Err("mail.from_address has to be the address that mails are from");
        }
        if self.timeout == 0 || self.attempts < 1 || self.retry_after < 1 {
            return Err("mail.timeout, mail.attempts and mail.retry_after have to be 1 or more");
        }
        Ok(())
    }
}
