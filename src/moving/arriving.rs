//! A tenant arrives. Until everything is there it is nobody, in many small transactions that keep nobody waiting; the
//! last one makes it somebody. What did not arrive as a whole is removed at once, and if this process dies, by the round
//! that removes deleted tenants.

use serde_json::Value;

use super::Moving;
use super::edits::Wanted;
use super::item::{Item, Sink};
use super::leaving::find;
use super::seals::Named;
use super::tables::{Kept, moving};
use crate::base::{BlobId, Code, Fault, Result, Stop};
use crate::blobs::Writing;
use crate::store::document::Document;
use crate::store::tenant_documents as documents;
use crate::store::tenant_plans;
use crate::store::tenant_tables::{self as rows, Table};

/// Most rows, documents and bytes of them that are stored together.
const ROWS: usize = 200;
const DOCUMENTS: usize = 100;
const BYTES: usize = 1024 * 1024;

/// What comes at present.
enum Now {
    Nothing,
    Rows { kept: &'static Kept, table: Table, columns: Vec<String> },
    Documents { coll: i64, name: String },
    Blob { writing: Writing, left: u64 },
}

/// A tenant that arrives.
pub(super) struct Arriving<'a> {
    moving: &'a Moving,
    wanted: &'a Wanted,
    tables: Vec<Table>,
    beside: Vec<Table>,
    now: Now,
    rows: Vec<Value>,
    documents: Vec<Document>,
    weight: usize,
    /// Whether there is something to remove when it does not arrive.
    pub(super) begun: bool,
    /// What it is to be once it is there.
    pub(super) status: String,
    /// Whether it has webhooks.
    pub(super) has_webhooks: bool,
}

impl Moving {
    /// Ready to take a tenant.
    pub(super) async fn receive<'a>(&'a self, wanted: &'a Wanted) -> Result<Arriving<'a>> {
        Ok(Arriving {
            moving: self,
            wanted,
            tables: rows::tables(&self.db).await?,
            beside: rows::tables_beside(&self.documents).await?,
            now: Now::Nothing,
            rows: Vec::new(),
            documents: Vec::new(),
            weight: 0,
            begun: false,
            status: String::new(),
            has_webhooks: false,
        })
    }
}

impl Sink for Arriving<'_> {
    async fn take(&mut self, item: Item) -> Result<()> {
        match item {
            Item::Table { name, columns } => self.table(&name, columns).await,
            Item::Row(row) => self.row(row).await,
            Item::Collection(collection) => {
                self.flush_begun().await?;
                let coll = documents::make(&self.moving.documents, &self.wanted.id, &collection).await;
                self.now = Now::Documents { coll: coll.map_err(Fault::from)?, name: collection.name };
                Ok(())
            }
            Item::Document(document) => self.document(document).await,
            Item::Changes(last) => {
                self.flush_begun().await?;
                Ok(documents::go_on_after(&self.moving.documents, &self.wanted.id, last).await?)
            }
            Item::Blob { id, size } => self.blob(&id, size).await,
            Item::Bytes(bytes) => {
                let Now::Blob { writing, left } = &mut self.now else { return Err(astray()) };
                *left = left.checked_sub(bytes.len() as u64).ok_or_else(astray)?;
                writing.put(bytes).await?;
                self.end_blob().await
            }
        }
    }
}

impl Arriving<'_> {
    async fn table(&mut self, name: &str, columns: Vec<String>) -> Result<()> {
        self.flush().await?;
        let kept = moving(name).ok_or_else(astray)?;
        if self.begun != (name != "tenants") {
            return Err(astray());
        }
        let table = find(if kept.beside { &self.beside } else { &self.tables }, name)?.clone();
        self.now = Now::Rows { kept, table, columns };
        Ok(())
    }

    async fn row(&mut self, mut row: Vec<Value>) -> Result<()> {
        let Now::Rows { kept, columns, .. } = &self.now else { return Err(astray()) };
        if row.len() != columns.len() || (kept.name == "tenants" && !self.rows.is_empty()) {
            return Err(astray());
        }
        let mut named = Named { columns, row: &mut row };
        named.seal(kept, &self.moving.keys, &self.wanted.id)?;
        match kept.name {
            "tenants" => {
                self.moving.known_plan(&mut named).await?;
                self.status = self.wanted.hide(&mut named)?;
            }
            "webhook_endpoints" => self.has_webhooks = true,
            _ => {}
        }
        self.wanted.edit(kept.name, &mut named, &self.moving.audit)?;
        self.weight += row.iter().map(|value| value.as_str().map_or(8, str::len)).sum::<usize>();
        self.rows.push(Value::Array(row));
        if self.rows.len() == ROWS || self.weight >= BYTES { self.flush().await } else { Ok(()) }
    }

    async fn document(&mut self, document: Document) -> Result<()> {
        let Now::Documents { .. } = &self.now else { return Err(astray()) };
        self.weight += document.body.values().map(weight).sum::<usize>();
        self.documents.push(document);
        if self.documents.len() == DOCUMENTS || self.weight >= BYTES { self.flush().await } else { Ok(()) }
    }

    async fn blob(&mut self, id: &BlobId, size: u64) -> Result<()> {
        self.flush_begun().await?;
        // It becomes a path.
        if uuid::Uuid::parse_str(id.as_str()).is_err() {
            return Err(astray());
        }
        self.now = Now::Blob { writing: self.moving.blobs.write(&self.wanted.id, id), left: size };
        self.end_blob().await
    }

    /// Ends a blob whose bytes are all there.
    async fn end_blob(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.now, Now::Nothing) {
            Now::Blob { writing, left: 0 } => writing.finish().await,
            now => {
                self.now = now;
                Ok(())
            }
        }
    }

    /// As [`Arriving::flush`], of a tenant that is there.
    async fn flush_begun(&mut self) -> Result<()> {
        self.flush().await?;
        if self.begun { Ok(()) } else { Err(astray()) }
    }

    /// Stores what has gathered.
    pub(super) async fn flush(&mut self) -> Result<()> {
        self.weight = 0;
        let (id, moving) = (&self.wanted.id, self.moving);
        match &self.now {
            Now::Rows { kept, table, columns } if !self.rows.is_empty() => {
                let rows = Value::Array(std::mem::take(&mut self.rows)).to_string();
                let mut tx = if kept.beside { moving.documents.begin().await? } else { moving.db.begin().await? };
                rows::write(&mut tx, table, columns, id, rows).await?;
                tx.commit().await?;
                self.begun = true;
            }
            Now::Documents { coll, name } if !self.documents.is_empty() => {
                let (documents, now) = (std::mem::take(&mut self.documents), self.wanted.now);
                let put = documents::put(&moving.documents, id, (*coll, name), documents, now).await;
                put.map_err(Fault::from)?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Moving {
    /// Takes a tenant from a plan that there is none of here; it has the usual one then.
    async fn known_plan(&self, tenant: &mut Named<'_>) -> Result<()> {
        let Some(plan) = tenant.get("plan").as_str() else { return Ok(()) };
        if tenant_plans::by_key(&self.db, plan).await?.is_none() {
            tenant.set("plan", Value::Null);
        }
        Ok(())
    }
}

/// About how much room a value takes.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(all) => all.iter().map(weight).sum(),
        Value::Object(all) => all.iter().map(|(name, value)| name.len() + weight(value)).sum(),
        _ => 8,
    }
}

fn astray() -> Stop {
    Stop::refuse(Code::Unprocessable, "the file has something where this program does not expect it")
}
