//! The bytes of a file on their way to somebody, and other bytes for a file.

use std::ops::Range;

use bytes::Bytes;
use futures_util::Stream;

use super::receive::fitting;
use super::{Asker, Deed, Files, Incoming, Match, NewFile, changed_meanwhile};
use crate::base::{Actor, Code, FileId, Result, Stop};
use crate::blobs::Bytestream;
use crate::store::archive_usage::Amount;
use crate::store::audit;
use crate::store::files::{self as store, File, FileState};

impl Files {
    /// Whether a file's bytes may be read at all.
    ///
    /// # Errors
    /// [`Code::ScanPending`], [`Code::Quarantined`].
    pub fn readable(&self, file: &File) -> Result<()> {
        readable(file)
    }

    /// The bytes of a file in this range, and a note that they were read.
    ///
    /// # Errors
    /// [`Code::ScanPending`], [`Code::Quarantined`], or the store is away.
    pub async fn bytes(&self, file: &File, range: Range<u64>, by: &Actor) -> Result<Bytestream> {
        readable(file)?;
        let stream = self.blobs.read(&file.tenant_id, &file.blob_id, range.clone()).await?;
        let (now, first) = (self.clock.now(), i64::from(range.start == 0));
        let mut tx = self.db.begin().await?;
        store::read(&mut tx, file, now, first).await?;
        let event = audit::Event::new(&file.tenant_id, now, "file.downloaded").by(&by.id).on(file.id.as_str());
        audit::record(&mut tx, event.from(&by.origin)).await?;
        tx.commit().await?;
        Ok(stream)
    }

    /// Gives a file other bytes.
    ///
    /// # Errors
    /// As [`Files::receive`].
    pub async fn replace(
        &self,
        asker: &Asker,
        id: &FileId,
        (given, incoming): (Match, Incoming),
        body: impl Stream<Item = Result<Bytes>> + Send + Unpin,
    ) -> Result<File> {
        let before = self.find_for(Deed::Update, asker, id).await?;
        if !given.takes(before.rev) {
            return Err(changed_meanwhile());
        }
        let view = &before.view;
        let new = NewFile {
            name: view.name.clone(),
            path: view.path.clone(),
            declared_type: incoming.new.declared_type.clone().or_else(|| view.declared_type.clone()),
            visibility: view.visibility,
            metadata: view.metadata.clone(),
        };
        let incoming = Incoming { new, ..incoming };
        let most = self.most(asker, incoming.most);
        let length = fitting(incoming.length, most)?;
        let more = Amount { files: 0, bytes: (length - before.size).max(0) };
        let pending = self.begin(asker, &before.owner, more).await?;
        let taken = async {
            let written = self.write(&asker.tenant, &pending.blob, body, most).await?;
            self.settle(asker, &incoming, &pending.blob, written, Some(&before)).await
        };
        match taken.await {
            Ok(file) => {
                pending.settled();
                Ok(file)
            }
            Err(stop) => {
                pending.give_up().await;
                Err(stop)
            }
        }
    }
}

/// Whether a file's bytes may be read at all.
///
/// # Errors
/// [`Code::ScanPending`], [`Code::Quarantined`].
pub(super) fn readable(file: &File) -> Result<()> {
    match file.view.state {
        FileState::Ready => Ok(()),
        FileState::Scanning => Err(Stop::refuse(Code::ScanPending, "this file has to be looked at first")),
        FileState::Quarantined => Err(Stop::refuse(Code::Quarantined, "something bad was found in this file")),
    }
}
