//! Many documents at once, one statement for each batch: they travel as one JSON array. All of it happens in the
//! caller's transaction, so all of it happens or nothing (D7).

use serde_json::{Value, json};

use super::db::{Run as _, Tx};
use super::sql::sql;

/// How many documents go with one statement.
const BATCH: usize = 500;

sql! {
    global INSERT(4) = "INSERT INTO documents (coll, id, rev, owner, created, updated, body)
        SELECT $1, n.value ->> 0, 1, $2, COALESCE(n.value ->> 2, $3), COALESCE(n.value ->> 3, $3), jsonb(n.value -> 1)
        FROM json_each($4) n WHERE TRUE ON CONFLICT (coll, id) DO NOTHING"
        | "INSERT INTO documents (coll, id, rev, owner, created, updated, body)
        SELECT $1, n.v ->> 0, 1, $2, COALESCE(n.v ->> 2, $3), COALESCE(n.v ->> 3, $3), n.v -> 1 FROM jsonb_array_elements($4::text::jsonb) n(v)
        ON CONFLICT (coll, id) DO NOTHING";
    // SQLite would read the whole collection for each row of an UPDATE … FROM. All of these are there, so that this
    // inserts none.
    global WRITE(3) = "INSERT INTO documents (coll, id, rev, created, updated, body)
        SELECT $1, n.value ->> 0, 1, $2, $2, jsonb(n.value -> 1) FROM json_each($3) n WHERE TRUE
        ON CONFLICT (coll, id) DO UPDATE SET rev = documents.rev + 1, updated = excluded.updated, body = excluded.body"
        | "UPDATE documents SET rev = documents.rev + 1, updated = $2, body = n.v -> 1
        FROM jsonb_array_elements($3::text::jsonb) n(v) WHERE documents.coll = $1 AND documents.id = n.v ->> 0";
    global DELETE(2) = "DELETE FROM documents WHERE coll = $1 AND id IN (SELECT n.value FROM json_each($2) n)"
        | "DELETE FROM documents WHERE coll = $1 AND id IN (SELECT jsonb_array_elements_text($2::text::jsonb))";
}

/// Stores new documents of one owner. Answers how many were stored: fewer, if ids are taken.
///
/// # Errors
/// The database failed.
pub async fn insert(
    tx: &mut Tx,
    coll: i64,
    owner: Option<&str>,
    now: &str,
    documents: &[(String, Value)],
) -> sqlx::Result<u64> {
    let mut stored = 0;
    for batch in documents.chunks(BATCH) {
        let args = (coll, owner.map(str::to_owned), now.to_owned(), pairs(batch));
        stored += tx.execute(INSERT, args).await?;
    }
    Ok(stored)
}

/// A document with its id, body, and when it was made and last changed.
pub type Dated = (String, Value, String, String);

/// As [`insert`], for documents that are older than today.
///
/// # Errors
/// The database failed.
pub async fn insert_dated(tx: &mut Tx, coll: i64, owner: Option<&str>, documents: &[Dated]) -> sqlx::Result<u64> {
    let mut stored = 0;
    for batch in documents.chunks(BATCH) {
        let args = (coll, owner.map(str::to_owned), String::new(), json!(batch).to_string());
        stored += tx.execute(INSERT, args).await?;
    }
    Ok(stored)
}

/// Gives documents other bodies, and each its next revision. They have been locked before. Answers how many.
///
/// # Errors
/// The database failed.
pub async fn write(tx: &mut Tx, coll: i64, now: &str, documents: &[(String, Value)]) -> sqlx::Result<u64> {
    let mut written = 0;
    for batch in documents.chunks(BATCH) {
        written += tx.execute(WRITE, (coll, now.to_owned(), pairs(batch))).await?;
    }
    Ok(written)
}

/// Removes documents. Answers how many there were.
///
/// # Errors
/// The database failed.
pub async fn delete(tx: &mut Tx, coll: i64, ids: &[String]) -> sqlx::Result<u64> {
    let mut gone = 0;
    for batch in ids.chunks(BATCH) {
        gone += tx.execute(DELETE, (coll, json!(batch).to_string())).await?;
    }
    Ok(gone)
}

