//! What a tenant's owner sets, as it is stored: typed members with defaults.

use serde::{Deserialize, Serialize};

use super::organizations::OrganizationRules;
use super::plans::Quotas;
use super::resource_servers::ResourceServer;
use super::users::Role;
use crate::base::{Method, Seconds};
use crate::config::{MailProvider, SmtpSecurity};

/// What a tenant's owner can set. Absent members have the defaults below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, by the name that owners write")]
pub struct Settings {
    /// How its pages look.
    pub branding: Branding,
    /// The language of its pages and mails where nothing is known of the person's: `en`, `es`, `fr` or `de`.
    pub language: Option<String>,
    /// The verified domain that its issuer is at, instead of `/t/{slug}` of the platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Who its mails are from and how they leave.
    pub mail: MailSettings,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// Whether the password grant is switched on at all (RFC 9700 §2.4 says: better not).
    pub password_grant: bool,
    /// Whether strangers find the tenant in the platform's directory.
    pub discoverable: bool,
    /// Whether people may sign themselves up.
    pub self_registration: bool,
    /// Whether people may sign themselves up with a user name alone. Then names can be probed: nobody can be told by
    /// mail that theirs was tried.
    pub username_sign_up: bool,
    /// Whether a person may sign in before answering the verification mail.
    pub unverified_sign_in: bool,
    /// By what people may sign in.
    pub sign_in: SignIn,
    /// Who needs a second factor.
    pub second_factor: SecondFactor,
    /// Domains whose addresses may sign themselves up; empty: all.
    pub allowed_domains: Vec<String>,
    /// What a new password has to be.
    pub passwords: PasswordPolicy,
    /// Where the tenant's own site is: people are sent there when there is no better place.
    pub frontend_url: Option<String>,
    /// Where people are sent after they have verified their address.
    pub verification_redirect_url: Option<String>,
    /// Origins (`https://app.example`) that people may be sent to, besides the one of `frontend_url`.
    pub redirect_origins: Vec<String>,
    /// Further scopes that clients of this tenant may be registered for, and that belong to no resource server.
    pub scopes: Vec<String>,
    /// Audiences (RFC 8707 `resource`) that tokens of this tenant may be for with any scope, besides its own API.
    pub resources: Vec<String>,
    /// The tenant's own APIs, each with its audience and its scopes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_servers: Vec<ResourceServer>,
    /// Which files it takes.
    pub archive: ArchiveSettings,
    /// How much may be kept in this tenant.
    pub quotas: Quotas,
    /// For how many days the audit trail is kept; absent: for ever.
    pub audit_retention_days: Option<u32>,
    /// Who may make organizations, and what can be allowed in them.
    pub organizations: OrganizationRules,
}

/// Which files a tenant takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArchiveSettings {
    /// Types, `image/png` or `image/*`; empty: all.
    pub types: Vec<String>,
    /// Most bytes of one file, below what the server takes.
    pub max_bytes: Option<u64>,
    /// Whether a file can be public: readable for whoever knows its address.
    pub public: bool,
}

/// By what people may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct SignIn {
    /// By password.
    pub password: bool,
    /// By passkey alone.
    pub passkey: bool,
    /// By a code that is mailed.
    pub email_code: bool,
    /// By a link that is mailed.
    pub magic_link: bool,
}

impl Default for SignIn {
    fn default() -> Self {
        Self { password: true, passkey: true, email_code: false, magic_link: false }
    }
}

impl SignIn {
    /// Whether this is a way in. Other providers are allowed by being set up.
    #[must_use]
    pub const fn allows(&self, method: Method) -> bool {
        match method {
            Method::Password => self.password,
            Method::Passkey => self.passkey,
            Method::EmailCode => self.email_code,
            Method::MagicLink => self.magic_link,
            Method::Upstream => true,
            Method::Totp | Method::RecoveryCode => false,
        }
    }
}

