//! Rotation: nothing valid is refused, nothing retired is accepted (W-060).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::*;
use crate::base::Kid;
use crate::store::audit;

const DAY: i64 = 86_400;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn w060_rotation_under_load_refuses_no_valid_token_in_any_process() {
    for world in World::all().await {
        let one = tenant(&world.db, "one").await;
        let processes = [world.process(), world.process(), world.process()];
        let over = Arc::new(AtomicBool::new(false));
        let rounds: Arc<[AtomicUsize; 3]> = Arc::default();
        let mut load = tokio::task::JoinSet::new();
        for (index, signs) in processes.iter().enumerate() {
            let (signs, verifies) = (signs.clone(), processes[(index + 1) % 3].clone());
            let (one, over, rounds) = (one.clone(), Arc::clone(&over), Arc::clone(&rounds));
            load.spawn(async move {
                let mut used = BTreeSet::new();
                while !over.load(Ordering::Relaxed) {
                    let token = sign(&signs, &one).await;
                    assert!(accepts(&verifies, &one, &token).await && accepts(&signs, &one, &token).await);
                    used.insert(signs.signer(&one, SigningAlgorithm::ES256).await.unwrap().kid().clone());
                    rounds[index].fetch_add(1, Ordering::Relaxed);
                    // Nothing above waits once all is in memory; a task that never waits starves its neighbours.
                    tokio::task::yield_now().await;
                }
                used.len()
            });
        }
        for _ in 0..10 {
            processes[0].rotate(&one, SigningAlgorithm::ES256, "test").await.unwrap();
            go_on(&rounds, &mut load).await;
        }
        over.store(true, Ordering::Relaxed);
        let used = load.join_all().await;
        assert!(used.iter().all(|keys| *keys > 1), "every process signed with several keys: {used:?}");
    }
}

/// Returns when every process has signed twice more, however slow the machine is; fails if one of them has failed.
async fn go_on(rounds: &[AtomicUsize; 3], load: &mut tokio::task::JoinSet<usize>) {
    let seen = || rounds.each_ref().map(|round| round.load(Ordering::Relaxed));
    let before = seen();
    while seen().iter().zip(before).any(|(now, before)| *now < before + 2) {
        if let Some(ended) = load.try_join_next() {
            panic!("a process ended: {ended:?}");
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn w060_a_rotated_key_verifies_until_its_time_is_over_and_not_a_second_longer() {
    for world in World::all().await {
        let (keys, one) = (world.process(), tenant(&world.db, "one").await);
        let token = sign(&keys, &one).await;
        let before = kids(&keys, &one).await;
        let signs = keys.rotate(&one, SigningAlgorithm::ES256, "test").await.unwrap();
        assert!(before.contains(&signs.to_string()), "the new key had been published before");
        let after = kids(&keys, &one).await;
        assert!(before.iter().all(|kid| after.contains(kid)), "the old key is still published");
        world.clock.advance(Seconds(2 * DAY + 4));
        assert!(accepts(&keys, &one, &token).await && accepts(&world.process(), &one, &token).await);
        world.clock.advance(Seconds(1));
        // No job has run yet: the clock alone ends it.
        assert!(!accepts(&keys, &one, &token).await && !accepts(&world.process(), &one, &token).await);
        assert_eq!(keys.rotate_due().await.unwrap(), Rotated { retired: 1, ..Rotated::default() });
        assert!(!accepts(&keys, &one, &token).await);
        world.clock.advance(Seconds(5));
        assert_eq!(kids(&keys, &one).await.len(), 6);
        assert!(keys.verify_hint(&one, &token, "at+jwt").await.is_ok(), "a hint is still recognised");
    }
}

#[tokio::test]
async fn another_process_signs_with_the_new_key_within_seconds() {
    for world in World::all().await {
        let (here, there, one) = (world.process(), world.process(), tenant(&world.db, "one").await);
        sign(&there, &one).await;
        let new = here.rotate(&one, SigningAlgorithm::ES256, "test").await.unwrap();
        assert!(accepts(&here, &one, &sign(&there, &one).await).await, "the old key still signs there");
        world.clock.advance(Seconds(5));
        assert_eq!(*there.signer(&one, SigningAlgorithm::ES256).await.unwrap().kid(), new);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_rotate_on_schedule_together_rotate_once() {
    for world in World::all().await {
        let one = tenant(&world.db, "one").await;
        let old = world.process().signer(&one, SigningAlgorithm::ES256).await.unwrap().kid().clone();
        world.clock.advance(Seconds(90 * DAY));
        let mut jobs = tokio::task::JoinSet::new();
        for process in (0..5).map(|_| world.process()) {
            jobs.spawn(async move { process.rotate_due().await.unwrap().rotated });
        }
        assert_eq!(jobs.join_all().await.iter().sum::<u64>(), 2, "ES256 and EdDSA, once each");
        let keys = world.process();
        assert_ne!(*keys.signer(&one, SigningAlgorithm::ES256).await.unwrap().kid(), old);
        assert_eq!(keys.list(&one).await.unwrap().len(), 6);
        assert_eq!(keys.rotate_due().await.unwrap(), Rotated::default());
        let events = audit::page(&world.db, &one, "", 100).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.action == "key.rotated").count(), 2);
    }
}

#[tokio::test]
async fn the_schedule_ends_what_is_over_and_forgets_it_in_the_end() {
    for world in World::all().await {
        let (keys, one) = (world.process(), tenant(&world.db, "one").await);
        let token = sign(&keys, &one).await;
        keys.rotate(&one, SigningAlgorithm::ES256, "test").await.unwrap();
        world.clock.advance(Seconds(3 * DAY));
        assert_eq!(keys.rotate_due().await.unwrap().retired, 1);
        world.clock.advance(Seconds(366 * DAY));
        assert_eq!(keys.rotate_due().await.unwrap().forgotten, 1);
        assert!(keys.verify_hint(&one, &token, "at+jwt").await.is_err());
    }
}

#[tokio::test]
async fn a_key_that_became_known_is_ended_at_once() {
    for world in World::all().await {
        let (keys, one) = (world.process(), tenant(&world.db, "one").await);
        let token = sign(&keys, &one).await;
        let known = keys.signer(&one, SigningAlgorithm::ES256).await.unwrap().kid().clone();
        assert!(!keys.revoke(&one, &known, "test").await.unwrap(), "it signs: rotate first");
        keys.rotate(&one, SigningAlgorithm::ES256, "test").await.unwrap();
        assert!(!keys.revoke(&one, &Kid::from("another"), "test").await.unwrap());
        assert!(keys.revoke(&one, &known, "test").await.unwrap());
        assert!(!accepts(&keys, &one, &token).await);
        assert!(!kids(&keys, &one).await.contains(&known.to_string()));
    }
}
