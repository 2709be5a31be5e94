//! A collector of traces takes what the started server measured: a request is part of its caller's trace, and no span
//! tells a secret, a person or a query.

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::Place;
use crate::support::people::{Client, Person};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const UNRECORDED: &str = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-00f067aa0ba902b7-00";

/// What came: its `Authorization`, and the message.
type Taken = (Option<String>, Value);

/// A collector of OTLP over HTTP, and what it has taken.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Taken>>>);

impl Collector {
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let taken = Arc::clone(&self.0);
        let take = move |headers: HeaderMap, Json(message): Json<Value>| async move {
            let authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
            taken.lock().unwrap().push((authorization, message));
            Json(serde_json::json!({}))
        };
        let router = axum::Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    fn spans(&self) -> Vec<Value> {
        let taken = self.0.lock().unwrap();
        let of = |message: &Value| message["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().cloned();
        taken.iter().filter_map(|(_, message)| of(message)).flatten().collect()
    }
}

#[tokio::test]
async fn a_request_is_part_of_its_callers_trace_and_no_span_tells_a_secret() {
    let collector = Collector::default();
    let endpoint = collector.start().await;
    let place = Place::new().await.with("CHANCERY_TELEMETRY__OTLP_ENDPOINT", &endpoint);
    let place = place.with("CHANCERY_TELEMETRY__OTLP_AUTHORIZATION", "Api-Token of-the-collector");
    let server = place.start().await;
    let client = Client::register(&server.place, &["first_party=true"]);
    let form = [("grant_type", "client_credentials")];
    let ask = |place: String| {
        let request = server.http.post(format!("{}/oauth/token", server.issuer("demo"))).form(&form);
        request.basic_auth(&client.id, Some(&client.secret)).header("traceparent", place).send()
    };
    let answer = ask(format!("00-{TRACE}-00f067aa0ba902b7-01")).await.unwrap();
    assert_eq!(answer.status(), 200);
    let token = answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(ask(UNRECORDED.to_owned()).await.unwrap().status(), 200);
    let sought =
        server.http.get(format!("{}/api/v1/docs?q=made-up-query", server.issuer("demo"))).send().await.unwrap();
    assert_eq!(sought.status(), 200);
    let ada = Person::of_dev(&server.place, "demo");
    let (email, password) = (ada.email.clone(), ada.password.clone());
    ada.sign_in(&server, &client, "profile").await;
    let secret = client.secret.clone();
    let (place, ended) = server.end().await;
    assert!(ended.success());

    let spans = collector.spans();
    let ours: Vec<_> = spans.iter().filter(|span| span["traceId"] == TRACE).collect();
    assert_eq!(ours.len(), 1, "{spans:#?}");
    assert_eq!(ours[0]["name"], "POST /t/{tenant}/oauth/token");
    assert_eq!((&ours[0]["parentSpanId"], &ours[0]["kind"]), (&"00f067aa0ba902b7".into(), &2.into()));
    let nanos = |name: &str| ours[0][name].as_str().unwrap().parse::<u64>().unwrap();
    assert!(
        nanos("endTimeUnixNano") > nanos("startTimeUnixNano") && nanos("startTimeUnixNano") > 1_700_000_000_000_000_000
    );
    assert!(spans.len() > 5, "sign-in has left spans, too");
    let all = serde_json::to_string(&spans).unwrap();
    assert!(!all.contains(&"a".repeat(32)), "a caller that does not want to be recorded is not");
    for private in [&secret, &token, &email, &password, "made-up-query", "127.0.0.1"] {
        assert!(!all.contains(private), "{private} is in a span");
    }
    let (authorization, message) = collector.0.lock().unwrap()[0].clone();
    assert_eq!(authorization.as_deref(), Some("Api-Token of-the-collector"));
    assert!(message["resourceSpans"][0]["resource"].to_string().contains("service.name"));
    assert!(!place.log().contains("of-the-collector"));
    place.remove().await;
}

#[tokio::test]
async fn a_collector_that_is_away_costs_nobody_anything() {
    let place = Place::new().await.with("CHANCERY_TELEMETRY__OTLP_ENDPOINT", "http://127.0.0.1:1");
    let server = place.start().await;
    let client = Client::of_dev(&server.place, "demo", "service");
    for _ in 0..20 {
        assert_eq!(client.own_token(&server.http).await.unwrap().status, 200);
    }
    let (place, ended) = server.end().await;
    assert!(ended.success());
    place.remove().await;
}
