//! Deliveries, on both databases.

use super::*;
use crate::store::testing::{databases, tenant};
use crate::store::webhooks::{self, Because, Endpoint};
use crate::store::{Db, webhook_log};

async fn endpoint(db: &Db, tenant: &TenantId, id: &str) -> Endpoint {
    let endpoint = webhooks::sample(tenant, id);
    webhooks::insert(db, &endpoint).await.unwrap();
    endpoint
}

async fn fill(db: &Db, endpoint: &Endpoint, count: usize) {
    for number in 0..count {
        let id = format!("{}-{number:03}", endpoint.id);
        assert!(insert(db, &sample(endpoint, &id)).await.unwrap());
    }
}

fn at(now: i64) -> Claim {
    let busy = [const { String::new() }; BUSY];
    Claim { now: Timestamp(now), until: Timestamp(now + 60), most: 100, most_of_one: 100, busy }
}

fn answered(number: i64, status: i64) -> Attempt {
    let at = Timestamp(number);
    Attempt { number, at, duration_ms: 12, status: Some(status), error: None, excerpt: "ok".to_owned() }
}

#[tokio::test]
async fn w109_each_delivery_is_taken_up_by_one_and_by_another_when_that_one_died() {
    for db in databases().await {
        let one = endpoint(&db, &tenant(&db, "one").await, "one").await;
        fill(&db, &one, 20).await;
        assert!(
            !insert(&db, &Delivery { id: "again".to_owned(), ..sample(&one, "one-000") }).await.unwrap(),
            "an event once"
        );
        let claims = (0..8).map(|_| {
            let db = db.clone();
            tokio::spawn(async move { claim(&db, Claim { most: 5, ..at(100) }).await.unwrap() })
        });
        let mut ids = Vec::new();
        for taken in claims.collect::<Vec<_>>() {
            ids.extend(taken.await.unwrap().into_iter().map(|delivery| delivery.id));
        }
        ids.extend(claim(&db, at(100)).await.unwrap().into_iter().map(|delivery| delivery.id));
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!((count, ids.len()), (20, 20), "none twice, none left");
        assert!(claim(&db, at(159)).await.unwrap().is_empty(), "their lease holds");
        let again = claim(&db, at(160)).await.unwrap();
        assert_eq!(again.len(), 20);
        assert!(again.iter().all(|delivery| delivery.attempts == 2 && delivery.event_id.starts_with("event of")));
    }
}

#[tokio::test]
async fn w110_what_comes_too_late_changes_nothing_and_what_failed_is_due_again() {
    for db in databases().await {
        let one = endpoint(&db, &tenant(&db, "one").await, "one").await;
        fill(&db, &one, 1).await;
        let late = claim(&db, at(100)).await.unwrap().remove(0);
        let next = claim(&db, at(160)).await.unwrap().remove(0);
        assert!(!again(&db, &late, Timestamp(999), &answered(1, 500)).await.unwrap());
        assert!(again(&db, &next, Timestamp(300), &answered(2, 503)).await.unwrap());
        assert!(claim(&db, at(299)).await.unwrap().is_empty());
        let last = claim(&db, at(300)).await.unwrap().remove(0);
        assert_eq!((last.attempts, last.last_status), (3, Some(503)));
        let over = (DeliveryState::Delivered, Timestamp(301));
        assert!(finish(&db, &last, over, &answered(3, 204)).await.unwrap());
        assert!(!finish(&db, &last, over, &answered(3, 204)).await.unwrap(), "once");
        assert!(claim(&db, at(9_999)).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn w123_an_endpoint_that_fails_or_is_disabled_does_not_hold_up_another() {
    for db in databases().await {
        let tenant = tenant(&db, "one").await;
        let (slow, gone, good) = (
            endpoint(&db, &tenant, "slow").await,
            endpoint(&db, &tenant, "gone").await,
            endpoint(&db, &tenant, "good").await,
        );
        for endpoint in [&slow, &gone, &good] {
            fill(&db, endpoint, 10).await;
        }
        webhooks::fails(&db, &tenant, "slow", Timestamp(50)).await.unwrap();
        webhooks::disable(&db, (&tenant, "gone"), Because::Gone, Timestamp(50)).await.unwrap();
        let taken = claim(&db, Claim { most_of_one: 4, ..at(100) }).await.unwrap();
        let of = |id: &str| taken.iter().filter(|delivery| delivery.endpoint_id == id).count();
        assert_eq!((of("slow"), of("gone"), of("good")), (1, 0, 4));
        let mut busy = [const { String::new() }; BUSY];
        busy[0] = "good".to_owned();
        let taken = claim(&db, Claim { busy, ..at(100) }).await.unwrap();
        assert!(taken.iter().all(|delivery| delivery.endpoint_id == "slow"), "{taken:?}");
    }
}

#[tokio::test]
async fn what_each_attempt_came_to_is_kept() {
    for db in databases().await {
        let one = endpoint(&db, &tenant(&db, "one").await, "one").await;
        fill(&db, &one, 1).await;
        let taken = claim(&db, at(100)).await.unwrap().remove(0);
        for number in [1, 2] {
            note(&db, &taken, &answered(number, 500)).await.unwrap();
        }
        let found = webhook_log::attempts(&db, &one.tenant_id, &taken.id).await.unwrap();
        assert_eq!(found, [answered(1, 500), answered(2, 500)]);
        let found = by_id(&db, &one.tenant_id, "one", &taken.id).await.unwrap().unwrap();
        assert_eq!((found.body.as_str(), found.subject.as_ref().map(UserId::as_str)), ("{}", Some("somebody")));
        assert_eq!(by_id(&db, &one.tenant_id, "other", &taken.id).await.unwrap(), None);
    }
}
