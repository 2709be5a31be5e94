//! Identity providers: others whom a tenant lets its people sign in with.

use serde::{Deserialize, Serialize};

use super::db::Run;
use super::sql::sql;
use super::values::{Flag, Json, words};
use crate::base::{ProviderId, Scope, TenantId, Timestamp};

words! {
    /// How a provider speaks.
    ProviderKind {
        /// OpenID Connect.
        Oidc = "oidc",
        /// OAuth 2.0 as GitHub has it: no ID token, the person is asked for at an API.
        Github = "github",
    }
}

words! {
    /// Whether a stranger who comes from a provider gets an account here.
    Creation {
        /// No.
        Never = "never",
        /// When the provider vouches for the e-mail address.
        Verified = "verified",
        /// Always; without an address that the provider vouches for, the account has none.
        Always = "always",
    }
}

words! {
    /// How we prove ourselves at a provider's token endpoint (RFC 6749 §2.3.1).
    UpstreamAuth {
        /// With HTTP Basic.
        Basic = "client_secret_basic",
        /// In the form.
        Post = "client_secret_post",
        /// Not at all: a public client with PKCE.
        None = "none",
    }
}

/// A provider.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct IdentityProvider {
    /// Whose.
    pub tenant_id: TenantId,
    /// Its id.
    pub id: ProviderId,
    /// Its name in URLs.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// How it speaks.
    pub kind: ProviderKind,
    /// Whether people can sign in with it.
    pub enabled: Flag,
    /// How it is spoken to.
    pub settings: Json<ProviderSettings>,
    /// What we prove ourselves with, sealed.
    pub sealed_secret: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How a provider is spoken to, and what its word is worth here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// The issuer, exactly as its tokens and its discovery document name it; of GitHub, where its pages are.
    pub issuer: String,
    /// Where GitHub's API is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// Who we are there.
    pub client_id: String,
    /// How we prove it.
    #[serde(default = "basic")]
    pub auth_method: UpstreamAuth,
    /// What we ask for.
    pub scope: Scope,
    /// Which of its claims is which of ours.
    #[serde(default)]
    pub claims: ClaimNames,
    /// Domains of e-mail addresses whose people belong to this provider.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Whether strangers get an account.
    #[serde(default = "verified")]
    pub creation: Creation,
    /// Domains that a new account's address has to be of; empty: any.
    #[serde(default)]
    pub creation_domains: Vec<String>,
    /// Whether signing out here signs out there as well (OIDC RP-Initiated Logout).
    #[serde(default)]
    pub sign_out: bool,
}

const fn basic() -> UpstreamAuth {
    UpstreamAuth::Basic
}

const fn verified() -> Creation {
    Creation::Verified
}

/// The names of a provider's claims, where they are not the standard ones (OIDC Core §5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each member is the claim of the same name in OIDC Core §5.1")]
pub struct ClaimNames {
    pub email: String,
    pub email_verified: String,
    pub name: String,
    pub given_name: String,
    pub family_name: String,
    pub preferred_username: String,
    pub picture: String,
    pub locale: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        let named = str::to_owned;
        Self {
            email: named("email"),
            email_verified: named("email_verified"),
            name: named("name"),
            given_name: named("given_name"),
            family_name: named("family_name"),
            preferred_username: named("preferred_username"),
            picture: named("picture"),
            locale: named("locale"),
        }
    }
}

sql! {
    tenant INSERT(9) = "INSERT INTO identity_providers (tenant_id, id, slug, name, kind, enabled, settings,
            sealed_secret, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9) ON CONFLICT DO NOTHING";
    tenant BY_ID(2) = "SELECT tenant_id, id, slug, name, kind, enabled, settings, sealed_secret, version, created_at,
            updated_at
        FROM identity_providers WHERE tenant_id = $1 AND id = $2";
    tenant BY_SLUG(2) = "SELECT tenant_id, id, slug, name, kind, enabled, settings, sealed_secret, version, created_at,
            updated_at
        FROM identity_providers WHERE tenant_id = $1 AND slug = $2";
    tenant ALL(1) = "SELECT tenant_id, id, slug, name, kind, enabled, settings, sealed_secret, version, created_at,
            updated_at
        FROM identity_providers WHERE tenant_id = $1 ORDER BY slug";
    tenant UPDATE(8) = "UPDATE identity_providers SET name = $3, enabled = $4, settings = $5, sealed_secret = $6,
            version = version + 1, updated_at = $7
        WHERE tenant_id = $1 AND id = $2 AND version = $8";
    tenant DELETE(2) = "DELETE FROM identity_providers WHERE tenant_id = $1 AND id = $2";
}

