//! Collections of documents: which a tenant has, and what it says of each.

use serde_json::Value;

use super::db::{Run, Tx};
use super::document_db::DocumentDb;
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

sql! {
    tenant INSERT(4) = "INSERT INTO collections (tenant_id, name, definition, version, created_at, updated_at)
        VALUES ($1, $2, $3, 1, $4, $4) ON CONFLICT (tenant_id, name) DO NOTHING";
    tenant FIND(2) = "SELECT coll, name, definition, version FROM collections WHERE tenant_id = $1 AND name = $2";
    tenant HOLD(2) = "SELECT coll, name, definition, version FROM collections WHERE tenant_id = $1 AND name = $2"
        | "SELECT coll, name, definition, version FROM collections WHERE tenant_id = $1 AND name = $2 FOR SHARE";
    tenant COUNT(1) = "SELECT count(*) FROM collections WHERE tenant_id = $1";
    tenant LIST(1) = "SELECT coll, name, definition, version FROM collections WHERE tenant_id = $1 ORDER BY name";
    tenant WITH_LIFE(0) = "SELECT tenant_id, name FROM collections WHERE definition LIKE '%\"ttl\"%'";
    tenant DEFINE(5) = "UPDATE collections SET definition = $4, version = version + 1, updated_at = $5
        WHERE tenant_id = $1 AND name = $2 AND version = $3";
    tenant REMOVE(3) = "DELETE FROM collections WHERE tenant_id = $1 AND name = $2 AND version = $3 RETURNING coll";
    global EMPTY(1) = "DELETE FROM documents WHERE coll = $1";
}

/// A collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// Its number, which leads to its documents.
    pub coll: i64,
    /// Its name, unique in its tenant.
    pub name: String,
    /// Rules, indexes, schema, limits.
    pub definition: Value,
    /// Counts its definitions.
    pub version: i64,
}

type Row = (i64, String, String, i64);

fn read((coll, name, definition, version): Row) -> sqlx::Result<Collection> {
    let definition = serde_json::from_str(&definition).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(Collection { coll, name, definition, version })
}

/// Makes a collection, unless the tenant has one of that name.
///
/// # Errors
/// The database failed.
pub async fn insert(
    run: impl Run,
    tenant: &TenantId,
    name: &str,
    definition: &Value,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let args = (tenant.as_str().to_owned(), name.to_owned(), definition.to_string(), now.0);
    Ok(run.execute(INSERT, args).await? == 1)
}

/// A tenant's collection.
///
/// # Errors
/// The database failed.
pub async fn find(db: &DocumentDb, tenant: &TenantId, name: &str) -> sqlx::Result<Option<Collection>> {
    let row: Option<Row> = db.db().one(FIND, (tenant.as_str().to_owned(), name.to_owned())).await?;
    row.map(read).transpose()
}

/// A tenant's collection, which nobody changes or removes until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn hold(tx: &mut Tx, tenant: &TenantId, name: &str) -> sqlx::Result<Option<Collection>> {
    let row: Option<Row> = tx.one(HOLD, (tenant.as_str().to_owned(), name.to_owned())).await?;
    row.map(read).transpose()
}

/// How many collections a tenant has.
///
/// # Errors
/// The database failed.
pub async fn count(run: impl Run, tenant: &TenantId) -> sqlx::Result<i64> {
    let row: Option<(i64,)> = run.one(COUNT, (tenant.as_str().to_owned(),)).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// All collections of a tenant, by name.
///
/// # Errors
/// The database failed.
pub async fn list(db: &DocumentDb, tenant: &TenantId) -> sqlx::Result<Vec<Collection>> {
    let rows: Vec<Row> = db.db().all(LIST, (tenant.as_str().to_owned(),)).await?;
    rows.into_iter().map(read).collect()
}

/// Collections of all tenants that may remove documents by their time.
///
/// # Errors
/// The database failed.
pub async fn with_life(db: &DocumentDb) -> sqlx::Result<Vec<(TenantId, String)>> {
    db.db().all(WITH_LIFE, ()).await
}

/// Gives a collection another definition, if it is still of that version.
///
/// # Errors
/// The database failed.
pub async fn define(
    run: impl Run,
    tenant: &TenantId,
    (name, version): (&str, i64),
    definition: &Value,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let args = (tenant.as_str().to_owned(), name.to_owned(), version, definition.to_string(), now.0);
    Ok(run.execute(DEFINE, args).await? == 1)
}

/// Removes a collection with all its documents, if it is still of that version.
///
/// # Errors
/// The database failed.
pub async fn remove(run: &mut Tx, tenant: &TenantId, name: &str, version: i64) -> sqlx::Result<bool> {
    let gone: Option<(i64,)> = run.one(REMOVE, (tenant.as_str().to_owned(), name.to_owned(), version)).await?;
    match gone {
        Some((coll,)) => run.execute(EMPTY, (coll,)).await.map(|_| true),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::documents::{self, NewDocument};
    use super::super::testing::document_databases;
    use super::*;

    #[tokio::test]
    async fn d1_two_tenants_may_name_a_collection_alike_and_share_nothing() {
        for db in document_databases().await {
            let (one, two) = (TenantId::generate(), TenantId::generate());
            let mut tx = db.begin().await.unwrap();
            for tenant in [&one, &two] {
                assert!(insert(&mut tx, tenant, "orders", &json!({"rules": {}}), Timestamp(1)).await.unwrap());
                assert!(!insert(&mut tx, tenant, "orders", &json!({}), Timestamp(2)).await.unwrap());
            }
            tx.commit().await.unwrap();
            let (mine, yours) =
                (find(&db, &one, "orders").await.unwrap().unwrap(), find(&db, &two, "orders").await.unwrap().unwrap());
            assert_ne!(mine.coll, yours.coll);
            assert_eq!((mine.definition, mine.version), (json!({"rules": {}}), 1));
            assert_eq!(list(&db, &one).await.unwrap().len(), 1);
            assert!(find(&db, &one, "other").await.unwrap().is_none());
        }
    }

    #[tokio::test]
    async fn a_collection_is_defined_anew_and_removed_by_who_knows_its_version() {
        for db in document_databases().await {
            let tenant = TenantId::generate();
            let mut tx = db.begin().await.unwrap();
            insert(&mut tx, &tenant, "orders", &json!({}), Timestamp(1)).await.unwrap();
            assert!(!define(&mut tx, &tenant, ("orders", 2), &json!({"x": 1}), Timestamp(2)).await.unwrap());
            assert!(define(&mut tx, &tenant, ("orders", 1), &json!({"x": 1}), Timestamp(2)).await.unwrap());
            tx.commit().await.unwrap();
            let orders = find(&db, &tenant, "orders").await.unwrap().unwrap();
            assert_eq!((orders.version, &orders.definition), (2, &json!({"x": 1})));
            let new = NewDocument { id: "a", owner: None, now: "", body: &json!({}) };
            let mut tx = db.begin().await.unwrap();
            assert!(documents::insert(&mut tx, orders.coll, &new).await.unwrap());
            assert!(!remove(&mut tx, &tenant, "orders", 1).await.unwrap());
            assert!(remove(&mut tx, &tenant, "orders", 2).await.unwrap());
            tx.commit().await.unwrap();
            assert!(find(&db, &tenant, "orders").await.unwrap().is_none());
            assert!(documents::get(&db, orders.coll, "a").await.unwrap().is_none());
        }
    }
}
