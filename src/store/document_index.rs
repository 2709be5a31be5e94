//! The indexes of collections: their entries, and what only one document may have. A writer reads which indexes there
//! are within its transaction and keeps them from changing until it ends (FOR SHARE on PostgreSQL; on SQLite it is
//! alone anyway), so that no document escapes an index that is being made.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::DocumentDb;
use super::db::{Run, Tx};
use super::sql::sql;
use crate::base::Digest;
use crate::query::index::key::hex;
use crate::query::index::{Index, Kept};

/// How many rows go with one statement.
const BATCH: usize = 500;
/// Indexes that a collection has numbers for.
pub(super) const SLOTS: i64 = 16;

sql! {
    global KEPT(1) = "SELECT indexes, version FROM collections WHERE coll = $1";
    global VERSION(1) = "SELECT version FROM collections WHERE coll = $1";
    global SHARE(1) = "SELECT indexes FROM collections WHERE coll = $1"
        | "SELECT indexes FROM collections WHERE coll = $1 FOR SHARE";
    global SEVERAL(1) = "SELECT n.value FROM json_each($1) n
        WHERE EXISTS (SELECT 1 FROM document_entries e WHERE e.idx = -n.value)"
        | "SELECT n.v::bigint FROM jsonb_array_elements_text($1::text::jsonb) n(v)
        WHERE EXISTS (SELECT 1 FROM document_entries e WHERE e.idx = -n.v::bigint)";
    global ENTER(1) = "INSERT INTO document_entries (idx, key, id, edges)
        SELECT n.value ->> 0, unhex(n.value ->> 1), n.value ->> 2, n.value ->> 3 FROM json_each($1) n WHERE TRUE
        ON CONFLICT (idx, key, id) DO UPDATE SET edges = excluded.edges"
        | "INSERT INTO document_entries (idx, key, id, edges)
        SELECT (v ->> 0)::bigint, decode(v ->> 1, 'hex'), v ->> 2, (v ->> 3)::smallint
        FROM jsonb_array_elements($1::text::jsonb) n(v)
        ON CONFLICT (idx, key, id) DO UPDATE SET edges = excluded.edges";
    global LEAVE(1) = "DELETE FROM document_entries WHERE (idx, key, id) IN
        (SELECT n.value ->> 0, unhex(n.value ->> 1), n.value ->> 2 FROM json_each($1) n)"
        | "DELETE FROM document_entries e USING jsonb_array_elements($1::text::jsonb) n(v)
        WHERE e.idx = (v ->> 0)::bigint AND e.key = decode(v ->> 1, 'hex') AND e.id = v ->> 2";
    global CLAIM(1) = "INSERT INTO document_claims (idx, digest, id)
        SELECT n.value ->> 0, n.value ->> 1, n.value ->> 2 FROM json_each($1) n WHERE TRUE
        ON CONFLICT (idx, digest) DO NOTHING"
        | "INSERT INTO document_claims (idx, digest, id)
        SELECT (v ->> 0)::bigint, v ->> 1, v ->> 2 FROM jsonb_array_elements($1::text::jsonb) n(v) ORDER BY 1, 2
        ON CONFLICT (idx, digest) DO NOTHING";
    global OTHER(1) = "SELECT c.idx, n.value ->> 2 FROM json_each($1) n
        JOIN document_claims c ON c.idx = n.value ->> 0 AND c.digest = n.value ->> 1 AND c.id <> n.value ->> 2 LIMIT 1"
        | "SELECT c.idx, n.v ->> 2 FROM jsonb_array_elements($1::text::jsonb) n(v)
        JOIN document_claims c ON c.idx = (v ->> 0)::bigint AND c.digest = v ->> 1 AND c.id <> v ->> 2 LIMIT 1";
    global YIELD(1) = "DELETE FROM document_claims WHERE (idx, digest, id) IN
        (SELECT n.value ->> 0, n.value ->> 1, n.value ->> 2 FROM json_each($1) n)"
        | "DELETE FROM document_claims c USING jsonb_array_elements($1::text::jsonb) n(v)
        WHERE c.idx = (v ->> 0)::bigint AND c.digest = v ->> 1 AND c.id = v ->> 2";
}

/// Why indexes cannot take a document.
#[derive(Debug, thiserror::Error)]
pub enum Unindexed {
    /// Another document has what only one may have.
    #[error("another document has the same key in the index `{index}`")]
    Taken {
        /// The index.
        index: String,
        /// The document that came second.
        id: String,
    },
    /// It has more keys than an index keeps.
    #[error("a document has too many keys in the index `{index}`")]
    TooManyKeys {
        /// The index.
        index: String,
        /// The document.
        id: String,
    },
    /// The driver's own words.
    #[error(transparent)]
    Failed(#[from] sqlx::Error),
}

/// A document that was, is, or both, with the server's fields.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// `_id`.
    pub id: &'a str,
    /// As it was.
    pub before: Option<&'a Value>,
    /// As it is.
    pub after: Option<&'a Value>,
}

/// The indexes of a collection at one version of its definition.
#[derive(Clone, Debug)]
pub struct Indexes {
    /// The indexes.
    pub all: Vec<Kept>,
    version: Option<i64>,
}

/// The indexes of a collection, for finding.
///
/// # Errors
/// The database failed.
pub async fn kept(db: &DocumentDb, coll: i64) -> sqlx::Result<Indexes> {
    let row: Option<(String, i64)> = db.db().one(KEPT, (coll,)).await?;
    let Some((text, version)) = row else { return Ok(Indexes { all: Vec::new(), version: None }) };
    let (mut all, version) = (read(coll, &text)?, Some(version));
    if all.is_empty() {
        return Ok(Indexes { all, version });
    }
    let numbers: Vec<i64> = all.iter().map(|kept| kept.number).collect();
    let several: Vec<(i64,)> = db.db().all(SEVERAL, (json!(numbers).to_string(),)).await?;
    for kept in &mut all {
        kept.single = !several.contains(&(kept.number,));
    }
    Ok(Indexes { all, version })
}

