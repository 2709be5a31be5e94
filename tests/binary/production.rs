//! An instance that is meant: made once by `init`, served without anything for developers.

use serde_json::Value;

use crate::support::people::Client;
use crate::support::{Place, json};

/// 32 random bytes, for places that need some key.
const KEY: &str = "5d5f0e7b1c8a43d29e6b7f10a4c3e2d18f9b6a5047382910cafe31d2e4b6a79c";

#[tokio::test]
async fn init_makes_the_operator_once_and_serve_shows_nothing_of_development() {
    let mut place = Place::new().await.with("CHANCERY_KEYS__MASTER_KEY", KEY);
    place.production = true;
    assert_eq!(place.run(&["tenant", "list"], "").code, Some(1), "there is nothing yet");
    let init = ["init", "--email", "root@example.com", "--json"];
    let made = place.run(&init, "").json();
    for member in ["operator_api_key", "password"] {
        assert!(made[member].as_str().is_some_and(|secret| secret.len() >= 20), "no {member}");
    }
    let again = place.run(&init, "");
    assert_eq!((again.code, again.out.as_str()), (Some(1), ""), "printed twice: {}", again.err);

    let server = place.start().await;
    let words = ["tenant", "create", "--slug", "shop", "--name", "Shop", "--json"];
    assert_eq!(server.place.run(&words, "").json()["slug"], "shop");
    let words = [
        "client",
        "create",
        "--tenant",
        "shop",
        "--name",
        "Robot",
        "--type",
        "service",
        "--grant",
        "client_credentials",
        "--json",
    ];
    let robot = Client::of(&server.issuer("shop"), &server.place.run(&words, "").json());
    let token = robot.own_token(&server.http).await.unwrap();
    assert_eq!(token.status, 200, "{token:?}");

    for path in ["/dev/app", "/dev/mailbox", "/t/demo/.well-known/openid-configuration"] {
        let status = server.http.get(format!("{}{path}", server.place.url)).send().await.unwrap().status();
        assert_eq!(status, 404, "W-067: {path}");
    }
    let start = server.http.get(&server.place.url).send().await.unwrap().text().await.unwrap();
    assert!(!start.contains("shop") && !start.contains("try-it"), "W-067: {start}");
    assert!(!server.place.data_dir.join("dev.json").exists() && !server.place.data_dir.join("master.key").exists());
    let log = server.place.log();
    assert!(log.lines().all(|line| matches!(json(line), Value::Object(_))), "not one object per line: {log}");
    for secret in [KEY, made["operator_api_key"].as_str().unwrap(), made["password"].as_str().unwrap(), &robot.secret] {
        assert!(!log.contains(secret), "W-116: {log}");
    }
    server.done().await;
}
