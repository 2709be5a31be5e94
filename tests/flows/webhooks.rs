//! Webhooks: what happens in a tenant is told to whom it wants to know, once it is so, however often somebody falls over.

use chancery::accounts::NewUser;
use chancery::base::{Actor, Seconds};
use chancery::store::users::{Profile, Role};
use chancery::webhooks::Outcome;
use serde_json::{Value, json};

use super::support::PASSWORD;
use super::support::receiver::{Answer, Receiver};
use super::support::told::Telling;

#[tokio::test]
async fn w109_what_happened_is_told_once_to_each_who_wants_to_know_and_what_was_taken_back_to_nobody() {
    let (telling, receiver, other) = (Telling::new().await, Receiver::start().await, Receiver::start().await);
    telling.user("before@demo.test").await;
    telling.fan_out().await;
    let (_, secret) = telling.endpoint(&receiver.url, &["user.*"]).await;
    telling.endpoint(&other.url, &["user.deleted"]).await;
    let id = telling.user("ada@demo.test").await;
    let twice = json!({ "email": "ADA@demo.test", "password": PASSWORD });
    assert_eq!(telling.call("POST", "/users", Some(twice)).await.status, 409);
    assert_eq!(telling.tell().await, [Outcome::Delivered]);
    assert!(telling.tell().await.is_empty(), "once");
    let received = receiver.received();
    let [told] = &received[..] else { panic!("{received:?}") };
    let message = told.verified(&secret, telling.app.clock.now()).unwrap();
    assert_eq!((message.kind.as_str(), message.id.as_str()), ("user.created", told.id()));
    let body = told.json();
    assert_eq!(body["tenant"], json!({ "id": telling.tenant.id, "slug": "demo", "name": "demo" }));
    assert_eq!(body["timestamp"], "2026-01-01T00:00:00Z");
    assert_eq!(body["data"]["user"]["id"], id);
    assert_eq!(body["data"]["user"]["email"], "ada@demo.test");
    assert_eq!(told.header("content-type"), Some("application/json"));
    assert!(told.header("user-agent").unwrap().starts_with("chancery/"));
    assert_eq!(telling.call("DELETE", &format!("/users/{id}"), None).await.status, 200);
    telling.tell().await;
    assert_eq!(other.told(), ["user.deleted"]);
    let told = receiver.received().remove(0).json();
    assert_eq!(told["data"]["user"]["email"], "ada@demo.test", "who is gone is still told of: {told}");
}

#[tokio::test]
async fn w109_many_who_read_the_audit_trail_at_once_make_one_delivery_of_each_event() {
    let (telling, receiver) = (Telling::new().await, Receiver::start().await);
    let (endpoint, _) = telling.endpoint(&receiver.url, &["user.created"]).await;
    for number in 0..12 {
        telling.user(&format!("person{number}@demo.test")).await;
    }
    telling.app.app.audit.seal().await.unwrap();
    let readers = (0..6).map(|_| {
        let webhooks = telling.app.app.webhooks.clone();
        tokio::spawn(async move { webhooks.fan_out().await.unwrap() })
    });
    for reader in readers.collect::<Vec<_>>() {
        reader.await.unwrap();
    }
    assert_eq!(telling.log(&endpoint, "limit=200").await.len(), 12);
}

#[tokio::test]
async fn w109_w110_who_dies_while_telling_is_followed_by_another_who_tells_the_same() {
    let (telling, receiver) = (Telling::new().await, Receiver::start().await);
    let (_, secret) = telling.endpoint(&receiver.url, &["user.created"]).await;
    telling.user("ada@demo.test").await;
    telling.fan_out().await;
    receiver.answers([Answer::Silence]);
    let webhooks = telling.app.app.webhooks.clone();
    let dying = tokio::spawn(async move { webhooks.deliver_due().await });
    let first = loop {
        if let Some(first) = receiver.received().pop() {
            break first;
        }
        tokio::task::yield_now().await;
    };
    dying.abort();
    assert!(telling.deliver().await.is_empty(), "its lease holds");
    telling.pass(30);
    assert_eq!(telling.deliver().await, [Outcome::Delivered]);
    let second = receiver.received().remove(0);
    assert_eq!((second.id(), &second.body), (first.id(), &first.body));
    assert_ne!(second.header("webhook-timestamp"), first.header("webhook-timestamp"), "each attempt has its time");
    assert!(second.verified(&secret, telling.app.clock.now()).is_ok());
}

