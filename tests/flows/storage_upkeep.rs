//! What keeps a collection in order: indexes, values that only one document may have, a schema, limits.

use chancery::base::Seconds;
use serde_json::{Value, json};

use super::support::storage::{Storage, encoded};

fn open(more: &Value) -> Value {
    let mut definition = json!({"rules": {"read": true, "create": true, "update": true, "delete": true}});
    definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    definition
}

#[tokio::test]
async fn a_value_that_only_one_document_may_have_is_refused_to_the_second_one() {
    let storage = Storage::new().await;
    let unique =
        json!({"name": "email", "fields": {"email": 1}, "unique": true, "where": {"email": {"$exists": true}}});
    storage.define("people", open(&json!({"indexes": [unique]}))).await;
    storage.fill(&storage.ada, "people", json!([{"_id": "a", "email": "x"}, {"_id": "b"}, {"_id": "c"}])).await;
    let (status, told) = storage.ask(&storage.grace, "POST", "/people/documents", json!({"email": "x"})).await;
    assert_eq!((status, &told["code"], &told["index"]), (409, &json!("unique_violation"), &json!("email")));
    let twice = json!({"operations": [
        {"op": "delete", "collection": "people", "id": "a"},
        {"op": "insert", "collection": "people", "document": {"_id": "d", "email": "x"}},
    ]});
    let (status, told) = storage.ask(&storage.ada, "POST", ":transaction", twice).await;
    assert_eq!(status, 200, "what is free again may be taken: {told}");
    assert_eq!(storage.refused(&storage.ada, "PATCH", "/people/documents/b", json!({"email": "x"})).await.0, 409);
    let all = json!({"filter": {}, "all": true, "many": true, "update": {"$set": {"email": "y"}}});
    assert_eq!(storage.refused(&storage.ada, "POST", "/people/documents:update", all).await.0, 409);
    assert_eq!(
        storage.ids(&storage.ada, &format!("/people/documents?filter={}", encoded(&json!({"email": "y"})))).await.len(),
        0
    );
    storage.define("people", open(&json!({}))).await;
    storage.good(&storage.ada, "PATCH", "/people/documents/b", json!({"email": "x"})).await;
    let (status, told) = storage.ask(&storage.admin, "PUT", "/people", open(&json!({"indexes": [unique]}))).await;
    assert_eq!((status, &told["code"]), (409, &json!("unique_violation")), "what is there contradicts it");
}

#[tokio::test]
async fn w091_an_index_changes_how_documents_are_found_and_not_which() {
    let storage = Storage::with("orders").await;
    let documents: Vec<Value> =
        (0..60).map(|n| json!({"_id": format!("d{n:02}"), "n": n % 7, "tags": [n % 3, n % 5]})).collect();
    storage.fill(&storage.ada, "orders", json!(documents)).await;
    let filter = encoded(&json!({"tags": 1, "n": {"$gte": 2, "$lt": 6}}));
    let path = format!("/orders/documents?filter={filter}&sort=-n&limit=50");
    let before = storage.ids(&storage.ada, &path).await;
    let indexes = json!([{"name": "tags", "fields": {"tags": 1}}, {"name": "n", "fields": {"n": -1}}]);
    storage.good(&storage.admin, "PATCH", "/orders", json!({"indexes": indexes})).await;
    assert_eq!(storage.ids(&storage.ada, &path).await, before);
    assert!(before.len() > 5);
    let many = json!({"filter": {"tags": 1}, "many": true, "update": {"$pull": {"tags": 1}}});
    let done = storage.good(&storage.ada, "POST", "/orders/documents:update", many).await;
    assert!(done["modified"].as_u64().unwrap() > 20);
    assert!(storage.ids(&storage.ada, &path).await.is_empty());
    let (status, told) = storage.ask(&storage.admin, "PATCH", "/orders", json!({"indexes": [{"name": "x"}]})).await;
    assert_eq!((status, &told["errors"][0]["pointer"]), (422, &json!("/indexes/0/fields")));
}

#[tokio::test]
async fn documents_are_as_the_schema_of_their_collection_says() {
    let storage = Storage::new().await;
    let schema = json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}});
    storage.define("orders", open(&json!({"schema": schema}))).await;
    let (status, told) = storage.ask(&storage.ada, "POST", "/orders/documents", json!({"n": "seven"})).await;
    assert_eq!((status, &told["code"], &told["errors"][0]["pointer"]), (422, &json!("schema_violation"), &json!("/n")));
    storage.fill(&storage.ada, "orders", json!([{"_id": "a", "n": 7}])).await;
    assert_eq!(
        storage.refused(&storage.ada, "PATCH", "/orders/documents/a", json!({"$unset": {"n": ""}})).await.0,
        422
    );
    let half = json!({"documents": [{"_id": "b", "n": 1}, {"_id": "c"}]});
    assert_eq!(storage.refused(&storage.ada, "POST", "/orders/documents:batch", half).await.0, 422);
    assert_eq!(storage.ids(&storage.ada, "/orders/documents").await, ["a"], "a failed batch leaves nothing");
    let fetching = json!({"schema": {"$ref": "https://attacker.example/schema.json"}});
    let (status, told) = storage.ask(&storage.admin, "PATCH", "/orders", fetching).await;
    assert_eq!((status, &told["errors"][0]["pointer"]), (422, &json!("/schema/$ref")));
}

