//! Coming from Coglex.

use chancery::base::FileId;
use chancery::imports::report::Kind;
use chancery::imports::{Choices, System};
use chancery::store::document::Document;
use chancery::store::users::Role;
use chancery::store::{collections, documents, files, people};
use serde_json::{Value, json};

use super::{choices, comes_in, dumps, hash, import, log_in, noted, reason, tenant};
use crate::support::{PASSWORD, TestApp};

/// With the collection of administrators, and the folder of files.
fn whole() -> Choices {
    let roles = [("_ADMINS".to_owned(), Role::Admin)].into();
    Choices { roles, files: Some(dumps("coglex/documents")), ..choices(true) }
}

async fn document(app: &TestApp, id: &str) -> Option<Document> {
    let old = tenant(app, "old").await;
    let database = app.app.documents.database();
    let orders = collections::find(database, &old.id, "orders").await.unwrap().unwrap();
    documents::get(database, orders.coll, id).await.unwrap()
}

#[tokio::test]
async fn keys_become_addresses_and_names_and_what_was_said_of_people_their_metadata() {
    let app = TestApp::start().await;
    let report = import(&app, System::Coglex, &whole()).await;
    assert_eq!((report.of(Kind::Person).created, report.of(Kind::Person).collisions), (7, 2));
    let told = comes_in(&app, "old", "ada@shop.test").await;
    assert_eq!(told.json()["data"]["user_id"], "66d1f0c2a1b2c3d4e5f60001", "ids are kept");
    comes_in(&app, "old", "bob").await;
    comes_in(&app, "old", "root@shop.test").await;
    let old = tenant(&app, "old").await;
    let described = async |who: &str| {
        let user = app.app.accounts.look_up(&old, who).await.unwrap();
        people::by_id(&app.app.db, &old.id, &user.id).await.unwrap().unwrap()
    };
    let ada = described("ada@shop.test").await;
    assert_eq!(Value::Object(ada.user_metadata.0), json!({ "name": "Ada" }));
    assert_eq!(ada.user.created_at.rfc3339(), "2025-09-01T12:00:00Z");
    let bob = described("bob").await;
    assert_eq!((bob.user.role, &bob.user_metadata["role"]), (Role::User, &"admin".into()), "W-079");
    assert!(noted(&report, "bob")[0].contains("the role `admin`"));
    assert_eq!(described("root@shop.test").await.user.role, Role::Admin);
    assert_eq!(described("social@shop.test").await.user_metadata["visits"], json!(1_u64 << 40));
    assert_eq!(log_in(&app, "old", "social@shop.test", PASSWORD).await.status, 401, "W-001");
    assert_eq!(log_in(&app, "old", "idle@shop.test", PASSWORD).await.status, 403);
    assert!(reason(&report, "two words").contains("`_key`"));
    assert!(reason(&report, "twin@shop.test").contains("--pick"), "W-012");
    assert_eq!(log_in(&app, "old", "twin@shop.test", "the first twin").await.status, 401);
}

#[tokio::test]
async fn w005_who_had_a_password_in_the_clear_has_to_choose_another() {
    let app = TestApp::start().await;
    let report = import(&app, System::Coglex, &whole()).await;
    let (grace, clear) = ("grace@shop.test", "stored as it was typed");
    let stored = hash(&app, "old", grace).await;
    assert!(stored.starts_with("must_change$$argon2id$") && !stored.contains(clear), "{stored}");
    assert_eq!(log_in(&app, "old", grace, "another word").await.status, 401);
    let kept_out = log_in(&app, "old", grace, clear).await;
    assert_eq!(kept_out.status, 403);
    assert!(kept_out.body.contains("has to be replaced"), "{}", kept_out.body);
    assert_eq!(hash(&app, "old", grace).await, stored);
    let asked = app.tell("/t/old/api/v1/auth/forgot-password", &json!({ "email": grace })).await;
    assert_eq!(asked.status, 202);
    let token = app.secret_to(grace, "reset-password").await;
    let reset = json!({ "token": token, "password": PASSWORD });
    assert_eq!(app.tell("/t/old/api/v1/auth/reset-password", &reset).await.status.as_u16() / 100, 2);
    assert_eq!(log_in(&app, "old", grace, clear).await.status, 401);
    assert_eq!(log_in(&app, "old", grace, PASSWORD).await.status, 200);
    assert!(noted(&report, "nameless")[0].contains("reset-link"), "who has no address needs a link");
}

#[tokio::test]
async fn documents_keep_ids_times_and_numbers_and_what_json_cannot_say_is_named() {
    let app = TestApp::start().await;
    let report = import(&app, System::Coglex, &whole()).await;
    let tea = document(&app, "66d1f0c2a1b2c3d4e5f60011").await.unwrap();
    assert_eq!((tea.created.as_str(), tea.updated.as_str()), ("2025-09-01T12:00:00.123Z", "2025-10-02T12:00:00.456Z"));
    let expected = json!({
        "by": "ada@shop.test", "total": "19.99", "paid": "2025-09-01T12:00:00.123Z", "lines": [{ "n": 2, "of": "tea" }],
    });
    assert_eq!((Value::Object(tea.body), tea.owner), (expected, None));
    let odd = document(&app, "66d1f0c2a1b2c3d4e5f60012").await.unwrap();
    let expected = json!({
        "big": (1_i64 << 53) + 1, "part": 0.1, "ref": "66d1f0c2a1b2c3d4e5f60001", "raw": "AQI=", "none": null,
    });
    assert_eq!(Value::Object(odd.body), expected);
    assert_eq!((report.of(Kind::Document).created, report.of(Kind::Document).refused), (2, 3));
    assert!(reason(&report, "orders/document 3").contains("`like`: a regular expression"));
    assert!(reason(&report, "orders/66d1f0c2a1b2c3d4e5f60014").contains("dot"));
    assert!(reason(&report, "orders/document 5").contains("an id is a text"));
    assert!(reason(&report, "odd.name").contains("letters"));
    assert!(noted(&report, "orders")[0].contains("by_1"));
    let read = app.get("/t/old/api/v1/storage/orders/documents").await;
    assert_eq!(read.status, 401, "what came is for programs with a scope, and for nobody else");
}

#[tokio::test]
async fn w080_people_never_become_documents_and_files_come_with_their_bytes() {
    let app = TestApp::start().await;
    let plain = import(&app, System::Coglex, &choices(true)).await;
    assert!(reason(&plain, "_ADMINS").contains("--role"));
    assert!(reason(&plain, "report.txt").contains("--files"));
    let old = tenant(&app, "old").await;
    let all = collections::list(app.app.documents.database(), &old.id).await.unwrap();
    assert_eq!(all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["orders"]);
    let report = import(&app, System::Coglex, &whole()).await;
    assert_eq!(
        (report.of(Kind::Person).created, report.of(Kind::File).created),
        (1, 1),
        "what was left out comes later"
    );
    let file = files::get(&app.app.db, &old.id, &FileId::from("66d1f0c2a1b2c3d4e5f60021")).await.unwrap().unwrap();
    assert_eq!((file.view.name.as_str(), file.size), ("report.txt", 27));
    assert!(reason(&report, "lost.txt").contains("not in the folder"));
}
