//! What is secret stays where it belongs: not in the log, however much of it is written, and not in the figures.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::browser::Browser;
use crate::strangers::relying_party;
use crate::support::people::{Client, HOME, Person, VERIFIER};
use crate::support::{Outcome, Place, Server};

const WRONG: &str = "a-wrong-password-that-nobody-has";

#[tokio::test]
async fn w116_a_log_of_everything_holds_no_secret_of_the_run() {
    let place = Place::new().await.with("CHANCERY_LOG__FILTER", "trace");
    let server = place.start().await;
    let (client, person, mut secrets) = prepared(&server);
    secrets.extend(strangers_run(&server, &client, &person));
    secrets.extend(mistakes(&server, &client, &person).await);
    secrets.extend(developers_application(&server, &person).await);
    secrets.extend(over_http_2(&client).await);

    let figures = server.http.get(format!("{}/metrics", server.place.url)).send().await.unwrap().text().await.unwrap();
    let (place, status) = server.end().await;
    assert!(status.success());
    let log = place.log();
    assert!(
        log.contains("TRACE") && log.contains("h2::") && log.len() > 100_000,
        "the log is not one of everything: {} bytes",
        log.len()
    );
    secrets.sort();
    secrets.dedup();
    println!("{} secrets, {} bytes of log", secrets.len(), log.len());
    for secret in secrets.iter().flat_map(|secret| spellings(secret)) {
        assert!(secret.len() >= 8, "too short to be looked for: {secret}");
        let told = log.lines().find(|line| line.contains(&secret));
        assert!(told.is_none(), "`{secret}` is in the log: {}", told.unwrap_or_default());
        assert!(!figures.contains(&secret), "`{secret}` is in the figures");
    }
    place.remove().await;
}

/// A client and a person that nothing was printed about, and the secrets that exist so far.
fn prepared(server: &Server) -> (Client, Person, Vec<String>) {
    let client = Client::register(&server.place, &["access_token_format=opaque"]);
    let person = Person { email: "lise@demo.test".to_owned(), password: "a pass phrase of Lise's".to_owned() };
    let words = ["user", "create", "--tenant", "demo", "--email", &person.email, "--password-stdin", "--verified"];
    assert_eq!(server.place.run(&words, &person.password).code, Some(0));
    let master = std::fs::read_to_string(server.place.data_dir.join("master.key")).unwrap().trim().to_owned();
    let secrets = vec![master, person.password.clone(), client.secret.clone(), VERIFIER.to_owned(), WRONG.to_owned()];
    (client, person, secrets)
}

/// A whole run of the relying party; everything that it saw.
fn strangers_run(server: &Server, client: &Client, person: &Person) -> Vec<String> {
    let (settings, kept) = (server.place.data_dir.join("lise.json"), server.place.data_dir.join("kept"));
    let told = json!({ "tenants": { "demo": {
        "issuer": client.issuer,
        "users": [{ "email": person.email, "password": person.password }],
        "clients": { "confidential": { "client_id": client.id, "client_secret": client.secret, "redirect_uris": [HOME] } },
    }}});
    std::fs::write(&settings, told.to_string()).unwrap();
    let mut command = Command::new(relying_party());
    command.arg(&settings).arg("demo").arg("--keep").arg(&kept);
    let run = Outcome::of(command, "");
    assert_eq!(run.code, Some(0), "{}", run.out);
    let seen: Vec<String> = std::fs::read_to_string(kept).unwrap().lines().map(str::to_owned).collect();
    assert!(seen.len() > 10, "{seen:?}");
    seen
}

/// Things go wrong, and what goes wrong is logged with its reasons.
async fn mistakes(server: &Server, client: &Client, person: &Person) -> Vec<String> {
    let wrong = Person { password: WRONG.to_owned(), ..person.clone() };
    assert_eq!(wrong.sign_in(server, client, "openid").await.shows(), "login");
    let thief = Client { secret: WRONG.to_owned(), ..client.clone() };
    assert_eq!(thief.own_token(&server.http).await.unwrap().status, 401);
    let token = client.own_token(&server.http).await.unwrap().text("access_token");
    let altered = format!("{token}x");
    for (path, bearer) in [("/oauth/userinfo", &token), ("/oauth/userinfo", &altered), ("/api/v1/whoami", &altered)] {
        server.http.get(format!("{}{path}", client.issuer)).bearer_auth(bearer).send().await.unwrap();
    }
    for form in [
        &[("grant_type", "authorization_code"), ("code", altered.as_str()), ("redirect_uri", HOME)][..],
        &[("grant_type", "refresh_token"), ("refresh_token", &altered)],
        &[("grant_type", "password"), ("username", &person.email), ("password", WRONG)],
        &[("grant_type", "nonsense"), ("client_secret", WRONG)],
    ] {
        assert!(client.ask(&server.http, "/oauth/token", form).await.unwrap().status >= 400);
    }
    let in_query = format!("{}/api/v1/whoami?access_token={token}", client.issuer);
    server.http.get(in_query).send().await.unwrap();
    vec![token, altered, STANDARD.encode(format!("{}:{WRONG}", client.id))]
}

