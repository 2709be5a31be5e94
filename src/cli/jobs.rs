//! `chancery jobs`: what is done again and again.

use std::process::ExitCode;

use super::output::Out;
use crate::app::App;
use crate::base::Result;
use crate::jobs::{Job, Outcome, list, once};

/// What to do with jobs.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Jobs {
    /// Show all, and when each was done last
    List,
    /// Do them once and at once, all or those that are named
    RunOnce {
        /// Names, as `list` shows them
        #[arg(value_name = "JOB")]
        jobs: Vec<Job>,
    },
}

impl Jobs {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<ExitCode> {
        match self {
            Self::List => {
                out.list(&list(app).await?, &["job", "every", "last_run_at", "last_count", "last_failure", "about"])?;
                Ok(ExitCode::SUCCESS)
            }
            Self::RunOnce { jobs } => {
                let jobs = if jobs.is_empty() { Job::ALL.to_vec() } else { jobs };
                let all = once(app, &jobs).await?;
                out.list(&all, &["job", "outcome", "count", "took_ms", "reason"])?;
                let failed = all.iter().any(|ran| ran.outcome == Outcome::Failed);
                Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
            }
        }
    }
}
