//! What follows from changed documents, on both databases and by many at once.

use std::time::Duration;

use serde_json::{Value, json};

use super::DocumentDb;
use super::collections;
use super::document::Document;
use super::document_audits::{self as audits, Actor};
use super::document_changes as changes;
use super::document_counters::{Ceiling, Full, Holder, Usage, usage};
use super::document_index::{Unindexed, are_kept, kept};
use super::document_indexing::{declare, forget};
use super::document_settling::{By, Change, Unsettled, Within, index as follow, settle};
use super::documents::{self, NewDocument};
use super::testing::document_databases;
use crate::base::{TenantId, Timestamp};
use crate::query::sql::Find;
use crate::query::{Filter, Index, Sort};

const NOW: &str = "2026-01-02T03:04:05.000Z";

async fn collection(db: &DocumentDb, tenant: &TenantId, indexes: Value) -> i64 {
    let mut tx = db.begin().await.unwrap();
    collections::insert(&mut tx, tenant, "orders", &json!({}), Timestamp(1)).await.unwrap();
    tx.commit().await.unwrap();
    let coll = collections::find(db, tenant, "orders").await.unwrap().unwrap().coll;
    index(db, coll, indexes).await.unwrap();
    coll
}

async fn index(db: &DocumentDb, coll: i64, indexes: Value) -> Result<(), Unindexed> {
    let mut tx = db.begin().await.unwrap();
    declare(&mut tx, coll, indexes.as_array().unwrap(), &Index::list(&indexes).unwrap()).await?;
    tx.commit().await.unwrap();
    Ok(())
}

/// Defines the collection anew, as whoever governs it does.
async fn define(db: &DocumentDb, tenant: &TenantId, version: i64, indexes: &Value) {
    let coll = collections::find(db, tenant, "orders").await.unwrap().unwrap().coll;
    let mut tx = db.begin().await.unwrap();
    assert!(collections::define(&mut tx, tenant, ("orders", version), &json!({}), Timestamp(2)).await.unwrap());
    declare(&mut tx, coll, indexes.as_array().unwrap(), &Index::list(indexes).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
}

fn within(coll: i64) -> Within<'static> {
    Within { coll, name: "orders", ceiling: Ceiling::default(), logged: true, audited: true }
}

fn by(tenant: &TenantId) -> By<'_> {
    let actor = Actor { id: "someone", request_id: Some("request") };
    By { tenant, ceiling: Ceiling::default(), owner: None, actor, now: Timestamp(5) }
}

fn document(id: &str, body: Value) -> Document {
    let Value::Object(body) = body else { panic!("a body is an object") };
    let (created, updated) = (NOW.to_owned(), NOW.to_owned());
    Document { id: id.to_owned(), rev: 1, owner: Some("ann".to_owned()), created, updated, body }
}

async fn put(db: &DocumentDb, by: &By<'_>, within: Within<'_>, id: &str, body: Value) -> Result<(), Unsettled> {
    let mut tx = db.begin().await?;
    let new = NewDocument { id, owner: Some("ann"), now: NOW, body: &body };
    assert!(documents::insert(&mut tx, within.coll, &new).await?);
    let change = Change { before: None, after: Some(document(id, body)) };
    follow(&mut tx, within.coll, std::slice::from_ref(&change)).await?;
    settle(&mut tx, by, &[(within, &[change])]).await?;
    Ok(tx.commit().await?)
}

