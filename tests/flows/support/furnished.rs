//! A tenant that has something of everything, and the files that tenants move in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chancery::base::{Actor, Result, Secret, Stop, TenantId};
use chancery::config::Config;
use chancery::moving::{Exported, Imported, Importing};
use chancery::store::tenant_tables;
use chancery::store::tenants::Tenant;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::storage::Storage;
use super::{TestApp, World};
use crate::second_factors::enrolled;

/// What files of tenants are under here.
pub const PASSPHRASE: &str = "sand dunes at low tide";
/// What a file holds.
pub const BYTES: &str = "the bytes of a file, of which there is one";

/// The tenant, and what was given out in it.
pub struct Furnished {
    /// The world of tenant `demo`, with collection `orders`.
    pub storage: Storage,
    /// Ada's file.
    pub file: Value,
    /// The seed of Ada's authenticator app.
    pub seed: String,
    /// A refresh token.
    pub refresh: String,
    /// The secret of the webhook that is told of new people.
    pub webhook: String,
}

/// With plain http to this machine allowed.
pub fn with_callbacks(config: &mut Config) {
    config.testing.http_callbacks = true;
}

impl Furnished {
    /// In this application, with another tenant beside it.
    pub async fn within(app: TestApp, receiver: &Receiver) -> Self {
        let storage = Storage::within(World::within(app).await).await;
        let indexes = json!([{ "name": "by_number", "fields": { "number": 1 }, "unique": true }]);
        let rules = json!({ "read": true, "create": true });
        storage.define("orders", json!({ "indexes": indexes, "rules": rules })).await;
        let documents = json!([{ "_id": "a", "number": 1, "text": "é\"\\ 😀" }, { "_id": "b", "number": 2.5 }]);
        storage.fill(&storage.program, "orders", documents).await;
        let world = &storage.world;
        let file = world.archivist("ada@demo.test").await.bring("notes.txt", "text/plain", BYTES).await["_id"].clone();
        let (seed, _) = enrolled(world, "ada@demo.test").await;
        let refresh = world.refresh_token("calendar", "0197-a-grant").await;
        let key = world.app.api_key(&world.tenant, "webhooks:write users:invite").await;
        let endpoint = json!({ "url": receiver.url, "events": ["user.created"] });
        let made = world.app.call("POST", "/webhooks", Some(&key), Some(endpoint)).await;
        let webhook = made.data["secret"].as_str().unwrap_or_else(|| panic!("{made:?}")).to_owned();
        let guest = json!({ "email": "guest@demo.test" });
        assert_eq!(world.app.call("POST", "/invitations", Some(&key), Some(guest)).await.status, 201);
        Self { storage, file, seed, refresh, webhook }
    }

    /// The world.
    pub const fn world(&self) -> &World {
        &self.storage.world
    }

    /// The same tenant, with what was given out in it, as it is in another application under this slug.
    pub async fn arrived(self, app: TestApp) -> Self {
        let tenant = app.app.tenants.any(self.world().tenant.id.as_str()).await.unwrap();
        Self { storage: Storage { world: World { app, tenant }, ..self.storage }, ..self }
    }
}

impl TestApp {
    /// A tenant as a file, and what it is said to hold.
    pub async fn exported(&self, tenant: &Tenant) -> (PathBuf, Exported) {
        let mut bytes = Vec::new();
        let secret = Secret::new(PASSPHRASE);
        let told = self.app.moving.export(tenant, &mut bytes, &secret, &Actor::operator()).await.unwrap();
        assert_eq!(told.length, bytes.len() as u64);
        let file = self.app.config.data_dir.join("tenant.file");
        std::fs::write(&file, bytes).unwrap();
        (file, told)
    }

    /// Lets the tenant of a file arrive.
    pub async fn imported(&self, file: &std::path::Path, how: Importing) -> Result<Imported> {
        self.app.moving.import(file, &Secret::new(PASSPHRASE), how, &Actor::operator()).await
    }

    /// How many rows of a tenant each table has that has any.
    pub async fn rows_of(&self, tenant: &TenantId) -> BTreeMap<String, usize> {
        let (db, documents) = (&self.app.db, self.app.documents.database());
        let mut found = BTreeMap::new();
        let mut tx = tenant_tables::snapshot(db).await.unwrap();
        for table in tenant_tables::tables(db).await.unwrap() {
            found.insert(table.name.clone(), tenant_tables::read(&mut tx, &table, tenant, "").count().await);
        }
        let mut tx = tenant_tables::snapshot_beside(documents).await.unwrap();
        for table in tenant_tables::tables_beside(documents).await.unwrap() {
            found.insert(table.name.clone(), tenant_tables::read(&mut tx, &table, tenant, "").count().await);
        }
        found.retain(|_, rows| *rows > 0);
        found
    }
}

/// The words of a refusal.
pub fn why<T>(result: Result<T>) -> String {
    match result {
        Err(Stop::Refused(refusal)) => refusal.description.to_string(),
        Err(Stop::Failed(fault)) => fault.chain(),
        Ok(_) => panic!("it was not refused"),
    }
}
