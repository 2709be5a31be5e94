//! What is counted about hashing, by tenant: how much, how long it waited, how much was refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

use crate::base::TenantId;

/// Most tenants that are counted apart; the others are counted together.
const MOST: usize = 100;

/// The figures of all tenants. Cloning shares them.
#[derive(Clone, Default)]
pub(super) struct Figures(Arc<Mutex<HashMap<TenantId, Figure>>>);

/// One tenant's.
#[derive(Clone)]
pub(super) struct Figure(Arc<Named>);

struct Named {
    begun: Counter,
    refused: Counter,
    waited: Histogram,
}

impl Figures {
    /// This tenant's, or those of all who came too late for figures of their own.
    pub(super) fn of(&self, tenant: &TenantId) -> Figure {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let other = TenantId::from("other");
        let name = if known.contains_key(tenant) || known.len() < MOST { tenant } else { &other };
        known.entry(name.clone()).or_insert_with(|| Figure::named(name)).clone()
    }
}

impl Figure {
    fn named(tenant: &TenantId) -> Self {
        let tenant = [("tenant", tenant.to_string())];
        Self(Arc::new(Named {
            begun: counter!("chancery_passwords_total", &tenant),
            refused: counter!("chancery_passwords_refused_total", &tenant),
            waited: histogram!("chancery_password_wait_seconds", &tenant),
        }))
    }

    /// A hash is begun after this long a wait.
    pub(super) fn began(&self, waited: Duration) {
        self.0.begun.increment(1);
        self.0.waited.record(waited.as_secs_f64());
    }

    /// One was refused: the tenant has too many waiting.
    pub(super) fn refused(&self) {
        self.0.refused.increment(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_beyond_the_first_hundred_share_one_figure() {
        let figures = Figures::default();
        for number in 0..1_000 {
            figures.of(&TenantId::from(format!("t{number}"))).refused();
        }
        assert_eq!(figures.0.lock().unwrap().len(), MOST + 1);
        assert!(figures.0.lock().unwrap().contains_key(&TenantId::from("other")));
    }
}
