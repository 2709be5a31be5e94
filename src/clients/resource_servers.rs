//! Resource servers as administrators manage them: each change is one of the tenant's settings, over the version that
//! was read.

mod rules;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use self::rules::check;
use crate::base::{Actor, Clock, Code, Refusal, Result, Seconds, Stop};
use crate::query::update::patch::merge;
use crate::store::clients::AccessTokenFormat;
use crate::store::resource_servers::{ResourceServer, ServerScope};
use crate::store::tenants::Settings;
use crate::tenants::{TenantContext, Tenants};

/// How often a change is tried again that somebody else's was in the way of.
const TRIES: usize = 5;

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct ResourceServers {
    tenants: Tenants,
    clock: Clock,
}

/// One as somebody wishes to have it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each member is the one of the same name of the resource server")]
pub struct Wished {
    pub audience: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub scopes: Vec<ServerScope>,
    #[serde(default)]
    pub token_lifetime: Option<Seconds>,
    #[serde(default)]
    pub token_format: Option<AccessTokenFormat>,
}

impl ResourceServers {
    /// Over these tenants.
    #[must_use]
    pub const fn new(tenants: Tenants, clock: Clock) -> Self {
        Self { tenants, clock }
    }

    /// All of a tenant, as they are stored.
    ///
    /// # Errors
    /// The database failed.
    pub async fn all(&self, tenant: &TenantContext) -> Result<Vec<ResourceServer>> {
        Ok(self.tenants.look_up(tenant.slug.as_str()).await?.settings.0.resource_servers)
    }

    /// The one of this id.
    ///
    /// # Errors
    /// There is none.
    pub async fn look_up(&self, tenant: &TenantContext, id: &str) -> Result<ResourceServer> {
        self.all(tenant).await?.into_iter().find(|server| server.id == id).ok_or_else(nothing)
    }

    /// Adds one. An audience or a scope that stood in the plain lists of the settings is the server's from now on.
    ///
    /// # Errors
    /// `Unprocessable`: the wish cannot be. `Conflict`: the audience or a scope is another's.
    pub async fn add(&self, tenant: &TenantContext, wish: Wished, by: &Actor) -> Result<ResourceServer> {
        let added = server(Uuid::now_v7().to_string(), wish);
        self.store(tenant, "resource_server.created", by, |settings| {
            settings.resource_servers.push(added.clone());
            settings.resources.retain(|audience| *audience != added.audience);
            settings.scopes.retain(|own| !added.scopes.iter().any(|scope| scope.scope == *own));
            Ok(added.clone())
        })
        .await
    }

    /// Changes what a merge patch (RFC 7396) names; its audience is no part of it.
    ///
    /// # Errors
    /// As for a new one; `NotFound`.
    pub async fn change(
        &self,
        tenant: &TenantContext,
        id: &str,
        patch: &Map<String, Value>,
        by: &Actor,
    ) -> Result<ResourceServer> {
        self.store(tenant, "resource_server.updated", by, |settings| {
            let place = settings.resource_servers.iter_mut().find(|server| server.id == id).ok_or_else(nothing)?;
            let before = place.clone();
            *place = patched(&before, patch)?;
            if place.audience != before.audience {
                return Err(Stop::refuse(Code::Unprocessable, "the audience of a resource server never changes"));
            }
            Ok(place.clone())
        })
        .await
    }

    /// Takes one away: no tokens are issued for it any more, and its scopes are worth nothing.
    ///
    /// # Errors
    /// There is none of this id.
    pub async fn remove(&self, tenant: &TenantContext, id: &str, by: &Actor) -> Result<()> {
        self.store(tenant, "resource_server.deleted", by, |settings| {
            let place = settings.resource_servers.iter().position(|server| server.id == id).ok_or_else(nothing)?;
            Ok(settings.resource_servers.remove(place))
        })
        .await
        .map(drop)
    }

    async fn store(
        &self,
        tenant: &TenantContext,
        action: &str,
        by: &Actor,
        change: impl Fn(&mut Settings) -> Result<ResourceServer>,
    ) -> Result<ResourceServer> {
        let mut left = TRIES;
        loop {
            let mut now = self.tenants.look_up(tenant.slug.as_str()).await?;
            let changed = change(&mut now.settings.0)?;
            check(tenant, &now.settings.0.resource_servers)?;
            left -= 1;
            match self.tenants.change(&self.clock, &now, action, by).await {
                Err(Stop::Refused(refusal)) if refusal.code == Code::PreconditionFailed && left > 0 => {}
                stored => return stored.map(|()| changed),
            }
        }
    }
}

/// The server that a wish becomes.
#[must_use]
pub fn server(id: String, wish: Wished) -> ResourceServer {
    let Wished { audience, name, scopes, token_lifetime, token_format } = wish;
    let name = if name.is_empty() { audience.clone() } else { name };
    ResourceServer { id, audience, name, scopes, token_lifetime, token_format }
}

fn patched(before: &ResourceServer, patch: &Map<String, Value>) -> Result<ResourceServer> {
    let mut members = serde_json::to_value(before)?;
    if patch.contains_key("id") {
        return Err(Refusal::new(Code::InvalidRequest, "unknown field `id`").into());
    }
    merge(&mut members, &Value::Object(patch.clone()));
    let cannot_be = |error: serde_json::Error| {
        Refusal::new(Code::InvalidRequest, "the resource server cannot be that").hint(error.to_string())
    };
    Ok(serde_json::from_value(members).map_err(cannot_be)?)
}

fn nothing() -> Stop {
    Stop::refuse(Code::NotFound, "there is no such resource server in this tenant")
}
