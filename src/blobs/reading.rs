//! Reading a blob as its reader takes it.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore};

use super::unreachable;
use crate::base::Result;

/// What is read at a time: one trip to the disk's thread for each.
const CHUNK: u64 = 256 * 1024;

/// Bytes on their way.
pub type Bytestream = BoxStream<'static, io::Result<Bytes>>;

/// Opens a blob at this range.
pub(super) async fn open(store: &dyn ObjectStore, place: &Path, range: Range<u64>) -> Result<Bytestream> {
    if range.is_empty() {
        store.get_opts(place, GetOptions { head: true, ..GetOptions::default() }).await.map_err(unreachable)?;
        return Ok(stream::empty().boxed());
    }
    let options = GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
    let found = store.get_opts(place, options).await.map_err(unreachable)?;
    Ok(match found.payload {
        GetResultPayload::File(file, _) => from_file(file, range),
        GetResultPayload::Stream(stream) => stream.map_err(io::Error::other).boxed(),
    })
}

/// In larger pieces than `object_store` would read.
fn from_file(file: File, range: Range<u64>) -> Bytestream {
    let file = Arc::new(file);
    stream::try_unfold(range.start, move |at| {
        let (file, end) = (Arc::clone(&file), range.end);
        async move {
            if at >= end {
                return Ok(None);
            }
            let most = usize::try_from(CHUNK.min(end - at)).unwrap_or(usize::MAX);
            let read = tokio::task::spawn_blocking(move || piece(&file, at, most)).await;
            let bytes = read.map_err(io::Error::other)??;
            let next = at + bytes.len() as u64;
            Ok(Some((bytes, next)))
        }
    })
    .boxed()
}

fn piece(file: &File, at: u64, most: usize) -> io::Result<Bytes> {
    let mut bytes = vec![0; most];
    let read = file.read_at(&mut bytes, at)?;
    if read == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the blob is shorter than its row says"));
    }
    bytes.truncate(read);
    Ok(bytes.into())
}
