//! `chancery mail`: the outbox, and whether mail works.

use std::time::Duration;

use super::output::Out;
use super::place::secret_from_stdin;
use crate::app::App;
use crate::base::{Actor, Email, Result};
use crate::mail::Shown;
use crate::store::mails::MailState;
use crate::store::tenants::Tenant;

/// How often it is looked what has become of a test.
const LOOKS: u32 = 200;

/// What to do with mail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Mail {
    /// Show a tenant's mails, the newest first; never what they say
    List {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Only those that are waiting, sent or dead
        #[arg(long)]
        state: Option<MailState>,
        /// Show at most this many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        /// Show what comes after this one
        #[arg(long, default_value = "")]
        after: String,
    },
    /// Send one that was given up, or that waits for another attempt, now
    Retry {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Its id
        mail: String,
    },
    /// Send a test, and tell what became of it
    Test {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Where to
        #[arg(long)]
        to: Email,
    },
    /// Set what the tenant authenticates with to its own provider, read from standard input; empty removes it
    SetSecret {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// `smtp_password` or `http_key`
        name: String,
    },
}

impl Mail {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        let by = Actor::operator();
        match self {
            Self::List { tenant, state, limit, after } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let mails = app.mail.page(&tenant, state, (&after, limit)).await?;
                out.list(&mails, &["id", "kind", "to", "state", "attempts", "last_error"])
            }
            Self::Retry { tenant, mail } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                app.mail.again(&tenant, &mail, &by).await?;
                out.done("It is sent as soon as a server runs.")
            }
            Self::Test { tenant, to } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let id = app.mail.test(&tenant, to, &by).await?;
                out.record(&outcome(app, &tenant, &id).await?)
            }
            Self::SetSecret { tenant, name } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let secret = secret_from_stdin()?;
                let secret = Some(&secret).filter(|secret| !secret.expose().is_empty());
                app.mail.set_secret(&tenant, &name, secret, &by).await?;
                out.done(&format!("{name} is {}.", if secret.is_some() { "set" } else { "removed" }))
            }
        }
    }
}

/// What the first attempt came to, be it made here or by a server that was faster.
async fn outcome(app: &App, tenant: &Tenant, id: &str) -> Result<Shown> {
    for _ in 0..LOOKS {
        app.mail.deliver_due().await?;
        let shown = app.mail.look_up(tenant, id).await?;
        if shown.state != MailState::Waiting || shown.last_error.is_some() {
            return Ok(shown);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    app.mail.look_up(tenant, id).await
}