#[tokio::test]
async fn a_collection_takes_as_many_documents_and_bytes_as_it_says() {
    let storage = Storage::new().await;
    storage.define("few", open(&json!({"limits": {"max_documents": 2, "max_bytes": 40}}))).await;
    storage.fill(&storage.ada, "few", json!([{"_id": "a"}, {"_id": "b"}])).await;
    let (status, told) = storage.ask(&storage.ada, "POST", "/few/documents", json!({})).await;
    assert_eq!((status, &told["code"]), (403, &json!("quota_exceeded")));
    assert_eq!((&told["used"], &told["limit"]), (&json!(2), &json!(2)));
    let long = json!({"t": "x".repeat(60)});
    assert_eq!(storage.refused(&storage.ada, "PATCH", "/few/documents/a", long).await.1, "quota_exceeded");
    storage.good(&storage.ada, "DELETE", "/few/documents/a", Value::Null).await;
    storage.good(&storage.ada, "POST", "/few/documents", json!({})).await;
    storage.good(&storage.admin, "DELETE", "/few?confirm=few", Value::Null).await;
    storage.define("few", open(&json!({"limits": {"max_documents": 1}}))).await;
    storage.good(&storage.ada, "POST", "/few/documents", json!({})).await;
}

#[tokio::test]
async fn documents_are_removed_when_their_time_is_over() {
    let storage = Storage::new().await;
    storage.define("sessions", open(&json!({"ttl": {"field": "until", "seconds": 60}}))).await;
    let documents = json!([
        {"_id": "soon", "until": "2026-01-01T00:10:00Z"},
        {"_id": "elsewhere", "until": "2026-01-01T09:10:00+09:00"},
        {"_id": "later", "until": ["2026-01-03T00:00:00.000Z"]},
        {"_id": "never", "until": "when it is over"},
        {"_id": "no-time"},
    ]);
    storage.fill(&storage.ada, "sessions", documents).await;
    let tidy = async || chancery::jobs::round(&storage.world.app.app, "test").await.unwrap();
    storage.world.app.clock.advance(Seconds(10 * 60 + 59));
    tidy().await;
    assert_eq!(storage.ids(&storage.admin, "/sessions/documents").await.len(), 5);
    storage.world.app.clock.advance(Seconds(1));
    tidy().await;
    assert_eq!(storage.ids(&storage.admin, "/sessions/documents").await, ["later", "never", "no-time"]);
}

#[tokio::test]
async fn a_collection_may_keep_a_trail_of_who_changed_what() {
    let storage = Storage::new().await;
    storage.define("orders", open(&json!({"audit": true}))).await;
    storage.define("notes", open(&json!({}))).await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "a"}])).await;
    storage.fill(&storage.ada, "notes", json!([{"_id": "a"}])).await;
    storage.good(&storage.grace, "PATCH", "/orders/documents/a", json!({"n": 1})).await;
    storage.good(&storage.grace, "DELETE", "/orders/documents/a", Value::Null).await;
    assert_eq!(storage.refused(&storage.ada, "POST", "/orders/documents", json!({"_x": 1})).await.0, 422);
    let trail = storage.good(&storage.admin, "GET", "/orders/documents:audit", Value::Null).await;
    let rows: Vec<_> =
        trail.as_array().unwrap().iter().map(|row| (row["action"].as_str().unwrap(), &row["rev"])).collect();
    assert_eq!(
        rows,
        [("document.created", &json!(1)), ("document.updated", &json!(2)), ("document.deleted", &json!(2))]
    );
    let (ada, grace) = (storage.world.sub("ada@demo.test").await, storage.world.sub("grace@demo.test").await);
    assert_eq!((&trail[0]["actor"], &trail[1]["actor"]), (&json!(ada), &json!(grace)));
    assert_eq!(storage.good(&storage.admin, "GET", "/notes/documents:audit", Value::Null).await, json!([]));
    assert_eq!(storage.refused(&storage.ada, "GET", "/orders/documents:audit", Value::Null).await.0, 403);
}

#[tokio::test]
async fn documents_that_are_there_are_held_against_a_schema_when_that_is_asked() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "a", "n": 1}, {"_id": "b", "n": "1"}, {"_id": "c"}])).await;
    let ask = json!({"schema": {"required": ["n"], "properties": {"n": {"type": "number"}}}});
    let told = storage.good(&storage.admin, "POST", "/orders/documents:validate", ask.clone()).await;
    assert_eq!((&told["checked"], &told["invalid"]), (&json!(3), &json!(2)));
    assert_eq!(told["documents"][0], json!({"_id": "b", "errors": [told["documents"][0]["errors"][0]]}));
    assert_eq!(told["documents"][0]["errors"][0]["pointer"], "/n");
    assert_eq!(storage.refused(&storage.admin, "POST", "/orders/documents:validate", json!({})).await.0, 400);
    assert_eq!(storage.refused(&storage.ada, "POST", "/orders/documents:validate", ask).await.0, 403);
}
