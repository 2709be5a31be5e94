//! A tenant has as much of everything as its plan allows, however it is asked for and however many ask at once.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use chancery::base::{Actor, Seconds};
use chancery::clients::Registration;
use chancery::store::clients::ClientKind;
use chancery::store::tenant_plans::{Allowance, Terms};
use chancery::store::tenant_usage;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::sign_up::open_world;
use super::support::operators::Operators;
use super::support::others::Others;
use super::support::storage::Storage;
use super::support::{Answer, Instance, PASSWORD, Person, Told, World};

const REGISTER: &str = "/t/demo/api/v1/auth/register";

/// Gives tenant `demo` a plan of these limits.
pub async fn limit(world: &World, limits: Allowance) {
    let (tenants, clock, by) = (&world.app.app.tenants, &world.app.clock, Actor::operator());
    if let Ok(mut plan) = tenants.plan("small").await {
        plan.terms.0.limits = limits;
        tenants.change_plan(clock, &plan, &by).await.unwrap();
        return;
    }
    let terms = Terms { name: "Small".to_owned(), limits, ..Terms::default() };
    tenants.make_plan(clock, ("small", &terms), &by).await.unwrap();
    tenants.give_plan(clock, &world.tenant, Some("small"), &by).await.unwrap();
}

fn users(most: u64) -> Allowance {
    Allowance { users: Some(most), ..Allowance::default() }
}

/// How many a limit counts, and that nothing is counted wrongly.
async fn used(world: &World, what: &str) -> i64 {
    assert_eq!(tenant_usage::wrong(&world.app.app.db).await.unwrap(), []);
    world.app.app.tenants.usage(&world.app.clock, &world.tenant.id).await.unwrap()[what]
}

async fn create(world: &World, key: &str, email: &str) -> Told {
    world.app.call("POST", "/users", Some(key), Some(json!({ "email": email }))).await
}

fn assert_full(told: &Told, (limit, used): (u64, u64)) {
    assert_eq!((told.status, &told.body["code"]), (403, &json!("plan_limit_reached")), "{told:?}");
    let numbers = (&told.body["limit"], &told.body["used"], &told.body["plan"]);
    assert_eq!(numbers, (&json!(limit), &json!(used), &json!("small")), "{told:?}");
}

#[tokio::test]
async fn r19_of_fifty_people_at_once_exactly_as_many_are_made_as_there_is_room_for() {
    let world = Arc::new(World::new().await);
    let key = Arc::new(world.app.api_key(&world.tenant, "users:write").await);
    limit(&world, users(9)).await;
    let mut all = JoinSet::new();
    for number in 0..50 {
        let (world, key) = (Arc::clone(&world), Arc::clone(&key));
        all.spawn(async move { create(&world, &key, &format!("person{number}@demo.test")).await });
    }
    let told = all.join_all().await;
    assert_eq!(told.iter().filter(|told| told.status == 201).count(), 7, "two were there");
    for told in told.iter().filter(|told| told.status != 201) {
        assert_full(told, (9, 9));
    }
    assert_eq!(used(&world, "users").await, 9);
}

#[tokio::test]
async fn r19_of_fifty_clients_at_once_exactly_as_many_are_made_as_there_is_room_for() {
    let world = Arc::new(World::new().await);
    limit(&world, Allowance { clients: Some(8), ..Allowance::default() }).await;
    world.app.token_of("ada@demo.test").await;
    let mut all = JoinSet::new();
    for number in 0..50 {
        let world = Arc::clone(&world);
        all.spawn(async move {
            let tenant = world.app.context("demo").await;
            let wish = Registration::preset(ClientKind::Service, &format!("App {number}"));
            world.app.app.clients.register(&tenant, wish, "operator").await.is_ok()
        });
    }
    let made = all.join_all().await.into_iter().filter(|made| *made).count();
    assert_eq!(made, 7, "one was there, and the built-in one does not count");
    assert_eq!(used(&world, "clients").await, 8);
}

