//! Databases for unit tests: a new SQLite file, and a new PostgreSQL schema when `TEST_POSTGRES` names a server.

use super::migrations;
use super::sql::Text;
use super::tenants::{self, Settings, Tenant, TenantStatus};
use super::{Db, Json};
use crate::base::{TenantId, Timestamp};

/// Every database that the tests run on, new and migrated.
pub(crate) async fn databases() -> Vec<Db> {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let file = std::env::temp_dir().join(format!("chancery-{id}.db"));
    let mut all = vec![Db::open(&format!("sqlite:{}", file.display()), 4).await.unwrap()];
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
    if let Ok(url) = std::env::var("TEST_POSTGRES") {
        all.push(postgres(&url, &format!("t{id}")).await);
    }
    for db in &all {
        migrations::up(db).await.unwrap();
    }
    all
}

async fn postgres(url: &str, schema: &str) -> Db {
    let Db::Postgres(admin) = Db::open(url, 1).await.unwrap() else { panic!("TEST_POSTGRES is not PostgreSQL") };
    let create = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
    sqlx::query(create).execute(&admin).await.unwrap();
    let sign = if url.contains('?') { '&' } else { '?' };
    Db::open(&format!("{url}{sign}options=-csearch_path%3D{schema}"), 4).await.unwrap()
}

/// A new tenant.
pub(crate) async fn tenant(db: &Db, slug: &str) -> TenantId {
    let now = Timestamp(1);
    let tenant = Tenant {
        id: TenantId::generate(),
        slug: slug.parse().unwrap(),
        name: slug.to_owned(),
        status: TenantStatus::Active,
        settings: Json(Settings::default()),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    assert!(tenants::insert(db, &tenant).await.unwrap());
    tenant.id
}

fn statements() -> Vec<Text> {
    [
        super::addresses::STATEMENTS,
        super::api_keys::STATEMENTS,
        super::applications::STATEMENTS,
        super::audit::STATEMENTS,
        super::clients::STATEMENTS,
        super::counters::STATEMENTS,
        super::devices::STATEMENTS,
        super::factors::STATEMENTS,
        super::grants::STATEMENTS,
        super::identities::STATEMENTS,
        super::endings::STATEMENTS,
        super::entitlements::STATEMENTS,
        super::grants::STATEMENTS,
        super::invitations::STATEMENTS,
        super::jobs::STATEMENTS,
        super::keys::STATEMENTS,
        super::mail_secrets::STATEMENTS,
        super::mails::STATEMENTS,
        super::migrations::STATEMENTS,
        super::one_time::STATEMENTS,
        super::passwords::STATEMENTS,
        super::outbox::STATEMENTS,
        super::providers::STATEMENTS,
        super::passkeys::STATEMENTS,
        super::people::STATEMENTS,
        super::plans::STATEMENTS,
        super::sessions::STATEMENTS,
        super::tenants::STATEMENTS,
        super::users::STATEMENTS,
        super::writer::STATEMENTS,
    ]
    .concat()
}

#[tokio::test]
async fn every_statement_prepares_on_every_database() {
    use sqlx::{Executor as _, SqlSafeStr as _};
    for db in databases().await {
        for text in statements() {
            let prepared = match &db {
                Db::Sqlite { write, .. } => write.prepare(text.sqlite.into_sql_str()).await.map(drop),
                Db::Postgres(pool) => pool.prepare(text.postgres.into_sql_str()).await.map(drop),
            };
            assert!(prepared.is_ok(), "{} on {}: {prepared:?}", text.name, db.kind());
        }
    }
}

#[test]
fn every_file_with_statements_is_in_the_list() {
    let listed = include_str!("testing.rs");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let has = std::fs::read_to_string(&path).unwrap().contains("\nsql! {");
        assert!(!has || listed.contains(&format!("super::{name}::STATEMENTS")), "{name} is not listed");
    }
}
