//! Who in this process waits to hear that documents of a tenant have changed. Other processes are not heard; whoever
//! waits looks by itself from time to time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::Notify;

use crate::base::TenantId;

/// The bells of all tenants.
#[derive(Clone, Debug)]
pub struct Bells {
    all: Cache<TenantId, Arc<Notify>>,
    silent: Arc<AtomicBool>,
}

impl Default for Bells {
    fn default() -> Self {
        let all = Cache::builder().max_capacity(100_000).time_to_idle(Duration::from_hours(1)).build();
        Self { all, silent: Arc::default() }
    }
}

impl Bells {
    /// Says that something has changed.
    pub fn tell(&self, tenant: &TenantId) {
        if let Some(bell) = self.all.get(tenant) {
            bell.notify_waiters();
        }
    }

    /// What is rung when something has changed; everybody who holds one listens.
    #[must_use]
    pub fn bell(&self, tenant: &TenantId) -> Arc<Notify> {
        self.all.get_with(tenant.clone(), || Arc::new(Notify::new()))
    }

    /// Rings all of them for the last time.
    pub fn fall_silent(&self) {
        self.silent.store(true, Ordering::Relaxed);
        self.all.iter().for_each(|(_, bell)| bell.notify_waiters());
    }

    /// Whether they have been rung for the last time.
    #[must_use]
    pub fn are_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed)
    }
}
