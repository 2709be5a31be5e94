//! What is in the file: a line of JSON for each thing, and after the line of a blob its bytes as they are. The guide
//! `docs/guides/moving-a-tenant.md` tells the same to whoever wants to read a file without us.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};

use super::envelope::{Reader, Writer};
use super::item::{Carried, Item, Sink};
use crate::base::{BlobId, Code, Result, Slug, Stop, TenantId};
use crate::store::document::Document;
use crate::store::tenant_documents::Collection;

/// What a file says of itself, in its first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of the schema that its rows are of.
    pub schema: i64,
    /// The version of the program that wrote it.
    pub program: String,
    /// When it was written.
    pub written_at: String,
    /// The tenant's id.
    pub id: TenantId,
    /// Its name in URLs.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// Its issuer where it was: tokens of this one are good where the issuer is the same.
    pub issuer: String,
    /// The domains that it has proven.
    pub domains: Vec<String>,
    /// Whether its audit trail was as it had been written.
    pub trail: bool,
}

/// A line that is no row.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Tenant(Head),
    Table { name: String, columns: Vec<String> },
    Collection(Collection),
    Changes(i64),
    Blob { id: BlobId, size: u64 },
    End(Carried),
}

/// Writes things into a file.
pub(super) struct IntoFile<W> {
    writer: Writer<W>,
    carried: Carried,
    /// Bytes of the present blob that are still to come.
    left: u64,
}

impl<W: AsyncWrite + Unpin + Send> IntoFile<W> {
    /// Begins with what the file says of itself.
    pub(super) async fn begin(mut writer: Writer<W>, head: Head) -> Result<Self> {
        writer.line(&Line::Tenant(head)).await?;
        Ok(Self { writer, carried: Carried::default(), left: 0 })
    }

    /// Ends the file; answers how much is in it, how long it is, and what it was written to.
    pub(super) async fn finish(mut self) -> Result<(Carried, u64, W)> {
        self.writer.line(&Line::End(self.carried.clone())).await?;
        let (length, out) = self.writer.finish().await?;
        Ok((self.carried, length, out))
    }
}

impl<W: AsyncWrite + Unpin + Send> Sink for IntoFile<W> {
    async fn take(&mut self, item: Item) -> Result<()> {
        self.carried.count(&item);
        match item {
            Item::Table { name, columns } => self.writer.line(&Line::Table { name, columns }).await,
            Item::Row(row) => self.writer.line(&row).await,
            Item::Collection(collection) => self.writer.line(&Line::Collection(collection)).await,
            Item::Document(d) => self.writer.line(&json!([d.id, d.rev, d.owner, d.created, d.updated, d.body])).await,
            Item::Changes(last) => self.writer.line(&Line::Changes(last)).await,
            Item::Blob { id, size } => {
                self.left = size;
                self.writer.line(&Line::Blob { id, size }).await?;
                if size == 0 { self.writer.put(b"\n").await } else { Ok(()) }
            }
            Item::Bytes(bytes) => {
                self.left = self.left.saturating_sub(bytes.len() as u64);
                self.writer.put(&bytes).await?;
                if self.left == 0 { self.writer.put(b"\n").await } else { Ok(()) }
            }
        }
    }
}

/// What a file says of itself.
///
/// # Errors
/// It does not open, or begins otherwise.
pub(super) async fn head<R: AsyncRead + Unpin + Send>(reader: &mut Reader<R>) -> Result<Head> {
    let line = reader.line().await?.unwrap_or_default();
    match serde_json::from_slice(&line) {
        Ok(Line::Tenant(head)) => Ok(head),
        _ => Err(unreadable()),
    }
}

/// Gives everything of a file to a sink; answers how much there was.
///
/// # Errors
/// The file is not whole, or says something else than is in it; the sink does not take it.
pub(super) async fn pour<R: AsyncRead + Unpin + Send>(reader: &mut Reader<R>, sink: &mut impl Sink) -> Result<Carried> {
    let (mut carried, mut documents) = (Carried::default(), false);
    while let Some(line) = reader.line().await? {
        if line.first() == Some(&b'[') {
            let item = if documents { document(&line)? } else { Item::Row(parsed(&line)?) };
            give(&mut carried, sink, item).await?;
            continue;
        }
        match parsed(&line)? {
            Line::Table { name, columns } => {
                documents = false;
                give(&mut carried, sink, Item::Table { name, columns }).await?;
            }
            Line::Collection(collection) => {
                documents = true;
                give(&mut carried, sink, Item::Collection(collection)).await?;
            }
            Line::Changes(last) => give(&mut carried, sink, Item::Changes(last)).await?,
            Line::Blob { id, size } => blob(reader, (&mut carried, sink), id, size).await?,
            Line::End(told) if reader.line().await?.is_none() && carried.is(&told) => return Ok(carried),
            Line::End(_) | Line::Tenant(_) => return Err(unreadable()),
        }
    }
    Err(unreadable())
}

