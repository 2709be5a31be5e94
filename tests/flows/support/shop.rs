//! A tenant that sells: an account at the stand-in for Stripe, a plan, and people who may buy it.

use axum::body::Body;
use axum::http::Request;
use chancery::base::Scope;
use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use super::{Answer, TestApp, Told, World};
use crate::stripe::{KEY, StandIn, WEBHOOK_SECRET, signed};

/// Where people come back to.
pub const THANKS: &str = "https://calendar.example/thanks?session={CHECKOUT_SESSION_ID}";
/// Where Stripe tells.
pub const WEBHOOK: &str = "/t/demo/api/v1/payments/webhooks/stripe";
/// What client `calendar` asks for.
pub const ASKED: &str = "openid offline_access entitlements reports:read payments:read payments:write";

/// The world with a shop in it.
pub struct Shop {
    /// The world.
    pub world: World,
    /// What stands in for Stripe.
    pub stripe: StandIn,
    /// An API key that governs payments.
    pub key: String,
}

impl Shop {
    /// With the plan `pro` at `price_pro`, which opens `reports:read`, and `price_book`, which is paid once.
    pub async fn open() -> Self {
        let stripe = StandIn::start().await;
        let url = stripe.url.clone();
        let app = TestApp::configured(|config| {
            config.payments.stripe_url = url;
            config.payments.retry_wait = 1;
            config.testing.http_callbacks = true;
        });
        let app = app.await;
        stripe.follow(&app.clock);
        let settings = Settings { scopes: vec!["reports:read".to_owned()], ..Settings::default() };
        let tenant = app.tenant("demo", settings).await;
        let key = app.api_key(&tenant, "payments:read payments:write payments:admin").await;
        let world = World { app, tenant };
        for email in ["ada@demo.test", "grace@demo.test"] {
            world.person(email).await;
        }
        let asked: Scope = ASKED.parse().unwrap();
        world.client("calendar", "Calendar", |client| client.metadata.0.scope = asked).await;
        stripe.sell("price_pro", "pro_monthly", 900, true);
        stripe.sell("price_team", "team_monthly", 2_900, true);
        stripe.sell("price_book", "book", 500, false);
        let shop = Self { world, stripe, key };
        let account = json!({ "secret_key": KEY, "webhook_secrets": [WEBHOOK_SECRET] });
        let told = shop.govern("PATCH", "/account", Some(account)).await;
        assert_eq!((told.status, &told.data["livemode"]), (200, &json!(false)), "{told:?}");
        let pro = json!({
            "name": "Pro", "prices": ["pro_monthly"], "scopes": "reports:read", "features": ["export"], "rank": 1,
            "claims": { "seats": 5 }, "quotas": { "documents": 1000 },
        });
        assert_eq!(shop.govern("PUT", "/plans/pro", Some(pro)).await.status, 200);
        let reader = json!({ "name": "Reader", "prices": ["price_book"], "features": ["book"] });
        assert_eq!(shop.govern("PUT", "/plans/reader", Some(reader)).await.status, 200);
        shop
    }

    /// Calls the payments API as the program that governs.
    pub async fn govern(&self, method: &str, path: &str, body: Option<Value>) -> Told {
        self.world.app.call(method, &format!("/payments{path}"), Some(&self.key), body).await
    }

    /// An access token of somebody.
    pub async fn token(&self, email: &str, scope: &str) -> String {
        let sub = self.world.sub(email).await;
        self.world.token_with(&[("sub", json!(sub)), ("scope", json!(scope))]).await
    }

    /// Calls the payments API as somebody who may buy.
    pub async fn call(&self, email: &str, method: &str, path: &str, body: Option<Value>) -> Told {
        let token = self.token(email, "payments:read payments:write").await;
        self.world.app.call(method, &format!("/payments{path}"), Some(&token), body).await
    }

    /// As [`Shop::call`], with an idempotency key.
    pub async fn keyed(&self, email: &str, path: &str, key: &str, body: &Value) -> Told {
        let token = self.token(email, "payments:read payments:write").await;
        let request = Request::post(format!("/t/demo/api/v1/payments{path}"))
            .header("authorization", format!("Bearer {token}"))
            .header("idempotency-key", key)
            .header("content-type", "application/json");
        let answer = self.world.app.send(request.body(Body::from(body.to_string())).unwrap()).await;
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        Told { status: answer.status.as_u16(), data: body["data"].clone(), body }
    }

    /// Begins a checkout of the plan `pro` for somebody and pays: the subscription's id at Stripe. Nobody is told yet.
    pub async fn buys_pro(&self, email: &str) -> String {
        let told =
            self.call(email, "POST", "/checkout-sessions", Some(json!({ "plan": "pro", "success_url": THANKS })));
        let told = told.await;
        assert_eq!(told.status, 201, "{told:?}");
        let session = self.stripe.pay(told.data["session_id"].as_str().unwrap());
        session["subscription"].as_str().unwrap().to_owned()
    }

    /// Stripe tells one event.
    pub async fn tell(&self, event: &Value) -> Answer {
        let body = event.to_string();
        let signature = signed(WEBHOOK_SECRET, self.world.app.clock.now().0, &body);
        self.post_event(&body, Some(&signature)).await
    }

    /// Something comes to where Stripe tells.
    pub async fn post_event(&self, body: &str, signature: Option<&str>) -> Answer {
        let mut request = Request::post(WEBHOOK).header("content-type", "application/json; charset=utf-8");
        if let Some(signature) = signature {
            request = request.header("stripe-signature", signature);
        }
        self.world.app.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Stripe tells everything that happened, and it is acted upon.
    pub async fn hear(&self) {
        let events = self.stripe.objects().events.clone();
        for event in events {
            assert_eq!(self.tell(&event).await.status, 200);
        }
        self.world.app.app.payments.work().await.unwrap();
    }

    /// The plans that somebody has now.
    pub async fn plans(&self, email: &str) -> Vec<String> {
        let told = self.call(email, "GET", "/entitlements", None).await;
        serde_json::from_value(told.data["plans"].clone()).unwrap_or_else(|_| panic!("{told:?}"))
    }

    /// How often something stands in the audit trail.
    pub async fn audited(&self, action: &str) -> usize {
        let rows =
            chancery::store::audit::page(&self.world.app.app.db, &self.world.tenant.id, "", 1_000).await.unwrap();
        rows.iter().filter(|row| row.action == action).count()
    }
}
