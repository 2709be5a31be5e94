//! Domains of a tenant's own: claimed by anybody, had by whoever proves it, and by nobody else (W-068).

use axum::Router;
use axum::routing::get;
use chancery::base::{Actor, Seconds};
use chancery::jobs;
use chancery::store::audit;
use chancery::store::tenants::{Settings, Tenant};
use chancery::store::users::Role;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::names::NameServer;
use crate::support::{TestApp, World};
use crate::tenant_hints::ask;

const DOMAIN: &str = "id.bank.example";
const DAY: Seconds = Seconds(86_400);

/// Two tenants, a name server, and a program of each.
struct House {
    app: TestApp,
    names: NameServer,
    demo: (Tenant, String),
    acme: (Tenant, String),
}

impl House {
    async fn new() -> Self {
        let names = NameServer::start().await;
        let address = names.address.clone();
        let app = TestApp::configured(|config| config.outbound.nameserver = address).await;
        let demo = Self::tenant(&app, "demo").await;
        let acme = Self::tenant(&app, "acme").await;
        Self { app, names, demo, acme }
    }

    async fn tenant(app: &TestApp, slug: &str) -> (Tenant, String) {
        let tenant = app.tenant(slug, Settings::default()).await;
        let key = app.api_key(&tenant, "tenant:read tenant:write").await;
        (tenant, key)
    }

    async fn ask(&self, who: &(Tenant, String), method: &str, path: &str, body: Option<Value>) -> Value {
        let path = format!("/t/{}/api/v1/tenant/domains{path}", who.0.slug);
        let request = axum::http::Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {}", who.1));
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string().into()),
            None => request.body(axum::body::Body::empty()),
        };
        let answer = self.app.send(request.unwrap()).await;
        let mut told: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| json!({}));
        told["http"] = answer.status.as_u16().into();
        told
    }

    /// Claims the domain; the record that would prove it.
    async fn claim(&self, who: &(Tenant, String)) -> (String, String) {
        let told = self.ask(who, "POST", "", Some(json!({ "domain": DOMAIN }))).await;
        assert_eq!((&told["http"], &told["data"]["status"]), (&json!(201), &json!("pending")), "{told}");
        let dns = &told["data"]["challenge"]["dns"];
        (dns["name"].as_str().unwrap().to_owned(), dns["value"].as_str().unwrap().to_owned())
    }

    async fn verify(&self, who: &(Tenant, String)) -> u64 {
        self.ask(who, "POST", &format!("/{DOMAIN}/verify"), None).await["http"].as_u64().unwrap()
    }

    /// Whose pages the domain shows.
    async fn leads(&self) -> Option<String> {
        let answer = ask(&self.app, "/.well-known/openid-configuration", &[("host", DOMAIN)]).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        told["issuer"].as_str().map(str::to_owned)
    }
}

#[tokio::test]
async fn a_domain_is_claimed_proven_and_then_leads_to_its_tenant() {
    let house = House::new().await;
    let (record, text) = house.claim(&house.demo).await;
    assert_eq!(record, "_chancery.id.bank.example");
    assert_eq!((house.verify(&house.demo).await, house.leads().await), (422, None), "a claim is nothing");
    for wrong in ["chancery-domain=", "chancery-domain=x", &format!("{text}x"), &text.to_uppercase()] {
        house.names.tell(&record, &[wrong]);
        assert_eq!(house.verify(&house.demo).await, 422, "{wrong}");
    }
    house.names.tell(DOMAIN, &[&text]);
    house.names.tell(&record, &[]);
    assert_eq!(house.verify(&house.demo).await, 422, "beside the domain, not on it");
    let long = "v=spf1 ".repeat(90);
    house.names.tell(&record, &[&long, &text]);
    assert_eq!(house.verify(&house.demo).await, 200, "an answer too long for a datagram is asked for again");
    assert_eq!(
        house.leads().await.as_deref(),
        Some("http://localhost:8080/t/demo"),
        "the issuer does not move by that"
    );
    let told = house.ask(&house.demo, "GET", "", None).await;
    assert_eq!((&told["data"][0]["status"], &told["data"][0]["primary"]), (&json!("verified"), &json!(false)));

    let there = format!("http://{DOMAIN}:8080");
    let told = house.ask(&house.demo, "PUT", &format!("/{DOMAIN}/primary"), None).await;
    assert_eq!((&told["data"]["issuer"], house.leads().await), (&json!(there), Some(there.clone())));
    assert_eq!(house.ask(&house.demo, "DELETE", &format!("/{DOMAIN}"), None).await["http"], 409, "the issuer is there");
    assert_eq!(house.ask(&house.demo, "DELETE", &format!("/{DOMAIN}/primary"), None).await["http"], 200);
    assert_eq!(house.ask(&house.demo, "DELETE", &format!("/{DOMAIN}/primary"), None).await["http"], 409);
    assert_eq!(house.ask(&house.demo, "DELETE", &format!("/{DOMAIN}"), None).await["http"], 204);
    assert_eq!((house.leads().await, house.verify(&house.demo).await), (None, 404));
    let rows = audit::page(&house.app.app.db, &house.demo.0.id, "", 50).await.unwrap();
    let told: Vec<_> = rows.iter().map(|row| row.action.as_str()).filter(|name| name.starts_with("tenant.")).collect();
    assert_eq!(
        told,
        [
            "tenant.domain_added",
            "tenant.domain_verified",
            "tenant.issuer_moved",
            "tenant.issuer_moved",
            "tenant.domain_removed"
        ]
    );
}

