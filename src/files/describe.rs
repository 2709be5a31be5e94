//! What is said of a file before its bytes come, and the row that it gets once they are there.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::kind::Kind;
use super::receive::Written;
use super::{Asker, Deed, Files, denied, moment, whole};
use crate::base::{BlobId, Code, FileId, Refusal, Result, Stop};
use crate::config::Scan;
use crate::store::files::{File, FileState, View, Visibility};
use crate::store::tenants::ArchiveSettings;
use crate::store::{Flag, Json};

/// What is said of a file before its bytes come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewFile {
    /// What it is called.
    pub name: String,
    /// In which folder.
    pub path: Option<String>,
    /// What its sender says it is.
    pub declared_type: Option<String>,
    /// For whom it is.
    pub visibility: Visibility,
    /// What else is said.
    pub metadata: Map<String, Value>,
}

/// A file on its way.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Its id, where it has one already.
    pub id: Option<FileId>,
    /// What is said of it.
    pub new: NewFile,
    /// How many bytes it will have, where that is said.
    pub length: Option<u64>,
    /// The digest it will have, where that is said.
    pub digest: Option<String>,
    /// Most bytes, below what the tenant takes.
    pub most: Option<u64>,
}

impl Files {
    /// The row of a file that was written.
    pub(super) fn described(
        &self,
        asker: &Asker,
        incoming: &Incoming,
        blob: &BlobId,
        written: &Written,
        before: Option<&File>,
    ) -> Result<File> {
        let new = &incoming.new;
        let kind = Kind::of(&written.head, new.declared_type.as_deref(), &new.name);
        if !kind.is_in(&asker.settings.types) {
            let refusal = Refusal::new(Code::TypeNotAllowed, "files of this type are not taken here");
            return Err(refusal.member("type", kind.name).into());
        }
        permitted(asker, new.visibility)?;
        let now = moment(self.clock.now());
        let view = View {
            name: new.name.clone(),
            path: new.path.clone(),
            kind: kind.name,
            declared_type: new.declared_type.clone(),
            size: written.size,
            sha256: written.sha256.clone(),
            state: if self.settings.scan == Scan::BeforeReady { FileState::Scanning } else { FileState::Ready },
            visibility: new.visibility,
            metadata: new.metadata.clone(),
        };
        Ok(File {
            tenant_id: asker.tenant.clone(),
            id: before.map(|file| file.id.clone()).or_else(|| incoming.id.clone()).unwrap_or_else(FileId::generate),
            rev: before.map_or(1, |file| file.rev),
            owner: before.map_or_else(|| asker.subject.clone(), |file| file.owner.clone()),
            blob_id: blob.clone(),
            size: written.size,
            sniffed: Flag(kind.sniffed),
            view: Json(view),
            links: before.map_or(1, |file| file.links),
            scan_due: Flag(self.settings.scan != Scan::Off),
            downloads: before.map_or(0, |file| file.downloads),
            downloaded_at: before.and_then(|file| file.downloaded_at),
            created: before.map_or_else(|| now.clone(), |file| file.created.clone()),
            updated: now,
            deleted_at: None,
            purge_at: None,
        })
    }

    /// Whether the rules would let somebody bring such a file, before its bytes are taken.
    ///
    /// # Errors
    /// [`Code::RuleDenied`].
    pub async fn may_create(&self, asker: &Asker, new: &NewFile) -> Result<()> {
        let (incoming, empty) = (
            Incoming { id: None, new: new.clone(), length: None, digest: None, most: None },
            Written { size: 0, sha256: String::new(), head: Vec::new() },
        );
        let settings = ArchiveSettings { types: Vec::new(), ..asker.settings.clone() };
        let everything = Asker { settings, ..asker.clone() };
        let file = self.described(&everything, &incoming, &BlobId::from(""), &empty, None)?;
        let rules = self.rules(asker).await?;
        let allowed = rules.allow(Deed::Create, asker, &whole(&file), self.clock.now())?;
        if allowed { Ok(()) } else { Err(denied()) }
    }
}

/// Whether files may be for these people in this tenant.
pub(super) fn permitted(asker: &Asker, visibility: Visibility) -> Result<()> {
    if visibility == Visibility::Public && !asker.settings.public {
        return Err(Stop::refuse(Code::RuleDenied, "files cannot be public in this tenant"));
    }
    Ok(())
}
