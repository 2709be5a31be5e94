//! `chancery webhook`: whom a tenant tells what happens in it.

use serde_json::json;

use super::output::Out;
use super::place::secret_from_stdin;
use crate::app::App;
use crate::base::{Actor, Result};
use crate::store::webhooks::Scheme;
use crate::webhooks::{NewEndpoint, ShownEndpoint};

/// What to do with webhooks.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Webhook {
    /// Show all of a tenant
    List {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
    },
    /// Make one, and print its secret, once
    Create(Create),
    /// Remove one, with what is on its way to it
    Delete {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Its id
        webhook: String,
    },
    /// Send what was given up once more
    Retry {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Only what was for this one
        webhook: Option<String>,
    },
    /// Send a message that tells of nothing
    Test {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Its id
        webhook: String,
    },
}

/// A webhook to be made.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// The tenant's slug
    #[arg(long)]
    tenant: String,
    /// Where messages are posted
    #[arg(long)]
    url: String,
    /// For people
    #[arg(long, default_value = "")]
    description: String,
    /// A type of event, `noun.*` or `*`; may be repeated
    #[arg(long = "event", value_name = "TYPE", default_value = "*")]
    events: Vec<String>,
    /// How messages are written: standard or aegis-v1
    #[arg(long, default_value = "standard")]
    scheme: Scheme,
    /// Read a secret that the receiver has already from standard input
    #[arg(long)]
    secret_stdin: bool,
}

impl Webhook {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        let by = Actor::operator();
        match self {
            Self::List { tenant } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let all = app.webhooks.page(&tenant, "", i64::MAX).await?;
                let shown: Vec<_> = all.iter().map(|webhook| ShownEndpoint::of(webhook, app.clock.now())).collect();
                out.list(&shown, &["id", "url", "status", "events", "failing_since"])
            }
            Self::Create(create) => create.run(app, out, &by).await,
            Self::Delete { tenant, webhook } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                app.webhooks.remove(&tenant, (&webhook, None), &by).await?;
                out.done("It is removed.")
            }
            Self::Retry { tenant, webhook } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let count = app.webhooks.retry(&tenant, webhook.as_deref(), &by).await?;
                if out.json {
                    return out.record(&json!({ "deliveries": count }));
                }
                out.done(&format!("{count} deliveries are sent as soon as a server runs."))
            }
            Self::Test { tenant, webhook } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let delivery = app.webhooks.test(&tenant, &webhook, &by).await?;
                out.record(&json!({ "delivery": delivery.id, "event_id": delivery.event_id }))
            }
        }
    }
}

impl Create {
    async fn run(self, app: &App, out: Out, by: &Actor) -> Result<()> {
        let tenant = app.tenants.look_up(&self.tenant).await?;
        let secret = if self.secret_stdin { Some(secret_from_stdin()?.expose().to_owned()) } else { None };
        let Self { url, description, events, scheme, .. } = self;
        let new = NewEndpoint { url, description, events, scheme, secret };
        let (made, secret) = app.webhooks.create(&tenant, new, by).await?;
        out.record(&json!({ "id": made.id, "url": made.url, "events": made.events.0, "secret": secret.expose() }))
    }
}