#[tokio::test]
async fn r19_people_count_however_they_come() {
    let world = open_world(|settings| settings.username_sign_up = true).await;
    let app = &world.app;
    let key = app.api_key(&world.tenant, "users:write users:invite").await;
    limit(&world, users(1)).await;
    let invite = json!({ "email": "eve@demo.test" });
    assert_full(&create(&world, &key, "eve@demo.test").await, (1, 1));
    assert_full(&app.call("POST", "/invitations", Some(&key), Some(invite.clone())).await, (1, 1));
    let by_name = json!({ "username": "eve", "password": PASSWORD });
    let signed_up = json!({ "email": "eve@demo.test", "password": PASSWORD });
    for body in [&by_name, &signed_up] {
        let answer = app.tell(REGISTER, body).await;
        assert_eq!(answer.status, 403, "{}", answer.body);
    }
    limit(&world, users(5)).await;
    assert_eq!(app.call("POST", "/invitations", Some(&key), Some(invite.clone())).await.status, 201);
    assert_eq!(used(&world, "users").await, 2, "an invitation keeps a place");
    assert_eq!(app.call("POST", "/invitations", Some(&key), Some(invite)).await.status, 201);
    assert_eq!(used(&world, "users").await, 2, "the same one");
    assert_eq!(create(&world, &key, "made@demo.test").await.status, 201);
    assert!(app.tell(REGISTER, &by_name).await.status.is_success());
    let other = json!({ "email": "nora@demo.test", "password": PASSWORD });
    assert!(app.tell(REGISTER, &other).await.status.is_success());
    assert_eq!(used(&world, "users").await, 5);
    // Whoever was invited comes in, also when the plan has become smaller meanwhile.
    limit(&world, users(1)).await;
    let secret = app.secret_to("eve@demo.test", "invitation").await;
    let accepted =
        app.tell(&format!("/t/demo/api/v1/invitations/{secret}/accept"), &json!({ "password": PASSWORD })).await;
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    assert_eq!(used(&world, "users").await, 5);
    assert_full(&create(&world, &key, "more@demo.test").await, (1, 5));
}

#[tokio::test]
async fn r19_an_invitation_that_ended_keeps_no_place() {
    let world = World::new().await;
    let key = world.app.api_key(&world.tenant, "users:invite").await;
    limit(&world, users(3)).await;
    let invite =
        async |email: &str| world.app.call("POST", "/invitations", Some(&key), Some(json!({ "email": email }))).await;
    let id = invite("one@demo.test").await.data["id"].as_str().unwrap().to_owned();
    assert_full(&invite("two@demo.test").await, (3, 3));
    assert_eq!(world.app.call("DELETE", &format!("/invitations/{id}"), Some(&key), None).await.status, 204);
    let id = invite("two@demo.test").await.data["id"].as_str().unwrap().to_owned();
    world.app.clock.advance(Seconds(8 * 86_400));
    assert_eq!(invite("three@demo.test").await.status, 201, "the one before has expired");
    let again = world.app.call("POST", &format!("/invitations/{id}/resend"), Some(&key), None).await;
    assert_full(&again, (3, 3));
}

#[tokio::test]
async fn w009_a_full_tenant_tells_strangers_the_same_whoever_has_the_address() {
    let world = open_world(|_| {}).await;
    limit(&world, users(1)).await;
    let look = async |email: &str| {
        let answer = world.app.tell(REGISTER, &json!({ "email": email, "password": PASSWORD })).await;
        let mut body: Value = serde_json::from_str(&answer.body).unwrap();
        body["request_id"].take();
        (answer.status.as_u16(), body)
    };
    let (status, body) = look("ada@demo.test").await;
    assert_eq!((status, &body["code"]), (403, &json!("plan_limit_reached")));
    assert!(body.get("used").is_none() && body.get("limit").is_none() && body.get("plan").is_none(), "{body}");
    assert_eq!(look("nobody@demo.test").await, (status, body));
    let mut nora = Person::default();
    nora.open(&world.app, "/t/demo/signup").await;
    let form = [("name", "Nora"), ("email", "nora@demo.test"), ("password", PASSWORD)];
    let page: Answer = nora.submit(&world.app, "sign-up-form", &form).await;
    assert!(page.body.contains("No more accounts can be made here at the moment."), "{}", page.body);
}

