//! A tenant's collections with their documents, as they leave one database and arrive in another: under other numbers,
//! with their ids, revisions and times.

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::db::{Run as _, Tx};
use super::document::{Document, Row};
use super::document_audits::Actor;
use super::document_counters::{self as counters, Added, Ceiling, Holder, Usage};
use super::document_db::DocumentDb;
use super::document_indexing;
use super::document_settling::{By, Change, Unsettled, Within, index, settle};
use super::sql::sql;
use super::values::Json;
use crate::base::{TenantId, Timestamp};
use crate::query::index::Index;

sql! {
    tenant COLLECTIONS(1) = "SELECT coll, name, definition, version, created_at, updated_at FROM collections
        WHERE tenant_id = $1 ORDER BY name";
    tenant MAKE(6) = "INSERT INTO collections (tenant_id, name, definition, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING coll";
    global ALL(1) = "SELECT id, rev, owner, created, updated, json(body) FROM documents WHERE coll = $1"
        | "SELECT id, rev, owner, created, updated, body::text FROM documents WHERE coll = $1";
    global PUT(2) = "INSERT INTO documents (coll, id, rev, owner, created, updated, body)
        SELECT $1, n.value ->> 0, n.value ->> 1, n.value ->> 2, n.value ->> 3, n.value ->> 4, jsonb(n.value -> 5)
        FROM json_each($2) n"
        | "INSERT INTO documents (coll, id, rev, owner, created, updated, body)
        SELECT $1, n.v ->> 0, (n.v ->> 1)::bigint, n.v ->> 2, n.v ->> 3, n.v ->> 4, n.v -> 5
        FROM jsonb_array_elements($2::text::jsonb) n(v)";
}

/// A collection without its documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Collection {
    /// Its number where it is.
    #[serde(skip)]
    pub coll: i64,
    /// Its name.
    pub name: String,
    /// Rules, indexes, schema, limits.
    pub definition: Json<Value>,
    /// Counts its definitions.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last defined.
    pub updated_at: Timestamp,
}

/// A tenant's collections, by name.
///
/// # Errors
/// The database failed.
pub async fn collections(tx: &mut Tx, tenant: &TenantId) -> sqlx::Result<Vec<Collection>> {
    tx.all(COLLECTIONS, (tenant.clone(),)).await
}

/// The documents of a collection, as they come.
pub fn documents(tx: &mut Tx, coll: i64) -> BoxStream<'_, sqlx::Result<Document>> {
    match tx {
        Tx::Sqlite(one) => {
            let rows = sqlx::query_as::<_, Row>(ALL.sqlite).bind(coll).fetch(&mut **one);
            rows.map(|row| Document::read(row?)).boxed()
        }
        Tx::Postgres(one) => {
            let rows = sqlx::query_as::<_, Row>(ALL.postgres).bind(coll).fetch(&mut **one);
            rows.map(|row| Document::read(row?)).boxed()
        }
    }
}

/// Makes a collection with the indexes that its definition declares; answers its number.
///
/// # Errors
/// There is one of that name, its indexes are none, or the database failed.
pub async fn make(db: &DocumentDb, tenant: &TenantId, new: &Collection) -> Result<i64, Unsettled> {
    let Collection { name, definition, version, created_at, updated_at, .. } = new.clone();
    let declared = definition.get("indexes").cloned().unwrap_or_else(|| json!([]));
    let indexes = Index::list(&declared).map_err(|mistake| sqlx::Error::Decode(mistake.into()))?;
    let mut tx = db.begin().await?;
    let args = (tenant.clone(), name, definition, version, created_at, updated_at);
    let made: Option<(i64,)> = tx.one(MAKE, args).await?;
    let (coll,) = made.ok_or(sqlx::Error::RowNotFound)?;
    let declared = declared.as_array().map_or(&[][..], Vec::as_slice);
    document_indexing::declare(&mut tx, coll, declared, &indexes).await?;
    tx.commit().await?;
    Ok(coll)
}

