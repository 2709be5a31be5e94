//! A person signs out, here or at an application's wish (OIDC RP-Initiated Logout).

use chancery::keys::SigningAlgorithm;
use serde_json::json;

use crate::support::{Answer, PASSWORD, Person, World};

const BYE: &str = "https://calendar.example/bye";

async fn signed_in(world: &World) -> Person {
    let mut ada = Person::default();
    ada.open(&world.app, "/t/demo/login").await;
    let account = ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert_eq!(account.page(), "account");
    ada
}

/// An ID token of the tenant for Ada's session, changed by `change`.
async fn hint(world: &World, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let app = &world.app.app;
    let tenant = world.app.context("demo").await;
    let ada = app.accounts.look_up(&tenant, "ada@demo.test").await.unwrap();
    let sessions = chancery::store::sessions::of_user(&app.db, &tenant.id, &ada.id, app.clock.now()).await.unwrap();
    let now = app.clock.now().0;
    let mut claims = json!({ "iss": tenant.issuer, "sub": ada.id, "aud": "calendar", "exp": now - 9, "iat": now - 99,
        "sid": sessions.first().map(|session| session.id.clone()) });
    change(&mut claims);
    app.keys.sign(&tenant.id, SigningAlgorithm::RS256, "JWT", &claims).await.unwrap()
}

fn end_session(parameters: &[(&str, &str)]) -> String {
    format!("/t/demo/oauth/logout?{}", crate::support::encoded(parameters))
}

async fn is_signed_in(world: &World, person: &mut Person) -> bool {
    person.open(&world.app, "/t/demo/account").await.page() == "account"
}

fn is_error(answer: &Answer) -> bool {
    (answer.status.as_u16(), answer.page(), answer.header("location")) == (400, "error", "")
}

#[tokio::test]
async fn s4_a_bare_link_asks_first() {
    let world = World::new().await;
    let mut ada = signed_in(&world).await;
    for link in ["/t/demo/logout", "/t/demo/oauth/logout"] {
        assert_eq!(ada.open(&world.app, link).await.page(), "logout");
        assert!(is_signed_in(&world, &mut ada).await, "W-131: {link}");
    }
    ada.open(&world.app, "/t/demo/logout").await;
    let stayed = ada.submit(&world.app, "logout-form", &[("decision", "cancel")]).await;
    assert!(stayed.page() == "logged-out" && is_signed_in(&world, &mut ada).await);
    ada.open(&world.app, "/t/demo/logout").await;
    let forged = ada.submit_only(&world.app, "logout-form", &[("decision", "logout"), ("csrf", "x")]).await;
    assert!(forged.status.as_u16() == 403 && is_signed_in(&world, &mut ada).await, "S2");
    ada.open(&world.app, "/t/demo/logout").await;
    let old = ada.cookies.clone();
    let done = ada.submit(&world.app, "logout-form", &[("decision", "logout")]).await;
    assert!(done.page() == "logged-out" && done.body.contains("id=\"logged-out\""));
    assert!(!is_signed_in(&world, &mut ada).await);
    let mut thief = Person { cookies: old, ..Person::default() };
    assert!(!is_signed_in(&world, &mut thief).await, "S4: the old cookie after sign-out");
    assert_eq!(ada.open(&world.app, "/t/demo/logout").await.page(), "logged-out", "signed out twice is signed out");
}

#[tokio::test]
async fn a_valid_hint_signs_out_at_once_and_goes_back_with_state() {
    let world = World::new().await;
    let mut ada = signed_in(&world).await;
    let hint = hint(&world, |_| {}).await;
    let link = end_session(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE), ("state", "a b&c")]);
    let answer = ada.open(&world.app, &link).await;
    assert_eq!(answer.status.as_u16(), 303);
    assert_eq!(answer.header("location"), format!("{BYE}?state=a+b%26c"));
    assert!(!is_signed_in(&world, &mut ada).await);
}

#[tokio::test]
async fn without_a_hint_of_this_session_the_person_is_asked_and_then_goes_back() {
    let world = World::new().await;
    let other_session = hint(&world, |claims| claims["sid"] = json!("another")).await;
    for named in [("client_id", "calendar"), ("id_token_hint", other_session.as_str())] {
        let mut ada = signed_in(&world).await;
        let page = ada.open(&world.app, &end_session(&[named, ("post_logout_redirect_uri", BYE)])).await;
        assert_eq!(page.page(), "logout", "{named:?}");
        assert!(page.body.contains("Calendar &#60;b&#62;"), "S5");
        let tampered = [("decision", "logout"), ("post_logout_redirect_uri", "https://evil.test/")];
        assert!(is_error(&ada.submit_only(&world.app, "logout-form", &tampered).await), "S4: {named:?}");
        ada.open(&world.app, &end_session(&[named, ("post_logout_redirect_uri", BYE)])).await;
        let answer = ada.submit(&world.app, "logout-form", &[("decision", "logout")]).await;
        assert_eq!(answer.header("location"), BYE);
        assert!(!is_signed_in(&world, &mut ada).await);
    }
}

#[tokio::test]
async fn s4_nobody_is_sent_to_an_unregistered_place_and_forged_hints_do_nothing() {
    let world = World::new().await;
    let mut ada = signed_in(&world).await;
    let good = hint(&world, |_| {}).await;
    for uri in ["https://evil.test/", "//evil.test", "javascript:alert(1)", "https://calendar.example/bye/", "/"] {
        let link = end_session(&[("id_token_hint", &good), ("post_logout_redirect_uri", uri)]);
        assert!(is_error(&ada.open(&world.app, &link).await), "{uri}");
    }
    let foreign = hint(&world, |claims| claims["iss"] = json!("http://localhost:8080/t/acme")).await;
    let (head, rest) = good.split_once('.').unwrap();
    let unsigned = format!("{head}.{}.", rest.split('.').next().unwrap());
    for hint in [&foreign, &unsigned, "x", "a.b.c", "e30.e30."] {
        let link = end_session(&[("id_token_hint", hint), ("post_logout_redirect_uri", BYE)]);
        assert!(is_error(&ada.open(&world.app, &link).await), "{hint}");
    }
    let other = end_session(&[("id_token_hint", &good), ("client_id", "other"), ("post_logout_redirect_uri", BYE)]);
    assert!(is_error(&ada.open(&world.app, &other).await));
    assert!(is_error(&ada.open(&world.app, &end_session(&[("post_logout_redirect_uri", BYE)])).await));
    assert!(is_signed_in(&world, &mut ada).await);
}

#[tokio::test]
async fn a_form_from_another_site_gets_its_cookie_by_coming_again() {
    let world = World::new().await;
    let answer = world.app.post("/t/demo/oauth/logout", &[("client_id", "calendar"), ("state", "x y")], &[]).await;
    assert_eq!(answer.status.as_u16(), 303);
    assert_eq!(answer.header("location"), "/t/demo/oauth/logout?client_id=calendar&state=x+y");
    assert_eq!(answer.header("set-cookie"), "", "or the sign-in would be forgotten");
    let authorize = world.authorize(&[]);
    let (path, query) = authorize.split_once('?').unwrap();
    let form: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = world.app.post(path, &form, &[]).await;
    assert_eq!(answer.header("location"), authorize);
    assert_eq!(answer.header("set-cookie"), "");
}
