//! The archive: what callers may do with files. Rows are written before bytes and after them, so that a crash in
//! between leaves something to sweep and nothing to see.

mod asker;
mod change;
mod content;
mod describe;
pub mod digest;
pub mod kind;
pub mod links;
mod list;
pub mod name;
mod owned;
mod receive;
mod rules;
mod scan;
mod shown;
mod standing;
mod sweep;
mod thumbnails;
mod uploads;

use crate::base::{Clock, Code, Fault, FileId, Refusal, Result, Stop, TenantId, Timestamp};
use crate::blobs::Blobs;
use crate::config::{Archive as Settings, Config};
use crate::keys::Keys;
use crate::store::files::{self as store, File};
use crate::store::{Db, FileLists, archive_rules};

pub use asker::Asker;
pub use change::{Changes, Match};
pub use describe::{Incoming, NewFile};
pub use list::{Listing, Page};
pub use rules::{Deed, Rules, refused};
pub use shown::whole;
pub use sweep::Swept;
pub use uploads::{About, Under};

/// Files. Cloning shares everything.
#[derive(Clone, Debug)]
pub struct Files {
    db: Db,
    lists: FileLists,
    clock: Clock,
    blobs: Blobs,
    keys: Keys,
    settings: Settings,
    thumbnails: thumbnails::Thumbnails,
    standing: standing::Standing,
}

impl Files {
    /// The archive in this database and the configured store.
    ///
    /// # Errors
    /// The store of bytes cannot be opened.
    pub async fn open(config: &Config, db: Db, clock: Clock, keys: Keys) -> Result<Self, Fault> {
        let lists = FileLists::over(&db).await?;
        let blobs = Blobs::open(config)?;
        let (settings, thumbnails) = (config.archive.clone(), thumbnails::Thumbnails::default());
        let standing = standing::Standing::default();
        Ok(Self { db, lists, clock, blobs, keys, settings, thumbnails, standing })
    }

    /// How the archive is configured.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where their bytes lie.
    #[must_use]
    pub const fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// A file that somebody may see. One that they may not see is not there.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub async fn find(&self, asker: &Asker, id: &FileId) -> Result<File> {
        let (rules, now) = (self.rules(asker).await?, self.clock.now());
        // Whoever has to prove more hears that of every id, and not which there are.
        rules.filter(Deed::Read, asker, now)?;
        let file = store::get(&self.db, &asker.tenant, id).await?.filter(|file| file.deleted_at.is_none());
        let file = file.ok_or_else(not_found)?;
        if rules.allow(Deed::Read, asker, &whole(&file), now)? { Ok(file) } else { Err(not_found()) }
    }

    /// As [`Files::find`], to do something with it.
    ///
    /// # Errors
    /// [`Code::NotFound`], or [`Code::RuleDenied`] for one that may be seen only.
    pub async fn find_for(&self, deed: Deed, asker: &Asker, id: &FileId) -> Result<File> {
        let file = self.find(asker, id).await?;
        if self.allowed(deed, asker, &file).await? { Ok(file) } else { Err(denied()) }
    }

    /// The tenant's rules.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rules(&self, asker: &Asker) -> Result<Rules> {
        self.rules_of(&asker.tenant).await
    }

    /// As [`Files::rules`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn rules_of(&self, tenant: &TenantId) -> Result<Rules> {
        match archive_rules::get(&self.db, tenant).await? {
            Some(text) => Rules::parse(&text),
            None => Ok(Rules::default()),
        }
    }

    async fn allowed(&self, deed: Deed, asker: &Asker, file: &File) -> Result<bool> {
        self.rules(asker).await?.allow(deed, asker, &whole(file), self.clock.now())
    }
}

/// An instant as documents write it.
fn moment(at: Timestamp) -> String {
    format!("{}.000Z", at.rfc3339().trim_end_matches('Z'))
}

fn not_found() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such file")
}

fn denied() -> Stop {
    Stop::refuse(Code::RuleDenied, "the rules of the archive do not let you do this")
}

fn changed_meanwhile() -> Stop {
    Refusal::new(Code::PreconditionFailed, "the file has changed meanwhile").into()
}
