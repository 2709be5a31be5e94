//! Clients are found and proven, on every database.

mod assertions;

use super::*;
use crate::base::{Seconds, Timestamp};
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
        let mut config = Config::load(&crate::config::Overrides::default()).unwrap();
        config.testing.http_callbacks = true;
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
        assert!(!house.proves(&client.id, Credential::Assertion(Secret::new("a.b.c"))).await);
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
        client_secrets::expire(db, tenant, &client.id, NOW.plus(Seconds(60))).await.unwrap();
        client_secrets::add(db, tenant, &client.id, &new, NOW).await.unwrap();
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
