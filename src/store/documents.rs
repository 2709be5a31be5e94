//! Documents by their ids. The number of a collection belongs to one tenant, so it stands for the tenant in every
//! statement here; whoever has a number has asked `collections` for it.

use serde_json::{Map, Value};

use super::db::Run;
use super::document::{Document, Row};
use super::document_db::DocumentDb;
use super::sql::sql;

sql! {
    global INSERT(6) = "INSERT INTO documents (coll, id, rev, owner, created, updated, body)
        VALUES ($1, $2, 1, $3, $4, $5, jsonb($6)) ON CONFLICT (coll, id) DO NOTHING"
        | "INSERT INTO documents (coll, id, rev, owner, created, updated, body)
        VALUES ($1, $2, 1, $3, $4, $5, $6::text::jsonb) ON CONFLICT (coll, id) DO NOTHING";
    global GET(2) = "SELECT id, rev, owner, created, updated, json(body) FROM documents WHERE coll = $1 AND id = $2"
        | "SELECT id, rev, owner, created, updated, body::text FROM documents WHERE coll = $1 AND id = $2";
    global LOCK(2) = "SELECT id, rev, owner, created, updated, json(body) FROM documents WHERE coll = $1 AND id = $2"
        | "SELECT id, rev, owner, created, updated, body::text FROM documents WHERE coll = $1 AND id = $2 FOR UPDATE";
    global WRITE(5) = "UPDATE documents SET rev = rev + 1, updated = $4, body = jsonb($5)
        WHERE coll = $1 AND id = $2 AND rev = $3"
        | "UPDATE documents SET rev = rev + 1, updated = $4, body = $5::text::jsonb
        WHERE coll = $1 AND id = $2 AND rev = $3";
    global DISOWN(2) = "UPDATE documents SET owner = NULL WHERE coll = $1 AND owner = $2";
    global DELETE(3) = "DELETE FROM documents WHERE coll = $1 AND id = $2 AND rev = $3";
}

/// A document that is to be.
#[derive(Clone, Debug)]
pub struct NewDocument<'a> {
    /// `_id`.
    pub id: &'a str,
    /// `_owner`.
    pub owner: Option<&'a str>,
    /// `_created` and `_updated`.
    pub now: &'a str,
    /// The caller's part, in its one written form.
    pub body: &'a Value,
}

/// Stores a new document, unless its id is taken.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, coll: i64, new: &NewDocument<'_>) -> sqlx::Result<bool> {
    let owner = new.owner.map(str::to_owned);
    let (now, body) = (new.now.to_owned(), new.body.to_string());
    let args = (coll, new.id.to_owned(), owner, now.clone(), now, body);
    Ok(run.execute(INSERT, args).await? == 1)
}

/// A document.
///
/// # Errors
/// The database failed.
pub async fn get(db: &DocumentDb, coll: i64, id: &str) -> sqlx::Result<Option<Document>> {
    let row: Option<Row> = db.db().one(GET, (coll, id.to_owned())).await?;
    row.map(Document::read).transpose()
}

/// Makes all documents of an owner nobody's; answers how many.
///
/// # Errors
/// The database failed.
pub async fn disown(run: impl Run, coll: i64, owner: &str) -> sqlx::Result<u64> {
    run.execute(DISOWN, (coll, owner.to_owned())).await
}

/// A document that nobody else changes until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn lock(run: impl Run, coll: i64, id: &str) -> sqlx::Result<Option<Document>> {
    let row: Option<Row> = run.one(LOCK, (coll, id.to_owned())).await?;
    row.map(Document::read).transpose()
}

/// Gives a document another body, if it is still of that revision; its revision is the next one then.
///
/// # Errors
/// The database failed.
pub async fn write(
    run: impl Run,
    coll: i64,
    (id, rev): (&str, i64),
    body: &Map<String, Value>,
    now: &str,
) -> sqlx::Result<bool> {
    let body = serde_json::to_string(body).map_err(|error| sqlx::Error::Encode(error.into()))?;
    Ok(run.execute(WRITE, (coll, id.to_owned(), rev, now.to_owned(), body)).await? == 1)
}

