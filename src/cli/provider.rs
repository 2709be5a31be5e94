//! `chancery provider`: others whom a tenant's people sign in with.

use super::output::Out;
use super::place::secret_from_stdin;
use crate::accounts::federation::{Information, NewProvider, Preset};
use crate::app::App;
use crate::base::{Actor, Code, Result, Stop};
use crate::store::providers::{Creation, UpstreamAuth};

/// What to do with providers.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Provider {
    /// Add one
    Add(Box<Add>),
    /// Show all of a tenant
    List {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
    },
    /// Show one, and what has to be registered there
    Show {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Its slug
        provider: String,
    },
    /// Remove one; the accounts that were made by it stay
    Remove {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        /// Its slug
        provider: String,
    },
}

/// A provider to be added.
#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// The tenant's slug
    #[arg(long)]
    tenant: String,
    /// oidc, google, microsoft or github
    #[arg(long, default_value = "oidc")]
    preset: Preset,
    /// Its name in URLs
    #[arg(long)]
    slug: Option<String>,
    /// Its name for people
    #[arg(long)]
    name: Option<String>,
    /// Its issuer
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Where its API is, of a GitHub Enterprise Server
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// Who we are there
    #[arg(long)]
    client_id: String,
    /// Read the client secret from standard input; without one we are a public client
    #[arg(long)]
    client_secret_stdin: bool,
    /// How we prove ourselves: `client_secret_basic` or `client_secret_post`
    #[arg(long, value_name = "METHOD")]
    auth_method: Option<UpstreamAuth>,
    /// Scopes to ask for; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A domain whose people belong to it; may be repeated
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// Whether strangers get an account: never, verified or always
    #[arg(long, value_name = "WHEN")]
    creation: Option<Creation>,
    /// A domain that new accounts have to be of; may be repeated
    #[arg(long = "creation-domain", value_name = "DOMAIN")]
    creation_domains: Vec<String>,
    /// Signing out here signs out there as well
    #[arg(long)]
    sign_out: bool,
}

impl Provider {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        match self {
            Self::Add(add) => add.run(app, out).await,
            Self::List { tenant } => {
                let tenant = app.tenants.context(app.tenants.look_up(&tenant).await?);
                let all = app.federation.all(&tenant).await?;
                let all: Vec<_> = all.iter().map(|provider| Information::of(provider, &tenant.issuer)).collect();
                out.list(&all, &["slug", "name", "type", "enabled", "issuer", "creation"])
            }
            Self::Show { tenant, provider } => {
                let tenant = app.tenants.context(app.tenants.look_up(&tenant).await?);
                let all = app.federation.all(&tenant).await?;
                let found = all.iter().find(|found| found.slug == provider).ok_or_else(nothing)?;
                out.record(&Information::of(found, &tenant.issuer))
            }
            Self::Remove { tenant, provider } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let all = app.federation.all(&tenant).await?;
                let found = all.iter().find(|found| found.slug == provider).ok_or_else(nothing)?;
                app.federation.remove(&tenant, &found.id, &Actor::operator()).await?;
                out.done(&format!("The provider {provider} is removed."))
            }
        }
    }
}

impl Add {
    async fn run(self, app: &App, out: Out) -> Result<()> {
        let tenant = app.tenants.context(app.tenants.look_up(&self.tenant).await?);
        let scope = (!self.scopes.is_empty()).then(|| self.scopes.join(" ").parse()).transpose()?;
        let new = NewProvider {
            preset: self.preset,
            slug: self.slug,
            name: self.name,
            issuer: self.issuer,
            api: self.api,
            client_id: self.client_id,
            client_secret: if self.client_secret_stdin { Some(secret_from_stdin()?) } else { None },
            auth_method: self.auth_method,
            scope,
            claims: None,
            domains: self.domains,
            creation: self.creation,
            creation_domains: self.creation_domains,
            sign_out: self.sign_out,
        };
        let added = app.federation.add(&tenant, new, &Actor::operator()).await?;
        out.record(&Information::of(&added, &tenant.issuer))
    }
}

fn nothing() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such provider in this tenant")
}
