//! New keys. The elliptic ones are made on the spot; RSA keys take a tenth of a second of a core, so where tenants
//! come one after another a few are made ahead, off the request threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{NewKey, SigningAlgorithm};
use crate::base::Fault;

/// A tenant takes two at once: one that signs and one that will.
const KEPT_READY: usize = 2;

/// A server of a few tenants never needs the stock: it begins to be kept after this many.
const FEW: usize = 6;

#[derive(Clone, Default)]
pub(super) struct Pool {
    ready: Arc<Mutex<Vec<NewKey>>>,
    taken: Arc<AtomicUsize>,
    filling: Arc<AtomicBool>,
}

impl Pool {
    /// A key that nobody else has.
    pub(super) async fn take(&self, algorithm: SigningAlgorithm) -> Result<NewKey, Fault> {
        if algorithm != SigningAlgorithm::RS256 {
            return NewKey::generate(algorithm);
        }
        let ready = self.lock().pop();
        let key = match ready {
            Some(key) => key,
            None => tokio::task::spawn_blocking(move || NewKey::generate(algorithm)).await??,
        };
        if self.taken.fetch_add(1, Ordering::Relaxed) >= FEW {
            self.fill();
        }
        Ok(key)
    }

    fn fill(&self) {
        if self.filling.swap(true, Ordering::AcqRel) {
            return;
        }
        let pool = self.clone();
        tokio::task::spawn_blocking(move || {
            while pool.lock().len() < KEPT_READY
                && let Ok(key) = NewKey::generate(SigningAlgorithm::RS256)
            {
                pool.lock().push(key);
            }
            pool.filling.store(false, Ordering::Release);
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<NewKey>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
