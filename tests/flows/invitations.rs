//! People whom others bring in: invited, or made.

use std::sync::Arc;

use chancery::accounts::NewUser;
use chancery::base::{Actor, Seconds, Secret};
use chancery::store::users::{Profile, Role, User};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::sign_up::open_world;
use super::support::{Answer, PASSWORD, Person, World};

const NEW: &str = "nora@demo.test";
const INVITATIONS: &str = "/t/demo/api/v1/invitations";
const USERS: &str = "/t/demo/api/v1/users";

/// Somebody of this role, and a token of theirs with this scope.
async fn somebody(world: &World, role: Role, scope: &str) -> String {
    let email = format!("{}@demo.test", role.as_str());
    let known = world.app.app.accounts.look_up(&world.tenant, &email).await.ok();
    let new = NewUser {
        email: Some(email.parse().unwrap()),
        email_verified: true,
        username: None,
        password: Some(Secret::new(PASSWORD)),
        role,
        profile: Profile { name: Some("Grace".to_owned()), ..Profile::default() },
    };
    let user: User = match known {
        Some(user) => user,
        None => world.app.app.accounts.create(&world.tenant, new, &Actor::operator()).await.unwrap(),
    };
    world.token_with(&[("sub", json!(user.id.as_str())), ("scope", json!(scope))]).await
}

async fn invite(world: &World, token: &str, email: &str, role: &str) -> Answer {
    world.app.tell_as("POST", INVITATIONS, Some(token), &json!({ "email": email, "role": role })).await
}

async fn accept(world: &World, secret: &str) -> Answer {
    let body = json!({ "password": PASSWORD, "full_name": "Nora" });
    world.app.tell(&format!("{INVITATIONS}/{secret}/accept"), &body).await
}

#[tokio::test]
async fn an_invited_person_makes_their_account_and_is_verified_from_the_start() {
    let world = World::new().await;
    let app = &world.app;
    let admin = somebody(&world, Role::Admin, "users:invite").await;
    let made = invite(&world, &admin, NEW, "user").await;
    assert_eq!(made.status, 201, "{}", made.body);
    let mail = app.mail_to(NEW, "invitation").await;
    assert!(mail.content.text.contains("Grace") && mail.content.text.contains("7 days"), "{}", mail.content.text);
    let secret = app.secret_to(NEW, "invitation").await;
    assert!(!made.body.contains(&secret), "W-022: the link is the mailbox's alone");
    let seen = app.get(&format!("{INVITATIONS}/{secret}")).await.json();
    assert_eq!((&seen["data"]["email"], &seen["data"]["account_exists"]), (&json!(NEW), &json!(false)));
    let mut nora = Person::default();
    for _ in 0..2 {
        assert_eq!(nora.open(app, &mail.link()).await.page(), "invite", "W-134");
    }
    assert_eq!(nora.submit(app, "link-form", &[("password", "short")]).await.status, 422);
    let done = nora.submit(app, "link-form", &[("password", PASSWORD), ("name", "Nora")]).await;
    assert_eq!(done.page(), "invitation-accepted", "{}", done.body);
    nora.open(app, "/t/demo/login").await;
    assert_eq!(nora.submit(app, "login-form", &[("username", NEW), ("password", PASSWORD)]).await.page(), "account");
    let list = app.tell_as("GET", INVITATIONS, Some(&admin), &json!({})).await.json();
    assert_eq!(list["data"][0]["status"], "accepted");
}

#[tokio::test]
async fn w022_for_an_account_that_exists_the_link_opens_nothing_its_owner_signs_in() {
    let world = World::new().await;
    let app = &world.app;
    let admin = somebody(&world, Role::Admin, "users:invite users:roles").await;
    let fresh = invite(&world, &admin, NEW, "support").await.json();
    let known = invite(&world, &admin, "ada@demo.test", "support").await.json();
    let shape = |answer: &Value| answer["data"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(shape(&fresh), shape(&known), "W-009");
    let secret = app.secret_to("ada@demo.test", "invitation").await;
    assert_eq!(accept(&world, &secret).await.status, 401);
    let path = format!("{INVITATIONS}/{secret}/accept");
    let grace =
        world.token_with(&[("sub", json!(world.sub("grace@demo.test").await)), ("scope", json!("account"))]).await;
    assert_eq!(app.tell_as("POST", &path, Some(&grace), &json!({})).await.status, 403, "another person's");
    let ada = world.token_with(&[("scope", json!("account"))]).await;
    let accepted = app.tell_as("POST", &path, Some(&ada), &json!({})).await;
    assert_eq!(accepted.json()["data"]["role"], "support", "{}", accepted.body);
    let mut stranger = Person::default();
    let secret = app.secret_to(NEW, "invitation").await;
    assert_eq!(stranger.open(app, &format!("/t/demo/invite?token={secret}")).await.page(), "invite");
    invite(&world, &admin, "grace@demo.test", "user").await;
    let link = app.mail_to("grace@demo.test", "invitation").await.link();
    assert_eq!(stranger.open(app, &link).await.page(), "invite-sign-in");
}

#[tokio::test]
async fn w023_inviting_again_renews_and_an_expired_invitation_blocks_nobody() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    let admin = somebody(&world, Role::Admin, "users:invite").await;
    let first = invite(&world, &admin, NEW, "user").await.json();
    let old = app.secret_to(NEW, "invitation").await;
    let again = invite(&world, &admin, NEW, "user").await.json();
    assert_eq!(first["data"]["id"], again["data"]["id"]);
    assert_eq!(accept(&world, &old).await.status, 400, "W-114");
    let id = again["data"]["id"].as_str().unwrap();
    let before = app.secret_to(NEW, "invitation").await;
    assert_eq!(app.tell_as("POST", &format!("{INVITATIONS}/{id}/resend"), Some(&admin), &json!({})).await.status, 200);
    assert_eq!(accept(&world, &before).await.status, 400);
    app.clock.advance(Seconds(7 * 86_400));
    let late = app.secret_to(NEW, "invitation").await;
    assert_eq!(accept(&world, &late).await.status, 400, "W-019");
    let admin = somebody(&world, Role::Admin, "users:invite").await;
    let body = json!({ "email": NEW, "password": PASSWORD });
    assert_eq!(app.tell("/t/demo/api/v1/auth/register", &body).await.status, 202);
    app.mail_to(NEW, "verify-email").await;
    assert_eq!(invite(&world, &admin, NEW, "user").await.json()["data"]["id"], id);
    let secret = app.secret_to(NEW, "invitation").await;
    assert_eq!(accept(&world, &secret).await.status, 201, "an unproven sign-up gives way");
}

