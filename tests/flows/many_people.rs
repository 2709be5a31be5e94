//! People come from elsewhere by the thousand, with their ids and passwords, and can be taken elsewhere again; what is
//! made is made once, however often it is asked for.

use axum::body::Body;
use axum::http::Request;
use chancery::base::{Seconds, Secret, UserId};
use chancery::store::tenant_plans::{self, Allowance, Terms};
use chancery::store::users::Role;
use serde_json::{Value, json};

use super::support::{Answer, PASSWORD, TestApp, World};

/// "correct horse battery staple" by bcrypt.
const BCRYPT: &str = "$2b$04$C/VWWVoKza94ef5JP553I.lDjmDWndQ.sqVmSE9l40OjfXT0SbbE2";

async fn world() -> World {
    peopled(World::new().await).await
}

async fn peopled(world: World) -> World {
    for (email, role) in
        [("admin@demo.test", Role::Admin), ("support@demo.test", Role::Support), ("owner@demo.test", Role::Owner)]
    {
        world.person(email).await;
        world.promote(email, role).await;
    }
    world
}

async fn import(world: &World, token: &str, query: &str, body: String) -> Vec<Value> {
    let request = Request::post(format!("/t/demo/api/v1/users:import?{query}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/x-ndjson");
    let answer = world.app.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn lines(all: &[Value]) -> String {
    all.iter().map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn people_arrive_with_their_ids_and_passwords_and_a_second_time_nothing_happens() {
    let world = world().await;
    let token = world.scoped("admin@demo.test", "users:write users:roles").await;
    let body = lines(&[
        json!({
            "id": "old-17", "email": "Alan@demo.test", "email_verified": true, "username": "alan",
            "password_hash": BCRYPT, "profile": { "name": "Alan T." }, "user_metadata": { "theme": "dark" },
            "created_at": "2020-01-01T00:00:00Z", "role": "support",
        }),
        json!({ "email": "ADA@demo.test" }),
        json!({ "email": "boss@demo.test", "role": "owner" }),
        json!({ "email": "x@demo.test", "password_hash": "md5:0000" }),
        json!({ "id": "old-18", "username": "alan" }),
        json!({ "email": "y@demo.test", "is_admin": true }),
        json!({ "email": "no address" }),
        json!({ "full_name": "Nobody" }),
        json!([1]),
    ]);
    let statuses = |report: &[Value]| {
        let all = report.iter().map(|line| line["status"].as_str().unwrap_or("summary").to_owned());
        all.collect::<Vec<_>>().join(" ")
    };
    let trial = import(&world, &token, "dry_run=true", body.clone()).await;
    let expected = "created exists refused refused refused refused refused refused refused summary";
    assert_eq!(statuses(&trial), expected, "{trial:?}");
    assert!(world.app.app.accounts.find(&world.tenant, &UserId::from("old-17")).await.unwrap().is_none());
    let report = import(&world, &token, "", body.clone()).await;
    assert_eq!(statuses(&report), expected);
    assert_eq!(report[9]["summary"], json!({ "lines": 9, "created": 1, "exists": 1, "refused": 7 }));
    assert_eq!((&report[2]["code"], &report[5]["detail"]), (&json!("forbidden"), &json!("unknown field `is_admin`")));
    let again = import(&world, &token, "", body).await;
    assert_eq!(again[0], json!({ "line": 1, "status": "exists", "id": "old-17" }));
    let log_in = json!({ "identifier": "alan", "password": PASSWORD });
    let told = world.app.call("POST", "/auth/login", None, Some(log_in)).await;
    assert_eq!((told.status, &told.data["user_id"]), (200, &json!("old-17")), "{told:?}");
    let alan = world.app.app.accounts.find(&world.tenant, &UserId::from("old-17")).await.unwrap().unwrap();
    assert_eq!((alan.role, alan.created_at.rfc3339().as_str()), (Role::Support, "2020-01-01T00:00:00Z"));
}

#[tokio::test]
async fn a_trial_sees_who_comes_twice_however_far_apart_and_counts_who_came_before() {
    let world = world().await;
    let token = world.scoped("owner@demo.test", "users:write users:roles").await;
    let mut many: Vec<_> =
        (0..450).map(|n| json!({ "id": format!("n{n:03}"), "email": format!("p{n}@many.test") })).collect();
    many[1]["username"] = json!("second");
    many.push(json!({ "email": "P0@many.test" }));
    many.push(json!({ "id": "n000", "email": "other@many.test" }));
    many.push(json!({ "id": "n900", "username": "Second" }));
    let ends = |report: Vec<Value>| report.iter().rev().take(4).map(|line| line["status"].clone()).collect::<Vec<_>>();
    let trial = import(&world, &token, "dry_run=true", lines(&many)).await;
    assert_eq!(trial.last().unwrap()["summary"]["created"], 450);
    let expected = [json!(null), json!("refused"), json!("exists"), json!("exists")];
    assert_eq!(ends(trial), expected);
    assert_eq!(ends(import(&world, &token, "", lines(&many)).await), expected);
}

#[tokio::test]
async fn a_trial_counts_who_came_before_where_a_plan_has_a_limit() {
    let app = TestApp::start().await;
    let terms = Terms { limits: Allowance { users: Some(450), ..Allowance::default() }, ..Terms::default() };
    assert!(tenant_plans::insert(&app.app.db, "default", &terms, app.clock.now()).await.unwrap());
    let world = peopled(World::within(app).await).await;
    let token = world.scoped("owner@demo.test", "users:write users:roles").await;
    let many: Vec<_> = (0..600).map(|n| json!({ "username": format!("m{n}") })).collect();
    for query in ["dry_run=true", ""] {
        let report = import(&world, &token, query, lines(&many)).await;
        assert_eq!(
            report.last().unwrap()["summary"],
            json!({ "lines": 600, "created": 445, "exists": 0, "refused": 155 })
        );
    }
}

#[tokio::test]
async fn who_has_to_change_a_password_comes_in_with_another_one_only() {
    let world = world().await;
    let token = world.scoped("admin@demo.test", "users:write").await;
    let line = json!({ "username": "alan", "password_hash": BCRYPT, "password_must_change": true });
    assert_eq!(import(&world, &token, "", lines(&[line])).await[0]["status"], "created");
    let log_in = json!({ "identifier": "alan", "password": PASSWORD });
    let told = world.app.call("POST", "/auth/login", None, Some(log_in)).await;
    assert_eq!(told.status, 403, "{told:?}");
    let alan = world.app.app.accounts.look_up(&world.tenant, "alan").await.unwrap();
    let by = chancery::base::Actor::operator();
    world.app.app.accounts.set_password(&world.tenant, &alan.id, &Secret::new("quite another one"), &by).await.unwrap();
    let log_in = json!({ "identifier": "alan", "password": "quite another one" });
    assert_eq!(world.app.call("POST", "/auth/login", None, Some(log_in)).await.status, 200);
}

#[tokio::test]
async fn w055_an_import_gives_no_role_that_its_caller_could_not_give() {
    let world = world().await;
    let key = world.app.api_key(&world.tenant, "users:write").await;
    let body = lines(&[json!({ "username": "helper", "role": "support" }), json!({ "username": "plain" })]);
    let report = import(&world, &key, "", body).await;
    assert_eq!((&report[0]["code"], &report[1]["status"]), (&json!("forbidden"), &json!("created")));
}

#[tokio::test]
async fn thousands_arrive_and_leave_in_pieces_and_an_endless_line_is_cut_off() {
    let world = world().await;
    let token = world.scoped("owner@demo.test", "users:read users:write users:roles").await;
    let many: Vec<_> =
        (0..1_001).map(|n| json!({ "id": format!("n{n:04}"), "email": format!("p{n}@many.test") })).collect();
    let report = import(&world, &token, "", lines(&many)).await;
    assert_eq!(report.last().unwrap()["summary"]["created"], 1_001);
    let answer = world.call(&token, "GET", "/users:export", None).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body.lines().count(), 1_006);
    assert!(!answer.body.contains("$argon2"));
    let report = import(&world, &token, "", answer.body).await;
    assert_eq!(report.last().unwrap()["summary"]["exists"], 1_006, "what was written can be read");
    let endless = format!("{{\"email\":\"{}\"}}", "x".repeat(200_000));
    let report = import(&world, &token, "", endless).await;
    assert_eq!(report.last().unwrap()["error"]["code"], "body_too_large");
}

#[tokio::test]
async fn u7_hashes_leave_with_an_owner_who_proved_it_just_now_and_with_nobody_else() {
    let world = world().await;
    let now = json!(world.app.clock.now());
    let path = "/users:export?include_hashes=true";
    let scoped = async |email: &str, recent: bool| {
        let sub = json!(world.sub(email).await);
        let mut claims = vec![("sub", sub), ("scope", json!("users:read"))];
        claims.extend(recent.then(|| ("auth_time", now.clone())));
        world.token_with(&claims).await
    };
    let key = world.app.api_key(&world.tenant, "users:read users:write").await;
    for (token, plain, hashes) in [
        (scoped("support@demo.test", true).await, 403, 403),
        (scoped("admin@demo.test", true).await, 200, 403),
        (scoped("owner@demo.test", false).await, 200, 401),
        (scoped("owner@demo.test", true).await, 200, 200),
        (key, 200, 403),
    ] {
        assert_eq!(world.call(&token, "GET", "/users:export", None).await.status, plain);
        let answer = world.call(&token, "GET", path, None).await;
        assert_eq!(answer.status, hashes, "{}", answer.body);
        assert_eq!(answer.body.contains("$argon2"), hashes == 200);
    }
    let rows = chancery::store::audit::page(&world.app.app.db, &world.tenant.id, "", 999).await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.action == "users.exported").count(), 5, "those that began");
}