#[tokio::test]
async fn w068_a_claim_keeps_nobody_out_and_a_proof_is_not_taken_away() {
    let house = House::new().await;
    let (record, squatters) = house.claim(&house.acme).await;
    let (_, owners) = house.claim(&house.demo).await;
    assert_ne!(squatters, owners, "what proves one claim proves no other");
    house.names.tell(&record, &[&owners]);
    assert_eq!(house.verify(&house.acme).await, 422, "another's record is no proof");
    assert_eq!(house.verify(&house.demo).await, 200, "who claims later and proves it has it");
    house.names.tell(&record, &[&owners, &squatters]);
    assert_eq!(house.verify(&house.acme).await, 409, "while the proof stands nobody else gets it");
    assert_eq!(house.leads().await.as_deref(), Some("http://localhost:8080/t/demo"));
    house.ask(&house.demo, "PUT", &format!("/{DOMAIN}/primary"), None).await;

    house.names.tell(&record, &[&squatters]);
    assert_eq!(house.verify(&house.acme).await, 200, "the domain was sold");
    assert_eq!(house.leads().await.as_deref(), Some("http://localhost:8080/t/acme"));
    assert_eq!(house.app.context("demo").await.issuer, "http://localhost:8080/t/demo", "and the issuer is back");
    assert_eq!(house.verify(&house.demo).await, 422);
    let rows = audit::page(&house.app.app.db, &house.demo.0.id, "", 50).await.unwrap();
    assert!(rows.iter().any(|row| row.action == "tenant.domain_lost" && row.target.as_deref() == Some(DOMAIN)));
}

#[tokio::test]
async fn a_domain_that_operators_answer_for_is_not_taken_by_proof() {
    let house = House::new().await;
    let mut tenant = house.app.app.tenants.look_up("demo").await.unwrap();
    tenant.settings.0.domain = Some(DOMAIN.to_owned());
    house.app.app.tenants.change(&house.app.clock, &tenant, "tenant.updated", &Actor::operator()).await.unwrap();
    let (record, text) = house.claim(&house.acme).await;
    house.names.tell(&record, &[&text]);
    assert_eq!(house.verify(&house.acme).await, 409);
}