#[tokio::test]
async fn r19_whoever_comes_from_another_provider_counts_too() {
    let others = Others::new(|_| {}).await;
    others.there.person("new@corp.test").await;
    limit(&others.here, users(2)).await;
    let mut neo = Person::default();
    neo.open(&others.here.app, &others.here.authorize(&[])).await;
    let refused = others.sign_in(&mut neo, "new@corp.test").await;
    assert!(refused.page() != "consent", "{}", refused.body);
    assert_eq!(used(&others.here, "users").await, 2);
    limit(&others.here, users(3)).await;
    let mut neo = Person::default();
    neo.open(&others.here.app, &others.here.authorize(&[])).await;
    assert_eq!(others.sign_in(&mut neo, "new@corp.test").await.page(), "consent");
    assert_eq!(used(&others.here, "users").await, 3);
}

#[tokio::test]
async fn r19_a_smaller_plan_takes_nothing_away_and_lets_nothing_be_added() {
    let world = World::new().await;
    let key = world.app.api_key(&world.tenant, "users:write").await;
    let sub = world.app.app.accounts.look_up(&world.tenant, "grace@demo.test").await.unwrap().id;
    limit(&world, users(1)).await;
    assert_full(&create(&world, &key, "eve@demo.test").await, (1, 2));
    world.app.token_of("grace@demo.test").await;
    let path = format!("/users/{sub}");
    let call =
        async |method: &str, rest: &str| world.app.call(method, &format!("{path}{rest}"), Some(&key), None).await;
    // Who is suspended or deleted makes room, and needs room to come back.
    assert_eq!(call("POST", "/suspend").await.status, 200);
    assert_eq!(used(&world, "users").await, 1);
    assert_full(&call("POST", "/activate").await, (1, 1));
    limit(&world, users(2)).await;
    assert_eq!(call("POST", "/activate").await.status, 200);
    assert_eq!(call("POST", "/activate").await.status, 200, "who is active stays so in a full tenant");
    assert_eq!(call("DELETE", "").await.status, 200);
    assert_eq!(create(&world, &key, "eve@demo.test").await.status, 201);
    assert_full(&call("POST", "/restore").await, (2, 2));
    limit(&world, users(3)).await;
    assert_eq!(call("POST", "/restore").await.status, 200);
    assert_eq!(used(&world, "users").await, 3);
    assert_eq!(call("DELETE", "").await.status, 200);
    world.app.clock.advance(Seconds(31 * 86_400));
    assert_eq!(world.app.app.accounts.purge_due().await.unwrap(), 1);
    assert_eq!(used(&world, "users").await, 2, "being purged counts nobody twice");
}

#[tokio::test]
async fn r19_documents_keep_to_the_smaller_of_quota_and_plan() {
    let storage = Storage::with("orders").await;
    let (tenants, clock, by) = (&storage.world.app.app.tenants, &storage.world.app.clock, Actor::operator());
    limit(&storage.world, Allowance { documents: Some(3), ..Allowance::default() }).await;
    let insert = async || storage.ask(&storage.ada, "POST", "/orders/documents", json!({ "n": 1 })).await;
    for _ in 0..3 {
        assert_eq!(insert().await.0, 201);
    }
    let (status, told) = insert().await;
    assert_eq!((status, &told["code"], &told["limit"]), (403, &json!("quota_exceeded"), &json!(3)), "{told}");
    let mut tenant = tenants.look_up("demo").await.unwrap();
    tenant.settings.0.quotas.documents = Some(10);
    tenants.change(clock, &tenant, "tenant.updated", &by).await.unwrap();
    assert_eq!(insert().await.0, 403, "the plan's is smaller");
    limit(&storage.world, Allowance { documents: Some(100), ..Allowance::default() }).await;
    for _ in 3..10 {
        assert_eq!(insert().await.0, 201);
    }
    assert_eq!(insert().await.1["limit"], 10, "the tenant's own is smaller");
}

