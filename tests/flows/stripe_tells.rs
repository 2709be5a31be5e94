//! What Stripe tells: only what it signed, once, in any order, and nothing that it did not tell is lost.

use std::sync::Arc;

use chancery::base::Seconds;
use serde_json::{Value, json};

use super::support::shop::{Shop, THANKS};
use crate::stripe::{WEBHOOK_SECRET, signed};

#[tokio::test]
async fn w105_m1_what_stripe_did_not_sign_here_and_now_changes_nothing() {
    let shop = Shop::open().await;
    shop.buys_pro("ada@demo.test").await;
    let now = shop.world.app.clock.now().0;
    let event = shop.stripe.objects().events[0].clone();
    let body = event.to_string();
    let reserialized = serde_json::to_string_pretty(&event).unwrap();
    let good = signed(WEBHOOK_SECRET, now, &body);
    for (what, body, signature) in [
        ("unsigned", &body, None),
        ("empty", &body, Some(String::new())),
        ("another secret", &body, Some(signed("whsec_of_another_account_", now, &body))),
        ("the publishable key", &body, Some(signed("pk_test_51StandInForTheTests", now, &body))),
        ("the secret key", &body, Some(signed(crate::stripe::KEY, now, &body))),
        ("too old", &body, Some(signed(WEBHOOK_SECRET, now - 301, &body))),
        ("too new", &body, Some(signed(WEBHOOK_SECRET, now + 301, &body))),
        ("written anew", &reserialized, Some(good.clone())),
        ("v0 alone", &body, Some(good.replace("v1=", "v0="))),
    ] {
        let answer = shop.post_event(body, signature.as_deref()).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.body);
        assert!(!answer.body.contains("whsec"), "{what}");
    }
    // Another tenant's event is as good as anybody's.
    let account =
        json!({ "secret_key": "sk_test_51AnotherAccountOfAcme", "webhook_secrets": ["whsec_of_acme_and_nobody_else"] });
    let acme = shop.world.app.tenant("acme", chancery::store::tenants::Settings::default()).await;
    let changes = serde_json::from_value(account).unwrap();
    let by = chancery::base::Actor::operator();
    shop.world.app.app.payments.set_account(&acme, changes, &by).await.unwrap();
    let theirs = signed("whsec_of_acme_and_nobody_else", now, &body);
    assert_eq!(shop.post_event(&body, Some(&theirs)).await.status, 400, "X2");
    assert_eq!(shop.world.app.app.payments.work().await.unwrap(), 0);
    assert!(shop.plans("ada@demo.test").await.is_empty());
    assert_eq!(shop.post_event(&body, Some(&good)).await.status, 200);
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(600 * 1024));
    let signature = signed(WEBHOOK_SECRET, now, &large);
    assert_eq!(shop.post_event(&large, Some(&signature)).await.status, 413);
}

#[tokio::test]
async fn w106_the_same_event_ten_times_at_once_has_one_effect() {
    let shop = Arc::new(Shop::open().await);
    shop.buys_pro("ada@demo.test").await;
    let event = shop.stripe.objects().events[0].clone();
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (shop, event) = (Arc::clone(&shop), event.clone());
        all.spawn(async move { shop.tell(&event).await.status.as_u16() });
    }
    assert_eq!(all.join_all().await, [200; 10]);
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let shop = Arc::clone(&shop);
        all.spawn(async move { shop.world.app.app.payments.work().await.unwrap() });
    }
    assert_eq!(all.join_all().await.into_iter().sum::<u64>(), 1, "acted upon once");
    assert_eq!(shop.plans("ada@demo.test").await, ["pro"]);
    assert_eq!((shop.audited("entitlement.given").await, shop.audited("subscription.created").await), (1, 1));
    shop.hear().await;
    shop.hear().await;
    assert_eq!(shop.audited("entitlement.given").await, 1, "what says the same changes nothing");
}

/// The next number of a row that looks random and is the same each time.
fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 40).unwrap()
}

#[tokio::test]
async fn w106_any_order_and_repetition_of_events_ends_in_the_same_rows() {
    let shop = Shop::open().await;
    for seed in 1..=6_u64 {
        let (mut dice, email) = (seed, if seed % 2 == 0 { "ada@demo.test" } else { "grace@demo.test" });
        shop.stripe.objects().events.clear();
        let id = shop.buys_pro(email).await;
        // It changes and changes back, and some of that is told, in some order, some of it twice.
        for status in ["past_due", "active", "unpaid", "active", "canceled"] {
            let kind = "customer.subscription.updated";
            shop.stripe.set(&id, kind, |subscription| subscription["status"] = json!(status));
            let events: Vec<Value> = shop.stripe.objects().events.clone();
            for _ in 0..next(&mut dice) % 4 {
                let event = &events[next(&mut dice) % events.len()];
                assert_eq!(shop.tell(event).await.status, 200);
            }
            if next(&mut dice).is_multiple_of(2) {
                shop.world.app.app.payments.work().await.unwrap();
            }
        }
        let mut events: Vec<Value> = shop.stripe.objects().events.clone();
        for at in (1..events.len()).rev() {
            events.swap(at, next(&mut dice) % (at + 1));
        }
        for event in events.iter().chain(&events) {
            assert_eq!(shop.tell(event).await.status, 200);
        }
        shop.world.app.app.payments.work().await.unwrap();
        let path = format!("/subscriptions/{id}");
        let told = shop.govern("GET", &path, None).await;
        assert_eq!(
            (&told.data["status"], told.data["plans"][0].as_str()),
            (&json!("canceled"), Some("pro")),
            "{told:?}"
        );
        assert!(shop.plans(email).await.is_empty(), "seed {seed}");
    }
}

