//! What a tenant has, row by row, as lists of plain values that mean the same on both databases. Which tables and columns
//! there are is read from the schema: texts and whole numbers are all that tenants' data is made of.

use futures_util::stream::BoxStream;
use sqlx::AssertSqlSafe;

use super::db::{Db, Run as _, Tx};
use super::document_db::DocumentDb;
use super::sql::sql;
use crate::base::{Slug, TenantId, Timestamp};

sql! {
    global COLUMNS(0) = "SELECT m.name AS table_name, c.name AS column_name, c.type AS kind
        FROM sqlite_master m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' AND (m.name = 'tenants'
            OR EXISTS (SELECT 1 FROM pragma_table_info(m.name) t WHERE t.name = 'tenant_id'))
        ORDER BY m.name, c.cid"
        | "SELECT CAST(c.table_name AS TEXT) AS table_name, CAST(c.column_name AS TEXT) AS column_name,
            CAST(c.data_type AS TEXT) AS kind
        FROM information_schema.columns c
        JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
        WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND (c.table_name = 'tenants'
            OR EXISTS (SELECT 1 FROM information_schema.columns o WHERE o.table_schema = c.table_schema
                AND o.table_name = c.table_name AND o.column_name = 'tenant_id'))
        ORDER BY c.table_name, c.ordinal_position";
    // The first look decides as of when everything is read.
    global LOOK(0) = "SELECT COUNT(*) FROM sqlite_master" | "SELECT CAST(1 AS BIGINT)";
    global LAND(3) = "UPDATE tenants SET slug = $2, status = $3, deleted_at = NULL, purge_at = NULL
        WHERE id = $1 AND status = 'deleted' AND NOT EXISTS (SELECT 1 FROM tenants o WHERE o.slug = $2)";
    global STRAND(2) = "UPDATE tenants SET purge_at = $2 WHERE id = $1 AND status = 'deleted'";
    tenant COUNT_FILES(1) = "INSERT INTO archive_usage (tenant_id, subject, files, bytes)
        SELECT $1, s.subject, CAST(SUM(s.files) AS BIGINT), CAST(SUM(s.bytes) AS BIGINT) FROM (
            SELECT owner AS subject, 1 AS files, size AS bytes FROM files WHERE tenant_id = $1
            UNION ALL SELECT '', 1, size FROM files WHERE tenant_id = $1
            UNION ALL SELECT f.owner, 0, t.size FROM thumbnails t
                JOIN files f ON f.tenant_id = t.tenant_id AND f.id = t.file_id WHERE t.tenant_id = $1
            UNION ALL SELECT '', 0, size FROM thumbnails WHERE tenant_id = $1) s
        GROUP BY s.subject";
}

/// A table of tenants' data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, without the one that names the tenant.
    columns: Vec<Column>,
}

/// A column as the schema has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    name: String,
    kind: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    table_name: String,
    column_name: String,
    kind: String,
}

impl Table {
    /// The names of its columns, without the one that names the tenant.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    fn kind(&self, name: &str) -> Option<&str> {
        self.columns.iter().find(|column| column.name == name).map(|column| column.kind.as_str())
    }

    /// The column that names the tenant.
    fn key(&self) -> &'static str {
        key_of(&self.name)
    }
}

fn key_of(table: &str) -> &'static str {
    if table == "tenants" { "id" } else { "tenant_id" }
}

/// Every table that has something of tenants, the one of tenants included.
///
/// # Errors
/// The database failed.
pub async fn tables(db: &Db) -> sqlx::Result<Vec<Table>> {
    let mut all: Vec<Table> = Vec::new();
    for Row { table_name, column_name: name, kind } in db.all(COLUMNS, ()).await? {
        if all.last().is_none_or(|table| table.name != table_name) {
            all.push(Table { name: table_name, columns: Vec::new() });
        }
        if let Some(table) = all.last_mut().filter(|table| table.key() != name) {
            table.columns.push(Column { name, kind });
        }
    }
    Ok(all)
}

