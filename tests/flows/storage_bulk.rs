//! Collections, changes of many documents, pipelines: what applications get done with one request.

use axum::http::StatusCode;
use chancery::store::audit;
use serde_json::{Value, json};

use super::support::storage::{Storage, encoded, told};

#[tokio::test]
async fn a_collection_is_defined_seen_changed_and_removed_by_those_who_govern() {
    let storage = Storage::new().await;
    let definition = json!({"rules": {"read": true}, "hidden": ["x"], "limits": {"max_document_bytes": 500}});
    let made = storage.send(&storage.admin, "PUT", "/notes", &[("if-none-match", "*")], definition.clone()).await;
    assert_eq!((made.status, made.header("etag")), (StatusCode::CREATED, "\"1\""));
    assert_eq!(made.header("location"), format!("{}/api/v1/storage/notes", storage.world.issuer("demo")));
    let again = storage.send(&storage.admin, "PUT", "/notes", &[("if-none-match", "*")], definition).await;
    assert_eq!(again.status, StatusCode::PRECONDITION_FAILED);
    let (_, merged) = told(
        &storage
            .send(
                &storage.admin,
                "PATCH",
                "/notes",
                &[("if-match", "\"1\"")],
                json!({"hidden": null, "rules": {"create": true}}),
            )
            .await,
    );
    assert_eq!(
        merged,
        json!({"name": "notes", "version": 2, "rules": {"read": true, "create": true}, "limits": {"max_document_bytes": 500}})
    );
    let stale = storage.send(&storage.admin, "PATCH", "/notes", &[("if-match", "\"1\"")], json!({})).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(storage.ask(&storage.ada, "POST", "/notes/documents", json!({"t": "x".repeat(600)})).await.0, 413);
    storage.good(&storage.ada, "POST", "/notes/documents", json!({"t": "x"})).await;
    let seen = storage.good(&storage.ada, "GET", "/notes", Value::Null).await;
    assert_eq!(seen, json!({"name": "notes", "version": 2}), "rules are for those who govern");
    storage.define("other", json!({})).await;
    let narrow = storage.world.scoped("ada@demo.test", "storage:write:notes").await;
    for (token, names) in
        [(&storage.ada, vec!["notes", "other"]), (&narrow, vec!["notes"]), (&storage.admin, vec!["notes", "other"])]
    {
        let all = storage.good(token, "GET", "", Value::Null).await;
        let found: Vec<&str> = all.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(found, names);
    }
    assert_eq!(
        storage.refused(&storage.admin, "DELETE", "/notes", Value::Null).await,
        (428, "precondition_required".to_owned())
    );
    assert_eq!(storage.ask(&storage.admin, "DELETE", "/notes?confirm=other", Value::Null).await.0, 428);
    assert_eq!(storage.ask(&storage.admin, "DELETE", "/notes?confirm=notes", Value::Null).await.0, 204);
    assert_eq!(storage.ask(&storage.admin, "GET", "/notes", Value::Null).await.0, 404);
    storage.define("notes", json!({"rules": {"read": true}})).await;
    assert_eq!(
        storage.ids(&storage.ada, "/notes/documents").await,
        Vec::<String>::new(),
        "what was removed does not come back"
    );
    for bad in ["/a.b", "/%20", "/a%2fb", &format!("/{}", "x".repeat(65))] {
        let status = storage.ask(&storage.admin, "PUT", bad, json!({})).await.0;
        assert!(status == 422 || status == 404, "{bad}: {status}");
    }
    for bad in [
        json!({"rule": {}}),
        json!({"rules": {"read": {"$where": 1}}}),
        json!({"rules": {"read": {"a": "$$auth.nobody"}}}),
        json!({"hidden": 1}),
    ] {
        assert_eq!(storage.ask(&storage.admin, "PUT", "/bad", bad.clone()).await.0, 422, "{bad}");
    }
    let trail = audit::page(&storage.world.app.app.db, &storage.world.tenant.id, "", 100).await.unwrap();
    let done: Vec<&str> =
        trail.iter().map(|event| event.action.as_str()).filter(|action| action.starts_with("collection.")).collect();
    assert_eq!(
        done,
        ["collection.created", "collection.updated", "collection.created", "collection.deleted", "collection.created"]
    );
}