#[tokio::test]
async fn w110_what_fails_is_told_again_for_most_of_a_day_and_then_somebody_hears_that_it_was_given_up() {
    let (telling, receiver, watcher) = (Telling::new().await, Receiver::start().await, Receiver::start().await);
    let (endpoint, _) = telling.endpoint(&receiver.url, &["*"]).await;
    telling.endpoint(&watcher.url, &["webhook.*"]).await;
    telling.user("ada@demo.test").await;
    telling.fan_out().await;
    receiver.answers([500, 404, 429, 301, 502, 503, 400, 500, 500].map(Answer::Status));
    let begun = telling.app.clock.now();
    let (mut tries, mut last) = (Vec::new(), begun);
    while telling.log(&endpoint, "state=waiting").await.len() == 1 {
        tries.extend(telling.deliver().await);
        if let Some(received) = receiver.received().pop() {
            last = telling.app.clock.now();
            assert_eq!(received.kind(), "user.created");
        }
        telling.pass(900);
    }
    assert_eq!(tries.len(), 9, "{tries:?}");
    assert_eq!(tries.last(), Some(&Outcome::Exhausted));
    assert!(last.since(begun) >= Seconds(7 * 3_600), "{last:?}");
    let listed = telling.log(&endpoint, "state=exhausted").await.remove(0);
    let path = format!("/webhooks/{endpoint}/deliveries/{}", listed["id"].as_str().unwrap());
    let shown = telling.call("GET", &path, None).await.data;
    let log = shown["log"].as_array().unwrap();
    assert_eq!((log.len(), &log[1]["status"], &log[1]["error"]), (9, &json!(404), &json!("status 404")));
    assert_eq!(log[3]["error"], "status 301: redirects are not followed");
    assert_eq!(log[0]["excerpt"], "so it is [2J", "what it answered, and nothing that moves a cursor");
    assert_eq!(shown["payload"]["type"], "user.created");
    telling.tell().await;
    let alarm = watcher.received().remove(0).json();
    assert_eq!((&alarm["type"], &alarm["data"]["target"]), (&json!("webhook.exhausted"), &json!(endpoint)));
    assert_eq!(alarm["data"]["detail"]["event_id"], shown["event_id"]);
    assert!(receiver.told().is_empty(), "it is not told of its own troubles");
}

#[tokio::test]
async fn w110_given_up_deliveries_are_sent_once_more_by_hand_with_the_same_id() {
    let (telling, receiver) = (Telling::new().await, Receiver::start().await);
    let (endpoint, secret) = telling.endpoint(&receiver.url, &["user.created"]).await;
    telling.user("ada@demo.test").await;
    telling.tell().await;
    let first = receiver.received().remove(0);
    let delivery = telling.log(&endpoint, &format!("event_id={}", first.id())).await.remove(0);
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(1)));
    let path = format!("/webhooks/{endpoint}/deliveries/{}/redeliver", delivery["id"].as_str().unwrap());
    assert_eq!(telling.call("POST", &path, None).await.status, 202);
    assert_eq!(telling.deliver().await, [Outcome::Delivered]);
    let again = receiver.received().remove(0);
    assert_eq!((again.id(), &again.body), (first.id(), &first.body));
    assert!(again.verified(&secret, telling.app.clock.now()).is_ok());
    assert_eq!(telling.audited("webhook.redelivered").await, 1);
    let nobodys = format!("/webhooks/{endpoint}/deliveries/{}/redeliver", telling.tenant.id);
    assert_eq!(telling.call("POST", &nobodys, None).await.status, 404);
}