/// Ids and bodies as they travel.
fn pairs(batch: &[(String, Value)]) -> String {
    json!(batch).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::DocumentDb;
    use super::super::documents;
    use super::super::testing::document_databases;
    use super::*;
    use crate::query::sql::Find;
    use crate::query::update::Applying;
    use crate::query::{Filter, Sort, Update};

    const NOW: &str = "2026-01-02T03:04:05.000Z";

    fn many(count: usize) -> Vec<(String, Value)> {
        (0..count).map(|n| (format!("d{n}"), json!({"n": n, "t": "it's \"x\" \\ é😀", "f": 0.1}))).collect()
    }

    #[tokio::test]
    async fn d7_a_taken_id_is_seen_and_what_is_not_committed_leaves_nothing() {
        for db in document_databases().await {
            let mut tx = db.begin().await.unwrap();
            assert_eq!(insert(&mut tx, 1, Some("ann"), NOW, &many(3)).await.unwrap(), 3);
            tx.commit().await.unwrap();
            let mut tx = db.begin().await.unwrap();
            assert_eq!(insert(&mut tx, 1, None, NOW, &many(1_200)).await.unwrap(), 1_197);
            drop(tx);
            assert!(documents::get(&db, 1, "d7").await.unwrap().is_none());
            let kept = documents::get(&db, 1, "d1").await.unwrap().unwrap();
            assert_eq!((kept.owner.as_deref(), Value::Object(kept.body)), (Some("ann"), many(2)[1].1.clone()));
        }
    }

    #[tokio::test]
    async fn documents_that_are_older_keep_their_times() {
        for db in document_databases().await {
            let (made, changed) = ("2020-01-02T03:04:05.678Z".to_owned(), "2021-01-02T03:04:05.678Z".to_owned());
            let mut tx = db.begin().await.unwrap();
            let old = ("old".to_owned(), json!({"n": 1}), made.clone(), changed.clone());
            assert_eq!(insert_dated(&mut tx, 1, Some("ann"), &[old]).await.unwrap(), 1);
            insert(&mut tx, 1, None, NOW, &many(1)).await.unwrap();
            tx.commit().await.unwrap();
            let old = documents::get(&db, 1, "old").await.unwrap().unwrap();
            assert_eq!((old.created, old.updated, old.owner.as_deref()), (made, changed, Some("ann")));
            let new = documents::get(&db, 1, "d0").await.unwrap().unwrap();
            assert_eq!((new.created.as_str(), new.updated.as_str()), (NOW, NOW));
        }
    }

    #[tokio::test]
    async fn what_a_filter_takes_is_changed_in_one_transaction() {
        for db in document_databases().await {
            let mut tx = db.begin().await.unwrap();
            insert(&mut tx, 1, None, NOW, &many(1_100)).await.unwrap();
            let filter = Filter::parse(&json!({"n": {"$lt": 1_001}})).unwrap();
            let update = Update::parse(&json!({"$inc": {"n": 10_000}, "$set": {"o.p": [0.1, 1e300]}})).unwrap();
            let sort = Sort::default();
            let find =
                Find { collection: 1, filter: &filter, sort: &sort, after: None, skip: 0, limit: None, now: NOW };
            let query = find.for_change(db.dialect()).unwrap();
            let locked = DocumentDb::all_in(&mut tx, &query, Duration::from_secs(20)).await.unwrap();
            let changed: Vec<_> = locked
                .into_iter()
                .map(|one| {
                    let body = update.apply(&one.body, Applying { now: NOW, inserting: false }).unwrap();
                    (one.id, body)
                })
                .collect();
            assert_eq!(write(&mut tx, 1, NOW, &changed).await.unwrap(), 1_001);
            tx.commit().await.unwrap();
            let one = documents::get(&db, 1, "d1000").await.unwrap().unwrap();
            assert_eq!((one.rev, &one.body["n"], &one.body["o"]), (2, &json!(11_000), &json!({"p": [0.1, 1e300]})));
            assert_eq!(documents::get(&db, 1, "d1001").await.unwrap().unwrap().rev, 1);
            let ids: Vec<String> = changed.into_iter().map(|(id, _)| id).collect();
            let mut tx = db.begin().await.unwrap();
            assert_eq!(delete(&mut tx, 1, &ids).await.unwrap(), 1_001);
            tx.commit().await.unwrap();
        }
    }
}