#[tokio::test]
async fn a_tenant_has_at_most_two_hundred_collections() {
    let storage = Storage::new().await;
    for n in 0..200 {
        storage.define(&format!("c{n}"), json!({})).await;
    }
    let (status, refusal) = storage.ask(&storage.admin, "PUT", "/one-more", json!({})).await;
    assert_eq!((status, &refusal["code"], &refusal["limit"]), (403, &json!("quota_exceeded"), &json!(200)));
    storage.define("c7", json!({"rules": "owner"})).await;
}

#[tokio::test]
async fn many_documents_are_changed_and_removed_by_one_filter() {
    let storage = Storage::with("orders").await;
    let documents: Vec<Value> = (0..40).map(|n| json!({"_id": format!("d{n:02}"), "n": n})).collect();
    storage.fill(&storage.ada, "orders", json!(documents)).await;
    let odd = encoded(&json!({"n": {"$mod": [2, 1]}}));
    let counts = storage
        .good(&storage.ada, "PATCH", &format!("/orders/documents?filter={odd}"), json!({"$set": {"odd": true}}))
        .await;
    assert_eq!(counts, json!({"matched": 20, "modified": 20}));
    let again =
        storage.good(&storage.ada, "PATCH", &format!("/orders/documents?filter={odd}"), json!({"odd": true})).await;
    assert_eq!(again, json!({"matched": 20, "modified": 0}), "what is the same is not changed");
    let expr = json!({"filter": {"$expr": {"$gt": ["$n", {"$add": [20, 10]}]}}, "update": {"$unset": {"odd": 1}}, "many": true});
    assert_eq!(
        storage.good(&storage.ada, "POST", "/orders/documents:update", expr).await,
        json!({"matched": 9, "modified": 5})
    );
    let first = json!({"filter": {"odd": true}, "sort": {"n": -1}, "update": {"$inc": {"n": 100}}, "return": "after"});
    let one = storage.good(&storage.ada, "POST", "/orders/documents:update", first).await;
    assert_eq!(
        (&one["document"]["_id"], &one["document"]["n"], &one["matched"]),
        (&json!("d29"), &json!(129), &json!(1))
    );
    let gone = storage.good(&storage.ada, "DELETE", &format!("/orders/documents?filter={odd}"), Value::Null).await;
    assert_eq!(gone, json!({"deleted": 20}));
    let left = storage.good(&storage.ada, "POST", "/orders/documents:count", json!({})).await;
    assert_eq!(left, json!({"count": 20}));
    for bad in [
        json!({"filter": {}, "update": {"$inc": {"n": 1}}, "many": true, "upsert": true}),
        json!({"filter": {"n": 1}, "update": {"n": 1}, "upsert": true}),
        json!({"filter": {"n": 1}, "update": {"$inc": {"n": 1}}, "return": "old"}),
        json!({"filter": {"n": 1}}),
        json!({"update": {"n": 1}}),
        json!({"filter": {"n": 1}, "update": []}),
    ] {
        assert_eq!(storage.ask(&storage.ada, "POST", "/orders/documents:update", bad.clone()).await.0, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_change_by_filter_meets_ten_thousand_documents_and_no_more() {
    let storage = Storage::with("orders").await;
    for _ in 0..10 {
        let documents: Vec<Value> = (0..1_000).map(|n| json!({ "n": n })).collect();
        storage.fill(&storage.ada, "orders", json!(documents)).await;
    }
    let change = json!({"filter": {"n": {"$gte": 0}}, "update": {"$set": {"m": 1}}, "many": true});
    assert_eq!(
        storage.good(&storage.ada, "POST", "/orders/documents:update", change.clone()).await["modified"],
        json!(10_000)
    );
    storage.good(&storage.ada, "POST", "/orders/documents", json!({"n": 5})).await;
    assert_eq!(
        storage.refused(&storage.ada, "POST", "/orders/documents:update", change).await,
        (422, "query_too_expensive".to_owned())
    );
    assert_eq!(storage.refused(&storage.ada, "DELETE", "/orders/documents?all=true", Value::Null).await.0, 422);
}

#[tokio::test]
async fn pipelines_group_join_unite_and_reshape() {
    let storage = Storage::with("orders").await;
    storage.define("people", json!({"rules": {"read": true, "create": true}})).await;
    storage.fill(&storage.ada, "people", json!([{"_id": "p1", "name": "Ada"}, {"_id": "p2", "name": "Grace"}])).await;
    storage.fill(&storage.ada, "orders", json!([
        {"_id": "1", "by": "p1", "sum": 10, "tags": ["x", "y"]}, {"_id": "2", "by": "p2", "sum": 5, "tags": ["y"]}, {"_id": "3", "by": "p1", "sum": 7.5, "tags": []},
    ])).await;
    let run = async |pipeline: Value| {
        storage.good(&storage.ada, "POST", "/orders/documents:aggregate", json!({ "pipeline": pipeline })).await
    };
    assert_eq!(
        run(json!([{"$group": {"_id": "$by", "total": {"$sum": "$sum"}, "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}]))
            .await,
        json!([{"_id": "p1", "total": 17.5, "n": 2}, {"_id": "p2", "total": 5, "n": 1}])
    );
    assert_eq!(run(json!([{"$match": {"sum": {"$gt": 6}}}, {"$sort": {"sum": -1}}, {"$lookup": {"from": "people", "localField": "by", "foreignField": "_id", "as": "who"}},
        {"$unwind": "$who"}, {"$project": {"_id": 0, "sum": 1, "name": "$who.name"}}])).await, json!([{"sum": 10, "name": "Ada"}, {"sum": 7.5, "name": "Ada"}]));
    assert_eq!(
        run(json!([{"$unwind": "$tags"}, {"$sortByCount": "$tags"}])).await,
        json!([{"_id": "y", "count": 2}, {"_id": "x", "count": 1}])
    );
    assert_eq!(run(json!([{"$match": {"sum": {"$lt": 6}}}, {"$project": {"_id": 1}}, {"$unionWith": {"coll": "people", "pipeline": [{"$match": {"name": "Ada"}}, {"$project": {"_id": 1}}]}}])).await,
        json!([{"_id": "2"}, {"_id": "p1"}]));
    assert_eq!(run(json!([{"$match": {"sum": 999}}])).await, json!([]));
    assert_eq!(
        run(json!([{"$match": {"sum": 999}}, {"$count": "n"}])).await,
        json!([]),
        "of nothing there is no count"
    );
    assert_eq!(
        run(json!([{"$facet": {"a": [{"$count": "n"}], "b": [{"$limit": 1}, {"$project": {"sum": 1, "_id": 0}}]}}]))
            .await,
        json!([{"a": [{"n": 3}], "b": [{"sum": 10}]}])
    );
    let failed = storage
        .ask(
            &storage.ada,
            "POST",
            "/orders/documents:aggregate",
            json!({"pipeline": [{"$project": {"x": {"$divide": ["$sum", 0]}}}]}),
        )
        .await;
    assert_eq!((failed.0, &failed.1["code"]), (422, &json!("pipeline_failed")));
    let unknown = storage
        .ask(
            &storage.ada,
            "POST",
            "/orders/documents:aggregate",
            json!({"pipeline": [{"$unionWith": {"coll": "nowhere", "pipeline": []}}]}),
        )
        .await;
    assert_eq!(unknown.0, 404);
}
