//! Rotation: by command, by schedule, and the end of a key before its time.

use super::{Keys, SigningAlgorithm};
use crate::base::{Fault, Kid, Result, TenantId};
use crate::store::audit::{self, Event};
use crate::store::keys::{self as rows, Rotation, SigningKey};

/// What one run of the schedule does at most of each kind, so that its time does not grow with the tenants.
const BATCH: i64 = 50;

/// What the schedule did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Keys that were followed by their next.
    pub rotated: u64,
    /// Keys whose tokens are all dead, no longer published.
    pub retired: u64,
    /// Keys deleted for good.
    pub forgotten: u64,
}

impl Rotated {
    /// Whether there may be more to do at once.
    #[must_use]
    pub fn was_full(&self) -> bool {
        [self.rotated, self.retired, self.forgotten].iter().any(|count| *count >= BATCH.unsigned_abs())
    }
}

impl Keys {
    /// Next becomes current, current previous, and a new next is published. Answers the kid that signs now; when
    /// somebody else rotated at the same time, theirs. `actor` goes into the audit trail.
    pub async fn rotate(&self, tenant: &TenantId, algorithm: SigningAlgorithm, actor: &str) -> Result<Kid> {
        let none = || Fault::new(format!("no {algorithm} key signs"));
        let current = self.fresh_ring(tenant, &[algorithm]).await?.current_kid(algorithm).ok_or_else(none)?;
        self.follow(tenant, algorithm, current, actor).await?;
        let signs = self.ring(tenant, &[algorithm]).await?.current_kid(algorithm);
        Ok(signs.ok_or_else(none)?)
    }

    /// All keys of a tenant that are published, oldest of an algorithm first.
    pub async fn list(&self, tenant: &TenantId) -> Result<Vec<SigningKey>> {
        Ok(rows::published(&self.db, tenant).await?)
    }

    /// Ends a previous key at once: for one that has become known. Its tokens are refused from now on. `false`: the
    /// tenant has no previous key of this name (rotate first).
    pub async fn revoke(&self, tenant: &TenantId, kid: &Kid, actor: &str) -> Result<bool> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let ended = rows::revoke(&mut tx, tenant, kid, now).await?;
        if ended {
            let event = Event::new(tenant, now, "signing_key.revoked").on(kid.as_str()).by(actor);
            audit::record(&mut tx, event).await?;
            tx.commit().await?;
            self.fresh_ring(tenant, &[]).await?;
        }
        Ok(ended)
    }

    /// What is due by the schedule, in bounded batches.
    pub async fn rotate_due(&self) -> Result<Rotated> {
        let now = self.clock.now();
        let mut done = Rotated::default();
        for due in rows::current_since(&self.db, now.minus(self.schedule.rotate_after), BATCH).await? {
            if let Ok(algorithm) = due.alg.parse()
                && self.follow(&due.tenant_id, algorithm, due.kid, "schedule").await?
            {
                done.rotated += 1;
            }
        }
        done.retired = rows::retire(&self.db, now, BATCH).await?;
        done.forgotten = rows::forget(&self.db, now.minus(self.schedule.keep_retired), BATCH).await?;
        Ok(done)
    }

    /// Rotates if `current` still signs. The new key is made before the transaction begins.
    async fn follow(&self, tenant: &TenantId, algorithm: SigningAlgorithm, current: Kid, actor: &str) -> Result<bool> {
        let now = self.clock.now();
        let next = self.next_row(tenant, algorithm, now).await?;
        let event = Event::new(tenant, now, "key.rotated").on(current.as_str()).by(actor);
        // Other processes sign with the old key until they notice.
        let retires_at = now.plus(self.schedule.keep_previous).plus(self.schedule.notice_within);
        let mut tx = self.db.begin().await?;
        let won = rows::rotate(&mut tx, &Rotation { current, now, retires_at, next }).await?;
        if won {
            audit::record(&mut tx, event).await?;
            tx.commit().await?;
        } else {
            // Reading the keys again needs a connection: who keeps one meanwhile can wait for himself.
            drop(tx);
        }
        self.fresh_ring(tenant, &[]).await?;
        Ok(won)
    }
}
