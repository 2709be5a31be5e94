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

/// The keys of the plans that open a scope, or what it is a part of; none: it is not sold.
#[must_use]
pub fn plans_with(plans: &[Plan], scope: &str) -> Vec<String> {
    let wide = entitled::wider(scope);
    let opens = |plan: &&Plan| {
        let scopes = &plan.definition.scopes;
        scopes.contains(scope) || wide.is_some_and(|wide| scopes.contains(wide))
    };
    plans.iter().filter(opens).map(|plan| plan.key.clone()).collect()
}
