//! The log of deliveries, on both databases.

use super::*;
use crate::base::UserId;
use crate::store::testing::{databases, tenant};
use crate::store::users::{self, Profile, Role, User, UserStatus};
use crate::store::webhook_deliveries::{BUSY, Claim, claim, finish, insert, note, sample};
use crate::store::webhooks::{self, Endpoint};
use crate::store::{Db, Flag, Json, people};

async fn filled(db: &Db, slug: &str) -> Endpoint {
    let endpoint = webhooks::sample(&tenant(db, slug).await, slug);
    webhooks::insert(db, &endpoint).await.unwrap();
    for id in ["1", "2", "3"] {
        insert(db, &sample(&endpoint, &format!("{slug}-{id}"))).await.unwrap();
    }
    endpoint
}

async fn taken(db: &Db, now: i64) -> Vec<Delivery> {
    let busy = [const { String::new() }; BUSY];
    let at = (Timestamp(now), Timestamp(now + 60));
    claim(db, Claim { now: at.0, until: at.1, most: 99, most_of_one: 99, busy }).await.unwrap()
}

fn refused() -> Attempt {
    let (at, excerpt) = (Timestamp(100), "no".to_owned());
    Attempt { number: 1, at, duration_ms: 3, status: Some(500), error: Some("status 500".to_owned()), excerpt }
}

async fn ids(db: &Db, tenant: &TenantId, listed: Listed) -> Vec<String> {
    page(db, tenant, Listed { limit: 2, ..listed }).await.unwrap().into_iter().map(|delivery| delivery.id).collect()
}

#[tokio::test]
async fn x2_the_log_is_read_by_its_tenant_newest_first_by_state_and_by_event() {
    for db in databases().await {
        let (one, two) = (filled(&db, "one").await, filled(&db, "two").await);
        let own = &one.tenant_id;
        assert_eq!(ids(&db, own, Listed::default()).await, ["one-3", "one-2"]);
        assert_eq!(ids(&db, own, Listed { before: "one-2".to_owned(), ..Listed::default() }).await, ["one-1"]);
        assert_eq!(ids(&db, own, Listed { endpoint: two.id.clone(), ..Listed::default() }).await, [""; 0]);
        assert_eq!(ids(&db, own, Listed { event: "event of one-1".to_owned(), ..Listed::default() }).await, ["one-1"]);
        let exhausted = Listed { state: Some(DeliveryState::Exhausted), ..Listed::default() };
        assert_eq!(ids(&db, own, exhausted).await, [""; 0]);
        assert_eq!(states(&db).await.unwrap(), [(DeliveryState::Waiting, 6, Timestamp(5))]);
    }
}

#[tokio::test]
async fn what_was_given_up_is_sent_anew_one_by_one_or_all() {
    for db in databases().await {
        let one = filled(&db, "one").await;
        for delivery in taken(&db, 100).await {
            assert!(finish(&db, &delivery, (DeliveryState::Exhausted, Timestamp(101)), &refused()).await.unwrap());
        }
        assert!(taken(&db, 500).await.is_empty());
        assert!(redeliver(&db, &one.tenant_id, "one-1", Timestamp(500)).await.unwrap());
        let again = taken(&db, 500).await.remove(0);
        assert_eq!((again.attempts, again.counted_from, again.event_id.as_str()), (2, 1, "event of one-1"));
        assert_eq!(retry(&db, &one.tenant_id, ("other", 9), Timestamp(500)).await.unwrap(), 0);
        assert_eq!(retry(&db, &one.tenant_id, ("", 9), Timestamp(500)).await.unwrap(), 2);
        assert_eq!(taken(&db, 500).await.len(), 2);
    }
}

#[tokio::test]
async fn what_is_for_a_disabled_endpoint_waits_until_it_is_enabled() {
    for db in databases().await {
        let one = filled(&db, "one").await;
        let under_way = taken(&db, 100).await.remove(0);
        hold(&db, &one.tenant_id, &one.id).await.unwrap();
        assert!(taken(&db, 9_000).await.is_empty());
        assert!(!redeliver(&db, &one.tenant_id, "one-2", Timestamp(9_000)).await.unwrap());
        let over = (DeliveryState::Delivered, Timestamp(9_000));
        assert!(finish(&db, &under_way, over, &refused()).await.unwrap(), "what was under way arrived after all");
        release(&db, &one.tenant_id, &one.id, Timestamp(9_001)).await.unwrap();
        assert_eq!(taken(&db, 9_001).await.len(), 2);
    }
}

#[tokio::test]
async fn w125_old_deliveries_go_with_what_each_attempt_came_to() {
    for db in databases().await {
        let (one, two) = (filled(&db, "one").await, filled(&db, "two").await);
        note(&db, &sample(&one, "one-1"), &refused()).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        remove(&mut tx, &two.tenant_id, &two.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(forget(&db, Timestamp(5), 9).await.unwrap(), 0);
        assert_eq!(forget(&db, Timestamp(200), 9).await.unwrap(), 4, "three deliveries and an attempt");
        assert_eq!(ids(&db, &two.tenant_id, Listed::default()).await, [""; 0]);
    }
}

#[tokio::test]
async fn what_was_told_of_a_person_goes_with_the_person_unless_it_is_still_to_be_told() {
    for db in databases().await {
        let one = filled(&db, "one").await;
        let ada = User { id: UserId::from("somebody"), ..person(&one.tenant_id) };
        assert!(users::insert(&db, &ada).await.unwrap());
        let mut delivered = taken(&db, 100).await;
        let over = (DeliveryState::Delivered, Timestamp(101));
        assert!(finish(&db, &delivered.remove(0), over, &refused()).await.unwrap());
        let mut tx = db.begin().await.unwrap();
        assert!(people::bury(&mut tx, &one.tenant_id, &ada.id, Timestamp(1), Timestamp(2)).await.unwrap());
        assert!(people::erase(&mut tx, &one.tenant_id, &ada.id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(ids(&db, &one.tenant_id, Listed::default()).await, ["one-3", "one-2"]);
    }
}

fn person(tenant: &TenantId) -> User {
    User {
        tenant_id: tenant.clone(),
        id: UserId::generate(),
        email: None,
        email_verified: Flag(false),
        username: Some("ada".to_owned()),
        status: UserStatus::Active,
        role: Role::User,
        profile: Json(Profile::default()),
        created_at: Timestamp(1),
        updated_at: Timestamp(1),
        last_login_at: None,
    }
}
