//! Which tenant a request is about, from memory; and what follows from the tenant alone.

mod brands;
mod domains;
mod life;
mod mail;
mod manage;
mod places;
mod plans;
mod room;
mod settings;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use moka::future::Cache;
use url::Url;

use crate::base::{Clock, Code, Fault, Result, Seconds, Slug, Stop, TenantId};
use crate::config::Config;
use crate::frame::Dress;
use crate::store::Db;
use crate::store::tenants::{self as store, Tenant, TenantStatus};

pub use brands::{Branding, ShownBrand, lint as lint_brand, publish_in as publish_brand_in};
pub use domains::{Domains, domain_of};
pub use manage::check_whole;
pub use places::place;
pub use plans::give_in as give_plan_in;
pub use room::{Counted, make_room, make_room_for, make_room_for_stranger, take_turn};
pub use settings::{Reach, differing, patched, set as set_setting};

/// How long a change made by another process may go unnoticed.
const FRESH: Duration = Duration::from_secs(1);
/// Most tenants kept in memory.
const MOST: u64 = 10_000;

/// A tenant, and the URLs that are fixed by configuration: nothing in it comes from a request.
#[derive(Clone, Debug)]
pub struct TenantContext {
    /// The record.
    pub tenant: Tenant,
    /// The issuer, `{P}/t/{slug}` or the tenant's own domain: `iss` of every token, and what every endpoint's URL begins with.
    pub issuer: String,
    /// The discovery document as it is sent, made when it is first asked for.
    pub discovery: OnceLock<Bytes>,
    dress: OnceLock<Dress>,
}

impl std::ops::Deref for TenantContext {
    type Target = Tenant;

    fn deref(&self) -> &Tenant {
        &self.tenant
    }
}

impl TenantContext {
    /// A tenant with its issuer.
    #[must_use]
    pub const fn new(tenant: Tenant, issuer: String) -> Self {
        Self { tenant, issuer, discovery: OnceLock::new(), dress: OnceLock::new() }
    }

    /// How its pages look and speak.
    pub fn dress(&self) -> &Dress {
        self.dress.get_or_init(|| self.tenant.dress())
    }

    /// The audience of this tenant's own APIs.
    #[must_use]
    pub fn api_audience(&self) -> String {
        format!("{}/api/v1", self.issuer)
    }

    /// The audience of one of its services.
    #[must_use]
    pub fn service_audience(&self, service: &str) -> String {
        format!("{}/api/v1/{service}", self.issuer)
    }

    /// Whether this names the tenant's own APIs or one of its services (RFC 8707 §2).
    #[must_use]
    pub fn is_own_resource(&self, resource: &str) -> bool {
        resource == self.api_audience() || SERVICES.iter().any(|service| resource == self.service_audience(service))
    }
}

/// The services that a tenant's tokens open, each an audience of its own.
pub const SERVICES: [&str; 3] = ["archive", "payments", "storage"];

/// How a request names its tenant. All hints that are given have to agree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hint {
    /// By the path `/t/{slug}` or the header `X-Tenant-Slug`.
    Slug(Slug),
    /// By the header `X-Tenant-ID`.
    Id(TenantId),
    /// By a verified domain.
    Domain(String),
}

/// Why a look-up left nothing in memory.
enum Missing {
    Unknown,
    Failed(Fault),
}

/// Finds tenants.
#[derive(Clone, Debug)]
pub struct Tenants {
    db: Db,
    clock: Clock,
    base: Url,
    /// How long a deleted tenant can be brought back.
    kept: Seconds,
    known: Cache<Hint, Arc<TenantContext>>,
}

impl Tenants {
    /// Over this database, with issuers below the configured public URL.
    #[must_use]
    pub fn new(config: &Config, clock: Clock, db: Db) -> Self {
        let known = Cache::builder().max_capacity(MOST).time_to_live(FRESH).build();
        let kept = Seconds(i64::from(config.tenants.keep_deleted_days) * 86_400);
        Self { db, clock, base: config.public_url.clone(), kept, known }
    }

    /// The tenant of this hint, whatever its status. Unknown ones are not remembered, so a new tenant answers at once.
    pub async fn find(&self, hint: &Hint) -> Result<Option<Arc<TenantContext>>> {
        // What is known needs none of what finding out does, which is large and rare.
        match self.known.get(hint).await {
            Some(known) => Ok(Some(known)),
            None => Box::pin(self.find_out(hint)).await,
        }
    }

    async fn find_out(&self, hint: &Hint) -> Result<Option<Arc<TenantContext>>> {
        let load = async {
            let found = match hint {
                Hint::Slug(slug) => store::by_slug(&self.db, slug).await,
                Hint::Id(id) => store::by_id(&self.db, id).await,
                Hint::Domain(domain) => store::by_domain(&self.db, domain).await,
            };
            match found {
                Ok(Some(tenant)) => Ok(Arc::new(self.context(tenant))),
                Ok(None) => Err(Missing::Unknown),
                Err(error) => Err(Missing::Failed(Fault::from(error))),
            }
        };
        match self.known.try_get_with_by_ref(hint, load).await {
            Ok(found) => Ok(Some(found)),
            Err(missing) => match &*missing {
                Missing::Unknown => Ok(None),
                Missing::Failed(fault) => Err(fault.clone().into()),
            },
        }
    }

    /// As [`Tenants::find`], for serving it: unknown and suspended tenants are refused, differently.
    pub async fn serve(&self, hint: &Hint) -> Result<Arc<TenantContext>> {
        let nobody = || Stop::refuse(Code::NotFound, "there is no such tenant");
        let found = self.find(hint).await?.ok_or_else(nobody)?;
        if found.life.expires_at.is_some_and(|end| end <= self.clock.now()) {
            return Err(nobody());
        }
        match found.status {
            TenantStatus::Active => Ok(found),
            TenantStatus::Suspended => Err(Stop::refuse(Code::TenantSuspended, "this tenant is suspended")),
            TenantStatus::Deleted => Err(nobody()),
        }
    }

    /// What follows from a tenant's record.
    #[must_use]
    pub fn context(&self, tenant: Tenant) -> TenantContext {
        let issuer = match &tenant.settings.domain {
            Some(domain) => {
                let port = self.base.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("{}://{domain}{port}", self.base.scheme())
            }
            None => format!("{}/t/{}", self.base.as_str().trim_end_matches('/'), tenant.slug),
        };
        TenantContext::new(tenant, issuer)
    }
}
