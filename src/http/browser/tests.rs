//! The browser layer, over a real router and store.

use axum::Router;
use axum::body::Body;
use axum::http::HeaderValue;
use axum::middleware::from_fn;
use axum::routing::get;

use super::*;
use crate::store::browser_sessions::Shelf;
use crate::store::reader::Reader;
use crate::store::testing::{databases, tenant};

fn browser(request: Request) -> (Browser, HeaderMap) {
    let (parts, _) = request.into_parts();
    (Browser::of(&parts).unwrap(), parts.headers)
}

async fn page(request: Request) -> String {
    let (browser, _) = browser(request);
    let sign_in = browser.sign_in().await.unwrap().map_or("nobody".to_owned(), |id| id.to_string());
    format!("{} {} {sign_in}", browser.csrf().await.unwrap(), browser.name().await.unwrap())
}

async fn enter(request: Request) -> String {
    let (browser, headers) = browser(request);
    let token = headers.get("x-token").map(|token| token.to_str().unwrap());
    if let Err(Stop::Refused(refusal)) = browser.check(&headers, token).await {
        return refusal.code.as_str().to_owned();
    }
    browser.signed_in(&SessionId::from("sid-1"), Role::User).await.unwrap();
    browser.csrf().await.unwrap()
}

async fn leave(request: Request) -> String {
    browser(request).0.signed_out().await.unwrap();
    String::new()
}

struct Site {
    router: Router,
}

impl Site {
    async fn new(issuer: &str) -> Self {
        let db = databases().await.remove(0);
        let tenant: TenantId = tenant(&db, "demo").await;
        let sessions = BrowserSessions {
            shelf: Shelf::Database(db.clone(), Reader::start(db)),
            tenant,
            clock: Clock::fixed(Timestamp(1)),
            anonymous: Seconds(60),
            signed_in: Seconds(600),
            beside: FoundBeside::default(),
        };
        let place = Place::below(issuer).unwrap();
        let layer = from_fn(move |request: Request, next: Next| with(place.clone(), sessions.clone(), request, next));
        let router = Router::new().route("/", get(page).post(enter).delete(leave)).layer(layer);
        Self { router }
    }

    async fn send(&self, method: &str, headers: &[(&str, &str)]) -> (String, Option<String>) {
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let cookie = answer.headers().get(header::SET_COOKIE).map(|it: &HeaderValue| it.to_str().unwrap().to_owned());
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        (String::from_utf8(body.to_vec()).unwrap(), cookie)
    }
}

fn value(cookie: Option<String>) -> String {
    cookie.unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn s3_the_cookie_is_for_this_tenant_this_host_and_no_script() {
    let cookie = Site::new("https://id.example/t/demo").await.send("GET", &[]).await.1.unwrap();
    assert!(cookie.starts_with("__Secure-chancery="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/t/demo"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Domain"));
    let cookie = Site::new("https://login.acme.example").await.send("GET", &[]).await.1.unwrap();
    assert!(cookie.starts_with("__Host-chancery=") && cookie.ends_with("Path=/"), "{cookie}");
    let cookie = Site::new("http://localhost:8080/t/demo").await.send("GET", &[]).await.1.unwrap();
    assert!(cookie.starts_with("chancery=") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn s1_signing_in_and_out_changes_the_cookie_and_the_old_one_is_nobody() {
    let site = Site::new("http://localhost:8080/t/demo").await;
    let (before, cookie) = site.send("GET", &[]).await;
    let (token, name) = (before.split(' ').next().unwrap(), before.split(' ').nth(1).unwrap());
    let old = value(cookie);
    let (new_token, cookie) = site.send("POST", &[("cookie", &old), ("x-token", token)]).await;
    let new = value(cookie);
    assert_ne!(old, new);
    assert_ne!(token, new_token);
    let (after, _) = site.send("GET", &[("cookie", &new)]).await;
    assert_eq!(after, format!("{new_token} {name} sid-1"), "waiting requests are still found");
    assert!(site.send("GET", &[("cookie", &old)]).await.0.ends_with("nobody"));
    site.send("DELETE", &[("cookie", &new)]).await;
    assert!(site.send("GET", &[("cookie", &new)]).await.0.ends_with("nobody"), "S4: the old cookie after sign-out");
}

#[tokio::test]
async fn w044_a_form_needs_its_token_and_its_origin() {
    let site = Site::new("http://localhost:8080/t/demo").await;
    let (before, cookie) = site.send("GET", &[]).await;
    let (token, cookie) = (before.split(' ').next().unwrap(), value(cookie));
    let good = [("cookie", cookie.as_str()), ("x-token", token)];
    let forged: [&[(&str, &str)]; 5] = [
        &[good[0]],
        &[good[1]],
        &[good[0], ("x-token", "")],
        &[good[0], good[1], ("origin", "https://evil.test")],
        &[good[0], good[1], ("origin", "null"), ("sec-fetch-site", "cross-site")],
    ];
    for headers in forged {
        assert_eq!(site.send("POST", headers).await.0, "forgery", "{headers:?}");
    }
    let headers = [good[0], good[1], ("origin", "http://localhost:8080")];
    assert_ne!(site.send("POST", &headers).await.0, "forgery");
}

#[tokio::test]
async fn a_malformed_or_unknown_cookie_is_a_new_browser() {
    let site = Site::new("http://localhost:8080/t/demo").await;
    for cookie in ["chancery=", "chancery=x", "chancery=AAAAAAAAAAAAAAAAAAAAAA", "chancery=%00", "x"] {
        assert!(site.send("GET", &[("cookie", cookie)]).await.0.ends_with("nobody"), "{cookie}");
    }
}
