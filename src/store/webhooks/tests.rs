//! Endpoints, on both databases.

use super::*;
use crate::store::testing::{databases, tenant};

#[tokio::test]
async fn x2_an_endpoint_is_its_tenants_and_is_changed_over_the_version_that_was_read() {
    for db in databases().await {
        let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
        insert(&db, &sample(&one, "1")).await.unwrap();
        assert_eq!(by_id(&db, &one, "1").await.unwrap(), Some(sample(&one, "1")));
        assert_eq!(by_id(&db, &two, "1").await.unwrap(), None);
        let changed = Endpoint { url: "https://other.example/".to_owned(), ..sample(&one, "1") };
        assert!(!update(&db, &Endpoint { tenant_id: two.clone(), ..changed.clone() }, Timestamp(6)).await.unwrap());
        assert!(update(&db, &changed, Timestamp(6)).await.unwrap());
        assert!(!update(&db, &changed, Timestamp(7)).await.unwrap(), "that version is not the newest");
        let row = by_id(&db, &one, "1").await.unwrap().unwrap();
        assert_eq!((row.url.as_str(), row.version, row.updated_at), ("https://other.example/", 2, Timestamp(6)));
        assert_eq!(page(&db, &one, "", 9).await.unwrap().len(), 1);
        assert_eq!((count(&db, &one).await.unwrap(), count(&db, &two).await.unwrap()), (1, 0));
    }
}

#[tokio::test]
async fn an_endpoint_is_given_up_once_and_its_failure_has_one_beginning() {
    for db in databases().await {
        let one = tenant(&db, "one").await;
        insert(&db, &sample(&one, "1")).await.unwrap();
        fails(&db, &one, "1", Timestamp(10)).await.unwrap();
        fails(&db, &one, "1", Timestamp(20)).await.unwrap();
        assert_eq!(by_id(&db, &one, "1").await.unwrap().unwrap().failing_since, Some(Timestamp(10)));
        works(&db, &one, "1").await.unwrap();
        assert_eq!(by_id(&db, &one, "1").await.unwrap().unwrap().failing_since, None);
        assert_eq!(enabled(&db, &one).await.unwrap().len(), 1);
        assert!(disable(&db, (&one, "1"), Because::Gone, Timestamp(30)).await.unwrap());
        assert!(!disable(&db, (&one, "1"), Because::Failing, Timestamp(31)).await.unwrap());
        let row = by_id(&db, &one, "1").await.unwrap().unwrap();
        assert_eq!((row.disabled_because.as_deref(), row.version), (Some("gone"), 2));
        assert_eq!(enabled(&db, &one).await.unwrap(), []);
    }
}
