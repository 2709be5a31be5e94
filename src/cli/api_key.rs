//! `chancery key`: API keys.

use serde::Serialize;

use super::Page;
use super::output::Out;
use crate::api_keys::NewKey;
use crate::app::App;
use crate::base::{Actor, ApiKeyId, Result, Scope, Seconds, Timestamp};
use crate::store::api_keys::ApiKey;

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

/// A key as shown.
#[derive(Serialize)]
struct Shown {
    id: ApiKeyId,
    name: String,
    prefix: String,
    scope: Scope,
    status: &'static str,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
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
                out.record(&Shown { api_key: Some(secret.expose().to_owned()), ..shown(key, now) })
            }
            Self::List { tenant, page } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let found = app.api_keys.page(&tenant.id, &page.after, page.limit).await?;
                let found: Vec<_> = found.into_iter().map(|key| shown(key, app.clock.now())).collect();
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

fn shown(key: ApiKey, now: Timestamp) -> Shown {
    let status = match (key.revoked_at, key.expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(at)) if at <= now => "expired",
        _ => "active",
    };
    Shown {
        id: key.id,
        name: key.name,
        prefix: key.prefix,
        scope: key.scope,
        status,
        created_at: key.created_at.rfc3339(),
        expires_at: key.expires_at.map(Timestamp::rfc3339),
        revoked_at: key.revoked_at.map(Timestamp::rfc3339),
        last_used_at: key.last_used_at.map(Timestamp::rfc3339),
        api_key: None,
    }
}
