//! A person with a real browser, Chromium, goes through the developer's application.

mod console;
mod driver;
mod files;
mod life;
mod returning;

use serde_json::json;

use self::driver::{Device, Window, is_there};
use crate::support::Server;
use crate::support::people::Person;

#[tokio::test]
async fn w128_chromium_signs_in_denies_and_allows_consent_and_signs_out() {
    if is_there() {
        journey(&Device::Desk).await;
    }
}

#[tokio::test]
async fn on_a_phone_every_page_fits_and_can_be_pressed() {
    if is_there() {
        journey(&Device::Phone).await;
    }
}

async fn journey(device: &Device) {
    let server = Server::new().await;
    let ada = Person::of_dev(&server.place, "demo");
    let window = Window::open(device).await;
    window.client.goto(&server.place.url).await.unwrap();
    window.shows("start").await;
    window.assert_comfortable().await.unwrap();
    window.click("#try-it").await;

    signs_in(&window, &ada).await;
    denies(&window).await;
    allows(&window, &server).await;
    refreshes(&window).await;
    signs_out(&window).await;
    looks_at_the_mailbox(&window, &server).await;

    let complaints = window.complaints().await;
    assert!(complaints.is_empty(), "W-132: {complaints:#?}");
    window.close().await;
    server.done().await;
}

async fn signs_in(window: &Window, ada: &Person) {
    window.shows("dev-app").await;
    window.assert_comfortable().await.unwrap();
    window.click("#dev-sign-in").await;
    window.shows("login").await;
    window.assert_comfortable().await.unwrap();
    assert!(!window.text("#client-name").await.is_empty());
    window.fill("#username", &ada.email).await;
    window.fill("#password", "not this one").await;
    window.click("#login-submit").await;
    assert!(!window.text("#login-error").await.is_empty());
    window.fill("#username", &ada.email).await;
    window.fill("#password", &ada.password).await;
    window.click("#login-submit").await;
    window.shows("consent").await;
    window.assert_comfortable().await.unwrap();
}

async fn denies(window: &Window) {
    window.click("#consent-deny").await;
    window.shows("dev-app").await;
    let told = window.text("#dev-error").await;
    assert!(told.contains("access_denied"), "{told}");
}

async fn allows(window: &Window, server: &Server) {
    window.click("#dev-sign-in").await;
    window.shows("consent").await;
    window.click("#consent-allow").await;
    window.shows("dev-app-result").await;
    window.assert_comfortable().await.unwrap();
    let claim = async |name: &str| window.text(&format!("#id-token-claims [data-claim=\"{name}\"]")).await;
    assert_eq!((claim("iss").await, claim("aud").await.as_str()), (server.issuer("demo"), "dev-app"));
    assert!(!claim("sub").await.is_empty() && !claim("nonce").await.is_empty() && !claim("at_hash").await.is_empty());
    assert_eq!(window.text("#api-status").await, "200");
    assert!(window.text("#api-body").await.contains(&claim("sub").await));
    assert!(window.text("#access-token").await.len() > 20);
}

async fn refreshes(window: &Window) {
    let before = window.text("#access-token").await;
    window.click("#dev-refresh").await;
    assert_eq!(window.text("#dev-refreshed").await, "1");
    assert_ne!(window.text("#access-token").await, before);
    assert_eq!(window.text("#api-status").await, "200");
}

async fn signs_out(window: &Window) {
    window.click("#dev-logout").await;
    window.shows("dev-app").await;
    window.click("#dev-sign-in").await;
    window.shows("login").await;
    window.click("#login-cancel").await;
    window.shows("dev-app").await;
    assert!(window.text("#dev-error").await.contains("access_denied"));
    let cookies = window.client.execute("return document.cookie", Vec::new()).await.unwrap();
    assert_eq!(cookies, json!(""), "S1: scripts can read a cookie");
}

async fn looks_at_the_mailbox(window: &Window, server: &Server) {
    window.client.goto(&format!("{}/dev/mailbox", server.place.url)).await.unwrap();
    window.shows("dev-mailbox").await;
    window.assert_comfortable().await.unwrap();
    window.client.goto(&format!("{}/nothing/here", server.place.url)).await.unwrap();
    window.shows("error").await;
    assert_eq!(window.text("#error-code").await, "not_found");
    window.assert_comfortable().await.unwrap();
    // The browser itself tells its console that the page above was not there.
    let complaints = window.complaints().await;
    let others: Vec<_> = complaints.iter().filter(|told| !told.contains("404 (Not Found)")).collect();
    assert!(others.is_empty(), "W-132: {others:#?}");
}
