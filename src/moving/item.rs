//! What a tenant is on its way: one thing after the other, whether it goes into a file, comes out of one, or goes
//! straight from one tenant to another.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::{BlobId, Result};
use crate::store::document::Document;
use crate::store::tenant_documents::Collection;

/// One thing.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// Rows of a table follow, with these columns.
    Table {
        /// Its name.
        name: String,
        /// The columns, in the order of each row's values.
        columns: Vec<String>,
    },
    /// A row of it.
    Row(Vec<Value>),
    /// Documents of a collection follow.
    Collection(Collection),
    /// A document of it.
    Document(Document),
    /// How many changes of documents there have been.
    Changes(i64),
    /// The bytes of a blob follow.
    Blob {
        /// Which.
        id: BlobId,
        /// How many bytes.
        size: u64,
    },
    /// Some of them.
    Bytes(Bytes),
}

/// Where the things go.
pub(super) trait Sink: Send {
    /// Takes the next one.
    fn take(&mut self, item: Item) -> impl Future<Output = Result<()>> + Send;
}

/// How much went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Rows, by table.
    pub rows: BTreeMap<String, u64>,
    /// Collections.
    pub collections: u64,
    /// Documents.
    pub documents: u64,
    /// Blobs: bytes that files are made of.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The table whose rows are counted.
    #[serde(skip)]
    now: String,
}

impl Carried {
    /// Counts one thing.
    pub(super) fn count(&mut self, item: &Item) {
        match item {
            Item::Table { name, .. } => self.now.clone_from(name),
            Item::Row(_) => match self.rows.get_mut(&self.now) {
                Some(rows) => *rows += 1,
                None => drop(self.rows.insert(self.now.clone(), 1)),
            },
            Item::Collection(_) => self.collections += 1,
            Item::Document(_) => self.documents += 1,
            Item::Changes(_) => {}
            Item::Blob { .. } => self.blobs += 1,
            Item::Bytes(bytes) => self.bytes += bytes.len() as u64,
        }
    }

    /// Whether as much was counted, and no blob is without its bytes.
    pub(super) fn is(&self, other: &Self) -> bool {
        let same = |one: &Self, other: &Self| {
            (&one.rows, one.collections, one.documents, one.blobs, one.bytes)
                == (&other.rows, other.collections, other.documents, other.blobs, other.bytes)
        };
        same(self, other) && self.rows.get("blobs").copied().unwrap_or_default() == self.blobs
    }

    /// Rows of all tables.
    #[must_use]
    pub fn all_rows(&self) -> u64 {
        self.rows.values().sum()
    }
}

/// Takes things and keeps none: for looking at a file.
#[derive(Debug, Default)]
pub(super) struct Nowhere;

impl Sink for Nowhere {
    async fn take(&mut self, _: Item) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_is_counted_and_a_blob_without_bytes_is_noticed() {
        let mut carried = Carried::default();
        let table = |name: &str| Item::Table { name: name.to_owned(), columns: Vec::new() };
        for item in
            [table("users"), Item::Row(Vec::new()), Item::Row(Vec::new()), table("blobs"), Item::Row(Vec::new())]
        {
            carried.count(&item);
        }
        let before = carried.clone();
        assert!(!carried.is(&before), "a blob has no bytes");
        carried.count(&Item::Blob { id: BlobId::from("b"), size: 3 });
        carried.count(&Item::Bytes(Bytes::from_static(b"abc")));
        assert!(carried.is(&carried.clone()) && !carried.is(&before));
        assert_eq!((carried.rows["users"], carried.all_rows(), carried.bytes), (2, 3, 3));
        let read: Carried = serde_json::from_value(serde_json::to_value(&carried).unwrap()).unwrap();
        assert!(read.is(&carried));
    }
}
