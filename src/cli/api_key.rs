//! `chancery key`: API keys.

use super::Page;
use super::output::Out;
use crate::api_keys::{Described, NewKey};
use crate::app::App;
use crate::base::{Actor, ApiKeyId, Result, Seconds};

/// What to do with API keys.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Key {
    /// Make one, which is shown this once
    Create {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Its name for people
        #[arg(long)]
        name: String,
        /// Scopes; may be repeated
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<String>,
        /// Days until it stops working; never when absent
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3_650))]
        expires_in_days: Option<i64>,
    },
    /// Show all of a tenant, without the keys themselves
    List {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        #[command(flatten)]
        page: Page,
    },
    /// End one at once
    Revoke {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Its id
        key: String,
    },
}

impl Key {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        match self {
            Self::Create { tenant, name, scopes, expires_in_days } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let now = app.clock.now();
                let expires_at = expires_in_days.map(|days| now.plus(Seconds(days * 86_400)));
                let new = NewKey { name, scope: scopes.join(" ").parse()?, expires_at };
                let (key, secret) = app.api_keys.create(&tenant, new, &Actor::operator()).await?;
                out.record(&Described::of(key, now).shown(&secret))
            }
            Self::List { tenant, page } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let found = app.api_keys.page(&tenant.id, &page.after, page.limit).await?;
                let found: Vec<_> = found.into_iter().map(|key| Described::of(key, app.clock.now())).collect();
                out.list(&found, &["id", "name", "prefix", "status", "scope", "last_used_at"])
            }
            Self::Revoke { tenant, key } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                app.api_keys.revoke(&tenant.id, &ApiKeyId::from(key.as_str()), &Actor::operator()).await?;
                out.done(&format!("The API key {key} is revoked."))
            }
        }
    }
}
