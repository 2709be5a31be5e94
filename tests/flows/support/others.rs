//! Others to sign in with, over real HTTP: another instance of ours as OpenID provider, and a provider that says
//! whatever a test wants.

use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chancery::accounts::federation::NewProvider;
use chancery::base::{Actor, Secret, TenantId};
use chancery::keys::SigningAlgorithm;
use chancery::store::providers::IdentityProvider;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Answer, PASSWORD, Person, SECRET, TestApp, World};

/// An application that may call others on this machine.
pub async fn here() -> World {
    World::within(TestApp::configured(|config| config.testing.http_callbacks = true).await).await
}

pub(super) async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

pub(super) fn serve(listener: TcpListener, service: Router) {
    tokio::spawn(async move { axum::serve(listener, service).await });
}

/// An instance here, and one that it signs in with.
pub struct Others {
    /// Where people want to sign in.
    pub here: World,
    /// Where they have another account.
    pub there: World,
    /// What is known here about there.
    pub provider: IdentityProvider,
}

impl Others {
    /// Both with `ada@demo.test` and `grace@demo.test`, who do not know of each other.
    pub async fn new(change: impl FnOnce(&mut NewProvider)) -> Self {
        let here = here().await;
        let (listener, url) = listener().await;
        let there = TestApp::configured(|config| config.public_url = url.parse().unwrap()).await;
        serve(listener, chancery::server::service(&there.app));
        let there = World::within(there).await;
        there
            .client("trusted", "Here", |client| {
                client.kind = chancery::store::clients::ClientKind::Confidential;
                client.metadata.0.token_endpoint_auth_method = chancery::store::clients::AuthMethod::ClientSecretBasic;
                client.metadata.0.redirect_uris = vec![format!("{}/login/other/callback", here.issuer("demo"))];
                client.metadata.0.post_logout_redirect_uris =
                    vec![format!("{}/login/other/signed-out", here.issuer("demo"))];
                client.policy.0.first_party = true;
            })
            .await;
        let (db, now) = (&there.app.app.db, there.app.clock.now());
        let id = chancery::base::ClientId::from("trusted");
        let secret = Secret::new(SECRET);
        chancery::store::client_secrets::add(db, &there.tenant.id, &id, &secret, now).await.unwrap();
        let provider = add(&here, there.issuer("demo"), "trusted", change).await;
        Self { here, there, provider }
    }

    /// Presses the provider's button on the page at hand; where that leads.
    pub async fn leave(&self, person: &mut Person) -> String {
        leave(&self.here, person).await
    }

    /// Signs in there, and answers where the browser is sent back to.
    pub async fn sign_in_there(&self, person: &mut Person, address: &str, email: &str) -> String {
        let page = person.open(&self.there.app, address).await;
        let answer = if page.page() == "login" {
            person.submit(&self.there.app, "login-form", &[("username", email), ("password", PASSWORD)]).await
        } else {
            page
        };
        let back = answer.header("location").to_owned();
        assert!(back.starts_with(&self.here.issuer("demo")), "{} {}", answer.status, answer.body);
        back
    }

    /// From the page at hand here to there and back.
    pub async fn sign_in(&self, person: &mut Person, email: &str) -> Answer {
        let away = self.leave(person).await;
        let back = self.sign_in_there(&mut Person::default(), &away, email).await;
        person.open(&self.here.app, &back).await
    }
}