#[tokio::test]
async fn a_receiver_says_when_to_come_back_and_when_never() {
    let (telling, receiver) = (Telling::new().await, Receiver::start().await);
    let (endpoint, _) = telling.endpoint(&receiver.url, &["user.created"]).await;
    telling.user("ada@demo.test").await;
    receiver.answers([Answer::RetryAfter(600), Answer::Status(410)]);
    assert_eq!(telling.tell().await, [Outcome::Waits]);
    telling.pass(599);
    assert!(telling.deliver().await.is_empty());
    telling.user("grace@demo.test").await;
    telling.fan_out().await;
    telling.pass(1);
    assert_eq!(telling.deliver().await, [Outcome::Exhausted], "of an endpoint that fails, one is tried at a time");
    let shown = telling.call("GET", &format!("/webhooks/{endpoint}"), None).await.data;
    assert_eq!((&shown["status"], &shown["disabled_because"]), (&json!("disabled"), &json!("gone")));
    assert_eq!(telling.audited("webhook.disabled").await, 1);
    telling.pass(86_400);
    assert!(telling.deliver().await.is_empty());
    assert_eq!(telling.log(&endpoint, "state=held").await.len(), 1, "what was on its way waits");
    assert_eq!(telling.call("POST", &format!("/webhooks/{endpoint}/test"), None).await.status, 409);
    let enable = json!({ "status": "enabled" });
    let shown = telling.call("PATCH", &format!("/webhooks/{endpoint}"), Some(enable)).await.data;
    assert_eq!((&shown["disabled_because"], &shown["failing_since"]), (&Value::Null, &Value::Null));
    assert_eq!(telling.deliver().await, [Outcome::Delivered], "and goes on");
}

#[tokio::test]
async fn an_endpoint_that_takes_nothing_for_days_is_disabled_and_the_others_hear_of_it() {
    let (telling, receiver, watcher) = (Telling::new().await, Receiver::start().await, Receiver::start().await);
    let (endpoint, _) = telling.endpoint(&receiver.url, &["user.created"]).await;
    telling.endpoint(&watcher.url, &["webhook.disabled"]).await;
    let admin = NewUser {
        email: Some("root@demo.test".parse().unwrap()),
        email_verified: true,
        username: None,
        password: None,
        role: Role::Admin,
        profile: Profile::default(),
    };
    telling.app.app.accounts.create(&telling.tenant, admin, &Actor::operator()).await.unwrap();
    receiver.answers(std::iter::repeat_n(Answer::Status(500), 99));
    for day in 0..6 {
        let shown = telling.call("GET", &format!("/webhooks/{endpoint}"), None).await.data;
        assert_eq!(shown["status"], "enabled", "day {day}");
        telling.user(&format!("person{day}@demo.test")).await;
        telling.tell().await;
        telling.pass(86_400);
    }
    let shown = telling.call("GET", &format!("/webhooks/{endpoint}"), None).await.data;
    assert_eq!((&shown["status"], &shown["disabled_because"]), (&json!("disabled"), &json!("failing")));
    telling.tell().await;
    assert_eq!(watcher.told(), ["webhook.disabled"]);
    let mail = telling.app.mail_to("root@demo.test", "webhook-disabled").await;
    assert!(mail.content.text.contains("127.0.0.1"), "{}", mail.content.text);
}

