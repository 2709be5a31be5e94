//! Subscriptions, invoices, refunds and plans given by hand.

use chancery::base::Seconds;
use serde_json::{Value, json};

use super::support::shop::{Shop, THANKS};

const DAY: i64 = 86_400;

#[tokio::test]
async fn w107_the_status_is_there_for_everybody_and_in_every_state() {
    let shop = Shop::open().await;
    let mine = shop.call("ada@demo.test", "GET", "/subscriptions", None).await;
    assert_eq!((mine.status, &mine.data, &mine.body["meta"]["status"]), (200, &json!([]), &json!("none")), "{mine:?}");
    let id = shop.buys_pro("ada@demo.test").await;
    shop.hear().await;
    for (status, has) in [
        ("trialing", true),
        ("active", true),
        ("past_due", true),
        ("unpaid", false),
        ("paused", false),
        ("incomplete", false),
        ("incomplete_expired", false),
        ("canceled", false),
        ("a_word_of_next_year", false),
        ("active", true),
    ] {
        shop.stripe.set(&id, "customer.subscription.updated", |subscription| subscription["status"] = json!(status));
        shop.hear().await;
        let mine = shop.call("ada@demo.test", "GET", "/subscriptions", None).await;
        let shown = if status.starts_with("a_word") { "unknown" } else { status };
        assert_eq!(mine.body["meta"]["status"], shown, "{mine:?}");
        assert_eq!(shop.plans("ada@demo.test").await.contains(&"pro".to_owned()), has, "{status}");
    }
    let theirs = shop.call("grace@demo.test", "GET", &format!("/subscriptions/{id}"), None).await;
    assert_eq!(theirs.status, 404, "{theirs:?}");
    let theirs = shop.call("grace@demo.test", "GET", "/subscriptions?email=ada@demo.test", None).await;
    assert_eq!(theirs.status, 403, "{theirs:?}");
    let found = shop.govern("GET", "/subscriptions?email=ADA@demo.test", None).await;
    assert_eq!(found.data[0]["id"], id.as_str(), "{found:?}");
    let nobody = shop.govern("GET", "/subscriptions?email=nobody@demo.test", None).await;
    assert_eq!(nobody.body["meta"]["status"], "none", "{nobody:?}");
}

#[tokio::test]
async fn a_lost_message_is_forgiven_for_three_days_and_not_for_longer() {
    let shop = Shop::open().await;
    let id = shop.buys_pro("ada@demo.test").await;
    shop.hear().await;
    shop.world.app.clock.advance(Seconds(33 * DAY - 1));
    assert_eq!(shop.plans("ada@demo.test").await, ["pro"]);
    shop.world.app.clock.advance(Seconds(1));
    assert!(shop.plans("ada@demo.test").await.is_empty());
    // Asked to look, we ask Stripe: it was paid all the time.
    shop.stripe.set(&id, "invoice.paid", |subscription| {
        let end = subscription["items"]["data"][0]["current_period_end"].as_i64().unwrap();
        subscription["items"]["data"][0]["current_period_start"] = json!(end);
        subscription["items"]["data"][0]["current_period_end"] = json!(end + 30 * DAY);
    });
    let told = shop.call("ada@demo.test", "GET", &format!("/subscriptions/{id}?refresh=true"), None).await;
    assert_eq!(told.status, 200, "{told:?}");
    assert_eq!(shop.plans("ada@demo.test").await, ["pro"]);
}

