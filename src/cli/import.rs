//! `chancery import`: coming from older systems. Nothing is written unless it is said.

use std::path::PathBuf;
use std::process::ExitCode;

use super::output::Out;
use crate::app::App;
use crate::base::{Code, Result, Slug, Stop};
use crate::imports::{self, Choices, Report, Source, System};
use crate::store::users::Role;

/// What was left out, that somebody did not mean to leave out.
const INCOMPLETE: u8 = 3;

/// Where to come from.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Import {
    /// `ByteForge` Aegis: sites and their people
    Aegis(FromDatabase),
    /// Coglex: what `mongodump` wrote
    Coglex(FromCoglex),
    /// Backend Framework: tenants, people and clients
    BackendFramework(FromDatabase),
    /// Authy2, also called Gatehouse: people, organizations and clients
    Authy2(FromAuthy2),
}

/// What is decided about every import.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// Do it; without this only tell what would be done
    #[arg(long)]
    apply: bool,
    /// Take this one (its id there) of those that would be one account here; may be repeated
    #[arg(long = "pick", value_name = "ID")]
    picked: Vec<String>,
}

/// A system with a PostgreSQL.
#[derive(Debug, clap::Args)]
pub(super) struct FromDatabase {
    /// A dump that `pg_dump` wrote as text
    #[arg(required_unless_present = "database_url", conflicts_with = "database_url")]
    dump: Option<PathBuf>,
    /// Read the database itself, which is left as it is
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Another slug for a tenant, by what it is called there; may be repeated
    #[arg(long = "slug", value_name = "CALLED=SLUG", value_parser = pair::<Slug>)]
    slugs: Vec<(String, Slug)>,
    #[command(flatten)]
    common: Common,
}

/// Authy2 knows no tenants.
#[derive(Debug, clap::Args)]
pub(super) struct FromAuthy2 {
    /// The slug of the tenant that all of it becomes, new or there already
    #[arg(long, value_name = "SLUG")]
    tenant: Slug,
    /// A dump that `pg_dump` wrote as text
    #[arg(required_unless_present = "database_url", conflicts_with = "database_url")]
    dump: Option<PathBuf>,
    /// Read the database itself, which is left as it is
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Coglex knows no tenants either.
#[derive(Debug, clap::Args)]
pub(super) struct FromCoglex {
    /// The slug of the tenant that all of it becomes, new or there already
    #[arg(long, value_name = "SLUG")]
    tenant: Slug,
    /// The folder that `mongodump` wrote
    dump: PathBuf,
    /// A further collection of people, and the role that they have; may be repeated
    #[arg(long = "role", value_name = "COLLECTION=ROLE", value_parser = pair::<Role>)]
    roles: Vec<(String, Role)>,
    /// The folder that files were uploaded to
    #[arg(long, value_name = "FOLDER")]
    files: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

impl Import {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<ExitCode> {
        let (system, source, choices) = self.read()?;
        let report = Box::pin(imports::run(app, system, &source, &choices)).await?;
        out.told(&report, &shown(&report))?;
        Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
    }

    fn read(self) -> Result<(System, Source, Choices)> {
        match self {
            Self::Aegis(from) => from.read(System::Aegis),
            Self::BackendFramework(from) => from.read(System::BackendFramework),
            Self::Authy2(from) => {
                let choices = Choices { tenant: Some(from.tenant), ..from.common.choices() };
                Ok((System::Authy2, source(from.dump, from.database_url)?, choices))
            }
            Self::Coglex(from) => {
                let roles = from.roles.into_iter().collect();
                let choices = Choices { tenant: Some(from.tenant), roles, files: from.files, ..from.common.choices() };
                Ok((System::Coglex, Source::Dump(from.dump), choices))
            }
        }
    }
}

impl FromDatabase {
    fn read(self, system: System) -> Result<(System, Source, Choices)> {
        let choices = Choices { slugs: self.slugs.into_iter().collect(), ..self.common.choices() };
        Ok((system, source(self.dump, self.database_url)?, choices))
    }
}

impl Common {
    fn choices(self) -> Choices {
        Choices { apply: self.apply, picked: self.picked.into_iter().collect(), ..Choices::default() }
    }
}

fn source(dump: Option<PathBuf>, url: Option<String>) -> Result<Source> {
    let none = || Stop::refuse(Code::Unprocessable, "name a dump, or the database itself by --database-url");
    dump.map(Source::Dump).or(url.map(Source::Database)).ok_or_else(none)
}

/// `NAME=VALUE`.
fn pair<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<(String, T), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.parse().map_err(|error: T::Err| error.to_string())?))
}

/// The report for eyes: how many of what, and then each thing that somebody should read.
fn shown(report: &Report) -> String {
    let mut lines =
        vec![format!("{:14}{:>9}{:>9}{:>9}{:>12}{:>9}", "", "CREATED", "EXISTS", "SKIPPED", "COLLISIONS", "REFUSED")];
    for (kind, n) in &report.counts {
        let name =
            serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
        let line =
            format!("{name:14}{:>9}{:>9}{:>9}{:>12}{:>9}", n.created, n.exists, n.skipped, n.collisions, n.refused);
        lines.push(line);
    }
    for line in &report.left_out {
        let outcome = format!("{:?}", line.outcome).to_lowercase();
        let id = if line.old_id.is_empty() || line.old_id == line.name {
            String::new()
        } else {
            format!(" ({})", line.old_id)
        };
        lines.push(format!("{outcome}: {} {}{id}: {}", line.tenant, line.name, line.reason));
    }
    for (word, notes) in [("review", &report.review), ("warning", &report.warnings)] {
        for note in notes {
            let about: Vec<_> =
                [&note.tenant, &note.about].into_iter().filter(|text| !text.is_empty()).cloned().collect();
            let about = if about.is_empty() { String::new() } else { format!(" {}:", about.join(" ")) };
            lines.push(format!("{word}:{about} {}", note.text));
        }
    }
    if !report.applied {
        lines.push("Nothing was written. Say --apply to do it.".to_owned());
    }
    lines.join("\n")
}
