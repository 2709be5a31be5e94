//! Tenants pay for their plans: the operators' own tenant sells them, Stripe tells of it, and the plan follows (R19).

use axum::body::Body;
use axum::http::Request;
use chancery::base::{Actor, Seconds};
use chancery::store::tenants::{Settings, Tenant};
use chancery::store::users::Role;
use serde_json::{Value, json};

use super::support::operators::Operators;
use super::support::{Answer, TestApp, World};
use crate::stripe::{KEY, StandIn, WEBHOOK_SECRET, signed};

const DAY: i64 = 86_400;
const BACK: &str = "https://acme.example/paid";
const CHECKOUTS: &str = "/t/system/api/v1/payments/checkout-sessions";

/// The operators' shop, and a tenant `demo` that buys there.
struct Shop {
    world: World,
    ops: Operators,
    stripe: StandIn,
    key: String,
}

impl Shop {
    /// With the plans `small` and `large` for sale, and `default` for who has none.
    async fn open() -> Self {
        let stripe = StandIn::start().await;
        let url = stripe.url.clone();
        let app = TestApp::configured(|config| {
            config.payments.stripe_url = url;
            config.payments.retry_wait = 1;
            config.testing.http_callbacks = true;
        });
        let app = app.await;
        stripe.follow(&app.clock);
        let settings = Settings { frontend_url: Some("https://system.example/".to_owned()), ..Settings::default() };
        let operators = app.tenant("system", settings).await;
        let ops = Operators { key: app.api_key(&operators, "platform:*").await, tenant: operators };
        let key = app.api_key(&ops.tenant, "payments:read payments:write payments:admin").await;
        let settings = Settings { frontend_url: Some("https://acme.example/".to_owned()), ..Settings::default() };
        let tenant = app.tenant("demo", settings).await;
        let world = World { app, tenant };
        world.person("ada@demo.test").await;
        world.client("calendar", "Calendar", |_| {}).await;
        stripe.sell("price_small", "small_monthly", 900, true);
        stripe.sell("price_large", "large_monthly", 2_900, true);
        stripe.sell("price_ever", "large_for_good", 90_000, false);
        let shop = Self { world, ops, stripe, key };
        let account = json!({ "secret_key": KEY, "webhook_secrets": [WEBHOOK_SECRET] });
        let told = shop.as_program("PATCH", "/t/system/api/v1/payments/account", Some(account)).await;
        assert_eq!(told.0, 200, "{told:?}");
        for (key, users, prices, rank) in [
            ("default", 2, json!([]), 0),
            ("small", 10, json!(["small_monthly"]), 1),
            ("large", 100, json!(["price_large", "large_for_good"]), 2),
        ] {
            let plan = json!({ "key": key, "limits": { "users": users }, "prices": prices, "rank": rank });
            let made = shop.ops.ask(&shop.world.app, "POST", "/plans", Some(plan)).await;
            assert_eq!((made.0, &made.1["rank"]), (201, &json!(rank)), "{made:?}");
        }
        shop
    }

    /// Calls as the operators' program that sells.
    async fn as_program(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        self.with_key(&self.key, method, path, body).await
    }

    async fn with_key(&self, key: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {key}"));
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let answer = self.world.app.send(request.unwrap()).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let data = if answer.status.is_success() { told["data"].clone() } else { told };
        (answer.status.as_u16(), data)
    }

    /// Begins a checkout for tenant `demo` and pays: the session, of which nobody has told yet.
    async fn buys(&self, items: Value) -> Value {
        let mut body = items;
        body["tenant"] = json!("demo");
        body["success_url"] = json!("https://system.example/thanks");
        let told = self.as_program("POST", CHECKOUTS, Some(body)).await;
        assert_eq!(told.0, 201, "{told:?}");
        self.stripe.pay(told.1["session_id"].as_str().unwrap())
    }