#[tokio::test]
async fn a_payer_cancels_resumes_changes_and_plans_ahead() {
    let shop = Shop::open().await;
    let id = shop.buys_pro("ada@demo.test").await;
    shop.hear().await;
    let act = async |who: &str, verb: &str, body: Value| {
        shop.call(who, "POST", &format!("/subscriptions/{id}:{verb}"), Some(body)).await
    };
    assert_eq!(act("grace@demo.test", "cancel", json!({})).await.status, 404, "another's");
    let ends = act("ada@demo.test", "cancel", json!({})).await;
    assert_eq!((ends.status, &ends.data["cancel_at_period_end"]), (200, &json!(true)), "{ends:?}");
    assert_eq!(shop.plans("ada@demo.test").await, ["pro"], "it is paid until then");
    let goes_on = act("ada@demo.test", "resume", json!({})).await;
    assert_eq!(goes_on.data["cancel_at_period_end"], false, "{goes_on:?}");
    let changed = act("ada@demo.test", "change", json!({ "price": "team_monthly", "quantity": 3 })).await;
    assert_eq!(
        (&changed.data["items"][0]["price"], &changed.data["items"][0]["quantity"]),
        (&json!("price_team"), &json!(3)),
        "{changed:?}"
    );
    assert!(shop.plans("ada@demo.test").await.is_empty(), "no plan is sold at that price");
    for bad in [json!({ "price": "price_book" }), json!({ "price": "price_x" }), json!({}), json!({ "quantity": 0 })] {
        assert_eq!(act("ada@demo.test", "change", bad.clone()).await.status, 422, "{bad}");
    }
    assert_eq!(act("ada@demo.test", "explode", json!({})).await.status, 404);
    let ahead = json!({ "subscription": id, "plan": "pro" });
    let told = shop.call("ada@demo.test", "POST", "/subscription-schedules", Some(ahead.clone())).await;
    assert_eq!((told.status, told.data["phases"].as_array().map(Vec::len)), (201, Some(2)), "{told:?}");
    assert_eq!(told.data["phases"][1]["items"][0]["price"], "price_pro");
    assert_eq!(shop.call("grace@demo.test", "POST", "/subscription-schedules", Some(ahead)).await.status, 404);
    let listed = shop.call("ada@demo.test", "GET", "/subscription-schedules", None).await;
    assert_eq!(listed.data[0]["id"], told.data["id"], "{listed:?}");
    let back = json!({ "return_url": "https://calendar.example/account" });
    let portal = shop.call("ada@demo.test", "POST", "/portal-sessions", Some(back)).await;
    assert!(portal.data["url"].as_str().unwrap().starts_with("https://billing.stripe.test/"), "{portal:?}");
    let evil = json!({ "return_url": "https://evil.test/" });
    assert_eq!(shop.call("ada@demo.test", "POST", "/portal-sessions", Some(evil)).await.status, 422);
}

#[tokio::test]
async fn w107_a_subscription_by_invoice_has_seven_days_unless_somebody_says_otherwise() {
    let shop = Shop::open().await;
    let body = json!({ "email": "ada@demo.test", "plan": "pro" });
    let told = shop.govern("POST", "/subscriptions", Some(body)).await;
    assert_eq!((told.status, told.data["plans"][0].as_str()), (201, Some("pro")), "{told:?}");
    let asked = shop
        .stripe
        .objects()
        .asked
        .iter()
        .rfind(|(method, path, _)| method == "POST" && path == "/v1/subscriptions")
        .cloned();
    let (_, _, form) = asked.unwrap();
    assert_eq!((&form["collection_method"], &form["days_until_due"]), (&json!("send_invoice"), &json!("7")));
    assert_eq!(shop.plans("ada@demo.test").await, ["pro"]);
    let older = json!({ "email": "stranger@else.test", "linedata": [{ "name": "Tea", "amount": 700 }], "currency": "eur", "due_days": 30 });
    let told = shop.govern("POST", "/subscriptions", Some(older)).await;
    assert_eq!((told.status, &told.data["subject"]), (201, &json!(null)), "{told:?}");
    let refused = shop
        .call("ada@demo.test", "POST", "/subscriptions", Some(json!({ "email": "ada@demo.test", "plan": "pro" })))
        .await;
    assert_eq!(refused.status, 403, "{refused:?}");
    for bad in [
        json!({ "plan": "pro" }),
        json!({ "email": "ada@demo.test" }),
        json!({ "email": "ada@demo.test", "plan": "pro", "due_days": 0 }),
    ] {
        assert_eq!(shop.govern("POST", "/subscriptions", Some(bad.clone())).await.status, 422, "{bad}");
    }
}

