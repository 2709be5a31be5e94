//! People as administrators see and change them, no further than the administrator's own role reaches.

use chancery::base::UserId;
use chancery::store::users::Role;
use serde_json::json;

use super::support::{PASSWORD, Person, World};

const ALL: &str = "users:read users:write sessions:read sessions:revoke";

async fn world() -> (World, UserId) {
    let world = World::new().await;
    for (email, role) in
        [("admin@demo.test", Role::Admin), ("support@demo.test", Role::Support), ("owner@demo.test", Role::Owner)]
    {
        world.person(email).await;
        world.promote(email, role).await;
    }
    let ada = UserId::from(world.sub("ada@demo.test").await);
    (world, ada)
}

#[tokio::test]
async fn somebody_is_shown_with_what_the_tenant_keeps_and_changed() {
    let (world, ada) = world().await;
    let token = world.scoped("admin@demo.test", ALL).await;
    let path = format!("/users/{ada}");
    let wish = json!({ "given_name": "Ada", "app_metadata": { "plan": "gold" }, "user_metadata": { "x": 1 } });
    let (status, shown) = world.ask(&token, "PATCH", &path, Some(wish)).await;
    assert_eq!((status, &shown["app_metadata"]["plan"]), (200, &json!("gold")));
    let (status, shown) = world.ask(&token, "GET", &path, None).await;
    assert_eq!((status, &shown["given_name"], &shown["user_metadata"]["x"]), (200, &json!("Ada"), &json!(1)));
    assert_eq!(world.ask(&token, "PATCH", &path, Some(json!({ "role": "owner" }))).await.0, 400);
    for nobody in ["/users/1", "/users/%00", "/users/%20", "/users/%ff"] {
        let status = world.call(&token, "GET", nobody, None).await.status.as_u16();
        assert_eq!(status, 404, "{nobody}");
    }
}

#[tokio::test]
async fn w025_a_suspended_person_is_out_at_once_and_back_when_activated() {
    let (world, ada) = world().await;
    let admin = world.scoped("admin@demo.test", ALL).await;
    let mut browser = Person::default();
    browser.open(&world.app, "/t/demo/login").await;
    browser.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    let token = world.own("ada@demo.test").await;
    assert_eq!(world.ask(&admin, "POST", &format!("/users/{ada}/suspend"), None).await.0, 200);
    assert_eq!(world.call(&token, "GET", "/whoami", None).await.status, 401);
    assert_eq!(browser.open(&world.app, "/t/demo/account").await.page(), "login");
    assert_eq!(world.ask(&admin, "POST", &format!("/users/{ada}/activate"), None).await.0, 200);
    assert_eq!(world.call(&token, "GET", "/whoami", None).await.status, 401, "what has ended stays ended");
    let again =
        browser.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert_eq!(again.page(), "account");
}

#[tokio::test]
async fn w070_nobody_reaches_above_their_own_role_whatever_the_token_says() {
    let (world, _) = world().await;
    for (by, on, write, revoke) in [
        ("ada", "grace", 403, 403),
        ("support", "grace", 403, 403),
        ("admin", "owner", 403, 403),
        ("admin", "support", 200, 200),
        ("admin", "admin", 200, 200),
        ("owner", "grace", 200, 200),
    ] {
        let token = world.scoped(&format!("{by}@demo.test"), ALL).await;
        let user = world.sub(&format!("{on}@demo.test")).await;
        let revoked = world.ask(&token, "DELETE", &format!("/users/{user}/sessions"), None).await.0;
        let written = world.ask(&token, "PATCH", &format!("/users/{user}"), Some(json!({ "nickname": "x" }))).await.0;
        assert_eq!((written, revoked), (write, revoke), "{by} on {on}");
    }
    let owner = world.sub("owner@demo.test").await;
    let token = world.scoped("owner@demo.test", ALL).await;
    for (method, path) in [("POST", format!("/users/{owner}/suspend")), ("DELETE", format!("/users/{owner}"))] {
        let (status, refused) = world.ask(&token, method, &path, None).await;
        assert_eq!((status, &refused["code"]), (409, &json!("user_is_sole_owner")));
    }
}

#[tokio::test]
async fn w071_who_was_an_administrator_is_none_on_the_next_request() {
    let (world, ada) = world().await;
    let more = "users:invite tenant:read tenant:write";
    let token = world.scoped("admin@demo.test", &format!("{ALL} {more}")).await;
    let path = format!("/users/{ada}");
    let asked = [&path, "/invitations", "/mails", "/tenant/mail", "/identity-providers"];
    for path in asked {
        assert_eq!(world.ask(&token, "GET", path, None).await.0, 200, "{path}");
    }
    world.promote("admin@demo.test", Role::User).await;
    for path in asked {
        let (status, refused) = world.ask(&token, "GET", path, None).await;
        assert_eq!((status, &refused["code"]), (403, &json!("insufficient_scope")), "{path}");
    }
}

#[tokio::test]
async fn support_sees_sessions_and_administrators_end_them() {
    let (world, ada) = world().await;
    let session = world.session("ada@demo.test", "curl/8").await;
    let own = world.own_in("ada@demo.test", &session).await;
    let support = world.scoped("support@demo.test", ALL).await;
    let admin = world.scoped("admin@demo.test", ALL).await;
    let (status, found) = world.ask(&support, "GET", &format!("/users/{ada}/sessions"), None).await;
    assert_eq!((status, &found[0]["id"]), (200, &json!(session)));
    let path = format!("/users/{ada}/sessions/{session}");
    assert_eq!(world.ask(&support, "DELETE", &path, None).await.0, 403);
    let grace = world.sub("grace@demo.test").await;
    assert_eq!(world.ask(&admin, "DELETE", &format!("/users/{grace}/sessions/{session}"), None).await.0, 404);
    assert_eq!(world.ask(&admin, "DELETE", &path, None).await.0, 200);
    assert_eq!(world.call(&own, "GET", "/whoami", None).await.status, 401);
}
