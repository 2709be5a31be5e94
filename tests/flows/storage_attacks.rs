//! Whose documents are nobody else's, and what is no question to them (D1, D2, W-080, W-089).

use axum::body::Body;
use axum::http::Request;
use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use super::support::World;
use super::support::storage::{Storage, ways};

#[tokio::test]
async fn d1_each_operation_needs_its_scope_and_no_other_will_do() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "a", "n": 1}])).await;
    let token = async |scope: &str| storage.world.scoped("ada@demo.test", scope).await;
    let held = [
        ("none", token("openid").await),
        ("read", token("storage:read").await),
        ("write", token("storage:write").await),
        ("read elsewhere", token("storage:read:other storage:write:other archive:read archive:write").await),
        ("read here", token("storage:read:orders").await),
        ("write here", token("storage:write:orders").await),
        // A person without the role governs nothing, whatever the token says.
        ("claimed", token("storage:admin").await),
    ];
    for (method, path, body, needed) in ways("orders") {
        let bare = Request::builder().method(method).uri(format!("/t/demo/api/v1/storage{path}"));
        let bare = bare.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
        let answer = storage.world.app.send(bare).await;
        assert_eq!(answer.status.as_u16(), 401, "{method} {path}");
        assert!(answer.header("www-authenticate").contains("oauth-protected-resource"), "{method} {path}");
        for (name, token) in &held {
            let answer = storage.send(token, method, &path, &[], body.clone()).await;
            let may = name.split(' ').next() == Some(needed) && *name != "read elsewhere";
            if may {
                assert!(answer.status.is_success() || answer.status == 404, "{name}: {method} {path}: {}", answer.body);
            } else {
                assert_eq!(answer.status.as_u16(), 403, "{name}: {method} {path}: {}", answer.body);
                assert!(
                    answer.header("www-authenticate").contains("error=\"insufficient_scope\""),
                    "{name}: {method} {path}"
                );
            }
        }
    }
    let narrow = storage.send(&held[0].1, "GET", "/orders/documents", &[], Value::Null).await;
    assert!(narrow.header("www-authenticate").contains("storage:read:orders"), "{:?}", narrow.headers);
    let join =
        json!({"pipeline": [{"$lookup": {"from": "secrets", "localField": "n", "foreignField": "n", "as": "x"}}]});
    assert_eq!(
        storage.ask(&held[4].1, "POST", "/orders/documents:aggregate", join).await.0,
        403,
        "D2: the other needs its scope"
    );
    let union = json!({"pipeline": [{"$unionWith": {"coll": "secrets", "pipeline": []}}]});
    assert_eq!(storage.ask(&held[4].1, "POST", "/orders/documents:aggregate", union).await.0, 403);
    let both = json!({"operations": [{"op": "insert", "collection": "orders", "document": {}},
        {"op": "insert", "collection": "other", "document": {}}]});
    assert_eq!(storage.ask(&held[5].1, "POST", ":transaction", both).await.0, 403);
}

#[tokio::test]
async fn d1_x1_a_tenants_documents_are_nobody_elses() {
    let mut world = World::new().await;
    let demo = world.tenant.clone();
    world.tenant = world.app.tenant("acme", Settings::default()).await;
    let theirs = world.app.api_key(&world.tenant, "storage:admin storage:read storage:write").await;
    let ours = world.app.api_key(&demo, "storage:admin storage:read storage:write").await;
    let send = async |token: &str, slug: &str, method: &str, path: &str, body: Value| {
        world
            .app
            .api(method, &format!("/t/{slug}/api/v1/storage{path}"), token, (!body.is_null()).then_some(body))
            .await
    };
    for (token, slug, word) in [(&ours, "demo", "ours-alone"), (&theirs, "acme", "theirs-alone")] {
        send(token, slug, "PUT", "/orders", json!({"rules": {"read": true}})).await;
        let made = send(token, slug, "PUT", "/orders/documents/a", json!({"n": 1, "word": word})).await;
        assert_eq!(made["data"]["word"], word);
    }
    let read = send(&ours, "demo", "GET", "/orders/documents", Value::Null).await;
    assert_eq!(read["data"].as_array().unwrap().len(), 1);
    assert_eq!(read["data"][0]["word"], "ours-alone");
    for (method, path, body, _) in ways("orders") {
        let told = send(&ours, "acme", method, &path, body).await;
        assert_eq!(told["status"], 401, "{method} {path}: {told}");
        assert!(!told.to_string().contains("theirs-alone"));
    }
    let left = send(&theirs, "acme", "GET", "/orders/documents", Value::Null).await;
    assert_eq!((left["data"][0]["word"].clone(), left["data"][0]["_rev"].clone()), (json!("theirs-alone"), json!(1)));
}

#[tokio::test]
async fn d2_w080_w089_no_code_no_output_and_no_internal_collections() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "a", "n": 1}])).await;
    let ask = async |verb: &str, body: Value| {
        storage.ask(&storage.admin, "POST", &format!("/orders/documents:{verb}"), body).await
    };
    for operator in
        ["$where", "$function", "$accumulator", "$text", "$near", "$geoWithin", "$jsonSchema", "$comment", "$fliter"]
    {
        for filter in [
            json!({operator: "1"}),
            json!({"n": {operator: "1"}}),
            json!({"$or": [{"$and": [{"n": {"$not": {operator: 1}}}]}]}),
            json!({"l": {"$elemMatch": {operator: 1}}}),
            json!({"$expr": {operator: "1"}}),
        ] {
            let (status, told) = ask("query", json!({ "filter": filter })).await;
            assert_eq!(
                (status, told["errors"][0]["pointer"].as_str().is_some_and(|at| at.contains(operator))),
                (422, true),
                "{filter}: {told}"
            );
        }
    }
    for stage in [
        "$out",
        "$merge",
        "$graphLookup",
        "$currentOp",
        "$listSessions",
        "$indexStats",
        "$geoNear",
        "$search",
        "$changeStream",
    ] {
        for pipeline in [
            json!([{stage: {}}]),
            json!([{"$facet": {"x": [{stage: "y"}]}}]),
            json!([{"$unionWith": {"coll": "orders", "pipeline": [{stage: "y"}]}}]),
        ] {
            assert_eq!(ask("aggregate", json!({ "pipeline": pipeline })).await.0, 422, "{pipeline}");
        }
    }
    for expression in ["$function", "$accumulator", "$where", "$getField2"] {
        let pipeline = json!([{"$project": {"x": {"$cond": [true, {expression: {"body": "x"}}, 1]}}}]);
        assert_eq!(ask("aggregate", json!({ "pipeline": pipeline })).await.0, 422, "{expression}");
    }
    let governed = storage.refused(&storage.admin, "PUT", "/_users", json!({})).await;
    assert_eq!(governed.0, 403);
    for name in [
        "_users",
        "users",
        "collections",
        "documents",
        "sqlite_master",
        "pg_catalog.pg_user",
        "chancery.users",
        "_USERS",
        "..",
        "%2e%2e",
        "a%2fb",
        "orders%00",
        "orders;",
        "'",
        "1",
        "replays",
    ] {
        for (method, path, body, _) in ways(name) {
            if path.starts_with(&format!("/{name}/")) {
                let status = storage.send(&storage.admin, method, &path, &[], body).await.status.as_u16();
                assert!([403, 404].contains(&status), "{method} {path}: {status}");
            }
        }
        let join =
            json!({"pipeline": [{"$lookup": {"from": name, "localField": "n", "foreignField": "n", "as": "x"}}]});
        let status = ask("aggregate", join).await.0;
        assert!([403, 404, 422].contains(&status), "{name}: {status}");
    }
}