#[tokio::test]
async fn money_given_back_or_disputed_takes_back_what_it_bought() {
    let shop = Shop::open().await;
    let order = json!({ "items": [{ "price": "price_book", "quantity": 2 }], "success_url": THANKS });
    for (email, how) in [("ada@demo.test", "refund"), ("grace@demo.test", "dispute")] {
        let told = shop.call(email, "POST", "/checkout-sessions", Some(order.clone())).await;
        assert_eq!((&told.data["mode"], &told.data["plan"]), (&json!("payment"), &json!("reader")), "{told:?}");
        shop.stripe.pay(told.data["session_id"].as_str().unwrap());
        shop.hear().await;
        assert_eq!(shop.plans(email).await, ["reader"], "the plan of the price that was paid");
        let paid = shop.call(email, "GET", "", None).await;
        let id = paid.data[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(
            (&paid.data[0]["amount"], &paid.data[0]["status"]),
            (&json!(1_000), &json!("succeeded")),
            "{paid:?}"
        );
        if how == "dispute" {
            shop.stripe.set(&id, "charge.dispute.created", |intent| intent["latest_charge"]["disputed"] = json!(true));
            shop.stripe.objects().keep(json!({
                "id": "dp_1", "object": "dispute", "payment_intent": id, "status": "needs_response",
            }));
            shop.hear().await;
        } else {
            let refused = shop.call(email, "POST", "/refunds", Some(json!({ "payment": id }))).await;
            assert_eq!(refused.status, 403, "{refused:?}");
            let too_much = shop.govern("POST", "/refunds", Some(json!({ "payment": id, "amount": 1_001 }))).await;
            assert_eq!(too_much.status, 422, "{too_much:?}");
            let some = shop.govern("POST", "/refunds", Some(json!({ "payment": id, "amount": 100 }))).await;
            assert_eq!((some.status, shop.plans(email).await.len()), (201, 1), "a part is a kindness: {some:?}");
            let rest = shop.govern("POST", "/refunds", Some(json!({ "payment": id }))).await;
            assert_eq!(rest.data["amount"], 900, "{rest:?}");
        }
        assert!(shop.plans(email).await.is_empty(), "{how}");
    }
    for (status, kept) in [("under_review", 0), ("lost", 0), ("won", 1), ("needs_response", 0), ("warning_closed", 1)] {
        shop.stripe.set("dp_1", "charge.dispute.updated", |dispute| dispute["status"] = json!(status));
        shop.hear().await;
        assert_eq!(shop.plans("grace@demo.test").await.len(), kept, "{status}");
    }
}

#[tokio::test]
async fn plans_are_given_by_hand_and_what_they_open_follows_them() {
    let shop = Shop::open().await;
    let sub = shop.world.sub("ada@demo.test").await;
    let given = json!({ "subject": sub, "plan": "pro", "days": 2 });
    let told = shop.govern("PUT", "/entitlements", Some(given.clone())).await;
    assert_eq!(
        (told.status, &told.data["quotas"]["documents"], &told.data["scopes"]),
        (200, &json!(1_000), &json!("reports:read")),
        "{told:?}"
    );
    let refused = shop.call("ada@demo.test", "PUT", "/entitlements", Some(given.clone())).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let larger = json!({ "prices": ["pro_monthly"], "scopes": "reports:read", "quotas": { "documents": 5000 } });
    shop.govern("PUT", "/plans/pro", Some(larger)).await;
    let told = shop.call("ada@demo.test", "GET", "/entitlements", None).await;
    assert_eq!(told.data["quotas"]["documents"], 5_000, "whoever has a plan has it as it is now: {told:?}");
    shop.world.app.clock.advance(Seconds(2 * DAY));
    assert!(shop.plans("ada@demo.test").await.is_empty());
    shop.govern("PUT", "/entitlements", Some(json!({ "subject": sub, "plan": "pro" }))).await;
    assert_eq!(shop.plans("ada@demo.test").await, ["pro"]);
    let taken = json!({ "subject": sub, "plan": "pro" });
    assert_eq!(shop.govern("DELETE", "/entitlements", Some(taken.clone())).await.status, 200);
    assert_eq!(shop.govern("DELETE", "/entitlements", Some(taken)).await.status, 404);
    assert!(shop.plans("ada@demo.test").await.is_empty());
}

#[tokio::test]
async fn a_plan_that_changes_its_prices_changes_who_has_it_at_once() {
    let shop = Shop::open().await;
    shop.buys_pro("ada@demo.test").await;
    shop.hear().await;
    let other = json!({ "prices": ["team_monthly"], "scopes": "reports:read" });
    shop.govern("PUT", "/plans/pro", Some(other)).await;
    assert!(shop.plans("ada@demo.test").await.is_empty());
    let by_product = json!({ "products": ["prod_pro"], "scopes": "reports:read" });
    shop.govern("PUT", "/plans/pro", Some(by_product)).await;
    assert_eq!(shop.plans("ada@demo.test").await, ["pro"]);
    assert_eq!(shop.govern("DELETE", "/plans/pro", None).await.status, 204);
    assert!(shop.plans("ada@demo.test").await.is_empty());
}

#[tokio::test]
async fn where_the_tenant_wants_it_the_loss_of_a_plan_ends_what_holds_its_scopes() {
    let shop = Shop::open().await;
    let strict = json!({ "settings": { "revoke_on_loss": true } });
    assert_eq!(shop.govern("PATCH", "/account", Some(strict)).await.data["settings"]["revoke_on_loss"], true);
    let id = shop.buys_pro("ada@demo.test").await;
    shop.hear().await;
    let (db, world) = (&shop.world.app.app.db, &shop.world);
    let grant = |name: &str, scope: &str| chancery::store::grants::Grant {
        tenant_id: world.tenant.id.clone(),
        id: chancery::base::GrantId::from(name),
        client_id: chancery::base::ClientId::from("calendar"),
        user_id: None,
        session_id: None,
        scope: scope.parse().unwrap(),
        context: chancery::store::Json::default(),
        created_at: world.app.clock.now(),
        expires_at: world.app.clock.now().plus(Seconds(DAY)),
        revoked_at: None,
        organization_id: None,
    };
    let ada = chancery::base::UserId::from(world.sub("ada@demo.test").await);
    for (name, scope) in [("paid", "openid reports:read"), ("plain", "openid")] {
        let grant = chancery::store::grants::Grant { user_id: Some(ada.clone()), ..grant(name, scope) };
        let write = chancery::store::writer::Write { grant: Some(grant), ..chancery::store::writer::Write::default() };
        assert!(world.app.app.writer.write(write).await.unwrap());
    }
    shop.stripe.set(&id, "customer.subscription.deleted", |subscription| subscription["status"] = json!("canceled"));
    shop.hear().await;
    let left = chancery::store::applications::of_user(db, &world.tenant.id, &ada, world.app.clock.now()).await.unwrap();
    let left: Vec<_> = left.iter().map(|grant| grant.id.as_str()).collect();
    assert_eq!(left, ["plain"]);
}

#[tokio::test]
async fn what_was_bought_is_in_ones_data_and_goes_with_ones_account() {
    let shop = Shop::open().await;
    shop.buys_pro("ada@demo.test").await;
    shop.hear().await;
    let (app, tenant) = (&shop.world.app.app, &shop.world.tenant);
    let ada = chancery::base::UserId::from(shop.world.sub("ada@demo.test").await);
    let data = app.people.export(tenant, &ada, &chancery::base::Actor::operator()).await.unwrap();
    assert_eq!(
        (&data["bought"]["plans"][0]["plan"], &data["bought"]["subscriptions"][0]["status"]),
        (&json!("pro"), &json!("active"))
    );
    assert!(data["bought"]["customer"].as_str().unwrap().starts_with("cus_"));
    let now = app.clock.now();
    let mut tx = app.db.begin().await.unwrap();
    assert!(chancery::store::people::bury(&mut tx, &tenant.id, &ada, now, now).await.unwrap());
    assert!(chancery::store::people::erase(&mut tx, &tenant.id, &ada).await.unwrap());
    tx.commit().await.unwrap();
    // What is told afterwards finds nobody.
    shop.stripe.objects().events.last_mut().unwrap()["id"] = json!("evt_late");
    shop.hear().await;
    let left = chancery::store::entitlements::live(&app.db, &tenant.id, ada.as_str(), now).await.unwrap();
    let known = chancery::store::payment_accounts::customer(&app.db, &tenant.id, ada.as_str()).await.unwrap();
    assert!(left.is_empty() && known.is_none(), "{left:?} {known:?}");
}

#[tokio::test]
async fn operators_set_an_account_up_and_see_everything_but_its_secrets() {
    let place = super::support::Instance::new().await;
    place.run("migrate up --json").json();
    place.run("tenant create --slug acme --json").json();
    let set = place.run_with("payments set-key --tenant acme --json", "sk_test_51OfAcmeAndNobodyElse\n");
    assert_eq!(set.json()["enabled"], true);
    assert_eq!(place.run_with("payments set-key --tenant acme", "pk_test_51OfAcmeAndNobodyElse\n").code, 1);
    let secrets = "whsec_0123456789abcdefgh whsec_abcdefgh0123456789\n";
    assert_eq!(
        place.run_with("payments set-webhook-secrets --tenant acme --json", secrets).json()["webhook_secrets"],
        2
    );
    let strict = place.run("payments configure --tenant acme --grace-days 0 --revoke-on-loss --json").json();
    assert_eq!(strict["settings"], json!({ "grace_days": 0, "revoke_on_loss": true }));
    let shown = place.run("payments show --tenant acme --json");
    for secret in ["OfAcmeAndNobodyElse", "0123456789abcdefgh"] {
        assert!(!shown.out.contains(secret) && !set.out.contains(secret), "W-117: {shown:?}");
    }
    assert_eq!(place.run("payments plans --tenant acme --json").json(), json!([]));
    assert_eq!(place.run("payments remove --tenant acme").code, 0);
    assert_eq!(place.run("payments remove --tenant acme").code, 1);
    assert_eq!(place.run("payments show --tenant acme --json").json()["enabled"], false);
}
