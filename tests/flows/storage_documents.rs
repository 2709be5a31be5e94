//! What applications do with documents: keep them, find them page by page, change them in three languages, and be sure
//! of what they change.

use axum::http::StatusCode;
use chancery::base::Seconds;
use serde_json::{Value, json};

use super::support::storage::{Storage, encoded, told};

#[tokio::test]
async fn a_document_is_stored_read_replaced_changed_and_removed() {
    let storage = Storage::with("orders").await;
    let answer = storage.send(&storage.ada, "POST", "/orders/documents", &[], json!({"n": 1, "t": ["a"]})).await;
    assert_eq!((answer.status, answer.header("etag")), (StatusCode::CREATED, "\"1\""));
    let (_, made) = told(&answer);
    let id = made["_id"].as_str().unwrap();
    let ada = storage.world.sub("ada@demo.test").await;
    let expected = json!({"_id": id, "_rev": 1, "_owner": ada, "_created": "2026-01-01T00:00:00.000Z",
        "_updated": "2026-01-01T00:00:00.000Z", "n": 1, "t": ["a"]});
    assert_eq!(made, expected);
    let place = answer.header("location");
    assert_eq!(place, format!("{}/api/v1/storage/orders/documents/{id}", storage.world.issuer("demo")));
    let path = format!("/orders/documents/{id}");
    let read = storage.send(&storage.grace, "GET", &path, &[], Value::Null).await;
    assert_eq!((told(&read).1, read.header("etag")), (expected, "\"1\""));
    storage.world.app.clock.advance(Seconds(60));
    let changed = storage.good(&storage.ada, "PATCH", &path, json!({"$inc": {"n": 2}, "$push": {"t": "b"}})).await;
    assert_eq!((&changed["n"], &changed["t"], &changed["_rev"]), (&json!(3), &json!(["a", "b"]), &json!(2)));
    assert_eq!((&changed["_updated"], &changed["_created"]), (&json!("2026-01-01T00:01:00.000Z"), &made["_created"]));
    let replaced = storage.good(&storage.ada, "PUT", &path, json!({"x": {"y": 1}})).await;
    assert_eq!((&replaced["x"], replaced.get("n"), &replaced["_rev"]), (&json!({"y": 1}), None, &json!(3)));
    let gone = storage.send(&storage.ada, "DELETE", &path, &[], Value::Null).await;
    assert_eq!((gone.status, gone.body.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(storage.refused(&storage.ada, "GET", &path, Value::Null).await, (404, "not_found".to_owned()));
}

#[tokio::test]
async fn a_document_is_changed_by_operators_merge_patch_or_json_patch() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "a", "n": 1, "o": {"x": 1, "y": 2}}])).await;
    let path = "/orders/documents/a";
    let patch = async |kind: &str, body: Value| {
        told(&storage.send(&storage.ada, "PATCH", path, &[("content-type", kind)], body).await)
    };
    let merged = patch("application/json", json!({"o": {"x": null, "z": 3}})).await;
    assert_eq!((merged.0, &merged.1["o"]), (200, &json!({"y": 2, "z": 3})));
    let merged = patch("application/merge-patch+json", json!({"n": 2})).await;
    assert_eq!((merged.0, &merged.1["n"], &merged.1["_rev"]), (200, &json!(2), &json!(3)));
    let operations = json!([{"op": "test", "path": "/n", "value": 2}, {"op": "add", "path": "/o/w", "value": [1]}]);
    let patched = patch("application/json-patch+json", operations).await;
    assert_eq!((patched.0, &patched.1["o"]), (200, &json!({"w": [1], "y": 2, "z": 3})));
    let failed = patch("application/json-patch+json", json!([{"op": "test", "path": "/n", "value": 3}])).await;
    assert_eq!((failed.0, &failed.1["code"]), (422, &json!("update_not_applicable")));
    let mixed = patch("application/json", json!({"$inc": {"n": 1}, "n": 5})).await;
    assert_eq!(mixed.0, 400, "operators and fields do not mix: {mixed:?}");
    let same = patch("application/json", json!({"n": 2})).await;
    assert_eq!(same.1["_rev"], json!(4), "what changes nothing makes no revision");
    let text = patch("application/json", json!({"$set": {"t": "x"}})).await;
    assert_eq!(text.0, 200);
    let unfit = patch("application/json", json!({"$inc": {"t": 1}})).await;
    assert_eq!(
        (unfit.0, &unfit.1["code"], &unfit.1["errors"][0]["pointer"]),
        (422, &json!("update_not_applicable"), &json!("/t"))
    );
    assert_eq!(patch("text/plain", json!({"n": 1})).await.0, 415);
}

