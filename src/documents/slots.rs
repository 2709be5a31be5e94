//! How many queries of one tenant run at a time, so that the others find a free connection (W-094).

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::base::{Code, Refusal, Result, Seconds, TenantId};

/// Queries of one tenant at a time.
const AT_A_TIME: usize = 3;
/// How long one waits for its turn.
const WAITING: Duration = Duration::from_secs(10);

/// The turns of all tenants.
#[derive(Clone, Debug)]
pub struct Slots(Cache<TenantId, Arc<Semaphore>>);

impl Default for Slots {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_idle(Duration::from_mins(10)).build())
    }
}

impl Slots {
    /// Waits for a turn, which ends when it is dropped.
    ///
    /// # Errors
    /// Too many wait.
    pub async fn take(&self, tenant: &TenantId) -> Result<OwnedSemaphorePermit> {
        let turns = self.0.get_with(tenant.clone(), || Arc::new(Semaphore::new(AT_A_TIME)));
        let Ok(turn) = tokio::time::timeout(WAITING, turns.acquire_owned()).await else {
            let busy = Refusal::new(Code::TooManyRequests, "too many long queries of this tenant run already");
            return Err(busy.retry_after(Seconds(5)).into());
        };
        Ok(turn?)
    }
}
