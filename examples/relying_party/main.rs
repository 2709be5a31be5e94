//! A relying party in a process of its own: signs a person in at a running server by authorization code + PKCE with
//! the `openidconnect` crate, and uses every token it gets.
//!
//! ```sh
//! cargo run -- serve --dev
//! cargo run --example relying_party -- data/dev.json demo
//! ```
//!
//! It prints one line per step and ends with 0 only when all of them held. It drives the pages as automation does, by
//! their forms. `--keep FILE` writes every secret that it saw into a file, one per line, for whoever wants to look
//! where else they might have gone.

mod browser;
mod party;
mod settings;
mod steps;

use std::io::Write as _;
use std::process::ExitCode;

use settings::Settings;

/// What did not hold, in words.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            tell(&format!("FAILED: {failed}"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failed> {
    let settings = Settings::from_words(std::env::args().skip(1))?;
    let mut seen = settings.secrets();
    let told = steps::all(&settings, &mut seen).await;
    if let Some(file) = &settings.keep {
        std::fs::write(file, seen.join("\n"))?;
    }
    told
}

/// One line for whoever watches.
fn tell(line: &str) {
    let _nobody_watches = writeln!(std::io::stdout(), "{line}");
}
