//! What is hidden can be neither seen nor guessed, in any way of asking (D6).

use serde_json::{Value, json};

use super::support::storage::{Storage, encoded};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one secret, and every way of asking for it")]
async fn d6_hidden_fields_are_nowhere_to_be_seen_searched_sorted_joined_or_copied() {
    let storage = Storage::new().await;
    let open = json!({"read": true, "create": true, "update": true, "delete": true});
    storage.define("people", json!({"rules": open, "hidden": ["salary", "file.notes", "jobs.pay"]})).await;
    storage.define("open", json!({"rules": open})).await;
    storage.fill(&storage.admin, "people", json!([
        {"_id": "a", "n": 1, "salary": 777_001_777_001_i64, "file": {"notes": "confidential", "x": 1}, "jobs": [{"pay": 888_002_888_002_i64, "at": "here"}]},
    ])).await;
    storage.fill(&storage.ada, "open", json!([{"_id": "o", "n": 1, "salary": 777_001_777_001_i64}])).await;
    let clean = |told: &Value| {
        let text = told.to_string();
        assert!(
            !text.contains("777001777001") && !text.contains("888002888002") && !text.contains("confidential"),
            "{text}"
        );
    };
    let path = "/people/documents";
    for answer in [
        storage.good(&storage.ada, "GET", path, Value::Null).await,
        storage.good(&storage.ada, "GET", &format!("{path}/a"), Value::Null).await,
        storage.good(&storage.ada, "PATCH", &format!("{path}/a"), json!({"$inc": {"n": 1}})).await,
        storage
            .good(
                &storage.ada,
                "POST",
                &format!("{path}:aggregate"),
                json!({"pipeline": [{"$group": {"_id": "$n", "all": {"$push": "$$ROOT"}}}]}),
            )
            .await,
        storage
            .good(
                &storage.ada,
                "POST",
                &format!("{path}:aggregate"),
                json!({"pipeline": [{"$project": {"all": "$$ROOT"}}]}),
            )
            .await,
        storage
            .good(
                &storage.ada,
                "POST",
                "/open/documents:aggregate",
                json!({"pipeline": [{"$unionWith": {"coll": "people", "pipeline": []}}, {"$match": {"n": 2}}]}),
            )
            .await,
        storage
            .good(
                &storage.ada,
                "POST",
                &format!("{path}:update"),
                json!({"filter": {"_id": "a"}, "update": {"$inc": {"n": 1}}, "return": "before"}),
            )
            .await,
    ] {
        assert!(answer.to_string().contains("here"), "{answer}");
        clean(&answer);
    }
    for hidden in ["salary", "file.notes", "file", "jobs.pay", "jobs.0.pay", "jobs", "file.notes.x"] {
        let q = encoded(&json!({hidden: {"$gt": 1}}));
        for bad in
            [format!("filter={q}"), format!("sort={hidden}"), format!("fields={hidden}"), format!("sort=-n,{hidden}")]
        {
            assert_eq!(storage.ask(&storage.ada, "GET", &format!("{path}?{bad}"), Value::Null).await.0, 422, "{bad}");
        }
        let dollar = format!("${hidden}");
        for (verb, body) in [
            ("count", json!({"filter": {"$or": [{"n": 1}, {hidden: 1}]}})),
            ("query", json!({"filter": {"$expr": {"$gt": [dollar, 1]}}})),
            ("query", json!({"filter": {"$nor": [{hidden: {"$exists": true}}]}})),
            ("distinct", json!({"field": hidden})),
            ("delete", json!({"filter": {hidden: 777_001_777_001_i64}})),
            ("update", json!({"filter": {hidden: 777_001_777_001_i64}, "update": {"$inc": {"n": 1}}})),
            ("update", json!({"filter": {"_id": "a"}, "update": {"$rename": {hidden: "mine"}}})),
            ("update", json!({"filter": {"_id": "a"}, "update": {"$set": {hidden: 1}}})),
            ("update", json!({"filter": {"_id": "a"}, "update": {"$max": {hidden: 1}}})),
            ("aggregate", json!({"pipeline": [{"$match": {hidden: 1}}]})),
            ("aggregate", json!({"pipeline": [{"$project": {"x": dollar}}]})),
            ("aggregate", json!({"pipeline": [{"$group": {"_id": dollar}}]})),
            ("aggregate", json!({"pipeline": [{"$sort": {hidden: 1}}]})),
            ("aggregate", json!({"pipeline": [{"$limit": 5}, {"$facet": {"x": [{"$sortByCount": dollar}]}}]})),
            ("aggregate", json!({"pipeline": [{"$bucket": {"groupBy": dollar, "boundaries": [0, 1], "default": 5}}]})),
            (
                "aggregate",
                json!({"pipeline": [{"$lookup": {"from": "open", "localField": hidden, "foreignField": "salary", "as": "x"}}]}),
            ),
        ] {
            let (status, told) = storage.ask(&storage.ada, "POST", &format!("{path}:{verb}"), body.clone()).await;
            assert_eq!(status, 422, "{verb} {body}: {told}");
        }
        let join = json!({"pipeline": [{"$lookup": {"from": "people", "localField": "salary", "foreignField": hidden, "as": "x"}}]});
        assert_eq!(storage.ask(&storage.ada, "POST", "/open/documents:aggregate", join).await.0, 422, "{hidden}");
    }
    for whole in [
        json!({"filter": {"$expr": {"$eq": ["$$ROOT", 1]}}}),
        json!({"filter": {"$expr": {"$gt": [{"$size": {"$objectToArray": "$$ROOT"}}, 1]}}}),
    ] {
        assert_eq!(storage.ask(&storage.ada, "POST", &format!("{path}:query"), whole.clone()).await.0, 422, "{whole}");
    }
    assert_eq!(storage.ask(&storage.ada, "POST", path, json!({"salary": 1})).await.0, 422);
    let replaced = storage.good(&storage.ada, "PUT", &format!("{path}/a"), json!({"n": 5})).await;
    assert_eq!(replaced["n"], json!(5));
    let whole = storage.good(&storage.admin, "GET", &format!("{path}/a"), Value::Null).await;
    assert_eq!((&whole["salary"], &whole["file"]), (&json!(777_001_777_001_i64), &json!({"notes": "confidential"})));
    assert_eq!(
        storage
            .ids(&storage.admin, &format!("{path}?filter={}", encoded(&json!({"salary": 777_001_777_001_i64}))))
            .await,
        ["a"]
    );
}
