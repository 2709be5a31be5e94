//! Documents as streams: lines of JSON in and out, and changes as they happen.

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, Response, StatusCode};
use chancery::base::Seconds;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};

use super::support::storage::{Storage, encoded, told};

fn request(token: &str, method: &str, path: &str) -> axum::http::request::Builder {
    let uri = format!("/t/demo/api/v1/storage{path}");
    Request::builder().method(method).uri(uri).header("authorization", format!("Bearer {token}"))
}

async fn import(storage: &Storage, token: &str, how: &str, lines: String) -> (u16, Value) {
    let request = request(token, "POST", &format!("/orders/documents:import{how}"));
    let request = request.header("content-type", "application/x-ndjson").body(Body::from(lines)).unwrap();
    told(&storage.world.app.send(request).await)
}

async fn export(storage: &Storage, token: &str, filter: &str) -> String {
    let request = request(token, "GET", &format!("/orders/documents:export{filter}")).body(Body::empty()).unwrap();
    let answer = storage.world.app.send(request).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/x-ndjson"));
    answer.body
}

#[tokio::test]
async fn what_is_exported_can_be_imported_elsewhere() {
    let storage = Storage::with("orders").await;
    let lines: String = (0..1_203).map(|n| format!("{{\"_id\":\"d{n:04}\",\"n\":{n},\"t\":\"é\\n\"}}\n")).collect();
    let (status, done) = import(&storage, &storage.ada, "", lines).await;
    assert_eq!((status, &done), (200, &json!({"inserted": 1_203, "replaced": 0, "skipped": 0})));
    let whole = export(&storage, &storage.grace, "").await;
    let documents: Vec<Value> = whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents.len(), 1_203);
    assert!(documents.windows(2).all(|pair| pair[0]["_id"].as_str() < pair[1]["_id"].as_str()), "by id");
    let few = export(&storage, &storage.grace, &format!("?filter={}", encoded(&json!({"n": {"$lt": 2}})))).await;
    assert_eq!(few.lines().count(), 2);
    storage.good(&storage.admin, "DELETE", "/orders?confirm=orders", Value::Null).await;
    let open = json!({"rules": {"read": true, "create": true, "update": true, "delete": true}});
    storage.define("orders", open).await;
    let (_, done) = import(&storage, &storage.admin, "", whole.clone()).await;
    assert_eq!(done["inserted"], 1_203);
    let ada = storage.world.sub("ada@demo.test").await;
    let kept = storage.good(&storage.ada, "GET", "/orders/documents/d0007", Value::Null).await;
    assert_eq!((&kept["_owner"], &kept["t"]), (&json!(ada), &json!("é\n")), "who governs says whose they are");
    let (_, done) = import(&storage, &storage.ada, "?on_conflict=skip", whole).await;
    assert_eq!(done["skipped"], 1_203);
}

