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

/// A token of Ada's that opens what is European in `orders` and all of `open`, with nothing of `closed`.
async fn european(storage: &Storage) -> String {
    let details = json!([
        {"type": "storage", "actions": ["read"], "collections": ["orders"], "filter": {"region": "eu"}, "fields": ["n", "region"]},
        {"type": "storage", "actions": ["write"], "collections": ["orders"], "filter": {"region": "eu"}, "fields": ["n", "region"]},
        {"type": "storage", "actions": ["read", "write"], "collections": ["open"]},
    ]);
    let sub = storage.world.sub("ada@demo.test").await;
    let claims =
        [("sub", json!(sub)), ("scope", json!("storage:read storage:write")), ("authorization_details", details)];
    storage.world.token_with(&claims).await
}

async fn three_collections() -> Storage {
    let storage = Storage::with("orders").await;
    let open = json!({"rules": {"read": true, "create": true, "update": true, "delete": true}});
    for name in ["open", "closed"] {
        storage.define(name, open.clone()).await;
        storage.fill(&storage.program, name, json!([{"_id": "x", "n": 1}])).await;
    }
    storage
        .fill(
            &storage.program,
            "orders",
            json!([
                {"_id": "eu", "region": "eu", "n": 1, "cost": 5_550_155_501_i64},
                {"_id": "us", "region": "us", "n": 1, "cost": 5_550_255_502_i64},
            ]),
        )
        .await;
    storage
}

#[tokio::test]
async fn d2_a_narrowed_token_sees_no_more_by_a_pipeline_or_a_join() {
    let storage = three_collections().await;
    let token = european(&storage).await;
    let lookup = |from: &str| json!({"$lookup": {"from": from, "localField": "n", "foreignField": "n", "as": "found"}});
    let union = |with: &str| json!({"$unionWith": {"coll": with, "pipeline": []}});
    for (stages, seen) in [
        (json!([lookup("orders"), {"$unwind": "$found"}, {"$replaceRoot": {"newRoot": "$found"}}]), 1),
        (json!([{"$match": {"n": 99}}, union("orders")]), 1),
        (
            json!([{"$match": {"n": 99}}, union("orders"), {"$facet": {"all": [{"$match": {}}]}}, {"$unwind": "$all"}]),
            1,
        ),
    ] {
        let asked = json!({ "pipeline": stages });
        let told = storage.good(&token, "POST", "/open/documents:aggregate", asked).await;
        assert_eq!(told.as_array().unwrap().len(), seen, "{stages}: {told}");
        let text = told.to_string();
        assert!(!text.contains("5550155501") && !text.contains("5550255502") && !text.contains("\"us\""), "{text}");
    }
    for stage in [lookup("closed"), union("closed")] {
        let asked = json!({ "pipeline": [stage] });
        let refused = storage.refused(&token, "POST", "/open/documents:aggregate", asked).await;
        assert_eq!(refused, (403, "insufficient_scope".to_owned()), "{stage}");
    }
    let by_what_is_hidden = json!({"pipeline": [{"$lookup":
        {"from": "orders", "localField": "n", "foreignField": "cost", "as": "found"}}]});
    assert_eq!(storage.ask(&token, "POST", "/open/documents:aggregate", by_what_is_hidden).await.0, 422);
    let group = json!({"pipeline": [{"$group": {"_id": "$cost", "n": {"$sum": 1}}}]});
    let told = storage.ask(&token, "POST", "/orders/documents:aggregate", group).await;
    assert!(!told.1.to_string().contains("5550155501"), "{told:?}");
    let distinct = storage.ask(&token, "POST", "/orders/documents:distinct", json!({"field": "cost"})).await;
    assert_eq!(distinct.0, 422);
}

#[tokio::test]
async fn a_narrowed_token_changes_no_more_in_batches_and_transactions() {
    let storage = three_collections().await;
    let token = european(&storage).await;
    let batch = json!({"documents": [{"region": "eu", "n": 2}, {"region": "us", "n": 2}]});
    assert_eq!(storage.ask(&token, "POST", "/orders/documents:batch", batch).await.0, 403);
    let with_cost = json!({"documents": [{"region": "eu", "n": 2, "cost": 1}]});
    assert_eq!(storage.ask(&token, "POST", "/orders/documents:batch", with_cost).await.0, 422);
    let run = async |operation: Value| {
        // What comes before the refusal must not have happened either.
        let first = json!({"op": "insert", "collection": "open", "document": {"n": 5}});
        storage.ask(&token, "POST", ":transaction", json!({ "operations": [first, operation] })).await.0
    };
    let at = |op: &str, collection: &str, more: Value| {
        let mut operation = json!({ "op": op, "collection": collection });
        operation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        operation
    };
    let inc = json!({"$inc": {"n": 1}});
    for (operation, status) in [
        (at("insert", "orders", json!({"document": {"region": "us"}})), 403),
        (at("insert", "closed", json!({"document": {"n": 1}})), 403),
        (at("update", "orders", json!({"id": "us", "update": inc})), 404),
        (at("update", "orders", json!({"id": "eu", "update": {"region": "us"}})), 403),
        (at("update", "orders", json!({"id": "eu", "update": {"cost": 1}})), 422),
        (at("replace", "orders", json!({"id": "us", "document": {"region": "eu"}})), 404),
        (at("delete", "orders", json!({"id": "us"})), 404),
        (at("check", "orders", json!({"id": "us", "if_match": 1})), 404),
        (at("update", "closed", json!({"filter": {"n": 1}, "update": inc})), 403),
        (at("delete", "closed", json!({"filter": {"n": 1}})), 403),
    ] {
        assert_eq!(run(operation.clone()).await, status, "{operation}");
    }
    assert_eq!(storage.ids(&storage.admin, "/open/documents").await, ["x"], "all or nothing");
    let many = json!({"operations": [
        at("update", "orders", json!({"filter": {"n": {"$gt": 0}}, "update": inc})),
        at("delete", "orders", json!({"filter": {"region": "us"}})),
    ]});
    let told = storage.good(&token, "POST", ":transaction", many).await;
    assert_eq!((&told["results"][0]["matched"], &told["results"][1]["deleted"]), (&json!(1), &json!(0)), "{told}");
    let us = storage.good(&storage.admin, "GET", "/orders/documents/us", Value::Null).await;
    assert_eq!((&us["n"], &us["cost"]), (&json!(1), &json!(5_550_255_502_i64)));
}

#[tokio::test]
async fn an_answer_that_is_kept_for_one_token_is_not_told_to_a_narrower_one() {
    let storage = three_collections().await;
    let (wide, narrow) = (&storage.ada, european(&storage).await);
    let key = [("idempotency-key", "the same key for both")];
    let change = json!({"$inc": {"n": 1}});
    let send = async |token: &str| storage.send(token, "PATCH", "/orders/documents/eu", &key, change.clone()).await;
    let first = send(wide).await;
    assert!(first.body.contains("5550155501"), "{}", first.body);
    assert!(send(wide).await.body.contains("5550155501"), "the same request has the same answer");
    let other = send(&narrow).await;
    assert!(other.status == 200 && !other.body.contains("5550155501"), "{}", other.body);
}
