//! What a newcomer sees: one command, a page, credentials that work; and everything as it was the next time.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::people::{Client, Person};
use crate::support::{Place, Server};

#[tokio::test]
async fn w128_the_first_start_makes_all_that_is_needed_and_says_where_to_click() {
    let server = Server::new().await;
    let dev = server.place.dev();
    let said = server.place.log();
    let person = Person::of_dev(&server.place, "demo");
    for told in [server.place.url.as_str(), &person.email, &person.password] {
        assert!(said.contains(told), "`{told}` is not in\n{said}");
    }
    let files: BTreeSet<String> = std::fs::read_dir(&server.place.data_dir)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(files.contains("master.key") && files.contains("dev.json"), "{files:?}");
    for secret in ["master.key", "dev.json"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(server.place.data_dir.join(secret)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others can read {secret}");
    }
    let start = server.http.get(&server.place.url).send().await.unwrap().text().await.unwrap();
    for shown in [person.email.as_str(), "id=\"try-it\"", "/dev/app\"", "id=\"mailbox\""] {
        assert!(start.contains(shown), "{shown} is not in {start}");
    }
    assert_eq!(dev["public_url"].as_str().unwrap().trim_end_matches('/'), server.place.url);
    let mailbox = server.http.get(dev["mailbox_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(mailbox.status(), 200);
    assert!(dev["operator_api_key"].as_str().unwrap().len() > 30);
    server.done().await;
}

#[tokio::test]
async fn dev_json_names_people_and_clients_that_are_there() {
    let server = Server::new().await;
    let dev = server.place.dev();
    for tenant in ["demo", "acme"] {
        let told = &dev["tenants"][tenant];
        assert_eq!(told["issuer"], server.issuer(tenant));
        assert!(told["users"].as_array().unwrap().len() >= 2);
        let discovery = discovery(&server, tenant).await;
        assert_eq!(discovery["issuer"], told["issuer"]);
        let clients = &told["clients"];
        for (name, members) in [
            ("confidential", &["client_id", "client_secret", "redirect_uris", "post_logout_redirect_uris"][..]),
            ("confidential2", &["client_id", "client_secret", "redirect_uris"]),
            ("public", &["client_id", "redirect_uris"]),
            ("native", &["client_id", "redirect_uris"]),
            ("service", &["client_id", "client_secret"]),
        ] {
            for member in members {
                assert!(!clients[name][member].is_null(), "{tenant} {name} has no {member}");
            }
        }
        assert_ne!(clients["confidential"]["redirect_uris"], clients["confidential2"]["redirect_uris"]);
        let native: url::Url = clients["native"]["redirect_uris"][0].as_str().unwrap().parse().unwrap();
        assert_eq!((native.scheme(), native.port()), ("http", None));
        let has_password = discovery["grant_types_supported"].as_array().unwrap().contains(&"password".into());
        assert_eq!(has_password, tenant == "acme", "the password grant is advertised where it is on");
        assert_eq!(clients["password"].is_null(), tenant != "acme");
    }
    speak_for_themselves(&server).await;
    server.done().await;
}

async fn speak_for_themselves(server: &Server) {
    let service = Client::of_dev(&server.place, "demo", "service");
    assert_eq!(service.own_token(&server.http).await.unwrap().status, 200);
    let (client, ada) = (Client::of_dev(&server.place, "acme", "password"), Person::of_dev(&server.place, "acme"));
    let form = [("grant_type", "password"), ("username", ada.email.as_str()), ("password", &ada.password)];
    let answer = client.ask(&server.http, "/oauth/token", &form).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let claims = server.http.get(format!("{}/oauth/userinfo", client.issuer)).bearer_auth(answer.text("access_token"));
    let status = claims.send().await.unwrap().status();
    assert!([200, 403].contains(&status.as_u16()), "{status}");
}

#[tokio::test]
async fn a_second_start_finds_everything_as_it_was() {
    let server = Server::new().await;
    let made = Client::register(&server.place, &["first_party=true"]);
    let ada = Person::of_dev(&server.place, "demo");
    let mut browser = ada.sign_in(&server, &made, "profile offline_access").await;
    let tokens = made.exchange(&server.http, &browser.parameter("code").expect("a code")).await;
    let before = (server.place.dev(), keys(&server).await, lists(&server.place));
    let (place, status) = server.end().await;
    assert!(status.success(), "{status}: {}", place.log());

    let server = place.start().await;
    let after = (server.place.dev(), keys(&server).await, lists(&server.place));
    assert_eq!(before, after);
    assert!(made.is_active(&server.http, &tokens.text("access_token")).await, "the access token is lost");
    assert_eq!(made.refresh(&server.http, &tokens.text("refresh_token")).await.unwrap().status, 200);
    browser.open(made.authorize("profile").as_str()).await.unwrap();
    assert!(browser.is_home(), "the person is no longer signed in: {}", browser.page);
    server.done().await;
}

async fn discovery(server: &Server, tenant: &str) -> Value {
    let url = format!("{}/.well-known/openid-configuration", server.issuer(tenant));
    let answer = server.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

async fn keys(server: &Server) -> Value {
    let url = format!("{}/oauth/jwks", server.issuer("demo"));
    server.http.get(url).send().await.unwrap().json().await.unwrap()
}

/// Who and what is there, without when it was last seen.
fn lists(place: &Place) -> Vec<Value> {
    let mut all = vec![place.run(&["tenant", "list", "--json"], "").json()];
    for tenant in ["demo", "acme"] {
        for noun in ["user", "client", "keys"] {
            let mut list = place.run(&[noun, "list", "--tenant", tenant, "--json"], "").json();
            for record in list.as_array_mut().unwrap() {
                for seen in ["last_login_at", "updated_at"] {
                    record.as_object_mut().unwrap().remove(seen);
                }
            }
            all.push(list);
        }
    }
    all
}
