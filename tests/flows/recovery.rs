//! A forgotten password, and a changed one: what each sends, and what each ends.

use std::sync::Arc;

use chancery::base::{Actor, Seconds, Secret};
use chancery::store::one_time::Kind;
use chancery::store::users::{UserStatus, credentials};
use chancery::store::{mails, one_time};
use serde_json::json;
use tokio::task::JoinSet;

use super::support::{PASSWORD, Person, TestApp, World};

const ADA: &str = "ada@demo.test";
const OTHER: &str = "another few words";
const FORGOT: &str = "/t/demo/api/v1/auth/forgot-password";
const RESET: &str = "/t/demo/api/v1/auth/reset-password";
const MINE: &str = "/t/demo/api/v1/users/me/password";

async fn sign_in(app: &TestApp, password: &str) -> Person {
    let mut ada = Person::default();
    ada.open(app, "/t/demo/login").await;
    ada.submit(app, "login-form", &[("username", ADA), ("password", password)]).await;
    ada
}

async fn is_in(app: &TestApp, person: &mut Person) -> bool {
    person.open(app, "/t/demo/account").await.page() == "account"
}

async fn link(app: &TestApp) -> String {
    assert_eq!(app.tell(FORGOT, &json!({ "email": ADA })).await.status, 202);
    app.secret_to(ADA, "reset-password").await
}

async fn reset(app: &TestApp, token: &str, password: &str) -> u16 {
    app.tell(RESET, &json!({ "token": token, "password": password })).await.status.as_u16()
}

#[tokio::test]
async fn w009_w007_asking_for_a_new_password_tells_and_costs_the_same_for_every_address() {
    let world = World::new().await;
    let app = &world.app;
    world.person("sus@demo.test").await;
    let sus = app.app.accounts.look_up(&world.tenant, "sus@demo.test").await.unwrap();
    app.app.accounts.set_status(&world.tenant, &sus.id, UserStatus::Suspended, &Actor::operator()).await.unwrap();
    let known = app.tell(FORGOT, &json!({ "email": ADA })).await.look();
    assert_eq!(known.0, 202);
    for other in ["nobody@demo.test", "ADA@demo.test", "sus@demo.test", "nobody@elsewhere.test"] {
        assert_eq!(app.tell(FORGOT, &json!({ "email": other })).await.look(), known, "{other}");
        let sent = app.mails_to(other).await.iter().any(|mail| mail.content.text.contains("/reset-password?"));
        assert_eq!(sent, other == "ADA@demo.test", "{other}");
    }
    // W-007: as many rows of each kind, whoever it was about.
    let rows = async |address: &str| {
        let kept = |what| mails::count(&app.app.db, &world.tenant.id, what, chancery::base::Timestamp(0));
        let to = kept(mails::Counted::To(address.to_owned())).await.unwrap();
        (to, kept(mails::Counted::Requested).await.unwrap())
    };
    let before = rows("nobody@demo.test").await;
    app.tell(FORGOT, &json!({ "email": "nobody@demo.test" })).await;
    let after = rows("nobody@demo.test").await;
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 1), "W-115: it uses up the same budget");
}

#[tokio::test]
async fn w014_a_reset_ends_sessions_tokens_and_every_other_link() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = sign_in(app, PASSWORD).await;
    let token = world.token_with(&[("scope", json!("account"))]).await;
    let whoami = async || {
        let request =
            axum::http::Request::get("/t/demo/api/v1/whoami").header("authorization", format!("Bearer {token}"));
        app.send(request.body(axum::body::Body::empty()).unwrap()).await.status.as_u16()
    };
    assert!(is_in(app, &mut ada).await && whoami().await == 200);
    let change = json!({ "email": "ada.new@demo.test", "current_password": PASSWORD });
    assert_eq!(app.tell_as("POST", "/t/demo/api/v1/users/me/email", Some(&token), &change).await.status, 202);
    let old = link(app).await;
    let new = link(app).await;
    assert_eq!(reset(app, &old, OTHER).await, 400, "W-114");
    assert_eq!(reset(app, &new, OTHER).await, 200);
    assert!(!is_in(app, &mut ada).await);
    let confirm = app.secret_to("ada.new@demo.test", "confirm-email").await;
    let answer = app.tell("/t/demo/api/v1/auth/confirm-email-change", &json!({ "token": confirm })).await;
    assert_eq!(answer.status, 400, "the link of a change that was asked for before");
    let again = world.token_with(&[("scope", json!("account")), ("iat", json!(app.clock.now().0 - 5))]).await;
    assert_eq!(app.tell_as("POST", MINE, Some(&again), &json!({})).await.status, 401, "issued before");
    assert!(!is_in(app, &mut sign_in(app, PASSWORD).await).await);
    assert!(is_in(app, &mut sign_in(app, OTHER).await).await);
    app.mail_to(ADA, "password-changed").await;
}

