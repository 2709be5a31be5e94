//! How a request says which tenant it is about, and what of a request never says it (W-065, W-066, X3, S7).

use axum::body::Body;
use axum::http::Request;
use chancery::base::Slug;
use chancery::store::tenants::{self, Settings};
use serde_json::Value;

use super::support::{Answer, SECRET, TestApp, World};

pub(super) const DOMAIN: &str = "id.acme.test";

/// Where a tenant can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Path,
    WellKnown,
    Slug,
    Id,
    Host,
}

/// `demo`, and `acme` at a domain of its own.
pub(super) async fn two() -> World {
    let world = World::new().await;
    let settings = Settings { domain: Some(DOMAIN.to_owned()), ..Settings::default() };
    let acme = world.app.tenant("acme", settings).await;
    let now = world.app.clock.now();
    tenants::add_domain(&world.app.app.db, &acme.id, DOMAIN, Some(now), now).await.unwrap();
    tenants::add_domain(&world.app.app.db, &world.tenant.id, "id.demo.test", Some(now), now).await.unwrap();
    tenants::add_domain(&world.app.app.db, &world.tenant.id, "unproven.test", None, now).await.unwrap();
    world
}

pub(super) async fn ask(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

async fn named(app: &TestApp, hints: &[(Place, &str)]) -> Answer {
    let (mut path, mut headers) = ("/oauth/jwks".to_owned(), Vec::new());
    for (place, slug) in hints {
        let id = match slug.parse::<Slug>() {
            Ok(slug) => tenants::by_slug(&app.app.db, &slug).await.unwrap().map(|tenant| tenant.id.to_string()),
            Err(_) => None,
        };
        match place {
            Place::Path => path = format!("/t/{slug}/oauth/jwks"),
            Place::WellKnown => path = format!("/.well-known/openid-configuration/t/{slug}"),
            Place::Slug => headers.push(("x-tenant-slug", (*slug).to_owned())),
            Place::Id => headers.push(("x-tenant-id", id.unwrap_or_else(|| (*slug).to_owned()))),
            Place::Host => headers.push(("host", format!("id.{slug}.test"))),
        }
    }
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    ask(app, &path, &headers).await
}

#[tokio::test]
async fn w065_w066_x3_two_hints_agree_or_the_request_is_refused() {
    let world = two().await;
    let places = [Place::Path, Place::WellKnown, Place::Slug, Place::Id, Place::Host];
    for one in places {
        let alone = named(&world.app, &[(one, "acme")]).await;
        assert_eq!(alone.status, 200, "{one:?} names a tenant: {}", alone.body);
        let nobody = named(&world.app, &[(one, "nobody")]).await;
        assert_eq!(nobody.status, 404, "{one:?} names nobody: {}", nobody.body);
        for other in places.into_iter().filter(|other| *other != one) {
            if [one, other] == [Place::Path, Place::WellKnown] || [other, one] == [Place::Path, Place::WellKnown] {
                continue;
            }
            let same = named(&world.app, &[(one, "acme"), (other, "acme")]).await;
            assert_eq!(same.status, 200, "{one:?} and {other:?} agree: {}", same.body);
            let apart = named(&world.app, &[(one, "acme"), (other, "demo")]).await;
            assert_eq!(apart.status, 400, "{one:?} and {other:?} disagree: {}", apart.body);
            if other != Place::Host {
                let unknown = named(&world.app, &[(one, "acme"), (other, "nobody")]).await;
                assert!([400, 404].contains(&unknown.status.as_u16()), "{one:?} and {other:?}: {}", unknown.body);
            }
        }
    }
}

#[tokio::test]
async fn w065_a_header_is_given_once_and_names_a_tenant_as_it_is_written() {
    let world = two().await;
    let id = world.tenant.id.to_string();
    for (headers, status) in [
        (vec![("x-tenant-slug", "demo")], 200),
        (vec![("x-tenant-id", id.as_str())], 200),
        (vec![("x-tenant-slug", "demo"), ("x-tenant-slug", "demo")], 400),
        (vec![("x-tenant-slug", "demo"), ("x-tenant-slug", "acme")], 400),
        (vec![("x-tenant-id", id.as_str()), ("x-tenant-id", id.as_str())], 400),
        (vec![("x-tenant-slug", "")], 404),
        (vec![("x-tenant-slug", "DEMO")], 404),
        (vec![("x-tenant-slug", "demo,acme")], 404),
        (vec![("x-tenant-slug", "../demo")], 404),
        (vec![("x-tenant-slug", "d\u{e9}mo")], 404),
        (vec![("x-tenant-slug", id.as_str())], 404),
        (vec![("x-tenant-id", "demo")], 404),
        (vec![("x-tenant-id", "1")], 404),
        (vec![("host", "localhost:8080"), ("host", "id.acme.test")], 400),
    ] {
        let answer = ask(&world.app, "/oauth/jwks", &headers).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}: {}", answer.body);
        assert_eq!(
            ask(&world.app, "/api/v1/whoami", &headers).await.status.as_u16(),
            if status == 200 { 401 } else { status }
        );
    }
    assert_eq!(ask(&world.app, "/login", &[("x-tenant-slug", "demo")]).await.status, 404, "pages have their address");
    for path in
        ["/t/%64emo/oauth/jwks", "/t/demo%2F..%2Facme/oauth/jwks", "/t/demo/../acme/oauth/jwks", "/t//oauth/jwks"]
    {
        let there = ask(&world.app, path, &[("host", DOMAIN)]).await;
        assert!([400, 404].contains(&there.status.as_u16()), "X3: {path}: {}", there.status);
        let here = ask(&world.app, path, &[("x-tenant-slug", "acme")]).await;
        assert!([400, 404].contains(&here.status.as_u16()), "X3: {path}: {}", here.status);
    }
    let absolute = Request::get("http://id.acme.test/oauth/jwks").header("host", "id.demo.test");
    assert_eq!(world.app.send(absolute.body(Body::empty()).unwrap()).await.status, 400, "two hosts");
}

