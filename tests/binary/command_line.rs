//! The command line while the server runs: what it does is so at once, and what it says can be read by programs.

use serde_json::json;

use crate::support::Server;
use crate::support::people::{Client, HOME, Person};

#[tokio::test]
async fn a_client_made_by_the_command_line_works_at_once() {
    let server = Server::new().await;
    let words = [
        "client",
        "create",
        "--tenant",
        "demo",
        "--name",
        "Robot",
        "--type",
        "service",
        "--grant",
        "client_credentials",
        "--auth-method",
        "client_secret_post",
        "--json",
    ];
    let made = server.place.run(&words, "").json();
    let id = made["client_id"].as_str().unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", made["client_secret"].as_str().unwrap()),
    ];
    let token = server.http.post(format!("{}/oauth/token", server.issuer("demo"))).form(&form).send().await.unwrap();
    assert_eq!(token.status(), 200);

    let rotated = server.place.run(&["client", "rotate-secret", "--tenant", "demo", id, "--json"], "").json();
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    assert_eq!(server.place.run(&["client", "delete", "--tenant", "demo", id], "").code, Some(0));
    let gone = server.place.run(&["client", "show", "--tenant", "demo", id, "--json"], "");
    assert_eq!((gone.code, gone.out.as_str()), (Some(1), ""));
    server.done().await;
}

#[tokio::test]
async fn client_metadata_of_rfc_7591_becomes_client_information() {
    let server = Server::new().await;
    let metadata = json!({
        "client_name": "Calendar",
        "redirect_uris": [HOME],
        "application_type": "native",
        "scope": "openid profile",
        "an_unknown_member": true,
    });
    let words = ["client", "create", "--tenant", "acme", "--from-json", "-"];
    let made = server.place.run(&words, &metadata.to_string()).json();
    for (member, value) in [("client_name", json!("Calendar")), ("redirect_uris", json!([HOME]))] {
        assert_eq!(made[member], value, "{made}");
    }
    for member in ["client_id", "client_secret", "client_id_issued_at", "grant_types", "token_endpoint_auth_method"] {
        assert!(!made[member].is_null(), "no {member} in {made}");
    }
    assert_eq!(made["client_secret_expires_at"], 0);
    let Person { email, password } = Person::of_dev(&server.place, "acme");
    let client = Client::of(&server.issuer("acme"), &made);
    let browser = Person { email, password }.sign_in(&server, &client, "openid profile").await;
    assert_eq!(browser.shows(), "consent", "{}", browser.page);

    for bad in ["", "{", "[]", r#"{"redirect_uris": ["javascript:alert(1)"]}"#, r#"{"redirect_uris": 7}"#] {
        let refused = server.place.run(&words, bad);
        assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{bad}");
        assert!(refused.err.starts_with("chancery: ") && refused.err.lines().count() == 1, "{bad}: {}", refused.err);
    }
    server.done().await;
}

#[tokio::test]
async fn a_person_made_by_the_command_line_can_sign_in_until_suspended() {
    let server = Server::new().await;
    let client = Client::register(&server.place, &["first_party=true"]);
    let hedy = Person { email: "hedy@demo.test".to_owned(), password: "an unlikely pass phrase".to_owned() };
    let words =
        ["user", "create", "--tenant", "demo", "--email", &hedy.email, "--password-stdin", "--verified", "--json"];
    let made = server.place.run(&words, &format!("{}\n", hedy.password)).json();
    assert_eq!((&made["email"], &made["email_verified"]), (&json!(hedy.email), &json!(true)));
    assert!(uuid::Uuid::parse_str(made["id"].as_str().unwrap()).is_ok(), "W-129: {made}");
    assert!(hedy.sign_in(&server, &client, "profile").await.is_home());

    let twice = server.place.run(&words, "another pass phrase");
    assert_eq!(twice.code, Some(1), "W-011: {twice:?}");
    let who = ["--tenant", "demo", hedy.email.as_str()];
    let status = |verb| server.place.run(&[&["user", verb][..], &who].concat(), "").code;
    assert_eq!(status("suspend"), Some(0));
    assert_eq!(hedy.sign_in(&server, &client, "profile").await.shows(), "login");
    assert_eq!(status("activate"), Some(0));
    assert!(hedy.sign_in(&server, &client, "profile").await.is_home());
    let set = ["user", "set-password", "--tenant", "demo", &hedy.email, "--password-stdin"];
    assert_eq!(server.place.run(&set, "quite another phrase").code, Some(0));
    assert_eq!(hedy.sign_in(&server, &client, "profile").await.shows(), "login");
    server.done().await;
}

#[tokio::test]
async fn every_list_is_json_and_every_mistake_has_its_exit_code() {
    let server = Server::new().await;
    Client::of_dev(&server.place, "demo", "service").own_token(&server.http).await.unwrap();
    for words in [
        &["tenant", "list"][..],
        &["user", "list", "--tenant", "demo"],
        &["client", "list", "--tenant", "demo"],
        &["key", "list", "--tenant", "system"],
        &["keys", "list", "--tenant", "demo"],
    ] {
        let listed = server.place.run(&[words, &["--json"]].concat(), "");
        assert!(!listed.json().as_array().unwrap().is_empty(), "{words:?}");
        for secret in ["secret_digest", "password_hash", "$argon2", "private"] {
            assert!(!listed.out.contains(secret), "W-004: {words:?} shows {secret}");
        }
    }
    assert_eq!(server.place.run(&["migrate", "status", "--json"], "").code, Some(0));
    let doctor = server.place.run(&["doctor"], "");
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    for (words, code) in [
        (&["user", "list", "--tenant", "nobody"][..], 1),
        (&["user", "show", "--tenant", "demo", "nobody@demo.test"], 1),
        (&["client", "create", "--tenant", "demo", "--name", "x", "--policy", "nonsense=1"], 1),
        (&["user", "list"], 2),
        (&["dance"], 2),
    ] {
        let ended = server.place.run(words, "");
        assert_eq!((ended.code, ended.out.as_str()), (Some(code), ""), "{words:?}: {}", ended.err);
        assert!(!ended.err.is_empty() && !ended.err.contains("panicked"), "{words:?}: {}", ended.err);
    }
    server.done().await;
}

#[tokio::test]
async fn signing_keys_rotate_while_tokens_signed_before_stay_good() {
    let server = Server::new().await;
    let client = Client::register(&server.place, &[]);
    let before = client.own_token(&server.http).await.unwrap().text("access_token");
    for alg in ["ES256", "RS256"] {
        let rotated = server.place.run(&["keys", "rotate", "--tenant", "demo", "--alg", alg], "");
        assert_eq!(rotated.code, Some(0), "{rotated:?}");
    }
    assert!(client.is_active(&server.http, &before).await);
    let after = client.own_token(&server.http).await.unwrap().text("access_token");
    assert!(client.is_active(&server.http, &after).await);
    server.done().await;
}