/// As [`tables`], of those beside documents.
///
/// # Errors
/// The database failed.
pub async fn tables_beside(documents: &DocumentDb) -> sqlx::Result<Vec<Table>> {
    tables(documents.db()).await
}

/// Everything as it is now, to be read in peace, whoever writes meanwhile.
///
/// # Errors
/// The database failed.
pub async fn snapshot(db: &Db) -> sqlx::Result<Tx> {
    let mut tx = match db {
        Db::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
        Db::Postgres(pool) => Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?),
    };
    let _: Option<(i64,)> = tx.one(LOOK, ()).await?;
    Ok(tx)
}

/// As [`snapshot`], of documents.
///
/// # Errors
/// The database failed.
pub async fn snapshot_beside(documents: &DocumentDb) -> sqlx::Result<Tx> {
    snapshot(documents.db()).await
}

/// A tenant's rows of a table that fit `only` (SQL; empty: all), each as a JSON array of its columns, as they come.
pub fn read<'a>(
    tx: &'a mut Tx,
    table: &Table,
    tenant: &TenantId,
    only: &'static str,
) -> BoxStream<'a, sqlx::Result<String>> {
    let names = names(table.columns());
    let from = format!("FROM {} WHERE {} = $1{only}", quoted(&table.name), table.key());
    let tenant = tenant.as_str().to_owned();
    match tx {
        Tx::Sqlite(one) => {
            let text = AssertSqlSafe(format!("SELECT json_array({names}) {from}"));
            sqlx::query_scalar::<_, String>(text).bind(tenant).fetch(&mut **one)
        }
        Tx::Postgres(one) => {
            let text = AssertSqlSafe(format!("SELECT CAST(json_build_array({names}) AS TEXT) {from}"));
            sqlx::query_scalar::<_, String>(text).bind(tenant).fetch(&mut **one)
        }
    }
}

/// Stores rows as [`read`] gave them, for this tenant: a JSON array of arrays of these columns.
///
/// # Errors
/// The table has no such column, or the database failed.
pub async fn write(
    tx: &mut Tx,
    table: &Table,
    columns: &[String],
    tenant: &TenantId,
    rows: String,
) -> sqlx::Result<u64> {
    let unknown = |name: &String| sqlx::Error::ColumnNotFound(format!("{}.{name}", table.name));
    let kinds: Vec<&str> =
        columns.iter().map(|name| table.kind(name).ok_or_else(|| unknown(name))).collect::<sqlx::Result<_>>()?;
    let (into, key, places) = (quoted(&table.name), table.key(), names(columns.iter().map(String::as_str)));
    let head = format!("INSERT INTO {into} ({key}, {places}) SELECT $1");
    let tenant = tenant.as_str().to_owned();
    let done = match tx {
        Tx::Sqlite(one) => {
            let values: String = (0..columns.len()).map(|at| format!(", n.value ->> {at}")).collect();
            let text = AssertSqlSafe(format!("{head}{values} FROM json_each($2) n"));
            sqlx::query(text).bind(tenant).bind(rows).execute(&mut **one).await?.rows_affected()
        }
        Tx::Postgres(one) => {
            let cast = |(at, kind): (usize, &&str)| format!(", CAST(n.v ->> {at} AS {kind})");
            let values: String = kinds.iter().enumerate().map(cast).collect();
            let text = AssertSqlSafe(format!("{head}{values} FROM json_array_elements($2::text::json) n(v)"));
            sqlx::query(text).bind(tenant).bind(rows).execute(&mut **one).await?.rows_affected()
        }
    };
    Ok(done)
}

