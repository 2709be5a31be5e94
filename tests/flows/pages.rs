//! The pages that need no sign-in.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chancery::base::Seconds;
use chancery::mail::{Letter, Recipient};
use chancery::store::tenants::{Branding, Settings, Tenant};

use crate::support::{PASSWORD, Person, TestApp, World, routes};

#[tokio::test]
async fn s6_every_page_is_sent_under_the_strict_policy() {
    let app = TestApp::start().await;
    for path in ["/", "/nothing/here", "/dev/mailbox", "/t/nobody/login"] {
        let answer = app.get(path).await;
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "W-132: {part} in {policy} of {path}");
        }
        assert!(!policy.contains("unsafe"), "W-132: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(["no-referrer", "same-origin"].contains(&answer.header("referrer-policy")), "{path}");
        assert!(!answer.header("content-type").is_empty() && answer.body.contains("data-page="), "{path}");
    }
}

#[tokio::test]
async fn s6_whatever_page_there_is_loads_nothing_from_elsewhere_and_runs_nothing_inline() {
    let world = World::new().await;
    let mut tenant = world.tenant.clone();
    (tenant.settings.0.self_registration, tenant.settings.0.sign_in.email_code) = (true, true);
    let by = chancery::base::Actor::operator();
    world.app.app.tenants.change(&world.app.clock, &tenant, "tenant.updated", &by).await.unwrap();
    let mut signed_in = Person::default();
    signed_in.open(&world.app, "/t/demo/login").await;
    let form = [("username", "ada@demo.test"), ("password", PASSWORD)];
    assert_eq!(signed_in.submit(&world.app, "login-form", &form).await.page(), "account");
    let mut seen = BTreeSet::new();
    for route in routes::all().into_iter().filter(|route| route.methods.contains("GET")) {
        let inside = Person { cookies: signed_in.cookies.clone(), ..Person::default() };
        for mut person in [Person::default(), inside] {
            let answer = person.open(&world.app, &route.at("demo")).await;
            if !answer.header("content-type").starts_with("text/html") {
                continue;
            }
            let (policy, path) = (answer.header("content-security-policy"), &route.path);
            for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
                assert!(policy.contains(part), "W-132: {part} in {policy} of {path}");
            }
            assert!(!policy.contains("unsafe"), "W-132: {policy} of {path}");
            assert_eq!(
                (answer.header("x-content-type-options"), answer.header("cache-control")),
                ("nosniff", "no-store")
            );
            assert!(["no-referrer", "same-origin"].contains(&answer.header("referrer-policy")), "{path}");
            for foreign in ["src=\"http", "rel=\"stylesheet\" href=\"http", " onclick=", " style=", "javascript:"] {
                assert!(!answer.body.contains(foreign), "{foreign} on {path}");
            }
            let scripts = answer.body.matches("<script").count();
            assert_eq!(scripts, answer.body.matches("<script src=\"/").count(), "an inline script on {path}");
            seen.insert(answer.page().to_owned());
        }
    }
    for page in ["account", "account-passkeys", "login", "signup", "forgot-password", "error", "logout"] {
        assert!(seen.contains(page), "{page} is not among {seen:?}");
    }
}

/// What the guide calls a page's hooks is on it.
#[test]
fn w128_the_guide_to_the_pages_names_what_is_there() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("templates");
    let read = |folder: PathBuf| {
        let files = std::fs::read_dir(folder).unwrap().flatten().map(|file| file.path()).filter(|path| path.is_file());
        files.map(|file| std::fs::read_to_string(file).unwrap()).collect::<String>()
    };
    let all = read(folder.clone())
        + &read(folder.join("pages"))
        + &read(folder.join("pages/console"))
        + &read(folder.join("parts"))
        + &read(folder.join("parts/console"));
    let rows = include_str!("../../docs/guides/pages.md").lines().filter(|line| line.starts_with("| `"));
    let mut named = 0;
    for row in rows {
        for code in row.split('`').skip(1).step_by(2) {
            let Some((_, id)) = code.split_once('#') else { continue };
            let id = id.split('[').next().unwrap();
            assert!(all.contains(&format!("id=\"{id}\"")), "nothing has the id {id}: {row}");
            named += 1;
        }
    }
    assert!(named > 80, "{named}");
}