/// The server is a client of itself here, whose requests would be logged as well.
async fn developers_application(server: &Server, person: &Person) -> Vec<String> {
    let mut browser = Browser::new(&server.http, "http://nowhere.invalid/").unwrap();
    browser.open(&format!("{}/dev/app", server.place.url)).await.unwrap();
    browser.submit("sign-in-form", &[]).await.unwrap();
    let form = [("username", person.email.as_str()), ("password", &person.password), ("decision", "sign-in")];
    browser.submit("login-form", &form).await.unwrap();
    if browser.shows() == "consent" {
        browser.submit("consent-form", &[("decision", "allow")]).await.unwrap();
    }
    assert_eq!(browser.shows(), "dev-app-result", "{}", browser.page);
    browser.submit("refresh-form", &[]).await.unwrap();
    let (_, token) = browser.page.split_once("id=\"access-token\"").unwrap();
    let token = token.split_once('>').unwrap().1.split_once('<').unwrap().0.to_owned();
    browser.cookies.into_values().chain(browser.tokens).chain([token]).collect()
}

/// HTTP/2 compresses its headers, and its library has a log of its own.
async fn over_http_2(client: &Client) -> Vec<String> {
    let http = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let token = client.own_token(&http).await.unwrap().text("access_token");
    http.get(format!("{}/oauth/userinfo", client.issuer)).bearer_auth(&token).send().await.unwrap();
    vec![token, STANDARD.encode(format!("{}:{}", client.id, client.secret))]
}

/// A secret as it is, as it stands in forms, and the part of a signed token that makes it one.
fn spellings(secret: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let signature = secret.rsplit('.').next().unwrap_or(secret).to_owned();
    vec![secret.to_owned(), encoded, signature]
}

#[tokio::test]
async fn w098_whatever_is_sent_each_line_of_the_log_is_one_event() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let place = Place::new().await.with("CHANCERY_LOG__FILTER", "chancery=debug");
    let server = place.start().await;
    let before = server.place.log().len();
    let url: url::Url = server.place.url.parse().unwrap();
    let forged = "%0d%0a{\"level\":\"ERROR\",\"fields\":\"forged\"}%0a%1b[2J";
    for (path, headers) in [
        (format!("/t/demo/{forged}"), String::new()),
        (format!("/t/{forged}/login"), String::new()),
        (format!("/t/demo/login?username={forged}&login_hint={forged}"), String::new()),
        (format!("/t/demo/oauth/authorize?client_id={forged}&redirect_uri={forged}"), String::new()),
        ("/t/demo/login".to_owned(), "user-agent: \u{1b}[31mred\t\"quoted\" \\ é\r\n".to_owned()),
        (
            "/t/demo/api/v1/users/me".to_owned(),
            "x-request-id: a\u{1b}[2J b\r\nauthorization: Bearer \"x\\\r\n".to_owned(),
        ),
        ("/t/demo/api/v1/users/me".to_owned(), "x-tenant: a\"b\r\nx-forwarded-for: \"{}\"\r\n".to_owned()),
    ] {
        let mut stream = tokio::net::TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}connection: close\r\n\r\n", url.authority());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 "), "{path}: {}", String::from_utf8_lossy(&answer));
    }
    let (place, status) = server.end().await;
    assert!(status.success());
    let log = place.log().split_off(before);
    assert!(log.lines().count() > 3, "{log}");
    for line in log.lines() {
        let words: Vec<_> = line.split_whitespace().take(2).collect();
        let is_event = line.starts_with("20") && ["DEBUG", "INFO", "WARN", "ERROR"].contains(&words[1]);
        assert!(is_event && !line.contains('\u{1b}'), "{line:?}");
    }
    place.remove().await;
}
