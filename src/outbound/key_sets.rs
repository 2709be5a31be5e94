//! What was fetched from clients' `jwks_uri` (OIDC Core §10.1.1), kept so that neither we nor they are asked too often.

use std::sync::Arc;

use moka::future::Cache;
use moka::ops::compute::Op;

use super::FetchError;
use crate::base::{Clock, Seconds, Timestamp};

/// How long a set is used without asking again.
pub(super) const KEPT: Seconds = Seconds(3_600);
/// How often a set is fetched at most, whatever is asked of it.
pub(super) const AGAIN: Seconds = Seconds(60);
/// How many sets are kept.
const MOST: u64 = 1_000;

/// The last attempt at one URL. A set that was fetched before outlives later failures.
#[derive(Clone, Debug)]
struct Attempt {
    at: Timestamp,
    set: Result<Arc<[u8]>, FetchError>,
}

/// Sets by URL.
#[derive(Clone, Debug)]
pub(super) struct KeySets {
    clock: Clock,
    attempts: Cache<String, Attempt>,
}

impl KeySets {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, attempts: Cache::new(MOST) }
    }

    /// The set of this URL, fetched when the last attempt is older than `longest`; failures are repeated after a
    /// minute. Whoever asks meanwhile waits for the one request.
    pub(super) async fn get<F>(
        &self,
        url: &str,
        longest: Seconds,
        fetch: impl FnOnce() -> F + Send,
    ) -> Result<Arc<[u8]>, FetchError>
    where
        F: Future<Output = Result<Vec<u8>, FetchError>> + Send,
    {
        let now = self.clock.now();
        let known = self.attempts.get(url).await.filter(|attempt| attempt.is_fresh(now, longest));
        if let Some(attempt) = known {
            return attempt.set;
        }
        let attempt = self.attempts.entry_by_ref(url).and_compute_with(|entry| async move {
            let before = entry.map(moka::Entry::into_value);
            if before.as_ref().is_some_and(|attempt| attempt.is_fresh(now, longest)) {
                return Op::Nop;
            }
            let set = match (fetch().await, before.map(|attempt| attempt.set)) {
                (Ok(set), _) => Ok(Arc::from(set)),
                (Err(_), Some(Ok(set))) => Ok(set),
                (Err(error), _) => Err(error),
            };
            Op::Put(Attempt { at: now, set })
        });
        attempt.await.into_entry().map_or(Err(FetchError::Unreachable), |entry| entry.into_value().set)
    }
}

impl Attempt {
    fn is_fresh(&self, now: Timestamp, longest: Seconds) -> bool {
        let longest = if self.set.is_ok() { longest } else { AGAIN };
        now.since(self.at) < longest
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const URL: &str = "https://client.test/jwks";

    struct Site {
        sets: KeySets,
        asked: AtomicUsize,
    }

    impl Site {
        fn new() -> (Self, Clock) {
            let clock = Clock::fixed(Timestamp(1_000));
            (Self { sets: KeySets::new(clock.clone()), asked: AtomicUsize::new(0) }, clock)
        }

        async fn get(&self, longest: Seconds, answer: Result<&str, FetchError>) -> Result<Arc<[u8]>, FetchError> {
            let fetch = || async {
                self.asked.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                answer.map(|text| text.as_bytes().to_vec())
            };
            self.sets.get(URL, longest, fetch).await
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn an_unknown_key_asks_again_at_most_once_a_minute() {
        let (site, clock) = Site::new();
        assert_eq!(&*site.get(KEPT, Ok("1")).await.unwrap(), b"1");
        for _ in 0..10 {
            assert_eq!(&*site.get(AGAIN, Ok("2")).await.unwrap(), b"1");
        }
        assert_eq!(site.asked(), 1);
        clock.advance(Seconds(60));
        assert_eq!(&*site.get(KEPT, Ok("2")).await.unwrap(), b"1");
        assert_eq!(&*site.get(AGAIN, Ok("2")).await.unwrap(), b"2");
        assert_eq!(site.asked(), 2);
    }

    #[tokio::test]
    async fn many_who_ask_at_once_are_one_request() {
        let (site, _) = Site::new();
        let all = tokio::join!(site.get(KEPT, Ok("1")), site.get(KEPT, Ok("1")), site.get(AGAIN, Ok("1")));
        assert!(all.0.is_ok() && all.1.is_ok() && all.2.is_ok());
        assert_eq!(site.asked(), 1);
    }

    #[tokio::test]
    async fn a_failure_is_remembered_for_a_minute_and_takes_no_good_set_away() {
        let (site, clock) = Site::new();
        assert_eq!(site.get(KEPT, Err(FetchError::Unreachable)).await, Err(FetchError::Unreachable));
        assert_eq!(site.get(KEPT, Ok("1")).await, Err(FetchError::Unreachable));
        clock.advance(Seconds(60));
        assert_eq!(&*site.get(KEPT, Ok("1")).await.unwrap(), b"1");
        clock.advance(Seconds(60));
        assert_eq!(&*site.get(AGAIN, Err(FetchError::Unreachable)).await.unwrap(), b"1");
        assert_eq!(site.asked(), 3);
    }
}
