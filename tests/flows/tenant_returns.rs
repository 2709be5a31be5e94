//! A tenant that comes back brings none of what was begun before with it: tokens of every kind, refresh tokens and
//! sign-ins are over, and what somebody is known by is not (R15, W-025).

use chancery::base::Seconds;
use serde_json::{Value, json};

use crate::support::operators::Operators;
use crate::support::{PASSWORD, Person, SECRET, World};

const ACCOUNT: &str = "/t/demo/account";

/// Everything that can be out of a tenant.
struct Held {
    jwt: String,
    opaque: String,
    machine: String,
    refresh: String,
    browser: Person,
    key: String,
}

/// A world with a client that may do everything, and operators.
async fn world() -> (World, Operators) {
    let world = World::new().await;
    world.confidential("shop", &[]).await;
    let ops = Operators::of(&world.app).await;
    (world, ops)
}

async fn hold(world: &World, grant: &str) -> Held {
    let mut claims = world.claims().await;
    claims.insert("client_id".to_owned(), "shop".into());
    claims.insert("scope".to_owned(), "openid email users:read".into());
    claims.insert("gid".to_owned(), grant.into());
    let refresh = world.refresh_token("shop", grant).await;
    let (jwt, opaque) = (world.token(&claims).await, world.opaque(&claims).await);
    let basic = World::basic("shop", SECRET);
    let form = [("grant_type", "client_credentials")];
    let answer = world.app.post("/t/demo/oauth/token", &form, &[("authorization", &basic)]).await;
    let machine: Value = serde_json::from_str(&answer.body).unwrap();
    let mut browser = Person::default();
    browser.open(&world.app, "/t/demo/login").await;
    browser.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    let key = world.app.api_key(&world.tenant, "users:read").await;
    let machine = machine["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned();
    Held { jwt, opaque, machine, refresh, browser, key }
}

/// What opens a door: each by its name, and whether it does.
async fn open(world: &World, held: &mut Held) -> Vec<(&'static str, bool)> {
    let basic = World::basic("shop", SECRET);
    let mut opened = Vec::new();
    for (name, token) in [("jwt", &held.jwt), ("opaque", &held.opaque)] {
        let bearer = format!("Bearer {token}");
        let answer = world.app.post("/t/demo/oauth/userinfo", &[], &[("authorization", &bearer)]).await;
        opened.push((if name == "jwt" { "jwt at userinfo" } else { "opaque at userinfo" }, answer.status == 200));
    }
    let tokens = [
        ("jwt", &held.jwt),
        ("opaque", &held.opaque),
        ("machine's token", &held.machine),
        ("refresh token", &held.refresh),
    ];
    for (name, token) in tokens {
        let answer =
            world.app.post("/t/demo/oauth/introspect", &[("token", token)], &[("authorization", &basic)]).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        opened.push((name, told["active"] == json!(true)));
    }
    let form = [("grant_type", "refresh_token"), ("refresh_token", held.refresh.as_str())];
    let answer = world.app.post("/t/demo/oauth/token", &form, &[("authorization", &basic)]).await;
    opened.push(("refreshing", answer.status == 200));
    let answer = held.browser.open(&world.app, ACCOUNT).await;
    opened.push(("sign-in", answer.status == 200 && !held.browser.at.contains("/login")));
    opened
}

fn none_of(opened: &[(&str, bool)], when: &str) {
    let alive: Vec<_> = opened.iter().filter(|(_, opens)| *opens).map(|(name, _)| name).collect();
    assert!(alive.is_empty(), "{when}: {alive:?} came to life again");
}

#[tokio::test]
async fn r15_w025_nothing_that_was_begun_comes_back_with_a_suspended_or_deleted_tenant() {
    let (world, ops) = world().await;
    for (number, (method, down, up)) in [
        ("POST", "/tenants/demo/suspend", "/tenants/demo/activate"),
        ("DELETE", "/tenants/demo", "/tenants/demo/restore"),
    ]
    .into_iter()
    .enumerate()
    {
        // The one that is refreshed is another, since refreshing uses it up.
        let mut before = hold(&world, &format!("grant-{number}-a")).await;
        let opened = open(&world, &mut before).await;
        assert!(opened.iter().all(|(_, opens)| *opens), "{opened:?}");
        let mut held = hold(&world, &format!("grant-{number}-b")).await;
        world.app.clock.advance(Seconds(5));
        assert_eq!(ops.ask(&world.app, method, down, None).await.0, 200);
        world.app.clock.advance(Seconds(60));
        assert_eq!(ops.ask(&world.app, "POST", up, None).await.0, 200);
        none_of(&open(&world, &mut held).await, up);
        let key = world.ask(&held.key, "GET", "/users", None).await;
        assert_eq!(key.0, 200, "a key is no token; it is revoked by itself: {key:?}");
        let mut again = hold(&world, &format!("grant-{number}-c")).await;
        let opened = open(&world, &mut again).await;
        assert!(opened.iter().all(|(_, opens)| *opens), "who signs in anew is in: {opened:?}");
    }
    let rows = chancery::store::audit::page(&world.app.app.db, &world.tenant.id, "", 1_000).await.unwrap();
    let suspended = rows.iter().find(|row| row.action == "tenant.suspended").unwrap();
    assert!(suspended.detail["ended"]["sessions"].as_u64() >= Some(2), "{:?}", suspended.detail);
    assert!(suspended.detail["ended"]["grants"].as_u64() >= Some(1), "{:?}", suspended.detail);
}

#[tokio::test]
async fn what_another_node_issued_before_it_heard_of_the_end_is_over_too() {
    let (world, ops) = world().await;
    assert_eq!(ops.ask(&world.app, "POST", "/tenants/demo/suspend", None).await.0, 200);
    // It hears of it within a second.
    world.app.clock.advance(Seconds(1));
    let mut claims = world.claims().await;
    claims.insert("client_id".to_owned(), "shop".into());
    let late = world.token(&claims).await;
    let refresh = world.refresh_token("shop", "late").await;
    world.app.clock.advance(Seconds(60));
    assert_eq!(ops.ask(&world.app, "POST", "/tenants/demo/activate", None).await.0, 200);
    let basic = World::basic("shop", SECRET);
    for token in [&late, &refresh] {
        let answer =
            world.app.post("/t/demo/oauth/introspect", &[("token", token)], &[("authorization", &basic)]).await;
        assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap(), json!({ "active": false }));
    }
}
