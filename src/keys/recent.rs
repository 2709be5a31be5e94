//! Tokens whose signature was found right a moment ago. Verifying one costs as much as several signatures, and a client
//! sends the same token many times: the second time its digest is looked up. Whether the key may still be used, and
//! what the claims mean now, is asked every time.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use sha2::{Digest as _, Sha256};

use super::{Algorithm, Claims};
use crate::base::TenantId;

/// Bytes of token text; what is kept of a token is about as large.
const CAPACITY: u64 = 8 * 1024 * 1024;
const KEPT: Duration = Duration::from_mins(2);

/// What was found, and with which key.
pub(super) struct Found {
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
    pub(super) claims: Claims,
    len: u32,
}

/// SHA-256 over tenant, `typ` and the whole token: a token that differs in anything is another one.
pub(super) type Name = [u8; 32];

#[derive(Clone)]
pub(super) struct Recent(Cache<Name, Arc<Found>>);

impl Recent {
    pub(super) fn new() -> Self {
        let cache = Cache::builder().weigher(|_, found: &Arc<Found>| found.len).max_capacity(CAPACITY);
        Self(cache.time_to_live(KEPT).build())
    }

    pub(super) fn name(tenant: &TenantId, typ: &str, token: &str) -> Name {
        let mut digest = Sha256::new();
        for part in [tenant.as_str(), typ] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.update(token);
        digest.finalize().into()
    }

    pub(super) fn get(&self, name: &Name) -> Option<Arc<Found>> {
        self.0.get(name)
    }

    pub(super) fn keep(&self, name: Name, kid: &str, algorithm: Algorithm, claims: &Claims, token: &str) {
        let len = u32::try_from(token.len()).unwrap_or(u32::MAX);
        self.0.insert(name, Arc::new(Found { kid: kid.to_owned(), algorithm, claims: claims.clone(), len }));
    }
}
