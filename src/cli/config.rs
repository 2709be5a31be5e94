//! `chancery config`: a tenant's configuration as a file. Exit codes of `plan`: 0 nothing would change, 2 something
//! would, 1 it could not be found out.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::output::{Out, say};
use crate::app::App;
use crate::base::{Actor, Code, Result, Slug, Stop};
use crate::declared::{self, Done, Options, Plan, Source};

/// What `plan` ends with where something would change.
const CHANGES: u8 = 2;

/// What to do with a tenant's configuration.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Config {
    /// Write it down; secrets are named, not told
    Export {
        /// The tenant's slug
        #[arg(long)]
        tenant: Slug,
        /// Write to this file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show what a file would change; ends with 2 where that is something
    Plan(Wanted),
    /// Bring about what a file says
    Apply {
        #[command(flatten)]
        wanted: Wanted,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Only if this is exactly what would be done: the plan's digest
        #[arg(long, value_name = "DIGEST")]
        expect: Option<String>,
    },
}

/// A file and how it is meant.
#[derive(Debug, clap::Args)]
pub(super) struct Wanted {
    /// The tenant's slug
    #[arg(long)]
    tenant: Slug,
    /// The file, a folder of files, or - for standard input
    file: PathBuf,
    /// Remove what the file does not name
    #[arg(long)]
    prune: bool,
    /// Make the tenant where there is none
    #[arg(long)]
    create: bool,
    /// Make secrets of clients and webhooks that are not to be found, and show them once
    #[arg(long)]
    generate_secrets: bool,
}

impl Config {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<ExitCode> {
        match self {
            Self::Export { tenant, out: file } => export(app, &tenant, (file, out)).await?,
            Self::Plan(wanted) => {
                let plan = wanted.plan(app).await?;
                show(&plan, out)?;
                return Ok(if plan.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(CHANGES) });
            }
            Self::Apply { wanted, yes, expect } => {
                let plan = wanted.plan(app).await?;
                if expect.is_some_and(|expect| expect != plan.digest) {
                    let why = format!("this is another plan by now, {}: look at it again", plan.digest);
                    return Err(Stop::refuse(Code::PreconditionFailed, why));
                }
                apply(app, &plan, (yes, out)).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Wanted {
    async fn plan(&self, app: &App) -> Result<Plan> {
        let options = Options { prune: self.prune, create: self.create, generate: self.generate_secrets };
        let source = Source::read(&self.file)?;
        Box::pin(declared::compare(app, &self.tenant, &source, options)).await
    }
}

async fn export(app: &App, tenant: &Slug, (file, out): (Option<PathBuf>, Out)) -> Result<()> {
    let tenant = app.tenants.look_up(tenant.as_str()).await?;
    let text = if out.json {
        let document = Value::Object(declared::document(app, &tenant).await?);
        format!("{}\n", serde_json::to_string_pretty(&document)?)
    } else {
        declared::export(app, &tenant).await?
    };
    match file {
        Some(file) => Ok(std::fs::write(file, text)?),
        None => Ok(say(text.trim_end_matches('\n'))?),
    }
}

fn show(plan: &Plan, out: Out) -> Result<()> {
    let text = if out.json { serde_json::to_string_pretty(&plan.told())? } else { plan.read() };
    Ok(say(&text)?)
}

async fn apply(app: &App, plan: &Plan, (yes, out): (bool, Out)) -> Result<()> {
    if !out.json {
        show(plan, out)?;
    }
    if !plan.is_empty() && !yes && !is_wished()? {
        return Err(Stop::refuse(Code::Forbidden, "nothing was changed"));
    }
    let Done { things, made } = Box::pin(declared::apply(app, plan, &Actor::operator())).await?;
    if out.json {
        let secrets: serde_json::Map<String, Value> =
            made.into_iter().map(|(name, secret)| (name, secret.expose().into())).collect();
        let mut told = plan.told();
        (told["applied"], told["secrets"]) = (things.into(), Value::Object(secrets));
        return out.record(&told);
    }
    for (name, secret) in &made {
        say(&format!("{name} = {}", json!(secret.expose())))?;
    }
    if things > 0 { out.done("Done.") } else { Ok(()) }
}

/// Asks on the terminal; where there is none, nobody said yes.
fn is_wished() -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(Stop::refuse(Code::InvalidRequest, "there is nobody to ask: say --yes, or read the plan first"));
    }
    let mut question = std::io::stderr().lock();
    write!(question, "Do this? Only `yes` is taken for an answer: ")?;
    question.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
