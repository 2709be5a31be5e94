//! Administrators find people among many, give them roles, and help those who have lost a password or a factor.

use chancery::base::{Seconds, UserId};
use chancery::store::users::Role;
use serde_json::{Value, json};

use super::second_factors::enrolled;
use super::support::{PASSWORD, World};

const ALL: &str = "users:read users:write users:roles sessions:read sessions:revoke";
const NEW: &str = "another horse, another battery";

async fn world() -> World {
    let world = World::new().await;
    for (email, role) in
        [("admin@demo.test", Role::Admin), ("support@demo.test", Role::Support), ("owner@demo.test", Role::Owner)]
    {
        world.app.clock.advance(Seconds(1));
        world.person(email).await;
        world.promote(email, role).await;
    }
    world
}

/// All addresses of a list, read in pages of two.
async fn listed(world: &World, token: &str, query: &str) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/users?limit=2&{query}&cursor={cursor}");
        let answer = world.call(token, "GET", &path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        let people = told["data"].as_array().unwrap();
        assert!(people.len() <= 2 && people.iter().all(|person| person.get("hash").is_none()));
        all.extend(people.iter().map(|person| person["email"].as_str().unwrap_or_default().to_owned()));
        let Some(next) = told["meta"]["next_cursor"].as_str() else { return all };
        next.clone_into(&mut cursor);
    }
}

#[tokio::test]
async fn people_are_listed_newest_first_and_found_by_what_they_are_and_how_they_are_called() {
    let world = world().await;
    let token = world.scoped("support@demo.test", ALL).await;
    let mut everybody = listed(&world, &token, "").await;
    assert_eq!(everybody[..3], ["owner@demo.test", "support@demo.test", "admin@demo.test"]);
    everybody.sort();
    assert_eq!(everybody.len(), 5);
    assert_eq!(listed(&world, &token, "q=AD").await, ["ada@demo.test", "admin@demo.test"]);
    assert_eq!(listed(&world, &token, "q=ad&role=admin").await, ["admin@demo.test"]);
    assert_eq!(listed(&world, &token, "email=OWNER@demo.test").await, ["owner@demo.test"]);
    assert_eq!(listed(&world, &token, "role=support").await, ["support@demo.test"]);
    let after = "created_after=2026-01-01T00:00:01Z";
    assert_eq!(listed(&world, &token, after).await, ["owner@demo.test", "support@demo.test"]);
    let admin = world.scoped("admin@demo.test", ALL).await;
    let grace = world.sub("grace@demo.test").await;
    assert_eq!(world.ask(&admin, "POST", &format!("/users/{grace}/suspend"), None).await.0, 200);
    assert_eq!(listed(&world, &token, "status=suspended").await, ["grace@demo.test"]);
    assert_eq!(world.ask(&admin, "DELETE", &format!("/users/{grace}"), None).await.0, 200);
    assert!(listed(&world, &token, "q=grace").await.is_empty());
    assert_eq!(listed(&world, &token, "status=deleted").await, ["grace@demo.test"]);
    for bad in ["rol=admin", "role=king", "status=gone", "verified=1", "created_after=today", "cursor=x", "limit=0"] {
        assert_eq!(world.ask(&token, "GET", &format!("/users?{bad}"), None).await.0, 400, "{bad}");
    }
}

#[tokio::test]
async fn w070_u7_over_all_pairs_of_roles_the_api_gives_none_above_the_callers() {
    let world = world().await;
    for (by, rank) in [("ada", 0), ("support", 1), ("admin", 2), ("owner", 3)] {
        let token = world.scoped(&format!("{by}@demo.test"), ALL).await;
        for (before, had) in [(Role::User, 0), (Role::Support, 1), (Role::Admin, 2), (Role::Owner, 3)] {
            for (after, wanted) in [("user", 0), ("support", 1), ("admin", 2), ("owner", 3)] {
                world.promote("grace@demo.test", before).await;
                let path = format!("/users/{}/role", world.sub("grace@demo.test").await);
                let (status, told) = world.ask(&token, "PUT", &path, Some(json!({ "role": after }))).await;
                let allowed = rank >= 2 && rank >= had && rank >= wanted;
                assert_eq!(status, if allowed { 200 } else { 403 }, "{by} makes {before:?} {after}: {told}");
            }
        }
    }
    let (owner, path) = (world.sub("owner@demo.test").await, "role");
    world.promote("grace@demo.test", Role::User).await;
    let token = world.scoped("owner@demo.test", ALL).await;
    let (status, told) =
        world.ask(&token, "PUT", &format!("/users/{owner}/{path}"), Some(json!({ "role": "admin" }))).await;
    assert_eq!((status, &told["code"]), (409, &json!("user_is_sole_owner")));
}

