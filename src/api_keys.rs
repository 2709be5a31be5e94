//! API keys: `ck_` and 256 random bits, shown once; scoped, expiring, revocable one by one (W-076).

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
mod tests {
    use super::*;
    use crate::store::tenants;
    use crate::store::testing::{databases, tenant as new_tenant};

    fn wish(scope: &str) -> NewKey {
        NewKey { name: "backup".to_owned(), scope: scope.parse().unwrap(), expires_at: Some(Timestamp(2_000)) }
    }

    async fn places() -> Vec<(Db, Clock, ApiKeys, Tenant)> {
        let mut places = Vec::new();
        for db in databases().await {
            let tenant = tenants::by_id(&db, &new_tenant(&db, "one").await).await.unwrap().unwrap();
            let clock = Clock::fixed(Timestamp(1_000));
            places.push((db.clone(), clock.clone(), ApiKeys::new(db, clock), tenant));
        }
        places
    }

    #[tokio::test]
    async fn w076_a_key_is_scoped_listed_without_its_secret_and_revocable_alone() {
        for (_, clock, keys, tenant) in places().await {
            let by = Actor::operator();
            let (one, secret) = keys.create(&tenant, wish("users:read"), &by).await.unwrap();
            let (two, other) = keys.create(&tenant, wish("users:write"), &by).await.unwrap();
            assert!(secret.expose().starts_with(&one.prefix) && one.prefix.len() == 8);
            assert_eq!(keys.find(&tenant.id, &secret).await.unwrap().unwrap().id, one.id);
            let listed = keys.page(&tenant.id, "", 9).await.unwrap();
            assert_eq!(listed.iter().map(|key| &key.id).collect::<Vec<_>>(), [&one.id, &two.id]);
            assert_eq!(listed[0].last_used_at, Some(Timestamp(1_000)));
            assert!(!serde_json::to_string(&listed).unwrap().contains(secret.expose()));
            keys.revoke(&tenant.id, &one.id, &by).await.unwrap();
            assert!(keys.revoke(&tenant.id, &one.id, &by).await.is_err());
            assert!(keys.find(&tenant.id, &secret).await.unwrap().is_none());
            assert!(keys.find(&tenant.id, &other).await.unwrap().is_some());
            clock.advance(Seconds(1_000));
            assert!(keys.find(&tenant.id, &other).await.unwrap().is_none(), "it outlived its expiry");
        }
    }

    #[tokio::test]
    async fn x2_a_key_means_nothing_at_another_tenant() {
        for (db, _, keys, tenant) in places().await {
            let other = new_tenant(&db, "two").await;
            let (key, secret) = keys.create(&tenant, wish("users:read"), &Actor::operator()).await.unwrap();
            assert!(keys.find(&other, &secret).await.unwrap().is_none());
            assert!(keys.revoke(&other, &key.id, &Actor::operator()).await.is_err());
            assert!(keys.find(&tenant.id, &Secret::new("")).await.unwrap().is_none(), "W-077");
        }
    }

    #[tokio::test]
    async fn rights_over_the_platform_are_for_the_operators_alone() {
        for (db, _, keys, tenant) in places().await {
            let system = tenants::by_id(&db, &new_tenant(&db, Slug::SYSTEM).await).await.unwrap().unwrap();
            assert!(keys.create(&tenant, wish("users:read platform:*"), &Actor::operator()).await.is_err());
            assert!(keys.create(&system, wish("platform:*"), &Actor::operator()).await.is_ok());
            assert!(keys.create(&tenant, wish(""), &Actor::operator()).await.is_err());
            let late = NewKey { expires_at: Some(Timestamp(1_000)), ..wish("users:read") };
            assert!(keys.create(&tenant, late, &Actor::operator()).await.is_err());
        }
    }
}
