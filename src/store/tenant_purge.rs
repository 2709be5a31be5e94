//! The removal of everything that a tenant had. Which tables that are is read from the schema, so that none is
//! forgotten: every table of tenants' data names its tenant in `tenant_id`.

use sqlx::AssertSqlSafe;

use super::db::{Db, Run as _};
use super::sql::sql;
use crate::base::TenantId;

/// Most rows removed by one statement: a purge must not hold the writer for long.
pub(super) const BATCH: i64 = 1_000;

sql! {
    // By what a row is named: not every table of SQLite's has row ids.
    global TABLES(0) = "SELECT m.name, (SELECT group_concat('\"' || k.name || '\"', ', ')
            FROM pragma_table_info(m.name) k WHERE k.pk > 0) AS key
        FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'tenant_id'
        WHERE m.type = 'table' ORDER BY m.name"
        | "SELECT CAST(c.table_name AS TEXT) AS name, 'ctid' AS key FROM information_schema.columns c
        JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
        WHERE c.table_schema = current_schema() AND c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE'
        ORDER BY 1";
}

/// How often all tables are gone through at most.
const PASSES: usize = 5;

/// A table that holds something of tenants.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
struct Table {
    name: String,
    key: Option<String>,
}

/// Removes every row that is a tenant's, from every table but the one of tenants; answers how many there were.
///
/// # Errors
/// The database failed; what was removed before stays removed.
pub async fn rows(db: &Db, tenant: &TenantId) -> sqlx::Result<u64> {
    let tables: Vec<Table> = db.all(TABLES, ()).await?;
    let mut all = 0;
    // What counts the rows of another table is written to when they go, so it is looked at again.
    for _ in 0..PASSES {
        let mut removed = 0;
        for table in &tables {
            removed += of_table(db, table, tenant).await?;
        }
        all += removed;
        if removed == 0 {
            break;
        }
    }
    Ok(all)
}

async fn of_table(db: &Db, table: &Table, tenant: &TenantId) -> sqlx::Result<u64> {
    let (text, mut removed) = (table.removal(), 0);
    loop {
        let count = some(db, &text, tenant).await?;
        removed += count;
        if count < BATCH.unsigned_abs() {
            return Ok(removed);
        }
    }
}

impl Table {
    /// The statement that removes some rows of a tenant. Its names are the schema's own.
    fn removal(&self) -> String {
        let name = self.name.replace('"', "\"\"");
        let key = self.key.as_deref().unwrap_or("rowid");
        let found = format!("SELECT {key} FROM \"{name}\" WHERE tenant_id = $1 LIMIT $2");
        match key {
            "ctid" => format!("DELETE FROM \"{name}\" WHERE ctid = ANY(ARRAY({found}))"),
            key => format!("DELETE FROM \"{name}\" WHERE ({key}) IN ({found})"),
        }
    }
}

async fn some(db: &Db, text: &str, tenant: &TenantId) -> sqlx::Result<u64> {
    let text = AssertSqlSafe(text.to_owned());
    Ok(match db {
        Db::Sqlite { write, .. } => {
            sqlx::query(text).bind(tenant.as_str()).bind(BATCH).execute(write).await?.rows_affected()
        }
        Db::Postgres(pool) => sqlx::query(text).bind(tenant.as_str()).bind(BATCH).execute(pool).await?.rows_affected(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Digest, Timestamp};
    use crate::store::sessions::{BrowserData, load_browser, save_browser};
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn every_row_of_one_tenant_goes_and_none_of_another() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            for number in 0..2_100 {
                let digest = Digest::of(format!("{number}").as_bytes());
                save_browser(&db, &one, &digest, BrowserData::new(), Timestamp(10)).await.unwrap();
            }
            let kept = Digest::of(b"kept");
            save_browser(&db, &two, &kept, BrowserData::new(), Timestamp(10)).await.unwrap();
            assert_eq!(rows(&db, &one).await.unwrap(), 2_100);
            assert_eq!(rows(&db, &one).await.unwrap(), 0);
            assert!(load_browser(&db, &two, &kept, Timestamp(5)).await.unwrap().is_some());
        }
    }

    #[tokio::test]
    async fn every_table_whose_rows_begin_with_a_tenant_is_found() {
        for db in databases().await {
            let tables: Vec<Table> = db.all(TABLES, ()).await.unwrap();
            let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
            assert!(
                names.len() > 40
                    && ["users", "audit_events", "tenant_domains", "files"].iter().all(|name| names.contains(name)),
                "{names:?}"
            );
            assert!(!names.contains(&"tenants") && !names.contains(&"meta"));
        }
    }
}
