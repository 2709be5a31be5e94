//! `chancery audit`: whether the audit trail is as it was written.

use std::process::ExitCode;

use serde::Serialize;

use super::output::Out;
use crate::app::App;
use crate::audit::{Misfit, Verdict};
use crate::base::{Code, Result, Slug, Stop};
use crate::store::tenants::Tenant;

/// Tenants that are read together.
const TOGETHER: i64 = 500;

/// What to do with the audit trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Audit {
    /// Look at every row of a tenant's trail, or of everybody's; the exit code is 1 when one does not fit
    Verify {
        /// The tenant's slug; all when absent
        #[arg(long)]
        tenant: Option<String>,
        /// A place and the hash that was there, kept from an earlier look, as 4711:HASH
        #[arg(long, requires = "tenant", value_name = "SEQ:HASH")]
        expect: Option<String>,
    },
}

/// What came of it, for a tenant.
#[derive(Serialize)]
struct Looked {
    tenant: Slug,
    #[serde(flatten)]
    verdict: Verdict,
    /// The same for eyes.
    finding: String,
}

impl Audit {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<ExitCode> {
        let Self::Verify { tenant, expect } = self;
        app.audit.seal().await?;
        let mut looked = Vec::new();
        for tenant in chosen(app, tenant).await? {
            let mut verdict = app.audit.verify(&tenant.id).await?;
            if let Some(expected) = &expect {
                expected_there(app, &tenant, expected, &mut verdict).await?;
            }
            looked.push(Looked { tenant: tenant.slug, finding: finding(&verdict), verdict });
        }
        out.list(&looked, &["tenant", "rows", "seq", "hash", "finding"])?;
        Ok(if looked.iter().all(|looked| looked.verdict.ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

async fn chosen(app: &App, slug: Option<String>) -> Result<Vec<Tenant>> {
    if let Some(slug) = slug {
        return Ok(vec![app.tenants.look_up(&slug).await?]);
    }
    let mut all: Vec<Tenant> = Vec::new();
    loop {
        let after = all.last().map(|tenant| tenant.slug.to_string()).unwrap_or_default();
        let some = app.tenants.page(&after, TOGETHER).await?;
        if some.is_empty() {
            return Ok(all);
        }
        all.extend(some);
    }
}

/// Whether the hash that somebody has kept is still at its place: then nothing before it was made anew, not even by
/// somebody who has the master key.
async fn expected_there(app: &App, tenant: &Tenant, expected: &str, verdict: &mut Verdict) -> Result<()> {
    let malformed = || Stop::refuse(Code::InvalidRequest, "what is expected is written SEQ:HASH");
    let (seq, hash) = expected.split_once(':').ok_or_else(malformed)?;
    let seq: i64 = seq.parse().map_err(|_| malformed())?;
    if verdict.ok && app.audit.hash_at(&tenant.id, seq).await?.as_deref() != Some(hash) {
        verdict.ok = false;
        verdict.misfit = Some(Misfit { seq, id: None, what: "another hash than the expected one is there" });
    }
    Ok(())
}

fn finding(verdict: &Verdict) -> String {
    match &verdict.misfit {
        None => "ok".to_owned(),
        Some(Misfit { seq, id: Some(id), what }) => format!("{seq} ({id}): {what}"),
        Some(Misfit { seq, id: None, what }) => format!("{seq}: {what}"),
    }
}