    async fn tell(&self, event: &Value, secret: &str) -> Answer {
        let body = event.to_string();
        let signature = signed(secret, self.world.app.clock.now().0, &body);
        let request = Request::post("/t/system/api/v1/payments/webhooks/stripe")
            .header("content-type", "application/json; charset=utf-8")
            .header("stripe-signature", signature);
        self.world.app.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Stripe tells everything that happened, and it is acted upon.
    async fn hear(&self) {
        let events = self.stripe.objects().events.clone();
        for event in events {
            assert_eq!(self.tell(&event, WEBHOOK_SECRET).await.status, 200);
        }
        self.world.app.app.payments.work().await.unwrap();
    }

    /// The subscription stands so from now on, and Stripe tells of it.
    async fn becomes(&self, id: &str, status: &str) {
        self.stripe.set(id, "customer.subscription.updated", |subscription| subscription["status"] = json!(status));
        self.hear().await;
    }

    /// The plan of tenant `demo` and how many people it allows.
    async fn plan(&self) -> (String, u64) {
        let told = self.ops.ask(&self.world.app, "GET", "/tenants/demo/plan", None).await.1;
        (told["plan"].as_str().unwrap().to_owned(), told["limits"]["users"].as_u64().unwrap())
    }

    async fn audited(&self, tenant: &Tenant, action: &str) -> Vec<Value> {
        let rows = chancery::store::audit::page(&self.world.app.app.db, &tenant.id, "", 1_000).await.unwrap();
        let of_action = rows.into_iter().filter(|row| row.action == action);
        of_action.map(|row| json!({ "by": row.actor, "detail": row.detail.0 })).collect()
    }
}

fn small() -> (String, u64) {
    ("small".to_owned(), 10)
}

fn large() -> (String, u64) {
    ("large".to_owned(), 100)
}

fn usual() -> (String, u64) {
    ("default".to_owned(), 2)
}

#[tokio::test]
async fn r19_a_paid_subscription_gives_a_tenant_its_plan_and_its_end_takes_it() {
    let shop = Shop::open().await;
    assert_eq!(shop.plan().await, usual());
    let session = shop.buys(json!({ "items": [{ "price": "small_monthly" }] })).await;
    assert_eq!(shop.plan().await, usual(), "nobody has told of it");
    let event = shop.stripe.objects().events[0].clone();
    assert_eq!(shop.tell(&event, "whsec_of_somebody_else_altogether").await.status, 400);
    shop.world.app.app.payments.work().await.unwrap();
    assert_eq!(shop.plan().await, usual(), "W-105: a stranger said so");
    shop.hear().await;
    assert_eq!(shop.plan().await, small());
    shop.hear().await;
    let rows = shop.audited(&shop.world.tenant, "tenant.plan_changed").await;
    assert_eq!(rows, [json!({ "by": "payments", "detail": { "plan": "small" } })], "once, however often it is told");
    assert_eq!(shop.audited(&shop.ops.tenant, "entitlement.given").await.len(), 1);
    let id = session["subscription"].as_str().unwrap();
    for (status, plan) in [
        ("past_due", small()),
        ("unpaid", usual()),
        ("active", small()),
        ("paused", usual()),
        ("active", small()),
        ("canceled", usual()),
    ] {
        shop.becomes(id, status).await;
        assert_eq!(shop.plan().await, plan, "{status}");
    }
}

#[tokio::test]
async fn r19_a_smaller_plan_takes_nobody_away_and_lets_nobody_in() {
    let shop = Shop::open().await;
    let session = shop.buys(json!({ "plan": "small" })).await;
    shop.hear().await;
    let key = shop.world.app.api_key(&shop.world.tenant, "users:read users:write").await;
    let make = async |email: &str| {
        let told = shop.world.app.call("POST", "/users", Some(&key), Some(json!({ "email": email }))).await;
        told.status
    };
    for number in 0..4 {
        assert_eq!(make(&format!("person{number}@demo.test")).await, 201);
    }
    shop.becomes(session["subscription"].as_str().unwrap(), "canceled").await;
    assert_eq!(shop.plan().await, usual());
    assert_eq!(make("one.too.many@demo.test").await, 403);
    let told = shop.world.app.call("GET", "/users", Some(&key), None).await;
    assert_eq!(told.data.as_array().map(Vec::len), Some(5), "who was there stays: {told:?}");
}

#[tokio::test]
async fn of_two_subscriptions_the_higher_counts_and_what_operators_give_is_theirs_to_take() {
    let shop = Shop::open().await;
    let lower = shop.buys(json!({ "plan": "small" })).await;
    let higher = shop.buys(json!({ "plan": "large" })).await;
    shop.hear().await;
    assert_eq!(shop.plan().await, large());
    shop.becomes(higher["subscription"].as_str().unwrap(), "canceled").await;
    assert_eq!(shop.plan().await, small());
    let by_hand = json!({ "plan": "large" });
    assert_eq!(shop.ops.ask(&shop.world.app, "PUT", "/tenants/demo/plan", Some(by_hand)).await.0, 200);
    shop.becomes(lower["subscription"].as_str().unwrap(), "trialing").await;
    assert_eq!(shop.plan().await, large(), "nothing new was bought");
    shop.becomes(lower["subscription"].as_str().unwrap(), "canceled").await;
    assert_eq!(shop.plan().await, large(), "it was given by hand");
    let once = shop.buys(json!({ "items": [{ "price": "large_for_good" }] })).await;
    shop.hear().await;
    assert_eq!(shop.ops.ask(&shop.world.app, "PUT", "/tenants/demo/plan", Some(json!({ "plan": null }))).await.0, 200);
    let refund = json!({ "payment": once["payment_intent"] });
    assert_eq!(shop.as_program("POST", "/t/system/api/v1/payments/refunds", Some(refund)).await.0, 201);
    shop.hear().await;
    assert_eq!(shop.plan().await, usual());
}

#[tokio::test]
async fn what_nobody_pays_any_more_is_over_without_anybodys_word() {
    let shop = Shop::open().await;
    shop.buys(json!({ "plan": "small" })).await;
    shop.hear().await;
    let payments = &shop.world.app.app.payments;
    shop.world.app.clock.advance(Seconds(33 * DAY - 1));
    assert_eq!(payments.lapse().await.unwrap(), 0, "a message may be three days late");
    shop.world.app.clock.advance(Seconds(1));
    assert_eq!(payments.lapse().await.unwrap(), 1);
    assert_eq!(payments.lapse().await.unwrap(), 0);
    let ended = shop.world.app.app.tenants.look_up("demo").await.unwrap();
    assert_eq!(ended.held.plan.as_deref(), Some("default"));
    assert_eq!(shop.audited(&shop.ops.tenant, "entitlement.taken").await.len(), 1);
}

#[tokio::test]
async fn a_price_that_is_put_to_another_plan_moves_who_pays_it_and_an_account_that_goes_takes_all() {
    let shop = Shop::open().await;
    shop.buys(json!({ "plan": "small" })).await;
    shop.hear().await;
    let moved = [("small", json!({ "prices": [] })), ("large", json!({ "products": ["prod_small"] }))];
    for (key, body) in moved {
        assert_eq!(shop.ops.ask(&shop.world.app, "PATCH", &format!("/plans/{key}"), Some(body)).await.0, 200);
    }
    assert_eq!(shop.plan().await, large());
    assert_eq!(shop.as_program("DELETE", "/t/system/api/v1/payments/account", None).await.0, 204);
    shop.world.app.app.payments.lapse().await.unwrap();
    let ended = shop.world.app.app.tenants.look_up("demo").await.unwrap();
    assert_eq!(ended.held.plan.as_deref(), Some("default"));
}

#[tokio::test]
async fn x2_only_the_operators_sell_to_tenants_and_only_programs_of_theirs_say_to_whom() {
    let shop = Shop::open().await;
    let app = &shop.world.app;
    let own = app.api_key(&shop.world.tenant, "payments:read payments:write payments:admin").await;
    let account = json!({ "secret_key": KEY, "webhook_secrets": [WEBHOOK_SECRET] });
    let at_home = "/t/demo/api/v1/payments";
    assert_eq!(shop.with_key(&own, "PATCH", &format!("{at_home}/account"), Some(account)).await.0, 200);
    let wish = json!({ "tenant": "demo", "plan": "large", "success_url": BACK });
    let told = shop.with_key(&own, "POST", &format!("{at_home}/checkout-sessions"), Some(wish.clone())).await;
    assert_eq!(told.0, 422, "another shop sells its own things: {told:?}");
    let weak = app.api_key(&shop.ops.tenant, "payments:read payments:write").await;
    assert_eq!(shop.with_key(&weak, "POST", CHECKOUTS, Some(wish.clone())).await.0, 403);
    for (name, value, status) in
        [("tenant", json!("nobody"), 404), ("tenant", json!("system"), 404), ("subject", json!("ada"), 422)]
    {
        let mut wish = wish.clone();
        wish["success_url"] = json!("https://system.example/thanks");
        wish[name] = value;
        let told = shop.as_program("POST", CHECKOUTS, Some(wish)).await;
        assert_eq!(told.0, status, "{name}: {told:?}");
    }
    let subject = format!("tenant:{}", shop.world.tenant.id);
    for (base, key) in [("/t/system/api/v1/payments", &shop.key), (at_home, &own)] {
        let plan = json!({ "name": "Mine", "prices": ["small_monthly"] });
        assert_eq!(shop.with_key(key, "PUT", &format!("{base}/plans/large"), Some(plan)).await.0, 200);
        let given = json!({ "subject": subject, "plan": "large" });
        let told = shop.with_key(key, "PUT", &format!("{base}/entitlements"), Some(given)).await;
        assert_eq!(told.0, 422, "{told:?}");
    }
    assert_eq!(shop.plan().await, usual());
}

#[tokio::test]
async fn an_owner_sees_what_is_for_sale_buys_it_and_changes_it_on_stripes_page() {
    let shop = Shop::open().await;
    let world = &shop.world;
    world.promote("ada@demo.test", Role::Owner).await;
    let owner = world.scoped("ada@demo.test", "tenant:read tenant:write").await;
    let listed = world.app.call("GET", "/tenant/plans", Some(&owner), None).await;
    let shown: Vec<_> = listed.data.as_array().unwrap().iter().map(|plan| plan["key"].as_str().unwrap()).collect();
    assert_eq!(shown, ["small", "large"], "{listed:?}");
    assert_eq!(listed.data[0]["prices"][0]["unit_amount"], 900);
    let wish = json!({ "plan": "small", "success_url": BACK });
    let buy = async |token: &str, wish: &Value| {
        let told = world.app.call("POST", "/tenant/plan/checkout-sessions", Some(token), Some(wish.clone())).await;
        (told.status, told.data)
    };
    for (wrong, status) in [
        (json!({ "plan": "default", "success_url": BACK }), 422),
        (json!({ "plan": "none", "success_url": BACK }), 404),
        (json!({ "plan": "small", "success_url": "https://evil.test/" }), 422),
        (json!({ "plan": "small", "success_url": BACK, "subject": "ada" }), 400),
    ] {
        assert_eq!(buy(&owner, &wrong).await.0, status, "{wrong}");
    }
    let (status, begun) = buy(&owner, &wish).await;
    assert_eq!(status, 201, "{begun}");
    shop.stripe.pay(begun["session_id"].as_str().unwrap());
    shop.hear().await;
    assert_eq!(shop.plan().await, small());
    assert_eq!(buy(&owner, &wish).await.0, 409, "nobody pays twice");
    let portal = json!({ "return_url": "https://acme.example/account" });
    let told = world.app.call("POST", "/tenant/plan/portal-sessions", Some(&owner), Some(portal.clone())).await;
    assert!(told.data["url"].as_str().unwrap().starts_with("https://billing.stripe.test/"), "{told:?}");
    world.person("grace@demo.test").await;
    world.promote("grace@demo.test", Role::Admin).await;
    let admin = world.scoped("grace@demo.test", "tenant:read tenant:write").await;
    assert_eq!(buy(&admin, &wish).await.0, 403, "administrators do not spend the owners' money");
    let told = world.app.call("POST", "/tenant/plan/portal-sessions", Some(&admin), Some(portal)).await;
    assert_eq!(told.status, 403, "{told:?}");
}

#[tokio::test]
async fn a_tenant_that_was_deleted_gets_no_plan_and_holds_nothing_up() {
    let shop = Shop::open().await;
    let session = shop.buys(json!({ "plan": "small" })).await;
    let tenants = &shop.world.app.app.tenants;
    let current = tenants.look_up("demo").await.unwrap();
    tenants.delete(current, &Actor::operator()).await.unwrap();
    shop.hear().await;
    assert!(shop.audited(&shop.world.tenant, "tenant.plan_changed").await.is_empty());
    let subscription = format!("/t/system/api/v1/payments/subscriptions/{}", session["subscription"].as_str().unwrap());
    assert_eq!(shop.as_program("GET", &subscription, None).await.0, 200, "what was paid is known");
}