#[tokio::test]
async fn what_is_no_domain_or_not_theirs_is_not_claimed() {
    let house = House::new().await;
    for bad in
        ["", "localhost", "LOCALHOST:8080", "127.0.0.1", "[::1]", "https://id.bank.example", "a/b", "*.bank.example"]
    {
        let told = house.ask(&house.demo, "POST", "", Some(json!({ "domain": bad }))).await;
        assert_eq!(told["http"], 422, "{bad}: {told}");
    }
    let told = house.ask(&house.demo, "POST", "", Some(json!({ "domain": DOMAIN, "verified_at": 1 }))).await;
    assert_eq!(told["http"], 400);
    let (_, first) = house.claim(&house.demo).await;
    assert_eq!(house.claim(&house.demo).await.1, first, "claiming again changes nothing");
    for (method, path) in [("DELETE", "/id.bank.example"), ("PUT", "/id.bank.example/primary")] {
        assert_eq!(house.ask(&house.acme, method, path, None).await["http"], 404, "{method} of another's claim");
    }
    assert_eq!(house.ask(&house.demo, "PUT", &format!("/{DOMAIN}/primary"), None).await["http"], 422, "unproven");
    for number in 1..20 {
        let wish = json!({ "domain": format!("d{number}.example") });
        assert_eq!(house.ask(&house.demo, "POST", "", Some(wish)).await["http"], 201);
    }
    assert_eq!(house.ask(&house.demo, "POST", "", Some(json!({ "domain": "more.example" }))).await["http"], 403);
}

#[tokio::test]
async fn a_page_proves_a_domain_and_we_never_serve_it_ourselves() {
    let names = NameServer::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let page = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let shown = page.clone();
    let site = Router::new().fallback(get(move || {
        let text = shown.lock().unwrap().clone();
        async move { text }
    }));
    tokio::spawn(async move { axum::serve(listener, site).await });
    let app = TestApp::configured(|config| {
        config.public_url = format!("http://127.0.0.1:{port}").parse().unwrap();
        config.outbound.nameserver = names.address.clone();
        config.testing.http_callbacks = true;
    })
    .await;
    let demo = House::tenant(&app, "demo").await;
    let acme = House::tenant(&app, "acme").await;
    let house = House { app, names, demo, acme };
    let told = house.ask(&house.demo, "POST", "", Some(json!({ "domain": "localhost" }))).await;
    let challenge = &told["data"]["challenge"]["http"];
    let text = challenge["body"].as_str().unwrap().to_owned();
    let place = format!("/.well-known/chancery-domain/{}", house.demo.0.id);
    assert_eq!(challenge["url"], format!("http://localhost:{port}{place}"));
    for path in [place.clone(), format!("/t/demo{place}")] {
        let ours = ask(&house.app, &path, &[("host", "localhost")]).await;
        assert!(ours.status == 404 && !ours.body.contains(&text), "what merely leads here proves nothing");
    }
    let verify = async || house.ask(&house.demo, "POST", "/localhost/verify", None).await["http"].clone();
    for wrong in [String::new(), format!("{text}x"), format!("<html>{text}"), house.demo.0.id.to_string()] {
        *page.lock().unwrap() = wrong;
        assert_eq!(verify().await, 422);
    }
    *page.lock().unwrap() = format!("{text}\n");
    assert_eq!(verify().await, 200);
}

#[tokio::test]
async fn proven_domains_are_looked_at_again() {
    let house = House::new().await;
    let (record, text) = house.claim(&house.demo).await;
    house.names.tell(&record, &[&text]);
    assert_eq!(house.verify(&house.demo).await, 200);
    house.names.tell(&record, &[]);
    let failing = async || {
        jobs::round(&house.app.app, "one").await.unwrap();
        house.ask(&house.demo, "GET", "", None).await["data"][0]["failing_since"].clone()
    };
    assert_eq!(failing().await, Value::Null, "not every minute");
    house.app.clock.advance(Seconds(DAY.0 + 1));
    assert_eq!(failing().await, "2026-01-02T00:00:01Z");
    assert!(house.leads().await.is_some(), "a name server that fails takes nothing away");
    house.names.tell(&record, &[&text]);
    house.app.clock.advance(Seconds(DAY.0 + 1));
    assert_eq!(failing().await, Value::Null);
}

#[tokio::test]
async fn only_owners_among_people_decide_about_domains() {
    let world = World::new().await;
    let token = world.scoped("ada@demo.test", "tenant:read tenant:write").await;
    let wish = || Some(json!({ "domain": DOMAIN }));
    world.promote("ada@demo.test", Role::Admin).await;
    assert_eq!(world.ask(&token, "POST", "/tenant/domains", wish()).await.0, 403);
    assert_eq!(world.ask(&token, "GET", "/tenant/domains", None).await.0, 200);
    world.promote("ada@demo.test", Role::Owner).await;
    assert_eq!(world.ask(&token, "POST", "/tenant/domains", wish()).await.0, 201);
}
