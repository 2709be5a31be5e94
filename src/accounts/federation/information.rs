//! A provider as administrators see it: everything but the secret, and what has to be registered there.

use serde::Serialize;

use super::{redirect_uri, signed_out_uri};
use crate::base::ProviderId;
use crate::store::providers::{IdentityProvider, ProviderKind, ProviderSettings};

/// What is told about a provider.
#[derive(Clone, Debug, Serialize)]
pub struct Information {
    /// Its id.
    pub id: ProviderId,
    /// Its name in URLs.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// How it speaks.
    #[serde(rename = "type")]
    pub kind: ProviderKind,
    /// Whether people can sign in with it.
    pub enabled: bool,
    /// Whether there is a secret; it is never shown.
    pub has_client_secret: bool,
    /// To be registered there as redirect URI.
    pub redirect_uri: String,
    /// To be registered there as the way back from a sign-out.
    pub post_logout_redirect_uri: String,
    /// To be registered there for back-channel logout.
    pub backchannel_logout_uri: String,
    /// How it is spoken to.
    #[serde(flatten)]
    pub settings: ProviderSettings,
    /// When it was added.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

impl Information {
    /// About a provider of the tenant with this issuer.
    #[must_use]
    pub fn of(provider: &IdentityProvider, issuer: &str) -> Self {
        Self {
            id: provider.id.clone(),
            slug: provider.slug.clone(),
            name: provider.name.clone(),
            kind: provider.kind,
            enabled: provider.enabled.0,
            has_client_secret: provider.sealed_secret.is_some(),
            redirect_uri: redirect_uri(issuer, &provider.slug),
            post_logout_redirect_uri: signed_out_uri(issuer, &provider.slug),
            backchannel_logout_uri: format!("{issuer}/login/{}/backchannel-logout", provider.slug),
            settings: provider.settings.0.clone(),
            created_at: provider.created_at.rfc3339(),
            updated_at: provider.updated_at.rfc3339(),
        }
    }
}
