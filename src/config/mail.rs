//! `[mail]`: how mail leaves. `default.toml` says what each setting means.

use serde::{Deserialize, Serialize};

use super::Masked;

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
