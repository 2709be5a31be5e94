//! A file arrives: noted, written, looked at and counted on the way, and only then there (W-102).

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::describe::Incoming;
use super::kind::HEAD;
use super::{Asker, Deed, Files, denied, digest};
use crate::base::{BlobId, Code, Refusal, Result, Seconds, Stop, TenantId};
use crate::store::archive_usage::{self, Amount};
use crate::store::blobs::{self, Loose};
use crate::store::files::{self as store, File};
use crate::store::{Tx, audit};

/// What was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) size: i64,
    pub(super) sha256: String,
    pub(super) head: Vec<u8>,
}

/// Bytes that are noted and not yet part of a file. Dropped, as when a sender goes away, they and what was reserved
/// for them go.
pub(super) struct Pending {
    files: Files,
    tenant: TenantId,
    pub(super) blob: BlobId,
    armed: bool,
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let (true, Ok(runtime)) = (self.armed, tokio::runtime::Handle::try_current()) {
            let (files, tenant, blob) = (self.files.clone(), self.tenant.clone(), self.blob.clone());
            runtime.spawn(async move { files.give_up(&tenant, &blob).await });
        }
    }
}

impl Pending {
    /// They are part of a file now.
    pub(super) fn settled(mut self) {
        self.armed = false;
    }

    /// They go now.
    pub(super) async fn give_up(mut self) {
        self.armed = false;
        self.files.give_up(&self.tenant, &self.blob).await;
    }
}