#[tokio::test]
async fn requests_of_a_minute_end_and_tell_when_there_are_more() {
    let world = World::new().await;
    limit(&world, Allowance { requests_per_minute: Some(5), ..Allowance::default() }).await;
    let ask = async || world.app.get("/t/demo/login").await;
    for left in (0..5).rev() {
        let answer = ask().await;
        assert_eq!(answer.status, 200);
        assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-remaining")), ("5", &*left.to_string()));
    }
    let refused = ask().await;
    assert_eq!((refused.status.as_u16(), refused.page()), (429, "error"));
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit-remaining")), ("60", "0"));
    let api = world.app.call("GET", "/whoami", None, None).await;
    assert_eq!((api.status, &api.body["code"]), (429, &json!("too_many_requests")));
    let token = world.app.post("/t/demo/oauth/token", &[("grant_type", "refresh_token")], &[]).await;
    assert_eq!(token.status, 429, "{}", token.body);
    for open in ["/oauth/jwks", "/.well-known/openid-configuration"] {
        assert_eq!(world.app.get(&format!("/t/demo{open}")).await.status, 200, "{open}");
    }
    world.app.tenant("other", chancery::store::tenants::Settings::default()).await;
    let other = world.app.get("/t/other/login").await;
    assert_eq!((other.status.as_u16(), other.header("ratelimit-limit")), (200, ""), "it has no limit");
    world.app.clock.advance(Seconds(60));
    assert_eq!(ask().await.status, 200);
}

#[tokio::test]
async fn mails_of_a_day_end_but_warnings_leave() {
    let world = World::new().await;
    let key = world.app.api_key(&world.tenant, "users:invite users:write").await;
    limit(&world, Allowance { mails_per_day: Some(2), ..Allowance::default() }).await;
    let invite =
        async |email: &str| world.app.call("POST", "/invitations", Some(&key), Some(json!({ "email": email }))).await;
    assert_eq!(invite("one@demo.test").await.status, 201);
    assert_eq!(invite("two@demo.test").await.status, 201);
    let refused = invite("three@demo.test").await;
    assert_eq!((refused.status, &refused.body["code"]), (429, &json!("too_many_requests")));
    let forgot = json!({ "email": "ada@demo.test" });
    assert_eq!(world.app.call("POST", "/auth/forgot-password", None, Some(forgot)).await.status, 202);
    assert!(world.app.mails_to("ada@demo.test").await.is_empty());
    let ada = world.app.app.accounts.look_up(&world.tenant, "ada@demo.test").await.unwrap().id;
    let path = format!("/users/{ada}/suspend");
    assert_eq!(world.app.call("POST", &path, Some(&key), None).await.status, 200);
    assert_eq!(world.app.mails_to("ada@demo.test").await.len(), 1, "whoever is locked out hears of it");
    world.app.clock.advance(Seconds(86_401));
    assert_eq!(invite("three@demo.test").await.status, 201);
}

#[tokio::test]
async fn a_request_that_is_looked_at_twice_counts_once() {
    let world = World::new().await;
    limit(&world, Allowance { requests_per_minute: Some(9), ..Allowance::default() }).await;
    let request = Request::post("/t/demo/api/v1/auth/forgot-password").header("content-type", "application/json");
    let body = Body::from(json!({ "email": "ada@demo.test" }).to_string());
    assert_eq!(world.app.send(request.body(body).unwrap()).await.status, 202);
    assert_eq!(world.app.get("/t/demo/login").await.header("ratelimit-remaining"), "7");
}