#[tokio::test]
async fn an_event_waits_for_stripe_and_what_was_never_told_is_found_a_day_later() {
    let shop = Shop::open().await;
    shop.buys_pro("ada@demo.test").await;
    let event = shop.stripe.objects().events[0].clone();
    shop.stripe.fail(&[500; 3]);
    assert_eq!(shop.tell(&event).await.status, 200, "it is noted, whatever Stripe does now");
    let payments = &shop.world.app.app.payments;
    assert_eq!(payments.work().await.unwrap(), 1);
    assert!(shop.plans("ada@demo.test").await.is_empty());
    assert_eq!(payments.work().await.unwrap(), 0, "not at once again");
    shop.world.app.clock.advance(Seconds(3_600));
    assert_eq!(payments.work().await.unwrap(), 1);
    assert_eq!(shop.plans("ada@demo.test").await, ["pro"]);
    // Grace's is never told.
    shop.buys_pro("grace@demo.test").await;
    assert_eq!(payments.reconcile().await.unwrap(), 0, "not yet");
    shop.world.app.clock.advance(Seconds(86_400));
    assert!(payments.reconcile().await.unwrap() >= 2);
    assert_eq!(payments.reconcile().await.unwrap(), 0, "once a day");
    payments.work().await.unwrap();
    assert_eq!(shop.plans("grace@demo.test").await, ["pro"]);
}

#[tokio::test]
async fn unknown_events_and_those_of_the_other_mode_are_noted_and_that_is_all() {
    let shop = Shop::open().await;
    shop.buys_pro("ada@demo.test").await;
    let mut event = shop.stripe.objects().events[0].clone();
    event["id"] = json!("evt_live");
    event["livemode"] = json!(true);
    assert_eq!(shop.tell(&event).await.status, 200);
    let unknown = json!({ "id": "evt_new", "object": "event", "type": "moon.rose", "created": 1, "livemode": false,
        "data": { "object": { "object": "moon", "id": "moon_1" } } });
    assert_eq!(shop.tell(&unknown).await.status, 200);
    for bad in [
        json!({}),
        json!([]),
        json!({ "id": "../x", "type": "a", "created": 1, "livemode": false, "data": { "object": {} } }),
    ] {
        assert_eq!(shop.tell(&bad).await.status, 400, "{bad}");
    }
    assert_eq!(shop.world.app.app.payments.work().await.unwrap(), 0);
    assert!(shop.plans("ada@demo.test").await.is_empty());
}

#[tokio::test]
async fn both_secrets_hold_while_one_is_replaced_and_a_key_of_the_other_mode_begins_anew() {
    let shop = Shop::open().await;
    shop.buys_pro("ada@demo.test").await;
    let secrets = json!({ "webhook_secrets": ["whsec_the_newer_of_the_two", WEBHOOK_SECRET] });
    assert_eq!(shop.govern("PATCH", "/account", Some(secrets)).await.data["webhook_secrets"], 2);
    shop.hear().await;
    assert_eq!(shop.plans("ada@demo.test").await, ["pro"]);
    let event = shop.stripe.objects().events[0].to_string();
    let signature = signed("whsec_the_newer_of_the_two", shop.world.app.clock.now().0, &event);
    assert_eq!(shop.post_event(&event, Some(&signature)).await.status, 200);
    let row = chancery::store::payment_accounts::of_tenant(&shop.world.app.app.db, &shop.world.tenant.id).await;
    let kept = format!("{:?}", row.unwrap().unwrap());
    assert!(!kept.contains(crate::stripe::KEY) && !kept.contains(WEBHOOK_SECRET), "W-117: sealed at rest");
    for bad in ["pk_live_51PublishableIsNoSecret", "", "sk_test_"] {
        let refused = shop.govern("PATCH", "/account", Some(json!({ "secret_key": bad }))).await;
        assert_eq!(refused.status, 422, "{bad}");
    }
    let live = shop.govern("PATCH", "/account", Some(json!({ "secret_key": "sk_live_51NowItIsAboutMoney" }))).await;
    assert_eq!((live.status, &live.data["livemode"]), (200, &json!(true)));
    assert!(shop.plans("ada@demo.test").await.is_empty(), "what play money bought is not bought");
    let told =
        shop.call("ada@demo.test", "POST", "/checkout-sessions", Some(json!({ "plan": "pro", "success_url": THANKS })));
    assert_eq!(told.await.status, 502, "the stand-in does not know that key");
}
