//! Where the bytes of files lie: a folder on this machine, or an S3-compatible store. The one place that knows
//! `object_store`. Blobs are opaque: names, types and owners are in the database, and a blob's place is made of ids
//! that we made, so that nothing a client says ever becomes a path (W-104).

mod reading;
mod s3;
mod writing;

use std::io::ErrorKind;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use futures_util::{Stream, StreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};

use crate::base::{BlobId, Code, Fault, Refusal, Result, Stop, TenantId, Timestamp};
use crate::config::Config;

pub use reading::Bytestream;
pub use writing::Writing;

/// What is gathered before a part is written to this machine's disk.
const LOCAL_PART: usize = 1024 * 1024;
/// The same for S3, which takes no parts below 5 MiB and no more than 10,000 of them.
const REMOTE_PART: usize = 8 * 1024 * 1024;

/// The store of bytes. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    part: usize,
    /// The folder, where it is one.
    folder: Option<PathBuf>,
}

/// A blob that lies in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lying {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: BlobId,
    /// How many bytes.
    pub size: u64,
    /// Since when.
    pub since: Timestamp,
}

impl Blobs {
    /// The store that is configured.
    ///
    /// # Errors
    /// The folder cannot be made, or the settings name no store.
    pub fn open(config: &Config) -> Result<Self, Fault> {
        if config.archive.store.starts_with("s3://") {
            let store = s3::open(&config.archive, &config.outbound)?;
            return Ok(Self { store, part: REMOTE_PART, folder: None });
        }
        let folder = config.archive_folder();
        config.make_dir(&folder)?;
        Self::at(&folder)
    }

    /// A store in an existing folder.
    ///
    /// # Errors
    /// There is none.
    pub fn at(folder: &FilePath) -> Result<Self, Fault> {
        let folder = folder.canonicalize()?;
        let store = Arc::new(LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true));
        Ok(Self { store, part: LOCAL_PART, folder: Some(folder) })
    }

    /// A new blob. What was written is there after [`Writing::finish`], as a whole or not at all.
    #[must_use]
    pub fn write(&self, tenant: &TenantId, id: &BlobId) -> Writing {
        Writing::new(Arc::clone(&self.store), place(tenant, id), self.part)
    }

    /// The bytes of a blob in this range.
    ///
    /// # Errors
    /// The blob is not there, or the store does not answer.
    pub async fn read(&self, tenant: &TenantId, id: &BlobId, range: std::ops::Range<u64>) -> Result<Bytestream> {
        reading::open(self.store.as_ref(), &place(tenant, id), range).await
    }

    /// Removes a blob and what an interrupted writer left of it; that it is not there is no error.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn remove(&self, tenant: &TenantId, id: &BlobId) -> Result<()> {
        let place = place(tenant, id);
        if let Some(folder) = &self.folder {
            // What a writer has not finished lies beside its place, and a process that was killed leaves it there.
            let unfinished = folder.join(format!("{place}#1"));
            drop(tokio::fs::remove_file(unfinished).await);
        }
        match self.store.delete(&place).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unreachable(error)),
        }
    }

    /// Removes all that lies in the store for a tenant; answers how many blobs that were.
    ///
    /// # Errors
    /// The store does not answer; what was removed before stays removed.
    pub async fn clear(&self, tenant: &TenantId) -> Result<u64> {
        let mut removed = 0;
        let all = self.store.list(Some(&Path::from(tenant.as_str())));
        let mut all = std::pin::pin!(all);
        while let Some(found) = all.next().await {
            match self.store.delete(&found.map_err(unreachable)?.location).await {
                Ok(()) => removed += 1,
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(unreachable(error)),
            }
        }
        if let Some(folder) = &self.folder {
            // What writers have not finished is not listed.
            drop(tokio::fs::remove_dir_all(folder.join(tenant.as_str())).await);
        }
        Ok(removed)
    }

    /// Everything that lies in the store, in no order.
    pub fn all(&self) -> impl Stream<Item = Result<Lying>> + Send + '_ {
        self.store.list(None).filter_map(async |found| match found {
            Ok(meta) => lying(&meta).map(Ok),
            Err(error) => Some(Err(unreachable(error))),
        })
    }

    /// Whether the store answers, for readiness.
    ///
    /// # Errors
    /// It does not.
    pub async fn check(&self) -> Result<()> {
        if let Some(folder) = &self.folder {
            return tokio::fs::read_dir(folder).await.map(drop).map_err(unreachable);
        }
        match self.store.head(&Path::from("nothing/is/here")).await {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unreachable(error)),
        }
    }
}

/// Where a blob lies: its tenant's folder, and in it one of 256, so that none holds too many.
fn place(tenant: &TenantId, id: &BlobId) -> Path {
    let text = id.as_str();
    let shelf = &text[text.len().saturating_sub(2)..];
    Path::from_iter([tenant.as_str(), shelf, text])
}

/// What lies at a place of ours; something else that somebody put there is left alone.
fn lying(meta: &object_store::ObjectMeta) -> Option<Lying> {
    let parts: Vec<String> = meta.location.parts().map(|part| part.as_ref().to_owned()).collect();
    let [tenant, _, id] = parts.as_slice() else { return None };
    let (tenant, id) = (TenantId::from(tenant.as_str()), BlobId::from(id.as_str()));
    let since = Timestamp(meta.last_modified.timestamp());
    (place(&tenant, &id) == meta.location).then_some(Lying { tenant, id, size: meta.size, since })
}

/// A store that fails is told to be full or away for now, and to the log why.
fn unreachable(error: impl std::error::Error + Send + Sync + 'static) -> Stop {
    tracing::error!(%error, "the store of files failed");
    let fault = Fault::from(error);
    if is_full(&fault) {
        let full = Refusal::new(Code::InsufficientStorage, "there is no room left here for more files");
        return full.hint(fault.chain()).into();
    }
    let away = Refusal::new(Code::TemporarilyUnavailable, "the files cannot be reached at the moment");
    away.hint(fault.chain()).into()
}

/// Whether the disk, or what of it is ours, is full.
fn is_full(fault: &Fault) -> bool {
    let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded];
    fault.cause::<std::io::Error>().is_some_and(|error| full.contains(&error.kind()))
}

#[cfg(test)]
mod tests;
