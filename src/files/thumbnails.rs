//! Smaller pictures of files: made once when they are first asked for, a few at a time, and kept with the file. Who may
//! read the file may read them, and nobody else.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use moka::future::Cache;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::content::readable;
use super::{Files, digest};
use crate::base::{Actor, BlobId, Code, Fault, Refusal, Result, Seconds, Stop, TenantId};
use crate::config::Thumbnail;
use crate::pictures::{self, Picture, Unfit};
use crate::store::archive_usage::{self, Amount, Ceiling};
use crate::store::blobs::{self, Loose};
use crate::store::files::File;
use crate::store::{Tx, audit, thumbnails as store};

/// How many are made at a time: each may unpack a few hundred megabytes.
const AT_A_TIME: usize = 2;
/// How long somebody waits for their turn.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much of what was made or read lately is at hand, in bytes.
const AT_HAND: u64 = 16 << 20;
/// For how long.
const FRESH: Duration = Duration::from_mins(1);

/// Those that are being made, and those that are at hand. Whoever asks for one that is being made waits for it.
#[derive(Clone, Debug)]
pub(super) struct Thumbnails {
    turns: Arc<Semaphore>,
    at_hand: Cache<(TenantId, BlobId, String), Arc<Picture>>,
}

impl Default for Thumbnails {
    fn default() -> Self {
        let weight = |_: &_, picture: &Arc<Picture>| u32::try_from(picture.bytes.len()).unwrap_or(u32::MAX);
        let at_hand = Cache::builder().weigher(weight).max_capacity(AT_HAND).time_to_live(FRESH).build();
        Self { turns: Arc::new(Semaphore::new(AT_A_TIME)), at_hand }
    }
}

impl Files {
    /// The configured size of this name.
    ///
    /// # Errors
    /// There is none, or the file is no picture that has smaller ones.
    pub fn thumbnail_size(&self, file: &File, name: &str) -> Result<&Thumbnail> {
        let sizes = &self.settings.thumbnails;
        let Some(size) = sizes.iter().find(|size| size.name() == name) else {
            let known: Vec<&str> = sizes.iter().map(Thumbnail::name).collect();
            let refusal = Refusal::new(Code::InvalidParameter, "smaller pictures of this size are not made here");
            return Err(refusal.member("variants", known).into());
        };
        let fits = file.sniffed.0 && pictures::has_smaller(&file.view.kind);
        if fits { Ok(size) } else { Err(unfit(Unfit::Unknown)) }
    }

    /// A smaller picture of a file, and a note that it was read. `room` is how much the tenant may keep: where there is
    /// none left, it is made and not kept.
    ///
    /// # Errors
    /// The file may not be read yet, is no picture or too large a one; too many are being made, or the store is away.
    pub async fn thumbnail(&self, file: &File, size: &Thumbnail, room: Ceiling, by: &Actor) -> Result<Arc<Picture>> {
        readable(file)?;
        let key = (file.tenant_id.clone(), file.blob_id.clone(), size.name().to_owned());
        let found = self.thumbnails.at_hand.try_get_with(key, self.kept_or_made(file, size, room)).await;
        let picture = found.map_err(|stop| shared(&stop))?;
        let event = audit::Event::new(&file.tenant_id, self.clock.now(), "file.downloaded").by(&by.id);
        let event = event.on(file.id.as_str()).from(&by.origin).detail(json!({ "variant": size.name() }));
        audit::record(&self.db, event).await?;
        Ok(picture)
    }

    async fn kept_or_made(&self, file: &File, size: &Thumbnail, room: Ceiling) -> Result<Arc<Picture>> {
        let kept = store::get(&self.db, file, size.name()).await?;
        if let Some((kept, kind)) = kept.and_then(|kept| kind_of(&kept.kind).map(|kind| (kept, kind))) {
            let bytes = self.whole_blob(&file.tenant_id, &kept.blob_id, kept.size).await?;
            return Ok(Arc::new(Picture { kind, bytes }));
        }
        let picture = Arc::new(self.made(file, size).await?);
        if let Err(stop) = self.keep(file, size.name(), &picture, room).await {
            tracing::warn!(why = Fault::from(stop).chain(), "a smaller picture could not be kept");
        }
        Ok(picture)
    }

