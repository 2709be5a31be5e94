//! Files that arrive in pieces (tus 1.0). Each piece is a blob of its own, noted before and after it is written, so any
//! node can take the next one; with the last one they become one file.

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _};
use serde::{Deserialize, Serialize};

use super::receive::too_large;
use super::{Asker, Files, Incoming, NewFile};
use crate::base::{BlobId, Code, Fault, FileId, Refusal, Result, Seconds, Stop, TenantId, Timestamp, UploadId};
use crate::blobs::{Blobs, Bytestream};
use crate::store::Json;
use crate::store::archive_usage::{self, Amount};
use crate::store::blobs::{self, Loose};
use crate::store::files::{self as store, File};
use crate::store::uploads::{self as rows, Piece, Upload};

/// Most pieces of one file.
const PIECES: i64 = 10_000;

/// What is remembered of a file until it is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct About {
    /// What was said of it.
    pub new: NewFile,
}

/// How far an upload has come.
#[derive(Clone, Debug)]
pub struct Under {
    /// Its id, which becomes the file's.
    pub id: UploadId,
    /// How many bytes there are.
    pub offset: i64,
    /// How many there will be.
    pub length: i64,
    /// When it is given up.
    pub ends_at: Option<Timestamp>,
    /// The file, once it is there.
    pub file: Option<File>,
}

impl Files {
    /// Begins a file of this length.
    ///
    /// # Errors
    /// It would be too large, over a quota, or the rules do not allow it.
    pub async fn begin_upload(&self, asker: &Asker, new: NewFile, length: u64) -> Result<Under> {
        let most = asker.settings.max_bytes.unwrap_or(u64::MAX).min(self.settings.max_upload_bytes);
        if length > most {
            return Err(too_large(most));
        }
        self.may_create(asker, &new).await?;
        let length = i64::try_from(length)?;
        let kept = Seconds(self.settings.keep_unfinished_hours.saturating_mul(3_600));
        let upload = Upload {
            tenant_id: asker.tenant.clone(),
            id: UploadId::generate(),
            owner: asker.subject.clone(),
            length,
            received: 0,
            pieces: 0,
            about: Json(About { new }),
            ends_at: self.clock.now().plus(kept),
        };
        let mut tx = self.db.begin().await?;
        let reserved = Amount { files: 1, bytes: length };
        self.claim(&mut tx, asker, &asker.subject, (reserved, Amount::default())).await?;
        rows::begin(&mut tx, &upload).await?;
        tx.commit().await?;
        Ok(under(&upload))
    }

    /// How far one's own upload has come; one that is a file by now has come to its end.
    ///
    /// # Errors
    /// There is none.
    pub async fn upload(&self, asker: &Asker, id: &UploadId) -> Result<Under> {
        if let Some(upload) = self.own_upload(asker, id).await? {
            return Ok(under(&upload));
        }
        let file = store::get(&self.db, &asker.tenant, &FileId::from(id.as_str())).await?;
        let own = file.filter(|file| file.owner == asker.subject && file.deleted_at.is_none());
        let file = own.ok_or_else(no_upload)?;
        Ok(Under { id: id.clone(), offset: file.size, length: file.size, ends_at: None, file: Some(file) })
    }

    /// Takes the next piece. What arrived before a sender went away is kept. With the last byte the file is there.
    ///
    /// # Errors
    /// The piece does not begin where the last one ended, is too long, or has another digest.
    pub async fn append(
        &self,
        asker: &Asker,
        id: &UploadId,
        (offset, digest): (i64, Option<String>),
        body: impl Stream<Item = Result<Bytes>> + Send + Unpin,
    ) -> Result<Under> {
        let upload = self.own_upload(asker, id).await?.ok_or_else(no_upload)?;
        if upload.received != offset {
            return Err(elsewhere(upload.received));
        }
        if upload.pieces >= PIECES {
            return Err(Refusal::new(Code::Conflict, "a file comes in 10000 pieces at most").into());
        }
        let received = if offset < upload.length {
            self.take_piece(asker, &upload, digest.as_deref(), body).await?
        } else {
            offset
        };
        if received < upload.length {
            return Ok(Under { offset: received, ..under(&upload) });
        }
        let file = self.put_together(asker, &upload).await?;
        Ok(Under { offset: received, file: Some(file), ..under(&upload) })
    }

    /// Gives an upload up.
    ///
    /// # Errors
    /// There is none.
    pub async fn cancel_upload(&self, asker: &Asker, id: &UploadId) -> Result<()> {
        let upload = self.own_upload(asker, id).await?.ok_or_else(no_upload)?;
        if self.end_upload(&asker.tenant, &upload.id).await? { Ok(()) } else { Err(no_upload()) }
    }

