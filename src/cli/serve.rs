//! `chancery serve`.

use super::place::Place;
use crate::base::Result;
use crate::config::{Config, LogFormat, Overrides};

/// How to serve.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Make people and clients to play with; on a loopback URL only
    #[arg(long)]
    dev: bool,
    /// Where to listen
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Serve https with this certificate chain (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<String>,
    /// The certificate's key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<String>,
    /// Leave recurring jobs to other processes
    #[arg(long)]
    no_jobs: bool,
}

impl Serve {
    /// The configuration to serve with.
    pub(super) fn config(self, place: &Place) -> Result<Config> {
        let Self { dev, listen, tls_cert, tls_key, no_jobs } = self;
        let mut config = Config::load(&Overrides { listen, tls_cert, tls_key, dev, ..place.overrides() })?;
        if no_jobs {
            config.jobs.enabled = false;
        }
        if dev {
            config.log.format = LogFormat::Text;
        }
        Ok(config)
    }
}
