//! Databases for unit tests: a new SQLite file, and a new PostgreSQL schema when `TEST_POSTGRES` names a server.

use super::migrations;
use super::sql::Text;
use super::tenants::{self, Settings, Tenant};
use super::{Db, DocumentDb};
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

/// Every database of documents that the tests run on, new and migrated.
pub(crate) async fn document_databases() -> Vec<DocumentDb> {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let file = std::env::temp_dir().join(format!("chancery-documents-{id}.db"));
    let mut all = vec![DocumentDb::open(&format!("sqlite:{}", file.display()), 4).await.unwrap()];
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
    if let Ok(url) = std::env::var("TEST_POSTGRES") {
        let schema = format!("d{id}");
        migrations::up(&postgres(&url, &schema).await).await.unwrap();
        all.push(DocumentDb::open(&within(&url, &schema), 4).await.unwrap());
    }
    for db in &all {
        db.up().await.unwrap();
    }
    all
}

fn within(url: &str, schema: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}options=-csearch_path%3D{schema}")
}

async fn postgres(url: &str, schema: &str) -> Db {
    let Db::Postgres(admin) = Db::open(url, 1).await.unwrap() else { panic!("TEST_POSTGRES is not PostgreSQL") };
    let create = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
    sqlx::query(create).execute(&admin).await.unwrap();
    Db::open(&within(url, schema), 4).await.unwrap()
}

/// A new tenant.
pub(crate) async fn tenant(db: &Db, slug: &str) -> TenantId {
    let tenant = Tenant::new(slug.parse().unwrap(), slug, Settings::default(), Timestamp(1));
    assert!(tenants::insert(db, &tenant).await.unwrap());
    tenant.id
}

/// Those that stand in the database of documents.
fn document_statements() -> Vec<Text> {
    [
        super::collections::STATEMENTS,
        super::document_audits::STATEMENTS,
        super::document_bulk::STATEMENTS,
        super::document_changes::STATEMENTS,
        super::document_counters::STATEMENTS,
        super::document_emptying::STATEMENTS,
        super::document_index::STATEMENTS,
        super::document_indexing::STATEMENTS,
        super::document_purge::STATEMENTS,
        super::document_news::STATEMENTS,
        super::documents::STATEMENTS,
        super::document_bulk::STATEMENTS,
        super::documents::STATEMENTS,
        super::replays::STATEMENTS,
        super::tenant_documents::STATEMENTS,
    ]
    .concat()
}

fn statements() -> Vec<Text> {
    [
        super::addresses::STATEMENTS,
        super::api_keys::STATEMENTS,
        super::applications::STATEMENTS,
        super::archive_rules::STATEMENTS,
        super::archive_usage::STATEMENTS,
        super::audit::STATEMENTS,
        super::audit_chain::STATEMENTS,
        super::audit_pages::STATEMENTS,
        super::batch::STATEMENTS,
        super::checkouts::STATEMENTS,
        super::blobs::STATEMENTS,
        super::client_secrets::STATEMENTS,
        super::clients::STATEMENTS,
        super::counters::STATEMENTS,
        super::created_replays::STATEMENTS,
        super::devices::STATEMENTS,
        super::expired_invitations::STATEMENTS,
        super::factors::STATEMENTS,
        super::files::STATEMENTS,
        super::grant_lists::STATEMENTS,
        super::grants::STATEMENTS,
        super::identities::STATEMENTS,
        super::endings::STATEMENTS,
        super::entitlements::STATEMENTS,
        super::grants::STATEMENTS,
        super::invitations::STATEMENTS,
        super::job_runs::STATEMENTS,
        super::jobs::STATEMENTS,
        super::keys::STATEMENTS,
        super::mail_secrets::STATEMENTS,
        super::mails::STATEMENTS,
        super::migrations::STATEMENTS,
        super::moment::STATEMENTS,
        super::one_time::STATEMENTS,
        super::owner_erasures::STATEMENTS,
        super::organization_events::STATEMENTS,
        super::organization_members::STATEMENTS,
        super::organization_roles::STATEMENTS,
        super::organizations::STATEMENTS,
        super::passwords::STATEMENTS,
        super::outbox::STATEMENTS,
        super::overviews::STATEMENTS,
        super::reader::STATEMENTS,
        super::refusals::STATEMENTS,
        super::protections::STATEMENTS,
        super::providers::STATEMENTS,
        super::passkeys::STATEMENTS,
        super::payment_accounts::STATEMENTS,
        super::payment_events::STATEMENTS,
        super::payments::STATEMENTS,
        super::people::STATEMENTS,
        super::plans::STATEMENTS,
        super::sealed::STATEMENTS,
        super::sessions::STATEMENTS,
        super::subscriptions::STATEMENTS,
        super::tenant_brands::STATEMENTS,
        super::tenant_plans::STATEMENTS,
        super::tenant_usage::STATEMENTS,
        super::tenant_directory::STATEMENTS,
        super::tenant_domains::STATEMENTS,
        super::tenant_purge::STATEMENTS,
        super::tenant_stats::STATEMENTS,
        super::tenant_tables::STATEMENTS,
        super::tenants::STATEMENTS,
        super::thumbnails::STATEMENTS,
        super::uploads::STATEMENTS,
        super::user_lists::STATEMENTS,
        super::users::STATEMENTS,
        super::webhook_cursors::STATEMENTS,
        super::webhook_deliveries::STATEMENTS,
        super::webhook_log::STATEMENTS,
        super::webhooks::STATEMENTS,
    ]
    .concat()
}

#[tokio::test]
async fn every_statement_prepares_on_every_database() {
    use sqlx::{Executor as _, SqlSafeStr as _};
    for db in databases().await {
        for text in statements() {
            let prepared = match &db {
                // A statement of the other database alone.
                Db::Sqlite { .. } if text.sqlite.is_empty() => Ok(()),
                Db::Postgres(_) if text.postgres.is_empty() => Ok(()),
                Db::Sqlite { write, .. } => write.prepare(text.sqlite.into_sql_str()).await.map(drop),
                Db::Postgres(pool) => pool.prepare(text.postgres.into_sql_str()).await.map(drop),
            };
            assert!(prepared.is_ok(), "{} on {}: {prepared:?}", text.name, db.kind());
        }
    }
}

#[tokio::test]
async fn every_statement_about_documents_prepares_on_every_database() {
    use sqlx::{Executor as _, SqlSafeStr as _};
    for db in document_databases().await {
        for text in document_statements() {
            let prepared = match db.db() {
                Db::Sqlite { write, .. } => write.prepare(text.sqlite.into_sql_str()).await.map(drop),
                Db::Postgres(pool) => pool.prepare(text.postgres.into_sql_str()).await.map(drop),
            };
            assert!(prepared.is_ok(), "{}: {prepared:?}", text.name);
        }
    }
}

#[test]
fn every_file_with_statements_is_in_the_list() {
    let listed = include_str!("testing.rs");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let has = std::fs::read_to_string(&path).unwrap().contains("\nsql! {");
        assert!(!has || listed.contains(&format!("super::{name}::STATEMENTS")), "{name} is not listed");
    }
}
