//! Who may do what with whose documents (W-097, D1, D6): every rule with every verb, one by one, in bulk, in pipelines,
//! joined, projected, sorted.

use chancery::store::users::Role;
use serde_json::{Value, json};

use super::support::storage::{Storage, encoded};

/// Three collections with what belongs to Ada, to Grace, and to a program in each.
async fn house() -> Storage {
    let storage = Storage::new().await;
    for (name, rules) in [
        ("private", json!("private")),
        ("owned", json!("owner")),
        ("public", json!("public-read")),
        (
            "staff",
            json!({"read": {"$expr": {"$in": ["admin", "$$auth.roles"]}}, "create": false, "update": false, "delete": false}),
        ),
    ] {
        storage.define(name, json!({ "rules": rules })).await;
        let governed = [("a", &storage.ada), ("g", &storage.grace), ("p", &storage.program)];
        for (id, token) in governed {
            let owner_may = matches!(name, "owned" | "public") || (name == "private" && id == "p");
            let by = if owner_may { token } else { &storage.admin };
            storage.fill(by, name, json!([{"_id": id, "n": 1, "secret": format!("word-of-{id}")}])).await;
        }
    }
    storage
}

#[tokio::test]
async fn w097_what_each_caller_sees_is_the_same_by_every_way_of_asking() {
    let storage = house().await;
    storage.world.person("boss@demo.test").await;
    storage.world.promote("boss@demo.test", Role::Admin).await;
    let boss = storage.world.scoped("boss@demo.test", "storage:read storage:write").await;
    let all = vec!["a", "g", "p"];
    for (token, name, expected) in [
        (&storage.ada, "private", vec![]),
        (&storage.program, "private", all.clone()),
        (&storage.admin, "private", all.clone()),
        (&storage.ada, "owned", vec!["a"]),
        (&storage.grace, "owned", vec!["g"]),
        (&storage.program, "owned", vec!["p"]),
        (&storage.admin, "owned", all.clone()),
        (&storage.ada, "public", all.clone()),
        (&storage.program, "public", all.clone()),
        (&storage.ada, "staff", vec![]),
        (&boss, "staff", all.clone()),
        (&storage.program, "staff", vec![]),
    ] {
        let path = format!("/{name}/documents");
        assert_eq!(storage.ids(token, &path).await, expected, "{name}: list");
        let hunting = encoded(&json!({"secret": {"$regex": "^word"}}));
        assert_eq!(
            storage.ids(token, &format!("{path}?filter={hunting}&sort=-secret&fields=_id")).await.len(),
            expected.len()
        );
        let count = storage.good(token, "POST", &format!("{path}:count"), json!({})).await;
        assert_eq!(count, json!({"count": expected.len()}), "{name}: count");
        let words = storage.good(token, "POST", &format!("{path}:distinct"), json!({"field": "secret"})).await;
        assert_eq!(words.as_array().unwrap().len(), expected.len(), "{name}: distinct");
        let groups = json!({"pipeline": [{"$group": {"_id": null, "ids": {"$push": "$_id"}}}]});
        let grouped = storage.good(token, "POST", &format!("{path}:aggregate"), groups).await;
        let pushed = grouped.get(0).map_or_else(|| json!([]), |group| group["ids"].clone());
        assert_eq!(pushed, json!(expected), "{name}: aggregate");
        for id in &all {
            let status = storage.ask(token, "GET", &format!("{path}/{id}"), Value::Null).await.0;
            assert_eq!(status, if expected.contains(id) { 200 } else { 404 }, "{name}: get {id}");
        }
        // Joined to a collection that everybody sees, and united with it.
        let join = json!({"pipeline": [{"$lookup": {"from": name, "localField": "n", "foreignField": "n", "as": "found"}},
            {"$unwind": "$found"}, {"$group": {"_id": "$found._id"}}, {"$sort": {"_id": 1}}]});
        let joined = storage.good(token, "POST", "/public/documents:aggregate", join).await;
        let ids: Vec<&str> = joined.as_array().unwrap().iter().map(|one| one["_id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{name}: lookup");
        let union = json!({"pipeline": [{"$match": {"n": 99}}, {"$unionWith": {"coll": name, "pipeline": []}}, {"$count": "n"}]});
        let united = storage.good(token, "POST", "/public/documents:aggregate", union).await;
        assert_eq!(united.get(0).map_or(0, |one| one["n"].as_u64().unwrap()), expected.len() as u64, "{name}: union");
    }
}

#[tokio::test]
async fn w097_what_each_caller_changes_is_the_same_by_every_way_of_changing() {
    for way in ["one", "filter", "update", "transaction"] {
        let storage = house().await;
        for (token, name, id, allowed) in [
            (&storage.ada, "owned", "g", 404),
            (&storage.ada, "public", "g", 403),
            (&storage.ada, "private", "p", 404),
            (&storage.grace, "public", "p", 403),
            (&storage.program, "owned", "a", 404),
            (&storage.program, "public", "a", 403),
            (&storage.ada, "owned", "a", 200),
            (&storage.ada, "public", "a", 200),
            (&storage.program, "private", "a", 200),
            (&storage.admin, "staff", "a", 200),
            (&storage.program, "staff", "g", 404),
        ] {
            let inc = json!({"$inc": {"n": 10}});
            let filter = json!({"_id": id});
            let path = format!("/{name}/documents");
            let (status, told) = match way {
                "one" => storage.ask(token, "PATCH", &format!("{path}/{id}"), inc).await,
                "filter" => storage.ask(token, "PATCH", &format!("{path}?filter={}", encoded(&filter)), inc).await,
                "update" => {
                    storage
                        .ask(token, "POST", &format!("{path}:update"), json!({"filter": filter, "update": inc}))
                        .await
                }
                _ => {
                    let operation = json!({"op": "update", "collection": name, "id": id, "update": inc});
                    storage.ask(token, "POST", ":transaction", json!({"operations": [operation]})).await
                }
            };
            let by_filter = matches!(way, "filter" | "update");
            if by_filter {
                assert_eq!(
                    (status, &told["matched"]),
                    (200, &json!(u8::from(allowed == 200))),
                    "{way} {name}/{id}: {told}"
                );
            } else {
                assert_eq!(status, allowed, "{way} {name}/{id}: {told}");
            }
            let now = storage.good(&storage.admin, "GET", &format!("{path}/{id}"), Value::Null).await;
            assert_eq!(now["n"], json!(if allowed == 200 { 11 } else { 1 }), "{way} {name}/{id}");
        }
    }
}

#[tokio::test]
async fn w097_what_each_caller_removes_is_the_same_by_every_way_of_removing() {
    for way in ["one", "filter", "body", "transaction"] {
        let storage = house().await;
        for (token, name, id, allowed) in [
            (&storage.ada, "owned", "g", 404),
            (&storage.ada, "public", "g", 403),
            (&storage.ada, "private", "a", 404),
            (&storage.ada, "owned", "a", 200),
            (&storage.grace, "public", "g", 200),
            (&storage.program, "private", "g", 200),
            (&storage.program, "staff", "g", 404),
        ] {
            let filter = json!({"_id": id});
            let path = format!("/{name}/documents");
            let (status, told) = match way {
                "one" => storage.ask(token, "DELETE", &format!("{path}/{id}"), Value::Null).await,
                "filter" => {
                    storage.ask(token, "DELETE", &format!("{path}?filter={}", encoded(&filter)), Value::Null).await
                }
                "body" => storage.ask(token, "POST", &format!("{path}:delete"), json!({ "filter": filter })).await,
                _ => {
                    let operation = json!({"op": "delete", "collection": name, "id": id});
                    storage.ask(token, "POST", ":transaction", json!({"operations": [operation]})).await
                }
            };
            if matches!(way, "filter" | "body") {
                assert_eq!((status, &told["deleted"]), (200, &json!(u8::from(allowed == 200))), "{way} {name}/{id}");
            } else {
                let done = status == allowed || (allowed == 200 && status == 204);
                assert!(done, "{way} {name}/{id}: {status} {told}");
            }
            let left = storage.ask(&storage.admin, "GET", &format!("{path}/{id}"), Value::Null).await.0;
            assert_eq!(left, if allowed == 200 { 404 } else { 200 }, "{way} {name}/{id}");
        }
    }
}

#[tokio::test]
async fn w097_nobody_stores_what_the_rules_refuse_or_gives_away_what_is_theirs() {
    let storage = Storage::new().await;
    let rules = json!({"read": true, "create": {"state": "draft", "_owner": "$$auth.sub"},
        "update": {"_owner": "$$auth.sub", "state": {"$in": ["draft", "done"]}}, "delete": false});
    storage.define("tasks", json!({ "rules": rules })).await;
    let post = async |body: Value| storage.refused(&storage.ada, "POST", "/tasks/documents", body).await;
    assert_eq!(post(json!({"state": "done"})).await, (403, "rule_denied".to_owned()));
    assert_eq!(post(json!({})).await, (403, "rule_denied".to_owned()));
    let put = storage.refused(&storage.ada, "PUT", "/tasks/documents/x", json!({"state": "done"})).await;
    assert_eq!(put, (403, "rule_denied".to_owned()));
    storage.fill(&storage.ada, "tasks", json!([{"_id": "t", "state": "draft"}, {"_id": "u", "state": "draft"}])).await;
    for update in [json!({"state": "hidden"}), json!({"$unset": {"state": 1}}), json!({"$rename": {"state": "was"}})] {
        assert_eq!(
            storage.refused(&storage.ada, "PATCH", "/tasks/documents/t", update).await,
            (403, "rule_denied".to_owned())
        );
    }
    assert_eq!(storage.refused(&storage.ada, "PUT", "/tasks/documents/t", json!({"x": 1})).await.0, 403);
    assert_eq!(storage.refused(&storage.grace, "PATCH", "/tasks/documents/t", json!({"x": 1})).await.0, 403);
    let many = json!({"filter": {"state": "draft"}, "update": {"$set": {"state": "hidden"}}, "many": true});
    assert_eq!(storage.refused(&storage.ada, "POST", "/tasks/documents:update", many).await.0, 403);
    storage.good(&storage.ada, "PATCH", "/tasks/documents/t", json!({"state": "done"})).await;
    let upsert = json!({"filter": {"_id": "new"}, "update": {"$set": {"state": "done"}}, "upsert": true});
    assert_eq!(storage.refused(&storage.ada, "POST", "/tasks/documents:update", upsert).await.0, 403);
    assert_eq!(storage.refused(&storage.ada, "DELETE", "/tasks/documents/t", Value::Null).await.0, 403);
    let states: Vec<Value> = storage
        .good(&storage.ada, "GET", "/tasks/documents?sort=_id", Value::Null)
        .await
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["state"].clone())
        .collect();
    assert_eq!(states, [json!("done"), json!("draft")]);
}

