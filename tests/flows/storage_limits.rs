//! No question and no body grows without end or holds up others (D5, Z1, W-086, W-094, W-095).

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use chancery::store::tenants::Settings;
use serde_json::{Map, Value, json};

use super::support::storage::{Storage, ways};

#[tokio::test]
async fn d5_w094_w095_no_query_grows_without_end() {
    let storage = Storage::with("orders").await;
    let documents: Vec<Value> =
        (0..300).map(|n| json!({"n": n, "l": (0..50).collect::<Vec<i32>>(), "t": "a".repeat(200)})).collect();
    storage.fill(&storage.ada, "orders", json!(documents)).await;
    let ask = async |verb: &str, body: Value| {
        let start = Instant::now();
        let (status, told) = storage.ask(&storage.ada, "POST", &format!("/orders/documents:{verb}"), body).await;
        assert!(start.elapsed() < Duration::from_secs(15), "{verb} took {:?}", start.elapsed());
        (status, told["code"].as_str().unwrap_or_default().to_owned())
    };
    let start = Instant::now();
    let slow = json!({"filter": {"t": {"$regex": "^(a+)+$b"}}, "limit": 1});
    assert_eq!(ask("query", slow).await.0, 200);
    assert!(start.elapsed() < Duration::from_secs(3), "W-095");
    for pattern in ["(?=a)", "(a)\\1", "(?<!a)b", "a{1000}{1000}", &"a".repeat(257)] {
        assert_eq!(
            ask("query", json!({"filter": {"t": {"$regex": pattern}}})).await,
            (422, "invalid_regex".to_owned()),
            "{pattern}"
        );
    }
    let nested = |depth: usize| (0..depth).fold(json!({"n": 1}), |inner, _| json!({"$and": [inner]}));
    assert_eq!(ask("query", json!({"filter": nested(200)})).await.0, 400, "JSON of that depth is not read");
    assert_eq!(ask("query", json!({"filter": nested(30)})).await, (422, "invalid_filter".to_owned()));
    let wide = |n: usize| json!({"filter": {"$or": (0..n).map(|n| json!({"n": n})).collect::<Vec<_>>()}, "limit": 1});
    assert_eq!((ask("query", wide(150)).await.0, ask("query", wide(400)).await.0), (200, 422));
    let fan = (0..6).fold(json!({"n": 1}), |inner, _| json!({"$or": [inner.clone(), inner.clone(), inner]}));
    assert_eq!(ask("query", json!({ "filter": fan })).await.0, 422);
    let list = |n: usize| json!({"filter": {"n": {"$in": (0..n).collect::<Vec<_>>()}}, "limit": 1});
    assert_eq!((ask("query", list(1_000)).await.0, ask("query", list(1_001)).await.0), (200, 422));
    for pipeline in [
        json!([{"$project": {"x": {"$range": [0, 1_000_000_000]}}}]),
        json!([{"$unwind": "$l"}, {"$group": {"_id": null, "all": {"$push": "$$ROOT"}}}, {"$project": {"a": ["$all", "$all", "$all", "$all"]}},
            {"$project": {"b": ["$a", "$a", "$a", "$a"]}}, {"$project": {"c": ["$b", "$b", "$b", "$b"]}}, {"$project": {"d": ["$c", "$c", "$c"]}}]),
        json!([{"$addFields": {"m": "$l"}}, {"$addFields": {"k": "$l"}}, {"$unwind": "$l"}, {"$unwind": "$m"}, {"$unwind": "$k"}]),
        json!([{"$project": {"s": {"$reduce": {"input": {"$range": [0, 40]}, "initialValue": "x", "in": {"$concat": ["$$value", "$$value"]}}}}}]),
        json!([{"$project": {"s": {"$map": {"input": {"$range": [0, 90_000]}, "as": "a", "in": {"$size": {"$range": [0, 90_000]}}}}}}]),
        json!((0..51).map(|_| json!({"$limit": 5})).collect::<Vec<_>>()),
        json!((0..4).map(|n| json!({"$lookup": {"from": "orders", "localField": "n", "foreignField": "n", "as": format!("x{n}")}})).collect::<Vec<_>>()),
        json!([{"$addFields": {"k": 1}}, {"$lookup": {"from": "orders", "localField": "l", "foreignField": "l", "as": "x"}}, {"$unwind": "$x"}, {"$unwind": "$x.l"}]),
    ] {
        let (status, code) = ask("aggregate", json!({ "pipeline": pipeline })).await;
        assert_eq!(status, 422, "{pipeline:.100}: {code}");
    }
    assert_eq!(ask("count", json!({})).await.0, 200, "and the next one is answered");
}