/// Stores a new provider. `false`: the slug is taken in this tenant, nothing was stored.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, provider: &IdentityProvider) -> sqlx::Result<bool> {
    let p = provider.clone();
    let values = (p.tenant_id, p.id, p.slug, p.name, p.kind, p.enabled, p.settings, p.sealed_secret, p.created_at);
    Ok(run.execute(INSERT, values).await? == 1)
}

/// The provider of this id, disabled ones included.
///
/// # Errors
/// The database failed.
pub async fn by_id(run: impl Run, tenant: &TenantId, id: &ProviderId) -> sqlx::Result<Option<IdentityProvider>> {
    run.one(BY_ID, (tenant.clone(), id.clone())).await
}

/// The provider of this slug, disabled ones included.
///
/// # Errors
/// The database failed.
pub async fn by_slug(run: impl Run, tenant: &TenantId, slug: &str) -> sqlx::Result<Option<IdentityProvider>> {
    run.one(BY_SLUG, (tenant.clone(), slug.to_owned())).await
}

/// All of a tenant, disabled ones included, in the order of their slugs.
///
/// # Errors
/// The database failed.
pub async fn all(run: impl Run, tenant: &TenantId) -> sqlx::Result<Vec<IdentityProvider>> {
    run.all(ALL, (tenant.clone(),)).await
}

/// Stores what was changed over the version that was read. `false`: somebody else changed it meanwhile.
///
/// # Errors
/// The database failed.
pub async fn update(run: impl Run, provider: &IdentityProvider, now: Timestamp) -> sqlx::Result<bool> {
    let p = provider.clone();
    let values = (p.tenant_id, p.id, p.name, p.enabled, p.settings, p.sealed_secret, now, p.version);
    Ok(run.execute(UPDATE, values).await? == 1)
}

/// Removes a provider. `false`: there was none.
///
/// # Errors
/// The database failed.
pub async fn delete(run: impl Run, tenant: &TenantId, id: &ProviderId) -> sqlx::Result<bool> {
    Ok(run.execute(DELETE, (tenant.clone(), id.clone())).await? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    fn provider(tenant: &TenantId, slug: &str) -> IdentityProvider {
        IdentityProvider {
            tenant_id: tenant.clone(),
            id: ProviderId::generate(),
            slug: slug.to_owned(),
            name: "Other".to_owned(),
            kind: ProviderKind::Oidc,
            enabled: Flag(true),
            settings: Json(ProviderSettings {
                issuer: "https://other.test".to_owned(),
                api: None,
                client_id: "we".to_owned(),
                auth_method: UpstreamAuth::Basic,
                scope: Scope::of(["openid"]),
                claims: ClaimNames::default(),
                domains: vec!["other.test".to_owned()],
                creation: Creation::Verified,
                creation_domains: Vec::new(),
                sign_out: false,
            }),
            sealed_secret: Some("sealed".to_owned()),
            version: 1,
            created_at: Timestamp(1),
            updated_at: Timestamp(1),
        }
    }

    #[tokio::test]
    async fn a_provider_is_kept_per_tenant_and_changed_over_the_version_that_was_read() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let mut other = provider(&one, "other");
            assert!(insert(&db, &other).await.unwrap());
            assert!(!insert(&db, &provider(&one, "other")).await.unwrap(), "the slug is taken");
            assert!(insert(&db, &provider(&two, "other")).await.unwrap());
            assert_eq!(by_slug(&db, &one, "other").await.unwrap(), Some(other.clone()));
            assert_eq!(by_id(&db, &two, &other.id).await.unwrap(), None, "X2");
            other.name = "Another".to_owned();
            assert!(update(&db, &other, Timestamp(2)).await.unwrap());
            assert!(!update(&db, &other, Timestamp(3)).await.unwrap(), "an old version won");
            assert!(!delete(&db, &two, &other.id).await.unwrap());
            assert!(delete(&db, &one, &other.id).await.unwrap());
            assert_eq!((all(&db, &one).await.unwrap().len(), all(&db, &two).await.unwrap().len()), (0, 1));
        }
    }
}
