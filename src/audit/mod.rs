//! The audit trail once its rows are written: its chain, looking through it, how long it is kept; and beside it, for
//! some days, why requests were refused.

mod chain;
mod looking;
pub mod names;
mod refusals;
mod retention;
mod sealing;
mod tailing;
mod verifying;

use std::sync::Arc;

use tokio::sync::Notify;

pub use looking::{Asked, Place, Seal, Shown};
pub use refusals::{Met, Refusals, ShownRefusal};
pub use tailing::Tail;
pub use verifying::{Misfit, Verdict};

use crate::base::{Clock, Fault};
use crate::keys::Keys;
use crate::store::Db;
use crate::store::audit_chain::Head;

/// The service.
#[derive(Clone, Debug)]
pub struct Audit {
    db: Db,
    clock: Clock,
    keys: Keys,
    /// Rung when rows got their places in this process.
    bell: Arc<Notify>,
}

impl Audit {
    /// Over these services.
    #[must_use]
    pub fn new(db: Db, clock: Clock, keys: Keys) -> Self {
        Self { db, clock, keys, bell: Arc::default() }
    }

    /// What only this server can make of both ends of a chain: whoever writes into the database alone cannot make a
    /// whole chain anew.
    pub fn mac(&self, head: &Head) -> Result<String, Fault> {
        let [seq, hash, cut_seq, cut_hash] = parts_of(head);
        self.keys.mac("audit", &head.tenant_id, &[&seq, &hash, &cut_seq, &cut_hash])
    }
}

/// What is signed of both ends of a chain.
#[must_use]
pub fn parts_of(head: &Head) -> [String; 4] {
    [head.seq.to_string(), head.hash.clone(), head.cut_seq.to_string(), head.cut_hash.clone()]
}
