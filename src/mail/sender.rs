//! Who a tenant's mails are from and how they leave: the tenant's own settings, and the operator's where it has none,
//! field by field. What we authenticate with goes only where its owner meant it to go: a tenant that names a server
//! of its own never gets the operator's credentials sent there.

use std::collections::HashMap;

use url::Url;

use crate::base::{Digest, Secret};
use crate::config::{self, MailProvider, SmtpSecurity};
use crate::store::tenants::MailSettings;

/// The names of a tenant's own secrets.
pub const SMTP_PASSWORD: &str = "smtp_password";
/// As above.
pub const HTTP_KEY: &str = "http_key";

/// From whom, and by which way.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) address: String,
    /// Without one, the tenant's name.
    pub(super) name: Option<String>,
    pub(super) reply_to: Option<String>,
    pub(super) route: Route,
}

/// How mail leaves.
#[derive(Debug)]
pub(super) enum Route {
    Nowhere,
    Smtp(Smtp),
    Http(Http),
}

/// An SMTP server.
#[derive(Debug)]
pub(super) struct Smtp {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: SmtpSecurity,
    pub(super) credentials: Option<(String, Secret)>,
    /// Whether the tenant named it: then it must not be one of the operator's private machines.
    pub(super) foreign: bool,
}

/// An HTTP API.
#[derive(Debug)]
pub(super) struct Http {
    pub(super) url: String,
    pub(super) key: Secret,
}

/// The tenant's secrets, opened, by name.
pub(super) type Secrets = HashMap<String, Secret>;

impl Sender {
    pub(super) fn of(all: &config::Mail, own: &MailSettings, secrets: &Secrets) -> Self {
        let route = match own.provider.unwrap_or(all.provider) {
            MailProvider::None => Route::Nowhere,
            MailProvider::Smtp => Route::Smtp(Smtp::of(all, own, secrets)),
            MailProvider::Http => Route::Http(Http::of(all, own, secrets)),
        };
        Self {
            address: own.from_address.clone().unwrap_or_else(|| all.from_address.clone()),
            name: own.from_name.clone().or_else(|| given(&all.from_name)),
            reply_to: own.reply_to.clone(),
            route,
        }
    }
}

impl Smtp {
    fn of(all: &config::Mail, own: &MailSettings, secrets: &Secrets) -> Self {
        let foreign = own.smtp_host.is_some();
        let security = own.smtp_security.unwrap_or(all.smtp_security);
        let port = own.smtp_port.or_else(|| Some(all.smtp_port).filter(|port| *port != 0 && !foreign));
        let username = own.smtp_username.clone().or_else(|| given(&all.smtp_username).filter(|_| !foreign));
        let password = secrets.get(SMTP_PASSWORD).cloned();
        let password = password.or_else(|| (!foreign).then(|| Secret::new(all.smtp_password.expose())));
        Self {
            host: own.smtp_host.clone().unwrap_or_else(|| all.smtp_host.clone()),
            port: port.unwrap_or_else(|| security.port()),
            security,
            credentials: username.zip(password),
            foreign,
        }
    }

    /// What tells one way from another, so that connections are kept apart.
    pub(super) fn mark(&self) -> String {
        let credentials = self.credentials.as_ref();
        let (user, password) = credentials.map_or(("", ""), |(user, password)| (user, password.expose()));
        let whole = format!("{}\n{}\n{:?}\n{user}\n{password}", self.host, self.port, self.security);
        Digest::of(whole.as_bytes()).as_str().to_owned()
    }
}

