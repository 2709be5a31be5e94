//! An instance is copied while it serves, and lives on elsewhere from the copy.

use std::fs;

use serde_json::{Value, json};

use crate::support::people::{Client, Person};
use crate::support::{Place, Server};

/// A document of this token's holder, and a file, are written or read.
async fn ask(server: &Server, method: reqwest::Method, path: &str, token: &str, body: Option<Value>) -> (u16, Value) {
    let request = server.http.request(method, format!("{}/api/v1{path}", server.issuer("acme"))).bearer_auth(token);
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request,
    };
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

async fn token(server: &Server, id: &str, secret: &str) -> String {
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    let sent = server.http.post(format!("{}/oauth/token", server.issuer("acme"))).form(&form).send().await.unwrap();
    let told: Value = serde_json::from_str(&sent.text().await.unwrap()).unwrap();
    told["access_token"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned()
}

fn service(place: &Place) -> (String, String) {
    let words = ["client", "create", "--tenant", "acme", "--name", "Robot", "--type", "service", "--json"];
    let more = ["--scope", "storage:read", "--scope", "storage:write", "--scope", "storage:admin"];
    let rest = ["--grant", "client_credentials", "--auth-method", "client_secret_post"];
    let made = place.run(&[&words[..], &more[..], &rest[..]].concat(), "").json();
    (made["client_id"].as_str().unwrap().to_owned(), made["client_secret"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_copy_taken_while_it_serves_is_an_instance_of_its_own() {
    let server = Server::new().await;
    let folder = server.place.data_dir.join("copy");
    let to = folder.to_str().unwrap();
    if crate::support::postgres().is_some() {
        let refused = server.place.run(&["backup", "--to", to], "");
        assert!(refused.code == Some(1) && refused.err.contains("pg_dump") && !folder.exists(), "{}", refused.err);
        return server.done().await;
    }
    let (id, secret) = service(&server.place);
    let client = Client::register(&server.place, &[]);
    let old = token(&server, &id, &secret).await;
    assert_eq!(ask(&server, reqwest::Method::PUT, "/storage/notes", &old, Some(json!({}))).await.0, 201);
    let note = Some(json!({ "_id": "one", "text": "kept" }));
    assert_eq!(ask(&server, reqwest::Method::POST, "/storage/notes/documents", &old, note).await.0, 201);

    let copied = server.place.run(&["backup", "--to", to, "--json"], "").json();
    assert!(copied["files"].as_u64().unwrap() >= 2 && copied["bytes"].as_u64().unwrap() > 10_000, "{copied}");
    assert_eq!(copied["not_included"], json!("the master key"));
    assert!(!folder.join("master.key").exists());
    let again = server.place.run(&["backup", "--to", to], "");
    assert!(again.code == Some(1) && again.err.contains("already"), "{}", again.err);

    let (mut place, _) = server.end().await;
    let ada = Person::of_dev(&place, "demo");
    let (first, second) = (place.data_dir.clone(), place.data_dir.join("second"));
    fs::create_dir(&second).unwrap();
    for kept_elsewhere in ["master.key", "dev.json"] {
        fs::copy(first.join(kept_elsewhere), second.join(kept_elsewhere)).unwrap();
    }
    place.data_dir.clone_from(&second);
    let restored = place.run(&["restore", "--from", to, "--json"], "").json();
    assert_eq!(restored["files"], copied["files"]);
    let twice = place.run(&["restore", "--from", to], "");
    assert!(twice.code == Some(1) && twice.err.contains("already"), "{}", twice.err);

    let server = place.start().await;
    let read = ask(&server, reqwest::Method::GET, "/storage/notes/documents/one", &old, None).await;
    assert_eq!((read.0, &read.1["data"]["text"]), (200, &json!("kept")), "an old token opens an old document");
    let browser = ada.sign_in(&server, &client, "openid").await;
    assert_ne!(browser.shows(), "login", "{}", browser.page);
    let (mut place, _) = server.end().await;
    place.data_dir = first;
    place.remove().await;
}

#[tokio::test]
async fn what_is_no_backup_is_not_restored() {
    let place = Place::new().await;
    let empty = place.data_dir.join("empty");
    fs::create_dir(&empty).unwrap();
    let refused = place.run(&["restore", "--from", empty.to_str().unwrap()], "");
    assert_eq!(refused.code, Some(1));
    if crate::support::postgres().is_none() {
        assert!(refused.err.contains("is no backup"), "{}", refused.err);
    }
    place.remove().await;
}
