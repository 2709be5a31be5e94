//! How a collection gets other indexes: those that are no longer declared are emptied, new ones are filled from all its
//! documents, all of it in the transaction that declares them.

use serde_json::{Value, json};

use super::db::{Run as _, Tx};
use super::document::{Document, Row};
use super::document_index::{Pair, SLOTS, Unindexed, apply, read};
use super::sql::sql;
use crate::query::index::{Index, Kept};

/// How many documents are read at a time.
const BATCH: i64 = 500;

sql! {
    global LOCK(1) = "SELECT indexes FROM collections WHERE coll = $1"
        | "SELECT indexes FROM collections WHERE coll = $1 FOR UPDATE";
    global DECLARE(2) = "UPDATE collections SET indexes = $2 WHERE coll = $1";
    global CLEAR(2) = "DELETE FROM document_entries WHERE idx BETWEEN $1 AND $2";
    global RELEASE(2) = "DELETE FROM document_claims WHERE idx BETWEEN $1 AND $2";
    global SOME(3) = "SELECT id, rev, owner, created, updated, json(body) FROM documents
        WHERE coll = $1 AND id > $2 ORDER BY id LIMIT $3"
        | "SELECT id, rev, owner, created, updated, body::text FROM documents
        WHERE coll = $1 AND id > $2 ORDER BY id LIMIT $3";
}

/// Gives a collection these indexes: the list as it was declared, and as it was read. Whoever writes documents of the
/// collection waits until the transaction ends.
///
/// # Errors
/// Documents that are there contradict a unique index or have too many keys; the database failed.
pub async fn declare(tx: &mut Tx, coll: i64, declared: &[Value], indexes: &[Index]) -> Result<(), Unindexed> {
    let row: Option<(String,)> = tx.one(LOCK, (coll,)).await?;
    let before = row.map_or(Ok(Vec::new()), |(text,)| read(coll, &text))?;
    let (stay, go): (Vec<Kept>, Vec<Kept>) = before.into_iter().partition(|kept| indexes.contains(&kept.index));
    for kept in &go {
        clear(tx, kept.number, kept.number).await?;
    }
    let mut free = (0..SLOTS).filter(|slot| stay.iter().all(|kept| kept.number != coll * SLOTS + slot));
    let (mut slots, mut new) = (Vec::new(), Vec::new());
    for (text, index) in declared.iter().zip(indexes) {
        let number = if let Some(kept) = stay.iter().find(|kept| kept.index == *index) {
            kept.number
        } else {
            let slot = free.next().ok_or_else(|| sqlx::Error::Protocol("too many indexes".to_owned()))?;
            new.push(Kept { number: coll * SLOTS + slot, index: index.clone(), single: false });
            coll * SLOTS + slot
        };
        slots.push(json!({"slot": number - coll * SLOTS, "index": text}));
    }
    fill(tx, coll, &new).await?;
    tx.execute(DECLARE, (coll, json!(slots).to_string())).await?;
    Ok(())
}

/// Removes everything that indexes hold of a collection.
///
/// # Errors
/// The database failed.
pub async fn forget(tx: &mut Tx, coll: i64) -> sqlx::Result<()> {
    clear(tx, coll * SLOTS, coll * SLOTS + SLOTS - 1).await
}

async fn clear(tx: &mut Tx, first: i64, last: i64) -> sqlx::Result<()> {
    tx.execute(CLEAR, (first, last)).await?;
    tx.execute(CLEAR, (-last, -first)).await?;
    tx.execute(RELEASE, (first, last)).await.map(drop)
}

async fn fill(tx: &mut Tx, coll: i64, new: &[Kept]) -> Result<(), Unindexed> {
    if new.is_empty() {
        return Ok(());
    }
    let mut last = String::new();
    loop {
        let rows: Vec<Row> = tx.all(SOME, (coll, last.clone(), BATCH)).await?;
        let Some(end) = rows.last() else { return Ok(()) };
        last.clone_from(&end.0);
        let wholes: Vec<(String, Value)> = rows
            .into_iter()
            .map(|row| Document::read(row).map(|document| (document.id.clone(), document.whole())))
            .collect::<sqlx::Result<_>>()?;
        let pairs: Vec<Pair<'_>> =
            wholes.iter().map(|(id, whole)| Pair { id, before: None, after: Some(whole) }).collect();
        apply(tx, new, &pairs).await?;
    }
}