#[tokio::test]
async fn the_guides_commands_do_what_it_says() {
    let place = Instance::new().await;
    place.run("migrate up --json").json();
    place.run("tenant create --slug acme --name Acme --json").json();
    let guide = include_str!("../../docs/guides/plans.md");
    let commands = guide.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    for command in commands.lines() {
        let ran = place.run(command.strip_prefix("chancery ").unwrap());
        assert_eq!(ran.code, 0, "{command}: {ran:?}");
    }
    let of = place.run("plan of acme --json").json();
    assert_eq!((&of["plan"], &of["limits"]["users"], &of["used"]["users"]), (&json!("small"), &json!(100), &json!(0)));
    assert_eq!(place.run("plan delete small").code, 1, "a tenant has it");
    assert_eq!(place.run("plan set small --limit cakes=1").code, 1);
    assert_eq!(place.run("plan give acme").code, 0);
    assert_eq!(place.run("plan of acme --json").json()["plan"], "default");
    assert_eq!(place.run("plan delete small").code, 0);
    assert_eq!(place.run("plan recount").code, 0);
}

#[tokio::test]
async fn u7_operators_keep_plans_by_api_and_nobody_else_does() {
    let world = World::new().await;
    let ops = Operators::of(&world.app).await;
    let ask = async |method: &str, path: &str, body: Option<Value>| ops.ask(&world.app, method, path, body).await;
    let small = json!({ "key": "small", "limits": { "users": 3 }, "features": ["sso"] });
    let (status, made) = ask("POST", "/plans", Some(small.clone())).await;
    assert_eq!((status, &made["limits"]["users"], &made["limits"]["clients"]), (201, &json!(3), &Value::Null));
    assert_eq!(ask("POST", "/plans", Some(small)).await.0, 409);
    let (status, given) = ask("PUT", "/tenants/demo/plan", Some(json!({ "plan": "small" }))).await;
    assert_eq!((status, &given["plan"], &given["used"]["users"]), (200, &json!("small"), &json!(2)), "{given}");
    let key = world.app.api_key(&world.tenant, "users:write").await;
    assert_eq!(create(&world, &key, "one@demo.test").await.status, 201);
    assert_full(&create(&world, &key, "two@demo.test").await, (3, 3));
    let (_, changed) = ask("PATCH", "/plans/small", Some(json!({ "limits": { "users": null } }))).await;
    assert_eq!((&changed["limits"]["users"], &changed["features"]), (&Value::Null, &json!(["sso"])));
    assert_eq!(create(&world, &key, "two@demo.test").await.status, 201, "it holds at once");
    assert_eq!(ask("DELETE", "/plans/small", None).await.0, 409);
    assert_eq!(ask("PUT", "/tenants/demo/plan", Some(json!({ "plan": null }))).await.1["plan"], Value::Null);
    assert_eq!(ask("DELETE", "/plans/small", None).await.0, 204);
    assert_eq!(ask("PUT", "/tenants/demo/plan", Some(json!({ "plan": "small" }))).await.0, 404);
    for bad in [json!({ "key": "A B" }), json!({ "key": "x", "limits": { "requests_per_minute": 0 } })] {
        assert_eq!(ask("POST", "/plans", Some(bad.clone())).await.0, 422, "{bad}");
    }
    for bad in [json!({ "key": "x", "limits": { "cakes": 1 } }), json!({ "key": "x", "limits": { "users": -1 } })] {
        assert_eq!(ask("POST", "/plans", Some(bad.clone())).await.0, 400, "{bad}");
    }
    let tenants = world.app.api_key(&world.tenant, "tenant:read tenant:write").await;
    let headers = [("authorization", format!("Bearer {tenants}"))];
    for (method, path) in [("GET", "/plans"), ("POST", "/plans"), ("PUT", "/tenants/demo/plan")] {
        let answer = world.app.platform(method, path, &headers, Some(json!({ "key": "x" }))).await;
        assert_eq!(answer.status, 401, "{path}: {}", answer.body);
    }
}
