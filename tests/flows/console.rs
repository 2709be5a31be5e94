//! Who comes in at the console, and who does not: signed in by our own `OpenID Connect`, as far as their role reaches
//! at every click.

use axum::body::Body;
use axum::http::Request;
use chancery::base::{Actor, Seconds};
use chancery::store::tenants::Settings;
use chancery::store::users::Role;

use super::support::console::{OPERATOR, OWNER, PAGES};
use super::support::{PASSWORD, Person, TestApp, World};

#[tokio::test]
async fn one_signs_in_as_at_any_application_and_comes_to_where_one_wanted() {
    let world = World::with_console().await;
    let (mut owner, answer) = world.at_console(OWNER, "/t/demo/console/settings?q=1").await;
    assert_eq!((answer.status.as_u16(), answer.page()), (200, "console-settings"));
    assert_eq!(owner.at, "/t/demo/console/settings?q=1");
    assert!(answer.header("cache-control").contains("no-store"));
    assert!(!answer.header("content-security-policy").contains("unsafe"));
    let console = world.app.app.clients.look_up(&world.tenant, &"chancery-console".into()).await.unwrap();
    assert!(console.policy.first_party && console.metadata.scope.to_string() == "openid");
    // Who is signed in at the tenant already is not asked again, and a callback that comes twice harms nobody.
    owner.cookies.remove("chancery-console");
    assert_eq!(owner.open(&world.app, "/t/demo/console").await.page(), "console-overview");
    let stray = owner.open(&world.app, "/t/demo/console/callback?code=x&state=y").await;
    assert_eq!(stray.page(), "console-overview");
}