#[tokio::test]
async fn w096_an_import_ends_at_a_line_that_is_wrong_and_says_what_it_did() {
    let storage = Storage::with("orders").await;
    let lines =
        |range: std::ops::Range<u32>| range.map(|n| format!("{{\"_id\":\"d{n}\",\"n\":{n}}}\n")).collect::<String>();
    let (status, told) = import(&storage, &storage.ada, "", format!("{}no json\n", lines(0..700))).await;
    assert_eq!((status, &told["code"], &told["line"]), (400, &json!("invalid_json"), &json!(701)));
    assert_eq!(told["imported"]["inserted"], 500);
    let (status, told) = import(&storage, &storage.ada, "", "\n{\"_id\":\"d3\"}\n".to_owned()).await;
    assert_eq!((status, &told["code"]), (409, &json!("already_exists")));
    let foreign = "{\"_id\":\"d3\",\"n\":33,\"_rev\":99,\"_owner\":\"grace\"}\n{\"_id\":\"d3\",\"n\":34}".to_owned();
    let (_, done) = import(&storage, &storage.ada, "?on_conflict=replace", foreign).await;
    assert_eq!(done["replaced"], 2);
    let document = storage.good(&storage.ada, "GET", "/orders/documents/d3", Value::Null).await;
    let ada = storage.world.sub("ada@demo.test").await;
    assert_eq!((&document["n"], &document["_rev"], &document["_owner"]), (&json!(34), &json!(3), &json!(ada)));
    assert_eq!(import(&storage, &storage.ada, "?on_conflict=ask", String::new()).await.0, 400);
    let long = format!("{{\"t\":\"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(import(&storage, &storage.ada, "", long).await.0, 413);
}

#[tokio::test]
async fn w097_rules_and_hidden_fields_hold_for_exports_and_imports() {
    let storage = Storage::new().await;
    storage.define("orders", json!({"rules": "owner", "hidden": ["cost"]})).await;
    storage.fill(&storage.admin, "orders", json!([{"_id": "admin"}])).await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "ada"}])).await;
    storage.good(&storage.admin, "PATCH", "/orders/documents/ada", json!({"cost": 3})).await;
    let seen = export(&storage, &storage.ada, "").await;
    assert!(seen.contains("\"ada\"") && !seen.contains("\"admin\"") && !seen.contains("cost"), "{seen}");
    let taken = import(&storage, &storage.ada, "?on_conflict=replace", "{\"_id\":\"admin\",\"n\":1}".to_owned()).await;
    assert_eq!((taken.0, &taken.1["code"]), (404, &json!("not_found")));
    let hidden = import(&storage, &storage.ada, "", "{\"_id\":\"x\",\"cost\":1}".to_owned()).await;
    assert_eq!(hidden.0, 422);
}

/// The events of a stream.
struct Events {
    body: BodyDataStream,
    text: String,
}

impl Events {
    async fn of(storage: &Storage, token: &str, path: &str, last: Option<&str>) -> Self {
        let mut request = request(token, "GET", path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response: Response<Body> = storage.world.app.open(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut events = Self { body: response.into_body().into_data_stream(), text: String::new() };
        assert_eq!(events.next().await.unwrap().0, "");
        events
    }

    /// Event, id, data of the next one.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                    line.unwrap_or_default().to_owned()
                };
                let data = serde_json::from_str(&field("data")).unwrap_or_default();
                return Some((field("event"), field("id"), data));
            }
            let bytes = tokio::time::timeout(std::time::Duration::from_secs(30), self.body.try_next()).await;
            self.text += std::str::from_utf8(&bytes.unwrap().unwrap()?).unwrap();
        }
    }

    /// The next event, and the id of the document.
    async fn short(&mut self) -> (String, String) {
        let (event, _, data) = self.next().await.unwrap();
        (event, data["_id"].as_str().unwrap_or_default().to_owned())
    }
}

fn event(kind: &str, id: &str) -> (String, String) {
    (kind.to_owned(), id.to_owned())
}

#[tokio::test]
async fn changes_are_told_as_they_happen_and_as_the_filter_sees_them() {
    let storage = Storage::with("orders").await;
    let filter = encoded(&json!({"n": {"$gte": 10}}));
    let mut events =
        Events::of(&storage, &storage.grace, &format!("/orders/documents:watch?filter={filter}"), None).await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "a", "n": 5}, {"_id": "b", "n": 10}])).await;
    let (kind, first, data) = events.next().await.unwrap();
    assert_eq!((kind.as_str(), &data["_id"], &data["n"]), ("insert", &json!("b"), &json!(10)));
    storage.good(&storage.ada, "PATCH", "/orders/documents/a", json!({"n": 11})).await;
    assert_eq!(events.short().await, event("insert", "a"), "it has come into view");
    storage.good(&storage.ada, "PATCH", "/orders/documents/a", json!({"n": 12})).await;
    assert_eq!(events.short().await, event("update", "a"));
    storage.good(&storage.ada, "PATCH", "/orders/documents/a", json!({"n": 1})).await;
    let (kind, _, data) = events.next().await.unwrap();
    assert_eq!((kind.as_str(), data), ("delete", json!({"_id": "a"})), "what has left is told by its id alone");
    storage.good(&storage.ada, "DELETE", "/orders/documents/b", Value::Null).await;
    assert_eq!(events.short().await, event("delete", "b"));
    drop(events);
    let path = format!("/orders/documents:watch?filter={filter}");
    let mut again = Events::of(&storage, &storage.grace, &path, Some(&first)).await;
    let mut told = Vec::new();
    for _ in 0..4 {
        told.push(again.short().await.0);
    }
    assert_eq!(told, ["insert", "update", "delete", "delete"], "who comes back misses nothing");
}