/// Presses the button of provider `other`.
pub async fn leave(here: &World, person: &mut Person) -> String {
    let answer = person.submit_only(&here.app, "login-with-other", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").to_owned()
}

pub(super) async fn add(
    here: &World,
    issuer: String,
    client_id: &str,
    change: impl FnOnce(&mut NewProvider),
) -> IdentityProvider {
    let mut new = NewProvider {
        slug: Some("other".to_owned()),
        name: Some("Other".to_owned()),
        issuer: Some(issuer),
        client_id: client_id.to_owned(),
        client_secret: Some(Secret::new(SECRET)),
        ..NewProvider::default()
    };
    change(&mut new);
    here.app.app.federation.add(&here.tenant, new, &Actor::operator()).await.unwrap()
}

/// What a parameter of an address says.
pub fn parameter(address: &str, name: &str) -> String {
    let url = url::Url::parse(address).unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// A provider that signs whatever a test wants.
#[derive(Clone)]
pub struct Impostor {
    /// Its issuer.
    pub issuer: String,
    keys: chancery::app::App,
    tenant: TenantId,
    /// The claims of the next ID token.
    pub claims: Arc<Mutex<Value>>,
    /// What discovery says besides.
    pub metadata: Arc<Mutex<Value>>,
    /// What the userinfo endpoint says.
    pub userinfo: Arc<Mutex<Value>>,
}

impl Impostor {
    /// A provider of tenant `demo` here, of slug `other`.
    pub async fn new(here: &World, change: impl FnOnce(&mut NewProvider)) -> Self {
        let (listener, issuer) = listener().await;
        // Any tenant has keys; this one's are the provider's.
        let tenant = here.app.tenant("impostor", chancery::store::tenants::Settings::default()).await.id;
        let server = Self {
            issuer: issuer.clone(),
            keys: here.app.app.clone(),
            tenant,
            claims: Arc::default(),
            metadata: Arc::default(),
            userinfo: Arc::default(),
        };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(Self::discovery))
            .route("/jwks", get(Self::jwks))
            .route("/token", post(Self::token))
            .route("/userinfo", get(Self::userinfo))
            .with_state(server.clone());
        serve(listener, routes);
        add(here, issuer, "here", change).await;
        server
    }

    /// The claims of a good ID token for a sign-in that was begun with this address.
    pub fn good(&self, begun: &str) -> Value {
        let now = self.keys.clock.now().0;
        json!({
            "iss": self.issuer, "aud": "here", "sub": "s1", "iat": now, "exp": now + 300,
            "nonce": parameter(begun, "nonce"), "email": "new@corp.test", "email_verified": true, "name": "Neo",
        })
    }

    /// Says this in the next ID token.
    pub fn say(&self, claims: Value) {
        *self.claims.lock().unwrap() = claims;
    }

    /// A token of the provider, of another kind.
    pub async fn signed(&self, typ: &str, claims: &Value) -> String {
        self.keys.keys.sign(&self.tenant, SigningAlgorithm::ES256, typ, claims).await.unwrap()
    }

    fn discovery(State(server): State<Self>) -> Ready<Json<Value>> {
        let issuer = &server.issuer;
        let mut metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        });
        if let Some(more) = server.metadata.lock().unwrap().as_object() {
            metadata.as_object_mut().unwrap().extend(more.clone());
        }
        ready(Json(metadata))
    }

    async fn jwks(State(server): State<Self>) -> Response {
        let keys = server.keys.keys.jwks(&server.tenant).await.unwrap();
        ([(header::CONTENT_TYPE, "application/json")], keys).into_response()
    }

    async fn token(State(server): State<Self>) -> Json<Value> {
        let claims = server.claims.lock().unwrap().clone();
        let token = server.signed("JWT", &claims).await;
        Json(json!({ "access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": token }))
    }

    fn userinfo(State(server): State<Self>) -> Ready<Json<Value>> {
        ready(Json(server.userinfo.lock().unwrap().clone()))
    }
}

/// Goes back from a provider that says nothing but what the test wants.
pub async fn back(world: &World, person: &mut Person, away: &str, more: &[(&str, &str)]) -> Answer {
    let state = parameter(away, "state");
    let mut all = vec![("code", "c"), ("state", state.as_str())];
    all.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    all.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    let query = super::encoded(&all);
    person.open(&world.app, &format!("/t/demo/login/other/callback?{query}")).await
}

/// How many accounts elsewhere are linked to the one of this address.
pub async fn links(here: &World, email: &str) -> usize {
    let user = chancery::base::UserId::from(here.sub(email).await);
    let found = chancery::store::identities::of_user(&here.app.app.db, &here.tenant.id, &user).await;
    found.unwrap().len()
}
