//! Operators administer an instance by its program.

use crate::support::Instance;

#[tokio::test]
async fn a_new_instance_is_initialised_once_and_its_secrets_are_printed_once() {
    let place = Instance::new().await;
    let before = place.run("tenant list");
    assert_eq!(before.code, 1, "{before:?}");
    assert!(before.err.contains("chancery init") || before.err.contains("migrate up"), "{before:?}");
    let made = place.run("init --email ops@example.test --json").json();
    assert!(made["operator_api_key"].as_str().unwrap().starts_with("ck_"));
    assert!(made["password"].as_str().unwrap().len() >= 16);
    let again = place.run("init --json");
    assert_eq!((again.code, again.out.as_str()), (1, ""));
    assert!(again.err.contains("initialised before"));
    let keys = place.run("key list --tenant system --json");
    assert!(!keys.out.contains(made["operator_api_key"].as_str().unwrap()), "W-076");
    assert_eq!(keys.json()[0]["scope"], "platform:*");
    let doctor = place.run("doctor");
    assert_eq!(doctor.code, 0, "{doctor:?}");
    assert_eq!(place.run("migrate status --json").json()[0]["applied"], true);
}

#[tokio::test]
async fn tenants_people_clients_and_keys_are_made_shown_and_ended() {
    let place = Instance::new().await;
    place.run("migrate up --json").json();
    let tenant = place.run("tenant create --slug acme --name Acme --set lifetimes.access_token=60 --json").json();
    assert_eq!((&tenant["slug"], &tenant["issuer"]), (&"acme".into(), &"http://localhost:8080/t/acme".into()));
    assert_eq!(tenant["settings"]["lifetimes"]["access_token"], 60);
    assert_eq!(place.run("tenant suspend acme").code, 0);
    assert_eq!(place.run("tenant show acme --json").json()["status"], "suspended");
    assert_eq!(place.run("tenant activate acme").code, 0);

    let create = "user create --tenant acme --email Ada@acme.test --password-stdin --verified --role admin --json";
    let user = place.run_with(create, "correct horse\n").json();
    assert_eq!((&user["email_verified"], &user["role"]), (&true.into(), &"admin".into()));
    let twice = place.run_with(create, "correct horse\n");
    assert_eq!(twice.code, 1, "W-011: {twice:?}");
    assert_eq!(place.run_with("user create --tenant acme --email b@acme.test --password-stdin", "short").code, 1);
    assert_eq!(place.run("user set-role --tenant acme ada@acme.test owner").code, 0);
    assert_eq!(place.run_with("user set-password --tenant acme ada@acme.test --password-stdin", "another one").code, 0);
    let shown = place.run("user show --tenant acme ada@acme.test --json");
    assert_eq!(shown.json()["role"], "owner");
    assert!(!shown.out.contains("argon2") && !shown.out.contains("another one"), "W-004: {shown:?}");
    let last = place.run("user delete --tenant acme ada@acme.test");
    assert_eq!(last.code, 1, "W-070: {last:?}");
    assert_eq!(place.run("user create --tenant acme --email c@acme.test --role owner").code, 0);
    assert_eq!(place.run("user delete --tenant acme ada@acme.test").code, 0);
    assert_eq!(place.run("user show --tenant acme ada@acme.test").code, 1);
    assert_eq!(place.run("user restore --tenant acme nobody@acme.test").code, 1);
    assert_eq!(place.run("user restore --tenant acme Ada@acme.test").code, 0);
    assert_eq!(place.run("user show --tenant acme ada@acme.test --json").json()["status"], "active");
    assert_eq!(place.run("user restore --tenant acme ada@acme.test").code, 1, "nobody is deleted any more");

    let key = place.run("key create --tenant acme --name backup --scope users:read --expires-in-days 1 --json").json();
    let id = key["id"].as_str().unwrap().to_owned();
    assert_eq!(place.run(&format!("key revoke --tenant acme {id}")).code, 0);
    assert_eq!(place.run("key list --tenant acme --json").json()[0]["status"], "revoked");
    assert_eq!(place.run("key create --tenant acme --name x --scope platform:*").code, 1);

    let rotated = place.run("keys rotate --tenant acme --alg ES256 --json").json();
    let listed = place.run("keys list --tenant acme --json").json();
    let current = listed.as_array().unwrap().iter().find(|key| key["state"] == "current" && key["alg"] == "ES256");
    assert_eq!(current.unwrap()["kid"], rotated[0]["kid"]);
}

#[tokio::test]
async fn clients_are_registered_by_words_or_by_metadata_and_their_secret_is_shown_once() {
    let place = Instance::new().await;
    assert_eq!(place.run("migrate up").code, 0);
    place.run("tenant create --slug acme --json").json();
    let words = "client create --tenant acme --name Calendar --type confidential --redirect-uri https://a.test/cb \
        --redirect-uri https://a.test/cb2 --grant authorization_code --grant refresh_token --scope openid \
        --auth-method client_secret_post --policy require_pkce=false --json";
    let made = place.run(words).json();
    let (id, secret) = (made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
    assert_eq!(made["redirect_uris"], serde_json::json!(["https://a.test/cb", "https://a.test/cb2"]));
    let shown = place.run(&format!("client show --tenant acme {id} --json"));
    assert_eq!(shown.json()["policy"]["require_pkce"], false);
    assert!(!shown.out.contains(secret), "W-004");
    let rotated = place.run(&format!("client rotate-secret --tenant acme {id} --json")).json();
    assert_ne!(rotated["client_secret"], made["client_secret"]);

    let metadata = r#"{"client_name": "Phone", "redirect_uris": ["com.example.app:/cb"], "application_type": "native",
        "token_endpoint_auth_method": "none", "made_up": 1}"#;
    let phone = place.run_with("client create --tenant acme --from-json - --json", metadata).json();
    assert_eq!((&phone["client_name"], phone.get("client_secret")), (&"Phone".into(), None));
    assert_eq!(phone.get("made_up"), None);
    let twice = r#"{"redirect_uris": ["https://a.test/"], "redirect_uris": ["https://b.test/"]}"#;
    for bad in
        ["", "[]", "{", r#"{"redirect_uris": "https://a.test"}"#, r#"{"redirect_uris": ["http://a.test/"]}"#, twice]
    {
        let refused = place.run_with("client create --tenant acme --from-json -", bad);
        assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{bad}");
    }
    assert_eq!(place.run("client create --tenant acme --name x --type public").code, 1, "no redirect URI");
    assert_eq!(place.run(&format!("client delete --tenant acme {id}")).code, 0);
    assert_eq!(place.run("client list --tenant acme --json").json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_not_understood_ends_with_two_and_what_cannot_be_done_with_one() {
    let place = Instance::new().await;
    for line in ["", "sreve", "user create --tenant", "client create --tenant t --name n --from-json - --grant x"] {
        assert_eq!(place.run(line).code, 2, "{line}");
    }
    assert_eq!(place.run("migrate up").code, 0);
    for line in ["tenant show nobody", "user list --tenant nobody", "tenant create --slug demo --set nothing=1"] {
        let ran = place.run(line);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{line}");
        assert!(ran.err.starts_with("chancery: "), "{ran:?}");
    }
}
