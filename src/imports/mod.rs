//! Coming from older systems: each is read into the same records, which are planned and written in one way. A plan alone
//! writes nothing; what is written twice is there once.

pub mod dump;
mod from;
mod plan;
mod record;
pub mod report;
mod write;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use serde::Serialize;

pub use report::Report;

use crate::app::App;
use crate::base::{Code, Result, Slug, Stop};
use crate::store::elsewhere;
use crate::store::users::Role;

use dump::{Tables, read_tables};

/// An older system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// `ByteForge` Aegis.
    Aegis,
    /// Coglex, with JWTs or with sessions.
    Coglex,
    /// Backend Framework.
    BackendFramework,
    /// Authy2, also called Gatehouse.
    Authy2,
}

/// Where the data of an older system is.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file or folder that its database was dumped to.
    Dump(PathBuf),
    /// The PostgreSQL that it still has.
    Database(String),
}

/// What somebody decided about an import.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Whether it is done, and not only tried.
    pub apply: bool,
    /// The tenant that everything goes to, for systems that know no tenants.
    pub tenant: Option<Slug>,
    /// Other slugs for tenants, by what the older system calls them.
    pub slugs: BTreeMap<String, Slug>,
    /// Who is taken of those that get in each other's way, by their ids there.
    pub picked: HashSet<String>,
    /// Further collections of people, and the role that those in them have.
    pub roles: BTreeMap<String, Role>,
    /// The folder that the older system kept files in.
    pub files: Option<PathBuf>,
}

impl System {
    /// Its name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aegis => "aegis",
            Self::Coglex => "coglex",
            Self::BackendFramework => "backend-framework",
            Self::Authy2 => "authy2",
        }
    }

    /// The tables that are read; whatever else there is is left where it is.
    const fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Aegis => from::aegis::TABLES,
            Self::BackendFramework => from::backend_framework::TABLES,
            Self::Authy2 => from::authy2::TABLES,
            Self::Coglex => &[],
        }
    }
}

/// Imports what an older system left, or tells what that would come to.
///
/// # Errors
/// The data cannot be read, or the database failed; what was written until then stays, and is found when it is tried again.
pub async fn run(app: &App, system: System, source: &Source, choices: &Choices) -> Result<Report> {
    let mut report = Report::new(system, choices.apply);
    let found = match (system, source) {
        (System::Coglex, Source::Dump(folder)) => from::coglex::read(folder, choices, &mut report)?,
        (System::Coglex, Source::Database(_)) => {
            let why = "Coglex kept its data in MongoDB: dump it with mongodump, and name the folder";
            return Err(Stop::refuse(Code::Unprocessable, why));
        }
        (_, source) => {
            let tables = tables(system, source).await?;
            match system {
                System::Aegis => from::aegis::read(&tables, &mut report)?,
                System::BackendFramework => from::backend_framework::read(&tables, &mut report)?,
                System::Authy2 | System::Coglex => from::authy2::read(&tables, choices, &mut report)?,
            }
        }
    };
    known(&found, choices)?;
    for tenant in found {
        let Some(plan) = plan::tenant(app, tenant, choices, &mut report).await? else { continue };
        if choices.apply {
            write::tenant(app, plan, &mut report).await?;
        } else {
            plan.count(app, &mut report).await?;
        }
    }
    Ok(report)
}

/// The tenant that everything of a system without tenants goes to.
///
/// # Errors
/// Nobody has said which.
fn named(choices: &Choices) -> Result<record::Tenant> {
    let none =
        || Stop::refuse(Code::Unprocessable, "this system knows no tenants: say which one it becomes, by --tenant");
    let slug = choices.tenant.as_ref().ok_or_else(none)?.as_str();
    Ok(record::Tenant::new(slug, slug, slug))
}

/// Whoever decides about something that is not there has written it wrongly.
fn known(found: &[record::Tenant], choices: &Choices) -> Result<()> {
    let refuse = |sentence: String| Err(Stop::refuse(Code::Unprocessable, sentence));
    if let Some(called) = choices.slugs.keys().find(|called| !found.iter().any(|tenant| tenant.called == **called)) {
        return refuse(format!("nothing there is called `{called}`, so it needs no slug"));
    }
    let people = found.iter().flat_map(|tenant| &tenant.people);
    let there: HashSet<&str> = people.map(|person| person.old_id.as_str()).collect();
    match choices.picked.iter().find(|picked| !there.contains(picked.as_str())) {
        Some(picked) => refuse(format!("nobody there has the id `{picked}`")),
        None => Ok(()),
    }
}

async fn tables(system: System, source: &Source) -> Result<Tables> {
    match source {
        Source::Dump(file) => read_tables(&std::fs::read(file).map_err(|error| dump::unreadable(file, &error))?),
        Source::Database(url) => read_tables(elsewhere::copied(url, system.tables()).await?.as_bytes()),
    }
}
