//! Tokens that open some documents and fields of some collections only (RFC 9396).

use serde_json::{Value, json};

use super::support::storage::Storage;

#[tokio::test]
async fn a_token_opens_no_more_than_its_details_name() {
    let storage = Storage::with("orders").await;
    storage.define("other", json!({"rules": {"read": true, "create": true}})).await;
    storage.fill(&storage.admin, "orders", json!([
        {"_id": "eu", "region": "eu", "n": 1, "s": "seen", "cost": 5_550_155_501_i64}, {"_id": "us", "region": "us", "n": 2, "s": "unseen", "cost": 5_550_255_502_i64},
    ])).await;
    let details = json!([{"type": "storage", "actions": ["read"], "collections": ["orders"], "filter": {"region": "eu"}, "fields": ["n", "s", "region"]},
        {"type": "storage", "actions": ["write"], "collections": ["orders"], "filter": {"region": "eu"}, "fields": ["n", "region"]}]);
    let token = storage
        .world
        .token_with(&[
            ("sub", json!(storage.world.sub("ada@demo.test").await)),
            ("scope", json!("storage:read storage:write")),
            ("authorization_details", details),
        ])
        .await;
    let path = "/orders/documents";
    let all = storage.good(&token, "GET", path, Value::Null).await;
    assert_eq!(all.as_array().unwrap().len(), 1);
    assert_eq!((&all[0]["s"], all[0].get("cost")), (&json!("seen"), None));
    assert_eq!(storage.ask(&token, "GET", &format!("{path}/us"), Value::Null).await.0, 404);
    assert_eq!(storage.good(&token, "POST", &format!("{path}:count"), json!({})).await, json!({"count": 1}));
    for hidden in ["sort=cost", "fields=cost", "filter=%7B%22cost%22%3A1%7D"] {
        assert_eq!(storage.ask(&token, "GET", &format!("{path}?{hidden}"), Value::Null).await.0, 422, "{hidden}");
    }
    let groups = json!({"pipeline": [{"$group": {"_id": null, "all": {"$push": "$$ROOT"}}}]});
    let told = storage.good(&token, "POST", &format!("{path}:aggregate"), groups).await.to_string();
    assert!(told.contains("seen") && !told.contains("unseen") && !told.contains("5550155501"), "{told}");
    for elsewhere in ["/other/documents", "/other/documents/x"] {
        assert_eq!(
            storage.refused(&token, "GET", elsewhere, Value::Null).await,
            (403, "insufficient_scope".to_owned())
        );
    }
    let join = json!({"pipeline": [{"$lookup": {"from": "other", "localField": "n", "foreignField": "n", "as": "x"}}]});
    assert_eq!(storage.ask(&token, "POST", &format!("{path}:aggregate"), join).await.0, 403);
    assert_eq!(storage.ask(&token, "PATCH", &format!("{path}/eu"), json!({"$inc": {"n": 5}})).await.0, 200);
    assert_eq!(storage.ask(&token, "PATCH", &format!("{path}/us"), json!({"$inc": {"n": 5}})).await.0, 404);
    assert_eq!(storage.ask(&token, "PATCH", &format!("{path}/eu"), json!({"s": "changed"})).await.0, 422);
    assert_eq!(
        storage.ask(&token, "PATCH", &format!("{path}/eu"), json!({"region": "us"})).await.0,
        403,
        "nothing is moved out of its reach"
    );
    assert_eq!(storage.ask(&token, "POST", path, json!({"region": "us", "n": 1})).await.0, 403);
    assert_eq!(storage.ask(&token, "POST", path, json!({"region": "eu", "n": 1})).await.0, 201);
    assert_eq!(storage.ask(&token, "PUT", &format!("{path}/eu"), json!({"region": "eu", "n": 9})).await.0, 200);
    let whole = storage.good(&storage.admin, "GET", &format!("{path}/eu"), Value::Null).await;
    assert_eq!((&whole["n"], &whole["s"], &whole["cost"]), (&json!(9), &json!("seen"), &json!(5_550_155_501_i64)));
    let many = json!({"filter": {"n": {"$gt": 0}}, "update": {"$set": {"n": 0}}, "many": true});
    assert_eq!(storage.good(&token, "POST", &format!("{path}:update"), many).await["matched"], json!(2));
    assert_eq!(storage.good(&storage.admin, "GET", &format!("{path}/us"), Value::Null).await["n"], json!(2));
    let governing = storage.ask(&token, "GET", "", Value::Null).await.1;
    assert_eq!(governing.as_array().unwrap().len(), 1, "{governing}");
}

#[tokio::test]
async fn who_is_kept_to_some_documents_does_not_govern_the_collection_that_keeps_to_it() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.admin, "orders", json!([{"_id": "us", "region": "us"}])).await;
    let details = json!([{"type": "storage", "actions": ["read", "write"], "collections": ["orders"], "filter": {"region": "eu"}}]);
    let token = storage
        .world
        .token_with(&[
            ("sub", json!("calendar")),
            ("client_id", json!("calendar")),
            ("scope", json!("storage:read storage:write storage:admin")),
            ("authorization_details", details),
        ])
        .await;
    for (method, path) in
        [("PUT", "/orders"), ("PATCH", "/orders"), ("DELETE", "/orders?confirm=orders"), ("PUT", "/new")]
    {
        let told = storage.refused(&token, method, path, json!({"rules": "public-read"})).await;
        assert_eq!(told, (403, "insufficient_scope".to_owned()), "{method} {path}");
    }
    assert_eq!(storage.ask(&token, "GET", "/orders/documents/us", Value::Null).await.0, 404);
    assert_eq!(storage.ask(&storage.admin, "GET", "/orders/documents/us", Value::Null).await.0, 200);
}
