//! Rules that ask more of a sign-in than that there was one (RFC 9470): the challenge, and what it takes to meet it.

use axum::body::Body;
use chancery::base::Seconds;
use serde_json::{Value, json};

use super::support::storage::Storage;
use super::support::{Answer, World};

const TWO: &str = "urn:chancery:acr:2fa";

/// A token of Ada's that says how and when she proved who she is.
async fn token(world: &World, scope: &str, acr: &str, ago: i64) -> String {
    let (sub, now) = (world.sub("ada@demo.test").await, world.app.clock.now().0);
    let claims = [("sub", json!(sub)), ("scope", json!(scope)), ("acr", json!(acr)), ("auth_time", json!(now - ago))];
    world.token_with(&claims).await
}

/// What is wanted of a sign-in, as the challenge of an answer tells it.
#[track_caller]
fn challenged(answer: &Answer, service: &str, wanted: &[&str]) {
    assert_eq!(answer.status, 401, "{}", answer.body);
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer error=\"insufficient_user_authentication\", "), "{challenge}");
    let metadata = format!("/.well-known/oauth-protected-resource/t/demo/api/v1/{service}\"");
    assert!(challenge.ends_with(&metadata), "{challenge}");
    for one in ["acr_values=\"urn:chancery:acr:2fa phr\"", "max_age=\"600\""] {
        assert_eq!(challenge.contains(one), wanted.contains(&one), "{challenge}");
    }
    assert_eq!(answer.json()["code"], "insufficient_user_authentication");
}

const ACR: &str = "acr_values=\"urn:chancery:acr:2fa phr\"";
const AGE: &str = "max_age=\"600\"";

#[tokio::test]
async fn a_collection_asks_for_a_stronger_and_fresher_sign_in_by_each_way_of_changing_it() {
    let storage = Storage::new().await;
    let asked = json!({"update": {"acr": TWO, "max_age": 600}, "delete": {"acr": TWO, "max_age": 600}});
    let open = json!({"read": true, "create": true, "update": true, "delete": true});
    storage.define("orders", json!({"rules": open, "step_up": asked})).await;
    storage.fill(&storage.program, "orders", json!([{"_id": "a", "n": 1}, {"_id": "b", "n": 1}])).await;
    let both = "storage:read storage:write";
    let weak = token(&storage.world, both, "urn:chancery:acr:1fa", 0).await;
    let stale = token(&storage.world, both, TWO, 601).await;
    let strong = token(&storage.world, both, "phr", 600).await;
    let inc = json!({"$inc": {"n": 1}});
    let operation = json!({"op": "update", "collection": "orders", "id": "a", "update": inc});
    for (method, path, body) in [
        ("PATCH", "/orders/documents/a", inc.clone()),
        ("PUT", "/orders/documents/a", json!({"n": 5})),
        ("DELETE", "/orders/documents/a", Value::Null),
        ("DELETE", "/orders/documents/there-is-none", Value::Null),
        ("PATCH", "/orders/documents?filter=%7B%22n%22%3A1%7D", inc.clone()),
        ("DELETE", "/orders/documents?filter=%7B%22n%22%3A1%7D", Value::Null),
        ("POST", "/orders/documents:update", json!({"filter": {"n": 1}, "update": inc})),
        ("POST", "/orders/documents:delete", json!({"filter": {"n": 1}})),
        ("POST", ":transaction", json!({"operations": [operation]})),
    ] {
        for token in [&weak, &stale] {
            let answer = storage.send(token, method, path, &[], body.clone()).await;
            challenged(&answer, "storage", &[ACR, AGE]);
        }
    }
    let line = storage.send(
        &weak,
        "POST",
        "/orders/documents:import?on_conflict=replace",
        &[("content-type", "application/x-ndjson")],
        json!({"_id": "a", "n": 9}),
    );
    assert!(line.await.body.contains("insufficient_user_authentication"));
    let seen = storage.good(&weak, "GET", "/orders/documents?sort=_id", Value::Null).await;
    assert_eq!((&seen[0]["n"], &seen[1]["n"]), (&json!(1), &json!(1)), "reading asks nothing, and nothing changed");
    assert_eq!(storage.ask(&weak, "POST", "/orders/documents", json!({"n": 7})).await.0, 201);
    assert_eq!(storage.ask(&strong, "PATCH", "/orders/documents/a", inc.clone()).await.0, 200);
    assert_eq!(
        storage.ask(&storage.program, "PATCH", "/orders/documents/a", inc).await.0,
        200,
        "a program has no sign-in"
    );
    storage.world.app.clock.advance(Seconds(1));
    let late = storage.send(&strong, "DELETE", "/orders/documents/a", &[], Value::Null).await;
    challenged(&late, "storage", &[ACR, AGE]);
}

