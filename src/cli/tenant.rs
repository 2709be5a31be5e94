//! `chancery tenant`.

use serde::Serialize;

use super::Page;
use super::moving::Move;
use super::output::Out;
use crate::accounts::Owner;
use crate::api::tenant::stats::told;
use crate::app::App;
use crate::base::{Actor, Email, Result, Seconds, Slug, TenantId, Timestamp};
use crate::store::Flag;
use crate::store::tenants::{self as store, Settings, TenantStatus};
use crate::tenants::set_setting;

/// What to do with tenants.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Tenant {
    /// Make one
    Create {
        /// Its name in URLs: 3 to 63 characters of a-z, 0-9 and -
        #[arg(long)]
        slug: Slug,
        /// Its name for people; the slug when absent
        #[arg(long)]
        name: Option<String>,
        /// A setting, as in `lifetimes.access_token=300`
        #[arg(long = "set", value_name = "PATH=VALUE")]
        settings: Vec<String>,
        /// Whom to invite as its owner, by mail
        #[arg(long, value_name = "EMAIL")]
        owner: Option<Email>,
        /// Hours until it is deleted, for previews and test runs
        #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(i64).range(1..=87_600))]
        ends_in_hours: Option<i64>,
    },
    /// Show all
    List(Page),
    /// Show one
    Show {
        /// Its slug
        slug: String,
    },
    /// Change name or settings
    Update {
        /// Its slug
        slug: String,
        /// Its name for people
        #[arg(long)]
        name: Option<String>,
        /// A setting, as in `lifetimes.access_token=300`; an empty value unsets
        #[arg(long = "set", value_name = "PATH=VALUE")]
        settings: Vec<String>,
        /// Whether it cannot be deleted
        #[arg(long, value_name = "YES", num_args = 0..=1, default_missing_value = "true")]
        protected: Option<bool>,
    },
    /// Show how much there is in one
    Stats {
        /// Its slug
        slug: String,
    },
    /// Let it answer nobody until it is activated again
    Suspend {
        /// Its slug
        slug: String,
    },
    /// Let it answer again
    Activate {
        /// Its slug
        slug: String,
    },
    /// Let it be nobody from now on; it can be restored for some days
    Delete {
        /// Its slug
        slug: String,
    },
    /// Bring a deleted one back
    Restore {
        /// Its slug
        slug: String,
    },
    #[command(flatten)]
    Move(Move),
}

/// A tenant as it is shown.
#[derive(Serialize)]
struct Shown {
    id: TenantId,
    slug: Slug,
    name: String,
    status: TenantStatus,
    issuer: String,
    deletion_protected: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restorable_until: Option<String>,
    settings: Settings,
    created_at: String,
    updated_at: String,
}

impl Tenant {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        match self {
            Self::Create { slug, name, settings, owner, ends_in_hours } => {
                let name = name.unwrap_or_else(|| slug.to_string());
                let mut new =
                    store::Tenant::new(slug, name, assigned(Settings::default(), &settings)?, app.clock.now());
                new.life.expires_at = ends_in_hours.map(|hours| app.clock.now().plus(Seconds(hours * 3_600)));
                let owner = owner.map(|email| Owner { email, password: None, name: None, vouched: true });
                let (made, _) = app.accounts.found(&app.tenants, new, owner, &Actor::operator()).await?;
                out.record(&shown(app, made.tenant))
            }
            Self::List(page) => {
                let found = app.tenants.page(&page.after, page.limit).await?;
                let found: Vec<_> = found.into_iter().map(|tenant| shown(app, tenant)).collect();
                out.list(&found, &["slug", "name", "status", "issuer"])
            }
            Self::Show { slug } => out.record(&shown(app, app.tenants.any(&slug).await?)),
            Self::Stats { slug } => out.record(&told(app, &app.tenants.any(&slug).await?).await?),
            Self::Update { slug, name, settings, protected } => {
                let mut tenant = app.tenants.look_up(&slug).await?;
                tenant.name = name.unwrap_or(tenant.name);
                tenant.settings.0 = assigned(tenant.settings.0, &settings)?;
                tenant.life.deletion_protected = protected.map_or(tenant.life.deletion_protected, Flag);
                app.tenants.change(&app.clock, &tenant, "tenant.updated", &Actor::operator()).await?;
                out.record(&shown(app, app.tenants.look_up(&slug).await?))
            }
            Self::Suspend { slug } => {
                let tenant = app.tenants.suspend(app.tenants.any(&slug).await?, &Actor::operator()).await?;
                became(out, &tenant)
            }
            Self::Activate { slug } => {
                let tenant = app.tenants.activate(app.tenants.any(&slug).await?, &Actor::operator()).await?;
                became(out, &tenant)
            }
            Self::Delete { slug } => {
                let tenant = app.tenants.delete(app.tenants.any(&slug).await?, &Actor::operator()).await?;
                became(out, &tenant)
            }
            Self::Restore { slug } => {
                let tenant = app.tenants.restore(app.tenants.any(&slug).await?, &Actor::operator()).await?;
                became(out, &tenant)
            }
            Self::Move(act) => Box::pin(act.run(app, out)).await,
        }
    }
}

fn assigned(mut settings: Settings, assignments: &[String]) -> Result<Settings> {
    for assignment in assignments {
        set_setting(&mut settings, assignment)?;
    }
    Ok(settings)
}

fn became(out: Out, tenant: &store::Tenant) -> Result<()> {
    let until = tenant.life.purge_at.map(|at| format!("; it can be restored until {}", at.rfc3339()));
    out.done(&format!("The tenant {} is {}{}.", tenant.slug, tenant.status.as_str(), until.unwrap_or_default()))
}

fn shown(app: &App, tenant: store::Tenant) -> Shown {
    let context = app.tenants.context(tenant);
    let tenant = context.tenant;
    Shown {
        id: tenant.id,
        slug: tenant.slug,
        name: tenant.name,
        status: tenant.status,
        issuer: context.issuer,
        deletion_protected: tenant.life.deletion_protected.0,
        expires_at: tenant.life.expires_at.map(Timestamp::rfc3339),
        restorable_until: tenant.life.purge_at.map(Timestamp::rfc3339),
        settings: tenant.settings.0,
        created_at: tenant.created_at.rfc3339(),
        updated_at: tenant.updated_at.rfc3339(),
    }
}
