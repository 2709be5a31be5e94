//! The audit trail of documents: who changed which, of collections that want to know. Rows are only ever added, in the
//! transaction of the change; they stand beside the documents because one transaction spans one database.

use serde_json::json;

use super::DocumentDb;
use super::db::{Run as _, Tx};
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

/// How many rows go with one statement.
const BATCH: usize = 500;

sql! {
    tenant ADD(7) = "INSERT INTO document_audits (tenant_id, at, collection, actor, request_id, action, id, document, rev)
        SELECT $1, $2, $3, $4, $5, $6, n.value ->> 0, n.value ->> 1, n.value ->> 2 FROM json_each($7) n"
        | "INSERT INTO document_audits (tenant_id, at, collection, actor, request_id, action, id, document, rev)
        SELECT $1, $2, $3, $4, $5, $6, n.v ->> 0, n.v ->> 1, (n.v ->> 2)::bigint
        FROM jsonb_array_elements($7::text::jsonb) n(v)";
    tenant PAGE(4) = "SELECT id, at, collection, document, action, rev, actor, request_id FROM document_audits
        WHERE tenant_id = $1 AND collection = $2 AND id > $3 ORDER BY id LIMIT $4";
}

/// What was done to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It was stored.
    Inserted,
    /// It was given another content.
    Updated,
    /// It was removed.
    Deleted,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Inserted => "document.created",
            Self::Updated => "document.updated",
            Self::Deleted => "document.deleted",
        }
    }
}

/// Who does something, for the trail.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// A user, client or key id.
    pub id: &'a str,
    /// In which request.
    pub request_id: Option<&'a str>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Audited {
    /// Its id; ids sort by time.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Of which collection.
    pub collection: String,
    /// `_id` of the document.
    pub document: String,
    /// `document.inserted`, `document.updated` or `document.deleted`.
    pub action: String,
    /// `_rev` after it, or the last one.
    pub rev: i64,
    /// A user, client or key id.
    pub actor: String,
    /// In which request.
    pub request_id: Option<String>,
}

/// Adds a row for each document: its id and revision.
///
/// # Errors
/// The database failed.
pub async fn add(
    tx: &mut Tx,
    (tenant, collection): (&TenantId, &str),
    (actor, at): (Actor<'_>, Timestamp),
    action: Action,
    documents: &[(&str, i64)],
) -> sqlx::Result<()> {
    for batch in documents.chunks(BATCH) {
        let rows: Vec<_> = batch.iter().map(|(id, rev)| (uuid::Uuid::now_v7().to_string(), id, rev)).collect();
        let (by, request) = (actor.id.to_owned(), actor.request_id.map(str::to_owned));
        let args =
            (tenant.clone(), at, collection.to_owned(), by, request, action.name().to_owned(), json!(rows).to_string());
        tx.execute(ADD, args).await?;
    }
    Ok(())
}

/// Up to `limit` rows of a collection after this id, oldest first.
///
/// # Errors
/// The database failed.
pub async fn page(
    db: &DocumentDb,
    tenant: &TenantId,
    collection: &str,
    after: &str,
    limit: i64,
) -> sqlx::Result<Vec<Audited>> {
    db.db().all(PAGE, (tenant.clone(), collection.to_owned(), after.to_owned(), limit)).await
}
