//! Callers who get in each other's way: transactions that cross, lists while indexes come and go.

use serde_json::{Value, json};

use super::support::storage::{Storage, encoded};

#[tokio::test]
async fn two_transactions_that_wait_for_each_other_both_happen() {
    let storage = Storage::with("orders").await;
    let documents: Vec<Value> = ["a", "b", "c"].iter().map(|id| json!({"_id": id, "n": 0})).collect();
    storage.fill(&storage.program, "orders", json!(documents)).await;
    let transaction = |ids: [&str; 3]| {
        let add = |id: &str| json!({"op": "update", "collection": "orders", "id": id, "update": {"$inc": {"n": 1}}});
        json!({"operations": ids.map(add)})
    };
    // Where the database has only one writer they never meet; where it has many, each round is a deadlock.
    let rounds = 4;
    let many = async |token: &str, ids: [&str; 3]| {
        for _ in 0..rounds {
            let (status, told) = storage.ask(token, "POST", ":transaction", transaction(ids)).await;
            assert_eq!(status, 200, "{told}");
        }
    };
    tokio::join!(
        many(&storage.ada, ["a", "b", "c"]),
        many(&storage.grace, ["c", "b", "a"]),
        many(&storage.program, ["b", "c", "a"]),
    );
    for id in ["a", "b", "c"] {
        let document = storage.good(&storage.ada, "GET", &format!("/orders/documents/{id}"), Value::Null).await;
        assert_eq!(document["n"], json!(3 * rounds), "{id}");
    }
}

#[tokio::test]
async fn w091_a_list_is_whole_or_refused_while_indexes_come_and_go() {
    let storage = Storage::with("orders").await;
    let documents: Vec<Value> = (0..200).map(|n| json!({"_id": format!("d{n:03}"), "kind": n % 2})).collect();
    storage.fill(&storage.program, "orders", json!(documents)).await;
    let rules = json!({"read": true, "create": true, "update": true, "delete": true});
    let index = |fields: Value| json!({"rules": rules, "indexes": [{"name": "kind", "fields": fields}]});
    let filter = encoded(&json!({"kind": 1}));
    let changing = async {
        for round in 0..15 {
            let fields = if round % 2 == 0 { json!({"kind": 1}) } else { json!({"other": 1}) };
            storage.define("orders", index(fields)).await;
        }
    };
    let listing = async |way: &str| {
        let mut whole = 0;
        for _ in 0..40 {
            let (status, told) = if way == "list" {
                let path = format!("/orders/documents?filter={filter}&limit=1000");
                let (status, list) = storage.ask(&storage.ada, "GET", &path, Value::Null).await;
                (status, json!(list.as_array().map(Vec::len)))
            } else {
                let asked = json!({"filter": {"kind": 1}});
                let (status, told) = storage.ask(&storage.ada, "POST", "/orders/documents:count", asked).await;
                (status, told["count"].clone())
            };
            assert!((status, &told) == (200, &json!(100)) || status == 503, "{way}: {status} {told}");
            whole += u32::from(status == 200);
        }
        assert!(whole > 0, "{way}: always refused");
    };
    tokio::join!(changing, listing("list"), listing("count"));
}