#[tokio::test]
async fn w111_while_a_secret_is_replaced_both_sign_and_then_the_new_one_alone() {
    let (telling, receiver) = (Telling::new().await, Receiver::start().await);
    let (endpoint, old) = telling.endpoint(&receiver.url, &["*"]).await;
    let path = format!("/webhooks/{endpoint}/rotate-secret");
    let rotated = telling.call("POST", &path, Some(json!({ "overlap_seconds": 3_600 }))).await;
    assert_eq!((rotated.status, &rotated.data["previous_secret_until"]), (200, &json!("2026-01-01T01:00:00Z")));
    let new = rotated.data["secret"].as_str().unwrap().to_owned();
    let send = async || {
        assert_eq!(telling.call("POST", &format!("/webhooks/{endpoint}/test"), None).await.status, 202);
        assert_eq!(telling.deliver().await, [Outcome::Delivered]);
        let received = receiver.received().remove(0);
        let now = telling.app.clock.now();
        [&old, &new].map(|secret| received.verified(secret, now).is_ok())
    };
    assert_eq!(send().await, [true, true]);
    telling.pass(3_600);
    assert_eq!(send().await, [false, true]);
    let at_once = telling.call("POST", &path, Some(json!({ "overlap_seconds": 0 }))).await;
    assert_eq!(at_once.data["previous_secret_until"], Value::Null);
    assert_eq!(send().await, [false, false]);
    assert_eq!(telling.call("POST", &path, Some(json!({ "overlap_seconds": -1 }))).await.status, 422);
    assert_eq!(telling.audited("webhook.secret_rotated").await, 2);
}

#[tokio::test]
async fn an_endpoint_is_told_of_what_it_names_and_of_the_rest_nothing() {
    let (telling, receiver) = (Telling::new().await, Receiver::start().await);
    let (endpoint, _) = telling.endpoint(&receiver.url, &["user.updated", "client.*"]).await;
    let user = telling.user("ada@demo.test").await;
    let rename = json!({ "name": "Ada" });
    assert_eq!(telling.call("PATCH", &format!("/users/{user}"), Some(rename)).await.status, 200);
    telling.tell().await;
    assert_eq!(receiver.told(), ["user.updated"]);
    let everything = json!({ "events": ["*"], "description": "all" });
    assert_eq!(telling.call("PATCH", &format!("/webhooks/{endpoint}"), Some(everything)).await.status, 200);
    telling.user("grace@demo.test").await;
    telling.tell().await;
    assert_eq!(receiver.told(), ["user.created"]);
    let off = json!({ "status": "disabled" });
    assert_eq!(telling.call("PATCH", &format!("/webhooks/{endpoint}"), Some(off)).await.status, 200);
    telling.user("eve@demo.test").await;
    telling.tell().await;
    assert!(receiver.told().is_empty());
}

#[tokio::test]
async fn who_names_documents_hears_which_were_changed_and_never_what_they_say() {
    let (telling, receiver, other) = (Telling::new().await, Receiver::start().await, Receiver::start().await);
    let key = telling.app.api_key(&telling.tenant, "storage:read storage:write storage:admin").await;
    let store = async |method: &str, path: &str, body: Value| {
        let body = (!body.is_null()).then_some(body);
        let told = telling.app.call(method, &format!("/storage/orders{path}"), Some(&key), body).await;
        assert!(told.status < 300, "{told:?}");
    };
    store("PUT", "", json!({})).await;
    store("POST", "/documents", json!({ "_id": "before" })).await;
    telling.endpoint(&receiver.url, &["document.*"]).await;
    telling.endpoint(&other.url, &["*"]).await;
    store("POST", "/documents", json!({ "_id": "first", "note": "between-us-alone" })).await;
    store("PUT", "/documents/first", json!({ "note": "still-between-us" })).await;
    store("DELETE", "/documents/first", Value::Null).await;
    telling.tell().await;
    let received = receiver.received();
    let mut told: Vec<_> = received.iter().map(super::support::receiver::Received::kind).collect();
    told.sort();
    assert_eq!(told, ["document.created", "document.deleted", "document.updated"]);
    for received in &received {
        let document = &received.json()["data"]["document"];
        assert_eq!((&document["collection"], &document["id"]), (&json!("orders"), &json!("first")));
        assert!(!received.body.contains("between"), "{}", received.body);
    }
    assert!(!other.told().iter().any(|kind| kind.starts_with("document.")));
    assert!(telling.tell().await.is_empty(), "once");
}
