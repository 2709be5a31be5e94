//! How long a browser is somebody's: until it is closed, for longer where they want that, and under another cookie when
//! their rights change.

use chancery::base::{Actor, Seconds, UserId};
use chancery::store::tenants::Settings;
use chancery::store::users::Role;
use serde_json::json;

use super::support::{Answer, PASSWORD, Person, World};

const LOGIN: &str = "/t/demo/login";
const DAY: i64 = 86_400;

async fn sign_in(world: &World, more: &[(&str, &str)]) -> (Person, Answer) {
    let mut ada = Person::default();
    ada.open(&world.app, LOGIN).await;
    let form = [&[("username", "ada@demo.test"), ("password", PASSWORD)], more].concat();
    let answer = ada.submit_only(&world.app, "login-form", &form).await;
    (ada, answer)
}

fn sign_in_cookie(answer: &Answer) -> String {
    let all = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned());
    all.into_iter().find(|cookie| cookie.starts_with("chancery=")).expect("no cookie was set")
}

#[tokio::test]
async fn who_wants_to_stays_signed_in_when_the_browser_is_closed_and_nobody_else() {
    let world = World::new().await;
    let (mut closed, answer) = sign_in(&world, &[]).await;
    assert!(!sign_in_cookie(&answer).contains("Max-Age"), "it ends with the browser");
    let (mut kept, answer) = sign_in(&world, &[("remember_me", "yes")]).await;
    let month = world.tenant.settings.lifetimes.session_remembered.0;
    assert!(month > 7 * DAY);
    assert!(sign_in_cookie(&answer).contains(&format!("Max-Age={month}")), "{answer:?}");
    world.app.clock.advance(Seconds(7 * DAY));
    assert_eq!(closed.open(&world.app, "/t/demo/account").await.page(), "login", "unused for too long");
    assert_eq!(kept.open(&world.app, "/t/demo/account").await.page(), "account");
    // A cookie that is set anew later is kept for what is left.
    kept.open(&world.app, "/t/demo/account/password").await;
    let form = [("current_password", PASSWORD), ("new_password", "another few words")];
    let changed = kept.submit_only(&world.app, "password-form", &form).await;
    assert!(sign_in_cookie(&changed).contains(&format!("Max-Age={}", month - 7 * DAY)), "{changed:?}");
    world.app.clock.advance(Seconds(month - 7 * DAY));
    assert_eq!(kept.open(&world.app, "/t/demo/account").await.page(), "login", "it ends all the same");
}

#[tokio::test]
async fn a_tick_that_led_nowhere_is_forgotten() {
    let world = World::new().await;
    let mut ada = Person::default();
    ada.open(&world.app, LOGIN).await;
    let form = [("username", "ada@demo.test"), ("password", "wrong"), ("remember_me", "yes")];
    ada.submit(&world.app, "login-form", &form).await;
    ada.open(&world.app, LOGIN).await;
    let form = [("username", "ada@demo.test"), ("password", PASSWORD)];
    let answer = ada.submit_only(&world.app, "login-form", &form).await;
    assert!(!sign_in_cookie(&answer).contains("Max-Age"), "{answer:?}");
}

#[tokio::test]
async fn an_application_of_the_tenant_asks_for_a_cookie_that_stays() {
    let world = World::new().await;
    let path = "/t/demo/api/v1/auth/login";
    let body = json!({
        "identifier": "ada@demo.test", "password": PASSWORD, "session": "cookie", "remember_me": true,
    });
    let mut ada = Person::default();
    let answer = ada.tell(&world.app, path, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(sign_in_cookie(&answer).contains("Max-Age="), "{answer:?}");
    world.app.clock.advance(Seconds(7 * DAY));
    assert_eq!(ada.open(&world.app, "/t/demo/account").await.page(), "account");
}

#[tokio::test]
async fn s1_whoever_gets_other_rights_gets_another_cookie_and_the_old_one_is_nobody() {
    let world = World::new().await;
    let (mut ada, _) = sign_in(&world, &[]).await;
    let before = ada.cookies["chancery"].clone();
    ada.open(&world.app, "/t/demo/account/profile").await;
    assert_eq!(ada.cookies["chancery"], before, "nothing changed so far");
    let id = UserId::from(world.sub("ada@demo.test").await);
    world.app.app.accounts.set_role(&world.tenant, &id, Role::Admin, &Actor::operator()).await.unwrap();
    let saved = ada.submit(&world.app, "profile-form", &[("name", "Ada")]).await;
    assert_eq!(saved.page(), "account-profile", "the form that was open is still good: {}", saved.body);
    let after = ada.cookies["chancery"].clone();
    assert_ne!(after, before);
    let mut thief = Person::default();
    thief.cookies.insert("chancery".to_owned(), before);
    assert_eq!(thief.open(&world.app, "/t/demo/account").await.page(), "login");
    assert_eq!(ada.open(&world.app, "/t/demo/account").await.page(), "account");
    assert_eq!(ada.cookies["chancery"], after, "once is enough");
}

/// Changes the settings of tenant `demo`.
async fn settings(world: &World, change: impl FnOnce(&mut Settings)) {
    let mut tenant = world.app.app.tenants.look_up("demo").await.unwrap();
    change(&mut tenant.settings.0);
    world.app.app.tenants.change(&world.app.clock, &tenant, "tenant.updated", &Actor::operator()).await.unwrap();
}

#[tokio::test]
async fn where_passwords_are_switched_off_the_page_has_no_field_for_one_and_the_way_back_remains() {
    let world = World::new().await;
    settings(&world, |settings| (settings.sign_in.password, settings.sign_in.email_code) = (false, true)).await;
    let mut ada = Person::default();
    let page = ada.open(&world.app, &world.authorize(&[])).await;
    assert_eq!(page.page(), "login");
    assert!(!page.body.contains("name=\"password\"") && page.body.contains("id=\"login-by-mail\""), "{}", page.body);
    let back = ada.submit(&world.app, "login-form", &[("decision", "cancel")]).await;
    assert!(back.header("location").contains("error=access_denied"), "{back:?}");
}