/// Who needs a second factor. Who has an authenticator app is always asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondFactor {
    /// Everybody.
    pub required: bool,
    /// People of these roles.
    pub required_for: Vec<Role>,
    /// How long somebody who needs one and has none may still sign in without, in seconds.
    pub grace: Seconds,
    /// How long a browser whose person asked for it is not asked again, in seconds; 0: always asked.
    pub remember_device: Seconds,
}

impl Default for SecondFactor {
    fn default() -> Self {
        Self { required: false, required_for: Vec::new(), grace: Seconds(0), remember_device: Seconds(30 * 86_400) }
    }
}

/// What a new password has to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordPolicy {
    /// Fewest characters, from 8 to 64.
    pub shortest: usize,
    /// Whether those that are known from breaches are refused.
    pub refuse_common: bool,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { shortest: 8, refuse_common: true }
    }
}

/// How a tenant's pages look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Branding {
    /// `https` URL of a logo.
    pub logo_uri: Option<String>,
    /// Accent colour, `#rrggbb`.
    pub color: Option<String>,
}

/// Who a tenant's mails are from and how they leave; what is absent is the operator's (`[mail]` of the configuration).
/// Secrets are kept elsewhere, sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSettings {
    /// `smtp`, `http`, or empty for not at all.
    pub provider: Option<MailProvider>,
    /// Who mails are from.
    pub from_address: Option<String>,
    /// And by which name; the tenant's when absent.
    pub from_name: Option<String>,
    /// Who answers go to.
    pub reply_to: Option<String>,
    /// An SMTP server of its own. The operator's user name and password are not used there.
    pub smtp_host: Option<String>,
    /// Its port.
    pub smtp_port: Option<u16>,
    /// `starttls`, `tls` or `none`.
    pub smtp_security: Option<SmtpSecurity>,
    /// Who we are there.
    pub smtp_username: Option<String>,
    /// An HTTP API of its own. The operator's key is not used there.
    pub http_url: Option<String>,
}

/// Lifetimes in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lifetimes {
    /// Authorization codes (RFC 6749 §4.1.2 allows up to 600).
    pub code: Seconds,
    /// Access tokens.
    pub access_token: Seconds,
    /// ID tokens.
    pub id_token: Seconds,
    /// A refresh token that is not used dies after this.
    pub refresh_idle: Seconds,
    /// A family of refresh tokens dies after this, used or not.
    pub refresh_absolute: Seconds,
    /// Within this time after a rotation, the old refresh token is refused without ending the family.
    pub refresh_grace: Seconds,
    /// A browser session dies after this without use.
    pub session_idle: Seconds,
    /// A browser session dies after this, used or not.
    pub session_absolute: Seconds,
    /// How long a person may take to sign in and consent.
    pub authorization_request: Seconds,
    /// The link that proves an address.
    pub verify_email: Seconds,
    /// The link to a new password.
    pub reset_password: Seconds,
    /// The link that makes another address the account's.
    pub confirm_email: Seconds,
    /// The link that gives an account its old address back.
    pub undo_email: Seconds,
    /// An invitation.
    pub invitation: Seconds,
    /// A browser session that the person asked to be remembered dies after this without use, and at the latest.
    pub session_remembered: Seconds,
    /// How long a deleted account can be restored before it is purged.
    pub deletion_grace: Seconds,
}

impl Default for Lifetimes {
    fn default() -> Self {
        const DAY: i64 = 86_400;
        Self {
            code: Seconds(60),
            access_token: Seconds(600),
            id_token: Seconds(3_600),
            refresh_idle: Seconds(14 * DAY),
            refresh_absolute: Seconds(90 * DAY),
            refresh_grace: Seconds(10),
            session_idle: Seconds(DAY),
            session_absolute: Seconds(30 * DAY),
            authorization_request: Seconds(1_800),
            verify_email: Seconds(DAY),
            reset_password: Seconds(3_600),
            confirm_email: Seconds(DAY),
            undo_email: Seconds(3 * DAY),
            invitation: Seconds(7 * DAY),
            session_remembered: Seconds(90 * DAY),
            deletion_grace: Seconds(30 * DAY),
        }
    }
}
