//! API keys: `ck_` and 256 random bits, shown once; scoped, expiring, revocable one by one (W-076).

use serde::Serialize;

use crate::base::{Actor, ApiKeyId, Clock, Code, Result, Scope, Seconds, Secret, Slug, Stop, TenantId, Timestamp};
use crate::store::Db;
use crate::store::api_keys::{self as store, ApiKey};
use crate::store::audit::{self, Event};
use crate::store::tenants::Tenant;

/// How every key begins, so that scanners of repositories know one when they see it.
pub const PREFIX: &str = "ck_";
/// How much of a key is kept readable, to recognise it by: 30 of its 256 bits.
const SHOWN: usize = PREFIX.len() + 5;
/// How exactly the last use is remembered.
const USE_STEP: Seconds = Seconds(60);

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct ApiKeys {
    db: Db,
    clock: Clock,
}

/// A key as somebody wishes to have it.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its name for people.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// When it stops working; absent: never.
    pub expires_at: Option<Timestamp>,
}

/// A key as it is told: without the secret, but in the one answer that shows it.
#[derive(Clone, Serialize)]
pub struct Described {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name for people.
    pub name: String,
    /// How the secret begins.
    pub prefix: String,
    /// What it allows.
    pub scope: Scope,
    /// `active`, `expired` or `revoked`.
    pub status: &'static str,
    /// When it was made, as a time of RFC 3339.
    pub created_at: String,
    /// When it stops working.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When it was ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
    /// When it was last used, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
    /// The key itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
}

impl Described {
    /// As it stands now.
    #[must_use]
    pub fn of(key: ApiKey, now: Timestamp) -> Self {
        let status = match (key.revoked_at, key.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(at)) if at <= now => "expired",
            _ => "active",
        };
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scope: key.scope,
            status,
            created_at: key.created_at.rfc3339(),
            expires_at: key.expires_at.map(Timestamp::rfc3339),
            revoked_at: key.revoked_at.map(Timestamp::rfc3339),
            last_used_at: key.last_used_at.map(Timestamp::rfc3339),
            api_key: None,
        }
    }

    /// With the key itself, this once.
    #[must_use]
    pub fn shown(self, secret: &Secret) -> Self {
        Self { api_key: Some(secret.expose().to_owned()), ..self }
    }
}

impl std::fmt::Debug for Described {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Described({})", self.id)
    }
}

impl ApiKeys {
    /// Over this database.
    #[must_use]
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// Makes a key; answers it with its secret, which is shown this once.
    ///
    /// # Errors
    /// It has no name or no scope, is born expired, or asks for a right over the platform outside the operators'
    /// tenant.
    pub async fn create(&self, tenant: &Tenant, new: NewKey, by: &Actor) -> Result<(ApiKey, Secret)> {
        let now = self.clock.now();
        check(tenant, &new, now)?;
        let secret = Secret::generate_with_prefix(PREFIX);
        let key = ApiKey {
            tenant_id: tenant.id.clone(),
            id: ApiKeyId::generate(),
            name: new.name,
            prefix: secret.expose().chars().take(SHOWN).collect(),
            scope: new.scope,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let mut tx = self.db.begin().await?;
        store::insert(&mut tx, &key, &secret.digest()).await?;
        let event = Event::new(&tenant.id, now, "key.created").by(&by.id).on(key.id.as_str()).from(&by.origin);
        let detail = serde_json::json!({ "scope": key.scope, "expires_at": key.expires_at });
        audit::record(&mut tx, event.detail(detail)).await?;
        tx.commit().await?;
        Ok((key, secret))
    }

    /// As [`ApiKeys::create`], for somebody who holds this scope: the key gets nothing beyond it (W-055).
    ///
    /// # Errors
    /// As there; `Forbidden`: it asks for more.
    pub async fn create_within(
        &self,
        tenant: &Tenant,
        new: NewKey,
        held: &Scope,
        by: &Actor,
    ) -> Result<(ApiKey, Secret)> {
        if let Some(beyond) = new.scope.tokens().into_iter().find(|token| !held.contains(token)) {
            let sentence = format!("a key cannot have the scope {beyond}, which its maker does not hold");
            return Err(Stop::refuse(Code::Forbidden, sentence));
        }
        self.create(tenant, new, by).await
    }

    /// Up to `limit` keys after this id, oldest first, ended ones included.
    pub async fn page(&self, tenant: &TenantId, after: &str, limit: i64) -> Result<Vec<ApiKey>> {
        Ok(store::page(&self.db, tenant, after, limit).await?)
    }

    /// Ends a key at once.
    ///
    /// # Errors
    /// The tenant has no live key of this id.
    pub async fn revoke(&self, tenant: &TenantId, id: &ApiKeyId, by: &Actor) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        if !store::revoke(&mut tx, tenant, id, now).await? {
            return Err(Stop::refuse(Code::NotFound, "there is no live API key of this id in this tenant"));
        }
        let event = Event::new(tenant, now, "key.revoked").by(&by.id).on(id.as_str()).from(&by.origin);
        audit::record(&mut tx, event).await?;
        Ok(tx.commit().await?)
    }

    /// The live key that was presented, if it is one of this tenant.
    pub async fn find(&self, tenant: &TenantId, presented: &Secret) -> Result<Option<ApiKey>> {
        if !presented.expose().starts_with(PREFIX) {
            return Ok(None);
        }
        let now = self.clock.now();
        let found = store::live(&self.db, tenant, &presented.digest(), now).await?;
        let before = now.minus(USE_STEP);
        if let Some(key) = found.as_ref().filter(|key| key.last_used_at.is_none_or(|at| at < before)) {
            store::used(&self.db, tenant, &key.id, now, before).await?;
        }
        Ok(found)
    }
}

fn check(tenant: &Tenant, new: &NewKey, now: Timestamp) -> Result<()> {
    let refuse = |sentence: &'static str| Err(Stop::refuse(Code::Unprocessable, sentence));
    if new.name.trim().is_empty() || new.name.len() > 200 {
        return refuse("an API key needs a name of up to 200 bytes");
    }
    if new.scope.is_empty() {
        return refuse("an API key needs a scope");
    }
    if new.expires_at.is_some_and(|at| at <= now) {
        return refuse("the API key would have expired already");
    }
    let over_platform = new.scope.tokens().iter().any(|token| token.starts_with("platform:"));
    if over_platform && tenant.slug.as_str() != Slug::SYSTEM {
        return refuse("rights over the platform belong to keys of the tenant `system` only");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
