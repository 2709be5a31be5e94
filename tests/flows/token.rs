//! A client trades what it has at the token endpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chancery::clients::Registration;
use chancery::store::clients::{Client, ClientKind};
use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use crate::support::{Answer, CALLBACK, PASSWORD, Person, VERIFIER, World, encoded};

const TOKEN: &str = "/t/demo/oauth/token";

impl World {
    /// A registered client and its secret.
    pub async fn registered(&self, kind: ClientKind, change: impl FnOnce(&mut Registration)) -> (Client, String) {
        let mut wish = Registration::preset(kind, "App");
        if kind != ClientKind::Service {
            wish.metadata.redirect_uris = vec![CALLBACK.to_owned()];
        }
        change(&mut wish);
        let (client, secret) = self.app.app.clients.register(&self.tenant, wish, "test").await.unwrap();
        (client, secret.map(|secret| secret.expose().to_owned()).unwrap_or_default())
    }

    /// A code for client `calendar`, by signing in and allowing.
    pub async fn code(&self, scope: &str) -> String {
        let mut ada = Person::default();
        ada.open(&self.app, &self.authorize(&[("scope", scope)])).await;
        let fields = [("username", "ada@demo.test"), ("password", PASSWORD)];
        let mut answer = ada.submit(&self.app, "login-form", &fields).await;
        if answer.page() == "consent" {
            answer = ada.submit(&self.app, "consent-form", &[("decision", "allow")]).await;
        }
        let location = url::Url::parse(answer.header("location")).unwrap();
        location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
    }