#[tokio::test]
async fn a_cancelled_invitation_is_over_and_told_apart_from_none() {
    let world = World::new().await;
    let app = &world.app;
    let admin = somebody(&world, Role::Admin, "users:invite").await;
    let made = invite(&world, &admin, NEW, "user").await.json();
    let path = format!("{INVITATIONS}/{}", made["data"]["id"].as_str().unwrap());
    let secret = app.secret_to(NEW, "invitation").await;
    assert_eq!(app.tell_as("DELETE", &path, None, &json!({})).await.status, 401);
    assert_eq!(app.tell_as("DELETE", &path, Some(&admin), &json!({})).await.status, 204);
    assert_eq!(app.tell_as("DELETE", &path, Some(&admin), &json!({})).await.status, 409);
    assert_eq!(app.tell_as("DELETE", &format!("{INVITATIONS}/1"), Some(&admin), &json!({})).await.status, 404);
    assert_eq!(accept(&world, &secret).await.status, 400);
}

#[tokio::test]
async fn w018_of_twenty_acceptances_at_once_one_succeeds() {
    let world = World::new().await;
    let admin = somebody(&world, Role::Admin, "users:invite").await;
    invite(&world, &admin, NEW, "user").await;
    let secret = world.app.secret_to(NEW, "invitation").await;
    let world = Arc::new(world);
    let mut all = JoinSet::new();
    for _ in 0..20 {
        let (world, secret) = (world.clone(), secret.clone());
        all.spawn(async move { accept(&world, &secret).await.status.as_u16() });
    }
    let answers = all.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| [201, 400, 401].contains(status)), "{answers:?}");
}

#[tokio::test]
async fn w063_nobody_gives_a_role_above_their_own() {
    let world = World::new().await;
    let app = &world.app;
    let plain = somebody(&world, Role::Admin, "users:invite users:write").await;
    let admin = somebody(&world, Role::Admin, "users:invite users:write users:roles").await;
    let owner = somebody(&world, Role::Owner, "users:invite users:write users:roles").await;
    for (token, role, status) in [
        (&plain, "user", 201),
        (&plain, "support", 403),
        (&admin, "admin", 201),
        (&admin, "owner", 403),
        (&owner, "owner", 201),
    ] {
        let invited = invite(&world, token, &format!("{role}.{status}@x.test"), role).await;
        assert_eq!(invited.status.as_u16(), status, "{role}: {}", invited.body);
        let body = json!({ "email": format!("{role}.{status}@y.test"), "password": PASSWORD, "role": role });
        let made = app.tell_as("POST", USERS, Some(token), &body).await;
        assert_eq!(made.status.as_u16(), status, "{role}: {}", made.body);
    }
    let nobody = somebody(&world, Role::Admin, "users:read").await;
    assert_eq!(invite(&world, &nobody, NEW, "user").await.status, 403);
    assert_eq!(app.tell_as("POST", USERS, Some(&nobody), &json!({ "email": NEW })).await.status, 403);
    assert_eq!(app.tell(USERS, &json!({ "email": NEW })).await.status, 401);
}

#[tokio::test]
async fn a_made_person_chooses_a_password_behind_the_mailed_link() {
    let world = World::new().await;
    let app = &world.app;
    let admin = somebody(&world, Role::Admin, "users:write").await;
    let body = json!({ "email": NEW, "full_name": "Nora", "send_invite": true });
    let made = app.tell_as("POST", USERS, Some(&admin), &body).await;
    assert_eq!((made.status.as_u16(), &made.json()["data"]["email_verified"]), (201, &json!(false)), "{}", made.body);
    assert_eq!(app.tell_as("POST", USERS, Some(&admin), &body).await.status, 409, "R9: who may know is told");
    let again = format!("{USERS}/{}/resend-verification", made.json()["data"]["id"].as_str().unwrap());
    assert_eq!(app.tell_as("POST", &again, Some(&admin), &json!({})).await.status, 202);
    let old = app.secret_to(NEW, "invitation").await;
    let verify = "/t/demo/api/v1/auth/verify-email";
    let with = |token: &str| json!({ "token": token, "password": PASSWORD });
    assert_eq!(app.tell(verify, &with(&old)).await.status, 400, "W-114");
    let secret = app.secret_to(NEW, "verify-email").await;
    assert_eq!(app.tell(verify, &with(&secret)).await.status, 200);
    assert_eq!(app.tell_as("POST", &again, Some(&admin), &json!({})).await.status, 409);
    let weak = json!({ "email": "w@demo.test", "password": "password" });
    assert_eq!(app.tell_as("POST", USERS, Some(&admin), &weak).await.status, 422, "W-013");
}
