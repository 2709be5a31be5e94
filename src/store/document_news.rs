//! Changes of documents in whole tenants, for those who are told of them elsewhere.

use serde_json::{Value, json};

use super::DocumentDb;
use super::db::Run as _;
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

sql! {
    tenant AHEAD(1) = "SELECT tenant_id FROM document_counters JOIN json_each($1) n ON tenant_id = n.value ->> 0
        WHERE holder = '' AND changes > n.value ->> 1"
        | "SELECT tenant_id FROM document_counters JOIN jsonb_array_elements($1::text::jsonb) n(v) ON tenant_id = n.v ->> 0
        WHERE holder = '' AND changes > (n.v ->> 1)::bigint";
    tenant AFTER(3) = "SELECT c.seq, d.name, c.at, c.before, c.after FROM document_changes c
        LEFT JOIN collections d ON d.tenant_id = c.tenant_id AND d.coll = c.coll
        WHERE c.tenant_id = $1 AND c.seq > $2 ORDER BY c.seq LIMIT $3";
}

/// A change, as others are told of it: never what a document says, which is for those who may read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Its number among the tenant's.
    pub seq: i64,
    /// In which collection; none, when that is gone.
    pub collection: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The document's `_id`.
    pub id: String,
    /// Its `_rev`, unless it was removed.
    pub rev: Option<i64>,
    /// Whether it was there before.
    pub known: bool,
}

type Row = (i64, Option<String>, Timestamp, Option<String>, Option<String>);

/// Which of these tenants have changes after the number beside them.
///
/// # Errors
/// The database failed.
pub async fn ahead(db: &DocumentDb, seen: &[(TenantId, i64)]) -> sqlx::Result<Vec<TenantId>> {
    let found: Vec<(TenantId,)> = db.db().all(AHEAD, (json!(seen).to_string(),)).await?;
    Ok(found.into_iter().map(|(tenant,)| tenant).collect())
}

/// Up to `limit` changes in a tenant after this number.
///
/// # Errors
/// The database failed.
pub async fn after(db: &DocumentDb, tenant: &TenantId, seq: i64, limit: i64) -> sqlx::Result<Vec<News>> {
    let rows: Vec<Row> = db.db().all(AFTER, (tenant.clone(), seq, limit)).await?;
    rows.into_iter().map(read).collect()
}

fn read((seq, collection, at, before, after): Row) -> sqlx::Result<News> {
    let newest = after.as_ref().or(before.as_ref()).map_or("null", String::as_str);
    let document: Value = serde_json::from_str(newest).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let id = document["_id"].as_str().unwrap_or_default().to_owned();
    let rev = after.and_then(|_| document["_rev"].as_i64());
    Ok(News { seq, collection, at, id, rev, known: before.is_some() })
}

#[cfg(test)]
mod tests {
    use super::super::document_changes::append;
    use super::super::document_counters::{Added, Ceiling, Holder};
    use super::super::testing::document_databases;
    use super::super::{collections, document_counters};
    use super::*;

    #[tokio::test]
    async fn x2_a_tenants_changes_are_read_in_their_order_and_who_has_new_ones_is_known() {
        for db in document_databases().await {
            let (one, two) = (TenantId::generate(), TenantId::generate());
            collections::insert(db.db(), &one, "orders", &json!({}), Timestamp(1)).await.unwrap();
            let coll = collections::find(&db, &one, "orders").await.unwrap().unwrap().coll;
            let (was, is) = (json!({"_id": "a", "_rev": 1}), json!({"_id": "a", "_rev": 2}));
            let mut tx = db.begin().await.unwrap();
            let changes = [(None, Some(&was)), (Some(&was), Some(&is)), (Some(&is), None)];
            append(&mut tx, &one, coll, (3, Timestamp(100)), &changes).await.unwrap();
            append(&mut tx, &two, coll, (1, Timestamp(100)), &changes[..1]).await.unwrap();
            let added = Added { changes: 3, ..Added::default() };
            document_counters::add(&mut tx, &one, &Holder::Tenant, added, Ceiling::default()).await.unwrap().unwrap();
            tx.commit().await.unwrap();
            let found = after(&db, &one, 1, 9).await.unwrap();
            let told: Vec<_> = found.iter().map(|news| (news.seq, news.id.as_str(), news.rev, news.known)).collect();
            assert_eq!(told, [(2, "a", Some(2), true), (3, "a", None, true)]);
            assert_eq!(found[0].collection.as_deref(), Some("orders"));
            assert_eq!(after(&db, &two, 0, 9).await.unwrap()[0].collection, None, "another tenant's collection");
            let seen = [(two, 0), (one.clone(), 2)];
            assert_eq!(ahead(&db, &seen).await.unwrap(), std::slice::from_ref(&one));
            assert!(ahead(&db, &[(one, 3)]).await.unwrap().is_empty());
        }
    }
}
