//! A tenant's configuration as a file, between two servers that run: the same file comes out of both, what it says is so
//! at once, and how far a tenant is from it is told among the figures.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::people::Client;
use crate::support::{Place, Server};

/// 32 random bytes, for a place that needs some key.
const KEY: &str = "7b1c8a43d29e6b7f10a4c3e2d18f9b6a5047382910cafe31d2e4b6a79c5d5f0e";
/// Longer than a change needs to be seen, and a job to be begun.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until the figures have this line.
async fn figure(server: &Server, line: &str) {
    let begun = Instant::now();
    loop {
        let url = format!("{}/metrics", server.place.url);
        let figures = server.http.get(url).send().await.unwrap().text().await.unwrap();
        if figures.lines().any(|told| told == line) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "there is no {line} in {figures}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_tenant_moves_as_a_file_to_another_server_which_watches_it() {
    let here = Server::new().await;
    let exported = here.place.run(&["config", "export", "--tenant", "acme"], "");
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let file = here.place.data_dir.join("acme.toml");
    let file = file.to_str().unwrap();
    let text = exported.out.replace("password_grant = true", "self_registration = false\npassword_grant = true");
    std::fs::write(file, text.replace("self_registration = true\n", "")).unwrap();
    let plan = here.place.run(&["config", "plan", "--tenant", "acme", file, "--json"], "");
    assert_eq!(plan.code, Some(2), "{plan:?}");
    let plan: Value = serde_json::from_str(&plan.out).unwrap();
    let digest = plan["digest"].as_str().unwrap();
    let words = ["config", "apply", "--tenant", "acme", file, "--yes", "--expect", digest];
    let applied = here.place.run(&words, "");
    assert_eq!(applied.code, Some(0), "{applied:?}");
    assert!(applied.out.contains("~ settings"), "{applied:?}");
    let again = here.place.run(&words, "");
    assert_eq!(again.code, Some(1), "what was expected is done: {again:?}");
    let exported = here.place.run(&["config", "export", "--tenant", "acme", "--out", file], "");
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let text = std::fs::read_to_string(file).unwrap();

    let mut there =
        Place::new().await.with("CHANCERY_KEYS__MASTER_KEY", KEY).with("CHANCERY_DECLARED__ACME__FILE", file);
    there.production = true;
    there.run(&["init", "--json"], "").json();
    let words = ["config", "apply", "--tenant", "acme", file, "--create", "--generate-secrets", "--yes", "--json"];
    let made = there.run(&words, "").json();
    let exported = there.run(&["config", "export", "--tenant", "acme"], "");
    assert_eq!(exported.out, text, "{}", exported.err);
    assert_eq!(there.run(&["tenant", "update", "acme", "--set", "language=es"], "").code, Some(0));

    let there = there.start().await;
    figure(&there, "chancery_config_drift{tenant=\"acme\"} 1").await;
    figure(&there, "chancery_config_drift_unknown{tenant=\"acme\"} 0").await;
    let (name, secret) =
        made["secrets"].as_object().unwrap().iter().find(|(name, _)| name.contains("service")).unwrap();
    let id = name.trim_start_matches("clients.").trim_end_matches(".client_secret").trim_matches('"');
    let service = serde_json::json!({ "client_id": id, "client_secret": secret });
    let token = Client::of(&there.issuer("acme"), &service).own_token(&there.http).await.unwrap();
    assert_eq!(token.status, 200, "{token:?}");
    assert!(!there.place.log().contains(secret.as_str().unwrap()), "W-116");
    here.done().await;
    there.done().await;
}