#[tokio::test]
async fn a_collection_that_asks_for_reading_is_not_read_by_detours() {
    let storage = Storage::with("open").await;
    let rules = json!({"read": true, "create": true, "update": true, "delete": true});
    storage.define("ledger", json!({"rules": rules, "step_up": {"read": {"max_age": 600}}})).await;
    storage.fill(&storage.program, "ledger", json!([{"_id": "a", "n": 1}])).await;
    let stale = token(&storage.world, "storage:read storage:write", TWO, 601).await;
    let join = json!([{"$lookup": {"from": "ledger", "localField": "n", "foreignField": "n", "as": "x"}}]);
    let union = json!([{"$unionWith": {"coll": "ledger", "pipeline": []}}]);
    let check = json!({"operations": [{"op": "check", "collection": "ledger", "id": "a", "if_match": 1}]});
    for (method, path, body) in [
        ("GET", "/ledger/documents", Value::Null),
        ("GET", "/ledger/documents/a", Value::Null),
        ("GET", "/ledger/documents/there-is-none", Value::Null),
        ("POST", "/ledger/documents:count", json!({})),
        ("POST", "/ledger/documents:distinct", json!({"field": "n"})),
        ("POST", "/ledger/documents:aggregate", json!({"pipeline": []})),
        ("GET", "/ledger/documents:export", Value::Null),
        ("GET", "/ledger/documents:watch", Value::Null),
        ("POST", "/open/documents:aggregate", json!({"pipeline": join})),
        ("POST", "/open/documents:aggregate", json!({"pipeline": union})),
        ("PATCH", "/ledger/documents/a", json!({"$inc": {"n": 1}})),
        ("POST", ":transaction", check),
    ] {
        challenged(&storage.send(&stale, method, path, &[], body).await, "storage", &[AGE]);
    }
    let stored = storage.good(&stale, "POST", "/ledger/documents", json!({"n": 2})).await;
    assert_eq!(
        stored.as_object().unwrap().len(),
        2,
        "who brings something learns no more than what names it: {stored}"
    );
}

#[tokio::test]
async fn who_governs_lifts_no_step_up_that_they_do_not_meet() {
    let storage = Storage::new().await;
    storage.define("orders", json!({"rules": "owner", "step_up": {"delete": {"acr": TWO}}})).await;
    storage.world.promote("ada@demo.test", chancery::store::users::Role::Admin).await;
    let scope = "storage:read storage:write storage:admin";
    let weak = token(&storage.world, scope, "urn:chancery:acr:1fa", 0).await;
    let strong = token(&storage.world, scope, TWO, 100_000).await;
    for (method, path, body) in [
        ("PUT", "/orders", json!({"rules": "owner"})),
        ("PATCH", "/orders", json!({"step_up": null})),
        ("DELETE", "/orders?confirm=orders", Value::Null),
    ] {
        challenged(&storage.send(&weak, method, path, &[], body).await, "storage", &[ACR]);
    }
    assert_eq!(storage.ask(&strong, "PUT", "/orders", json!({"rules": "owner"})).await.0, 200);
    assert_eq!(storage.ask(&weak, "DELETE", "/orders?confirm=orders", Value::Null).await.0, 204);
}

#[tokio::test]
async fn the_archive_asks_by_its_rules_and_a_link_is_made_by_who_meets_them() {
    let world = World::new().await;
    let admin = world.app.api_key(&world.tenant, "archive:admin").await;
    let keyed = [("authorization", format!("Bearer {admin}")), ("content-type", "application/json".to_owned())];
    let keyed: Vec<(&str, &str)> = keyed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let rules = json!({"preset": "owner", "step_up": {"read": {"max_age": 600}, "delete": {"acr": TWO}}});
    let set = world.app.archive("PUT", "/rules", &keyed, rules.to_string()).await;
    assert_eq!(set.json()["data"]["step_up"], rules["step_up"], "{}", set.body);
    assert_eq!(world.app.archive("GET", "/rules", &keyed, Body::empty()).await.json()["data"], set.json()["data"]);
    let asks = async |token: &str, method: &str, path: &str| {
        let token = format!("Bearer {token}");
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let body = if method == "POST" { "{}" } else { "" };
        world.app.archive(method, path, &headers, body).await
    };
    let both = "archive:read archive:write";
    let weak = token(&world, both, "urn:chancery:acr:1fa", 0).await;
    let stale = token(&world, both, TWO, 601).await;
    let file = asks(&weak, "POST", "/files").await;
    assert_eq!(file.status, 201, "{}", file.body);
    let path = format!("/files/{}", file.json()["data"]["_id"].as_str().unwrap());
    for (method, path) in [
        ("GET", path.clone()),
        ("GET", format!("{path}/content")),
        ("GET", "/files".to_owned()),
        ("POST", format!("{path}:sign")),
    ] {
        challenged(&asks(&stale, method, &path).await, "archive", &[AGE]);
        assert!(asks(&weak, method, &path).await.status.is_success(), "{method} {path}");
    }
    challenged(&asks(&weak, "DELETE", &path).await, "archive", &[ACR]);
    let fresh = token(&world, both, TWO, 0).await;
    assert_eq!(asks(&fresh, "DELETE", &path).await.status, 204);
}