    async fn made(&self, file: &File, size: &Thumbnail) -> Result<Picture> {
        if file.size.unsigned_abs() > pictures::LARGEST {
            return Err(unfit(Unfit::TooLarge));
        }
        let busy = || Stop::refuse(Code::TemporarilyUnavailable, "too many smaller pictures are being made");
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.thumbnails.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| busy())??;
        let bytes = self.whole_blob(&file.tenant_id, &file.blob_id, file.size).await?;
        let (kind, size) = (file.view.kind.clone(), size.clone());
        let making = tokio::task::spawn_blocking(move || {
            let made = pictures::smaller(&bytes, &kind, &size);
            drop(turn);
            made
        });
        // A reader of pictures that stumbles over one takes nothing else down.
        making.await.unwrap_or(Err(Unfit::Broken)).map_err(unfit)
    }

    async fn whole_blob(&self, tenant: &TenantId, blob: &BlobId, size: i64) -> Result<Vec<u8>> {
        let stream = self.blobs.read(tenant, blob, 0..size.unsigned_abs()).await?;
        Ok(stream.try_collect::<Vec<Bytes>>().await?.concat())
    }

    /// Keeps a picture with its file, if there is room and the file still is what it was made of.
    async fn keep(&self, file: &File, name: &str, picture: &Picture, room: Ceiling) -> Result<()> {
        let (tenant, blob) = (&file.tenant_id, BlobId::generate());
        let ends_at = self.clock.now().plus(Seconds(self.settings.keep_unfinished_hours.saturating_mul(3_600)));
        blobs::loosen(&self.db, &Loose::nothing(tenant, &blob, ends_at)).await?;
        let mut writing = self.blobs.write(tenant, &blob);
        writing.put(Bytes::copy_from_slice(&picture.bytes)).await?;
        writing.finish().await?;
        let mut tx = self.db.begin().await?;
        match self.keep_in(&mut tx, (file, name), (&blob, picture), room).await {
            Ok(Some(doubled)) => {
                tx.commit().await?;
                self.discard_all(tenant, &doubled).await;
                Ok(())
            }
            other => {
                drop(tx);
                self.give_up(tenant, &blob).await;
                other.map(drop)
            }
        }
    }

    /// Answers the bytes that are there twice now; `None`: it is not kept.
    async fn keep_in(
        &self,
        tx: &mut Tx,
        (file, name): (&File, &str),
        (blob, picture): (&BlobId, &Picture),
        room: Ceiling,
    ) -> Result<Option<Vec<BlobId>>> {
        let (tenant, now) = (&file.tenant_id, self.clock.now());
        let size = i64::try_from(picture.bytes.len())?;
        let amount = Amount { files: 0, bytes: size };
        let counted = archive_usage::add(tx, (tenant, &file.owner), amount, (room, Ceiling::default())).await?;
        if counted.is_err() || blobs::take(tx, tenant, blob).await?.is_none() {
            return Ok(None);
        }
        let sha256 = digest::hex(&Sha256::digest(&picture.bytes));
        let kept = blobs::keep(tx, (tenant, blob), (&sha256, size), now).await?;
        let mut doubled = Vec::new();
        if kept != *blob {
            blobs::loosen(&mut *tx, &Loose::nothing(tenant, blob, now)).await?;
            doubled.push(blob.clone());
        }
        let made = store::Thumbnail { blob_id: kept, kind: picture.kind.to_owned(), size };
        Ok(store::put(tx, file, name, &made).await?.then_some(doubled))
    }

    /// Forgets the smaller pictures of a file whose bytes go, and gives back what they took up. Answers which bytes
    /// nothing is made of any more.
    pub(super) async fn forget_thumbnails(&self, tx: &mut Tx, file: &File) -> Result<Vec<BlobId>> {
        let (all, mut gone) = (store::forget(tx, file).await?, Vec::new());
        let amount = Amount { files: 0, bytes: all.iter().map(|one| one.size).sum() };
        if amount.bytes > 0 {
            let none = Ceiling::default();
            let given = archive_usage::add(tx, (&file.tenant_id, &file.owner), amount.less(), (none, none)).await?;
            debug_assert!(given.is_ok(), "giving back is never refused");
        }
        for one in all {
            if blobs::release(tx, &file.tenant_id, &one.blob_id, self.clock.now()).await? {
                gone.push(one.blob_id);
            }
        }
        Ok(gone)
    }
}

/// What we make.
fn kind_of(kind: &str) -> Option<&'static str> {
    ["image/jpeg", "image/png"].into_iter().find(|known| *known == kind)
}

fn unfit(why: Unfit) -> Stop {
    Stop::refuse(
        Code::Unprocessable,
        match why {
            Unfit::Unknown => "there are no smaller pictures of this file",
            Unfit::TooLarge => "the picture is too large to be made smaller",
            Unfit::Broken => "the picture cannot be read",
        },
    )
}

/// What stopped the one who made it stops all who waited.
fn shared(stop: &Stop) -> Stop {
    match stop {
        Stop::Refused(refusal) => refusal.clone().into(),
        Stop::Failed(fault) => fault.clone().into(),
    }
}
