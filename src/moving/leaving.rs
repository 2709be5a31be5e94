//! A tenant leaves: everything of it, read as of one moment, is given to a sink.

use futures_util::StreamExt as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Moving;
use super::item::{Item, Sink};
use super::seals::Named;
use super::tables::{Kept, Part, TABLES};
use crate::base::{BlobId, Code, Fault, Result, Stop, TenantId};
use crate::store::Tx;
use crate::store::tenant_documents as documents;
use crate::store::tenant_tables::{self as rows, Table};

/// A tenant, read in peace.
struct Leaving<'a> {
    moving: &'a Moving,
    tenant: &'a TenantId,
    main: Tx,
    beside: Tx,
}

impl Moving {
    /// Gives this part of a tenant to a sink.
    ///
    /// # Errors
    /// A database, the store of files or the sink failed.
    pub(super) async fn send(&self, tenant: &TenantId, part: Part, sink: &mut impl Sink) -> Result<()> {
        let main = rows::snapshot(&self.db).await?;
        let beside = rows::snapshot_beside(&self.documents).await?;
        let (tables, tables_beside) = (rows::tables(&self.db).await?, rows::tables_beside(&self.documents).await?);
        let mut leaving = Leaving { moving: self, tenant, main, beside };
        for kept in TABLES.iter().filter(|kept| part.takes(kept.fate)) {
            let tables = if kept.beside { &tables_beside } else { &tables };
            leaving.table(kept, find(tables, kept.name)?, sink).await?;
        }
        leaving.collections(part, sink).await?;
        if part.has_people() {
            leaving.blobs(find(&tables, "blobs")?, sink).await?;
        }
        Ok(())
    }
}

impl Leaving<'_> {
    async fn table(&mut self, kept: &Kept, table: &Table, sink: &mut impl Sink) -> Result<()> {
        let columns: Vec<String> = table.columns().map(str::to_owned).collect();
        sink.take(Item::Table { name: table.name.clone(), columns: columns.clone() }).await?;
        let tx = if kept.beside { &mut self.beside } else { &mut self.main };
        let mut found = rows::read(tx, table, self.tenant, kept.only);
        while let Some(text) = found.next().await {
            let mut row: Vec<Value> = serde_json::from_str(&text?)?;
            Named { columns: &columns, row: &mut row }.open(kept, &self.moving.keys, self.tenant)?;
            sink.take(Item::Row(row)).await?;
        }
        Ok(())
    }

    async fn collections(&mut self, part: Part, sink: &mut impl Sink) -> Result<()> {
        for collection in documents::collections(&mut self.beside, self.tenant).await? {
            let coll = collection.coll;
            sink.take(Item::Collection(collection)).await?;
            if !part.has_people() {
                continue;
            }
            let mut found = documents::documents(&mut self.beside, coll);
            while let Some(document) = found.next().await {
                sink.take(Item::Document(document?)).await?;
            }
        }
        if part == Part::Whole {
            let last = documents::last_change(&mut self.beside, self.tenant).await?;
            sink.take(Item::Changes(last)).await?;
        }
        Ok(())
    }

    async fn blobs(&mut self, table: &Table, sink: &mut impl Sink) -> Result<()> {
        let columns: Vec<String> = table.columns().map(str::to_owned).collect();
        let mut found = rows::read(&mut self.main, table, self.tenant, "");
        while let Some(text) = found.next().await {
            let mut row: Vec<Value> = serde_json::from_str(&text?)?;
            let row = Named { columns: &columns, row: &mut row };
            let text = |name| row.get(name).as_str().unwrap_or_default();
            let (id, sha256) = (BlobId::from(text("id")), text("sha256").to_owned());
            let size = row.get("size").as_u64().unwrap_or_default();
            self.moving.blob(self.tenant, (id, size, sha256), sink).await?;
        }
        Ok(())
    }
}

impl Moving {
    /// The bytes of a blob, which have to be those that its row tells of.
    async fn blob(
        &self,
        tenant: &TenantId,
        (id, size, sha256): (BlobId, u64, String),
        sink: &mut impl Sink,
    ) -> Result<()> {
        let mut bytes = self.blobs.read(tenant, &id, 0..size).await?;
        sink.take(Item::Blob { id: id.clone(), size }).await?;
        let mut digest = Sha256::new();
        while let Some(some) = bytes.next().await {
            let some = some?;
            digest.update(&some);
            sink.take(Item::Bytes(some)).await?;
        }
        let found: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if found == sha256 {
            return Ok(());
        }
        let why = format!("the bytes of the blob {id} are not those that were stored; remove the files made of them");
        Err(Stop::refuse(Code::Conflict, why))
    }
}

/// A table that has to be there.
pub(super) fn find<'a>(tables: &'a [Table], name: &str) -> Result<&'a Table> {
    let found = tables.iter().find(|table| table.name == name);
    Ok(found.ok_or_else(|| Fault::new(format!("there is no table `{name}`")))?)
}
