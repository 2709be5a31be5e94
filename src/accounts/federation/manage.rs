//! What administrators do with providers. Each change and its audit row are one transaction.

use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::preset::Preset;
use super::resolve::domain_of;
use super::{Federation, check};
use crate::base::{Actor, Code, Email, ProviderId, Result, Scope, Secret, Stop, Timestamp};
use crate::keys::Purpose;
use crate::store::audit::{self, Event};
use crate::store::providers::{self as store, ClaimNames, Creation, IdentityProvider, UpstreamAuth};
use crate::store::tenants::Tenant;
use crate::store::{Flag, Json, Tx, identities};

/// Most providers of a tenant: each is a button.
const MOST: usize = 50;

/// A provider to be added; what is left out comes from the preset.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewProvider {
    /// What is known about it.
    pub preset: Preset,
    /// Its name in URLs.
    pub slug: Option<String>,
    /// Its name for people.
    pub name: Option<String>,
    /// Its issuer.
    pub issuer: Option<String>,
    /// Where its API is, of GitHub.
    pub api: Option<String>,
    /// Who we are there.
    pub client_id: String,
    /// What we prove it with.
    #[serde(deserialize_with = "secret")]
    pub client_secret: Option<Secret>,
    /// How we prove it.
    pub auth_method: Option<UpstreamAuth>,
    /// What we ask for.
    pub scope: Option<Scope>,
    /// Which of its claims is which of ours.
    pub claims: Option<ClaimNames>,
    /// Domains whose people belong to it.
    pub domains: Vec<String>,
    /// Whether strangers get an account.
    pub creation: Option<Creation>,
    /// Domains that new accounts have to be of.
    pub creation_domains: Vec<String>,
    /// Whether signing out here signs out there.
    pub sign_out: bool,
}

/// What shall be different; what is absent stays. The issuer cannot change: its people are known by what it calls them,
/// and another issuer calls others so.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// Its name for people.
    pub name: Option<String>,
    /// Whether people can sign in with it.
    pub enabled: Option<bool>,
    /// Who we are there.
    pub client_id: Option<String>,
    /// What we prove it with.
    #[serde(deserialize_with = "secret")]
    pub client_secret: Option<Secret>,
    /// What we ask for.
    pub scope: Option<Scope>,
    /// Which of its claims is which of ours.
    pub claims: Option<ClaimNames>,
    /// Domains whose people belong to it.
    pub domains: Option<Vec<String>>,
    /// Whether strangers get an account.
    pub creation: Option<Creation>,
    /// Domains that new accounts have to be of.
    pub creation_domains: Option<Vec<String>>,
    /// Whether signing out here signs out there.
    pub sign_out: Option<bool>,
}

impl Federation {
    /// Adds a provider.
    ///
    /// # Errors
    /// A setting cannot be, or the slug is taken.
    pub async fn add(&self, tenant: &Tenant, new: NewProvider, by: &Actor) -> Result<IdentityProvider> {
        let provider = self.made(tenant, &new)?;
        let mut tx = self.db.begin().await?;
        self.add_in(&mut tx, &provider, by).await?;
        tx.commit().await?;
        Ok(provider)
    }

