//! Sealing: rows are added by whoever changes something, in no order and without waiting for each other; here they get
//! their places in the chain, a moment later and in batches.

use std::collections::{BTreeMap, BTreeSet};

use super::{Audit, chain};
use crate::base::{Result, TenantId};
use crate::store::audit_chain::{self as store, Head, Kept, Sealed};

/// Rows that get their places in one transaction.
const BATCH: i64 = 500;
/// How often it is tried again when another process is faster.
const TRIES: usize = 5;

impl Audit {
    /// Gives every row that has no place one; answers how many there were. Any number of processes may do this at the
    /// same time.
    pub async fn seal(&self) -> Result<u64> {
        let (mut sealed, mut tries) = (0, 0);
        loop {
            let waiting = store::unsealed(&self.db, BATCH).await?;
            let count = waiting.len();
            if count == 0 {
                break;
            }
            if self.append(waiting).await? {
                sealed += u64::try_from(count).unwrap_or_default();
            } else if tries == TRIES {
                break;
            } else {
                tries += 1;
                continue;
            }
            if i64::try_from(count).is_ok_and(|count| count < BATCH) {
                break;
            }
        }
        if sealed > 0 {
            self.bell.notify_waiters();
        }
        Ok(sealed)
    }

    /// Whether these rows got their places; `false`: somebody else gave some of them theirs.
    async fn append(&self, waiting: Vec<Kept>) -> Result<bool> {
        let tenants: BTreeSet<_> = waiting.iter().map(|row| row.event.tenant_id.clone()).collect();
        let mut tx = self.db.begin().await?;
        let heads = store::lock(&mut tx, tenants.iter().collect()).await?;
        let mut heads: BTreeMap<_, _> = heads.into_iter().map(|head| (head.tenant_id.clone(), head)).collect();
        let rows = link(&mut heads, waiting);
        let mut ends: Vec<_> = heads.into_values().collect();
        for head in &mut ends {
            head.mac = self.mac(head)?;
        }
        if !store::append(&mut tx, &rows, &ends).await? {
            return Ok(false);
        }
        // Whoever has to be told of what happened is noted here, from `rows`: in the transaction that orders them, each
        // row once.
        tx.commit().await?;
        Ok(true)
    }
}

/// Hangs each row on the end of its tenant's chain.
fn link(heads: &mut BTreeMap<TenantId, Head>, waiting: Vec<Kept>) -> Vec<Sealed> {
    let mut rows = Vec::with_capacity(waiting.len());
    for Kept { event, .. } in waiting {
        let Some(head) = heads.get_mut(&event.tenant_id) else { continue };
        let salt = chain::salt();
        let personal = chain::personal(&salt, &event);
        head.seq += 1;
        head.hash = chain::hash(&head.hash, head.seq, &event, &personal);
        rows.push(Sealed { seq: head.seq, event, salt, personal, hash: head.hash.clone() });
    }
    rows
}
