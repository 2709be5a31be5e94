//! The life of a tenant's keys, on every database: made once, rotated under load, retired, and sealed all the while.

mod first_use;
mod rotating;
mod walls;

use serde_json::{Map, Value, json};

use super::*;
use crate::base::{Clock, Seconds, Stop, TenantId, Timestamp};
use crate::store::Db;
use crate::store::testing::{databases, tenant};

const START: Timestamp = Timestamp(1_800_000_000);

/// One database, one clock, one master key, and as many processes on them as a test wants.
struct World {
    db: Db,
    clock: Clock,
    master: MasterKey,
}

impl World {
    async fn all() -> Vec<Self> {
        let new = |db| Self { db, clock: Clock::fixed(START), master: master() };
        databases().await.into_iter().map(new).collect()
    }

    /// What one process has.
    fn process(&self) -> Keys {
        Keys::new(self.db.clone(), self.master.clone(), self.clock.clone(), Schedule::default()).unwrap()
    }
}

fn master() -> MasterKey {
    MasterKey::parse(&MasterKey::generate()).unwrap()
}

fn claims() -> Value {
    json!({"iss": "https://as.test/t/one", "sub": "u1", "aud": "https://api.test", "exp": START.0 + 600})
}

async fn sign(keys: &Keys, tenant: &TenantId) -> String {
    keys.sign(tenant, SigningAlgorithm::ES256, "at+jwt", &claims()).await.unwrap()
}

async fn accepts(keys: &Keys, tenant: &TenantId, token: &str) -> bool {
    match keys.verify(tenant, token, "at+jwt").await {
        Ok(found) => {
            assert_eq!(Value::Object(found.0), claims());
            true
        }
        Err(Stop::Refused(_)) => false,
        Err(Stop::Failed(fault)) => panic!("{}", fault.chain()),
    }
}

async fn published(keys: &Keys, tenant: &TenantId) -> Vec<Map<String, Value>> {
    let set: Value = serde_json::from_slice(&keys.jwks(tenant).await.unwrap()).unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key.as_object().unwrap().clone()).collect()
}

async fn kids(keys: &Keys, tenant: &TenantId) -> Vec<String> {
    published(keys, tenant).await.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}