/// Removes a document, if it is still of that revision.
///
/// # Errors
/// The database failed.
pub async fn delete(run: impl Run, coll: i64, id: &str, rev: i64) -> sqlx::Result<bool> {
    Ok(run.execute(DELETE, (coll, id.to_owned(), rev)).await? == 1)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::json;

    use super::super::document_db::Stopped;
    use super::super::testing::document_databases;
    use super::*;
    use crate::query::sql::Find;
    use crate::query::{Filter, Sort};

    const NOW: &str = "2026-01-02T03:04:05.000Z";
    const PATIENCE: Duration = Duration::from_secs(20);

    async fn put(db: &DocumentDb, coll: i64, id: &str, body: Value) -> bool {
        let new = NewDocument { id, owner: Some("ann"), now: NOW, body: &body };
        let mut tx = db.begin().await.unwrap();
        let stored = insert(&mut tx, coll, &new).await.unwrap();
        tx.commit().await.unwrap();
        stored
    }

    fn find<'a>(coll: i64, filter: &'a Filter, sort: &'a Sort) -> Find<'a> {
        Find { collection: coll, filter, sort, after: None, skip: 0, limit: None, now: NOW }
    }

    #[tokio::test]
    async fn d1_d7_a_document_is_its_collections_and_a_taken_id_is_not_overwritten() {
        for db in document_databases().await {
            assert!(put(&db, 1, "x", json!({"n": 1})).await);
            assert!(!put(&db, 1, "x", json!({"n": 2})).await);
            assert!(put(&db, 2, "x", json!({"n": 3})).await);
            let found = get(&db, 1, "x").await.unwrap().unwrap();
            assert_eq!((found.rev, found.owner.as_deref(), &found.body["n"]), (1, Some("ann"), &json!(1)));
            assert!(get(&db, 3, "x").await.unwrap().is_none());
            let filter = Filter::everything();
            let sort = Sort::default();
            let all = db.all(&find(2, &filter, &sort).documents(db.dialect()).unwrap(), PATIENCE).await.unwrap();
            assert_eq!(all.iter().map(|document| &document.body["n"]).collect::<Vec<_>>(), [&json!(3)]);
        }
    }

    #[tokio::test]
    async fn d7_only_who_knows_the_revision_changes_a_document() {
        for db in document_databases().await {
            put(&db, 1, "x", json!({"n": 1})).await;
            let body = json!({"n": 2, "f": 0.1, "big": 9_007_199_254_740_993_i64});
            let Value::Object(body) = body else { panic!() };
            let mut tx = db.begin().await.unwrap();
            assert!(!write(&mut tx, 1, ("x", 7), &body, NOW).await.unwrap());
            assert!(write(&mut tx, 1, ("x", 1), &body, NOW).await.unwrap());
            assert!(!write(&mut tx, 1, ("x", 1), &body, NOW).await.unwrap());
            tx.commit().await.unwrap();
            let found = get(&db, 1, "x").await.unwrap().unwrap();
            assert_eq!((found.rev, &found.body), (2, &body));
            let mut tx = db.begin().await.unwrap();
            assert!(lock(&mut tx, 1, "x").await.unwrap().is_some());
            assert!(!delete(&mut tx, 1, "x", 1).await.unwrap());
            assert!(delete(&mut tx, 1, "x", 2).await.unwrap());
            drop(tx);
            assert!(get(&db, 1, "x").await.unwrap().is_some(), "what is not committed is not done");
        }
    }

    #[tokio::test]
    async fn w094_a_query_that_takes_too_long_is_interrupted_and_the_next_one_runs() {
        for db in document_databases().await {
            let long: Vec<Value> = (0..2_000).map(|n| json!({"a": n, "b": [n, n + 1]})).collect();
            for n in 0..30 {
                put(&db, 1, &format!("d{n}"), json!({"l": long})).await;
            }
            let branches: Vec<Value> = (0..40).map(|n| json!({"l.b": {"$gt": 100_000 + n}})).collect();
            let heavy = Filter::parse(&json!({"$or": branches})).unwrap();
            let sort = Sort::default();
            let query = find(1, &heavy, &sort).documents(db.dialect()).unwrap();
            let before = Instant::now();
            let stopped = db.all(&query, Duration::from_millis(20)).await;
            assert!(matches!(stopped, Err(Stopped::TooLong)), "{stopped:?}");
            assert!(before.elapsed() < Duration::from_secs(5));
            let everything = Filter::everything();
            let count = find(1, &everything, &sort).count(db.dialect()).unwrap();
            assert_eq!(db.number(&count, PATIENCE).await.unwrap(), 30);
        }
    }
}
