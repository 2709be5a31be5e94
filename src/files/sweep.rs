//! What goes by itself: bytes that no file is made of, uploads that were given up, deleted files whose time is over.

use futures_util::StreamExt as _;

use super::Files;
use crate::base::{BlobId, Result, Seconds, TenantId};
use crate::store::archive_usage::{self, Amount};
use crate::store::{blobs, files as store, uploads};

/// Most rows of one kind in a round.
const BATCH: i64 = 500;
/// How old bytes without a row have to be before they are nobody's.
const AGE: Seconds = Seconds(2 * 86_400);

/// What a round removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Bytes that no file is made of.
    pub blobs: u64,
    /// Uploads that were given up.
    pub uploads: u64,
    /// Deleted files.
    pub files: u64,
}

impl Files {
    /// Removes what is due.
    ///
    /// # Errors
    /// The database or the store failed; what was not removed waits for the next round.
    pub async fn sweep(&self) -> Result<Swept> {
        let (mut swept, now) = (Swept::default(), self.clock.now());
        for (tenant, upload) in uploads::due(&self.db, now, BATCH).await? {
            swept.uploads += u64::from(self.end_upload(&tenant, &upload).await?);
        }
        for file in store::due(&self.db, now, BATCH).await? {
            swept.files += u64::from(self.purge(&file).await?);
        }
        for loose in blobs::due(&self.db, now, BATCH).await? {
            self.discard(&loose.tenant_id, &loose.id).await?;
            swept.blobs += 1;
        }
        Ok(swept)
    }

    /// Removes bytes that lie in the store without any row about them, as after a restored backup of the database.
    ///
    /// # Errors
    /// The database or the store failed.
    pub async fn sweep_store(&self) -> Result<u64> {
        let (mut removed, before) = (0, self.clock.now().minus(AGE));
        let mut all = std::pin::pin!(self.blobs.all());
        while let Some(lying) = all.next().await {
            let lying = lying?;
            if lying.since < before && !blobs::is_known(&self.db, &lying.tenant, &lying.id).await? {
                self.blobs.remove(&lying.tenant, &lying.id).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Removes the bytes of all files of a tenant that is gone.
    ///
    /// # Errors
    /// The store failed; what was removed before stays removed.
    pub async fn clear(&self, tenant: &TenantId) -> Result<u64> {
        self.blobs.clear(tenant).await
    }

    /// Lets bytes go that will not become a file, and what was reserved for them.
    pub(super) async fn give_up(&self, tenant: &TenantId, blob: &BlobId) {
        let expired = blobs::expire(&self.db, tenant, blob, self.clock.now()).await;
        let gone = match expired {
            Ok(()) => self.discard(tenant, blob).await,
            Err(error) => Err(error.into()),
        };
        if gone.is_err() {
            tracing::warn!(blob = blob.as_str(), "bytes of an unfinished upload wait to be swept");
        }
    }

    /// Removes loose bytes after what made them loose is done. What cannot be removed now is swept.
    pub(super) async fn discard_all(&self, tenant: &TenantId, blobs: &[BlobId]) {
        for blob in blobs {
            if self.discard(tenant, blob).await.is_err() {
                tracing::warn!(blob = blob.as_str(), "bytes that nothing is made of wait to be swept");
            }
        }
    }

    /// Removes loose bytes: first from the store, then the row that remembers them.
    pub(super) async fn discard(&self, tenant: &TenantId, blob: &BlobId) -> Result<()> {
        self.blobs.remove(tenant, blob).await?;
        let mut tx = self.db.begin().await?;
        if let Some(loose) = blobs::take(&mut tx, tenant, blob).await? {
            let reserved = Amount { files: loose.reserved_files, bytes: loose.reserved_bytes };
            let none = archive_usage::Ceiling::default();
            if reserved != Amount::default() {
                let given =
                    archive_usage::add(&mut tx, (tenant, &loose.subject), reserved.less(), (none, none)).await?;
                debug_assert!(given.is_ok(), "giving back is never refused");
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
