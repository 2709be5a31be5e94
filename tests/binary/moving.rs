//! A tenant leaves one server as a file and goes on at another, which has another database and another master key.

use serde_json::json;

use crate::support::people::{Client, Person};
use crate::support::{Place, Server};

const PASSPHRASE: &str = "sand dunes at low tide\n";
/// The other server's, for tests only.
const MASTER_KEY: &str = "7f3a91c2e4d58b06a1f7c9e2d3b4586970a1b2c3d4e5f60718293a4b5c6d7e8f";

/// Somebody with a password, made by the command line.
fn mary(place: &Place) -> Person {
    let mary = Person { email: "mary@demo.test".to_owned(), password: "a spoonful of sugar".to_owned() };
    let words = ["user", "create", "--tenant", "demo", "--email", &mary.email, "--password-stdin", "--verified"];
    let made = place.run(&words, &mary.password);
    assert_eq!(made.code, Some(0), "{}", made.err);
    mary
}

/// A server with an embedded database, wherever the others are.
async fn embedded() -> Server {
    let mut place = Place::new().await;
    place.settings.retain(|(name, _)| name != "CHANCERY_DATABASE__URL");
    place.start().await
}

#[tokio::test]
async fn a_tenant_leaves_as_a_file_and_its_people_and_tokens_go_on_elsewhere() {
    let server = embedded().await;
    let client = Client::register(&server.place, &[]);
    let mary = mary(&server.place);
    let old = client.own_token(&server.http).await.unwrap().text("access_token");
    let browser = mary.sign_in(&server, &client, "openid").await;
    assert_ne!(browser.shows(), "login", "{}", browser.page);

    let file = server.place.data_dir.join("demo.tenant").display().to_string();
    let words = ["tenant", "export", "--tenant", "demo", "--out", &file, "--passphrase-stdin", "--json"];
    let written = server.place.run(&words, PASSPHRASE).json();
    assert_eq!(written["audit_trail"], json!("as it was written"), "{written}");
    let (first, _) = server.end().await;

    let mut second = Place::new().await.with("CHANCERY_KEYS__MASTER_KEY", MASTER_KEY);
    (second.port, second.url) = (first.port, first.url.clone());
    assert_eq!(second.run(&["migrate", "up"], "").code, Some(0));
    let import = ["tenant", "import", &file, "--passphrase-stdin", "--json"];
    let wrong = second.run(&import, "sand dunes at high tide\n");
    assert!(wrong.code == Some(1) && wrong.err.contains("passphrase is another"), "{}", wrong.err);
    let arrived = second.run(&import, PASSPHRASE).json();
    assert_eq!((&arrived["tenant"], &arrived["status"]), (&json!("demo"), &json!("active")), "{arrived}");
    let twice = second.run(&import, PASSPHRASE);
    assert!(twice.code == Some(1) && twice.err.contains("slug demo"), "{}", twice.err);

    let server = second.start().await;
    assert!(client.is_active(&server.http, &old).await, "an old token is good where the issuer is the same");
    let browser = mary.sign_in(&server, &client, "openid").await;
    assert_ne!(browser.shows(), "login", "{}", browser.page);
    let log = server.place.log();
    assert!(!log.contains(PASSPHRASE.trim()) && !log.contains(&mary.password), "{log}");
    server.done().await;
    first.remove().await;
}