#[tokio::test]
async fn w097_who_watches_hears_of_nothing_that_it_may_not_see() {
    let storage = Storage::new().await;
    storage.define("orders", json!({"rules": "owner", "hidden": ["cost"]})).await;
    let mut events = Events::of(&storage, &storage.ada, "/orders/documents:watch", None).await;
    storage.fill(&storage.grace, "orders", json!([{"_id": "of-grace"}])).await;
    storage.fill(&storage.ada, "orders", json!([{"_id": "of-ada"}])).await;
    storage.good(&storage.admin, "PATCH", "/orders/documents/of-ada", json!({"cost": 3, "n": 1})).await;
    assert_eq!(events.short().await, event("insert", "of-ada"));
    let (kind, _, data) = events.next().await.unwrap();
    assert_eq!((kind.as_str(), &data["n"], data.get("cost")), ("update", &json!(1), None));
    let refused = async |path: &str, last: &str| {
        let request = request(&storage.ada, "GET", path).header("last-event-id", last).body(Body::empty()).unwrap();
        let (status, told) = told(&storage.world.app.send(request).await);
        (status, told["code"].as_str().unwrap().to_owned())
    };
    let hidden = format!("/orders/documents:watch?filter={}", encoded(&json!({"cost": 3})));
    assert_eq!(refused(&hidden, "1").await.0, 422);
    assert_eq!(refused("/orders/documents:watch", "999").await, (400, "invalid_cursor".to_owned()));
    assert_eq!(refused("/orders/documents:watch", "one").await, (400, "invalid_cursor".to_owned()));
    storage.world.app.clock.advance(Seconds(86_401));
    chancery::jobs::round(&storage.world.app.app, "test").await.unwrap();
    let request = request(&storage.admin, "GET", "/orders/documents:watch").header("last-event-id", "1");
    let (status, told) = told(&storage.world.app.send(request.body(Body::empty()).unwrap()).await);
    assert_eq!((status, &told["code"]), (410, &json!("cursor_expired")), "the log has forgotten");
}

#[tokio::test]
async fn a_watch_ends_with_its_token_and_when_the_process_ends() {
    let storage = Storage::with("orders").await;
    let mut ada = Events::of(&storage, &storage.ada, "/orders/documents:watch", None).await;
    let mut program = Events::of(&storage, &storage.program, "/orders/documents:watch", None).await;
    storage.world.app.clock.advance(Seconds(7_200));
    let (kind, _, data) = ada.next().await.unwrap();
    assert_eq!((kind.as_str(), &data["code"]), ("end", &json!("invalid_token")));
    assert!(ada.next().await.is_none());
    storage.world.app.app.documents.end_watches();
    assert!(program.next().await.is_none());
    storage.good(&storage.admin, "PATCH", "/orders", json!({"watch": false})).await;
    let unwatched = storage.refused(&storage.program, "GET", "/orders/documents:watch", Value::Null).await;
    assert_eq!(unwatched, (409, "conflict".to_owned()));
}

#[tokio::test]
async fn an_import_is_cut_off_where_it_becomes_too_much_and_says_what_it_did() {
    let app = super::support::TestApp::configured(|config| config.http.import_limit = 40_000).await;
    let storage = Storage::within(super::support::World::within(app).await).await;
    storage.define("orders", json!({"rules": {"read": true, "create": true}})).await;
    let lines = |count: u32| (0..count).map(|n| format!("{{\"_id\":\"d{n:05}\",\"n\":{}}}\n", 100_000 + n));
    let (status, refused) = import(&storage, &storage.ada, "", lines(2_000).collect()).await;
    assert_eq!((status, &refused["code"], &refused["limit"]), (413, &json!("body_too_large"), &json!(40_000)));
    let pieces: Vec<Result<String, std::io::Error>> = lines(2_000).map(Ok).collect();
    let request =
        request(&storage.ada, "POST", "/orders/documents:import").header("content-type", "application/x-ndjson");
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let (status, refused) = told(&storage.world.app.send(request.body(body).unwrap()).await);
    assert_eq!((status, &refused["limit"]), (413, &json!(40_000)), "nobody said how much there would be: {refused}");
    let imported = refused["imported"]["inserted"].as_u64().unwrap();
    assert_eq!((imported, &refused["lines_imported"]), (1_000, &json!(1_000)));
    let count = storage.good(&storage.ada, "POST", "/orders/documents:count", json!({})).await;
    assert_eq!(count["count"], json!(1_000));
}

