//! `chancery tenant export`, `import` and `clone`.

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::output::Out;
use super::place::secret_from_stdin;
use crate::app::App;
use crate::base::{Actor, Code, Result, Seconds, Secret, Slug, Stop};
use crate::moving::{Carried, Copied, Copying, Exported, Imported, Importing};

/// What moves.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Move {
    /// Write everything of one into a file, under a passphrase
    Export {
        /// Its slug
        #[arg(long)]
        tenant: String,
        /// The file, which must not exist yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Let one arrive that was written into a file, here or elsewhere
    Import {
        /// The file
        file: PathBuf,
        /// Another slug than it had; tokens that it issued are not good then
        #[arg(long)]
        slug: Option<Slug>,
        /// Only look whether the file is whole and fits here
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Make a copy of one beside it, for previews and test runs
    Clone {
        /// Its slug
        #[arg(long)]
        tenant: String,
        /// The slug of the copy
        #[arg(long)]
        slug: Slug,
        /// The copy's name for people; the original's when absent
        #[arg(long)]
        name: Option<String>,
        /// Hours until the copy is deleted
        #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(i64).range(1..=87_600))]
        ttl: Option<i64>,
        /// Leave out people and what is theirs: only how the tenant is set up
        #[arg(long)]
        without_people: bool,
    },
}

/// Where the passphrase comes from.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Passphrase {
    /// Read the passphrase from standard input
    #[arg(long)]
    passphrase_stdin: bool,
    /// Read the passphrase from the first line of a file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    fn read(&self) -> Result<Secret> {
        let Some(file) = &self.passphrase_file else { return secret_from_stdin() };
        let text = zeroize::Zeroizing::new(fs::read_to_string(file).map_err(|error| unreadable(file, &error))?);
        Ok(Secret::new(text.lines().next().unwrap_or_default()))
    }
}

/// How much went, in one line each.
#[derive(Serialize)]
struct Much {
    rows: u64,
    collections: u64,
    documents: u64,
    files: u64,
    bytes_of_files: u64,
}

impl From<&Carried> for Much {
    fn from(carried: &Carried) -> Self {
        let Carried { collections, documents, blobs, bytes, .. } = *carried;
        Self { rows: carried.all_rows(), collections, documents, files: blobs, bytes_of_files: bytes }
    }
}

/// What was written.
#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    bytes: u64,
    tenant: &'a str,
    id: &'a str,
    issuer: &'a str,
    audit_trail: &'static str,
    #[serde(flatten)]
    much: Much,
}

/// What arrived.
#[derive(Serialize)]
struct Arrived<'a> {
    tenant: &'a str,
    id: &'a str,
    name: &'a str,
    issuer: &'a str,
    status: &'a str,
    old_tokens: &'static str,
    audit_trail: &'static str,
    #[serde(flatten)]
    much: Much,
}

impl Move {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        let by = Actor::operator();
        match self {
            Self::Export { tenant, out: file, passphrase } => {
                let (tenant, passphrase) = (app.tenants.any(&tenant).await?, passphrase.read()?);
                let done = write(&file, async |to| app.moving.export(&tenant, to, &passphrase, &by).await).await?;
                out.record(&written(&file, &done))
            }
            Self::Import { file, slug, dry_run, passphrase } => {
                let how = Importing { slug, dry_run };
                out.record(&arrived(&app.moving.import(&file, &passphrase.read()?, how, &by).await?))
            }
            Self::Clone { tenant, slug, name, ttl, without_people } => {
                let lives = ttl.map(|hours| Seconds(hours * 3_600));
                let how = Copying { slug, name, lives, people: !without_people };
                let copied = app.moving.copy(&app.tenants.any(&tenant).await?, how, &by).await?;
                out.record(&shown(&copied))
            }
        }
    }
}

/// Only what is whole gets the name that was asked for, and only its owner reads it.
async fn write(file: &Path, export: impl AsyncFnOnce(&mut tokio::fs::File) -> Result<Exported>) -> Result<Exported> {
    if file.exists() {
        return Err(Stop::refuse(Code::Conflict, format!("{} is there already", file.display())));
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".unfinished");
    let unfinished = PathBuf::from(name);
    let opened = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished);
    let mut to = tokio::fs::File::from_std(opened.map_err(|error| unreadable(&unfinished, &error))?);
    let done = export(&mut to).await;
    if done.is_err() {
        fs::remove_file(&unfinished)?;
        return done;
    }
    to.sync_all().await?;
    fs::rename(&unfinished, file)?;
    done
}

fn unreadable(file: &Path, error: &std::io::Error) -> Stop {
    Stop::refuse(Code::NotFound, format!("{} cannot be opened: {error}", file.display()))
}

const fn trail(whole: bool) -> &'static str {
    if whole { "as it was written" } else { "does not fit: see `chancery audit verify`" }
}

fn written<'a>(file: &'a Path, done: &'a Exported) -> Written<'a> {
    Written {
        file,
        bytes: done.length,
        tenant: done.head.slug.as_str(),
        id: done.head.id.as_str(),
        issuer: &done.head.issuer,
        audit_trail: trail(done.head.trail),
        much: Much::from(&done.carried),
    }
}

fn arrived(done: &Imported) -> Arrived<'_> {
    Arrived {
        tenant: done.slug.as_str(),
        id: done.id.as_str(),
        name: &done.name,
        issuer: &done.issuer,
        status: done.status.unwrap_or("not imported: this was a dry run"),
        old_tokens: if done.same_issuer { "good until they expire" } else { "not good: the issuer is another one" },
        audit_trail: trail(done.trail),
        much: Much::from(&done.carried),
    }
}

fn shown(copied: &Copied) -> serde_json::Value {
    let much = Much::from(&copied.carried);
    serde_json::json!({
        "tenant": copied.slug,
        "id": copied.id,
        "issuer": copied.issuer,
        "expires_at": copied.expires_at,
        "rows": much.rows,
        "collections": much.collections,
        "documents": much.documents,
        "files": much.files,
        "bytes_of_files": much.bytes_of_files,
    })
}
