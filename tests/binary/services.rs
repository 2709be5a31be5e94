//! A client program uses documents, files and payments of the started server, with a token of its own and with one of
//! a person; the same tokens are worth nothing where they are not meant (RFC 6750, RFC 8707, RFC 9728).

use reqwest::header::WWW_AUTHENTICATE;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::people::{Client, Person};
use crate::support::{Place, Server};

const ALL: &str = "storage:read storage:write archive:read archive:write payments:read";

/// A client for programs and people with this scope.
fn register(place: &Place, scope: &str) -> Client {
    let metadata = json!({
        "client_name": "Ledger",
        "redirect_uris": [crate::support::people::HOME],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types": ["code"],
        "scope": format!("openid {scope}"),
        "token_endpoint_auth_method": "client_secret_basic",
        "application_type": "native",
    });
    let words = ["client", "create", "--tenant", "demo", "--from-json", "-", "--policy", "first_party=true", "--json"];
    Client::of(&format!("{}/t/demo", place.url), &place.run(&words, &metadata.to_string()).json())
}

/// Somebody with a token at one tenant.
struct Program<'a> {
    server: &'a Server,
    issuer: String,
    token: String,
}

impl Program<'_> {
    fn ask(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.server.http.request(method, format!("{}/api/v1{path}", self.issuer)).bearer_auth(&self.token)
    }

    async fn told(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let answer = self.ask(method, path).json(&body).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Writes and reads a document and a file, and asks what has been paid for.
    async fn uses_all(&self, name: &str) {
        let (status, stored) = self.told(Method::POST, "/storage/notes/documents", json!({ "by": name })).await;
        assert_eq!(status, 201, "{stored}");
        let id = stored["data"]["_id"].as_str().unwrap();
        let read = self.ask(Method::GET, &format!("/storage/notes/documents/{id}")).send().await.unwrap();
        assert_eq!(read.json::<Value>().await.unwrap()["data"]["by"], name);
        let filter = json!({ "filter": { "by": name } });
        let (_, found) = self.told(Method::POST, "/storage/notes/documents:query", filter).await;
        assert_eq!(found["data"].as_array().unwrap().len(), 1, "{found}");

        let bytes = format!("a file of {name}");
        let sent = self.ask(Method::POST, "/archive/files").header("content-type", "text/plain");
        let sent = sent.header("content-disposition", "attachment; filename=\"note.txt\"").body(bytes.clone());
        let kept: Value = sent.send().await.unwrap().json().await.unwrap();
        let id = kept["data"]["_id"].as_str().unwrap_or_else(|| panic!("{kept}"));
        let content = self.ask(Method::GET, &format!("/archive/files/{id}/content")).send().await.unwrap();
        assert_eq!(content.text().await.unwrap(), bytes);

        let paid = self.ask(Method::GET, "/payments/entitlements").send().await.unwrap();
        assert_eq!(paid.status(), 200, "{}", paid.text().await.unwrap());
    }

    /// What each service answers to the simplest question.
    async fn statuses(&self) -> Vec<Response> {
        let mut all = Vec::new();
        for path in ["/storage/notes/documents", "/archive/files", "/payments/entitlements"] {
            all.push(self.ask(Method::GET, path).send().await.unwrap());
        }
        all
    }
}

fn challenge(answer: &Response) -> String {
    answer.headers().get(WWW_AUTHENTICATE).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// A token of the first person of tenant `demo`, by code and PKCE.
async fn of_a_person(server: &Server, client: &Client, scope: &str) -> String {
    let browser = Person::of_dev(&server.place, "demo").sign_in(server, client, scope).await;
    let code = browser.parameter("code").unwrap_or_else(|| panic!("no code: {}", browser.page));
    client.exchange(&server.http, &code).await.text("access_token")
}

#[tokio::test]
async fn a_program_uses_all_three_services_for_itself_and_for_a_person_and_nowhere_else() {
    let server = Server::new().await;
    let client = register(&server.place, ALL);
    let governor = register(&server.place, "storage:admin");
    let issuer = client.issuer.clone();
    let own = |token| Program { server: &server, issuer: issuer.clone(), token };

    let governing = own(governor.own_token(&server.http).await.unwrap().text("access_token"));
    let rules =
        json!({ "rules": { "read": { "_owner": "$$auth.sub" }, "create": true, "update": false, "delete": false } });
    let (status, made) = governing.told(Method::PUT, "/storage/notes", rules).await;
    assert!(status.is_success(), "{made}");

    let form = [("grant_type", "client_credentials"), ("scope", ALL)];
    let machine = client.ask(&server.http, "/oauth/token", &form).await.unwrap().text("access_token");
    own(machine.clone()).uses_all("a machine").await;
    let person = of_a_person(&server, &client, &format!("openid {ALL}")).await;
    own(person.clone()).uses_all("a person").await;

    for token in [machine, person] {
        let abroad = Program { server: &server, issuer: server.issuer("acme"), token: token.clone() };
        for answer in abroad.statuses().await {
            assert_eq!(answer.status(), 401, "W-064: another tenant");
            assert!(challenge(&answer).contains("/.well-known/oauth-protected-resource/t/acme/api/v1/"), "{answer:?}");
        }
    }
    let elsewhere = format!("{issuer}/api/v1/payments");
    let form = [("grant_type", "client_credentials"), ("resource", elsewhere.as_str())];
    let narrow = own(client.ask(&server.http, "/oauth/token", &form).await.unwrap().text("access_token"));
    let statuses: Vec<_> = narrow.statuses().await.iter().map(Response::status).collect();
    assert_eq!(statuses, [401, 401, 200], "another audience");

    let form = [("grant_type", "client_credentials"), ("scope", "archive:write")];
    let without = own(client.ask(&server.http, "/oauth/token", &form).await.unwrap().text("access_token"));
    for (answer, scope) in without.statuses().await.iter().zip(["storage:read", "archive:read", "payments:read"]) {
        assert_eq!(answer.status(), 403, "{scope}");
        let told = challenge(answer);
        assert!(told.contains("error=\"insufficient_scope\"") && told.contains(&format!("scope=\"{scope}")), "{told}");
    }
    let nobody = own("nonsense".to_owned()).statuses().await;
    assert!(nobody.iter().all(|answer| answer.status() == 401 && challenge(answer).contains("invalid_token")));
    server.done().await;
}
