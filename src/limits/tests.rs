//! Limits on guesses and acts, over every store.

use super::puzzle::zero_bits;
use super::*;
use crate::base::{Secret, Stop, Timestamp};
use crate::config::Overrides;
use crate::keys::{MasterKey, Schedule};
use crate::store::Db;
use crate::store::browser_sessions::Shelf;
use crate::store::reader::Reader;
use crate::store::testing::{databases, tenant};
use sha2::Digest as _;

/// Limits over a test's database; `off` as with the switch for test suites.
pub(crate) fn limits(db: &Db, clock: &Clock, off: bool) -> Limits {
    let counters = Counters::beside(&Shelf::Database(db.clone(), Reader::start(db.clone())));
    over(counters, db, clock, off)
}

fn over(counters: Counters, db: &Db, clock: &Clock, off: bool) -> Limits {
    let mut config = Config::load(&Overrides::default()).unwrap();
    config.testing.rate_limits_off = off;
    config.limits.puzzle = 6;
    let master = MasterKey::parse(&MasterKey::generate()).unwrap();
    let keys = Keys::new(db.clone(), master, clock.clone(), Schedule::default()).unwrap();
    Limits::new(&config, clock.clone(), counters, keys)
}

async fn places() -> Vec<(Limits, Clock, TenantId)> {
    let mut places = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
    let redis = std::env::var("TEST_REDIS").unwrap_or_default();
    for db in databases().await {
        let (id, clock) = (tenant(&db, "one").await, Clock::fixed(Timestamp(1_000_000)));
        if !redis.is_empty() {
            let shelf = Shelf::open(&redis, db.clone(), Reader::start(db.clone())).await.unwrap();
            let other = tenant(&db, "redis").await;
            places.push((over(Counters::beside(&shelf), &db, &clock, false), clock.clone(), other));
        }
        places.push((limits(&db, &clock, false), clock, id));
    }
    places
}

fn at(address: &str) -> Origin {
    Origin { ip: Some(address.to_owned()), ..Origin::default() }
}

async fn fail(limits: &Limits, tenant: &TenantId, account: &str, address: &str) {
    limits.failed(&limits.attempt(tenant, account, &at(address))).await;
}

async fn refusal(limits: &Limits, attempt: &Attempt) -> Option<Refusal> {
    match limits.check(attempt, &limits.look(attempt).await) {
        Ok(()) => None,
        Err(Stop::Refused(refusal)) => Some(refusal),
        Err(Stop::Failed(fault)) => panic!("{}", fault.chain()),
    }
}

async fn tries(limits: &Limits, tenant: &TenantId, account: &str, address: &str) -> bool {
    refusal(limits, &limits.attempt(tenant, account, &at(address))).await.is_none()
}

#[tokio::test]
async fn u2_the_eleventh_guess_waits_however_the_name_is_spelt() {
    for (limits, clock, one) in places().await {
        for _ in 0..10 {
            assert!(tries(&limits, &one, " Ada@x.test", "1.1.1.1").await);
            fail(&limits, &one, "ADA@X.test ", "1.1.1.1").await;
            clock.advance(Seconds(1));
        }
        let refused = refusal(&limits, &limits.attempt(&one, "ada@x.test", &at("1.1.1.1"))).await.unwrap();
        assert_eq!((refused.code, refused.retry_after), (Code::TooManyRequests, Some(Seconds(890))));
        assert!(refused.members.is_empty(), "no puzzle buys more guesses at one place: {:?}", refused.members);
        clock.advance(Seconds(890));
        assert!(tries(&limits, &one, "ada@x.test", "1.1.1.1").await, "the window is over");
    }
}

#[tokio::test]
async fn w118_strangers_failures_do_not_lock_the_owner_out() {
    for (limits, _, one) in places().await {
        for number in 0..100 {
            fail(&limits, &one, "ada@x.test", &format!("6.6.6.{}", number % 9)).await;
        }
        assert!(!tries(&limits, &one, "ada@x.test", "6.6.6.6").await);
        let owner = Origin { device: Some(Secret::generate()), ..at("1.1.1.1") };
        let mut attempt = limits.attempt(&one, "ada@x.test", &owner);
        let refused = refusal(&limits, &attempt).await.unwrap();
        assert_eq!(refused.members["challenge"]["bits"], 6);
        attempt.excuse(Excuse::Known);
        assert!(refusal(&limits, &attempt).await.is_none(), "a known browser passes");
        for _ in 0..10 {
            limits.failed(&attempt).await;
        }
        assert!(refusal(&limits, &attempt).await.is_some(), "but does not guess for ever");
        assert!(tries(&limits, &one, "bob@x.test", "1.1.1.1").await);
    }
}

#[tokio::test]
async fn u2_guessing_across_accounts_addresses_or_spellings_of_an_address_ends_too() {
    for (limits, _, one) in places().await {
        for number in 0..100 {
            fail(&limits, &one, &format!("user{number}"), "6.6.6.6").await;
            fail(&limits, &one, &format!("user{number}"), &format!("2001:db8:1:2::{number:x}")).await;
        }
        for taken in ["6.6.6.6", "::ffff:6.6.6.6", "2001:db8:1:2:3:4:5:6"] {
            assert!(!tries(&limits, &one, "fresh", taken).await, "{taken}");
        }
        assert!(tries(&limits, &one, "fresh", "2001:db8:1:3::1").await);
        assert!(tries(&limits, &one, "fresh", "8.8.8.8").await);
    }
}

