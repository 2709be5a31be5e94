//! What is left of a tenant after its end: nothing, in any table, in any file.

use std::collections::BTreeMap;

use chancery::base::{Seconds, TenantId};
use chancery::jobs;
use chancery::store::audit;
use chancery::store::tenants::{self, Settings};
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::support::archive::PNG;
use crate::support::operators::Operators;
use crate::support::storage::Storage;
use crate::support::{PASSWORD, Person, TestApp, World};

const MONTH: Seconds = Seconds(31 * 86_400);

/// How many rows of a tenant each table has, documents included.
async fn rows(app: &TestApp, tenant: &TenantId) -> BTreeMap<String, i64> {
    const SQLITE: &str = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
        WHERE m.type = 'table' AND c.name = 'tenant_id'";
    const POSTGRES: &str = "SELECT table_name::text, column_name::text FROM information_schema.columns
        WHERE table_schema = current_schema() AND column_name = 'tenant_id'";
    macro_rules! count {
        ($pool:expr, $tables:expr, $found:expr) => {{
            let pool = $pool;
            let tables: Vec<(String, String)> = sqlx::query_as($tables).fetch_all(&pool).await.unwrap();
            for (table, _) in tables {
                let text = format!("SELECT COUNT(*) FROM \"{table}\" WHERE tenant_id = $1");
                let query = sqlx::query_scalar(AssertSqlSafe(text)).bind(tenant.as_str().to_owned());
                let count: i64 = query.fetch_one(&pool).await.unwrap();
                $found.insert(table, count);
            }
            // What hangs on a collection has no other name.
            let others = ["documents", "document_entries", "document_claims"];
            for table in others {
                let text = format!("SELECT COUNT(*) FROM {table}");
                if let Ok(count) = sqlx::query_scalar::<_, i64>(AssertSqlSafe(text)).fetch_one(&pool).await {
                    $found.insert(table.to_owned(), count);
                }
            }
        }};
    }
    let mut found = BTreeMap::new();
    if let Some(file) = app.database.strip_prefix("sqlite:") {
        count!(SqlitePool::connect(&app.database).await.unwrap(), SQLITE, found);
        let documents = file.replace("chancery.db", "storage.db");
        count!(SqlitePool::connect(&format!("sqlite:{documents}")).await.unwrap(), SQLITE, found);
    } else {
        count!(PgPool::connect(&app.database).await.unwrap(), POSTGRES, found);
    }
    found
}

/// Something of everything.
async fn live(world: &World) {
    let (app, tenant) = (&world.app, &world.tenant);
    let mut ada = Person::default();
    ada.open(app, &world.authorize(&[("scope", "openid offline_access")])).await;
    ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", "a wrong one")]).await;
    ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    ada.submit(app, "consent-form", &[("decision", "allow")]).await;
    let key = app.api_key(tenant, "users:invite tenant:write payments:admin storage:admin").await;
    let invite = json!({ "email": "guest@demo.test" });
    app.api("POST", "/t/demo/api/v1/invitations", &key, Some(invite)).await;
    let now = app.clock.now();
    tenants::add_domain(&app.app.db, &tenant.id, "id.demo.test", Some(now), now).await.unwrap();
    let archivist = world.archivist("ada@demo.test").await;
    archivist.bring("pixel.png", "image/png", PNG).await;
}

async fn with_documents(world: World) -> World {
    let storage = Storage::within(world).await;
    let indexes = json!([{ "name": "by_number", "fields": { "number": 1 }, "unique": true }]);
    storage.define("orders", json!({ "indexes": indexes, "audit": true, "rules": { "create": true } })).await;
    storage.fill(&storage.program, "orders", json!([{ "_id": "a", "number": 1 }, { "_id": "b", "number": 2 }])).await;
    storage.world
}

#[tokio::test]
async fn nothing_is_left_of_a_tenant_in_any_table_or_file_and_its_neighbour_is_as_before() {
    let world = with_documents(World::new().await).await;
    let ops = Operators::of(&world.app).await;
    live(&world).await;
    let (app, id) = (&world.app, world.tenant.id.clone());
    let files = app.app.config.archive_folder().join(id.as_str());
    let before = rows(app, &id).await;
    let full = before.values().filter(|count| **count > 0).count();
    assert!(full >= 20 && before["documents"] == 2 && files.exists(), "too little to be removed: {before:?}");
    let acme = app.tenant("acme", Settings::default()).await;
    app.api_key(&acme, "users:read").await;
    let neighbour = rows(app, &acme.id).await;

    assert_eq!(ops.ask(app, "DELETE", "/tenants/demo", None).await.0, 200);
    jobs::round(&app.app, "one").await.unwrap();
    assert!(rows(app, &id).await["users"] > 0, "it can be restored");
    app.clock.advance(MONTH);
    assert_eq!(ops.ask(app, "POST", "/tenants/demo/restore", None).await.0, 409, "it is too late");
    let done = jobs::round(&app.app, "one").await.unwrap();
    assert!(done.purged >= 1, "{done:?}");

    let after = rows(app, &id).await;
    assert!(after.len() >= 45 && after.values().all(|count| *count == 0), "{after:?}");
    assert!(!files.exists());
    assert_eq!(ops.ask(app, "GET", &format!("/tenants/{id}"), None).await.0, 404);
    let documents = |table: &String| table.starts_with("document");
    let beside = rows(app, &acme.id).await;
    for (table, count) in neighbour.iter().filter(|(table, _)| !documents(table)) {
        assert_eq!(beside[table], *count, "{table}");
    }
    let trail = audit::page(&app.app.db, &ops.tenant.id, "", 100).await.unwrap();
    let told: Vec<_> = trail.iter().filter(|row| row.target.as_deref() == Some(id.as_str())).collect();
    assert_eq!(told.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["tenant.deleted", "tenant.purged"]);
    assert_eq!(told[1].detail["slug"], "demo");
    let (status, again) = ops.ask(app, "POST", "/tenants", Some(json!({ "slug": "demo" }))).await;
    assert_eq!(status, 201, "the name is free again");
    assert_ne!(again["id"], json!(id));
}