/// Stores documents as they are, with their entries in indexes, and counts them. Nobody is told of it.
///
/// # Errors
/// An index does not take them, or the database failed; then none of them is stored.
pub async fn put(
    db: &DocumentDb,
    tenant: &TenantId,
    (coll, name): (i64, &str),
    documents: Vec<Document>,
    now: Timestamp,
) -> Result<(), Unsettled> {
    let mut tx = db.begin().await?;
    let rows: Vec<_> = documents.iter().map(|d| json!([d.id, d.rev, d.owner, d.created, d.updated, d.body])).collect();
    tx.execute(PUT, (coll, Value::Array(rows).to_string())).await?;
    let changes: Vec<_> =
        documents.into_iter().map(|document| Change { before: None, after: Some(document) }).collect();
    index(&mut tx, coll, &changes).await?;
    let within = Within { coll, name, ceiling: Ceiling::default(), logged: false, audited: false };
    let actor = Actor { id: "", request_id: None };
    let by = By { tenant, ceiling: Ceiling::default(), owner: None, actor, now };
    settle(&mut tx, &by, &[(within, &changes)]).await?;
    Ok(tx.commit().await?)
}

/// The number of a tenant's last change.
///
/// # Errors
/// The database failed.
pub async fn last_change(tx: &mut Tx, tenant: &TenantId) -> sqlx::Result<i64> {
    counters::last_change_in(tx, tenant).await
}

/// Lets changes be numbered after this one, so that who followed them hears of the next.
///
/// # Errors
/// The database failed.
pub async fn go_on_after(db: &DocumentDb, tenant: &TenantId, change: i64) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    let added = Added { usage: Usage::default(), changes: change };
    // Without a ceiling nothing is refused.
    let _ = counters::add(&mut tx, tenant, &Holder::Tenant, added, Ceiling::default()).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;
    use crate::store::collections::find;
    use crate::store::document_counters::{last_change, usage};
    use crate::store::document_index::kept;
    use crate::store::tenant_tables::snapshot_beside;
    use crate::store::testing::document_databases;

    fn document(id: &str, number: i64) -> Document {
        let body = json!({ "number": number, "big": 1e300, "text": "é\"\\" }).as_object().cloned().unwrap();
        let time = |day| format!("2026-01-0{day}T00:00:00.000Z");
        Document {
            id: id.to_owned(),
            rev: 7,
            owner: Some("ada".to_owned()),
            created: time(1),
            updated: time(2),
            body: crate::query::value::normal(Value::Object(body)).as_object().cloned().unwrap(),
        }
    }

    #[tokio::test]
    async fn documents_arrive_as_they_left_with_indexes_and_counts() {
        let indexes = json!([{ "name": "by_number", "fields": { "number": 1 }, "unique": true }]);
        let new = Collection {
            coll: 0,
            name: "orders".to_owned(),
            definition: Json(json!({ "indexes": indexes })),
            version: 3,
            created_at: Timestamp(1),
            updated_at: Timestamp(2),
        };
        for db in document_databases().await {
            let tenant = TenantId::generate();
            let coll = make(&db, &tenant, &new).await.unwrap();
            let all = vec![document("a", 1), document("b", 2)];
            put(&db, &tenant, (coll, "orders"), all.clone(), Timestamp(9)).await.unwrap();
            let twice = put(&db, &tenant, (coll, "orders"), vec![document("c", 1)], Timestamp(9)).await;
            assert!(matches!(twice, Err(Unsettled::Index(_))), "the index is kept: {twice:?}");
            go_on_after(&db, &tenant, 41).await.unwrap();
            assert_eq!(last_change(&db, &tenant).await.unwrap(), 41);
            assert_eq!(usage(&db, &tenant, &Holder::Owner("ada".to_owned())).await.unwrap().documents, 2);
            assert_eq!(kept(&db, coll).await.unwrap().all.len(), 1);
            assert_eq!(find(&db, &tenant, "orders").await.unwrap().unwrap().version, 3);

            let mut peace = snapshot_beside(&db).await.unwrap();
            let found = collections(&mut peace, &tenant).await.unwrap();
            assert_eq!(found, [Collection { coll, ..new.clone() }]);
            let mut left: Vec<_> = documents(&mut peace, coll).try_collect().await.unwrap();
            left.sort_by(|one, other| one.id.cmp(&other.id));
            assert_eq!(left, all);
            assert_eq!(super::last_change(&mut peace, &tenant).await.unwrap(), 41);
        }
    }
}
