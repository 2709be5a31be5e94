//! Buying: a plan from the checkout to the token and back, and what nobody can buy.

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::support::shop::{ASKED, Shop, THANKS};
use super::support::{Answer, TestApp};
use super::support::{CALLBACK, PASSWORD, Person, VERIFIER, World};

/// What the redirect to the client says.
fn told(answer: &Answer, name: &str) -> Option<String> {
    let location = url::Url::parse(answer.header("location")).unwrap_or_else(|_| panic!("{}", answer.body));
    location.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

async fn trade(app: &TestApp, form: &[(&str, &str)]) -> Value {
    let fixed = [("client_id", "calendar"), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
    let all: Vec<_> = fixed.iter().chain(form).copied().collect();
    let answer = app.post("/t/demo/oauth/token", &all, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn has(tokens: &Value, scope: &str) -> bool {
    tokens["scope"].as_str().unwrap().split(' ').any(|token| token == scope)
}

/// What introspection tells the resource server about a token.
async fn introspected(world: &World, token: &Value) -> Value {
    let form = [("token", token.as_str().unwrap())];
    let basic = World::basic("resources", super::support::SECRET);
    world.app.post("/t/demo/oauth/introspect", &form, &[("authorization", &basic)]).await.json()
}

#[tokio::test]
async fn w107_what_is_bought_is_in_the_token_and_what_is_cancelled_is_gone_at_the_next_refresh() {
    let shop = Shop::open().await;
    let (world, app) = (&shop.world, &shop.world.app);
    world.confidential("resources", &[&format!("{}/api/v1", world.issuer("demo"))]).await;
    // Ada signs in and allows everything; what has to be paid for is not in her token.
    let mut ada = Person::default();
    ada.open(app, &world.authorize(&[("scope", ASKED)])).await;
    ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    let answer = ada.submit(app, "consent-form", &[("decision", "allow")]).await;
    let code = told(&answer, "code").unwrap();
    let first = trade(app, &[("grant_type", "authorization_code"), ("code", &code)]).await;
    assert!(!has(&first, "reports:read") && has(&first, "entitlements"), "{first}");
    let before = claims(&first["access_token"]);
    assert_eq!((&before["entitlements"], &before["features"], before.get("plan")), (&json!([]), &json!([]), None));
    // She buys.
    let token = first["access_token"].as_str();
    let order = json!({ "plan": "pro", "success_url": THANKS });
    let checkout = app.call("POST", "/payments/checkout-sessions", token, Some(order)).await;
    assert_eq!((checkout.status, &checkout.data["mode"]), (201, &json!("subscription")), "{checkout:?}");
    let session = checkout.data["session_id"].as_str().unwrap();
    assert!(checkout.data["url"].as_str().unwrap().ends_with(session));
    let asked = shop.stripe.objects().all[session].clone();
    assert_eq!(asked["success_url"], THANKS, "the placeholder is as it was");
    shop.stripe.pay(session);
    shop.hear().await;
    // Her claims change with the next refresh; her scope does not, since a refresh never widens (RFC 6749 §6).
    let refresh = first["refresh_token"].as_str().unwrap();
    let second = trade(app, &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    let paid = claims(&second["access_token"]);
    assert_eq!((&paid["plan"], &paid["features"], &paid["seats"]), (&json!("pro"), &json!(["export"]), &json!(5)));
    assert!(!has(&second, "reports:read"), "a refresh has widened: {second}");
    // A silent authorization brings the scope.
    let silent = ada.open(app, &world.authorize(&[("scope", ASKED), ("prompt", "none")])).await;
    let code = told(&silent, "code").unwrap_or_else(|| panic!("{}", silent.header("location")));
    let third = trade(app, &[("grant_type", "authorization_code"), ("code", &code)]).await;
    assert!(has(&third, "reports:read"), "{third}");
    assert_eq!(claims(&third["id_token"])["plan"], "pro");
    let bearer = format!("Bearer {}", third["access_token"].as_str().unwrap());
    let request = Request::get("/t/demo/oauth/userinfo").header("authorization", bearer).body(Body::empty());
    assert_eq!(app.send(request.unwrap()).await.json()["entitlements"], json!(["pro"]));
    assert_eq!(introspected(world, &third["access_token"]).await["plan"], "pro");
    // She cancels: both are gone at the next refresh, and whoever asks about the old token learns so at once.
    let mine = app.call("GET", "/users/me/subscription", third["access_token"].as_str(), None).await;
    assert_eq!((&mine.data["status"], &mine.data["plan"]), (&json!("active"), &json!("pro")), "{mine:?}");
    let path = format!("/payments/subscriptions/{}:cancel", mine.data["subscription"]["id"].as_str().unwrap());
    let ended = app.call("POST", &path, third["access_token"].as_str(), Some(json!({ "at": "now" }))).await;
    assert_eq!((ended.status, &ended.data["status"]), (200, &json!("canceled")), "{ended:?}");
    shop.hear().await;
    let live = introspected(world, &third["access_token"]).await;
    assert!(live.get("plan").is_none() && !has(&live, "reports:read"), "{live}");
    let refresh = third["refresh_token"].as_str().unwrap();
    let fourth = trade(app, &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    let after = claims(&fourth["access_token"]);
    assert!(!has(&fourth, "reports:read") && has(&fourth, "openid"), "{fourth}");
    assert!(after.get("plan").is_none() && after.get("seats").is_none() && after["entitlements"] == json!([]));
}

#[tokio::test]
async fn w108_m2_who_only_buys_names_catalogued_prices_and_comes_back_to_known_places() {
    let shop = Shop::open().await;
    let order = |more: Value| {
        let mut order = json!({ "success_url": THANKS });
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        order
    };
    let made_up = json!({ "currency": "eur", "unit_amount": 1, "product_data": { "name": "Gold" } });
    for (bad, status) in [
        (order(json!({ "items": [{ "price_data": made_up }] })), 403),
        (order(json!({ "linedata": [{ "name": "Gold", "amount": 1, "currency": "eur" }] })), 403),
        (order(json!({ "items": [{ "price": "price_unknown" }] })), 422),
        (order(json!({ "items": [{ "price": "price_book", "quantity": 0 }] })), 422),
        (order(json!({ "items": [{ "price": "price_book", "quantity": -1 }] })), 400),
        (order(json!({ "items": [{ "price": "price_book", "quantity": 1.5 }] })), 400),
        (order(json!({ "items": [{ "price": "price_book", "coupon": "all" }] })), 400),
        (order(json!({ "items": [] })), 422),
        (order(json!({ "plan": "gold" })), 404),
        (order(json!({ "plan": "pro", "mode": "payment" })), 422),
        (order(json!({ "items": [{ "price": "price_book" }], "mode": "subscription" })), 422),
        (order(json!({ "plan": "pro", "subject": "grace" })), 403),
        (order(json!({ "plan": "pro", "customer_email": "grace@demo.test" })), 403),
        (order(json!({ "plan": "pro", "customer": "cus_000001" })), 400),
        (order(json!({ "plan": "pro", "transfer_data": {} })), 400),
        (order(json!({ "plan": "pro", "application_fee_amount": 1 })), 400),
        (order(json!({ "plan": "pro", "metadata": { "chancery_subject": "grace" } })), 422),
        (order(json!({ "plan": "pro", "success_url": "https://evil.test/" })), 422),
        (order(json!({ "plan": "pro", "success_url": "javascript:alert(1)" })), 422),
        (order(json!({ "plan": "pro", "cancel_url": "https://calendar.example@evil.test/" })), 422),
        (json!({ "plan": "pro" }), 400),
    ] {
        let told = shop.call("ada@demo.test", "POST", "/checkout-sessions", Some(bad.clone())).await;
        assert_eq!(told.status, status, "{bad}: {told:?}");
    }
    assert_eq!(shop.stripe.count("POST", "/v1/checkout/sessions"), 0, "Stripe was asked all the same");
    // Without the scope nothing is begun, and a token that only reads begins nothing either.
    let token = shop.token("ada@demo.test", "payments:read").await;
    let app = &shop.world.app;
    let refused =
        app.call("POST", "/payments/checkout-sessions", Some(&token), Some(order(json!({ "plan": "pro" })))).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("insufficient_scope")), "{refused:?}");
    // A person with `payments:admin` is a person all the same.
    let grace = app.app.accounts.look_up(&shop.world.tenant, "grace@demo.test").await.unwrap();
    let role = chancery::store::users::Role::Admin;
    app.app.accounts.set_role(&shop.world.tenant, &grace.id, role, &chancery::base::Actor::operator()).await.unwrap();
    let token = shop.token("grace@demo.test", "payments:admin").await;
    let body = order(json!({ "items": [{ "price_data": made_up }] }));
    let refused = app.call("POST", "/payments/checkout-sessions", Some(&token), Some(body.clone())).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    // A program that governs makes prices up, in its words and in those of older systems.
    for items in [
        json!({ "items": [{ "price_data": made_up }] }),
        json!({ "linedata": [{ "name": "Tea", "amount": 5 }], "currency": "eur" }),
    ] {
        let mut body = order(items);
        body["customer_email"] = json!("ada@demo.test");
        body["success_url"] = json!("https://shop.test/");
        let refused = shop.govern("POST", "/checkout-sessions", Some(body.clone())).await;
        assert_eq!(refused.status, 422, "a key has no redirect URIs, and the tenant listed no place: {refused:?}");
        let mut tenant = shop.world.tenant.clone();
        tenant = app.app.tenants.look_up(tenant.slug.as_str()).await.unwrap();
        tenant.settings.0.redirect_origins = vec!["https://shop.test".to_owned()];
        app.app
            .tenants
            .change(&app.clock, &tenant, "tenant.updated", &chancery::base::Actor::operator())
            .await
            .unwrap();
        let told = shop.govern("POST", "/checkout-sessions", Some(body)).await;
        assert_eq!(told.status, 201, "{told:?}");
        tenant = app.app.tenants.look_up(tenant.slug.as_str()).await.unwrap();
        tenant.settings.0.redirect_origins.clear();
        app.app
            .tenants
            .change(&app.clock, &tenant, "tenant.updated", &chancery::base::Actor::operator())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_same_key_begins_one_checkout_whatever_happens_on_the_way() {
    let shop = Shop::open().await;
    let order = json!({ "plan": "pro", "success_url": THANKS });
    let begin = async |key: &str, order: &Value| shop.keyed("ada@demo.test", "/checkout-sessions", key, order).await;
    let first = begin("one", &order).await;
    let again = begin("one", &order).await;
    assert_eq!((first.status, again.status, &first.data), (201, 200, &again.data));
    let other = begin("one", &json!({ "items": [{ "price": "price_book" }], "success_url": THANKS })).await;
    assert_eq!((other.status, &other.body["code"]), (422, &json!("idempotency_conflict")), "{other:?}");
    // Stripe is busy: it is asked again, under the same key.
    shop.stripe.fail(&[500, 429]);
    assert_eq!(begin("two", &order).await.status, 201);
    // It does not answer at all; later the same request goes on where it was.
    shop.stripe.fail(&[503, 503, 503]);
    let down = begin("three", &order).await;
    assert_eq!((down.status, &down.body["code"]), (502, &json!("payment_provider_unavailable")), "{down:?}");
    assert_eq!(begin("three", &order).await.status, 201);
    // The bank says no; the key is as good as new.
    shop.stripe.fail(&[402]);
    let declined = begin("four", &order).await;
    assert_eq!((declined.status, &declined.body["code"]), (402, &json!("payment_provider_error")), "{declined:?}");
    assert_eq!(
        (&declined.body["provider_code"], &declined.body["decline_code"]),
        (&json!("card_declined"), &json!("insufficient_funds"))
    );
    assert_eq!(begin("four", &order).await.status, 201);
    let kept = shop.stripe.objects().all.values().filter(|object| object["object"] == "checkout.session").count();
    assert_eq!(kept, 4, "one for each key");
    assert_eq!(shop.stripe.count("POST", "/v1/customers"), 1, "one customer per person");
    shop.stripe.stop();
    let dead = begin("five", &order).await;
    assert_eq!(dead.status, 502, "{dead:?}");
    for (headers, body) in shop.world.app.answers.lock().unwrap().iter() {
        for secret in [crate::stripe::KEY, crate::stripe::WEBHOOK_SECRET, "Invalid API Key"] {
            assert!(!headers.contains(secret) && !body.contains(secret), "M2: {body}");
        }
    }
}

#[tokio::test]
async fn where_nothing_is_sold_the_answers_say_so() {
    let world = World::new().await;
    let sub = world.sub("ada@demo.test").await;
    let token = world.token_with(&[("sub", json!(sub)), ("scope", json!("payments:read payments:write"))]).await;
    let order = json!({ "plan": "pro", "success_url": THANKS });
    let told = world.app.call("POST", "/payments/checkout-sessions", Some(&token), Some(order)).await;
    assert_eq!((told.status, &told.body["code"]), (404, &json!("payments_disabled")), "{told:?}");
    let told = world.app.call("GET", "/users/me/subscription", Some(&token), None).await;
    assert_eq!((told.status, &told.data["status"]), (200, &json!("none")), "{told:?}");
}

#[tokio::test]
async fn what_has_to_be_paid_for_is_named_with_its_plans() {
    let shop = Shop::open().await;
    let plan = json!({ "prices": ["pro_monthly"], "scopes": "storage:write reports:read" });
    assert_eq!(shop.govern("PUT", "/plans/writer", Some(plan)).await.status, 200);
    let plan = json!({ "prices": ["team_monthly"], "scopes": "payments:write" });
    assert_eq!(shop.govern("PUT", "/plans/buyer", Some(plan)).await.status, 200);
    let token = shop.token("ada@demo.test", "payments:read").await;
    let body = json!({ "return_url": "https://calendar.example/" });
    let told = shop.world.app.call("POST", "/payments/portal-sessions", Some(&token), Some(body)).await;
    assert_eq!((told.status, &told.body["code"]), (403, &json!("entitlement_required")), "{told:?}");
    assert_eq!(
        (&told.body["plans"], &told.body["type"]),
        (&json!(["buyer"]), &json!("/problems/entitlement-required"))
    );
    let metadata = shop.world.app.get("/t/demo/.well-known/oauth-protected-resource/api/v1/storage").await.json();
    assert_eq!(metadata["entitlement_required"], json!({ "storage:write": ["writer"] }));
}