#[tokio::test]
async fn who_changes_a_document_can_be_sure_of_what_they_change() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "a", "n": 1}])).await;
    let with = async |method: &str, headers: &[(&str, &str)], body: Value| {
        storage.send(&storage.ada, method, "/orders/documents/a", headers, body).await.status.as_u16()
    };
    assert_eq!(with("PATCH", &[("if-match", "\"1\"")], json!({"n": 2})).await, 200);
    assert_eq!(with("PATCH", &[("if-match", "\"1\"")], json!({"n": 3})).await, 412);
    assert_eq!(with("PUT", &[("if-match", "W/\"2\"")], json!({"n": 3})).await, 412, "weak tags match nothing");
    assert_eq!(with("PUT", &[("if-none-match", "*")], json!({"n": 3})).await, 412);
    assert_eq!(with("DELETE", &[("if-match", "\"7\", \"9\"")], Value::Null).await, 412);
    assert_eq!(with("GET", &[("if-none-match", "\"2\"")], Value::Null).await, 304);
    assert_eq!(with("PUT", &[("if-match", "\"1\", \"2\"")], json!({"n": 4})).await, 200);
    let strict = json!({"require_if_match": true});
    storage.good(&storage.admin, "PATCH", "/orders", strict).await;
    assert_eq!(with("PATCH", &[], json!({"n": 5})).await, 428);
    assert_eq!(with("PUT", &[], json!({"n": 5})).await, 428);
    assert_eq!(with("DELETE", &[], Value::Null).await, 428);
    assert_eq!(with("DELETE", &[("if-match", "*")], Value::Null).await, 204);
    let new =
        storage.send(&storage.ada, "PUT", "/orders/documents/b", &[("if-none-match", "*")], json!({"n": 1})).await;
    assert_eq!((new.status.as_u16(), new.header("etag")), (201, "\"1\""));
    let none = storage.send(&storage.ada, "PUT", "/orders/documents/c", &[("if-match", "*")], json!({"n": 1})).await;
    assert_eq!(none.status.as_u16(), 412);
}

#[tokio::test]
async fn a_request_with_an_idempotency_key_is_done_once() {
    let storage = Storage::with("orders").await;
    let send = async |token: &str, key: &str, body: Value| {
        told(&storage.send(token, "POST", "/orders/documents", &[("idempotency-key", key)], body).await)
    };
    let first = send(&storage.ada, "k-1", json!({"n": 1})).await;
    let again = send(&storage.ada, "k-1", json!({"n": 1})).await;
    assert_eq!((first.0, &first), (201, &again));
    let other = send(&storage.ada, "k-1", json!({"n": 2})).await;
    assert_eq!((other.0, &other.1["code"]), (422, &json!("idempotency_conflict")));
    let grace = send(&storage.grace, "k-1", json!({"n": 1})).await;
    assert_ne!(grace.1["_id"], first.1["_id"], "keys of different callers have nothing to do with each other");
    assert_eq!(send(&storage.ada, &"x".repeat(256), json!({})).await.0, 400);
    let filter = encoded(&json!({"n": 1}));
    for _ in 0..2 {
        let path = format!("/orders/documents?filter={filter}");
        let headers = [("idempotency-key", "k-2")];
        let (_, counts) = told(&storage.send(&storage.ada, "PATCH", &path, &headers, json!({"$inc": {"m": 1}})).await);
        assert_eq!(counts, json!({"matched": 2, "modified": 2}));
    }
    assert_eq!(
        storage.good(&storage.ada, "POST", "/orders/documents:count", json!({"filter": {"m": 1}})).await,
        json!({"count": 2})
    );
    storage.world.app.clock.advance(Seconds(86_401));
    let ada = storage.world.scoped("ada@demo.test", "storage:read storage:write").await;
    let later = send(&ada, "k-1", json!({"n": 1})).await;
    assert_ne!(later.1["_id"], first.1["_id"], "a day later it is forgotten");
}