async fn give(carried: &mut Carried, sink: &mut impl Sink, item: Item) -> Result<()> {
    carried.count(&item);
    sink.take(item).await
}

async fn blob<R: AsyncRead + Unpin + Send>(
    reader: &mut Reader<R>,
    (carried, sink): (&mut Carried, &mut impl Sink),
    id: BlobId,
    size: u64,
) -> Result<()> {
    give(carried, sink, Item::Blob { id, size }).await?;
    let mut left = size;
    while left > 0 {
        let bytes = reader.bytes(left).await?;
        left -= bytes.len() as u64;
        give(carried, sink, Item::Bytes(bytes)).await?;
    }
    if reader.bytes(1).await?.as_ref() == b"\n" { Ok(()) } else { Err(unreadable()) }
}

fn document(line: &[u8]) -> Result<Item> {
    type Parts = (String, i64, Option<String>, String, String, serde_json::Map<String, Value>);
    let (id, rev, owner, created, updated, body): Parts = parsed(line)?;
    let Value::Object(body) = crate::query::value::normal(Value::Object(body)) else { return Err(unreadable()) };
    Ok(Item::Document(Document { id, rev, owner, created, updated, body }))
}

fn parsed<T: serde::de::DeserializeOwned>(line: &[u8]) -> Result<T> {
    serde_json::from_slice(line).map_err(|_| unreadable())
}

/// It opened, so whoever has the passphrase wrote it; but not this program.
fn unreadable() -> Stop {
    Stop::refuse(Code::Unprocessable, "the file says something that this program does not understand")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::base::{Secret, Timestamp};
    use crate::store::Json;

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl Sink for Seen {
        async fn take(&mut self, item: Item) -> Result<()> {
            self.0.push(format!("{item:?}"));
            Ok(())
        }
    }

    fn told() -> Head {
        Head {
            schema: 1,
            program: "0".to_owned(),
            written_at: String::new(),
            id: TenantId::from("t"),
            slug: "acme".parse().unwrap(),
            name: "Acme".to_owned(),
            issuer: "https://a.test/t/acme".to_owned(),
            domains: vec!["id.acme.test".to_owned()],
            trail: true,
        }
    }

    fn items() -> Vec<Item> {
        let body = json!({ "n": 1.5, "t": "a\nb" }).as_object().cloned().unwrap();
        let collection = Collection {
            coll: 0,
            name: "orders".to_owned(),
            definition: Json(json!({})),
            version: 1,
            created_at: Timestamp(1),
            updated_at: Timestamp(2),
        };
        let document =
            Document { id: "d".to_owned(), rev: 3, owner: None, created: String::new(), updated: String::new(), body };
        let blob = |id: &str, size| Item::Blob { id: BlobId::from(id), size };
        vec![
            Item::Table { name: "blobs".to_owned(), columns: vec!["id".to_owned()] },
            Item::Row(vec![json!("x\ny"), json!(null), json!(7)]),
            Item::Row(vec![json!("z")]),
            Item::Collection(collection),
            Item::Document(document),
            Item::Changes(9),
            blob("x", 3),
            Item::Bytes(Bytes::from_static(b"a\nb")),
            blob("z", 0),
        ]
    }

    async fn file(items: Vec<Item>) -> Vec<u8> {
        let writer = Writer::begin(Vec::new(), &Secret::new("a long passphrase")).await.unwrap();
        let mut into = IntoFile::begin(writer, told()).await.unwrap();
        for item in items {
            into.take(item).await.unwrap();
        }
        into.finish().await.unwrap().2
    }

    #[tokio::test]
    async fn what_went_into_a_file_comes_out_of_it() {
        let file = file(items()).await;
        let mut reader = Reader::open(file.as_slice(), &Secret::new("a long passphrase")).await.unwrap();
        assert_eq!(head(&mut reader).await.unwrap(), told());
        let mut seen = Seen::default();
        let carried = pour(&mut reader, &mut seen).await.unwrap();
        assert_eq!(seen.0, items().iter().map(|item| format!("{item:?}")).collect::<Vec<_>>());
        assert_eq!((carried.all_rows(), carried.documents, carried.blobs, carried.bytes), (2, 1, 2, 3));
    }

    #[tokio::test]
    async fn a_file_whose_blobs_are_not_all_there_is_refused() {
        let file = file(items().into_iter().take(6).collect()).await;
        let mut reader = Reader::open(file.as_slice(), &Secret::new("a long passphrase")).await.unwrap();
        head(&mut reader).await.unwrap();
        assert!(pour(&mut reader, &mut Seen::default()).await.is_err());
    }
}
