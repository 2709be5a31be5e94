//! The examples of the guide to keeping collections in order, run as they are written.

use serde_json::{Value, json};

use super::support::storage::Storage;

#[tokio::test]
async fn what_the_guide_to_collections_in_order_shows_works() {
    let storage = Storage::new().await;
    let guide = include_str!("../../docs/guides/collections-in-order.md");
    let blocks = guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("http\n"));
    let mut run = 0;
    for block in blocks {
        let (first, body) = block.split_once('\n').unwrap();
        let (method, path) = first.split_once(" {T}/api/v1/storage").unwrap();
        let body = Some(body.trim()).filter(|body| !body.is_empty());
        let body: Value = body.map_or(Value::Null, |body| serde_json::from_str(body).unwrap());
        if path.ends_with(":export") {
            let answer = storage.send(&storage.admin, method, path, &[], body).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
        } else {
            storage.good(&storage.admin, method, path, body).await;
        }
        run += 1;
    }
    assert_eq!(run, 9);
    let wrong = json!({"status": "lost", "number": 1});
    assert_eq!(storage.refused(&storage.ada, "POST", "/orders/documents", wrong).await.1, "schema_violation");
    let order = json!({"status": "new", "number": 1});
    storage.good(&storage.ada, "POST", "/orders/documents", order.clone()).await;
    assert_eq!(storage.refused(&storage.ada, "POST", "/orders/documents", order).await.1, "unique_violation");
}