impl Files {
    /// Takes a new file.
    ///
    /// # Errors
    /// It is too large, of a type or digest that does not fit, over a quota, or the sender or the store failed; then
    /// nothing of it stays.
    pub async fn receive(
        &self,
        asker: &Asker,
        incoming: Incoming,
        body: impl Stream<Item = Result<Bytes>> + Send + Unpin,
    ) -> Result<File> {
        let most = self.most(asker, incoming.most);
        let length = fitting(incoming.length, most)?;
        let reserved = Amount { files: 1, bytes: length };
        let pending = self.begin(asker, &asker.subject, reserved).await?;
        let taken = async {
            let written = self.write(&asker.tenant, &pending.blob, body, most).await?;
            self.settle(asker, &incoming, &pending.blob, written, None).await
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

    /// Most bytes that a file of this tenant may have.
    pub(super) fn most(&self, asker: &Asker, besides: Option<u64>) -> u64 {
        let limits = [asker.settings.max_bytes, besides];
        limits.into_iter().flatten().fold(self.settings.max_bytes, u64::min)
    }

    /// Notes bytes that will come, and reserves what they will take up.
    pub(super) async fn begin(&self, asker: &Asker, owner: &str, reserved: Amount) -> Result<Pending> {
        let (blob, now) = (BlobId::generate(), self.clock.now());
        let ends_at = now.plus(Seconds(self.settings.keep_unfinished_hours.saturating_mul(3_600)));
        let mut loose = Loose::nothing(&asker.tenant, &blob, ends_at);
        owner.clone_into(&mut loose.subject);
        (loose.reserved_files, loose.reserved_bytes) = (reserved.files, reserved.bytes);
        let mut tx = self.db.begin().await?;
        self.claim(&mut tx, asker, owner, (reserved, Amount::default())).await?;
        blobs::loosen(&mut tx, &loose).await?;
        tx.commit().await?;
        Ok(Pending { files: self.clone(), tenant: asker.tenant.clone(), blob, armed: true })
    }

    /// Takes up so much more than is held for it already, if there is room.
    pub(super) async fn claim(
        &self,
        tx: &mut Tx,
        asker: &Asker,
        owner: &str,
        (amount, held): (Amount, Amount),
    ) -> Result<()> {
        let own = if owner == asker.subject { asker.own } else { archive_usage::Ceiling::default() };
        let Err(over) = archive_usage::add(tx, (&asker.tenant, owner), amount, (asker.of_tenant, own)).await? else {
            return Ok(());
        };
        let ceiling = if over.own { own } else { asker.of_tenant };
        let refusal = Refusal::new(Code::QuotaExceeded, "there is no room for this; delete something, or get more")
            .member("used", json!({ "files": over.used.files - held.files, "bytes": over.used.bytes - held.bytes }))
            .member("limit", json!({ "files": ceiling.files, "bytes": ceiling.bytes }))
            .member("plan", json!(asker.plans));
        Err(refusal.into())
    }

    /// Writes the bytes to the store as they come, counting and hashing.
    pub(super) async fn write(
        &self,
        tenant: &TenantId,
        blob: &BlobId,
        mut body: impl Stream<Item = Result<Bytes>> + Send + Unpin,
        most: u64,
    ) -> Result<Written> {
        let mut writing = self.blobs.write(tenant, blob);
        let (mut size, mut head, mut hash) = (0_u64, Vec::new(), Sha256::new());
        let silence = Duration::from_secs(self.settings.silence);
        loop {
            let Ok(next) = tokio::time::timeout(silence, body.next()).await else {
                return Err(Stop::refuse(Code::RequestTimeout, "the bytes stopped coming"));
            };
            let Some(piece) = next.transpose()? else { break };
            size += piece.len() as u64;
            if size > most {
                return Err(too_large(most));
            }
            if head.len() < HEAD {
                head.extend_from_slice(&piece[..piece.len().min(HEAD - head.len())]);
            }
            hash.update(&piece);
            writing.put(piece).await?;
        }
        writing.finish().await?;
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        Ok(Written { size, sha256: digest::hex(&hash.finalize()), head })
    }

    /// Makes a file of what was written, or gives an existing one other bytes.
    pub(super) async fn settle(
        &self,
        asker: &Asker,
        incoming: &Incoming,
        blob: &BlobId,
        written: Written,
        before: Option<&File>,
    ) -> Result<File> {
        if incoming.digest.as_ref().is_some_and(|digest| *digest != written.sha256) {
            return Err(Stop::refuse(Code::DigestMismatch, "other bytes arrived than were announced"));
        }
        let file = self.described(asker, incoming, blob, &written, before)?;
        let deed = if before.is_some() { Deed::Update } else { Deed::Create };
        if !self.allowed(deed, asker, &file).await? {
            return Err(denied());
        }
        let mut tx = self.db.begin().await?;
        let (file, gone) = self.settle_in(&mut tx, asker, file, before).await?;
        tx.commit().await?;
        self.discard_all(&asker.tenant, &gone).await;
        self.look_at_soon(&file);
        Ok(file)
    }

    /// As the last step of a transaction: the bytes are a file's, once within the tenant, and counted. Answers too which
    /// bytes no file is made of any more.
    pub(super) async fn settle_in(
        &self,
        tx: &mut Tx,
        asker: &Asker,
        mut file: File,
        before: Option<&File>,
    ) -> Result<(File, Vec<BlobId>)> {
        let (tenant, now, mut gone) = (&asker.tenant, self.clock.now(), Vec::new());
        let late = || Stop::refuse(Code::Conflict, "the upload took too long and was given up");
        let loose = blobs::take(tx, tenant, &file.blob_id).await?.ok_or_else(late)?;
        let more = match before {
            None => Amount { files: 1 - loose.reserved_files, bytes: file.size - loose.reserved_bytes },
            Some(before) => {
                Amount { files: -loose.reserved_files, bytes: file.size - before.size - loose.reserved_bytes }
            }
        };
        let held = Amount { files: loose.reserved_files, bytes: loose.reserved_bytes };
        self.claim(tx, asker, &file.owner, (more, held)).await?;
        let kept = blobs::keep(tx, (tenant, &file.blob_id), (&file.view.sha256, file.size), now).await?;
        if kept != file.blob_id {
            blobs::loosen(&mut *tx, &Loose::nothing(tenant, &file.blob_id, now)).await?;
            gone.push(std::mem::replace(&mut file.blob_id, kept));
        }
        let stored = match before {
            None => store::insert(&mut *tx, &file).await?,
            Some(before) => {
                if blobs::release(tx, tenant, &before.blob_id, now).await? {
                    gone.push(before.blob_id.clone());
                }
                let stored = store::write(&mut *tx, &file).await?;
                gone.extend(self.forget_thumbnails(tx, before).await?);
                file.rev += 1;
                stored
            }
        };
        if !stored {
            return Err(Stop::refuse(Code::AlreadyExists, "this file is there already, or has changed meanwhile"));
        }
        let detail = json!({
            "name": file.view.name, "size": file.size, "type": file.view.kind, "replaced": before.is_some(),
        });
        let event = audit::Event::new(tenant, now, "file.uploaded").by(&asker.by.id).on(file.id.as_str());
        audit::record(&mut *tx, event.from(&asker.by.origin).detail(detail)).await?;
        Ok((file, gone))
    }
}

pub(super) fn too_large(most: u64) -> Stop {
    Refusal::new(Code::BodyTooLarge, format!("a file has at most {most} bytes here")).member("limit", most).into()
}

/// A declared length, refused before anything is read when it is too much.
pub(super) fn fitting(length: Option<u64>, most: u64) -> Result<i64> {
    match length {
        Some(length) if length > most => Err(too_large(most)),
        length => Ok(i64::try_from(length.unwrap_or_default()).unwrap_or(i64::MAX)),
    }
}
