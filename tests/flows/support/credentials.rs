//! What a tenant gives away, and all the ways to show it somewhere.

use axum::body::Body;
use axum::http::Request;
use chancery::api_keys::NewKey;
use chancery::base::{Actor, Scope, Secret};
use chancery::keys::SigningAlgorithm;
use chancery::tokens::{OPAQUE_PREFIX, REFRESH_PREFIX};
use serde_json::{Value, json};

use super::{Answer, CALLBACK, CHALLENGE, PASSWORD, Person, SECRET, TestApp, VERIFIER, World, encoded};

/// One of each kind that tenant `demo` gave away.
pub struct Credentials {
    jwt: String,
    opaque: String,
    id_token: String,
    refresh: String,
    code: String,
    key: String,
    client: String,
    cookie: String,
    reference: String,
}

/// How a credential is shown.
pub struct Way {
    /// In words.
    pub name: &'static str,
    headers: Vec<(&'static str, String)>,
    params: Vec<(&'static str, String)>,
}

impl Credentials {
    /// All of them, from tenant `demo`.
    pub async fn of(world: &World) -> Self {
        let app = &world.app;
        let mut ada = Person::default();
        ada.open(app, &world.authorize(&[])).await;
        ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
        let answer = ada.submit(app, "consent-form", &[("decision", "allow")]).await;
        let location = url::Url::parse(answer.header("location")).unwrap();
        let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let page = ada.open(app, &world.authorize(&[("scope", "openid offline_access")])).await;
        assert_eq!(page.page(), "consent");
        let (claims, now) = (world.claims().await, app.clock.now());
        let hint =
            json!({ "iss": claims["iss"], "sub": claims["sub"], "aud": "calendar", "iat": now, "exp": now.0 + 60 });
        let new = NewKey { name: "key".to_owned(), scope: Scope::of(["users:read"]), expires_at: None };
        let (_, key) = app.app.api_keys.create(&world.tenant, new, &Actor::operator()).await.unwrap();
        Self {
            jwt: world.token(&claims).await,
            opaque: world.opaque(&claims).await,
            id_token: app.app.keys.sign(&world.tenant.id, SigningAlgorithm::RS256, "JWT", &hint).await.unwrap(),
            refresh: world.refresh_token("calendar", "walked").await,
            code,
            key: key.expose().to_owned(),
            client: "orders".to_owned(),
            cookie: ada.cookies["chancery"].0.clone(),
            reference: ada.at.split_once("request=").unwrap().1.to_owned(),
        }
    }

    /// As good as these look, and worth nothing anywhere.
    pub fn made_up(&self) -> Self {
        let bent = |token: &str| {
            let (kept, signature) = token.rsplit_once('.').unwrap();
            format!("{kept}.{}", signature.chars().rev().collect::<String>())
        };
        let random = |prefix| Secret::generate_with_prefix(prefix).expose().to_owned();
        Self {
            jwt: bent(&self.jwt),
            opaque: random(OPAQUE_PREFIX),
            id_token: bent(&self.id_token),
            refresh: random(REFRESH_PREFIX),
            code: random("ac_"),
            key: random("ck_"),
            client: "nobody".to_owned(),
            cookie: self.cookie.chars().rev().collect(),
            reference: random(""),
        }
    }

    /// Everywhere they can be put.
    pub fn ways(&self) -> Vec<Way> {
        let way = |name, headers: &[(&'static str, String)], params: &[(&'static str, &str)]| {
            let params = params.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            Way { name, headers: headers.to_vec(), params }
        };
        let bearer = |token: &str| [("authorization", format!("Bearer {token}"))];
        let cookie = [("cookie", format!("chancery={}", self.cookie))];
        let resource_server = [("authorization", World::basic("resources", SECRET))];
        let service = [("authorization", World::basic(&self.client, SECRET))];
        let asked: Vec<_> = AUTHORIZATION.iter().copied().chain([("id_token_hint", self.id_token.as_str())]).collect();
        let code = [
            ("grant_type", "authorization_code"),
            ("client_id", "calendar"),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("code", &self.code),
        ];
        let refresh = [("grant_type", "refresh_token"), ("client_id", "calendar"), ("refresh_token", &self.refresh)];
        let machine = [("grant_type", "client_credentials")];
        let posted = [machine[0], ("client_id", &self.client), ("client_secret", SECRET)];
        vec![
            way("an access token", &bearer(&self.jwt), &[]),
            way("an opaque access token", &bearer(&self.opaque), &[]),
            way("an API key", &bearer(&self.key), &[]),
            way("an API key in its header", &[("x-api-key", self.key.clone())], &[]),
            way("a token in the form", &[], &[("access_token", &self.jwt)]),
            way("a token to look at", &resource_server, &[("token", &self.jwt)]),
            way("an opaque token to look at", &resource_server, &[("token", &self.opaque)]),
            way("a client and its secret", &service, &machine),
            way("a client and its secret in the form", &[], &posted),
            way("a cookie", &cookie, &[]),
            way("a cookie and a reference", &cookie, &[("request", &self.reference)]),
            way("a hint", &[], &asked),
            way("a code", &[], &code),
            way("a refresh token", &[], &refresh),
        ]
    }
}

const AUTHORIZATION: [(&str, &str); 5] = [
    ("response_type", "code"),
    ("client_id", "calendar"),
    ("redirect_uri", CALLBACK),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

/// Shows a credential at a path.
pub async fn show(app: &TestApp, method: &str, path: &str, way: &Way) -> Answer {
    let params: Vec<_> = way.params.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let query = if method == "GET" && !params.is_empty() { format!("?{}", encoded(&params)) } else { String::new() };
    let mut request = Request::builder().method(method).uri(format!("{path}{query}"));
    for (name, value) in &way.headers {
        request = request.header(*name, value);
    }
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let body = if method == "GET" { Body::empty() } else { Body::from(encoded(&params)) };
    app.send(request.body(body).unwrap()).await
}

/// What an answer says, without what is random in it or only repeated.
pub fn gist(answer: &Answer) -> (u16, String) {
    let (location, query) = answer.header("location").split_once('?').unwrap_or_default();
    let refused = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "error");
    let location = format!("{location} {refused:?}");
    let told = match serde_json::from_str::<Value>(&answer.body) {
        Ok(Value::Object(mut members)) => {
            members.remove("request_id");
            Value::from(members).to_string()
        }
        _ => answer.page().to_owned(),
    };
    (answer.status.as_u16(), format!("{told} {location}"))
}