/// Whether a collection has had these indexes all the time. Whoever asks without a transaction asks afterwards, too: an
/// index that was dropped meanwhile has told of nothing, even if there is one of its name and fields again.
///
/// # Errors
/// The database failed.
pub async fn are_kept(db: &DocumentDb, coll: i64, indexes: &Indexes) -> sqlx::Result<bool> {
    let row: Option<(i64,)> = db.db().one(VERSION, (coll,)).await?;
    Ok(row.map(|(version,)| version) == indexes.version)
}

/// The indexes of a collection, which stay as they are until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn kept_in(tx: &mut Tx, coll: i64) -> sqlx::Result<Vec<Kept>> {
    let row: Option<(String,)> = tx.one(SHARE, (coll,)).await?;
    row.map_or(Ok(Vec::new()), |(text,)| read(coll, &text))
}

/// As they stand in their column: `[{"slot": 0, "index": {…}}]`.
pub(super) fn read(coll: i64, text: &str) -> sqlx::Result<Vec<Kept>> {
    let decode = |error: Box<dyn std::error::Error + Send + Sync>| sqlx::Error::Decode(error);
    let items: Vec<Value> = serde_json::from_str(text).map_err(|error| decode(error.into()))?;
    let one = |item: &Value| {
        let slot = item["slot"].as_i64().ok_or_else(|| decode("an index without its slot".into()))?;
        let index = Index::list(&json!([item["index"]])).map_err(|error| decode(error.into()))?;
        let index = index.into_iter().next().ok_or_else(|| decode("no index".into()))?;
        Ok(Kept { number: coll * SLOTS + slot, index, single: false })
    };
    items.iter().map(one).collect()
}

/// Brings the indexes from what documents were to what they are. Each document appears once.
///
/// # Errors
/// Another document has what only one may have; a document has too many keys; the database failed.
pub async fn apply(tx: &mut Tx, kept: &[Kept], pairs: &[Pair<'_>]) -> Result<(), Unindexed> {
    let (mut gone, mut come) = (Rows::default(), Rows::default());
    for pair in pairs {
        let (before, after) = (Rows::of(kept, pair.id, pair.before)?, Rows::of(kept, pair.id, pair.after)?);
        gone.entries.extend(before.entries.difference(&after.entries).cloned());
        gone.claims.extend(before.claims.difference(&after.claims).cloned());
        come.entries.extend(after.entries.difference(&before.entries).cloned());
        come.claims.extend(after.claims.difference(&before.claims).cloned());
    }
    for batch in in_batches(&gone.entries) {
        tx.execute(LEAVE, (batch,)).await?;
    }
    for batch in in_batches(&gone.claims) {
        tx.execute(YIELD, (batch,)).await?;
    }
    claim(tx, kept, &come.claims).await?;
    for batch in in_batches(&come.entries) {
        tx.execute(ENTER, (batch,)).await?;
    }
    Ok(())
}

async fn claim(tx: &mut Tx, kept: &[Kept], claims: &BTreeSet<Claim>) -> Result<(), Unindexed> {
    let mut claimed = 0;
    for batch in in_batches(claims) {
        claimed += tx.execute(CLAIM, (batch,)).await?;
    }
    if claimed == claims.len() as u64 {
        return Ok(());
    }
    for batch in in_batches(claims) {
        let other: Option<(i64, String)> = tx.one(OTHER, (batch,)).await?;
        if let Some((number, id)) = other {
            let index = kept.iter().find(|kept| kept.number == number).map(|kept| kept.index.name.clone());
            return Err(Unindexed::Taken { index: index.unwrap_or_default(), id });
        }
    }
    Err(Unindexed::Failed(sqlx::Error::Protocol("a claim was refused, but nobody has it".to_owned())))
}

/// Number, key, document, edges.
type Entry = (i64, String, String, u8);
/// Number, digest, document.
type Claim = (i64, String, String);

/// The rows of one document.
#[derive(Default)]
struct Rows {
    entries: BTreeSet<Entry>,
    claims: BTreeSet<Claim>,
}

impl Rows {
    fn of(kept: &[Kept], id: &str, document: Option<&Value>) -> Result<Self, Unindexed> {
        let mut rows = Self::default();
        let Some(document) = document else { return Ok(rows) };
        for Kept { number, index, .. } in kept {
            let too_many = |_| Unindexed::TooManyKeys { index: index.name.clone(), id: id.to_owned() };
            let entries = index.entries(document).map_err(too_many)?;
            let numbers = if entries.len() > 1 { &[*number, -number][..] } else { &[*number] };
            for number in numbers {
                let each = entries.iter().map(|entry| (*number, hex(&entry.key), id.to_owned(), entry.edges));
                rows.entries.extend(each);
            }
            let claims = index.claims(document).map_err(too_many)?;
            let digest = |text: String| Digest::of(text.as_bytes()).as_str().to_owned();
            rows.claims.extend(claims.into_iter().map(|text| (*number, digest(text), id.to_owned())));
        }
        Ok(rows)
    }
}

fn in_batches<T: serde::Serialize>(rows: &BTreeSet<T>) -> impl Iterator<Item = String> + use<T> {
    let all: Vec<&T> = rows.iter().collect();
    let batches: Vec<String> = all.chunks(BATCH).map(|batch| json!(batch).to_string()).collect();
    batches.into_iter()
}
