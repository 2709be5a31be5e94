//! `chancery backup` and `chancery restore`: everything that an instance with embedded databases keeps, as a folder,
//! taken while it serves.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::output::Out;
use super::place::{Place, open_database};
use crate::base::{Code, Result, Stop};
use crate::config::Config;
use crate::store::migrations;
use crate::store::{Db, DocumentDb};

const DATABASE: &str = "chancery.db";
const DOCUMENTS: &str = "storage.db";
const FILES: &str = "files";

/// Where the copy goes.
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// A folder that does not exist yet
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// What the instance shall be made of.
#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// The folder that `backup` made
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
}

/// What was copied.
#[derive(Debug, Default, Serialize)]
struct Copied {
    folder: PathBuf,
    files: u64,
    bytes: u64,
    /// What has to be kept elsewhere.
    not_included: &'static str,
}

impl Backup {
    pub(super) async fn run(self, place: &Place, out: Out) -> Result<()> {
        let config = place.config()?;
        let db = open_database(&config).await?;
        if database_file(&config).is_none() {
            return Err(refusal(
                "the database is a PostgreSQL server: back it up with pg_dump, as docs/guides/backup.md says",
            ));
        }
        if self.to.exists() {
            return Err(refusal(format!("{} is there already", self.to.display())));
        }
        // Only what is whole gets the name that was asked for.
        let unfinished = self.to.with_extension("unfinished");
        config.make_dir(&unfinished)?;
        let mut copied = Copied { folder: self.to.clone(), not_included: "the master key", ..Copied::default() };
        let done = copy(&config, &db, &unfinished, &mut copied).await;
        if done.is_err() {
            fs::remove_dir_all(&unfinished)?;
        }
        done?;
        fs::rename(&unfinished, &self.to)?;
        out.record(&copied)
    }
}

/// Files twice: what is removed while the databases are copied was copied before, and what comes meanwhile after.
async fn copy(config: &Config, db: &Db, to: &Path, copied: &mut Copied) -> Result<()> {
    let documents = DocumentDb::beside(db, 1).await?;
    let files = local_files(config);
    if let Some(files) = &files {
        copied.add(copy_folder(files, &to.join(FILES))?);
    }
    db.copy_to(&to.join(DATABASE)).await?;
    documents.copy_to(&to.join(DOCUMENTS)).await?;
    if let Some(files) = &files {
        copied.add(copy_folder(files, &to.join(FILES))?);
    }
    for name in [DATABASE, DOCUMENTS] {
        copied.add((1, fs::metadata(to.join(name))?.len()));
        fs::File::open(to.join(name))?.sync_all()?;
    }
    Ok(fs::File::open(to)?.sync_all()?)
}

impl Copied {
    const fn add(&mut self, (files, bytes): (u64, u64)) {
        self.files += files;
        self.bytes += bytes;
    }
}

impl Restore {
    pub(super) async fn run(self, place: &Place, out: Out) -> Result<()> {
        let config = place.config()?;
        let Some(database) = database_file(&config) else {
            return Err(refusal("the database is a PostgreSQL server: restore it with pg_restore"));
        };
        if !self.from.join(DATABASE).is_file() {
            return Err(refusal(format!("{} is no backup: it has no {DATABASE}", self.from.display())));
        }
        if database.exists() {
            return Err(refusal(format!("there is a database at {} already", database.display())));
        }
        config.make_data_dir()?;
        let mut copied =
            Copied { folder: config.data_dir.clone(), not_included: "the master key", ..Copied::default() };
        let kept = self.from.join(FILES);
        if kept.is_dir() {
            copied.add(copy_folder(&kept, &config.archive_folder())?);
        }
        copied.add((1, copy_file(&self.from.join(DOCUMENTS), &database.with_file_name(DOCUMENTS))?));
        // Last: without it the instance is not there, and restoring can be tried again.
        copied.add((1, copy_file(&self.from.join(DATABASE), &database)?));
        // A copy by a newer program is told apart here, not at the first start.
        migrations::status(&open_database(&config).await?).await?;
        out.record(&copied)
    }
}

fn refusal(sentence: impl Into<std::borrow::Cow<'static, str>>) -> Stop {
    Stop::refuse(Code::Conflict, sentence)
}

fn database_file(config: &Config) -> Option<PathBuf> {
    let url = config.database_url();
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
    Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
}

/// The folder of files, unless they lie in a store elsewhere.
fn local_files(config: &Config) -> Option<PathBuf> {
    let folder = config.archive_folder();
    (!config.archive.store.starts_with("s3://") && folder.is_dir()).then_some(folder)
}

/// Copies what is not there yet; tells how many files and bytes that was. A blob never changes.
fn copy_folder(from: &Path, to: &Path) -> io::Result<(u64, u64)> {
    fs::create_dir_all(to)?;
    let (mut files, mut bytes) = (0, 0);
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            let (more, larger) = copy_folder(&entry.path(), &target)?;
            (files, bytes) = (files + more, bytes + larger);
        } else if !target.exists() && !is_unfinished(&target) {
            match copy_file(&entry.path(), &target) {
                Ok(length) => (files, bytes) = (files + 1, bytes + length),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok((files, bytes))
}

/// What a writer has not finished has a number after its name.
fn is_unfinished(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().contains('#'))
}

/// Under its name a copy is whole and on the disk.
fn copy_file(from: &Path, to: &Path) -> io::Result<u64> {
    let mut name = to.as_os_str().to_owned();
    name.push("#1");
    let unfinished = PathBuf::from(name);
    let copied = fs::copy(from, &unfinished).and_then(|length| {
        fs::File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, to)?;
        Ok(length)
    });
    if copied.is_err() {
        drop(fs::remove_file(&unfinished));
    }
    copied
}