#[tokio::test]
async fn an_answer_to_a_sign_in_that_this_browser_did_not_begin_is_refused() {
    let world = World::with_console().await;
    let mut owner = Person::default();
    owner.open(&world.app, "/t/demo/console").await;
    for query in ["code=x&state=y&iss=z", "error=access_denied", "state=x", ""] {
        let mut other = Person { cookies: owner.cookies.clone(), ..Person::default() };
        let answer = other.open(&world.app, &format!("/t/demo/console/callback?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.page()), (400, "error"), "{query}: {}", answer.body);
        // The sign-in that had begun is over: it is begun again by opening the console.
        owner.open(&world.app, "/t/demo/console").await;
    }
}

#[tokio::test]
async fn every_page_names_its_place_and_where_one_can_go() {
    let world = World::with_console().await;
    let (mut owner, mut operator) = (world.owner_at_console().await, world.operator_at_console().await);
    for (path, name) in PAGES {
        for (person, console) in [(&mut owner, "/t/demo/console"), (&mut operator, "/console/tenants/demo")] {
            let answer = person.open(&world.app, &format!("{console}{path}")).await;
            assert_eq!((answer.status.as_u16(), answer.page()), (200, name), "{console}{path}: {}", answer.body);
            assert_eq!(answer.body.matches("aria-current=\"page\"").count(), 1, "{console}{path}");
            assert_eq!(answer.body.matches("<h1").count(), 1, "{console}{path}");
            assert!(answer.body.contains(&format!("href=\"{console}/clients\"")), "links stay at {console}");
        }
    }
}

#[tokio::test]
async fn whoever_is_not_meant_sees_a_page_that_says_so() {
    let mut world = World::with_console().await;
    let demo = world.tenant.clone();
    world.person_of_role("support@demo.test", Role::Support).await;
    world.tenant = world.app.context("system").await.tenant.clone();
    world.person_of_role("admin@system.test", Role::Admin).await;
    world.tenant = demo;
    for (email, path) in [
        ("ada@demo.test", "/t/demo/console"),
        ("ada@demo.test", "/t/demo/console/keys"),
        ("support@demo.test", "/t/demo/console/keys"),
        ("admin@system.test", "/console"),
        ("admin@system.test", "/console/tenants/demo"),
    ] {
        let (mut person, answer) = world.at_console(email, path).await;
        assert_eq!((answer.status.as_u16(), answer.page()), (403, "console-turned-away"), "{email} {path}");
        assert!(answer.body.contains(email) && answer.body.contains("id=\"request-id\""), "{}", answer.body);
        let posted = person.send_form(&world.app, path, &[("do", "suspend"), ("rotate", "ES256")]).await;
        assert!([403, 405].contains(&posted.status.as_u16()), "{email} {path}");
    }
    // Support looks, and is offered nothing to press.
    let (mut support, overview) = world.at_console("support@demo.test", "/t/demo/console").await;
    assert_eq!(overview.page(), "console-overview");
    assert!(!overview.body.contains("/t/demo/console/keys") && !overview.body.contains("to-new-client"));
    let client = support.open(&world.app, "/t/demo/console/clients/calendar").await;
    assert!(client.page() == "console-client" && !client.body.contains("client-delete"));
    // Nobody has an account at another tenant: there, an owner is a stranger.
    world.app.tenant("acme", Settings::default()).await;
    let mut owner = world.owner_at_console().await;
    assert_eq!(owner.open(&world.app, "/t/acme/console").await.page(), "login");
    assert_eq!(owner.open(&world.app, "/console").await.page(), "login");
    let refused = owner.submit(&world.app, "login-form", &[("username", OWNER), ("password", PASSWORD)]).await;
    assert_eq!(refused.page(), "login");
}

#[tokio::test]
async fn w071_a_role_that_is_lost_is_lost_at_the_next_click() {
    let world = World::with_console().await;
    world.person_of_role("second@demo.test", Role::Owner).await;
    let mut owner = world.owner_at_console().await;
    world.set_role(OWNER, Role::User).await;
    let answer = owner.open(&world.app, "/t/demo/console").await;
    assert_eq!((answer.status.as_u16(), answer.page()), (403, "console-turned-away"));
    world.set_role(OWNER, Role::Admin).await;
    owner.open(&world.app, "/t/demo/console/keys").await;
    world.set_role(OWNER, Role::Support).await;
    let before = world.app.app.keys.list(&world.tenant.id).await.unwrap();
    let answer = owner.submit(&world.app, "rotate-ES256", &[]).await;
    assert_eq!((answer.status.as_u16(), answer.page()), (403, "console-turned-away"));
    assert_eq!(world.app.app.keys.list(&world.tenant.id).await.unwrap(), before);
}

#[tokio::test]
async fn w044_no_form_of_the_console_passes_without_its_token_or_from_elsewhere() {
    let world = World::with_console().await;
    let (mut owner, mut operator) = (world.owner_at_console().await, world.operator_at_console().await);
    for (page, form) in [
        ("/keys", "rotate-RS256"),
        ("/api-keys", "key-form"),
        ("/branding", "branding-form"),
        ("/settings", "settings-form"),
        ("/new-client", "client-form"),
        ("/clients/calendar", "delete-form"),
        ("/mail", "try-form"),
        ("/providers", "provider-form"),
    ] {
        owner.open(&world.app, &format!("/t/demo/console{page}")).await;
        let answer = owner.submit_only(&world.app, form, &[("csrf", "x"), ("kind", "web")]).await;
        assert_eq!((answer.status.as_u16(), answer.page()), (403, "error"), "{page}");
    }
    operator.open(&world.app, "/console/new-tenant").await;
    let answer =
        operator.submit_only(&world.app, "tenant-form", &[("csrf", "x"), ("slug", "evil"), ("name", "E")]).await;
    assert_eq!(answer.status, 403);
    operator.open(&world.app, "/console/new-tenant").await;
    operator.host = "evil.test".to_owned();
    let from_elsewhere = operator.submit_only(&world.app, "tenant-form", &[("slug", "evil"), ("name", "E")]).await;
    assert!(from_elsewhere.status.is_client_error());
    assert!(world.app.app.tenants.look_up("evil").await.is_err());
}

#[tokio::test]
async fn w026_what_is_dangerous_needs_a_fresh_sign_in_and_one_comes_back_to_it() {
    let world = World::with_console().await;
    let mut owner = world.owner_at_console().await;
    owner.open(&world.app, "/t/demo/console/keys").await;
    world.app.clock.advance(Seconds(601));
    let before = world.app.app.keys.list(&world.tenant.id).await.unwrap();
    let asked = owner.submit(&world.app, "rotate-ES256", &[]).await;
    assert_eq!((asked.status.as_u16(), asked.page()), (403, "console-again"), "{}", asked.body);
    assert_eq!(world.app.app.keys.list(&world.tenant.id).await.unwrap(), before);
    let again = asked.body.split_once("id=\"again\"").unwrap().1.split('"').nth(3).unwrap().replace("&#38;", "&");
    assert_eq!(owner.open(&world.app, &again).await.page(), "login");
    let back = owner.submit(&world.app, "login-form", &[("username", OWNER), ("password", PASSWORD)]).await;
    assert_eq!(back.page(), "console-keys");
    assert!(back.body.contains("id=\"console-done\""), "{}", back.body);
    let rotated = owner.submit(&world.app, "rotate-ES256", &[]).await;
    assert!(rotated.page() == "console-keys" && rotated.body.contains("id=\"console-done\""), "{}", rotated.body);
    assert_eq!(
        world.app.app.keys.list(&world.tenant.id).await.unwrap().iter().filter(|key| key.alg == "ES256").count(),
        3
    );
}

#[tokio::test]
async fn s1_the_consoles_cookie_and_the_tenants_open_nothing_of_each_other() {
    let world = World::with_console().await;
    let owner = world.owner_at_console().await;
    let (console, tenant) = (&owner.cookies["chancery-console"], &owner.cookies["chancery"]);
    assert_eq!((console.1.as_str(), tenant.1.as_str()), ("/t/demo/console", "/t/demo"));
    for (cookie, path, expected) in [
        (format!("chancery={}", console.0), "/t/demo/account", "/t/demo/login"),
        (format!("chancery-console={}", tenant.0), "/t/demo/console", "/t/demo/oauth/authorize"),
        (format!("chancery-console={}", console.0), "/console", "/t/system/oauth/authorize"),
    ] {
        let request = Request::get(path).header("cookie", &cookie).body(Body::empty()).unwrap();
        let answer = world.app.send(request).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").contains(expected), "{path}: {}", answer.header("location"));
    }
}

#[tokio::test]
async fn one_signs_out_at_the_tenant_and_is_out_of_the_console() {
    let world = World::with_console().await;
    let mut owner = world.owner_at_console().await;
    assert_eq!(owner.open(&world.app, "/t/demo/console/sign-out").await.page(), "logout");
    let out = owner.submit(&world.app, "logout-form", &[("decision", "logout")]).await;
    assert_eq!((out.status.as_u16(), out.page()), (200, "console-signed-out"), "{}", out.body);
    assert_eq!(owner.open(&world.app, "/t/demo/console").await.page(), "login");
    let mut operator = world.operator_at_console().await;
    assert_eq!(operator.open(&world.app, "/console/sign-out").await.page(), "logout");
    let out = operator.submit(&world.app, "logout-form", &[("decision", "logout")]).await;
    assert_eq!(out.page(), "console-signed-out");
    let (_, back) = world.at_console(OPERATOR, "/console/tenants").await;
    assert_eq!(back.page(), "console-tenants");
}

#[tokio::test]
async fn at_the_platforms_host_the_console_is_the_operators_and_at_a_tenants_own_it_is_the_tenants() {
    let app = TestApp::configured(|config| config.default_tenant = "demo".to_owned()).await;
    let world = World::within(app).await;
    let (app, by) = (&world.app.app, Actor::operator());
    let missing = world.app.get("/console").await;
    assert_eq!((missing.status.as_u16(), missing.page()), (404, "error"));
    assert!(missing.body.contains("chancery init"), "{}", missing.body);
    world.app.tenant("system", Settings::default()).await;
    let asked = world.app.get("/console").await;
    assert!(asked.header("location").starts_with("http://localhost:8080/t/system/oauth/authorize?"), "{asked:?}");
    let mut demo = world.tenant.clone();
    demo.settings.0.domain = Some("id.demo.test".to_owned());
    app.tenants.change(&app.clock, &demo, "tenant.updated", &by).await.unwrap();
    let request = Request::get("/console").header("host", "id.demo.test").body(Body::empty()).unwrap();
    let asked = world.app.send(request).await;
    let location = url::Url::parse(asked.header("location")).unwrap();
    assert_eq!(location.host_str(), Some("id.demo.test"));
    let back = location.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    assert_eq!(back, "http://id.demo.test:8080/console/callback");
}
