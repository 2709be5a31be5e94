//! Keys are made when they are first needed, once, whoever asks.

use super::*;
use crate::store::keys::KeyState;

#[tokio::test]
async fn the_key_set_has_a_current_and_a_next_key_of_each_algorithm_and_nothing_private() {
    for world in World::all().await {
        let (keys, one) = (world.process(), tenant(&world.db, "one").await);
        let set = published(&keys, &one).await;
        for algorithm in SigningAlgorithm::ALL {
            assert_eq!(set.iter().filter(|key| key["alg"] == algorithm.as_str()).count(), 2, "{algorithm}");
        }
        let parsed = JwkSet::parse(&keys.jwks(&one).await.unwrap()).unwrap();
        for algorithm in SigningAlgorithm::ALL {
            let token = keys.sign(&one, *algorithm, "JWT", &claims()).await.unwrap();
            let policy = Policy { algorithms: Algorithm::ALL, typ: Typ::Must("JWT") };
            assert!(parsed.verify(&token, &policy).is_ok(), "{algorithm}");
            assert!(keys.verify(&one, &token, "JWT").await.is_ok());
        }
        for key in set {
            assert!(key["use"] == "sig" && key["kid"].is_string());
            assert!(["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().all(|name| !key.contains_key(*name)));
        }
    }
}

#[tokio::test]
async fn an_elliptic_key_is_there_at_once_and_no_rsa_key_is_made_for_it() {
    for world in World::all().await {
        let (keys, one) = (world.process(), tenant(&world.db, "one").await);
        sign(&keys, &one).await;
        let algs = keys.list(&one).await.unwrap().into_iter().map(|key| key.alg).collect::<Vec<_>>();
        assert_eq!(algs, ["ES256", "ES256", "EdDSA", "EdDSA"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_need_a_key_at_the_same_moment_get_the_same_one() {
    for world in World::all().await {
        let one = tenant(&world.db, "one").await;
        let mut asking = tokio::task::JoinSet::new();
        for process in (0..4).map(|_| world.process()) {
            for algorithm in SigningAlgorithm::ALL.iter().cycle().take(15) {
                let (process, one) = (process.clone(), one.clone());
                asking.spawn(async move {
                    let signer = process.signer(&one, *algorithm).await.unwrap();
                    (*algorithm, signer.kid().clone())
                });
            }
        }
        let mut used = asking.join_all().await;
        used.sort();
        used.dedup();
        assert_eq!(used.len(), 3, "one key for each algorithm");
        assert_eq!(world.process().list(&one).await.unwrap().len(), 6);
    }
}

#[tokio::test]
async fn a_restarted_process_signs_with_the_same_key() {
    for world in World::all().await {
        let one = tenant(&world.db, "one").await;
        let before = world.process().signer(&one, SigningAlgorithm::EdDSA).await.unwrap().kid().clone();
        assert_eq!(*world.process().signer(&one, SigningAlgorithm::EdDSA).await.unwrap().kid(), before);
    }
}

#[tokio::test]
async fn a_signer_is_loaded_once() {
    for world in World::all().await {
        let (keys, one) = (world.process(), tenant(&world.db, "one").await);
        let first = keys.signer(&one, SigningAlgorithm::ES256).await.unwrap();
        world.clock.advance(Seconds(60));
        keys.jwks(&one).await.unwrap();
        assert!(std::sync::Arc::ptr_eq(&first, &keys.signer(&one, SigningAlgorithm::ES256).await.unwrap()));
    }
}

#[tokio::test]
async fn tokens_of_strangers_make_no_keys() {
    for world in World::all().await {
        let (keys, one, two) = (world.process(), tenant(&world.db, "one").await, tenant(&world.db, "two").await);
        let token = sign(&keys, &one).await;
        for bad in [token.as_str(), "", "a.b.c", "x"] {
            assert!(!accepts(&keys, &two, bad).await);
        }
        assert_eq!(keys.list(&two).await.unwrap(), []);
        assert!(keys.signer(&"no-such-tenant".into(), SigningAlgorithm::ES256).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rsa_keys_are_made_ahead_where_many_are_needed() {
    for world in World::all().await {
        let keys = world.process();
        for name in ["one", "two", "three", "four", "five"] {
            let one = tenant(&world.db, name).await;
            keys.signer(&one, SigningAlgorithm::RS256).await.unwrap();
            let states = keys.list(&one).await.unwrap().into_iter().map(|key| key.state).collect::<Vec<_>>();
            assert!(states.contains(&KeyState::Current) && states.contains(&KeyState::Next));
        }
    }
}
