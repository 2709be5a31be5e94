//! Administrators read what happened: by filters, page by page, as a file, and as it happens (W-130).

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use chancery::base::{Actor, Seconds};
use chancery::store::audit::{Event, record};
use chancery::store::tenants::Settings;
use chancery::store::users::Role;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};

use crate::support::{PASSWORD, World};

/// A world whose administrator reads the trail.
async fn world() -> (World, String) {
    let world = World::new().await;
    let key = world.app.api_key(&world.tenant, "audit:read").await;
    (world, key)
}

async fn actions(world: &World, key: &str, query: &str) -> Vec<String> {
    let (status, rows) = world.ask(key, "GET", &format!("/audit-events{query}"), None).await;
    assert_eq!(status, 200, "{query}: {rows}");
    rows.as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
}

async fn sign_in(world: &World, password: &str) -> u16 {
    let body = json!({ "identifier": "ada@demo.test", "password": password });
    world.app.call("POST", "/auth/login", None, Some(body)).await.status
}

#[tokio::test]
async fn w130_sign_ins_are_there_the_failed_ones_too_with_their_circumstances() {
    let (world, key) = world().await;
    assert_eq!(sign_in(&world, "a wrong password").await, 401);
    assert_eq!(sign_in(&world, PASSWORD).await, 200);
    let ada = world.sub("ada@demo.test").await;
    let (_, rows) = world.ask(&key, "GET", "/audit-events?action=user.login,user.login_failed", None).await;
    let told: Vec<_> = rows.as_array().unwrap().iter().map(|row| (&row["action"], &row["result"])).collect();
    assert_eq!(told[0], (&json!("user.login"), &json!("success")));
    assert_eq!(told[1].0, "user.login_failed");
    assert_ne!(told[1].1, "success");
    assert_eq!((&rows[0]["actor"], &rows[0]["target"]), (&json!(ada), &json!(ada)));
    let request = rows[0]["request_id"].as_str().unwrap();
    let of_request = actions(&world, &key, &format!("?request_id={request}")).await;
    assert!(of_request.contains(&"user.login".to_owned()) && !of_request.contains(&"user.login_failed".to_owned()));
    assert!(!rows.to_string().contains(PASSWORD) && !rows.to_string().contains("a wrong password"));
    let id = rows[1]["id"].as_str().unwrap();
    let (status, one) = world.ask(&key, "GET", &format!("/audit-events/{id}"), None).await;
    assert_eq!((status, &one), (200, &rows[1]));
    assert_eq!(world.ask(&key, "GET", "/audit-events/nobody", None).await.0, 404);
}