#[tokio::test]
async fn s7_w082_no_header_changes_an_issuer_an_address_or_a_form() {
    let world = two().await;
    world.confidential("service", &[]).await;
    let usual = world.app.get("/t/demo/.well-known/openid-configuration").await.body;
    for (name, value) in [
        ("host", "evil.test"),
        ("host", "localhost:8080.evil.test"),
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-server", "evil.test"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "1"),
        ("x-forwarded-prefix", "/evil.test"),
        ("x-original-url", "/t/acme/oauth/jwks"),
        ("x-rewrite-url", "/t/acme/oauth/jwks"),
        ("forwarded", "host=evil.test;proto=https"),
        ("origin", "https://evil.test"),
        ("referer", "https://evil.test/"),
    ] {
        let told = [(name, value)];
        assert_eq!(ask(&world.app, "/t/demo/.well-known/openid-configuration", &told).await.body, usual, "{name}");
        let sent = ask(&world.app, &world.authorize(&[]), &told).await;
        assert!(sent.header("location").starts_with("/t/demo/login?request="), "{name}: {sent:?}");
        let login = ask(&world.app, "/t/demo/login", &told).await;
        assert!(login.body.contains("action=\"/t/demo/login\""), "{name}: {}", login.body);
        let refused = ask(&world.app, "/t/demo/api/v1/whoami", &told).await;
        assert!(refused.header("www-authenticate").contains("http://localhost:8080/.well-known/"), "{name}");
        for answer in [&sent, &login, &refused, &ask(&world.app, "/t/demo/nothing", &told).await] {
            assert!(!format!("{:?}{}", answer.headers, answer.body).contains("evil.test"), "{name}: {answer:?}");
        }
        let basic = World::basic("service", SECRET);
        let form = [("grant_type", "client_credentials")];
        let token = world.app.post("/t/demo/oauth/token", &form, &[("authorization", &basic), told[0]]).await;
        let token = serde_json::from_str::<Value>(&token.body).unwrap()["access_token"].as_str().map(str::to_owned);
        assert!(claims(&token.unwrap())["iss"] == "http://localhost:8080/t/demo", "{name}");
    }
}

fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