    /// The provider that a wish becomes.
    ///
    /// # Errors
    /// A setting cannot be.
    pub fn made(&self, tenant: &Tenant, new: &NewProvider) -> Result<IdentityProvider> {
        let (slug, name) = new.preset.named();
        let slug = new.slug.clone().or_else(|| slug.map(str::to_owned));
        let slug = slug.ok_or_else(|| Stop::refuse(Code::Unprocessable, "the slug is missing"))?;
        let now = self.clock.now();
        let provider = IdentityProvider {
            tenant_id: tenant.id.clone(),
            id: ProviderId::generate(),
            slug,
            name: new.name.clone().unwrap_or_else(|| name.to_owned()),
            kind: new.preset.kind(),
            enabled: Flag(true),
            settings: Json(new.preset.settings(new)?),
            sealed_secret: self.sealed(tenant, new.client_secret.as_ref())?,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        check::provider(&provider)?;
        Ok(provider)
    }

    /// Adds a provider that was [made](Federation::made), within the caller's transaction.
    ///
    /// # Errors
    /// There are too many, or the slug is taken.
    pub async fn add_in(&self, tx: &mut Tx, provider: &IdentityProvider, by: &Actor) -> Result<()> {
        if store::all(&mut *tx, &provider.tenant_id).await?.len() >= MOST {
            return Err(Stop::refuse(Code::Conflict, "a tenant has 50 providers at most"));
        }
        if !store::insert(&mut *tx, provider).await? {
            return Err(Stop::refuse(Code::Conflict, "there is a provider of this slug"));
        }
        Ok(audit::record(tx, self.event(provider, "identity_provider.created", by)).await?)
    }

    /// Changes a provider.
    ///
    /// # Errors
    /// There is none of this id, a setting cannot be, or somebody else changed it meanwhile.
    pub async fn change(
        &self,
        tenant: &Tenant,
        id: &ProviderId,
        changes: Changes,
        by: &Actor,
    ) -> Result<IdentityProvider> {
        let mut provider = store::by_id(&self.db, &tenant.id, id).await?.ok_or_else(nothing)?;
        if let Some(sealed) = self.sealed(tenant, changes.client_secret.as_ref())? {
            provider.sealed_secret = Some(sealed);
        }
        apply(&mut provider, changes);
        check::provider(&provider)?;
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        self.change_in(&mut tx, (&provider, now), by).await?;
        tx.commit().await?;
        Ok(IdentityProvider { version: provider.version + 1, updated_at: now, ..provider })
    }

    /// Stores what was changed on a provider over the version that was read, within the caller's transaction.
    ///
    /// # Errors
    /// A setting cannot be, or somebody else changed it meanwhile.
    pub async fn change_in(
        &self,
        tx: &mut Tx,
        (provider, now): (&IdentityProvider, Timestamp),
        by: &Actor,
    ) -> Result<()> {
        check::provider(provider)?;
        if !store::update(&mut *tx, provider, now).await? {
            return Err(Stop::refuse(Code::Conflict, "the provider was changed by somebody else meanwhile"));
        }
        Ok(audit::record(tx, self.event(provider, "identity_provider.updated", by)).await?)
    }

    /// Removes a provider and what links accounts here to accounts there. The accounts stay.
    ///
    /// # Errors
    /// There is none of this id.
    pub async fn remove(&self, tenant: &Tenant, id: &ProviderId, by: &Actor) -> Result<()> {
        let provider = store::by_id(&self.db, &tenant.id, id).await?.ok_or_else(nothing)?;
        let mut tx = self.db.begin().await?;
        self.remove_in(&mut tx, &provider, by).await?;
        Ok(tx.commit().await?)
    }

    /// As [`Federation::remove`], within the caller's transaction; answers how many accounts were linked with it.
    ///
    /// # Errors
    /// There is none of this id.
    pub async fn remove_in(&self, tx: &mut Tx, provider: &IdentityProvider, by: &Actor) -> Result<u64> {
        let (tenant, id) = (&provider.tenant_id, &provider.id);
        if !store::delete(&mut *tx, tenant, id).await? {
            return Err(nothing());
        }
        let links = identities::delete_of_provider(&mut *tx, tenant, id).await?;
        let event = self.event(provider, "identity_provider.deleted", by);
        audit::record(tx, event.detail(json!({ "slug": provider.slug, "identities": links }))).await?;
        Ok(links)
    }

    /// All of a tenant.
    pub async fn all(&self, tenant: &Tenant) -> Result<Vec<IdentityProvider>> {
        Ok(store::all(&self.db, &tenant.id).await?)
    }

    /// The one of this id.
    ///
    /// # Errors
    /// There is none.
    pub async fn look_up(&self, tenant: &Tenant, id: &ProviderId) -> Result<IdentityProvider> {
        store::by_id(&self.db, &tenant.id, id).await?.ok_or_else(nothing)
    }

    /// Those that people can sign in with.
    pub async fn offered(&self, tenant: &Tenant) -> Result<Vec<IdentityProvider>> {
        Ok(self.all(tenant).await?.into_iter().filter(|provider| provider.enabled.0).collect())
    }

    /// The one of this slug, for signing in with.
    ///
    /// # Errors
    /// There is none, or it is disabled.
    pub async fn named(&self, tenant: &Tenant, slug: &str) -> Result<IdentityProvider> {
        let found = store::by_slug(&self.db, &tenant.id, slug).await?;
        found.filter(|provider| provider.enabled.0).ok_or_else(nothing)
    }

    /// The one whose people have addresses of this domain (home-realm discovery).
    ///
    /// # Errors
    /// The database failed.
    pub async fn of_address(&self, tenant: &Tenant, address: &str) -> Result<Option<IdentityProvider>> {
        let Ok(email) = address.parse::<Email>() else { return Ok(None) };
        let domain = domain_of(&email);
        let offered = self.offered(tenant).await?;
        Ok(offered.into_iter().find(|provider| provider.settings.domains.contains(&domain)))
    }

    /// A secret as a provider keeps it.
    ///
    /// # Errors
    /// The keys do not seal it.
    pub fn sealed(&self, tenant: &Tenant, secret: Option<&Secret>) -> Result<Option<String>> {
        let seal = |secret: &Secret| self.keys.seal(Purpose::UpstreamSecret, &tenant.id, secret.expose().as_bytes());
        Ok(secret.map(seal).transpose()?)
    }

    fn event(&self, provider: &IdentityProvider, action: &str, by: &Actor) -> Event {
        let event = Event::new(&provider.tenant_id, self.clock.now(), action).by(&by.id).on(provider.id.as_str());
        event.from(&by.origin).detail(json!({ "slug": provider.slug, "enabled": provider.enabled.0 }))
    }
}

fn apply(provider: &mut IdentityProvider, changes: Changes) {
    fn set<T>(place: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *place = value;
        }
    }
    set(&mut provider.name, changes.name);
    set(&mut provider.enabled, changes.enabled.map(Flag));
    let settings = &mut provider.settings.0;
    set(&mut settings.client_id, changes.client_id);
    set(&mut settings.scope, changes.scope);
    set(&mut settings.claims, changes.claims);
    set(&mut settings.domains, changes.domains);
    set(&mut settings.creation, changes.creation);
    set(&mut settings.creation_domains, changes.creation_domains);
    set(&mut settings.sign_out, changes.sign_out);
}

fn secret<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(reader)?.map(Secret::new))
}

fn nothing() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such provider in this tenant")
}