async fn drop_it(db: &DocumentDb, by: &By<'_>, within: Within<'_>, id: &str) {
    let mut tx = db.begin().await.unwrap();
    let before = documents::lock(&mut tx, within.coll, id).await.unwrap().unwrap();
    assert!(documents::delete(&mut tx, within.coll, id, before.rev).await.unwrap());
    let change = Change { before: Some(before), after: None };
    follow(&mut tx, within.coll, std::slice::from_ref(&change)).await.unwrap();
    settle(&mut tx, by, &[(within, &[change])]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn found(db: &DocumentDb, coll: i64, filter: Value) -> (Vec<String>, bool) {
    let (filter, sort) = (Filter::parse(&filter).unwrap(), Sort::default());
    let indexes = kept(db, coll).await.unwrap();
    let find = Find { collection: coll, filter: &filter, sort: &sort, after: None, skip: 0, limit: None, now: NOW };
    let query = find.with(&indexes.all).documents(db.dialect()).unwrap();
    let all = db.all(&query, Duration::from_secs(20)).await.unwrap();
    (all.into_iter().map(|document| document.id).collect(), query.text.contains("document_entries"))
}

#[tokio::test]
async fn an_index_follows_what_is_stored_changed_and_removed() {
    for db in document_databases().await {
        let tenant = TenantId::generate();
        let coll = collection(&db, &tenant, json!([{"name": "n", "fields": {"n": 1}}])).await;
        for n in 0..4 {
            put(&db, &by(&tenant), within(coll), &format!("d{n}"), json!({"n": [n, n + 1]})).await.unwrap();
        }
        assert_eq!(found(&db, coll, json!({"n": 1})).await, (vec!["d0".to_owned(), "d1".to_owned()], true));
        assert!(!kept(&db, coll).await.unwrap().all[0].single);
        drop_it(&db, &by(&tenant), within(coll), "d0").await;
        assert_eq!(found(&db, coll, json!({"n": {"$lt": 2}})).await.0, ["d1"]);
        index(&db, coll, json!([{"name": "t", "fields": {"t": 1}}])).await.unwrap();
        assert_eq!(found(&db, coll, json!({"n": 1})).await, (vec!["d1".to_owned()], false));
        index(&db, coll, json!([{"name": "n2", "fields": {"n": -1}}])).await.unwrap();
        assert_eq!(found(&db, coll, json!({"n": 3})).await, (vec!["d2".to_owned(), "d3".to_owned()], true));
        let mut tx = db.begin().await.unwrap();
        forget(&mut tx, coll).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(found(&db, coll, json!({"n": 3})).await.0.len(), 0);
    }
}

#[tokio::test]
async fn w091_indexes_that_went_and_came_back_were_not_kept() {
    for db in document_databases().await {
        let tenant = TenantId::generate();
        let by_n = json!([{"name": "n", "fields": {"n": 1}}]);
        let coll = collection(&db, &tenant, by_n.clone()).await;
        let first = kept(&db, coll).await.unwrap();
        assert!(are_kept(&db, coll, &first).await.unwrap());
        for (version, indexes) in [(1, json!([])), (2, by_n)] {
            define(&db, &tenant, version, &indexes).await;
        }
        let again = kept(&db, coll).await.unwrap();
        assert_eq!((&again.all[0].index, again.all[0].number), (&first.all[0].index, first.all[0].number));
        assert!(!are_kept(&db, coll, &first).await.unwrap() && are_kept(&db, coll, &again).await.unwrap());
        assert!(!are_kept(&db, coll + 1, &first).await.unwrap(), "a collection that is gone");
    }
}

#[tokio::test]
async fn what_is_unique_is_free_again_when_its_document_is_gone() {
    for db in document_databases().await {
        let tenant = TenantId::generate();
        let unique =
            json!([{"name": "email", "fields": {"email": 1}, "unique": true, "where": {"email": {"$exists": true}}}]);
        let coll = collection(&db, &tenant, unique.clone()).await;
        let (by, within) = (by(&tenant), within(coll));
        put(&db, &by, within, "a", json!({"email": "x"})).await.unwrap();
        put(&db, &by, within, "b", json!({})).await.unwrap();
        put(&db, &by, within, "c", json!({})).await.unwrap();
        let taken = put(&db, &by, within, "d", json!({"email": "x"})).await.unwrap_err();
        let expected =
            |error: &Unindexed| matches!(error, Unindexed::Taken { index, id } if index == "email" && id == "d");
        assert!(matches!(&taken, Unsettled::Index(error) if expected(error)), "{taken:?}");
        assert!(documents::get(&db, coll, "d").await.unwrap().is_none());
        drop_it(&db, &by, within, "a").await;
        put(&db, &by, within, "d", json!({"email": "x"})).await.unwrap();
        index(&db, coll, json!([])).await.unwrap();
        put(&db, &by, within, "e", json!({"email": "x"})).await.unwrap();
        assert!(matches!(index(&db, coll, unique).await, Err(Unindexed::Taken { .. })), "what is there contradicts it");
    }
}

#[tokio::test]
async fn d7_of_many_at_once_one_gets_what_is_unique() {
    for db in document_databases().await {
        let tenant = TenantId::generate();
        let coll = collection(&db, &tenant, json!([{"name": "k", "fields": {"k": 1, "l": 1}, "unique": true}])).await;
        let tasks = (0..24).map(|n| {
            let (db, tenant) = (db.clone(), tenant.clone());
            tokio::spawn(async move {
                let body = json!({"k": n % 3, "l": {"x": 1.0}});
                put(&db, &by(&tenant), within(coll), &format!("d{n}"), body).await.is_ok()
            })
        });
        let mut won = 0;
        for task in tasks.collect::<Vec<_>>() {
            won += usize::from(task.await.unwrap());
        }
        assert_eq!(won, 3);
        assert_eq!(usage(&db, &tenant, &Holder::Tenant).await.unwrap().documents, 3);
    }
}

#[tokio::test]
async fn an_index_that_is_made_while_documents_are_stored_misses_none() {
    for db in document_databases().await {
        let tenant = TenantId::generate();
        let coll = collection(&db, &tenant, json!([])).await;
        let tasks = (0..30).map(|n| {
            let (db, tenant) = (db.clone(), tenant.clone());
            tokio::spawn(async move {
                if n == 15 {
                    index(&db, coll, json!([{"name": "n", "fields": {"n": 1}}])).await.unwrap();
                } else {
                    put(&db, &by(&tenant), within(coll), &format!("d{n}"), json!({"n": 7})).await.unwrap();
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        let (ids, indexed) = found(&db, coll, json!({"n": 7})).await;
        assert_eq!((ids.len(), indexed), (29, true));
    }
}

#[tokio::test]
async fn w097_everybodys_documents_and_bytes_are_counted_and_limited() {
    for db in document_databases().await {
        let tenant = TenantId::generate();
        let coll = collection(&db, &tenant, json!([])).await;
        let two = Ceiling { documents: Some(2), bytes: None };
        let owner = By { owner: Some(("ann", two)), ..by(&tenant) };
        put(&db, &owner, within(coll), "a", json!({"n": 1})).await.unwrap();
        put(&db, &owner, within(coll), "b", json!({"n": 12})).await.unwrap();
        let has = Usage { documents: 2, bytes: 15 };
        for holder in [Holder::Tenant, Holder::Collection(coll), Holder::Owner("ann".to_owned())] {
            assert_eq!(usage(&db, &tenant, &holder).await.unwrap(), has, "{holder:?}");
        }
        let small = Within { ceiling: Ceiling { documents: None, bytes: Some(20) }, ..within(coll) };
        for (by, within, what) in [
            (owner, within(coll), "documents"),
            (By { ceiling: two, ..by(&tenant) }, within(coll), "documents"),
            (by(&tenant), small, "bytes"),
        ] {
            let full = put(&db, &by, within, "c", json!({"n": 1})).await.unwrap_err();
            assert!(matches!(&full, Unsettled::Full(Full { what: it, .. }) if *it == what), "{full:?}");
        }
        drop_it(&db, &owner, within(coll), "b").await;
        put(&db, &owner, within(coll), "c", json!({})).await.unwrap();
        assert_eq!(usage(&db, &tenant, &Holder::Tenant).await.unwrap(), Usage { documents: 2, bytes: 9 });
    }
}

#[tokio::test]
async fn changes_are_logged_and_audited_where_that_is_wanted() {
    for db in document_databases().await {
        let tenant = TenantId::generate();
        let coll = collection(&db, &tenant, json!([])).await;
        let quiet = Within { logged: false, audited: false, ..within(coll) };
        put(&db, &by(&tenant), within(coll), "a", json!({"n": 1})).await.unwrap();
        put(&db, &by(&tenant), quiet, "b", json!({})).await.unwrap();
        drop_it(&db, &by(&tenant), within(coll), "a").await;
        let seen = changes::after(&db, &tenant, coll, 0, 10).await.unwrap();
        let kinds: Vec<_> =
            seen.iter().map(|change| (change.seq, change.before.is_some(), change.after.is_some())).collect();
        assert_eq!(kinds, [(1, false, true), (2, true, false)]);
        assert_eq!(seen[0].after.as_ref().unwrap()["_owner"], "ann");
        let trail = audits::page(&db, &tenant, "orders", "", 10).await.unwrap();
        let told: Vec<_> = trail.iter().map(|row| (row.action.as_str(), row.document.as_str(), row.rev)).collect();
        assert_eq!(told, [("document.created", "a", 1), ("document.deleted", "a", 1)]);
        assert_eq!((trail[0].actor.as_str(), trail[0].request_id.as_deref()), ("someone", Some("request")));
        assert!(audits::page(&db, &TenantId::generate(), "orders", "", 10).await.unwrap().is_empty());
    }
}
