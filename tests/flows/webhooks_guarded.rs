//! Webhooks against those who would misuse them: private addresses, redirects, other tenants, secrets.

use axum::body::Body;
use axum::http::Request;
use chancery::store::tenants::Settings;
use chancery::webhooks::{Outcome, verify_aegis};
use serde_json::{Value, json};

use super::support::PASSWORD;
use super::support::receiver::{Answer, Receiver};
use super::support::told::Telling;

#[tokio::test]
async fn w112_c5_an_address_that_is_private_is_neither_registered_nor_connected_to() {
    let (telling, receiver) = (Telling::configured(|_| {}).await, Receiver::start().await);
    for bad in [
        "http://hooks.example/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/",
        "https://10.1.2.3/",
        "https://[::1]/",
        "https://[fd00:ec2::254]/",
        "https://0x7f000001/",
        "https://me:pw@hooks.example/",
        "javascript:alert(1)",
        "",
    ] {
        let told = telling.call("POST", "/webhooks", Some(json!({ "url": bad }))).await;
        assert_eq!(told.status, 422, "{bad}: {told:?}");
    }
    // A name tells where it leads to only when it is looked up.
    let port = receiver.url.split([':', '/']).nth(4).unwrap();
    let (endpoint, _) = telling.endpoint(&format!("https://localhost:{port}/"), &["*"]).await;
    telling.user("ada@demo.test").await;
    assert_eq!(telling.tell().await, [Outcome::Waits]);
    let failed = telling.log(&endpoint, "").await.remove(0);
    assert_eq!(failed["last_error"], "the URL leads to an address that must not be reached");
    assert!(receiver.received().is_empty(), "nobody even connected");
    let moved = json!({ "url": "https://127.0.0.1/" });
    assert_eq!(telling.call("PATCH", &format!("/webhooks/{endpoint}"), Some(moved)).await.status, 422);
}

#[tokio::test]
async fn w112_the_operator_can_allow_a_network() {
    let (telling, receiver) = (
        Telling::configured(|config| config.outbound.allow_private = vec!["127.0.0.0/8".to_owned()]).await,
        Receiver::start().await,
    );
    let url = receiver.url.replace("http://", "https://");
    let (endpoint, _) = telling.endpoint(&url, &["*"]).await;
    telling.user("ada@demo.test").await;
    assert_eq!(telling.tell().await, [Outcome::Waits]);
    let failed = telling.log(&endpoint, "").await.remove(0);
    assert_eq!(failed["last_error"], "no connection could be made", "it is reached, and speaks no TLS");
}

#[tokio::test]
async fn w112_a_redirect_leads_nowhere() {
    let (telling, receiver, inner) = (Telling::new().await, Receiver::start().await, Receiver::start().await);
    let (endpoint, _) = telling.endpoint(&receiver.url, &["*"]).await;
    receiver.answers([Answer::Redirect(inner.url.clone())]);
    telling.user("ada@demo.test").await;
    assert_eq!(telling.tell().await, [Outcome::Waits]);
    assert_eq!((receiver.received().len(), inner.received().len()), (1, 0));
    assert_eq!(telling.log(&endpoint, "").await[0]["last_status"], 307);
}

#[tokio::test]
async fn w123_who_never_answers_holds_up_nobody_else() {
    let telling = Telling::configured(|config| {
        config.testing.http_callbacks = true;
        config.webhooks.timeout = 1;
    })
    .await;
    let (slow, good) = (Receiver::start().await, Receiver::start().await);
    telling.endpoint(&slow.url, &["user.created"]).await;
    telling.endpoint(&good.url, &["user.created"]).await;
    slow.answers(std::iter::repeat_n(Answer::Silence, 99));
    for number in 0..3 {
        telling.user(&format!("person{number}@demo.test")).await;
    }
    let outcomes = telling.tell().await;
    let of = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    assert_eq!((of(Outcome::Delivered), of(Outcome::Waits)), (3, 3), "{outcomes:?}");
    assert_eq!(good.told().len(), 3);
}

