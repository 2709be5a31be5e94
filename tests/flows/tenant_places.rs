//! Where a tenant answers and where it does not: suspended, deleted, at a domain of its own, at the root, and to those
//! who name none (W-067).

use axum::body::Body;
use axum::http::Request;
use chancery::base::Actor;
use chancery::store::tenants::{Settings, TenantStatus};
use serde_json::Value;

use super::support::routes;
use super::support::{Answer, PASSWORD, Person, TestApp, World};
use super::tenant_hints::{DOMAIN, ask, two};

/// Every route of a tenant, without anything.
async fn statuses(app: &TestApp, slug: &str) -> Vec<(String, Answer)> {
    let mut seen = Vec::new();
    for route in routes::all().into_iter().filter(routes::Route::is_of_tenant) {
        for method in &route.methods {
            let request = Request::builder().method(*method).uri(route.at(slug));
            let request = request.header("content-type", "application/x-www-form-urlencoded").body(Body::empty());
            seen.push((format!("{method} {}", route.path), app.send(request.unwrap()).await));
        }
    }
    seen
}

#[tokio::test]
async fn a_suspended_tenant_answers_403_everywhere_at_once_and_a_deleted_one_is_nobody() {
    let world = World::new().await;
    let (app, by) = (&world.app.app, Actor::operator());
    let token = world.token(&world.claims().await).await;
    let bearer = format!("Bearer {token}");
    for (route, answer) in statuses(&world.app, "demo").await {
        assert!(!answer.body.to_lowercase().contains("this tenant is suspended"), "{route}: {}", answer.body);
    }
    let id = world.tenant.id.to_string();
    for (status, expected) in [(TenantStatus::Suspended, 403), (TenantStatus::Deleted, 404)] {
        let mut tenant = app.tenants.look_up("demo").await.unwrap();
        tenant.status = status;
        app.tenants.change(&app.clock, &tenant, "tenant.updated", &by).await.unwrap();
        for (route, answer) in statuses(&world.app, "demo").await {
            assert_eq!(answer.status.as_u16(), expected, "{route}: {}", answer.body);
            assert_eq!(
                answer.body.to_lowercase().contains("this tenant is suspended"),
                expected == 403,
                "{route}: {}",
                answer.body
            );
        }
        for headers in [[("authorization", bearer.as_str())], [("x-tenant-id", id.as_str())]] {
            let path = if headers[0].0 == "x-tenant-id" { "/oauth/jwks" } else { "/t/demo/oauth/userinfo" };
            assert_eq!(ask(&world.app, path, &headers).await.status.as_u16(), expected);
        }
    }
}

#[tokio::test]
async fn a_tenants_own_domain_has_its_pages_and_the_one_issuer() {
    let mut world = two().await;
    world.tenant = world.app.context("acme").await.tenant.clone();
    world.person("ada@acme.test").await;
    world.client("calendar", "Agenda", |_| {}).await;
    let issuer = format!("http://{DOMAIN}:8080");
    let well_known = "/.well-known/openid-configuration";
    for (path, host) in [
        (well_known.to_owned(), DOMAIN),
        (well_known.to_owned(), "ID.acme.TEST.:8080"),
        (format!("/t/acme{well_known}"), "localhost:8080"),
        (format!("{well_known}/t/acme"), "localhost:8080"),
    ] {
        let document: Value = serde_json::from_str(&ask(&world.app, &path, &[("host", host)]).await.body).unwrap();
        assert_eq!(document["issuer"], issuer, "{path} at {host}");
        assert_eq!(document["token_endpoint"], format!("{issuer}/oauth/token"));
    }
    let mut ada = Person { host: format!("{DOMAIN}:8080"), ..Person::default() };
    let login = world.authorize(&[]).replace("/t/acme", "");
    assert_eq!(ada.open(&world.app, &login).await.page(), "login");
    let fields = [("username", "ada@acme.test"), ("password", PASSWORD)];
    assert_eq!(ada.submit(&world.app, "login-form", &fields).await.page(), "consent");
    let answer = ada.submit(&world.app, "consent-form", &[("decision", "allow")]).await;
    let location = url::Url::parse(answer.header("location")).unwrap();
    assert!(location.query_pairs().any(|pair| pair == ("iss".into(), issuer.as_str().into())), "A6: {location}");
    for (path, status) in
        [("/healthz", 200), ("/api/v1/health", 200), ("/api/health", 200), ("/static/chancery.css", 200)]
    {
        assert_eq!(ask(&world.app, path, &[("host", DOMAIN)]).await.status.as_u16(), status, "{path}");
    }
    assert_eq!(
        ask(&world.app, "/oauth/jwks", &[("host", "unproven.test")]).await.status,
        404,
        "a domain is proven first"
    );
}

#[tokio::test]
async fn the_default_tenant_is_at_the_root_and_takes_nothing_from_the_platform() {
    let app = TestApp::configured(|config| config.default_tenant = "demo".to_owned()).await;
    app.tenant("demo", Settings::default()).await;
    app.tenant("acme", Settings::default()).await;
    for (path, status) in [
        ("/oauth/jwks", 200),
        ("/login", 200),
        ("/.well-known/openid-configuration", 200),
        ("/api/v1/whoami", 401),
        ("/t/acme/oauth/jwks", 200),
        ("/.well-known/openid-configuration/t/acme", 200),
        ("/", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/api/health", 200),
        ("/api/v1/health", 200),
        ("/static/chancery.css", 200),
        ("/dev/mailbox", 200),
        ("/nothing", 404),
    ] {
        assert_eq!(app.get(path).await.status.as_u16(), status, "{path}");
    }
    assert_eq!(app.get("/").await.page(), "start");
    let own: Value = serde_json::from_str(&app.get("/.well-known/openid-configuration").await.body).unwrap();
    assert_eq!(own["issuer"], "http://localhost:8080/t/demo");
    let acme = ask(&app, "/oauth/jwks", &[("x-tenant-slug", "acme")]).await;
    assert_eq!(acme.body, app.get("/t/acme/oauth/jwks").await.body, "a header comes before the default");
}

#[tokio::test]
async fn w067_who_asks_without_a_name_learns_of_no_tenant() {
    let app = TestApp::configured(|config| config.dev = false).await;
    app.tenant("demo", Settings::default()).await;
    for path in [
        "/",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource",
        "/.well-known/openid-configuration/t/",
        "/.well-known/openid-configuration/t/nobody",
        "/t",
        "/t/",
        "/tenants",
        "/api/v1/tenants",
        "/oauth/jwks",
        "/healthz",
        "/readyz",
        "/dev/app",
        "/dev/mailbox",
    ] {
        let answer = app.get(path).await;
        assert!(!answer.body.contains("demo"), "{path}: {}", answer.body);
        let shown = ["/", "/healthz", "/readyz"].contains(&path);
        assert_eq!(answer.status.as_u16(), if shown { 200 } else { 404 }, "{path}");
    }
}
