//! What is in a file, seen by who has the passphrase.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::base::{Actor, Secret, Timestamp};
use crate::config::{Config, Overrides};
use crate::keys::{MasterKey, Schedule, SigningAlgorithm};
use crate::store::Json;
use crate::store::audit::{Event, record};
use crate::store::document::Document;
use crate::store::tenant_documents::{self as documents, Collection};
use crate::store::testing::{databases, tenant};

const PASSPHRASE: &str = "sand dunes at low tide";

async fn moving(db: Db) -> Moving {
    let clock = Clock::fixed(Timestamp(1_767_225_600));
    let documents = DocumentDb::beside(&db, 2).await.unwrap();
    documents.up().await.unwrap();
    let master = MasterKey::parse(&MasterKey::generate()).unwrap();
    let keys = Keys::new(db.clone(), master, clock.clone(), Schedule::default()).unwrap();
    let audit = Audit::new(db.clone(), clock.clone(), keys.clone());
    let folder = std::env::temp_dir().join(format!("chancery-moving-{}", uuid::Uuid::now_v7().simple()));
    std::fs::create_dir_all(&folder).unwrap();
    let tenants = Tenants::new(&Config::load(&Overrides::default()).unwrap(), clock.clone(), db.clone());
    Moving::new((db, documents), clock, Blobs::at(&folder).unwrap(), (keys, audit), tenants)
}

/// A tenant whose rows, documents and trail have this word in them.
async fn with(moving: &Moving, slug: &str, word: &str) -> Tenant {
    let id = tenant(&moving.db, slug).await;
    moving.keys.signer(&id, SigningAlgorithm::ES256).await.unwrap();
    let event = Event::new(&id, moving.clock.now(), "thing.happened").detail(json!({ "word": word }));
    record(&moving.db, event).await.unwrap();
    let new = Collection {
        coll: 0,
        name: "orders".to_owned(),
        definition: Json(json!({})),
        version: 1,
        created_at: Timestamp(1),
        updated_at: Timestamp(1),
    };
    let coll = documents::make(&moving.documents, &id, &new).await.unwrap();
    let time = "2026-01-01T00:00:00.000Z".to_owned();
    let body = json!({ "word": word }).as_object().cloned().unwrap();
    let document = Document { id: "a".to_owned(), rev: 1, owner: None, created: time.clone(), updated: time, body };
    documents::put(&moving.documents, &id, (coll, "orders"), vec![document], Timestamp(1)).await.unwrap();
    moving.tenants.any(id.as_str()).await.unwrap()
}

async fn lines(moving: &Moving, tenant: &Tenant) -> Vec<String> {
    let (mut file, passphrase) = (Vec::new(), Secret::new(PASSPHRASE));
    moving.export(tenant, &mut file, &passphrase, &Actor::operator()).await.unwrap();
    let mut reader = envelope::Reader::open(file.as_slice(), &passphrase).await.unwrap();
    let mut lines = Vec::new();
    while let Some(line) = reader.line().await.unwrap() {
        lines.push(String::from_utf8(line).unwrap());
    }
    lines
}

#[tokio::test]
async fn w064_a_file_has_everything_of_its_tenant_and_nothing_of_another() {
    for db in databases().await {
        let moving = moving(db).await;
        let mine = with(&moving, "mine", "heliotrope").await;
        let yours = with(&moving, "yours", "marmalade").await;
        let lines = lines(&moving, &mine).await;
        assert_eq!(lines.iter().filter(|line| line.contains("heliotrope")).count(), 2, "{lines:#?}");
        let all = lines.join("\n");
        assert!(!all.contains("marmalade") && !all.contains(yours.id.as_str()), "{all}");
        assert!(lines[0].starts_with(r#"{"tenant":{"schema":"#) && lines.last().unwrap().starts_with(r#"{"end":"#));
    }
}

#[tokio::test]
async fn w036_nothing_in_a_file_is_sealed_for_the_server_that_wrote_it() {
    for db in databases().await {
        let moving = moving(db).await;
        let mine = with(&moving, "mine", "heliotrope").await;
        let lines = lines(&moving, &mine).await;
        // How a compact JWE with `dir` begins.
        assert!(!lines.iter().any(|line| line.contains("eyJhbGciOiJkaXIi")), "{lines:#?}");
        let at = lines.iter().position(|line| line.contains(r#""signing_keys""#)).unwrap();
        let columns: Value = serde_json::from_str(&lines[at]).unwrap();
        let columns: Vec<String> = serde_json::from_value(columns["table"]["columns"].clone()).unwrap();
        let row: Vec<Value> = serde_json::from_str(&lines[at + 1]).unwrap();
        let sealed = columns.iter().position(|name| name == "sealed_jwk").unwrap();
        let opened = URL_SAFE_NO_PAD.decode(row[sealed].as_str().unwrap()).unwrap();
        assert!(serde_json::from_slice::<Value>(&opened).unwrap()["d"].is_string(), "a private key, opened");
    }
}
