//! Keys are shown once, scoped, expiring, and end one by one, on every database.

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