#[tokio::test]
async fn rules_know_the_caller_by_all_variables_and_nothing_equals_what_is_not_known() {
    let storage = Storage::new().await;
    for (name, rule) in [
        ("clients", json!({"client": "$$auth.client_id"})),
        ("tenants", json!({"tenant": "$$auth.tenant"})),
        ("scopes", json!({"scope": {"$in": "$$auth.scopes"}})),
        ("plans", json!({"plan": "$$auth.plan"})),
        ("times", json!({"until": {"$gt": "$$now"}})),
    ] {
        storage.define(name, json!({"rules": {"read": rule, "create": true}})).await;
        storage.fill(&storage.admin, name, json!([
            {"_id": "yes", "client": "calendar", "tenant": storage.world.tenant.id, "scope": "storage:read", "plan": "pro", "until": "2027"},
            {"_id": "no", "client": null, "tenant": "x", "scope": "storage:admin", "plan": null, "until": "2025"}, {"_id": "none"},
        ])).await;
        let expected: &[&str] = if name == "plans" { &[] } else { &["yes"] };
        assert_eq!(storage.ids(&storage.ada, &format!("/{name}/documents")).await, expected, "{name}");
        assert_eq!(storage.ask(&storage.ada, "GET", &format!("/{name}/documents/no"), Value::Null).await.0, 404);
    }
}
