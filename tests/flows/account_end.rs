//! How an account ends, by its person: with proof, at once and everywhere; and how its data is taken along.

use chancery::base::{Actor, Seconds, UserId};
use chancery::jobs;
use chancery::store::users::Role;
use serde_json::{Value, json};

use super::support::{PASSWORD, Person, World};

const ADA: &str = "ada@demo.test";

#[tokio::test]
async fn w026_an_account_is_deleted_by_somebody_who_proved_lately_who_they_are() {
    let world = World::new().await;
    let of_age = async |age: i64| {
        let at = world.app.clock.now().minus(Seconds(age));
        world.token_with(&[("scope", json!("account")), ("auth_time", json!(at))]).await
    };
    let (token, fresh) = (of_age(601).await, of_age(600).await);
    let answer = world.call(&token, "DELETE", "/users/me", None).await;
    assert_eq!(answer.status, 401, "{}", answer.body);
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("insufficient_user_authentication") && challenge.contains("max_age=\"600\""),
        "{challenge}"
    );
    assert_eq!(world.ask(&token, "POST", "/users/me/export", None).await.0, 401);
    assert_eq!(world.ask(&fresh, "GET", "/users/me", None).await.0, 200);
    let unknown = world.scoped(ADA, "account").await;
    assert_eq!(world.ask(&unknown, "DELETE", "/users/me", None).await.0, 401, "a token that does not say when");
    assert_eq!(world.ask(&fresh, "DELETE", "/users/me", None).await.0, 200);
}

#[tokio::test]
async fn w025_w081_u5_nothing_of_a_deleted_person_works_and_their_address_is_free() {
    let world = World::new().await;
    world.confidential("shop", &[]).await;
    let ada = UserId::from(world.sub(ADA).await);
    let mut browser = Person::default();
    browser.open(&world.app, "/t/demo/login").await;
    browser.submit(&world.app, "login-form", &[("username", ADA), ("password", PASSWORD)]).await;
    let (token, jwt) = (world.own(ADA).await, world.token_with(&[]).await);
    let opaque = world.opaque(&world.claims().await).await;
    let refresh = world.refresh_token("calendar", "grant").await;
    assert_eq!(world.call(&jwt, "GET", "/whoami", None).await.status, 200);
    let (status, told) = world.ask(&token, "DELETE", "/users/me", None).await;
    assert_eq!((status, &told["status"]), (200, &json!("deleted")));
    assert_eq!(told["restorable_until"], "2026-01-31T00:00:00Z");
    for (name, token) in [("own", &token), ("JWT", &jwt), ("opaque", &opaque)] {
        assert_eq!(world.call(token, "GET", "/whoami", None).await.status, 401, "{name}");
    }
    let form = [("grant_type", "refresh_token"), ("client_id", "calendar"), ("refresh_token", refresh.as_str())];
    assert_eq!(world.app.post("/t/demo/oauth/token", &form, &[]).await.status, 400);
    assert_eq!(browser.open(&world.app, "/t/demo/account").await.page(), "login");
    let again = browser.submit(&world.app, "login-form", &[("username", ADA), ("password", PASSWORD)]).await;
    assert_eq!(again.page(), "login");
    world.person(ADA).await;
    assert_ne!(world.sub(ADA).await, ada.to_string(), "somebody new");
}

#[tokio::test]
async fn an_administrator_restores_within_the_grace_and_afterwards_nothing_is_left() {
    let world = World::new().await;
    world.promote("grace@demo.test", Role::Admin).await;
    let (ada, path) = (UserId::from(world.sub(ADA).await), format!("/users/{}/restore", world.sub(ADA).await));
    let delete = async || world.ask(&world.own(ADA).await, "DELETE", "/users/me", None).await.0;
    let admin = world.scoped("grace@demo.test", "users:write").await;
    assert_eq!(world.ask(&admin, "POST", &path, None).await.0, 404, "nobody is deleted");
    assert_eq!(delete().await, 200);
    assert_eq!(world.ask(&admin, "POST", &path, None).await.0, 200);
    assert_eq!(world.sub(ADA).await, ada.to_string());
    world.app.clock.advance(Seconds(2));
    assert_eq!(delete().await, 200);
    world.person(ADA).await;
    let (status, refused) = world.ask(&admin, "POST", &path, None).await;
    assert_eq!((status, &refused["code"]), (409, &json!("conflict")), "the address is somebody else's by now");
    world.app.clock.advance(Seconds(30 * 86_400));
    assert_eq!(jobs::round(&world.app.app, "one").await.unwrap().purged, 1);
    let admin = world.scoped("grace@demo.test", "users:write").await;
    assert_eq!(world.ask(&admin, "POST", &path, None).await.0, 404);
}

#[tokio::test]
async fn w070_the_only_owner_stays() {
    let world = World::new().await;
    world.promote(ADA, Role::Owner).await;
    let (status, refused) = world.ask(&world.own(ADA).await, "DELETE", "/users/me", None).await;
    assert_eq!((status, &refused["code"]), (409, &json!("user_is_sole_owner")));
    assert_eq!(refused["type"], "/problems/user-is-sole-owner");
    world.promote("grace@demo.test", Role::Owner).await;
    assert_eq!(world.ask(&world.own(ADA).await, "DELETE", "/users/me", None).await.0, 200);
    let grace = UserId::from(world.sub("grace@demo.test").await);
    let done = world.app.app.accounts.set_role(&world.tenant, &grace, Role::User, &Actor::operator()).await;
    assert!(done.is_err(), "nor is the last one demoted");
}

#[tokio::test]
async fn all_data_of_a_person_come_along_and_no_secret() {
    let world = World::new().await;
    let token = world.own(ADA).await;
    let change = json!({ "name": "Ada Lovelace", "user_metadata": { "theme": "dark" } });
    world.ask(&token, "PATCH", "/users/me", Some(change)).await;
    let (status, data) = world.ask(&token, "POST", "/users/me/export", None).await;
    assert_eq!((status, &data["format"]), (200, &json!("chancery.account/1")));
    assert_eq!(data["account"]["email"], ADA);
    assert_eq!(data["account"]["user_metadata"]["theme"], "dark");
    assert_eq!(data["sessions"][0]["ip"], "192.0.2.7");
    let actions: Vec<_> = data["activity"].as_array().unwrap().iter().map(|event| event["action"].clone()).collect();
    assert_eq!(actions, ["user.updated", "session.created", "user.created"].map(Value::from));
    assert!(!data.to_string().contains("$argon2"), "{data}");
    let (_, events) = world.ask(&token, "GET", "/users/me/audit-events?limit=1", None).await;
    assert_eq!(events[0]["action"], "user.exported");
}
