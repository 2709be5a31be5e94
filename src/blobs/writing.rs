//! Writing a blob as its bytes arrive, with a bounded part of it in memory.

use std::sync::Arc;

use bytes::Bytes;
use object_store::ObjectStore;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use tokio::io::AsyncWriteExt as _;

use super::unreachable;
use crate::base::Result;

/// Most parts under way at a time.
const AT_ONCE: usize = 2;

/// A blob that is being written. Dropped before [`Writing::finish`] it leaves nothing.
#[derive(Debug)]
pub struct Writing(Option<BufWriter>);

impl Writing {
    pub(super) fn new(store: Arc<dyn ObjectStore>, place: Path, part: usize) -> Self {
        Self(Some(BufWriter::with_capacity(store, place, part).with_max_concurrency(AT_ONCE)))
    }

    /// Writes on. It waits while the store is slower than the source.
    ///
    /// # Errors
    /// The store refuses or does not answer.
    pub async fn put(&mut self, bytes: Bytes) -> Result<()> {
        match &mut self.0 {
            Some(writer) => writer.put(bytes).await.map_err(unreachable),
            None => Ok(()),
        }
    }

    /// Makes what was written a blob.
    ///
    /// # Errors
    /// The store refuses or does not answer; then nothing is there.
    pub async fn finish(mut self) -> Result<()> {
        match self.0.take() {
            Some(mut writer) => writer.shutdown().await.map_err(unreachable),
            None => Ok(()),
        }
    }

    /// Gives up: nothing stays.
    pub async fn abandon(mut self) {
        if let Some(writer) = self.0.take() {
            abort(writer).await;
        }
    }
}

impl Drop for Writing {
    /// A client that goes away takes the handler's future with it.
    fn drop(&mut self) {
        if let (Some(writer), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(abort(writer));
        }
    }
}

async fn abort(mut writer: BufWriter) {
    if let Err(error) = writer.abort().await {
        tracing::warn!(%error, "an unfinished blob could not be removed");
    }
}