    pub async fn redeem(&self, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "calendar"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.app.post(TOKEN, &form, &[]).await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("client_id", "calendar"), ("refresh_token", token)];
        self.app.post(TOKEN, &form, &[]).await
    }
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store", "T11");
    serde_json::from_str(&answer.body).unwrap()
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// Status and error code.
fn refusal(answer: &Answer) -> (u16, String) {
    let body = json(answer);
    assert!(body["error_description"].as_str().is_some_and(|text| text.is_ascii() && !text.contains(['"', '\\'])));
    (answer.status.as_u16(), body["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_code_becomes_tokens_that_refresh_until_one_is_used_twice() {
    let world = World::new().await;
    let code = world.code("openid profile").await;
    let first = json(&world.redeem(&code).await);
    assert_eq!((&first["token_type"], &first["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!(first["scope"], "openid profile");
    assert!(first["id_token"].is_string());
    let used = first["refresh_token"].as_str().unwrap();
    let second = json(&world.refresh(used).await);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    world.app.clock.advance(chancery::base::Seconds(11));
    assert_eq!(refusal(&world.refresh(used).await), (400, "invalid_grant".to_owned()), "T1");
    let newest = second["refresh_token"].as_str().unwrap();
    assert_eq!(refusal(&world.refresh(newest).await), (400, "invalid_grant".to_owned()), "W-049");
}

#[tokio::test]
async fn w050_a_replayed_code_ends_what_it_gave() {
    let world = World::new().await;
    let code = world.code("openid").await;
    let tokens = json(&world.redeem(&code).await);
    assert_eq!(refusal(&world.redeem(&code).await), (400, "invalid_grant".to_owned()));
    let token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(refusal(&world.refresh(token).await), (400, "invalid_grant".to_owned()));
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let request = axum::http::Request::get("/t/demo/oauth/userinfo").header("authorization", bearer);
    let answer = world.app.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(answer.status.as_u16(), 401);
}

#[tokio::test]
async fn c1_a_client_proves_itself_in_exactly_one_way() {
    let world = World::new().await;
    let (client, secret) = world.registered(ClientKind::Service, |_| {}).await;
    let id = client.id.as_str();
    let grant = ("grant_type", "client_credentials");
    let (good, bad) = (basic(id, &secret), basic(id, "wrong"));
    let header = |value: &'static str| [("authorization", value)];
    for answer in [
        world.app.post(TOKEN, &[grant], &[("authorization", &good)]).await,
        world.app.post(TOKEN, &[grant, ("client_id", id)], &[("authorization", &good)]).await,
        world.app.post(TOKEN, &[grant, ("client_id", id), ("client_secret", &secret)], &[]).await,
    ] {
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
        assert!(json(&answer).get("refresh_token").is_none() && json(&answer).get("id_token").is_none(), "C3");
    }
    let denied = (401, "invalid_client".to_owned());
    for answer in [
        world.app.post(TOKEN, &[grant], &[("authorization", &bad)]).await,
        world.app.post(TOKEN, &[grant], &header("Basic !!!")).await,
        world.app.post(TOKEN, &[grant], &header("Bearer x")).await,
        world.app.post(TOKEN, &[grant], &[("authorization", &basic("nobody", &secret))]).await,
    ] {
        assert_eq!(refusal(&answer), denied);
        assert!(answer.header("www-authenticate").starts_with("Basic realm=\""));
    }
    for form in [
        vec![grant],
        vec![grant, ("client_id", id)],
        vec![grant, ("client_id", id), ("client_secret", "")],
        vec![grant, ("client_id", id), ("client_secret", "wrong")],
        vec![grant, ("client_id", "nobody"), ("client_secret", &secret)],
        vec![grant, ("client_secret", &secret)],
    ] {
        assert_eq!(refusal(&world.app.post(TOKEN, &form, &[]).await), denied, "W-039 {form:?}");
    }
    let both = [grant, ("client_id", id), ("client_secret", &secret)];
    let two = [grant, ("client_id", "calendar")];
    for form in [&both[..], &two[..]] {
        let answer = world.app.post(TOKEN, form, &[("authorization", &good)]).await;
        assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()));
    }
    let twice = [grant, ("client_id", id), ("client_secret", &secret), ("client_secret", &secret)];
    assert_eq!(refusal(&world.app.post(TOKEN, &twice, &[]).await), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn u1_an_unknown_client_and_a_wrong_secret_are_told_alike() {
    let world = World::new().await;
    let (client, _) = world.registered(ClientKind::Service, |_| {}).await;
    let mut bodies = Vec::new();
    for id in [client.id.as_str(), "nobody", "calendar"] {
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", "wrong")];
        let answer = world.app.post(TOKEN, &form, &[]).await;
        let mut body = json(&answer);
        body.as_object_mut().unwrap().remove("request_id");
        bodies.push((answer.status, body));
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(bodies[0], bodies[2]);
}

#[tokio::test]
async fn only_a_form_by_post_is_read() {
    let world = World::new().await;
    let (client, secret) = world.registered(ClientKind::Service, |_| {}).await;
    let form = [("grant_type", "client_credentials"), ("client_id", client.id.as_str()), ("client_secret", &secret)];
    let query = format!("{TOKEN}?{}", encoded(&form));
    assert_eq!(world.app.get(&query).await.status.as_u16(), 405);
    assert_eq!(refusal(&world.app.post(&query, &[], &[]).await), (400, "invalid_request".to_owned()), "C1");
    let request = axum::http::Request::post(TOKEN).header("content-type", "application/json");
    let answer = world.app.send(request.body(r#"{"grant_type":"client_credentials"}"#.into()).unwrap()).await;
    assert_eq!(answer.status.as_u16(), 415);
    assert!(answer.body.contains("unsupported_media_type"));
    assert_eq!(world.app.post("/t/nobody/oauth/token", &form, &[]).await.status.as_u16(), 404);
}

#[tokio::test]
async fn grants_and_parameters_that_are_not_as_they_should_be_have_their_codes() {
    let world = World::new().await;
    let (client, secret) = world.registered(ClientKind::Service, |_| {}).await;
    let (id, long) = (client.id.as_str(), "x".repeat(20_000));
    for (more, code) in [
        (vec![], "invalid_request"),
        (vec![("grant_type", "")], "invalid_request"),
        (vec![("grant_type", "client_credentials"), ("grant_type", "client_credentials")], "invalid_request"),
        (vec![("grant_type", "implicit")], "unsupported_grant_type"),
        (vec![("grant_type", "password"), ("username", "a"), ("password", "b")], "unsupported_grant_type"),
        (vec![("grant_type", &long)], "unsupported_grant_type"),
        (vec![("grant_type", "authorization_code")], "unauthorized_client"),
        (vec![("grant_type", "refresh_token")], "unauthorized_client"),
        (vec![("grant_type", "client_credentials"), ("scope", "\u{e9}")], "invalid_scope"),
        (vec![("grant_type", "client_credentials"), ("scope", &long)], "invalid_scope"),
        (vec![("grant_type", "client_credentials"), ("scope", "users:read")], "invalid_scope"),
        (vec![("grant_type", "client_credentials"), ("resource", "https://evil.test/")], "invalid_target"),
        (vec![("grant_type", "client_credentials"), ("resource", "\u{e9}#")], "invalid_target"),
    ] {
        let form = [vec![("client_id", id), ("client_secret", &secret)], more].concat();
        assert_eq!(refusal(&world.app.post(TOKEN, &form, &[]).await), (400, code.to_owned()), "{code}");
    }
    for (more, code) in [
        (vec![("grant_type", "authorization_code")], "invalid_request"),
        (vec![("grant_type", "authorization_code"), ("code", "x")], "invalid_request"),
        (vec![("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "nowhere")], "invalid_request"),
        (vec![("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", CALLBACK)], "invalid_grant"),
        (vec![("grant_type", "authorization_code"), ("code", &long), ("redirect_uri", CALLBACK)], "invalid_grant"),
        (vec![("grant_type", "refresh_token")], "invalid_request"),
        (vec![("grant_type", "refresh_token"), ("refresh_token", &long)], "invalid_grant"),
        (vec![("grant_type", "client_credentials")], "unauthorized_client"),
    ] {
        let form = [vec![("client_id", "calendar")], more].concat();
        assert_eq!(refusal(&world.app.post(TOKEN, &form, &[]).await), (400, code.to_owned()), "{code}");
    }
}

#[tokio::test]
async fn the_password_grant_is_there_where_tenant_and_client_have_it() {
    let world = World::new().await;
    let tenant = world.app.tenant("acme", Settings { password_grant: true, ..Settings::default() }).await;
    let world = World { app: world.app, tenant };
    world.person("ada@acme.test").await;
    let passwords = |wish: &mut Registration| wish.metadata.grant_types.push("password".to_owned());
    let (client, secret) = world.registered(ClientKind::Confidential, passwords).await;
    let header = basic(client.id.as_str(), &secret);
    let ask = async |password: &str| {
        let form =
            [("grant_type", "password"), ("username", "ada@acme.test"), ("password", password), ("scope", "openid")];
        world.app.post("/t/acme/oauth/token", &form, &[("authorization", &header)]).await
    };
    let answer = json(&ask(PASSWORD).await);
    assert!(answer["id_token"].is_string() && answer["refresh_token"].is_string());
    assert_eq!(refusal(&ask("wrong").await), (400, "invalid_grant".to_owned()));
    assert_eq!(refusal(&ask("").await), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn w064_a_client_of_one_tenant_is_nobody_in_another() {
    let world = World::new().await;
    world.app.tenant("other", Settings::default()).await;
    let (client, secret) = world.registered(ClientKind::Service, |_| {}).await;
    let header = basic(client.id.as_str(), &secret);
    let form = [("grant_type", "client_credentials")];
    let there = world.app.post("/t/other/oauth/token", &form, &[("authorization", &header)]).await;
    assert_eq!(refusal(&there), (401, "invalid_client".to_owned()));
    assert_eq!(world.app.post(TOKEN, &form, &[("authorization", &header)]).await.status.as_u16(), 200);
}