#[tokio::test]
async fn each_filter_leaves_out_the_rest_and_pages_follow_each_other() {
    let (world, key) = world().await;
    let begun = world.app.clock.now();
    for n in 0..30_i64 {
        let action = ["report.made", "report.sent", "letter.sent"][usize::try_from(n % 3).unwrap()];
        let event = Event::new(&world.tenant.id, world.app.clock.now(), action).by(format!("actor-{}", n % 2));
        let event = event.on(format!("target-{}", n % 5));
        let event = if n % 10 == 0 { event.result("denied") } else { event };
        record(&world.app.app.db, event).await.unwrap();
        world.app.clock.advance(Seconds(60));
    }
    let at = |minutes: i64| begun.plus(Seconds(60 * minutes)).rfc3339();
    for (query, count) in [
        ("?action=report.made".to_owned(), 10),
        ("?action=report.*".to_owned(), 20),
        ("?action=report.made,letter.*".to_owned(), 20),
        ("?action=nothing.*".to_owned(), 0),
        ("?actor=actor-1".to_owned(), 15),
        ("?actor=actor-1&action=report.*".to_owned(), 10),
        ("?target=target-2".to_owned(), 6),
        ("?result=denied".to_owned(), 3),
        ("?result=denied&target=target-0&actor=actor-0".to_owned(), 3),
        (format!("?action=report.*,letter.*&from={}", at(20)), 10),
        (format!("?action=report.*,letter.*&to={}", at(20)), 20),
        (format!("?from={}&to={}", at(5), at(7)), 2),
        (format!("?from={}", begun.plus(Seconds(60 * 29)).0), 1),
    ] {
        assert_eq!(actions(&world, &key, &query).await.len(), count, "{query}");
    }
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let path = format!("/audit-events?action=report.*&limit=7{cursor}");
        let answer = world.call(&key, "GET", &path, None).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        seen.extend(told["data"].as_array().unwrap().iter().map(|row| row["at"].as_str().unwrap().to_owned()));
        let Some(next) = told["meta"]["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen.len(), 20);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "the newest first, none twice: {seen:?}");
    let (_, kinds) = world.ask(&key, "GET", "/audit-events:actions", None).await;
    assert!(kinds["actions"].as_array().unwrap().contains(&json!("letter.sent")));
    for bad in ["?limit=0", "?cursor=x", "?cursor=1.x;y", "?from=yesterday", "?actr=x", "?action=a&action=b"] {
        assert_eq!(world.ask(&key, "GET", &format!("/audit-events{bad}"), None).await.0, 400, "{bad}");
    }
}

#[tokio::test]
async fn u7_x1_the_trail_is_for_those_with_the_right_to_it_and_each_tenant_has_its_own() {
    let (world, key) = world().await;
    let acme = world.app.tenant("acme", Settings::default()).await;
    let event = Event::new(&acme.id, world.app.clock.now(), "secret.meeting");
    let id = event.id.clone();
    record(&world.app.app.db, event).await.unwrap();
    assert!(!actions(&world, &key, "").await.contains(&"secret.meeting".to_owned()));
    assert_eq!(world.ask(&key, "GET", &format!("/audit-events/{id}"), None).await.0, 404);
    let poor = world.app.api_key(&world.tenant, "users:read clients:read").await;
    let person = world.scoped("ada@demo.test", "audit:read clients:read").await;
    let paths = ["", "/x", ":actions", ":verify", ":export", ":tail"].map(|end| format!("/audit-events{end}"));
    for path in paths.iter().map(String::as_str).chain(["/refusals", "/refusals/x"]) {
        for token in [&poor, &person] {
            assert_eq!(world.ask(token, "GET", path, None).await.0, 403, "{path}");
        }
    }
    world.promote("ada@demo.test", Role::Admin).await;
    assert!(!actions(&world, &person, "").await.is_empty(), "an administrator reads it");
    assert_eq!(world.ask(&key, "DELETE", "/audit-events", None).await.0, 405, "W-130");
}

#[tokio::test]
async fn the_whole_trail_is_read_as_lines_or_as_a_table_and_reading_it_is_an_event() {
    let (world, key) = world().await;
    world.happen(1_100).await;
    let odd = Event::new(&world.tenant.id, world.app.clock.now(), "thing.named").by("=cmd|' /C calc'!A0");
    record(&world.app.app.db, odd.detail(json!({ "name": "a \"b\", c\nd" }))).await.unwrap();
    let answer = world.call(&key, "GET", "/audit-events:export?action=thing.*", None).await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let rows: Vec<Value> = answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows.len(), &rows[0]["action"]), (1_101, &json!("thing.named")));
    let answer =
        world.call(&key, "GET", "/audit-events:export?format=csv&action=thing.named,thing.nothing", None).await;
    assert!(answer.header("content-type").starts_with("text/csv"));
    assert!(answer.body.starts_with("id,seq,at,action,"), "{}", answer.body);
    assert!(answer.body.contains(",thing.named,\"'=cmd|' /C calc'!A0\","), "no table computes this: {}", answer.body);
    assert!(answer.body.contains("\"{\"\"name\"\":\"\"a \\\"\"b\\\"\", c\\nd\"\"}\""), "{}", answer.body);
    let told = actions(&world, &key, "?action=audit.exported").await;
    assert_eq!(told.len(), 2);
    assert_eq!(world.ask(&key, "GET", "/audit-events:export?format=xml", None).await.0, 400);
}

/// The events of a stream.
struct Events {
    body: BodyDataStream,
    text: String,
}

