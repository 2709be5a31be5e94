//! What a person owns in the services: told with all their data, and gone with them.

use axum::body::Body;
use chancery::base::Seconds;
use serde_json::{Value, json};

use super::support::storage::Storage;

const ADA: &str = "ada@demo.test";

/// Two collections and a file, each with something of Ada's and something of Grace's.
async fn house() -> Storage {
    let storage = Storage::new().await;
    let rules = json!({"read": true, "create": true, "update": true, "delete": true});
    storage.define("notes", json!({"rules": rules, "hidden": ["margin"], "limits": {"max_documents": 3}})).await;
    storage.define("ledger", json!({"rules": rules, "on_erasure": "orphan"})).await;
    for name in ["notes", "ledger"] {
        storage.fill(&storage.ada, name, json!([{"_id": "a", "text": "ada's own words"}])).await;
        storage.fill(&storage.grace, name, json!([{"_id": "g", "text": "grace's own words"}])).await;
    }
    let margin = json!({"$set": {"margin": 5_550_155_501_i64}});
    storage.good(&storage.admin, "PATCH", "/notes/documents/a", margin).await;
    for email in [ADA, "grace@demo.test"] {
        storage.world.archivist(email).await.bring("words.txt", "text/plain", format!("of {email}")).await;
    }
    storage
}

#[tokio::test]
async fn the_copy_of_all_data_has_what_a_person_owns_and_nothing_of_others() {
    let storage = house().await;
    let own = storage.world.own(ADA).await;
    let (status, data) = storage.world.ask(&own, "POST", "/users/me/export", None).await;
    assert_eq!(status, 200, "{data}");
    let documents = &data["documents"];
    assert_eq!(documents["complete"], true);
    for name in ["notes", "ledger"] {
        let list = documents["collections"][name].as_array().unwrap();
        assert_eq!((list.len(), &list[0]["text"]), (1, &json!("ada's own words")), "{name}");
    }
    assert_eq!((&data["files"]["complete"], &data["files"]["list"][0]["name"]), (&json!(true), &json!("words.txt")));
    assert_eq!(data["files"]["list"].as_array().unwrap().len(), 1);
    let text = data.to_string();
    assert!(!text.contains("5550155501") && !text.contains("grace"), "{text}");
}

#[tokio::test]
async fn what_an_erased_person_owned_goes_and_what_others_own_stays() {
    let storage = house().await;
    let world = &storage.world;
    let before = world.sub(ADA).await;
    assert_eq!(world.ask(&world.own(ADA).await, "DELETE", "/users/me", None).await.0, 200);
    let notes = async || storage.ids(&storage.admin, "/notes/documents?sort=_id").await;
    chancery::jobs::round(&world.app.app, "one").await.unwrap();
    assert_eq!(notes().await, ["a", "g"], "they may come back");
    world.app.clock.advance(Seconds(31 * 86_400));
    chancery::jobs::round(&world.app.app, "two").await.unwrap();
    assert_eq!(notes().await, ["g"]);
    let kept = storage.good(&storage.admin, "GET", "/ledger/documents/a", Value::Null).await;
    assert_eq!((&kept["_owner"], &kept["text"]), (&Value::Null, &json!("ada's own words")));
    let of_grace = storage.good(&storage.admin, "GET", "/ledger/documents/g", Value::Null).await;
    assert_ne!(of_grace["_owner"], Value::Null);
    let key = world.app.api_key(&world.tenant, "archive:admin archive:read").await;
    let keyed = [("authorization", format!("Bearer {key}"))];
    let keyed: Vec<(&str, &str)> = keyed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let files = world.app.archive("GET", "/files", &keyed, Body::empty()).await.json()["data"].clone();
    assert_eq!((files.as_array().unwrap().len(), world.app.lying()), (1, 1), "{files}");
    let documents = json!([{"_id": "x"}, {"_id": "y"}]);
    storage.fill(&storage.program, "notes", documents).await;
    let events = chancery::store::audit::page(&world.app.app.db, &world.tenant.id, "", 500).await.unwrap();
    let forgotten: Vec<_> = events.iter().filter(|event| event.action == "documents.forgotten").collect();
    assert_eq!((forgotten.len(), forgotten[0].target.as_deref()), (1, Some(before.as_str())));
    assert_eq!(forgotten[0].detail["documents"], 2);
}
