//! Following the trail as it grows.

use std::time::Duration;

use super::{Asked, Audit, Shown};
use crate::base::{Code, Refusal, Result, TenantId};
use crate::store::audit_chain as store;

/// Rows that are looked at together.
const TOGETHER: i64 = 500;
/// How long one waits until looking by oneself: other processes seal rows, too.
const PULSE: Duration = Duration::from_secs(1);

/// A trail that is being followed.
#[derive(Clone, Debug)]
pub struct Tail {
    tenant: TenantId,
    asked: Asked,
    seen: i64,
}

impl Tail {
    /// The last place that was looked at.
    #[must_use]
    pub const fn seen(&self) -> i64 {
        self.seen
    }
}

impl Audit {
    /// Begins to follow, from now on or from after a place that was seen before.
    ///
    /// # Errors
    /// `cursor_expired`: what came after that place is not kept any more. `invalid_cursor`: there is no such place.
    pub async fn tail(&self, tenant: &TenantId, asked: Asked, from: Option<i64>) -> Result<Tail> {
        let (cut, last) = store::head(&self.db, tenant).await?.map_or((0, 0), |head| (head.cut_seq, head.seq));
        let seen = from.unwrap_or(last);
        if seen > last || seen < 0 {
            return Err(Refusal::new(Code::InvalidCursor, "there has been no such event").into());
        }
        if seen < cut {
            return Err(Refusal::new(Code::CursorExpired, "what came after this event is not kept any more").into());
        }
        Ok(Tail { tenant: tenant.clone(), asked, seen })
    }

    /// What has happened since, each with its place; nothing, if that is so for about a second.
    pub async fn news(&self, tail: &mut Tail) -> Result<Vec<(i64, Shown)>> {
        let rung = self.bell.notified();
        tokio::pin!(rung);
        // From here on no ring is missed.
        rung.as_mut().enable();
        let news = self.since(tail).await?;
        if !news.is_empty() || tokio::time::timeout(PULSE, rung).await.is_err() {
            return Ok(news);
        }
        self.since(tail).await
    }

    async fn since(&self, tail: &mut Tail) -> Result<Vec<(i64, Shown)>> {
        let rows = store::sealed_after(&self.db, &tail.tenant, tail.seen, TOGETHER).await?;
        tail.seen = rows.last().and_then(|row| row.seq).unwrap_or(tail.seen);
        let wanted = rows.into_iter().filter(|row| tail.asked.takes(&row.event));
        Ok(wanted.map(|row| (row.seq.unwrap_or_default(), Shown::from(row))).collect())
    }
}