async fn once(world: &World, (token, key): (&str, &str), path: &str, body: &Value) -> Answer {
    let request = Request::post(format!("/t/demo/api/v1{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("idempotency-key", key)
        .header("content-type", "application/json");
    world.app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn what_is_asked_for_again_under_its_key_is_answered_again_and_made_once() {
    let world = world().await;
    let token = world.scoped("admin@demo.test", "clients:write keys:write users:write").await;
    let other = world.scoped("owner@demo.test", "clients:write keys:write users:write").await;
    for (path, body) in [
        ("/users", json!({ "email": "new@demo.test" })),
        ("/clients", json!({ "type": "service", "client_name": "Robot" })),
        ("/api-keys", json!({ "name": "backup", "scope": "users:write" })),
        ("/resource-servers", json!({ "audience": "https://a.example" })),
    ] {
        let first = once(&world, (&token, "k1"), path, &body).await;
        let again = once(&world, (&token, "k1"), path, &body).await;
        assert_eq!((again.status, again.header("idempotency-replayed")), (first.status, "true"));
        assert_eq!((first.status.as_u16(), &first.json()["data"]), (201, &again.json()["data"]), "{path}");
        assert_eq!(again.json()["request_id"], again.header("x-request-id"));
        let changed = json!({ "name": "another", "scope": "users:write" });
        assert_eq!(once(&world, (&token, "k1"), path, &changed).await.status, 422, "{path}");
        assert!(once(&world, (&other, "k1"), path, &body).await.header("idempotency-replayed").is_empty());
    }
    // What came to nothing is tried again, and what nobody may do is not answered from memory.
    let bad = json!({ "email": "new@demo.test" });
    assert_eq!(once(&world, (&token, "k2"), "/users", &bad).await.status, 409);
    assert_eq!(once(&world, (&token, "k2"), "/users", &json!({ "email": "newer@demo.test" })).await.status, 201);
    world.promote("admin@demo.test", Role::User).await;
    let robbed = once(&world, (&token, "k1"), "/api-keys", &json!({ "name": "backup", "scope": "users:write" })).await;
    assert_eq!((robbed.status.as_u16(), robbed.body.contains("ck_")), (403, false), "W-071");
    world.app.clock.advance(Seconds(86_401));
    for key in ["", "two words", &"x".repeat(256)] {
        assert_eq!(once(&world, (&other, key), "/users", &json!({ "username": "odd" })).await.status, 400, "{key:.9}");
    }
}
