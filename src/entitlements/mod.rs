//! What somebody has paid for: which plans, and what these open.

mod entitled;

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

pub use self::entitled::{Entitled, is_reserved};
pub use crate::store::plans::Quotas;

use crate::base::{Clock, Result, TenantId};
use crate::store::plans::{self, Plan};
use crate::store::{Db, entitlements};

/// How long a change of a plan on another node may go unnoticed.
const FRESH: Duration = Duration::from_secs(1);
/// Of how many tenants the plans are remembered.
const MOST: u64 = 10_000;

/// Tells who has what. Cloning shares what is remembered.
#[derive(Clone, Debug)]
pub struct Entitlements {
    db: Db,
    clock: Clock,
    plans: Cache<TenantId, Arc<Vec<Plan>>>,
}

impl Entitlements {
    /// Over this database.
    #[must_use]
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, plans: Cache::builder().max_capacity(MOST).time_to_live(FRESH).build() }
    }

    /// What this person or client has now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn of(&self, tenant: &TenantId, subject: &str) -> Result<Entitled> {
        let plans = self.plans(tenant).await?;
        // Where nothing is sold, nobody needs to have bought anything.
        if plans.is_empty() {
            return Ok(Entitled::default());
        }
        let keys = entitlements::live(&self.db, tenant, subject, self.clock.now()).await?;
        Ok(Entitled::with(&plans, &keys))
    }

    /// The plans that open a scope; none: it is not sold, or not known.
    ///
    /// # Errors
    /// The database failed.
    pub async fn plans_with(&self, tenant: &TenantId, scope: &str) -> Result<Vec<String>> {
        let plans = self.plans(tenant).await?;
        let with = plans.iter().filter(|plan| plan.definition.scopes.contains(scope));
        Ok(with.map(|plan| plan.key.clone()).collect())
    }

    /// All plans of a tenant.
    ///
    /// # Errors
    /// The database failed.
    pub async fn plans(&self, tenant: &TenantId) -> Result<Arc<Vec<Plan>>> {
        if let Some(known) = self.plans.get(tenant) {
            return Ok(known);
        }
        let plans = Arc::new(plans::all(&self.db, tenant).await?);
        self.plans.insert(tenant.clone(), Arc::clone(&plans));
        Ok(plans)
    }

    /// A plan of this tenant has changed here.
    pub fn changed(&self, tenant: &TenantId) {
        self.plans.invalidate(tenant);
    }
}
