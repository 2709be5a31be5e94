//! Whether everything is as it has to be. Each finding says what was looked at, how it is, and what to do about it; one
//! that is bad does not keep the others from being found.

mod arrival;
mod clock;
mod disk;
mod proxies;
mod services;

use serde::Serialize;

use crate::app::App;
use crate::base::{Clock, Fault, Result, Slug, Stop};
use crate::config::Config;
use crate::keys::SigningAlgorithm;
use crate::store::{Db, migrations, tenant_usage};

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it has to be.
    Ok,
    /// It works, and somebody should know.
    Warn,
    /// It does not work, or is not safe.
    Fail,
}

/// What was looked at, and how it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub detail: String,
    /// What to do about it; nothing where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, detail: detail.into(), advice: None }
    }

    /// It works, and somebody should know.
    pub fn warn(check: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Warn, detail: detail.into(), advice: Some(advice.into()) }
    }

    /// It does not work, or is not safe.
    pub fn fail(check: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Fail, detail: detail.into(), advice: Some(advice.into()) }
    }

    /// What came of trying it: its own words, or why not.
    pub fn of<T>(
        check: &'static str,
        outcome: &Result<T>,
        say: impl FnOnce(&T) -> String,
        advice: impl Into<String>,
    ) -> Self {
        match outcome {
            Ok(fine) => Self::ok(check, say(fine)),
            Err(stop) => Self::fail(check, reason(stop), advice),
        }
    }
}

/// Whether nothing has failed.
#[must_use]
pub fn is_well(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.verdict != Verdict::Fail)
}

/// Looks at everything that this configuration names; `opened` is its database.
pub async fn examine(config: Config, opened: Result<Db>) -> Vec<Finding> {
    let mut findings = vec![disk::writable(&config)];
    findings.extend(disk::room(&config));
    findings.push(proxies::configured(&config));
    findings.push(services::redis(&config).await);
    let start = "start the database, or set `database.url` to where it is; a new instance begins with `chancery init`";
    findings.push(Finding::of("database", &opened, |db| db.kind().to_owned(), start));
    let Ok(db) = opened else { return findings };
    let schema = schema(&db).await;
    findings.push(Finding::of("schema", &schema, |()| "current".to_owned(), "run `chancery migrate up`"));
    if schema.is_err() {
        return findings;
    }
    findings.push(clock::of_database(&db, &Clock::system()).await);
    // Building the services reads the master key and compares it with the one the database was sealed with.
    let built = Box::pin(App::build(config, Clock::system(), db)).await.map_err(Stop::from);
    let key = "set `keys.master_key` or `keys.master_key_file` to the key that this database was sealed with";
    findings.push(Finding::of("master key", &built, |_| "opens what is sealed".to_owned(), key));
    if let Ok(app) = built {
        of_services(&app, &mut findings).await;
    }
    findings
}

async fn of_services(app: &App, findings: &mut Vec<Finding>) {
    let system = app.tenants.look_up(Slug::SYSTEM).await;
    let told = Finding::of("operators' tenant", &system, |tenant| tenant.id.to_string(), "run `chancery init`");
    findings.push(told);
    if let Ok(system) = system {
        let signer = app.keys.signer(&system.id, SigningAlgorithm::RS256).await;
        let replace = "run `chancery keys rotate --tenant system`";
        findings.push(Finding::of("signing keys", &signer, |_| "open and sign".to_owned(), replace));
    }
    let counts = counts(app).await;
    findings.push(Finding::of(
        "counts of plans",
        &counts,
        |()| "are what there is".to_owned(),
        "run `chancery plan recount`",
    ));
    findings.push(services::files(app).await);
    findings.push(services::mail(app).await);
    findings.push(services::payments(app).await);
    findings.extend(arrival::look(app).await);
    app.documents.close().await;
}

async fn schema(db: &Db) -> Result<()> {
    let waiting = migrations::status(db).await?.iter().filter(|version| !version.applied).count();
    if waiting > 0 {
        return Err(Fault::new(format!("{waiting} migrations wait")).into());
    }
    Ok(())
}

/// Whether what limits hold against is what there is.
async fn counts(app: &App) -> Result<()> {
    let wrong = tenant_usage::wrong(&app.db).await?;
    let Some(first) = wrong.first() else { return Ok(()) };
    let (tenant, count) = (&first.tenant_id, wrong.len());
    Err(Fault::new(format!("{count} are wrong, the first of tenant {tenant}")).into())
}

/// Why something was not done, for whoever operates the instance.
fn reason(stop: &Stop) -> String {
    match stop {
        Stop::Refused(refusal) => refusal.description.to_string(),
        Stop::Failed(fault) => fault.chain(),
    }
}
