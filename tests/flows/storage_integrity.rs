//! Bookkeeping is the server's, and changes happen whole or not at all (D6, D7, W-096).

use serde_json::{Value, json};

use super::support::storage::Storage;

#[tokio::test]
async fn d6_w096_bookkeeping_is_the_servers() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "a", "n": 1}, {"_id": "b", "n": 2}])).await;
    let before = storage.good(&storage.ada, "GET", "/orders/documents/a", Value::Null).await;
    for name in ["_id", "_rev", "_owner", "_created", "_updated", "_tenant", "_x", "__proto__"] {
        for value in [json!("forged"), json!(null), json!(0), json!({"$ne": 1}), json!({"x": 1})] {
            let mut bodies = vec![
                json!({"$set": {name: value}}),
                json!({"$unset": {name: value}}),
                json!({"$inc": {name: 1}}),
                json!({"$min": {name: value}}),
                json!({"$rename": {name: "mine"}}),
                json!({"$rename": {"n": name}}),
                json!({"$push": {name: value}}),
                json!({"$setOnInsert": {name: value}}),
                json!({"$currentDate": {name: true}}),
                json!({name: value}),
            ];
            for body in bodies.drain(..) {
                let status = storage.ask(&storage.ada, "PATCH", "/orders/documents/a", body.clone()).await.0;
                assert!(status == 400 || status == 422, "{body}: {status}");
                if body.get(name).is_none() {
                    let many = json!({"filter": {"n": 1}, "update": body, "many": true});
                    assert_ne!(
                        storage.ask(&storage.ada, "POST", "/orders/documents:update", many).await.0,
                        200,
                        "{body}"
                    );
                }
            }
            let put = storage.ask(&storage.ada, "PUT", "/orders/documents/a", json!({name: value, "n": 1})).await.0;
            assert_eq!(put, 422, "{name}");
            if name != "_id" || value != json!("forged") {
                let post = storage.ask(&storage.ada, "POST", "/orders/documents", json!({name: value})).await.0;
                assert_eq!(post, 422, "{name} {value}");
            }
        }
    }
    assert_eq!(storage.good(&storage.ada, "GET", "/orders/documents/a", Value::Null).await, before);
    let nested = json!({"constructor": {"prototype": {"admin": true}}, "o": {"__proto__": {"admin": true}}});
    storage.good(&storage.ada, "PATCH", "/orders/documents/a", nested).await;
    let other = storage.good(&storage.ada, "GET", "/orders/documents/b", Value::Null).await;
    assert!(other.get("admin").is_none() && other.get("o").is_none());
}

