//! `chancery doctor` beside a started server: it asks through the public URL, and tells how that arrived.

use serde_json::Value;

use crate::support::{Place, Server};

fn finding<'a>(findings: &'a Value, check: &str, word: &str) -> &'a Value {
    let mut all = findings.as_array().unwrap().iter();
    let found = all.find(|one| one["check"] == check && one["detail"].as_str().unwrap().contains(word));
    found.unwrap_or_else(|| panic!("no {check} with {word} in {findings:#}"))
}

#[tokio::test]
async fn a_server_at_its_public_url_is_found_and_no_proxy_is_missed() {
    let server = Server::new().await;
    let told = server.place.run(&["doctor", "--json"], "");
    assert_eq!(told.code, Some(0), "{told:?}");
    let findings = told.json();
    for (check, word) in [
        ("public URL", "leads here"),
        ("addresses", "without a proxy"),
        ("clock", "the server agrees"),
        ("signing keys", "sign"),
        ("disk", "MiB are free"),
        ("schema", "current"),
    ] {
        assert_ne!(finding(&findings, check, word)["verdict"], "fail", "{findings:#}");
    }
    server.done().await;
}

#[tokio::test]
async fn w082_a_server_that_believes_what_callers_claim_is_told_of() {
    let place = Place::new().await.with("CHANCERY_HTTP__TRUSTED_PROXIES", r#"["127.0.0.0/8"]"#);
    let server = place.start().await;
    let told = server.place.run(&["doctor", "--json"], "");
    assert_eq!(told.code, Some(1), "{told:?}");
    let findings = crate::support::json(&told.out);
    let addresses = finding(&findings, "addresses", "choose their address");
    assert_eq!(addresses["verdict"], "fail");
    assert!(addresses["advice"].as_str().unwrap().contains("X-Forwarded-For"));
    server.done().await;
}
