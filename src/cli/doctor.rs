//! `chancery doctor`: whether everything is as it has to be, each finding with what to do about it.

use std::process::ExitCode;

use super::output::Out;
use super::place::{Place, open_database};
use crate::base::Result;
use crate::doctor::{Finding, examine, is_well};

pub(super) async fn run(place: &Place, out: Out) -> Result<ExitCode> {
    let config = place.config();
    let told = Finding::of("configuration", &config, |config| config.base().to_owned(), "correct the setting it names");
    let mut findings = vec![told];
    if let Ok(config) = config {
        let opened = open_database(&config).await;
        findings.extend(examine(config, opened).await);
    }
    out.list(&findings, &["check", "verdict", "detail", "advice"])?;
    Ok(if is_well(&findings) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
