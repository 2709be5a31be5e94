//! The log of changes: the last ones of each tenant, as the documents were and are, for those who watch. It is bounded
//! by number and by age; what has left it can no longer be caught up with.

use serde_json::Value;

use super::DocumentDb;
use super::db::{Run as _, Tx};
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

/// Changes that are kept of a tenant.
pub const KEPT: i64 = 10_000;
/// How many rows go with one statement.
const BATCH: usize = 500;
/// Every so many changes, old ones are removed.
const EVERY: i64 = 256;

sql! {
    tenant APPEND(5) = "INSERT INTO document_changes (tenant_id, coll, at, seq, before, after)
        SELECT $1, $2, $3, $4 + n.key, n.value ->> 0, n.value ->> 1 FROM json_each($5) n"
        | "INSERT INTO document_changes (tenant_id, coll, at, seq, before, after)
        SELECT $1, $2, $3, $4 + n.o - 1, n.v ->> 0, n.v ->> 1
        FROM jsonb_array_elements($5::text::jsonb) WITH ORDINALITY n(v, o)";
    tenant AFTER(4) = "SELECT seq, before, after FROM document_changes
        WHERE tenant_id = $1 AND coll = $2 AND seq > $3 ORDER BY seq LIMIT $4";
    tenant FIRST(1) = "SELECT min(seq) FROM document_changes WHERE tenant_id = $1";
    tenant SHORTEN(2) = "DELETE FROM document_changes WHERE tenant_id = $1 AND seq <= $2";
    tenant OLD(2) = "DELETE FROM document_changes WHERE (tenant_id, seq) IN
        (SELECT tenant_id, seq FROM document_changes WHERE at < $1 LIMIT $2)";
}

/// A change of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// Its number among the tenant's.
    pub seq: i64,
    /// As the document was, with the server's fields; `None`: it was not.
    pub before: Option<Value>,
    /// As it is; `None`: it is no more.
    pub after: Option<Value>,
}

/// Adds changes of one collection to the log; `last` is the number of the last of them.
///
/// # Errors
/// The database failed.
pub async fn append(
    tx: &mut Tx,
    tenant: &TenantId,
    coll: i64,
    (last, now): (i64, Timestamp),
    changes: &[(Option<&Value>, Option<&Value>)],
) -> sqlx::Result<()> {
    let all = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let kept = usize::try_from(KEPT).unwrap_or(usize::MAX);
    let changes = &changes[changes.len().saturating_sub(kept)..];
    let mut first = last - i64::try_from(changes.len()).unwrap_or(i64::MAX) + 1;
    for batch in changes.chunks(BATCH) {
        let text = |value: Option<&Value>| value.map(ToString::to_string);
        let rows: Vec<_> = batch.iter().map(|(before, after)| (text(*before), text(*after))).collect();
        let rows = serde_json::to_string(&rows).map_err(|error| sqlx::Error::Encode(error.into()))?;
        tx.execute(APPEND, (tenant.clone(), coll, now, first, rows)).await?;
        first += i64::try_from(batch.len()).unwrap_or(i64::MAX);
    }
    if (last - all) / EVERY != last / EVERY {
        tx.execute(SHORTEN, (tenant.clone(), last - KEPT)).await?;
    }
    Ok(())
}

/// The changes of a collection after a number.
///
/// # Errors
/// The database failed.
pub async fn after(db: &DocumentDb, tenant: &TenantId, coll: i64, seq: i64, limit: i64) -> sqlx::Result<Vec<Logged>> {
    let rows: Vec<(i64, Option<String>, Option<String>)> =
        db.db().all(AFTER, (tenant.clone(), coll, seq, limit)).await?;
    let read = |text: Option<String>| -> sqlx::Result<Option<Value>> {
        let text = text.map(|text| serde_json::from_str(&text)).transpose();
        text.map_err(|error| sqlx::Error::Decode(error.into()))
    };
    rows.into_iter()
        .map(|(seq, before, after)| Ok(Logged { seq, before: read(before)?, after: read(after)? }))
        .collect()
}

/// The number of the oldest change that the log still has.
///
/// # Errors
/// The database failed.
pub async fn first(db: &DocumentDb, tenant: &TenantId) -> sqlx::Result<Option<i64>> {
    let row: Option<(Option<i64>,)> = db.db().one(FIRST, (tenant.clone(),)).await?;
    Ok(row.and_then(|(first,)| first))
}

/// Removes up to so many changes from before a time; answers how many.
///
/// # Errors
/// The database failed.
pub async fn remove_old(db: &DocumentDb, before: Timestamp, limit: i64) -> sqlx::Result<u64> {
    db.db().execute(OLD, (before, limit)).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::document_databases;
    use super::*;

    #[tokio::test]
    async fn changes_come_in_their_order_to_their_own_collection_and_tenant() {
        for db in document_databases().await {
            let (one, two) = (TenantId::generate(), TenantId::generate());
            let (was, is) = (json!({"_id": "a", "n": 0.1}), json!({"_id": "a", "t": "\"é"}));
            let mut tx = db.begin().await.unwrap();
            let changes = [(None, Some(&was)), (Some(&was), Some(&is)), (Some(&is), None)];
            append(&mut tx, &one, 7, (3, Timestamp(100)), &changes).await.unwrap();
            append(&mut tx, &one, 8, (4, Timestamp(200)), &changes[..1]).await.unwrap();
            append(&mut tx, &two, 7, (1, Timestamp(300)), &changes[..1]).await.unwrap();
            tx.commit().await.unwrap();
            let seen = after(&db, &one, 7, 1, 10).await.unwrap();
            assert_eq!(seen.iter().map(|change| change.seq).collect::<Vec<_>>(), [2, 3]);
            assert_eq!((&seen[0].before, &seen[0].after, &seen[1].after), (&Some(was), &Some(is), &None));
            assert_eq!(remove_old(&db, Timestamp(150), 10).await.unwrap(), 3);
            assert_eq!(first(&db, &one).await.unwrap(), Some(4));
            assert_eq!(first(&db, &TenantId::generate()).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn the_log_keeps_so_many_changes_and_no_more() {
        for db in document_databases().await {
            let tenant = TenantId::generate();
            let document = json!({});
            let many: Vec<_> = (0..KEPT + 300).map(|_| (None, Some(&document))).collect();
            let mut tx = db.begin().await.unwrap();
            append(&mut tx, &tenant, 1, (KEPT + 300, Timestamp(1)), &many).await.unwrap();
            append(&mut tx, &tenant, 1, (KEPT + 600, Timestamp(1)), &many[..300]).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(first(&db, &tenant).await.unwrap(), Some(601));
        }
    }
}