#[tokio::test]
async fn a_tenant_under_attack_asks_strangers_for_a_puzzle_and_each_solution_is_good_once() {
    for (limits, clock, one) in places().await {
        for _ in 0..999 {
            limits.add(&one, &["tenant:".to_owned()], Seconds(900)).await;
        }
        assert!(tries(&limits, &one, "ada", "1.1.1.1").await);
        fail(&limits, &one, "eve", "6.6.6.6").await;
        let attempt = limits.attempt(&one, "ada", &at("1.1.1.1"));
        let challenge = refusal(&limits, &attempt).await.unwrap().members["challenge"].clone();
        let solved = solution(&challenge);
        let puzzle = challenge["puzzle"].as_str().unwrap();
        let unsolved = (0..u32::MAX).map(|number| format!("{puzzle}:{number}")).find(|text| bits(text) < 6).unwrap();
        let other = limits.attempt(&one, "bob", &at("1.1.1.1"));
        assert!(!limits.spend(&other, &solved).await, "it is for one account");
        for wrong in ["", ":", "x:1", unsolved.as_str(), &"x".repeat(2_000)] {
            assert!(!limits.spend(&attempt, wrong).await, "{wrong}");
        }
        assert!(limits.spend(&attempt, &solved).await);
        assert!(!limits.spend(&attempt, &solved).await, "it is good once");
        let late = solution(&refusal(&limits, &attempt).await.unwrap().members["challenge"]);
        clock.advance(Seconds(300));
        assert!(!limits.spend(&attempt, &late).await, "it is too old");
    }
}

fn bits(text: &str) -> u32 {
    zero_bits(&sha2::Sha256::digest(text.as_bytes()))
}

fn solution(challenge: &serde_json::Value) -> String {
    let (puzzle, wanted) = (challenge["puzzle"].as_str().unwrap(), challenge["bits"].as_u64().unwrap());
    let mut tries = (0..).map(|number| format!("{puzzle}:{number}"));
    tries.find(|text| u64::from(bits(text)) >= wanted).unwrap()
}

#[test]
fn zero_bits_are_counted_from_the_front() {
    for (bytes, expected) in [([0xff, 0], 0), ([0x7f, 0], 1), ([0, 0x10], 11), ([0, 0], 16)] {
        assert_eq!(zero_bits(&bytes), expected);
    }
}

#[tokio::test]
async fn acts_of_one_address_are_counted_by_kind_and_over_for_an_hour() {
    for (limits, clock, one) in places().await {
        for _ in 0..60 {
            limits.act(&one, "register", &at("1.1.1.1")).await.unwrap();
        }
        assert!(limits.act(&one, "register", &at("1.1.1.1")).await.is_err());
        assert!(limits.act(&one, "register", &at("1.1.1.2")).await.is_ok());
        assert!(limits.act(&one, "forgot", &at("1.1.1.1")).await.is_ok());
        clock.advance(Seconds(3_600));
        assert!(limits.act(&one, "register", &at("1.1.1.1")).await.is_ok());
    }
}

#[tokio::test]
async fn w087_when_the_shared_store_fails_a_stricter_limit_of_this_process_holds() {
    let db = databases().await.remove(0);
    let (one, clock) = (tenant(&db, "one").await, Clock::fixed(Timestamp(1_000_000)));
    let limits = limits(&db, &clock, false);
    for _ in 0..4 {
        fail(&limits, &one, "ada", "1.1.1.1").await;
    }
    assert!(tries(&limits, &one, "ada", "1.1.1.1").await);
    db.close().await;
    assert!(tries(&limits, &one, "ada", "1.1.1.1").await, "what failed before is remembered, and it is not too much");
    fail(&limits, &one, "ada", "1.1.1.1").await;
    assert!(!tries(&limits, &one, "ada", "1.1.1.1").await, "half of ten");
    for _ in 0..30 {
        limits.act(&one, "register", &at("1.1.1.1")).await.unwrap();
    }
    assert!(limits.act(&one, "register", &at("1.1.1.1")).await.is_err());
}

#[tokio::test]
async fn w087_no_name_or_address_breaks_or_resets_a_limit() {
    for (limits, _, one) in places().await {
        for bad in ["", "\0", "a\"b'c\\", "{}", "\u{202e}", &"x".repeat(100_000)] {
            for _ in 0..10 {
                assert!(tries(&limits, &one, bad, bad).await, "{bad:.9}");
                fail(&limits, &one, bad, bad).await;
            }
            assert!(!tries(&limits, &one, bad, bad).await, "{bad:.9}");
        }
    }
}

#[tokio::test]
async fn an_answer_can_tell_how_near_the_limit_is() {
    let (limits, _, one) = places().await.remove(0);
    fail(&limits, &one, "ada", "1.1.1.1").await;
    let (_, standing) = watched(tries(&limits, &one, "ada", "1.1.1.1")).await;
    assert_eq!(standing, Some(Standing { limit: 10, remaining: 9, reset: Seconds(900) }));
    assert_eq!(watched(async {}).await.1, None);
}

#[tokio::test]
async fn the_test_switch_turns_them_off() {
    let db = databases().await.remove(0);
    let (one, clock) = (tenant(&db, "one").await, Clock::fixed(Timestamp(1)));
    let limits = limits(&db, &clock, true);
    for _ in 0..20 {
        fail(&limits, &one, "ada", "6.6.6.6").await;
    }
    assert!(tries(&limits, &one, "ada", "6.6.6.6").await);
}