impl Events {
    async fn of(world: &World, key: &str, query: &str, last: Option<i64>) -> Self {
        let mut request = Request::get(format!("/t/demo/api/v1/audit-events:tail{query}"));
        request = request.header("authorization", format!("Bearer {key}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let response = world.app.open(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut events = Self { body: response.into_body().into_data_stream(), text: String::new() };
        events.block().await;
        events
    }

    async fn block(&mut self) -> String {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                return self.text.drain(..end + 2).collect();
            }
            let bytes = tokio::time::timeout(std::time::Duration::from_secs(30), self.body.try_next()).await;
            self.text += std::str::from_utf8(&bytes.unwrap().unwrap().unwrap()).unwrap();
        }
    }

    /// Number, kind and data of the next event.
    async fn next(&mut self) -> (i64, String, Value) {
        let block = self.block().await;
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap();
        (field("id").parse().unwrap(), field("event").to_owned(), serde_json::from_str(field("data")).unwrap())
    }
}

#[tokio::test]
async fn events_are_told_as_they_happen_and_whoever_comes_back_misses_none() {
    let (world, key) = world().await;
    let audit = &world.app.app.audit;
    audit.seal().await.unwrap();
    let mut events = Events::of(&world, &key, "?action=thing.*", None).await;
    world.happen(2).await;
    world.person("new@demo.test").await;
    world.happen(1).await;
    audit.seal().await.unwrap();
    let (first, kind, data) = events.next().await;
    assert_eq!((kind.as_str(), &data["seal"]["seq"]), ("thing.happened", &json!(first)));
    let (second, ..) = events.next().await;
    let (third, ..) = events.next().await;
    assert_eq!((second, third > first + 2), (first + 1, true), "what is between was not asked for");
    drop(events);
    world.happen(1).await;
    audit.seal().await.unwrap();
    let mut again = Events::of(&world, &key, "?action=thing.*", Some(second)).await;
    assert_eq!(again.next().await.0, third);
    assert_eq!(again.next().await.0, third + 1);
    for (last, status) in [("9999", 400), ("x", 400), ("-1", 400)] {
        let request = Request::get("/t/demo/api/v1/audit-events:tail").header("authorization", format!("Bearer {key}"));
        let request = request.header("last-event-id", last).body(Body::empty()).unwrap();
        assert_eq!(world.app.send(request).await.status.as_u16(), status, "{last}");
    }
}

#[tokio::test]
async fn whoever_comes_back_after_the_events_were_removed_is_told_so() {
    let (mut world, _) = world().await;
    let settings = Settings { audit_retention_days: Some(1), ..Settings::default() };
    world.tenant = world.app.tenant("acme", settings).await;
    let key = world.app.api_key(&world.tenant, "audit:read").await;
    world.happen(3).await;
    world.app.app.audit.seal().await.unwrap();
    world.app.clock.advance(Seconds(3 * 86_400));
    assert_eq!(world.app.app.audit.retire().await.unwrap(), 4);
    let request = Request::get("/t/acme/api/v1/audit-events:tail").header("authorization", format!("Bearer {key}"));
    let request = request.header("last-event-id", "2").body(Body::empty()).unwrap();
    assert_eq!(world.app.send(request).await.status.as_u16(), 410);
}

#[tokio::test]
async fn operators_read_the_trail_of_the_operators_tenant_in_the_same_way() {
    let (world, _) = world().await;
    let system = world.app.tenant("system", Settings::default()).await;
    let key = world.app.api_key(&system, "audit:read").await;
    let new = ("made".parse().unwrap(), "Made".to_owned(), Settings::default());
    world.app.app.tenants.create(&world.app.clock, new, &Actor::operator()).await.unwrap();
    let told = world.app.api("GET", "/t/system/api/v1/audit-events", &key, None).await;
    assert_eq!(told["data"][0]["action"], "key.created", "{told}");
    let verdict = world.app.api("GET", "/t/system/api/v1/audit-events:verify", &key, None).await;
    assert_eq!(verdict["data"]["ok"], true);
}