#[tokio::test]
async fn w086_z1_whatever_is_sent_has_its_answer() {
    let storage = Storage::with("orders").await;
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let wide: Map<String, Value> = (0..20_000).map(|n| (format!("k{n}"), json!(1))).collect();
    let odd = [
        String::new(),
        "null".into(),
        "1".into(),
        "\"x\"".into(),
        "[]".into(),
        "[1,2]".into(),
        "{".into(),
        "{}".into(),
        deep.clone(),
        format!("{{\"n\":{deep}}}"),
        Value::Object(wide).to_string(),
        "{\"a\":1,\"a\":2}".into(),
        "{\"n\":1e400}".into(),
        "{\"n\":18446744073709551615}".into(),
        "{\"n\":\"\\u0000\"}".into(),
        "{\"n\":\"\\ud800\"}".into(),
        "{\"\":1}".into(),
        "{\"a.b\":1}".into(),
        "{\"$set\":null}".into(),
        "{\"filter\":{\"$in\":1}}".into(),
        "{\"documents\":{}}".into(),
        "{\"documents\":[null]}".into(),
        "{\"pipeline\":{}}".into(),
        "{\"pipeline\":[null]}".into(),
        "{\"operations\":[[]]}".into(),
        "{\"operations\":[{\"op\":\"insert\"}]}".into(),
        "{\"field\":1}".into(),
        "{\"rules\":1}".into(),
        "{\"limit\":-1}".into(),
        "\u{feff}{}".into(),
    ];
    for (method, path, _, _) in ways("orders") {
        if path.contains("confirm") {
            continue;
        }
        for text in &odd {
            for kind in [
                "application/json",
                "application/merge-patch+json",
                "application/json-patch+json",
                "text/plain",
                "application/json; charset=utf-16",
            ] {
                let request = Request::builder().method(method).uri(format!("/t/demo/api/v1/storage{path}"));
                let request =
                    request.header("authorization", format!("Bearer {}", storage.admin)).header("content-type", kind);
                let answer = storage.world.app.send(request.body(Body::from(text.clone())).unwrap()).await;
                assert!(!answer.status.is_server_error(), "{method} {path} {kind} {text:.60}: {}", answer.body);
            }
        }
    }
    let open = json!({"rules": {"read": true, "create": true, "update": true, "delete": true}});
    storage.define("orders", open).await;
    let tall = storage.send(&storage.ada, "POST", "/orders/documents", &[], json!({"t": "x".repeat(2 << 20)})).await;
    assert_eq!((tall.status.as_u16(), tall.body.contains("2097152")), (413, true));
    let over = storage.ask(&storage.ada, "POST", "/orders/documents", json!({"t": "x".repeat(1 << 20)})).await;
    assert_eq!((over.0, &over.1["limit"]), (413, &json!(1_048_576)));
    let fits = json!({"t": "x".repeat((1 << 20) - 8)});
    assert_eq!(fits.to_string().len(), 1 << 20);
    assert_eq!(storage.ask(&storage.ada, "POST", "/orders/documents", fits).await.0, 201);
    let one = format!("{{\"t\":\"{}\"}}", "x".repeat((1 << 20) - 7));
    assert_eq!(
        storage.ask(&storage.ada, "POST", "/orders/documents", serde_json::from_str(&one).unwrap()).await.0,
        413
    );
    let batch = |n: usize| json!({"documents": (0..n).map(|n| json!({"n": n})).collect::<Vec<_>>()});
    assert_eq!(storage.ask(&storage.ada, "POST", "/orders/documents:batch", batch(1_000)).await.0, 201);
    assert_eq!(storage.ask(&storage.ada, "POST", "/orders/documents:batch", batch(1_001)).await.0, 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w094_one_tenants_worst_queries_do_not_hold_up_anothers() {
    let storage = Storage::with("orders").await;
    let documents: Vec<Value> = (0..400).map(|n| json!({"n": n, "l": (0..60).collect::<Vec<i32>>()})).collect();
    storage.fill(&storage.ada, "orders", json!(documents)).await;
    let acme = storage.world.app.tenant("acme", Settings::default()).await;
    let theirs = storage.world.app.api_key(&acme, "storage:admin storage:read storage:write").await;
    let call = async |method: &str, path: &str, body: Value| {
        storage.world.app.api(method, &format!("/t/acme/api/v1/storage{path}"), &theirs, Some(body)).await
    };
    call("PUT", "/orders", json!({})).await;
    call("PUT", "/orders/documents/a", json!({"n": 1})).await;
    let pipeline = json!([{"$unwind": "$l"}, {"$addFields": {"m": "$l"}}, {"$group": {"_id": {"$mod": ["$n", 7]}, "x": {"$sum": {"$reduce": {
        "input": {"$range": [0, 40]}, "initialValue": 0, "in": {"$add": ["$$value", "$$this", "$l"]}}}}}}]);
    let worst = || storage.ask(&storage.ada, "POST", "/orders/documents:aggregate", json!({ "pipeline": pipeline }));
    let others = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let start = Instant::now();
            let found = call("POST", "/orders/documents:query", json!({"filter": {"n": 1}})).await;
            assert_eq!(found["data"][0]["_id"], "a");
            slowest = slowest.max(start.elapsed());
        }
        slowest
    };
    let worst = futures_util::future::join_all((0..5).map(|_| worst()));
    let (ended, slowest) = tokio::join!(worst, others);
    for (status, told) in ended {
        assert!(status == 200 || status == 422, "{status} {told}");
    }
    // Five seconds is what a query may take: whoever waits behind one waits as long.
    assert!(slowest < Duration::from_secs(5), "the neighbour waited {slowest:?}");
}