#[tokio::test]
async fn a_narrowed_token_hears_and_exports_what_it_opens_and_imports_no_more() {
    let storage = Storage::with("orders").await;
    let eu = json!({"region": "eu"});
    let details = json!([
        {"type": "storage", "actions": ["read"], "collections": ["orders"], "filter": eu, "fields": ["n", "region"]},
        {"type": "storage", "actions": ["write"], "collections": ["orders"], "filter": eu},
    ]);
    let narrowed = storage
        .world
        .token_with(&[
            ("sub", json!(storage.world.sub("ada@demo.test").await)),
            ("scope", json!("storage:read storage:write")),
            ("authorization_details", details),
        ])
        .await;
    let mut events = Events::of(&storage, &narrowed, "/orders/documents:watch", None).await;
    let cost = 5_550_155_501_i64;
    storage
        .fill(
            &storage.program,
            "orders",
            json!([
                {"_id": "us", "region": "us", "n": 1}, {"_id": "eu", "region": "eu", "n": 2, "cost": cost},
            ]),
        )
        .await;
    let (kind, _, data) = events.next().await.unwrap();
    assert_eq!((kind.as_str(), &data["_id"], &data["n"], data.get("cost")), ("insert", &json!("eu"), &json!(2), None));
    storage.good(&storage.program, "PATCH", "/orders/documents/us", json!({"n": 9})).await;
    storage.good(&storage.program, "PATCH", "/orders/documents/eu", json!({"region": "us"})).await;
    let (kind, _, data) = events.next().await.unwrap();
    assert_eq!((kind.as_str(), data), ("delete", json!({"_id": "eu"})));
    storage.good(&storage.program, "PATCH", "/orders/documents/eu", eu).await;
    let told_by = export(&storage, &narrowed, "").await;
    assert!(told_by.contains("\"eu\"") && !told_by.contains("\"us\"") && !told_by.contains("5550155501"), "{told_by}");
    let path = format!("/orders/documents:export?filter={}", encoded(&json!({"cost": cost})));
    let hidden = request(&narrowed, "GET", &path).body(Body::empty()).unwrap();
    assert_eq!(storage.world.app.send(hidden).await.status, 422, "what is not opened is not searched");
    let line = |id: &str, region: &str| format!("{{\"_id\":\"{id}\",\"region\":\"{region}\",\"n\":7}}\n");
    let (status, _) = import(&storage, &narrowed, "", line("new-us", "us")).await;
    assert_eq!(status, 403);
    let (status, _) = import(&storage, &narrowed, "?on_conflict=replace", line("us", "eu")).await;
    assert_eq!(status, 404, "what it does not open is not there to be replaced");
    let (status, _) = import(&storage, &narrowed, "?on_conflict=replace", line("eu", "us")).await;
    assert_eq!(status, 403, "nor moved away");
    let (status, done) =
        import(&storage, &narrowed, "?on_conflict=replace", line("eu", "eu") + &line("new-eu", "eu")).await;
    assert_eq!((status, &done["replaced"], &done["inserted"]), (200, &json!(1), &json!(1)));
    let us = storage.good(&storage.admin, "GET", "/orders/documents/us", Value::Null).await;
    assert_eq!((&us["region"], &us["n"]), (&json!("us"), &json!(9)));
    assert_eq!(storage.ids(&storage.admin, "/orders/documents?sort=_id").await, ["eu", "new-eu", "us"]);
}