#[tokio::test]
async fn the_start_page_links_to_files_that_may_be_kept_for_ever() {
    let app = TestApp::start().await;
    let start = app.get("/").await;
    assert_eq!(start.page(), "start");
    let href = start.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let css = app.get(href).await;
    assert_eq!(css.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(css.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(app.get("/static/chancery.css").await.header("cache-control"), "public, max-age=300");
    let missing = app.get("/static/../Cargo.toml").await;
    assert_eq!((missing.status.as_u16(), missing.page()), (404, "error"));
}

#[tokio::test]
async fn w067_a_server_that_is_not_for_development_shows_no_tenant_and_no_developer_pages() {
    let app = TestApp::configured(|config| config.dev = false).await;
    assert!(!app.get("/").await.body.contains("/t/"));
    for path in ["/dev/mailbox", "/dev/mailbox/a/b", "/dev/app", "/dev/app/callback"] {
        assert_eq!(app.get(path).await.status.as_u16(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_tenant_has_its_colours() {
    let app = TestApp::start().await;
    let branding = Branding { logo_uri: None, color: Some("#aa3366".to_owned()) };
    app.tenant("pink", Settings { branding, ..Settings::default() }).await;
    app.tenant("plain", Settings::default()).await;
    let css = app.get("/t/pink/brand.css").await;
    assert_eq!(css.header("content-type"), "text/css; charset=utf-8");
    assert!(css.body.contains("--accent:#aa3366"));
    assert_eq!(app.get("/t/plain/brand.css").await.body, "");
}

#[tokio::test]
async fn the_mailbox_shows_what_was_written() {
    let app = TestApp::start().await;
    let tenant = app.tenant("demo", Settings::default()).await;
    let tenant = Tenant { name: "<b>Demo</b>".to_owned(), ..tenant };
    let mut person = Person::default();
    assert!(person.open(&app, "/dev/mailbox").await.body.contains("mailbox-empty"));
    let to = Recipient::new("ada@demo.test".parse().unwrap());
    let link = "http://localhost:8080/t/demo/verify?token=x".to_owned();
    app.write(&tenant, &to, &Letter::VerifyEmail { link, lifetime: Seconds(3_600) }).await;
    let list = person.open(&app, "/dev/mailbox").await;
    assert!(list.body.contains("&#60;b&#62;Demo"), "S5: a mailed value is shown as text");
    let href = list.body.split("href=\"").find(|href| href.starts_with("/dev/mailbox/")).unwrap();
    let shown = person.open(&app, href.split('"').next().unwrap()).await;
    assert!(shown.body.contains("href=\"http://localhost:8080/t/demo/verify?token=x\""));
}

#[tokio::test]
async fn the_developers_application_sends_the_browser_to_sign_in_with_pkce() {
    let app = TestApp::start().await;
    app.tenant("demo", Settings::default()).await;
    let mut person = Person::default();
    let page = person.open(&app, "/dev/app").await;
    assert_eq!(page.page(), "dev-app");
    assert!(page.header("set-cookie").contains("Path=/dev"), "{}", page.header("set-cookie"));
    let forged = app.post("/dev/app/sign-in", &[("csrf", "x")], &[]).await;
    assert_eq!((forged.status.as_u16(), forged.page()), (403, "error"), "W-044");
    let sent = person.submit_only(&app, "sign-in-form", &[]).await;
    assert_eq!(sent.status.as_u16(), 303);
    let location = sent.header("location");
    assert!(location.starts_with("http://localhost:8080/t/demo/oauth/authorize?"), "{location}");
    assert!(location.contains("code_challenge_method=S256"));
    let strange = person.open(&app, "/dev/app/callback?code=x&state=y&iss=z").await;
    assert!(strange.body.contains("dev-error"), "S1: an answer that this browser did not ask for");
}

#[tokio::test]
async fn a_tenant_at_its_own_domain_has_its_pages_and_its_cookie_at_the_root() {
    let app = TestApp::start().await;
    let settings = Settings { domain: Some("login.acme.example".to_owned()), ..Settings::default() };
    let tenant = app.tenant("acme", settings).await;
    let now = app.clock.now();
    let db = &app.app.db;
    chancery::store::tenants::add_domain(db, &tenant.id, "login.acme.example", Some(now), now).await.unwrap();
    let request = axum::http::Request::get("/login").header("host", "login.acme.example");
    let answer = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.page(), "login", "{}", answer.body);
    assert!(answer.body.contains("action=\"/login\""));
    assert!(answer.header("set-cookie").ends_with("Path=/"), "{}", answer.header("set-cookie"));
    let elsewhere = app.get("/login").await;
    assert_eq!(elsewhere.status.as_u16(), 404, "X3: nobody lives at the platform's root");
}
