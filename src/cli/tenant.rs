//! `chancery tenant`.

use serde::Serialize;

use super::Page;
use super::output::Out;
use crate::app::App;
use crate::base::{Actor, Code, Result, Slug, Stop, TenantId};
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
    /// Take it away for good
    Delete {
        /// Its slug
        slug: String,
    },
}

/// A tenant as it is shown.
#[derive(Serialize)]
struct Shown {
    id: TenantId,
    slug: Slug,
    name: String,
    status: TenantStatus,
    issuer: String,
    settings: Settings,
    created_at: String,
    updated_at: String,
}

impl Tenant {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        match self {
            Self::Create { slug, name, settings } => {
                let name = name.unwrap_or_else(|| slug.to_string());
                let settings = assigned(Settings::default(), &settings)?;
                let made = app.tenants.create(&app.clock, (slug, name, settings), &Actor::operator()).await?;
                out.record(&shown(app, made))
            }
            Self::List(page) => {
                let found = app.tenants.page(&page.after, page.limit).await?;
                let found: Vec<_> = found.into_iter().map(|tenant| shown(app, tenant)).collect();
                out.list(&found, &["slug", "name", "status", "issuer"])
            }
            Self::Show { slug } => out.record(&shown(app, app.tenants.look_up(&slug).await?)),
            Self::Update { slug, name, settings } => {
                let mut tenant = app.tenants.look_up(&slug).await?;
                tenant.name = name.unwrap_or(tenant.name);
                tenant.settings.0 = assigned(tenant.settings.0, &settings)?;
                app.tenants.change(&app.clock, &tenant, "tenant.updated", &Actor::operator()).await?;
                out.record(&shown(app, app.tenants.look_up(&slug).await?))
            }
            Self::Suspend { slug } => status(app, out, &slug, TenantStatus::Suspended).await,
            Self::Activate { slug } => status(app, out, &slug, TenantStatus::Active).await,
            Self::Delete { slug } => status(app, out, &slug, TenantStatus::Deleted).await,
        }
    }
}

fn assigned(mut settings: Settings, assignments: &[String]) -> Result<Settings> {
    for assignment in assignments {
        set_setting(&mut settings, assignment)?;
    }
    Ok(settings)
}

async fn status(app: &App, out: Out, slug: &str, status: TenantStatus) -> Result<()> {
    let mut tenant = app.tenants.look_up(slug).await?;
    if slug == Slug::SYSTEM && status != TenantStatus::Active {
        return Err(Stop::refuse(Code::Forbidden, "the operators' own tenant cannot be suspended or deleted"));
    }
    tenant.status = status;
    let action = match status {
        TenantStatus::Active => "tenant.activated",
        TenantStatus::Suspended => "tenant.suspended",
        TenantStatus::Deleted => "tenant.deleted",
    };
    app.tenants.change(&app.clock, &tenant, action, &Actor::operator()).await?;
    out.done(&format!("The tenant {slug} is {}.", status.as_str()))
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
        settings: tenant.settings.0,
        created_at: tenant.created_at.rfc3339(),
        updated_at: tenant.updated_at.rfc3339(),
    }
}
