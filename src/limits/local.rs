//! What this process has counted itself. It is asked only while the shared store fails.

use std::sync::{Arc, Mutex, PoisonError};

use moka::sync::Cache;

use crate::base::{Seconds, TenantId, Timestamp};
use crate::store::counters::Count;

/// Most counters that are remembered; the least used are forgotten first.
const MOST: u64 = 100_000;

type Counter = Arc<Mutex<(i64, Timestamp)>>;

/// The counters.
#[derive(Debug)]
pub(super) struct Local(Cache<(TenantId, String), Counter>);

impl Default for Local {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Local {
    /// Counts one more of each.
    pub(super) fn add(&self, tenant: &TenantId, names: &[String], (now, window): (Timestamp, Seconds)) -> Vec<Count> {
        let counted = names.iter().map(|name| {
            let counter = self.0.get_with((tenant.clone(), name.clone()), Counter::default);
            let mut counter = counter.lock().unwrap_or_else(PoisonError::into_inner);
            if counter.1 <= now {
                *counter = (0, now.plus(window));
            }
            counter.0 += 1;
            Count { name: name.clone(), count: counter.0, ends_at: counter.1 }
        });
        counted.collect()
    }

    /// What they are.
    pub(super) fn look(&self, tenant: &TenantId, names: &[String], now: Timestamp) -> Vec<Count> {
        let found = names.iter().filter_map(|name| {
            let counter = self.0.get(&(tenant.clone(), name.clone()))?;
            let (count, ends_at) = *counter.lock().unwrap_or_else(PoisonError::into_inner);
            (ends_at > now).then(|| Count { name: name.clone(), count, ends_at })
        });
        found.collect()
    }

    /// Begins one again at nothing.
    pub(super) fn forget(&self, tenant: &TenantId, name: &str) {
        self.0.invalidate(&(tenant.clone(), name.to_owned()));
    }
}