#[tokio::test]
async fn w055_a_key_gives_no_role_without_its_scope_and_none_above_administrator() {
    let world = world().await;
    let path = format!("/users/{}/role", world.sub("grace@demo.test").await);
    let without = world.app.api_key(&world.tenant, "users:read users:write").await;
    let with = world.app.api_key(&world.tenant, "users:roles").await;
    for (key, role, status) in [(&without, "support", 403), (&with, "owner", 403), (&with, "admin", 200)] {
        assert_eq!(world.ask(key, "PUT", &path, Some(json!({ "role": role }))).await.0, status, "{role}");
    }
}

#[tokio::test]
async fn a_new_password_is_chosen_by_its_person_behind_a_link_that_an_administrator_asked_for() {
    let world = world().await;
    let (admin, ada) = (world.scoped("admin@demo.test", ALL).await, world.sub("ada@demo.test").await);
    let path = format!("/users/{ada}/password-reset");
    let own = world.own("ada@demo.test").await;
    assert_eq!(world.ask(&admin, "POST", &path, Some(json!({}))).await.0, 202);
    let mailed = world.app.secret_to("ada@demo.test", "reset-password").await;
    assert_eq!(world.call(&own, "GET", "/whoami", None).await.status, 200, "nothing has ended yet");
    let (status, made) = world.ask(&admin, "POST", &path, Some(json!({ "send_mail": false, "force": true }))).await;
    assert_eq!(status, 201);
    assert_eq!(world.call(&own, "GET", "/whoami", None).await.status, 401, "W-014");
    let log_in = async |password: &str| {
        let body = json!({ "identifier": "ada@demo.test", "password": password });
        world.app.call("POST", "/auth/login", None, Some(body)).await.status
    };
    assert_eq!(log_in(PASSWORD).await, 401, "the password has to be another one");
    let token = made["link"].as_str().unwrap().split_once("token=").unwrap().1;
    for (token, status) in [(mailed.as_str(), 400), (token, 200), (token, 400)] {
        let body = json!({ "token": token, "password": NEW });
        assert_eq!(world.app.call("POST", "/auth/reset-password", None, Some(body)).await.status, status);
    }
    assert_eq!(log_in(NEW).await, 200);
    let owner = world.sub("owner@demo.test").await;
    let above = format!("/users/{owner}/password-reset");
    assert_eq!(world.ask(&admin, "POST", &above, Some(json!({ "send_mail": false }))).await.0, 403);
}

#[tokio::test]
async fn a_lost_factor_is_taken_away_by_who_reaches_that_far() {
    let world = world().await;
    enrolled(&world, "ada@demo.test").await;
    let path = format!("/users/{}/mfa", world.sub("ada@demo.test").await);
    let support = world.scoped("support@demo.test", ALL).await;
    let admin = world.scoped("admin@demo.test", ALL).await;
    let (status, held) = world.ask(&support, "GET", &path, None).await;
    assert_eq!((status, &held["recovery_codes_left"]), (200, &json!(10)));
    assert!(held["totp"]["created_at"].is_string() && !held.to_string().contains("sealed"));
    assert_eq!(world.ask(&support, "DELETE", &path, None).await.0, 403);
    assert_eq!(world.ask(&admin, "DELETE", &format!("{path}/none-of-this-id"), None).await.0, 404);
    assert_eq!(world.ask(&admin, "DELETE", &format!("{path}/totp"), None).await.0, 200);
    assert_eq!(world.ask(&admin, "DELETE", &path, None).await.0, 404);
    let (_, held) = world.ask(&admin, "GET", &path, None).await;
    assert_eq!((&held["totp"], &held["recovery_codes_left"]), (&Value::Null, &json!(0)));
    assert!(world.app.log_in("ada@demo.test").await["access_token"].is_string());
}

#[tokio::test]
async fn a_protected_account_is_deleted_by_nobody_until_operators_take_that_back() {
    let world = world().await;
    let (admin, ada) = (world.scoped("admin@demo.test", ALL).await, world.sub("ada@demo.test").await);
    let (path, id) = (format!("/users/{ada}"), UserId::from(ada.as_str()));
    let protect = async |on: bool| {
        world.app.app.accounts.protect(&world.tenant, &id, on, &chancery::base::Actor::operator()).await.unwrap();
    };
    protect(true).await;
    assert_eq!(world.ask(&admin, "GET", &path, None).await.1["deletion_protected"], json!(true));
    let (status, told) = world.ask(&admin, "DELETE", &path, None).await;
    assert_eq!((status, &told["code"]), (409, &json!("deletion_protected")));
    assert_eq!(world.ask(&admin, "PATCH", &path, Some(json!({ "deletion_protected": false }))).await.0, 400);
    protect(false).await;
    assert_eq!(world.ask(&admin, "DELETE", &path, None).await.0, 200);
    assert!(world.app.app.accounts.find(&world.tenant, &id).await.unwrap().is_none());
}