/// Makes a tenant whose rows are all there somebody: from now on it answers. `false`: it is not waiting for that, or
/// somebody else has the slug.
///
/// # Errors
/// The database failed.
pub async fn land(tx: &mut Tx, tenant: &TenantId, slug: &Slug, status: &str) -> sqlx::Result<bool> {
    tx.execute(COUNT_FILES, (tenant.clone(),)).await?;
    Ok(tx.execute(LAND, (tenant.clone(), slug.clone(), status.to_owned())).await? == 1)
}

/// Lets what is left of a tenant that did not arrive be removed from `at` on.
///
/// # Errors
/// The database failed.
pub async fn strand(db: &Db, tenant: &TenantId, at: Timestamp) -> sqlx::Result<()> {
    db.execute(STRAND, (tenant.clone(), at)).await.map(drop)
}

/// Names of the schema's own.
fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    all.map(quoted).collect::<Vec<_>>().join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;
    use crate::store::testing::{databases, tenant};

    async fn table(db: &Db, name: &str) -> Table {
        tables(db).await.unwrap().into_iter().find(|table| table.name == name).unwrap()
    }

    #[tokio::test]
    async fn what_is_read_of_one_tenant_is_written_for_another_on_whichever_database() {
        let odd = "it's \"x\"\n\\ é😀 \u{1}";
        let row = serde_json::json!(["1", odd, 9_007_199_254_740_993_i64, null]).to_string();
        let columns = ["key", "definition", "version", "created_at"].map(str::to_owned);
        for from in databases().await {
            let plans = table(&from, "plans").await;
            assert_eq!(
                plans.columns().collect::<Vec<_>>(),
                ["key", "definition", "version", "created_at", "updated_at"]
            );
            let one = tenant(&from, "one").await;
            let mut tx = from.begin().await.unwrap();
            let refused = write(&mut tx, &plans, &columns, &one, format!("[{row}]")).await;
            assert!(refused.is_err(), "a time is missing");
            drop(tx);
            let row = row.replace("null", "7").replace(']', ",8]");
            let all = [&columns[..], &["updated_at".to_owned()]].concat();
            let mut tx = from.begin().await.unwrap();
            assert_eq!(write(&mut tx, &plans, &all, &one, format!("[{row}]")).await.unwrap(), 1);
            tx.commit().await.unwrap();
            for to in databases().await {
                let two = tenant(&to, "two").await;
                let mut peace = snapshot(&from).await.unwrap();
                let rows: Vec<String> = read(&mut peace, &plans, &one, "").try_collect().await.unwrap();
                let mut tx = to.begin().await.unwrap();
                let text = format!("[{}]", rows.join(","));
                assert_eq!(write(&mut tx, &table(&to, "plans").await, &all, &two, text).await.unwrap(), 1);
                let back: Vec<String> = read(&mut tx, &plans, &two, "").try_collect().await.unwrap();
                let value: serde_json::Value = serde_json::from_str(&back[0]).unwrap();
                assert_eq!(value, serde_json::json!(["1", odd, 9_007_199_254_740_993_i64, 7, 8]));
            }
            let mut peace = snapshot(&from).await.unwrap();
            assert!(
                read(&mut peace, &plans, &one, " AND version = 1").try_collect::<Vec<_>>().await.unwrap().is_empty()
            );
        }
    }

    #[tokio::test]
    async fn a_snapshot_does_not_see_what_comes_after_it() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let tenants = table(&db, "tenants").await;
            let mut peace = snapshot(&db).await.unwrap();
            let two = tenant(&db, "two").await;
            for (whose, seen) in [(&one, 1), (&two, 0)] {
                let rows: Vec<String> = read(&mut peace, &tenants, whose, "").try_collect().await.unwrap();
                assert_eq!(rows.len(), seen);
            }
        }
    }

    #[tokio::test]
    async fn only_a_tenant_that_waits_for_it_lands() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let mut tx = db.begin().await.unwrap();
            assert!(!land(&mut tx, &one, &"other".parse().unwrap(), "active").await.unwrap());
        }
    }
}
