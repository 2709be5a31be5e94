//! Resource servers: a tenant's own APIs, each with its audience (RFC 8707) and its scopes. They stand in the tenant's
//! settings, so that whoever issues a token has them at hand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::clients::AccessTokenFormat;
use super::tenants::Settings;
use crate::base::{Scope, Seconds};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceServer {
    /// Its id.
    pub id: String,
    /// What tokens for it are for: an absolute URI (RFC 8707 §2), which never changes.
    pub audience: String,
    /// Its name for people.
    pub name: String,
    /// What can be done there.
    #[serde(default)]
    pub scopes: Vec<ServerScope>,
    /// How long access tokens for it live at most, where a client says nothing less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_lifetime: Option<Seconds>,
    /// How access tokens for it look, whatever the client's usual form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_format: Option<AccessTokenFormat>,
}

/// A scope of a resource server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerScope {
    /// The scope token.
    pub scope: String,
    /// What people are told that they allow, by language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub description: BTreeMap<String, String>,
}

impl Settings {
    /// Every scope of the tenant's own: those of its resource servers, and those that belong to none.
    #[must_use]
    pub fn own_scopes(&self) -> Vec<String> {
        let of_servers = self.resource_servers.iter().flat_map(|server| &server.scopes);
        self.scopes.iter().chain(of_servers.map(|scope| &scope.scope)).cloned().collect()
    }

    /// The resource server of this audience.
    #[must_use]
    pub fn resource_server(&self, audience: &str) -> Option<&ResourceServer> {
        self.resource_servers.iter().find(|server| server.audience == audience)
    }

    /// Whom tokens may be for, besides the tenant's own API.
    #[must_use]
    pub fn audiences(&self) -> Vec<String> {
        let of_servers = self.resource_servers.iter().map(|server| &server.audience);
        self.resources.iter().chain(of_servers).cloned().collect()
    }

    /// Whether tokens may be for this audience, besides the tenant's own API.
    #[must_use]
    pub fn is_resource(&self, audience: &str) -> bool {
        self.resource_server(audience).is_some() || self.resources.iter().any(|known| known == audience)
    }

    /// What of a scope a token for these audiences allows: at a resource server its own scopes only, and those at no
    /// other place.
    #[must_use]
    pub fn within_audience(&self, scope: &Scope, audience: &[String]) -> Scope {
        if self.resource_servers.is_empty() {
            return scope.clone();
        }
        let is_elsewhere = audience.iter().any(|audience| self.resource_server(audience).is_none());
        let allows = |token: &&str| match self.server_of(token) {
            Some(server) => audience.contains(&server.audience),
            None => is_elsewhere,
        };
        Scope::of(scope.tokens().into_iter().filter(allows))
    }

    /// What people are told of a scope of the tenant's own, in this language or in English.
    #[must_use]
    pub fn described(&self, scope: &str, language: &str) -> Option<&str> {
        let server = self.server_of(scope)?;
        let told = &server.scopes.iter().find(|known| known.scope == scope)?.description;
        told.get(language).or_else(|| told.get("en")).or_else(|| told.values().next()).map(String::as_str)
    }

    fn server_of(&self, scope: &str) -> Option<&ResourceServer> {
        self.resource_servers.iter().find(|server| server.scopes.iter().any(|known| known.scope == scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(audience: &str, scopes: &[&str]) -> ResourceServer {
        let scope = |scope: &&str| {
            let description = BTreeMap::from_iter([("en".to_owned(), format!("{scope} in English"))]);
            ServerScope { scope: (*scope).to_owned(), description }
        };
        ResourceServer {
            id: audience.to_owned(),
            audience: audience.to_owned(),
            name: audience.to_owned(),
            scopes: scopes.iter().map(scope).collect(),
            token_lifetime: None,
            token_format: None,
        }
    }

    #[test]
    fn a_scope_of_a_resource_server_is_worth_something_there_and_nowhere_else() {
        let mut settings = Settings { resources: vec!["https://old.test".to_owned()], ..Settings::default() };
        let scope: Scope = "openid users:read orders:read bills:read".parse().unwrap();
        let within = |settings: &Settings, audience: &[&str]| {
            let audience: Vec<_> = audience.iter().map(|audience| (*audience).to_owned()).collect();
            settings.within_audience(&scope, &audience).to_string()
        };
        assert_eq!(within(&settings, &["https://old.test"]), scope.to_string(), "without servers nothing changes");
        settings.resource_servers =
            vec![server("https://orders.test", &["orders:read"]), server("https://bills.test", &["bills:read"])];
        assert_eq!(within(&settings, &["https://orders.test"]), "orders:read");
        assert_eq!(within(&settings, &["https://orders.test", "https://bills.test"]), "bills:read orders:read");
        assert_eq!(within(&settings, &["https://id.test/t/demo/api/v1"]), "openid users:read");
        assert_eq!(within(&settings, &["https://old.test"]), "openid users:read");
        let own = ["https://id.test/t/demo/api/v1", "https://orders.test"];
        assert_eq!(within(&settings, &own), "openid orders:read users:read");
        assert_eq!(settings.described("orders:read", "de"), Some("orders:read in English"));
        assert_eq!(settings.described("users:read", "en"), None);
    }
}