impl Http {
    fn of(all: &config::Mail, own: &MailSettings, secrets: &Secrets) -> Self {
        let foreign = own.http_url.is_some();
        let key = secrets
            .get(HTTP_KEY)
            .cloned()
            .unwrap_or_else(|| Secret::new(if foreign { "" } else { all.http_key.expose() }));
        Self { url: own.http_url.clone().unwrap_or_else(|| all.http_url.clone()), key }
    }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// What a tenant's administrator should know about the sender it has set.
pub(super) fn warnings(all: &config::Mail, own: &MailSettings) -> Vec<&'static str> {
    let mut found = Vec::new();
    let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    let theirs = own.smtp_host.is_some() || own.http_url.is_some();
    let other = own.from_address.as_deref().is_some_and(|own| domain(own) != domain(&all.from_address));
    if other && !theirs {
        found.push("mails are from a domain that the platform's mail server may not be allowed to send for (SPF)");
    }
    let plain = own.http_url.as_deref().and_then(|url| Url::parse(url).ok()).is_some_and(|url| url.scheme() == "http");
    if plain || own.smtp_security == Some(SmtpSecurity::None) {
        found.push("mails leave without encryption");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Overrides};

    fn all() -> config::Mail {
        let mut mail = Config::load(&Overrides::default()).unwrap().mail;
        mail.provider = MailProvider::Smtp;
        mail.from_address = "no-reply@platform.test".to_owned();
        mail.smtp_host = "smtp.platform.test".to_owned();
        mail.smtp_port = 2525;
        mail.smtp_username = "platform".to_owned();
        mail.smtp_password = serde_json::from_value("hunter2".into()).unwrap();
        mail.http_url = "https://api.platform.test/messages".to_owned();
        mail.http_key = serde_json::from_value("key-1".into()).unwrap();
        mail
    }

    fn smtp(own: &MailSettings, secrets: &Secrets) -> Smtp {
        let Route::Smtp(smtp) = Sender::of(&all(), own, secrets).route else { panic!("no SMTP") };
        smtp
    }

    #[test]
    fn what_a_tenant_does_not_set_is_the_operators() {
        let own = MailSettings { from_name: Some("Acme".to_owned()), ..MailSettings::default() };
        let sender = Sender::of(&all(), &own, &Secrets::new());
        assert_eq!((sender.address.as_str(), sender.name.as_deref()), ("no-reply@platform.test", Some("Acme")));
        let smtp = smtp(&own, &Secrets::new());
        assert_eq!((smtp.host.as_str(), smtp.port, smtp.foreign), ("smtp.platform.test", 2525, false));
        let (user, password) = smtp.credentials.unwrap();
        assert_eq!((user.as_str(), password.expose()), ("platform", "hunter2"));
    }

    #[test]
    fn the_operators_credentials_never_go_to_a_tenants_server() {
        let own = MailSettings { smtp_host: Some("smtp.evil.test".to_owned()), ..MailSettings::default() };
        let there = smtp(&own, &Secrets::new());
        assert!(there.credentials.is_none() && there.foreign);
        assert_eq!(there.port, 587, "nor does its odd port");
        let named = MailSettings { smtp_username: Some("x".to_owned()), ..own.clone() };
        assert!(smtp(&named, &Secrets::new()).credentials.is_none());
        let secrets = Secrets::from([(SMTP_PASSWORD.to_owned(), Secret::new("own"))]);
        assert_eq!(smtp(&named, &secrets).credentials.unwrap().1.expose(), "own");
        let http = MailSettings {
            provider: Some(MailProvider::Http),
            http_url: Some("https://evil.test".to_owned()),
            ..MailSettings::default()
        };
        let Route::Http(http) = Sender::of(&all(), &http, &Secrets::new()).route else { panic!("no HTTP") };
        assert_eq!(http.key.expose(), "");
    }

    #[test]
    fn a_sender_of_another_domain_than_the_servers_is_warned_of() {
        let own = MailSettings { from_address: Some("hi@acme.test".to_owned()), ..MailSettings::default() };
        assert_eq!(warnings(&all(), &own).len(), 1);
        let with_server = MailSettings { smtp_host: Some("smtp.acme.test".to_owned()), ..own };
        assert!(warnings(&all(), &with_server).is_empty());
        assert!(warnings(&all(), &MailSettings::default()).is_empty());
    }
}