#[tokio::test]
async fn w017_w010_u4_a_try_that_fails_leaves_the_link_good_and_no_other_secret_is_one() {
    let world = World::new().await;
    let app = &world.app;
    let token = link(app).await;
    for (bad, status) in
        [("short", 422), ("password", 422), (ADA, 422), (&*"x".repeat(1025), 400), ("aaaaaaaaaaaa", 422)]
    {
        assert_eq!(reset(app, &token, bad).await, status, "{bad:.20}");
    }
    let twice = json!({ "token": token, "password": OTHER, "password_confirm": PASSWORD });
    assert_eq!(app.tell(RESET, &twice).await.status, 422);
    for path in ["verify-email", "confirm-email-change", "undo-email-change"] {
        let answer = app.tell(&format!("/t/demo/api/v1/auth/{path}"), &json!({ "token": token })).await;
        assert_eq!(answer.status, 400, "{path}");
    }
    assert_eq!(app.get(&format!("/t/demo/api/v1/invitations/{token}")).await.status, 400);
    let bent: String = token.chars().rev().collect();
    for wrong in ["", &bent, &token[1..], &format!("{token}A")] {
        assert_eq!(reset(app, wrong, OTHER).await, 400);
    }
    app.tenant("acme", chancery::store::tenants::Settings::default()).await;
    let abroad = json!({ "token": token, "password": OTHER });
    assert_eq!(app.tell("/t/acme/api/v1/auth/reset-password", &abroad).await.status, 400, "X2");
    assert_eq!(reset(app, &token, OTHER).await, 200);
    assert_eq!(reset(app, &token, OTHER).await, 400, "once");
    let late = link(app).await;
    app.clock.advance(Seconds(3_600));
    assert_eq!(reset(app, &late, OTHER).await, 400, "W-019: it lives as long as the mail says");
}

#[tokio::test]
async fn w018_of_twenty_resets_at_once_one_succeeds() {
    let world = World::new().await;
    let token = link(&world.app).await;
    let app = Arc::new(world.app);
    let mut all = JoinSet::new();
    for number in 0..20 {
        let (app, token) = (app.clone(), token.clone());
        all.spawn(async move { (number, reset(&app, &token, &format!("few words, number {number}")).await) });
    }
    let answers = all.join_all().await;
    let won: Vec<_> = answers.iter().filter(|(_, status)| *status == 200).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    assert!(is_in(&app, &mut sign_in(&app, &format!("few words, number {}", won[0].0)).await).await);
}

#[tokio::test]
async fn w021_w005_a_reset_proves_the_address_and_the_password_is_kept_as_argon2id_alone() {
    let world = super::sign_up::open_world(|_| {}).await;
    let app = &world.app;
    let new = "nora@demo.test";
    app.tell("/t/demo/api/v1/auth/register", &json!({ "email": new })).await;
    app.tell(FORGOT, &json!({ "email": new })).await;
    let token = app.secret_to(new, "reset-password").await;
    assert_eq!(reset(app, &token, OTHER).await, 200);
    let found = credentials(&app.app.db, &world.tenant.id, new).await.unwrap().unwrap();
    assert!(found.user.email_verified.0, "R11");
    let hash = found.hash.unwrap();
    assert!(hash.starts_with("$argon2id$") && !hash.contains(OTHER), "W-005: {hash}");
}

#[tokio::test]
async fn w134_the_pages_of_recovery_do_nothing_until_their_button_is_pressed() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = Person::default();
    ada.open(app, "/t/demo/forgot-password").await;
    assert_eq!(ada.submit(app, "address-form", &[("email", "no address")]).await.status, 422);
    let unknown = ada.submit(app, "address-form", &[("email", "nobody@demo.test")]).await;
    assert_eq!(unknown.page(), "mail-sent");
    ada.open(app, "/t/demo/forgot-password").await;
    assert_eq!(ada.submit(app, "address-form", &[("email", ADA)]).await.page(), "mail-sent");
    let address = app.mail_to(ADA, "reset-password").await.link();
    for _ in 0..2 {
        assert_eq!(ada.open(app, &address).await.page(), "reset-password");
    }
    let weak = ada.submit(app, "link-form", &[("password", "password")]).await;
    assert_eq!((weak.status.as_u16(), weak.page()), (422, "reset-password"));
    assert_eq!(ada.submit(app, "link-form", &[("password", OTHER)]).await.page(), "password-reset");
    assert!(is_in(app, &mut sign_in(app, OTHER).await).await);
    assert_eq!(ada.open(app, &address).await.page(), "error");
}

