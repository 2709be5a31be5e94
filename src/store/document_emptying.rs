//! What follows from the removal of a whole collection: its documents are taken off everybody's count, and its indexes
//! and its changes are forgotten.

use std::collections::BTreeMap;

use super::db::{Run as _, Tx};
use super::document::{Document, Row};
use super::document_counters::{self as counters, Added, Ceiling, Holder};
use super::document_indexing;
use super::document_settling::bytes;
use super::sql::sql;
use crate::base::TenantId;

/// How many documents are read at a time.
const BATCH: i64 = 500;

sql! {
    global LOCK(1) = "SELECT coll FROM collections WHERE coll = $1"
        | "SELECT coll FROM collections WHERE coll = $1 FOR UPDATE";
    global SOME(3) = "SELECT id, rev, owner, created, updated, json(body) FROM documents
        WHERE coll = $1 AND id > $2 ORDER BY id LIMIT $3"
        | "SELECT id, rev, owner, created, updated, body::text FROM documents
        WHERE coll = $1 AND id > $2 ORDER BY id LIMIT $3";
}

/// Settles the removal of a collection, before its documents are removed. Nobody writes into it any more from here on.
///
/// # Errors
/// The database failed.
pub async fn settle(tx: &mut Tx, tenant: &TenantId, coll: i64) -> sqlx::Result<()> {
    let _: Option<(i64,)> = tx.one(LOCK, (coll,)).await?;
    let mut sums: BTreeMap<Holder, Added> = BTreeMap::new();
    let mut last = String::new();
    loop {
        let rows: Vec<Row> = tx.all(SOME, (coll, last.clone(), BATCH)).await?;
        let Some(end) = rows.last() else { break };
        last.clone_from(&end.0);
        for row in rows {
            let document = Document::read(row)?;
            let bytes = bytes(&document);
            for holder in document.owner.map(Holder::Owner).into_iter().chain([Holder::Tenant]) {
                let usage = &mut sums.entry(holder).or_default().usage;
                usage.documents -= 1;
                usage.bytes -= bytes;
            }
        }
    }
    counters::close(tx, tenant, &Holder::Collection(coll)).await?;
    document_indexing::forget(tx, coll).await?;
    for (holder, added) in sums {
        // To have less is always allowed.
        let _ = counters::add(tx, tenant, &holder, added, Ceiling::default()).await?;
    }
    Ok(())
}
