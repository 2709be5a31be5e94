//! Somebody comes back, with a real browser: to one that they trust and that asks for no second factor, and by way of an
//! account elsewhere.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::driver::{Device, Window, is_there};
use crate::support::people::Person;
use crate::support::{Place, Server};

#[tokio::test]
async fn a_browser_that_its_person_trusts_asks_for_no_second_factor_again() {
    if !is_there() {
        return;
    }
    let server = Server::new().await;
    let (ada, window) = (Person::of_dev(&server.place, "demo"), Window::open(&Device::Phone).await);
    let demo = server.issuer("demo");
    sign_in(&window, &demo, &ada).await;
    window.shows("account").await;
    window.open_page(&format!("{demo}/account/authenticator")).await;
    let seed = window.text("#totp-secret").await;
    window.fill("#code", &code_of(&seed, 0)).await;
    window.click("#totp-submit").await;
    window.click("#recovery-continue").await;
    sign_out(&window, &demo).await;
    sign_in(&window, &demo, &ada).await;
    window.shows("second-factor").await;
    window.assert_comfortable().await.unwrap();
    window.click("input[name=remember]").await;
    window.fill("#code", &code_of(&seed, 1)).await;
    window.click("#totp-submit").await;
    window.shows("account").await;
    sign_out(&window, &demo).await;
    sign_in(&window, &demo, &ada).await;
    window.shows("account").await;
    let complaints = window.complaints().await;
    assert!(complaints.is_empty(), "W-132: {complaints:#?}");
    window.close().await;
    server.done().await;
}

#[tokio::test]
async fn w037_who_has_an_account_elsewhere_links_it_once_and_signs_in_with_it_and_an_unproven_address_does_not() {
    if !is_there() {
        return;
    }
    let server = Place::new().await.with("CHANCERY_TESTING__HTTP_CALLBACKS", "true").start().await;
    let (ada, window) = (Person::of_dev(&server.place, "demo"), Window::open(&Device::Desk).await);
    let (demo, corp) = (server.issuer("demo"), server.issuer("corp"));
    let there = Person { email: ada.email.clone(), password: "another house's password".to_owned() };
    let eve = Person { email: "eve@demo.test".to_owned(), password: "a password of Eve's own".to_owned() };
    elsewhere(&server, &[(&there, true), (&eve, false)]);

    // The first time: the account here has the same address, so its owner proves that it is theirs.
    window.open_page(&format!("{demo}/login")).await;
    window.assert_comfortable().await.unwrap();
    window.click("#login-with-corp button").await;
    window.shows("login").await;
    types(&window, &there).await;
    window.shows("link").await;
    window.assert_comfortable().await.unwrap();
    window.click("#link-sign-in").await;
    window.shows("login").await;
    types(&window, &ada).await;
    window.shows("account").await;
    assert!(window.client.current_url().await.unwrap().as_str().starts_with(&demo));
    assert_eq!(window.text("#account-name").await, ada.email);

    // The second time: the sign-in there is enough.
    sign_out(&window, &demo).await;
    window.open_page(&format!("{demo}/login")).await;
    window.click("#login-with-corp button").await;
    window.shows("account").await;
    assert_eq!(window.text("#account-name").await, ada.email);

    // Nobody there vouches for Eve's address.
    sign_out(&window, &demo).await;
    sign_out(&window, &corp).await;
    window.open_page(&format!("{demo}/login")).await;
    window.click("#login-with-corp button").await;
    window.shows("login").await;
    types(&window, &eve).await;
    assert!(!window.text("#login-error").await.is_empty());
    assert!(window.client.current_url().await.unwrap().as_str().starts_with(&demo));
    let complaints = window.complaints().await;
    assert!(complaints.is_empty(), "W-132: {complaints:#?}");
    window.close().await;
    server.done().await;
}

/// A tenant with these people, at which tenant `demo` lets its own sign in.
fn elsewhere(server: &Server, people: &[(&Person, bool)]) {
    let run = |words: &str, input: &str| {
        let words: Vec<_> = words.split_whitespace().collect();
        let ran = server.place.run(&words, input);
        assert_eq!(ran.code, Some(0), "{words:?}: {}{}", ran.out, ran.err);
        ran
    };
    run("tenant create --slug corp --name Corp --set unverified_sign_in=true --json", "");
    for (person, verified) in people {
        let verified = if *verified { "--verified" } else { "" };
        let words = format!("user create --tenant corp --email {} --password-stdin {verified}", person.email);
        run(&words, &person.password);
    }
    let metadata = json!({
        "client_name": "Demo",
        "redirect_uris": [format!("{}/login/corp/callback", server.issuer("demo"))],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "scope": "openid profile email",
        "token_endpoint_auth_method": "client_secret_basic",
        "application_type": "native",
    });
    let made = run("client create --tenant corp --from-json - --policy first_party=true --json", &metadata.to_string());
    let made = made.json();
    let add = format!(
        "provider add --tenant demo --slug corp --name Corp --issuer {} --client-id {} --client-secret-stdin",
        server.issuer("corp"),
        made["client_id"].as_str().unwrap()
    );
    run(&add, made["client_secret"].as_str().unwrap());
}

async fn sign_in(window: &Window, issuer: &str, person: &Person) {
    window.open_page(&format!("{issuer}/login")).await;
    window.shows("login").await;
    types(window, person).await;
}

async fn types(window: &Window, person: &Person) {
    window.fill("#username", &person.email).await;
    window.fill("#password", &person.password).await;
    window.click("#login-submit").await;
}

async fn sign_out(window: &Window, issuer: &str) {
    window.open_page(&format!("{issuer}/account")).await;
    window.click("#sign-out").await;
    window.click("#logout-confirm").await;
    window.shows("logged-out").await;
}

/// What the authenticator app shows so many steps from now (RFC 6238).
fn code_of(seed: &str, steps: u64) -> String {
    #[expect(clippy::disallowed_methods, reason = "an authenticator app reads the clock on the wall")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let seed = totp_rs::Secret::try_from_base32(seed).unwrap();
    totp_rs::Builder::new().with_secret(seed).build_noncompliant().generate(now + 30 * steps).to_string()
}