#[tokio::test]
async fn w014_w015_a_changed_password_keeps_this_session_and_ends_the_others() {
    let world = World::new().await;
    let app = &world.app;
    let (mut here, mut there) = (sign_in(app, PASSWORD).await, sign_in(app, PASSWORD).await);
    let reset_link = link(app).await;
    let before = here.cookies["chancery"].0.clone();
    for (current, new, status) in
        [("wrong", OTHER, 403), (PASSWORD, "short", 422), (PASSWORD, PASSWORD, 422), (PASSWORD, OTHER, 200)]
    {
        let body = json!({ "old_password": current, "new_password": new, "new_password_confirm": new });
        assert_eq!(here.tell(app, MINE, &body).await.status.as_u16(), status, "{current} {new}");
    }
    assert_ne!(here.cookies["chancery"].0, before, "S1: the cookie from before is worth nothing");
    assert!(is_in(app, &mut here).await && !is_in(app, &mut there).await);
    assert_eq!(reset(app, &reset_link, "some other words").await, 400);
    app.mail_to(ADA, "password-changed").await;
    let id = app.app.accounts.look_up(&world.tenant, ADA).await.unwrap().id;
    let left = one_time::of_subject(&app.app.db, &world.tenant.id, Kind::ResetPassword, id.as_str(), app.clock.now());
    assert!(left.await.unwrap().is_empty());
}

#[tokio::test]
async fn w015_a_stolen_token_is_no_oracle_for_the_password() {
    let world = World::new().await;
    let app = &world.app;
    let token = world.token_with(&[("scope", json!("account"))]).await;
    let guess = async |word: &str| {
        let body = json!({ "current_password": word, "new_password": OTHER });
        app.tell_as("POST", MINE, Some(&token), &body).await.status.as_u16()
    };
    let mut last = 0;
    for number in 0..200 {
        last = guess(&format!("guess {number}")).await;
        if last == 429 {
            break;
        }
        assert_eq!(last, 403);
    }
    assert_eq!(last, 429);
    assert_eq!(guess(PASSWORD).await, 429, "not even the right one, for now");
    let missing = json!({ "new_password": OTHER });
    assert_eq!(app.tell_as("POST", MINE, Some(&token), &missing).await.status, 403, "U6");
    let without = world.token_with(&[("scope", json!("openid"))]).await;
    assert_eq!(app.tell_as("POST", MINE, Some(&without), &missing).await.status, 403, "the scope is another one");
}

#[tokio::test]
async fn w024_who_was_deleted_can_sign_up_again() {
    let world = super::sign_up::open_world(|_| {}).await;
    let app = &world.app;
    let ada = app.app.accounts.look_up(&world.tenant, ADA).await.unwrap();
    app.app.accounts.set_status(&world.tenant, &ada.id, UserStatus::Deleted, &Actor::operator()).await.unwrap();
    let body = json!({ "email": ADA, "password": OTHER });
    assert_eq!(app.tell("/t/demo/api/v1/auth/register", &body).await.status, 202);
    let token = Secret::new(app.secret_to(ADA, "verify-email").await);
    let context = app.context("demo").await;
    let verified = app.app.accounts.verify_email(&context, &token, None, &chancery::base::Origin::default()).await;
    assert_ne!(verified.unwrap().user.id, ada.id);
    assert!(is_in(app, &mut sign_in(app, OTHER).await).await);
}

#[tokio::test]
async fn w115_strangers_who_ask_again_and_again_leave_the_newest_mailed_link_good() {
    let world = World::new().await;
    let app = &world.app;
    for _ in 0..40 {
        assert_eq!(app.tell(FORGOT, &json!({ "email": ADA })).await.status, 202);
    }
    assert!(app.mails_to(ADA).await.len() < 40, "there is a budget");
    let token = app.secret_to(ADA, "reset-password").await;
    assert_eq!(reset(app, &token, OTHER).await, 200);
}
