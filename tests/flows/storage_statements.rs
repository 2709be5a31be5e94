//! What is said never means more than it says: no text of a caller's reaches SQL, no change meets more than it names (D3, D4,
//! W-092).

use serde_json::{Value, json};

use super::support::storage::{Storage, encoded};

#[tokio::test]
async fn d3_names_values_sorts_and_cursors_never_reach_sql() {
    let storage = Storage::with("orders").await;
    let hostile = [
        "'",
        "\"",
        "'; DROP TABLE documents; --",
        "$1",
        "?",
        "\\",
        "') OR 1=1 --",
        "a'b\"c",
        "%",
        "_",
        "$.a",
        "[0]",
        "@",
        "\u{1f600}",
        "`",
        "/*",
    ];
    for (n, word) in hostile.iter().enumerate() {
        let body = json!({"_id": format!("d{n}"), "word": word, "o": {word.replace(['.', '$'], "-"): n}});
        let (status, told) = storage.ask(&storage.ada, "POST", "/orders/documents", body).await;
        assert_eq!(status, 201, "{word}: {told}");
    }
    for (n, word) in hostile.iter().enumerate() {
        let found =
            storage.ids(&storage.ada, &format!("/orders/documents?filter={}", encoded(&json!({ "word": word })))).await;
        assert_eq!(found, [format!("d{n}")], "{word}");
        let name = format!("o.{}", word.replace(['.', '$'], "-"));
        let body = json!({"filter": {name.as_str(): n}, "sort": {name.as_str(): -1}, "projection": {name.as_str(): 1}, "limit": 5});
        let found = storage.good(&storage.ada, "POST", "/orders/documents:query", body).await;
        assert!(found.as_array().unwrap().iter().any(|one| one["_id"] == json!(format!("d{n}"))), "{name}: {found}");
        let pipeline =
            json!([{"$match": {name.as_str(): {"$gte": 0}}}, {"$sort": {name.as_str(): 1}}, {"$project": {"word": 1}}]);
        storage.good(&storage.ada, "POST", "/orders/documents:aggregate", json!({ "pipeline": pipeline })).await;
        let distinct = storage.good(&storage.ada, "POST", "/orders/documents:distinct", json!({ "field": name })).await;
        assert!(distinct.as_array().unwrap().contains(&json!(n)));
        let sort = url::form_urlencoded::byte_serialize(word.as_bytes()).collect::<String>();
        for parameter in ["sort", "fields", "cursor", "limit"] {
            let status =
                storage.ask(&storage.ada, "GET", &format!("/orders/documents?{parameter}={sort}"), Value::Null).await.0;
            assert!(status == 200 || status == 400 || status == 422, "{parameter}={word}: {status}");
        }
        let status = storage
            .ask(&storage.ada, "GET", &format!("/orders/documents/{}", sort.replace('+', "%20")), Value::Null)
            .await
            .0;
        assert!([400, 404].contains(&status), "{word}: {status}");
    }
    assert_eq!(storage.ids(&storage.ada, "/orders/documents").await.len(), hostile.len());
}

#[tokio::test]
async fn d4_w092_a_change_of_many_documents_never_means_more_than_it_says() {
    let storage = Storage::with("orders").await;
    storage.fill(&storage.ada, "orders", json!([{"n": 1}, {"n": 2}, {"n": 3}])).await;
    let path = "/orders/documents";
    for query in [
        "",
        "?filter=",
        "?filter={}",
        "?filter=%7B%7D",
        "?filter=null",
        "?filter=%5B%5D",
        "?filter=1",
        "?filter=%7B",
        "?fliter=%7B%22n%22%3A1%7D",
        "?filter=%7B%22%24fliter%22%3A1%7D",
        "?filter=%7B%22n%22%3A%7B%22%24gtt%22%3A1%7D%7D",
        "?all=yes",
        "?all=1",
        "?filter=%7B%22%24or%22%3A%5B%5D%7D",
        "?filter=%7B%22%24and%22%3A%5B%7B%7D%5D%7D",
        "?filter=%7B%22n%22%3A1%7D&filter=%7B%7D",
        "?filter=undefined",
        "?filter=%7B%22n%22%3A1%2C%22n%22%3A2%7D",
    ] {
        for (method, body) in [("DELETE", Value::Null), ("PATCH", json!({"n": 0}))] {
            let uri = format!("{path}{query}").replace('{', "%7B").replace('}', "%7D");
            let (status, told) = storage.ask(&storage.ada, method, &uri, body).await;
            assert!(status == 400 || status == 422, "{method} {query}: {status} {told}");
        }
    }
    for body in [
        json!({}),
        json!({"filter": null}),
        json!({"filter": {}}),
        json!({"fliter": {"n": 1}}),
        json!({"filter": []}),
        json!({"filter": "{}"}),
        json!({"filter": {"$nor": []}}),
        json!({"filter": {"n": {"$in": "x"}}}),
        json!({"filter": {}, "all": "true"}),
        json!({"filter": {"n": {}, "$bad": 1}}),
        json!({"query": {"n": 1}}),
        json!({"filter": {"$and": [{}]}}),
    ] {
        for verb in ["delete", "update"] {
            let mut body = body.clone();
            if verb == "update" {
                let map = body.as_object_mut().unwrap();
                map.insert("update".to_owned(), json!({"$set": {"n": 0}}));
                map.insert("many".to_owned(), json!(true));
            }
            let (status, told) = storage.ask(&storage.ada, "POST", &format!("{path}:{verb}"), body.clone()).await;
            assert!(status == 400 || status == 422, "{verb} {body}: {status} {told}");
            let mut operation = body.as_object().unwrap().clone();
            operation.remove("many");
            operation.extend(json!({"op": verb, "collection": "orders"}).as_object().unwrap().clone());
            let (status, told) =
                storage.ask(&storage.ada, "POST", ":transaction", json!({"operations": [operation]})).await;
            assert!(status == 400 || status == 422, "transaction {verb} {body}: {status} {told}");
        }
    }
    let left = storage.good(&storage.ada, "GET", &format!("{path}?sort=n&fields=n"), Value::Null).await;
    let left: Vec<&Value> = left.as_array().unwrap().iter().map(|one| &one["n"]).collect();
    assert_eq!(left, [&json!(1), &json!(2), &json!(3)]);
    let undefined = json!({"filter": {"n": {"$gt": 1}, "m": null}});
    assert_eq!(storage.good(&storage.ada, "POST", &format!("{path}:delete"), undefined).await, json!({"deleted": 2}));
    let all = storage.good(&storage.ada, "DELETE", &format!("{path}?all=true"), Value::Null).await;
    assert_eq!(all, json!({"deleted": 1}), "who says all means all, and is told how many");
}