#[tokio::test]
async fn d7_a_failed_batch_leaves_nothing_and_no_id_is_overwritten() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "a", "n": 1}, {"_id": "t", "n": "text"}])).await;
    let path = "/orders/documents";
    for documents in [
        json!([{"_id": "x"}, {"_id": "a"}]),
        json!([{"_id": "x"}, {"_id": "x"}]),
        json!([{"n": 1}, {"$bad": 1}]),
        json!([{"n": 1}, {"_rev": 5}]),
        json!([{"n": 1}, 5]),
        json!([]),
        json!([{"_id": "y"}, {"_id": ""}]),
    ] {
        let (status, _) =
            storage.ask(&storage.ada, "POST", &format!("{path}:batch"), json!({"documents": documents})).await;
        assert!((400..500).contains(&status), "{documents}");
    }
    assert_eq!(
        storage.refused(&storage.ada, "POST", path, json!({"_id": "a", "n": 5})).await,
        (409, "already_exists".to_owned())
    );
    let unfit = json!({"filter": {"n": {"$exists": true}}, "update": {"$inc": {"n": 1}}, "many": true});
    assert_eq!(
        storage.refused(&storage.ada, "POST", &format!("{path}:update"), unfit).await,
        (422, "update_not_applicable".to_owned())
    );
    storage.define("other", json!({"rules": {"read": true, "create": true, "update": true, "delete": true}})).await;
    for last in [
        json!({"op": "insert", "collection": "orders", "document": {"_id": "a"}}),
        json!({"op": "check", "collection": "orders", "id": "a", "if_match": 9}),
        json!({"op": "update", "collection": "orders", "id": "t", "update": {"$inc": {"n": 1}}}),
        json!({"op": "delete", "collection": "orders", "id": "none"}),
        json!({"op": "insert", "collection": "nowhere", "document": {}}),
    ] {
        let operations = json!([{"op": "insert", "collection": "other", "document": {"_id": "half"}},
            {"op": "update", "collection": "orders", "id": "a", "update": {"$inc": {"n": 100}}}, {"op": "delete", "collection": "orders", "filter": {"n": "text"}}, last]);
        let (status, told) =
            storage.ask(&storage.ada, "POST", ":transaction", json!({ "operations": operations })).await;
        assert!((400..500).contains(&status) && told["operation"] == json!(3), "{told}");
    }
    assert_eq!(storage.ids(&storage.ada, "/other/documents").await, Vec::<String>::new());
    let left = storage.good(&storage.ada, "GET", &format!("{path}?sort=_id"), Value::Null).await;
    assert_eq!((&left[0]["n"], &left[0]["_rev"], left.as_array().unwrap().len()), (&json!(1), &json!(1), 2));
    let operations = json!([{"op": "insert", "collection": "other", "document": {"_id": "whole"}}, {"op": "check", "collection": "orders", "id": "a", "if_match": 1},
        {"op": "update", "collection": "orders", "filter": {"n": 1}, "update": {"$inc": {"n": 1}}}, {"op": "replace", "collection": "other", "id": "new", "document": {"x": 1}},
        {"op": "delete", "collection": "orders", "id": "t", "if_match": 1}]);
    let results = storage.good(&storage.ada, "POST", ":transaction", json!({ "operations": operations })).await;
    assert_eq!(
        (&results["results"][2], &results["results"][4]),
        (&json!({"matched": 1, "modified": 1}), &json!({"deleted": 1}))
    );
    assert_eq!(storage.ids(&storage.ada, "/other/documents").await, ["new", "whole"]);
}

#[tokio::test]
async fn d7_concurrent_increments_and_upserts_are_all_counted() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "a", "n": 0}])).await;
    let inc = || storage.ask(&storage.ada, "PATCH", "/orders/documents/a", json!({"$inc": {"n": 1}}));
    let many = json!({"filter": {"_id": "a"}, "update": {"$inc": {"n": 1}}, "many": true});
    let bulk = || storage.ask(&storage.ada, "POST", "/orders/documents:update", many.clone());
    for _ in 0..5 {
        let done = tokio::join!(inc(), inc(), bulk(), inc(), bulk(), inc(), inc(), bulk());
        assert_eq!([done.0.0, done.1.0, done.2.0, done.3.0, done.4.0, done.5.0, done.6.0, done.7.0], [200; 8]);
    }
    let now = storage.good(&storage.ada, "GET", "/orders/documents/a", Value::Null).await;
    assert_eq!((&now["n"], &now["_rev"]), (&json!(40), &json!(41)));
    let upsert = json!({"filter": {"_id": "u", "k": "x"}, "update": {"$inc": {"n": 1}, "$setOnInsert": {"first": true}}, "upsert": true, "return": "after"});
    let made = storage.good(&storage.ada, "POST", "/orders/documents:update", upsert.clone()).await;
    assert_eq!(
        (&made["upserted"], &made["document"]["k"], &made["document"]["first"], &made["matched"]),
        (&json!("u"), &json!("x"), &json!(true), &json!(0))
    );
    let again = storage.good(&storage.ada, "POST", "/orders/documents:update", upsert).await;
    assert_eq!((again.get("upserted"), &again["document"]["n"], &again["matched"]), (None, &json!(2), &json!(1)));
}
