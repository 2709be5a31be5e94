//! `chancery doctor`: whether everything is as it has to be, each finding with what to do about it.

use std::process::ExitCode;

use serde::Serialize;

use super::output::Out;
use super::place::{Place, open_database};
use crate::app::App;
use crate::base::{Clock, Result, Slug, Stop};
use crate::config::{Config, MailProvider};
use crate::store::{Db, migrations, tenant_usage};

/// What was looked at, and how it is.
#[derive(Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    detail: String,
}

pub(super) async fn run(place: &Place, out: Out) -> Result<ExitCode> {
    let mut findings = Vec::new();
    if let Some(config) = note(&mut findings, "configuration", place.config(), |config| config.base().to_owned()) {
        look(&mut findings, config).await;
    }
    out.list(&findings, &["check", "ok", "detail"])?;
    Ok(if findings.iter().all(|finding| finding.ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn look(findings: &mut Vec<Finding>, config: Config) {
    note(findings, "data directory", writable(&config), |()| config.data_dir.display().to_string());
    note(findings, "mail", Ok(()), |()| way_of_mail(&config));
    let opened = open_database(&config).await;
    let Some(db) = note(findings, "database", opened, |db| db.kind().to_owned()) else { return };
    let Some(()) = note(findings, "schema", schema(&db).await, |()| "current".to_owned()) else { return };
    // Building the services reads the master key and compares it with the one the database was sealed with.
    let built = Box::pin(App::build(config, Clock::system(), db)).await.map_err(Stop::from);
    let Some(app) = note(findings, "master key", built, |_| "opens what is sealed".to_owned()) else { return };
    let system = app.tenants.look_up(Slug::SYSTEM).await;
    note(findings, "operators' tenant", system, |tenant| tenant.id.to_string());
    note(findings, "counts of plans", counts(&app).await, |()| "are what there is".to_owned());
}

async fn schema(db: &Db) -> Result<()> {
    let waiting = migrations::status(db).await?.iter().filter(|version| !version.applied).count();
    if waiting > 0 {
        return Err(crate::base::Fault::new(format!("{waiting} migrations wait: run `chancery migrate up`")).into());
    }
    Ok(())
}

/// Whether what limits hold against is what there is.
async fn counts(app: &App) -> Result<()> {
    let wrong = tenant_usage::wrong(&app.db).await?;
    let Some(first) = wrong.first() else { return Ok(()) };
    let (tenant, count) = (&first.tenant_id, wrong.len());
    let words = format!("{count} are wrong, the first of tenant {tenant}: run `chancery plan recount`");
    Err(crate::base::Fault::new(words).into())
}

fn way_of_mail(config: &Config) -> String {
    match config.mail.provider {
        MailProvider::Smtp => format!("leaves by {}", config.mail.smtp_host),
        MailProvider::Http => "leaves by an HTTP API".to_owned(),
        MailProvider::None if config.dev => "stays at /dev/mailbox".to_owned(),
        MailProvider::None => "does not leave, unless tenants have their own way: set mail.provider".to_owned(),
    }
}

fn writable(config: &Config) -> Result<()> {
    let probe = config.data_dir.join(format!(".probe-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    Ok(std::fs::remove_file(&probe)?)
}

fn note<T>(
    findings: &mut Vec<Finding>,
    check: &'static str,
    outcome: Result<T>,
    say: impl FnOnce(&T) -> String,
) -> Option<T> {
    let detail = match &outcome {
        Ok(fine) => say(fine),
        Err(Stop::Refused(refusal)) => refusal.description.to_string(),
        Err(Stop::Failed(fault)) => fault.chain(),
    };
    findings.push(Finding { check, ok: outcome.is_ok(), detail });
    outcome.ok()
}