#[tokio::test]
async fn x2_a_tenant_hears_of_itself_alone_and_nobody_else_finds_its_webhooks() {
    let (telling, receiver, theirs) = (Telling::new().await, Receiver::start().await, Receiver::start().await);
    let (endpoint, _) = telling.endpoint(&receiver.url, &["*"]).await;
    let acme = telling.app.tenant("acme", Settings::default()).await;
    let key = telling.app.api_key(&acme, "webhooks:read webhooks:write users:write").await;
    let there = "/t/acme/api/v1/webhooks";
    let made = telling.app.api("POST", there, &key, Some(json!({ "url": theirs.url }))).await;
    assert_eq!(made["data"]["status"], "enabled", "{made}");
    let eve = json!({ "email": "eve@acme.test", "password": PASSWORD });
    telling.app.api("POST", "/t/acme/api/v1/users", &key, Some(eve)).await;
    telling.user("ada@demo.test").await;
    telling.tell().await;
    for (receiver, own, other) in [(&receiver, "ada@demo.test", "eve@acme"), (&theirs, "eve@acme.test", "ada@demo")] {
        let received = receiver.received();
        assert!(received.iter().any(|told| told.body.contains(own)), "{received:?}");
        assert!(!received.iter().any(|told| told.body.contains(other)), "{received:?}");
    }
    let delivery = telling.log(&endpoint, "").await.remove(0)["id"].as_str().unwrap().to_owned();
    for (method, path) in [
        ("GET", format!("{there}/{endpoint}")),
        ("PATCH", format!("{there}/{endpoint}")),
        ("DELETE", format!("{there}/{endpoint}")),
        ("POST", format!("{there}/{endpoint}/rotate-secret")),
        ("POST", format!("{there}/{endpoint}/test")),
        ("GET", format!("{there}/{endpoint}/deliveries")),
        ("GET", format!("{there}/{endpoint}/deliveries/{delivery}")),
        ("POST", format!("{there}/{endpoint}/deliveries/{delivery}/redeliver")),
    ] {
        let body = matches!(method, "PATCH" | "POST").then(|| json!({}));
        assert_eq!(telling.app.api(method, &path, &key, body).await["status"], 404, "{method} {path}");
    }
    let listed = telling.app.api("GET", there, &key, None).await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn w004_no_message_and_no_answer_tells_a_secret() {
    let (telling, receiver) = (Telling::new().await, Receiver::start().await);
    let (endpoint, secret) = telling.endpoint(&receiver.url, &["*", "file.downloaded"]).await;
    let user = telling.user("ada@demo.test").await;
    let key = telling.app.api_key(&telling.tenant, "users:read").await;
    let login = telling.app.log_in("ada@demo.test").await;
    let wrong = json!({ "identifier": "ada@demo.test", "password": "wr0ng-but-kept-nowhere" });
    assert_eq!(telling.app.call("POST", "/auth/login", None, Some(wrong)).await.status, 401);
    let forgot = json!({ "email": "ada@demo.test" });
    assert_eq!(telling.app.call("POST", "/auth/forgot-password", None, Some(forgot)).await.status, 202);
    assert_eq!(telling.call("POST", &format!("/users/{user}/suspend"), None).await.status, 200);
    let rotated = telling.call("POST", &format!("/webhooks/{endpoint}/rotate-secret"), Some(json!({}))).await.data;
    while !telling.tell().await.is_empty() {}
    let received = receiver.received();
    let kinds: Vec<_> = received.iter().map(super::support::receiver::Received::kind).collect();
    for kind in ["user.created", "key.created", "user.login", "user.login_failed", "user.suspended"] {
        assert!(kinds.iter().any(|told| told == kind), "{kind} is missing: {kinds:?}");
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let secrets = [
        secret.clone(),
        text(&rotated["secret"]),
        key,
        PASSWORD.to_owned(),
        "wr0ng-but-kept-nowhere".to_owned(),
        text(&login["access_token"]),
        "$argon2".to_owned(),
    ];
    for told in &received {
        for secret in &secrets {
            assert!(!told.body.contains(secret.as_str()), "{secret} in {}", told.body);
        }
    }
    for path in ["/webhooks".to_owned(), format!("/webhooks/{endpoint}")] {
        let shown = telling.call("GET", &path, None).await.body.to_string();
        assert!(!shown.contains("whsec_") && !shown.contains(&secret), "W-117: {shown}");
    }
    let stored = chancery::store::webhooks::by_id(&telling.app.app.db, &telling.tenant.id, &endpoint).await.unwrap();
    let stored = format!("{:?}", stored.unwrap().sealed_secrets);
    assert!(stored.contains("eyJ") && !stored.contains(secret.trim_start_matches("whsec_")), "{stored}");
}

#[tokio::test]
async fn receivers_of_aegis_keep_working_with_their_own_secret() {
    let (telling, receiver) = (Telling::new().await, Receiver::start().await);
    let own = "5f0c1e7a9b3d4826a1c2e3f405162738";
    let wish = json!({ "url": receiver.url, "events": ["user.*"], "scheme": "aegis-v1", "secret": own });
    let (_, secret) = telling.endpoint_as(wish).await;
    assert_eq!(secret, own);
    let user = telling.user("ada@demo.test").await;
    telling.tell().await;
    let received = receiver.received().remove(0);
    let now = telling.app.clock.now();
    let message = verify_aegis(|name| received.header(name), &received.body, &own.into_secret(), now).unwrap();
    let expected = json!({
        "event_id": received.id(), "event_type": "user.created", "site_uuid": telling.tenant.id, "user_uuid": user,
        "email": "ada@demo.test", "aegis_role": "user", "timestamp": now.0,
    });
    assert_eq!(message.body, expected);
    assert_eq!(received.header("x-aegis-event"), Some("user.created"));
    assert!(received.header("webhook-signature").is_some(), "and those of Standard Webhooks besides");
}

trait IntoSecret {
    fn into_secret(self) -> chancery::base::Secret;
}

impl IntoSecret for &str {
    fn into_secret(self) -> chancery::base::Secret {
        chancery::base::Secret::new(self)
    }
}

#[tokio::test]
async fn w055_who_may_look_may_not_change_and_a_stranger_may_nothing() {
    let telling = Telling::new().await;
    let read = telling.app.api_key(&telling.tenant, "webhooks:read").await;
    let wish = json!({ "url": "https://hooks.example/" });
    let (endpoint, _) = telling.endpoint_as(wish.clone()).await;
    let one = format!("/webhooks/{endpoint}");
    assert_eq!(telling.app.call("GET", &one, Some(&read), None).await.status, 200);
    for (method, path) in [
        ("POST", "/webhooks".to_owned()),
        ("PATCH", one.clone()),
        ("DELETE", one.clone()),
        ("POST", format!("{one}/rotate-secret")),
        ("POST", format!("{one}/test")),
    ] {
        assert_eq!(telling.app.call(method, &path, Some(&read), Some(json!({}))).await.status, 403, "{method} {path}");
        assert_eq!(telling.app.call(method, &path, None, Some(json!({}))).await.status, 401, "{method} {path}");
    }
    let request = Request::get("/t/demo/api/v1/webhooks").body(Body::empty()).unwrap();
    assert_eq!(telling.app.send(request).await.status, 401);
}
