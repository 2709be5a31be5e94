//! What separates tenants, kinds of token, and the database from the keys in it.

use super::*;
use crate::store::keys as rows;

#[tokio::test]
async fn x1_tenants_share_no_key_and_x2_a_token_of_one_means_nothing_at_another() {
    for world in World::all().await {
        let (keys, one, two) = (world.process(), tenant(&world.db, "one").await, tenant(&world.db, "two").await);
        let (ones, twos) = (kids(&keys, &one).await, kids(&keys, &two).await);
        assert!(ones.iter().all(|kid| !twos.contains(kid)));
        let token = sign(&keys, &one).await;
        assert!(accepts(&keys, &one, &token).await);
        assert!(!accepts(&keys, &two, &token).await);
        assert!(keys.verify_hint(&two, &token, "at+jwt").await.is_err());
    }
}

#[tokio::test]
async fn w062_an_id_token_is_no_access_token_and_the_other_way_round() {
    for world in World::all().await {
        let (keys, one) = (world.process(), tenant(&world.db, "one").await);
        for (made, wanted) in [("JWT", "at+jwt"), ("at+jwt", "JWT"), ("logout+jwt", "JWT")] {
            let token = keys.sign(&one, SigningAlgorithm::ES256, made, &claims()).await.unwrap();
            assert!(matches!(keys.verify(&one, &token, wanted).await, Err(Stop::Refused(_))));
            assert!(matches!(keys.verify_hint(&one, &token, wanted).await, Err(Stop::Refused(_))));
        }
    }
}

#[tokio::test]
async fn t4_a_token_that_was_just_accepted_lends_nothing_to_one_that_differs_in_a_character() {
    for world in World::all().await {
        let (keys, one) = (world.process(), tenant(&world.db, "one").await);
        let token = sign(&keys, &one).await;
        for at in (0..token.len()).step_by(7) {
            assert!(accepts(&keys, &one, &token).await);
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert!(!accepts(&keys, &one, std::str::from_utf8(&other).unwrap()).await, "{at}");
            assert!(!accepts(&keys, &one, &token[..at]).await, "{at}");
        }
        assert!(keys.verify(&one, &token, "JWT").await.is_err());
    }
}

#[tokio::test]
async fn w036_a_dump_of_the_table_has_no_private_key_in_it() {
    for world in World::all().await {
        let (keys, one) = (world.process(), tenant(&world.db, "one").await);
        keys.jwks(&one).await.unwrap();
        keys.rotate(&one, SigningAlgorithm::RS256, "test").await.unwrap();
        let dump = keys.list(&one).await.unwrap();
        let text = format!("{dump:?}");
        assert_eq!(dump.len(), 7);
        for row in &dump {
            if row.state == rows::KeyState::Previous {
                assert_eq!(row.sealed_jwk, "", "the private half of a key that signs no more is gone");
                continue;
            }
            let opened = keys.open(Purpose::SigningKey, &one, &row.sealed_jwk).unwrap();
            let private: Map<String, Value> = serde_json::from_slice(&opened).unwrap();
            for name in ["d", "p", "q", "dp", "dq", "qi"] {
                let secret = private.get(name).and_then(Value::as_str);
                assert!(secret.is_none_or(|secret| !text.contains(secret)), "{name} of {}", row.kid);
            }
            assert!(
                Keys::new(world.db.clone(), master(), world.clock.clone(), Schedule::default())
                    .unwrap()
                    .open(Purpose::SigningKey, &one, &row.sealed_jwk)
                    .is_err()
            );
        }
    }
}

#[tokio::test]
async fn w036_a_sealed_key_put_into_another_tenants_row_does_not_sign() {
    for world in World::all().await {
        let (keys, one, two) = (world.process(), tenant(&world.db, "one").await, tenant(&world.db, "two").await);
        sign(&keys, &one).await;
        for mut row in keys.list(&one).await.unwrap() {
            row.tenant_id = two.clone();
            assert!(rows::insert(&world.db, &row).await.unwrap());
        }
        assert!(keys.signer(&two, SigningAlgorithm::ES256).await.is_err());
    }
}

#[tokio::test]
async fn the_wrong_master_key_is_noticed_before_the_first_request() {
    for world in World::all().await {
        let other = World { db: world.db.clone(), clock: world.clock.clone(), master: master() };
        assert!(other.process().check().await.is_ok(), "a new database fits every master key");
        let one = tenant(&world.db, "one").await;
        sign(&world.process(), &one).await;
        assert!(world.process().check().await.is_ok());
        let fault = other.process().check().await.unwrap_err();
        assert!(fault.chain().contains("another master key"), "{}", fault.chain());
        assert!(other.process().signer(&one, SigningAlgorithm::ES256).await.is_err());
    }
}

#[tokio::test]
async fn without_the_database_nothing_unknown_is_accepted() {
    for world in World::all().await {
        let (keys, one) = (world.process(), tenant(&world.db, "one").await);
        let token = sign(&keys, &one).await;
        let elsewhere = world.process();
        world.db.close().await;
        assert!(accepts(&keys, &one, &token).await, "what is in memory still works");
        assert!(matches!(elsewhere.verify(&one, &token, "at+jwt").await, Err(Stop::Failed(_))));
        assert!(elsewhere.signer(&one, SigningAlgorithm::ES256).await.is_err());
    }
}

#[tokio::test]
async fn keys_that_would_be_replaced_faster_than_their_tokens_die_stop_the_start() {
    for world in World::all().await {
        let hasty = Schedule { rotate_after: Seconds(0), ..Schedule::default() };
        let fault = Keys::new(world.db.clone(), world.master.clone(), world.clock.clone(), hasty).unwrap_err();
        assert!(fault.chain().contains("rotation_days"), "{}", fault.chain());
    }
    assert!(Schedule::default().keep_previous > LONGEST_TOKEN);
}
