//! Files, written: the bytes from the folder that the older system kept them in.

use bytes::Bytes;
use futures_util::stream;
use tokio::io::AsyncReadExt as _;

use super::Place;
use crate::base::{FileId, Result};
use crate::files::{Asker, Incoming, NewFile};
use crate::imports::record;
use crate::imports::report::{Kind, Outcome, Report};
use crate::query::Variables;
use crate::store::archive_usage::Ceiling;
use crate::store::files::{self as store, Visibility};

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

/// Writes one file.
///
/// # Errors
/// The database, the folder or the store of bytes failed.
pub(super) async fn write(place: Place<'_>, file: &record::File, report: &mut Report) -> Result<()> {
    let id = FileId::from(file.old_id.as_str());
    if store::get(&place.app.db, &place.tenant.id, &id).await?.is_some() {
        report.count(Kind::File, Outcome::Exists, 1);
        return Ok(());
    }
    let open = tokio::fs::File::open(&file.path).await?;
    let length = open.metadata().await?.len();
    let new = NewFile {
        name: file.name.clone(),
        path: None,
        declared_type: None,
        visibility: Visibility::Private,
        metadata: serde_json::Map::new(),
    };
    let incoming = Incoming { id: Some(id), new, length: Some(length), digest: None, most: None };
    let body = stream::try_unfold(open, |mut open| async {
        let mut piece = vec![0; PIECE];
        let read = open.read(&mut piece).await?;
        piece.truncate(read);
        Ok((read > 0).then(|| (Bytes::from(piece), open)))
    });
    match place.app.files.receive(&asker(place), incoming, Box::pin(body)).await {
        Ok(_) => report.count(Kind::File, Outcome::Created, 1),
        Err(stop) => place.refuse((Kind::File, &file.name, &file.old_id), stop, report)?,
    }
    Ok(())
}

fn asker(place: Place<'_>) -> Asker {
    let quotas = place.tenant.quotas();
    Asker {
        tenant: place.tenant.id.clone(),
        settings: place.tenant.settings.archive.clone(),
        subject: place.by.actor.id.clone(),
        proven: None,
        key: None,
        admin: true,
        variables: Variables::default(),
        of_tenant: Ceiling { files: quotas.files, bytes: quotas.file_bytes },
        own: Ceiling::default(),
        plans: Vec::new(),
        by: place.by.actor.clone(),
    }
}
