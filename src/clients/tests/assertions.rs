//! Clients that prove themselves with a signature.

use std::sync::Mutex;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::keys::{NewKey, Signer, SigningAlgorithm};
use crate::store::clients::{AuthMethod, ClientMetadata};

struct Assertive {
    client: Client,
    signer: Signer,
}

async fn assertive(house: &House) -> Assertive {
    let (signer, jwks) = new_key();
    let client = registered(house, |metadata| metadata.jwks = Some(jwks)).await;
    Assertive { client, signer }
}

async fn registered(house: &House, change: impl FnOnce(&mut ClientMetadata)) -> Client {
    let mut wish = Registration::preset(ClientKind::Service, "Robot");
    wish.metadata.token_endpoint_auth_method = AuthMethod::PrivateKeyJwt;
    change(&mut wish.metadata);
    let (client, shown) = house.register(wish).await;
    assert!(shown.is_none());
    client
}

fn new_key() -> (Signer, Value) {
    let key = NewKey::generate(SigningAlgorithm::ES256).unwrap();
    let public: Value = serde_json::from_str(&key.public_jwk).unwrap();
    let signer = Signer::load(SigningAlgorithm::ES256, key.kid.clone(), &key.private_jwk).unwrap();
    (signer, json!({"keys": [public]}))
}

/// A client's own server, which publishes what stands in the mutex.
async fn publish(jwks: Arc<Mutex<Value>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut peer, _)) = listener.accept().await {
            let body = jwks.lock().unwrap().to_string();
            let mut request = [0; 4096];
            drop(peer.read(&mut request).await);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            drop(peer.write_all((head + &body).as_bytes()).await);
        }
    });
    url
}

impl Assertive {
    /// A good assertion with these claims put over it; `null` removes one.
    fn sign(&self, jti: &str, changes: &Value) -> Credential {
        let id = self.client.id.as_str();
        let mut claims =
            json!({"iss": id, "sub": id, "aud": AUDIENCES[0], "exp": NOW.0 + 60, "iat": NOW.0, "jti": jti});
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        Credential::Assertion(Secret::new(self.signer.sign_jwt("JWT", &claims).unwrap()))
    }
}

#[tokio::test]
async fn c2_an_assertion_proves_a_client_once() {
    for house in houses().await {
        let one = assertive(&house).await;
        let good = one.sign("1", &json!({}));
        let Credential::Assertion(text) = &good else { panic!() };
        let again = Credential::Assertion(text.clone());
        assert!(house.proves(&one.client.id, good).await);
        assert!(!house.proves(&one.client.id, again).await);
        for (jti, changes) in [
            ("2", json!({"aud": AUDIENCES[1]})),
            ("3", json!({"aud": ["https://x.test", AUDIENCES[0]]})),
            ("4", json!({"iat": NOW.0 + 10, "nbf": NOW.0 + 10})),
            ("5", json!({"exp": NOW.0 - 10})),
        ] {
            assert!(house.proves(&one.client.id, one.sign(jti, &changes)).await, "{changes}");
        }
    }
}

#[tokio::test]
async fn c2_every_other_assertion_is_refused() {
    for house in houses().await {
        let (one, other) = (assertive(&house).await, assertive(&house).await);
        for (n, changes) in [
            json!({"aud": "https://id.test/t/other"}),
            json!({"aud": null}),
            json!({"iss": "x"}),
            json!({"sub": "x"}),
            json!({"sub": other.client.id.as_str(), "iss": other.client.id.as_str()}),
            json!({"exp": null}),
            json!({"exp": NOW.0 - 60}),
            json!({"exp": (NOW.0 + 60).to_string()}),
            json!({"exp": NOW.0 + 1_000_000}),
            json!({"nbf": NOW.0 + 60}),
            json!({"iat": NOW.0 + 60}),
            json!({"jti": null}),
            json!({"jti": ""}),
            json!({"jti": 7}),
        ]
        .iter()
        .enumerate()
        {
            assert!(!house.proves(&one.client.id, one.sign(&format!("x{n}"), changes)).await, "{changes}");
        }
        let foreign = json!({"iss": one.client.id.as_str(), "sub": one.client.id.as_str()});
        assert!(!house.proves(&one.client.id, other.sign("y", &foreign)).await);
        assert!(!house.proves(&one.client.id, secret("x")).await);
        assert!(!house.proves(&one.client.id, Credential::None).await);
        for unsigned in ["", "a", "..", "eyJhbGciOiJub25lIn0.e30."] {
            assert!(!house.proves(&one.client.id, Credential::Assertion(Secret::new(unsigned))).await);
        }
    }
}

#[tokio::test]
async fn c2_of_many_parallel_uses_of_one_assertion_one_proves() {
    for house in houses().await {
        let one = assertive(&house).await;
        let Credential::Assertion(text) = one.sign("1", &json!({})) else { panic!() };
        let house = Arc::new(house);
        let mut uses = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let (house, id, text) = (Arc::clone(&house), one.client.id.clone(), text.clone());
            uses.spawn(async move { house.proves(&id, Credential::Assertion(text)).await });
        }
        assert_eq!(uses.join_all().await.into_iter().filter(|proven| *proven).count(), 1);
    }
}

#[tokio::test]
async fn keys_that_a_client_publishes_are_fetched_and_fetched_again_once_a_minute() {
    for house in houses().await {
        let ((signer, jwks), (successor, later)) = (new_key(), new_key());
        let published = Arc::new(Mutex::new(jwks));
        let url = publish(Arc::clone(&published)).await;
        let client = registered(&house, |metadata| metadata.jwks_uri = Some(url)).await;
        let mut one = Assertive { client, signer };
        assert!(house.proves(&one.client.id, one.sign("1", &json!({}))).await);
        *published.lock().unwrap() = later;
        one.signer = successor;
        assert!(!house.proves(&one.client.id, one.sign("2", &json!({}))).await);
        house.clock.advance(Seconds(59));
        assert!(!house.proves(&one.client.id, one.sign("3", &json!({"exp": NOW.0 + 90}))).await);
        house.clock.advance(Seconds(2));
        assert!(house.proves(&one.client.id, one.sign("4", &json!({"exp": NOW.0 + 90}))).await);
    }
}
