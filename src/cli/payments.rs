//! `chancery payments`: a tenant's account at Stripe, and what was bought there.

use super::output::Out;
use super::place::secret_from_stdin;
use crate::app::App;
use crate::base::{Actor, Result};
use crate::payments::{AccountChanges, Given};
use crate::store::payment_accounts::PaymentSettings;

/// What to do with payments.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Payments {
    /// Show how a tenant's account is set up; never a secret
    Show {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
    },
    /// Set the secret key (`sk_…` or `rk_…`), read from standard input
    SetKey {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
    },
    /// Set what webhooks are signed with (`whsec_…`), read from standard input: up to three, separated by spaces, the
    /// newest first
    SetWebhookSecrets {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
    },
    /// Set how payments are treated
    Configure {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Days for which somebody keeps a plan whose payment is late
        #[arg(long, default_value_t = 3)]
        grace_days: u16,
        /// End the authorizations that hold a lost plan's scopes at once
        #[arg(long)]
        revoke_on_loss: bool,
    },
    /// Forget the account and everything that it gave
    Remove {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
    },
    /// List a tenant's plans
    Plans {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
    },
    /// Give somebody a plan without payment
    Give {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// The plan's key
        plan: String,
        /// Who: e-mail address, user name or id
        user: String,
        /// For this many days only
        #[arg(long)]
        days: Option<u32>,
    },
    /// Take back what was given without payment
    Take {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// The plan's key
        plan: String,
        /// Who: e-mail address, user name or id
        user: String,
    },
}

impl Payments {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        let by = Actor::operator();
        match self {
            Self::Show { tenant } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                out.record(&app.payments.account(&tenant).await?)
            }
            Self::SetKey { tenant } => {
                let key = secret_from_stdin()?.expose().to_owned();
                change(app, out, &tenant, AccountChanges { secret_key: Some(key), ..AccountChanges::default() }).await
            }
            Self::SetWebhookSecrets { tenant } => {
                let secrets = secret_from_stdin()?;
                let secrets = secrets.expose().split_whitespace().map(str::to_owned).collect();
                let changes = AccountChanges { webhook_secrets: Some(secrets), ..AccountChanges::default() };
                change(app, out, &tenant, changes).await
            }
            Self::Configure { tenant, grace_days, revoke_on_loss } => {
                let settings = Some(PaymentSettings { grace_days, revoke_on_loss });
                change(app, out, &tenant, AccountChanges { settings, ..AccountChanges::default() }).await
            }
            Self::Remove { tenant } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                app.payments.remove_account(&tenant, &by).await?;
                out.done("The account is forgotten.")
            }
            Self::Plans { tenant } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                out.list(&app.payments.plans(&tenant).await?, &["key", "name", "rank", "free", "scopes", "prices"])
            }
            Self::Give { tenant, plan, user, days } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let subject = app.accounts.look_up(&tenant, &user).await?.id.to_string();
                out.record(&app.payments.give(&tenant, &Given { subject, plan, days }, &by).await?)
            }
            Self::Take { tenant, plan, user } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let subject = app.accounts.look_up(&tenant, &user).await?.id.to_string();
                out.record(&app.payments.take(&tenant, &Given { subject, plan, days: None }, &by).await?)
            }
        }
    }
}

async fn change(app: &App, out: Out, tenant: &str, changes: AccountChanges) -> Result<()> {
    let tenant = app.tenants.look_up(tenant).await?;
    out.record(&app.payments.set_account(&tenant, changes, &Actor::operator()).await?)
}