#[tokio::test]
async fn of_parallel_requests_with_one_key_one_is_done() {
    let storage = Storage::with("orders").await;
    let one =
        || storage.send(&storage.ada, "POST", "/orders/documents", &[("idempotency-key", "same")], json!({"n": 1}));
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    let ids: std::collections::BTreeSet<String> =
        [a, b, c, d].iter().map(|answer| told(answer).1["_id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(storage.ids(&storage.ada, "/orders/documents").await.len(), 1);
}

#[tokio::test]
async fn w090_w091_a_list_is_always_a_list_complete_and_without_repeats_while_rows_come_in() {
    let storage = Storage::with("orders").await;
    let empty = storage.send(&storage.ada, "GET", "/orders/documents", &[], Value::Null).await;
    assert_eq!(told(&empty), (200, json!([])));
    let documents: Vec<Value> = (0..120)
        .map(|n| json!({"_id": format!("d{n:03}"), "n": n % 7, "s": if n % 3 == 0 { json!(null) } else { json!(n) }}))
        .collect();
    storage.fill(&storage.ada, "orders", json!(documents)).await;
    let usual = storage.send(&storage.ada, "GET", "/orders/documents", &[], Value::Null).await;
    let whole: Value = serde_json::from_str(&usual.body).unwrap();
    assert_eq!(whole["data"].as_array().unwrap().len(), 50, "a limit without being asked");
    assert!(whole["meta"]["next"].is_string() && usual.header("link").contains("rel=\"next\""));
    for sort in ["-n", "s,-n", "_created", "-_id", "n,s"] {
        let (mut seen, mut cursor, mut rounds) = (Vec::new(), String::new(), 0);
        loop {
            let path = format!("/orders/documents?sort={sort}&limit=17&count=true{cursor}");
            let answer = storage.send(&storage.ada, "GET", &path, &[], Value::Null).await;
            let page: Value = serde_json::from_str(&answer.body).unwrap();
            seen.extend(page["data"].as_array().unwrap().iter().map(|one| one["_id"].as_str().unwrap().to_owned()));
            rounds += 1;
            let new = json!({"n": 3, "s": rounds, "new": true});
            storage.good(&storage.ada, "POST", "/orders/documents", new).await;
            let Some(next) = page["meta"]["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let old: Vec<&String> = seen.iter().filter(|id| id.starts_with('d') && id.len() == 4).collect();
        let once: std::collections::BTreeSet<_> = old.iter().collect();
        assert_eq!((old.len(), once.len()), (120, 120), "sorted by {sort}");
        let filter = json!({"filter": {"new": true}, "all": true});
        storage.good(&storage.ada, "POST", "/orders/documents:delete", filter).await;
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_query_its_caller_and_to_us() {
    let storage = Storage::with("orders").await;
    let documents: Vec<Value> = (0..5).map(|n| json!({"n": n})).collect();
    storage.fill(&storage.ada, "orders", json!(documents)).await;
    storage.define("other", json!({"rules": {"read": true}})).await;
    let answer = storage.send(&storage.ada, "GET", "/orders/documents?sort=n&limit=2", &[], Value::Null).await;
    let page: Value = serde_json::from_str(&answer.body).unwrap();
    let cursor = page["meta"]["next"].as_str().unwrap();
    let code = async |token: &str, path: String| storage.refused(token, "GET", &path, Value::Null).await;
    for (token, path) in [
        (&storage.ada, format!("/orders/documents?sort=-n&limit=2&cursor={cursor}")),
        (&storage.ada, format!("/orders/documents?limit=2&cursor={cursor}")),
        (&storage.ada, format!("/orders/documents?sort=n&filter=%7B%22n%22%3A1%7D&cursor={cursor}")),
        (&storage.grace, format!("/orders/documents?sort=n&limit=2&cursor={cursor}")),
        (&storage.ada, format!("/other/documents?sort=n&limit=2&cursor={cursor}")),
    ] {
        assert_eq!(code(token, path.clone()).await, (400, "cursor_mismatch".to_owned()), "{path}");
    }
    let last = if cursor.ends_with('A') { 'B' } else { 'A' };
    let altered = format!("{}{last}", &cursor[..cursor.len() - 1]);
    for bad in [altered.as_str(), "x", "", "a.b.c.d.e", "%00", "'", "1 OR 1=1"] {
        let path = format!("/orders/documents?sort=n&cursor={}", bad.replace(' ', "%20"));
        let (status, _) = code(&storage.ada, path).await;
        assert_eq!(status, 400, "{bad}");
    }
    let next = storage
        .send(&storage.ada, "GET", &format!("/orders/documents?sort=n&limit=9&cursor={cursor}"), &[], Value::Null)
        .await;
    let rest: Vec<Value> = told(&next).1.as_array().unwrap().iter().map(|one| one["n"].clone()).collect();
    assert_eq!(rest, [json!(2), json!(3), json!(4)]);
}

#[tokio::test]
async fn lists_are_filtered_sorted_projected_and_counted_by_query_string_or_by_body() {
    let storage = Storage::with("orders").await;
    let documents =
        json!([{"_id": "a", "n": 1, "o": {"x": 1, "y": 2}}, {"_id": "b", "n": 2, "o": {"x": 3}}, {"_id": "c", "n": 3}]);
    storage.fill(&storage.ada, "orders", documents).await;
    let path =
        format!("/orders/documents?filter={}&sort=-n&fields=n,o.x&count=true", encoded(&json!({"n": {"$gte": 2}})));
    let answer = storage.send(&storage.ada, "GET", &path, &[], Value::Null).await;
    let page: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(page["data"], json!([{"_id": "c", "n": 3}, {"_id": "b", "n": 2, "o": {"x": 3}}]));
    assert_eq!(page["meta"], json!({"next": null, "count": 2}));
    let body = json!({"filter": {"n": {"$gte": 2}}, "sort": {"n": -1}, "projection": {"n": 1, "_id": 0}, "skip": 1, "limit": 5});
    assert_eq!(storage.good(&storage.ada, "POST", "/orders/documents:query", body).await, json!([{"n": 2}]));
    let only = storage.send(&storage.ada, "GET", "/orders/documents?limit=0&count=true", &[], Value::Null).await;
    let only: Value = serde_json::from_str(&only.body).unwrap();
    assert_eq!((&only["data"], &only["meta"]["count"]), (&json!([]), &json!(3)));
    let expr = json!({"filter": {"$expr": {"$gt": ["$n", {"$ifNull": ["$o.x", 0]}]}}, "sort": {"n": 1}, "limit": 1});
    let found = storage.good(&storage.ada, "POST", "/orders/documents:query", expr).await;
    assert_eq!(found[0]["_id"], json!("c"));
    let values = storage.good(&storage.ada, "POST", "/orders/documents:distinct", json!({"field": "o.x"})).await;
    assert_eq!(values, json!([1, 3]));
    let one = storage.good(&storage.ada, "GET", "/orders/documents/a?fields=o.y", Value::Null).await;
    assert_eq!(one, json!({"_id": "a", "o": {"y": 2}}));
    for bad in [
        "limit=1001",
        "limit=-1",
        "limit=x",
        "limit=",
        "skip=100001",
        "count=1",
        "count=yes",
        "filter=%7B",
        "filter=",
        "unknown=1",
        "page=2",
        "filter=%7B%22a%22%3A1%2C%22a%22%3A2%7D",
    ] {
        let (status, code) =
            storage.refused(&storage.ada, "GET", &format!("/orders/documents?{bad}"), Value::Null).await;
        assert_eq!((status, code.as_str()), (400, "invalid_parameter"), "{bad}");
    }
    for bad in [json!({"limit": "5"}), json!({"count": "true"}), json!({"skip": 1.5}), json!({"fliter": {}}), json!([])]
    {
        assert_eq!(
            storage.ask(&storage.ada, "POST", "/orders/documents:query", bad.clone()).await.0,
            400,
            "W-088 {bad}"
        );
    }
}

#[tokio::test]
async fn what_is_written_is_answered_unless_it_is_not_wanted() {
    let storage = Storage::with("orders").await;
    let headers = [("prefer", "return=minimal")];
    let made = storage.send(&storage.ada, "POST", "/orders/documents", &headers, json!({"n": 1})).await;
    assert_eq!((made.status.as_u16(), made.body.as_str()), (201, ""));
    assert_eq!(made.header("preference-applied"), "return=minimal");
    let id = made.header("location").rsplit('/').next().unwrap().to_owned();
    let path = format!("/orders/documents/{id}");
    let changed = storage.send(&storage.ada, "PATCH", &path, &headers, json!({"n": 2})).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (204, "\"2\""));
    let writer = storage.world.scoped("ada@demo.test", "storage:write").await;
    let told = storage.good(&writer, "PATCH", &path, json!({"n": 3})).await;
    assert_eq!(told, json!({"_id": id, "_rev": 3}), "who may only write is not told what is there");
}
