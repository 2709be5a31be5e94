//! How long the audit trail is kept: where the tenant says so, older rows are removed from the beginning of the chain,
//! and the hash there is kept and signed, so that what is left still fits.

use serde_json::json;

use super::Audit;
use crate::base::{Result, Seconds, TenantId, Timestamp};
use crate::store::audit::{self, Event};
use crate::store::audit_chain as store;
use crate::store::tenants;

/// Rows that are removed in one transaction.
const BATCH: i64 = 1_000;
/// Transactions for one tenant in a row; what is left is removed the next time.
const ROUNDS: usize = 200;
/// Tenants that are looked at together.
const TENANTS: i64 = 500;
/// A day.
const DAY: i64 = 86_400;

impl Audit {
    /// Removes what each tenant has kept long enough; answers how many rows that were.
    pub async fn retire(&self) -> Result<u64> {
        let (mut removed, mut after) = (0, TenantId::from(""));
        loop {
            let found = tenants::with_audit_retention(&self.db, &after, TENANTS).await?;
            let Some((last, _)) = found.last() else { return Ok(removed) };
            after = last.clone();
            for (tenant, days) in found {
                let before = self.clock.now().minus(Seconds(days.saturating_mul(DAY)));
                removed += self.retire_of(&tenant, before).await?;
            }
        }
    }

    async fn retire_of(&self, tenant: &TenantId, before: Timestamp) -> Result<u64> {
        let mut removed = 0;
        for _ in 0..ROUNDS {
            let count = self.cut(tenant, before).await?;
            if count == 0 {
                break;
            }
            removed += count;
        }
        Ok(removed)
    }

    /// Removes some rows from the beginning; answers how many were old enough.
    async fn cut(&self, tenant: &TenantId, before: Timestamp) -> Result<u64> {
        let mut tx = self.db.begin().await?;
        let Some(mut head) = store::lock(&mut tx, vec![tenant]).await?.into_iter().next() else { return Ok(0) };
        let rows = store::sealed_after(&mut tx, tenant, head.cut_seq, BATCH).await?;
        let Some(last) = rows.into_iter().take_while(|row| row.event.at < before).last() else { return Ok(0) };
        head.cut_seq = last.seq.unwrap_or_default();
        head.cut_hash = last.hash.unwrap_or_default();
        head.mac = self.mac(&head)?;
        let removed = store::cut(&mut tx, &head).await?;
        let detail = json!({ "removed": removed, "up_to": head.cut_seq });
        let event = Event::new(tenant, self.clock.now(), "audit.retired").by("system").detail(detail);
        audit::record(&mut tx, event).await?;
        tx.commit().await?;
        Ok(removed)
    }
}