    /// Removes an upload with its pieces, and gives back what was reserved. `false`: it is gone already.
    pub(super) async fn end_upload(&self, tenant: &TenantId, id: &UploadId) -> Result<bool> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let Some((upload, pieces)) = rows::take::<About>(&mut tx, tenant, id).await? else { return Ok(false) };
        let none = archive_usage::Ceiling::default();
        let reserved = Amount { files: 1, bytes: upload.length };
        let given = archive_usage::add(&mut tx, (tenant, &upload.owner), reserved.less(), (none, none)).await?;
        debug_assert!(given.is_ok(), "giving back is never refused");
        for piece in &pieces {
            blobs::loosen(&mut tx, &Loose::nothing(tenant, &piece.blob_id, now)).await?;
        }
        tx.commit().await?;
        self.discard_all(tenant, &blobs_of(&pieces)).await;
        Ok(true)
    }

    async fn own_upload(&self, asker: &Asker, id: &UploadId) -> Result<Option<Upload<About>>> {
        let found = rows::get::<About>(&self.db, &asker.tenant, id, self.clock.now()).await?;
        Ok(found.filter(|upload| upload.owner == asker.subject))
    }

    async fn take_piece(
        &self,
        asker: &Asker,
        upload: &Upload<About>,
        digest: Option<&str>,
        body: impl Stream<Item = Result<Bytes>> + Send + Unpin,
    ) -> Result<i64> {
        let left = u64::try_from(upload.length - upload.received).unwrap_or_default();
        let pending = self.begin(asker, &asker.subject, Amount::default()).await?;
        // Whoever goes away in the middle has sent what they have sent.
        let kept = body.take_while(|next| std::future::ready(next.is_ok()));
        let written = self.write(&asker.tenant, &pending.blob, kept, left).await;
        let written = match written {
            Ok(written) => written,
            Err(stop) => {
                pending.give_up().await;
                return Err(stop);
            }
        };
        let refused = match digest {
            Some(digest) if *digest != written.sha256 => {
                Some(Stop::refuse(Code::ChecksumMismatch, "other bytes arrived than were announced"))
            }
            _ if written.size == 0 => Some(Stop::refuse(Code::InvalidRequest, "nothing arrived")),
            _ => None,
        };
        if let Some(refused) = refused {
            pending.give_up().await;
            return Err(refused);
        }
        let piece = Piece { start: upload.received, length: written.size, blob_id: pending.blob.clone() };
        let mut tx = self.db.begin().await?;
        blobs::take(&mut tx, &asker.tenant, &pending.blob).await?.ok_or_else(no_upload)?;
        if !rows::advance(&mut tx, &asker.tenant, &upload.id, &piece).await? {
            drop(tx);
            pending.give_up().await;
            return Err(elsewhere(upload.received));
        }
        tx.commit().await?;
        pending.settled();
        Ok(upload.received + written.size)
    }

    /// One file of all pieces: read in their order and written anew, so that it is hashed, deduplicated and served like
    /// every other. Should that fail, the upload stays and an empty last piece tries again.
    async fn put_together(&self, asker: &Asker, upload: &Upload<About>) -> Result<File> {
        let pieces = rows::pieces(&self.db, &asker.tenant, &upload.id).await?;
        let incoming = Incoming {
            id: Some(FileId::from(upload.id.as_str())),
            new: upload.about.new.clone(),
            length: None,
            digest: None,
            most: None,
        };
        let pending = self.begin(asker, &asker.subject, Amount::default()).await?;
        let all = one_after_the_other(self.blobs.clone(), asker.tenant.clone(), pieces.clone());
        let taken = async {
            let written = self.write(&asker.tenant, &pending.blob, all, u64::MAX).await?;
            if written.size != upload.length {
                return Err(Fault::new("the pieces of an upload are not the whole").into());
            }
            let file = self.described(asker, &incoming, &pending.blob, &written, None)?;
            self.settle_upload(asker, file, upload).await
        };
        match taken.await {
            Ok(file) => {
                pending.settled();
                self.discard_all(&asker.tenant, &blobs_of(&pieces)).await;
                Ok(file)
            }
            Err(stop) => {
                pending.give_up().await;
                Err(stop)
            }
        }
    }

    async fn settle_upload(&self, asker: &Asker, file: File, upload: &Upload<About>) -> Result<File> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let Some((upload, pieces)) = rows::take::<About>(&mut tx, &asker.tenant, &upload.id).await? else {
            return Err(no_upload());
        };
        // What was reserved for the upload is what the file takes up.
        let none = archive_usage::Ceiling::default();
        let reserved = Amount { files: 1, bytes: upload.length };
        let given = archive_usage::add(&mut tx, (&asker.tenant, &upload.owner), reserved.less(), (none, none)).await?;
        debug_assert!(given.is_ok(), "giving back is never refused");
        for piece in &pieces {
            blobs::loosen(&mut tx, &Loose::nothing(&asker.tenant, &piece.blob_id, now)).await?;
        }
        let (file, gone) = self.settle_in(&mut tx, asker, file, None).await?;
        tx.commit().await?;
        self.discard_all(&asker.tenant, &gone).await;
        self.look_at_soon(&file);
        Ok(file)
    }
}

fn blobs_of(pieces: &[Piece]) -> Vec<BlobId> {
    pieces.iter().map(|piece| piece.blob_id.clone()).collect()
}

/// The bytes of all pieces.
fn one_after_the_other(blobs: Blobs, tenant: TenantId, pieces: Vec<Piece>) -> BoxStream<'static, Result<Bytes>> {
    let begun = (pieces.into_iter(), None::<Bytestream>);
    let all = futures_util::stream::try_unfold(begun, move |(mut left, mut open)| {
        let (blobs, tenant) = (blobs.clone(), tenant.clone());
        async move {
            loop {
                if let Some(mut piece) = open.take()
                    && let Some(bytes) = piece.next().await
                {
                    return Ok(Some((bytes?, (left, Some(piece)))));
                }
                let Some(next) = left.next() else { return Ok(None) };
                open = Some(blobs.read(&tenant, &next.blob_id, 0..next.length.unsigned_abs()).await?);
            }
        }
    });
    all.boxed()
}

fn under(upload: &Upload<About>) -> Under {
    let Upload { id, received, length, ends_at, .. } = upload.clone();
    Under { id, offset: received, length, ends_at: Some(ends_at), file: None }
}

fn no_upload() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such upload")
}

fn elsewhere(offset: i64) -> Stop {
    Refusal::new(Code::Conflict, "the upload goes on at another place").member("offset", offset).into()
}
