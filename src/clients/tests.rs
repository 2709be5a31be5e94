//! Clients are found and proven, on every database.

use serde_json::{Value, json};

use super::*;
use crate::base::{Seconds, Timestamp};
use crate::keys::{NewKey, Signer, SigningAlgorithm};
use crate::store::clients::ClientKind;
use crate::store::{tenants, testing};

const NOW: Timestamp = Timestamp(1_000_000);
const AUDIENCES: [&str; 2] = ["https://id.test/t/demo", "https://id.test/t/demo/oauth/token"];

struct House {
    clients: Clients,
    clock: Clock,
    tenant: Tenant,
}

async fn houses() -> Vec<House> {
    let mut houses = Vec::new();
    for db in testing::databases().await {
        let id = testing::tenant(&db, "demo").await;
        let tenant = tenants::by_id(&db, &id).await.unwrap().unwrap();
        let clock = Clock::fixed(NOW);
        let config = Config::load(&crate::config::Overrides::default()).unwrap();
        let outbound = Outbound::new(&config, clock.clone()).unwrap();
        houses.push(House { clients: Clients::new(&config, clock.clone(), db, outbound), clock, tenant });
    }
    houses
}

impl House {
    async fn register(&self, wish: Registration) -> (Client, Option<Secret>) {
        self.clients.register(&self.tenant, wish, "test").await.unwrap()
    }

    async fn proves(&self, client_id: &ClientId, credential: Credential) -> bool {
        let presented = Presented { client_id: client_id.clone(), credential };
        match self.clients.authenticate(&self.tenant, &AUDIENCES, presented).await {
            Ok(known) => known.id == *client_id,
            Err(Stop::Refused(refusal)) => {
                assert_eq!(refusal.code, Code::InvalidClient);
                assert_eq!(refusal.description, "client authentication failed");
                false
            }
            Err(Stop::Failed(fault)) => panic!("{}", fault.chain()),
        }
    }
}

fn secret(text: &str) -> Credential {
    Credential::Secret(Secret::new(text))
}

#[tokio::test]
async fn c1_w039_only_the_whole_secret_proves_a_client() {
    for house in houses().await {
        let (client, shown) = house.register(Registration::preset(ClientKind::Service, "Robot")).await;
        let shown = shown.unwrap();
        let right = shown.expose();
        assert!(house.proves(&client.id, secret(right)).await);
        let flipped = if right.starts_with('a') { "b" } else { "a" }.to_owned() + &right[1..];
        for wrong in ["", &right[1..], &right[..42], &format!("{right}\0"), &format!("{right} "), &flipped] {
            assert!(!house.proves(&client.id, secret(wrong)).await, "{wrong:?}");
        }
        assert!(!house.proves(&client.id, Credential::None).await);
        assert!(!house.proves(&client.id, Credential::Assertion("a.b.c".to_owned())).await);
        assert!(!house.proves(&ClientId::from("nobody"), secret(right)).await);
        assert!(!house.proves(&ClientId::from("nobody"), secret("")).await);
        assert!(!house.proves(&ClientId::from("nobody"), Credential::None).await);
    }
}

#[tokio::test]
async fn a_public_client_proves_nothing_and_cannot_pretend_to() {
    for house in houses().await {
        let mut wish = Registration::preset(ClientKind::Public, "App");
        wish.metadata.redirect_uris = vec!["https://a.test/cb".to_owned()];
        let (client, shown) = house.register(wish).await;
        assert!(shown.is_none());
        assert!(house.proves(&client.id, Credential::None).await);
        assert!(!house.proves(&client.id, secret("")).await);
        assert!(!house.proves(&client.id, secret("x")).await);
        let known = house.clients.find(&house.tenant.id, &client.id).await.unwrap().unwrap();
        assert!(known.must_be_confidential().is_err());
        assert!(known.may_redirect_to("https://a.test/cb"));
        assert!(!known.may_redirect_to("https://a.test/cb/"));
        assert!(!known.may_redirect_after_logout_to("https://a.test/cb"));
    }
}

#[tokio::test]
async fn two_secrets_work_while_one_replaces_the_other() {
    for house in houses().await {
        let (client, old) = house.register(Registration::preset(ClientKind::Service, "Robot")).await;
        let new = Secret::generate();
        let (db, tenant) = (&house.clients.db, &house.tenant.id);
        store::expire_secrets(db, tenant, &client.id, NOW.plus(Seconds(60))).await.unwrap();
        store::add_secret(db, tenant, &client.id, &new.digest(), NOW).await.unwrap();
        let old = old.unwrap();
        assert!(house.proves(&client.id, secret(old.expose())).await);
        assert!(house.proves(&client.id, secret(new.expose())).await);
        house.clock.advance(Seconds(60));
        assert!(!house.proves(&client.id, secret(old.expose())).await);
        assert!(house.proves(&client.id, secret(new.expose())).await);
    }
}

#[tokio::test]
async fn a_disabled_client_and_one_of_another_tenant_are_unknown() {
    for house in houses().await {
        let (mut client, shown) = house.register(Registration::preset(ClientKind::Service, "Robot")).await;
        let shown = shown.unwrap();
        let other = testing::tenant(&house.clients.db, "other").await;
        assert!(house.clients.find(&other, &client.id).await.unwrap().is_none());
        assert!(house.proves(&client.id, secret(shown.expose())).await);
        client.status = ClientStatus::Disabled;
        assert!(store::update(&house.clients.db, &client, NOW).await.unwrap());
        house.clients.forget(&house.tenant.id, &client.id).await;
        assert!(!house.proves(&client.id, secret(shown.expose())).await);
    }
}

#[tokio::test]
async fn an_id_is_given_once() {
    for house in houses().await {
        let wish = Registration { id: Some(ClientId::from("robot")), ..Registration::preset(ClientKind::Service, "R") };
        house.register(wish.clone()).await;
        let again = house.clients.register(&house.tenant, wish, "test").await;
        assert!(matches!(again, Err(Stop::Refused(refusal)) if refusal.code == Code::Conflict));
    }
}

struct Assertive {
    client: Client,
    signer: Signer,
}

async fn assertive(house: &House) -> Assertive {
    let key = NewKey::generate(SigningAlgorithm::ES256).unwrap();
    let mut wish = Registration::preset(ClientKind::Service, "Robot");
    wish.metadata.token_endpoint_auth_method = AuthMethod::PrivateKeyJwt;
    let public: Value = serde_json::from_str(&key.public_jwk).unwrap();
    wish.metadata.jwks = Some(json!({"keys": [public]}));
    let (client, shown) = house.register(wish).await;
    assert!(shown.is_none());
    let signer = Signer::load(SigningAlgorithm::ES256, key.kid.clone(), &key.private_jwk).unwrap();
    Assertive { client, signer }
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
        Credential::Assertion(self.signer.sign_jwt("JWT", &claims).unwrap())
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
            assert!(!house.proves(&one.client.id, Credential::Assertion(unsigned.to_owned())).await);
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
