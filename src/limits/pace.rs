//! How many requests a tenant may make in a minute, where its plan says so. A process takes a share of the minute's
//! requests from the counter that all share, and gives them out without asking anybody; together the processes never
//! give out more than there are. A process that is alone counts in its memory.

use std::sync::Arc;

use moka::sync::Cache;
use tokio::sync::Mutex;

use super::{Limits, standing, stricter, too_many};
use crate::base::{Result, Seconds, TenantId, Timestamp};
use crate::store::counters::Count;

const MINUTE: Seconds = Seconds(60);
/// Most tenants whose shares are remembered.
const MOST: u64 = 20_000;
/// The counter's name.
const NAME: &str = "requests";

/// What this process may still give out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    /// How many there are in the minute, for all.
    most: i64,
    /// How many of these the processes have taken.
    taken: i64,
    /// How many of those that this one took are left.
    left: i64,
    /// When the minute ends.
    ends_at: Timestamp,
}

/// The shares of all tenants with such a limit.
#[derive(Debug)]
pub(super) struct Shares(Cache<TenantId, Arc<Mutex<Share>>>);

impl Default for Shares {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Limits {
    /// Counts a request of a tenant that may make so many in a minute.
    ///
    /// # Errors
    /// `TooManyRequests`: it is one too many.
    pub async fn request(&self, tenant: &TenantId, most: u64) -> Result<()> {
        if self.0.off {
            return Ok(());
        }
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let share = self.0.shares.0.get_with(tenant.clone(), Arc::default);
        let mut share = share.lock().await;
        let now = self.0.clock.now();
        if share.ends_at <= now || share.most != most {
            *share = Share { most, ends_at: now.plus(MINUTE), ..Share::default() };
        }
        if share.left == 0 && share.taken < most {
            *share = self.take(tenant, *share).await;
        }
        let passes = share.left > 0;
        share.left -= i64::from(passes);
        let reset = share.ends_at.since(now);
        standing::note(standing::Standing { limit: most, remaining: most - share.taken + share.left, reset });
        if passes {
            return Ok(());
        }
        metrics::counter!("chancery_limited_total", "by" => "plan").increment(1);
        Err(too_many("too many requests; try again later", reset).into())
    }

    /// Takes some of what is left for all.
    async fn take(&self, tenant: &TenantId, share: Share) -> Share {
        if self.0.counters.is_private() {
            return Share { taken: share.most, left: share.most, ..share };
        }
        let wanted = (share.most / 10).clamp(1, 100);
        match self.0.counters.take(tenant, NAME, wanted, (self.0.clock.now(), MINUTE)).await {
            Ok(Count { count, ends_at, .. }) => {
                let left = (wanted - (count - share.most).max(0)).max(0);
                Share { taken: count.min(share.most), left, ends_at, ..share }
            }
            Err(fault) => {
                Self::without_store(&fault, Vec::new());
                // The counter is not asked again in this minute.
                Share { taken: share.most, left: stricter(share.most), ..share }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::limits;
    use super::*;
    use crate::base::Clock;
    use crate::store::Db;
    use crate::store::testing::{databases, tenant};

    async fn passes(limits: &Limits, tenant: &TenantId, most: u64) -> bool {
        limits.request(tenant, most).await.is_ok()
    }

    #[tokio::test]
    async fn a_minute_has_so_many_requests_and_the_next_one_as_many_again() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let clock = Clock::fixed(Timestamp(1_000));
            let limits = limits(&db, &clock, false);
            for number in 0..40 {
                assert_eq!(passes(&limits, &one, 25).await, number < 25, "{number}");
            }
            assert!(passes(&limits, &two, 25).await, "another tenant");
            clock.advance(Seconds(59));
            assert!(!passes(&limits, &one, 25).await);
            assert!(passes(&limits, &one, 30).await, "a larger plan holds at once");
            clock.advance(Seconds(61));
            assert!(passes(&limits, &one, 25).await);
        }
    }

    #[tokio::test]
    async fn two_processes_give_out_no_more_than_there_are() {
        for db in databases().await {
            if matches!(db, Db::Sqlite { .. }) {
                continue;
            }
            let one = tenant(&db, "one").await;
            let clock = Clock::fixed(Timestamp(1_000));
            let both = [limits(&db, &clock, false), limits(&db, &clock, false)];
            let mut passed = 0;
            for number in 0..60 {
                passed += i32::from(passes(&both[number % 2], &one, 30).await);
            }
            assert_eq!(passed, 30);
        }
    }

    #[tokio::test]
    async fn many_at_once_are_no_more_than_there_are() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            let limits = limits(&db, &Clock::fixed(Timestamp(1_000)), false);
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..50 {
                let (limits, one) = (limits.clone(), one.clone());
                all.spawn(async move { passes(&limits, &one, 17).await });
            }
            assert_eq!(all.join_all().await.into_iter().filter(|passed| *passed).count(), 17);
        }
    }
}
