//! Limits on wrong passwords: per account and address, per account, per address. Only failures count, so that nobody
//! is slowed down by signing in; and the limit is looked at again after the hash, so that guesses made in parallel
//! gain nothing over guesses made one by one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use crate::base::{Code, Email, Origin, Refusal, Result, Seconds, TenantId, Timestamp};

/// How long a failure counts.
const WINDOW: Seconds = Seconds(900);
/// Most failures that are remembered apart; the least used are forgotten first.
const MOST_KEYS: u64 = 100_000;

/// Failures allowed for one account from one address.
const ACCOUNT_AT_ADDRESS: usize = 10;
/// Failures allowed for one account from everywhere. Higher, because strangers can cause them.
const ACCOUNT: usize = 100;
/// Failures allowed from one address over all accounts: many people may share it.
const ADDRESS: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    AccountAtAddress(TenantId, String, String),
    Account(TenantId, String),
    Address(TenantId, String),
}

impl Key {
    const fn most(&self) -> usize {
        match self {
            Self::AccountAtAddress(..) => ACCOUNT_AT_ADDRESS,
            Self::Account(..) => ACCOUNT,
            Self::Address(..) => ADDRESS,
        }
    }
}

type Failures = Arc<Mutex<VecDeque<Timestamp>>>;

/// Remembers failures. Cloning shares the memory.
#[derive(Clone, Debug)]
pub(super) struct Limiter {
    off: bool,
    failures: Cache<Key, Failures>,
}

/// What one attempt counts towards.
#[derive(Debug)]
pub(super) struct Attempt([Key; 3]);

impl Attempt {
    pub(super) fn new(tenant: &TenantId, identifier: &str, origin: &Origin) -> Self {
        let account = Email::key_of(identifier);
        let address = origin.ip.clone().unwrap_or_default();
        Self([
            Key::AccountAtAddress(tenant.clone(), account.clone(), address.clone()),
            Key::Account(tenant.clone(), account),
            Key::Address(tenant.clone(), address),
        ])
    }
}

impl Limiter {
    pub(super) fn new(off: bool) -> Self {
        let window = Duration::from_secs(WINDOW.0.unsigned_abs());
        Self { off, failures: Cache::builder().max_capacity(MOST_KEYS).time_to_idle(window).build() }
    }

    /// Refuses an attempt that is one too many.
    pub(super) fn check(&self, attempt: &Attempt, now: Timestamp) -> Result<()> {
        let wait = attempt.0.iter().filter_map(|key| self.wait(key, now)).max();
        match wait {
            Some(wait) if !self.off => {
                let text = "too many failed attempts; try again later";
                Err(Refusal::new(Code::TooManyRequests, text).retry_after(wait).into())
            }
            _ => Ok(()),
        }
    }

    /// Counts a failure.
    pub(super) fn failed(&self, attempt: &Attempt, now: Timestamp) {
        for key in &attempt.0 {
            let failures = self.failures.get_with_by_ref(key, Failures::default);
            let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
            if failures.len() >= key.most() {
                failures.pop_front();
            }
            failures.push_back(now);
        }
    }

    /// Forgets the failures of this account at this address: its owner is there.
    pub(super) fn succeeded(&self, attempt: &Attempt) {
        self.failures.invalidate(&attempt.0[0]);
    }

    /// How long until the oldest failure that matters no longer counts.
    fn wait(&self, key: &Key, now: Timestamp) -> Option<Seconds> {
        let failures = self.failures.get(key)?;
        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
        while failures.front().is_some_and(|at| at.plus(WINDOW) <= now) {
            failures.pop_front();
        }
        let full = failures.len() >= key.most();
        failures.front().filter(|_| full).map(|oldest| oldest.plus(WINDOW).since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(account: &str, address: &str) -> Attempt {
        let origin = Origin { ip: Some(address.to_owned()), ..Origin::default() };
        Attempt::new(&TenantId::from("t"), account, &origin)
    }

    #[test]
    fn u2_the_eleventh_guess_waits_however_the_name_is_spelt() {
        let limiter = Limiter::new(false);
        for second in 0..10 {
            limiter.check(&attempt(" Ada@x.test", "1.1.1.1"), Timestamp(second)).unwrap();
            limiter.failed(&attempt("ADA@X.test ", "1.1.1.1"), Timestamp(second));
        }
        assert!(limiter.check(&attempt("ada@x.test", "1.1.1.1"), Timestamp(10)).is_err());
        assert!(limiter.check(&attempt("ada@x.test", "1.1.1.1"), Timestamp(900)).is_ok(), "the window slides");
    }

    #[test]
    fn w118_strangers_failures_do_not_lock_the_owner_out() {
        let limiter = Limiter::new(false);
        for _ in 0..50 {
            limiter.failed(&attempt("ada@x.test", "6.6.6.6"), Timestamp(1));
        }
        assert!(limiter.check(&attempt("ada@x.test", "6.6.6.6"), Timestamp(1)).is_err());
        assert!(limiter.check(&attempt("ada@x.test", "1.1.1.1"), Timestamp(1)).is_ok());
    }

    #[test]
    fn u2_guessing_across_accounts_or_addresses_ends_too() {
        let limiter = Limiter::new(false);
        for number in 0..100 {
            limiter.failed(&attempt(&format!("user{number}"), "6.6.6.6"), Timestamp(1));
            limiter.failed(&attempt("bob", &format!("7.7.7.{number}")), Timestamp(1));
        }
        assert!(limiter.check(&attempt("fresh", "6.6.6.6"), Timestamp(1)).is_err());
        assert!(limiter.check(&attempt("bob", "8.8.8.8"), Timestamp(1)).is_err());
        assert!(limiter.check(&attempt("fresh", "8.8.8.8"), Timestamp(1)).is_ok());
    }

    #[test]
    fn the_test_switch_turns_it_off() {
        let limiter = Limiter::new(true);
        for _ in 0..200 {
            limiter.failed(&attempt("ada", "6.6.6.6"), Timestamp(1));
        }
        assert!(limiter.check(&attempt("ada", "6.6.6.6"), Timestamp(1)).is_ok());
    }
}
