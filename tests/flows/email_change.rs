//! Another address for an account: confirmed on the new one, told to the old one, which can take it back (W-016).

use chancery::base::Seconds;
use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use super::sign_up::open_world;
use super::support::{Answer, PASSWORD, Person, TestApp, World};

const ADA: &str = "ada@demo.test";
const NEW: &str = "ada@new.test";
const MINE: &str = "/t/demo/api/v1/users/me/email";
const CONFIRM: &str = "/t/demo/api/v1/auth/confirm-email-change";
const UNDO: &str = "/t/demo/api/v1/auth/undo-email-change";

async fn ask(world: &World, email: &str, password: Option<&str>) -> Answer {
    let token = world.token_of(&world.owner().await).await;
    let mut body = json!({ "email": email });
    if let Some(password) = password {
        body["current_password"] = password.into();
    }
    world.app.tell_as("POST", MINE, Some(&token), &body).await
}

impl World {
    /// Ada's id, whatever her address is.
    async fn owner(&self) -> String {
        self.app.app.accounts.page(&self.tenant, "", 1).await.unwrap()[0].id.to_string()
    }

    async fn token_of(&self, sub: &str) -> String {
        let issuer = self.issuer("demo");
        let now = self.app.clock.now();
        let claims = json!({
            "iss": issuer, "sub": sub, "aud": format!("{issuer}/api/v1"), "iat": now, "exp": now.plus(Seconds(600)),
            "jti": uuid::Uuid::now_v7().to_string(), "client_id": "calendar", "scope": "account",
        });
        self.token(claims.as_object().unwrap()).await
    }
}

async fn use_link(app: &TestApp, path: &str, secret: &str) -> Answer {
    app.tell(path, &json!({ "token": secret })).await
}

async fn enters(app: &TestApp, email: &str, password: &str) -> Option<Person> {
    let mut person = Person::default();
    person.open(app, "/t/demo/login").await;
    let page = person.submit(app, "login-form", &[("username", email), ("password", password)]).await;
    (page.page() == "account").then_some(person)
}

#[tokio::test]
async fn w016_the_new_address_confirms_and_the_old_one_can_take_it_back_for_72_hours() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    for (password, status) in [(None, 403), (Some("wrong"), 403), (Some(PASSWORD), 202)] {
        assert_eq!(ask(&world, NEW, password).await.status.as_u16(), status, "U6: {password:?}");
    }
    assert!(enters(app, NEW, PASSWORD).await.is_none(), "asking changes nothing");
    let first = app.secret_to(NEW, "confirm-email").await;
    ask(&world, NEW, Some(PASSWORD)).await;
    assert_eq!(use_link(app, CONFIRM, &first).await.status, 400, "W-114");
    let confirm = app.secret_to(NEW, "confirm-email").await;
    let changed = use_link(app, CONFIRM, &confirm).await;
    assert_eq!(changed.json()["data"]["user"]["email"], NEW);
    assert_eq!(use_link(app, CONFIRM, &confirm).await.status, 400, "once");
    let mut thief = enters(app, NEW, PASSWORD).await.unwrap();
    assert!(enters(app, ADA, PASSWORD).await.is_none());
    let notice = app.mail_to(ADA, "email-changed").await;
    assert!(notice.content.text.contains("3 days"), "W-019: {}", notice.content.text);
    assert!(!notice.content.text.contains(NEW), "the notice does not spread the new address");
    app.clock.advance(Seconds(72 * 3_600 - 1));
    let undo = app.secret_to(ADA, "email-changed").await;
    let restored = use_link(app, UNDO, &undo).await;
    assert_eq!(restored.json()["data"]["user"]["email"], ADA, "{}", restored.body);
    assert_eq!(thief.open(app, "/t/demo/account").await.page(), "login", "sessions end");
    assert!(enters(app, ADA, PASSWORD).await.is_none(), "whoever changed it knew the password");
    let reset = app.secret_to(ADA, "reset-password").await;
    let body = json!({ "token": reset, "password": "another few words" });
    assert_eq!(app.tell("/t/demo/api/v1/auth/reset-password", &body).await.status, 200);
    assert!(enters(app, ADA, "another few words").await.is_some());
}

#[tokio::test]
async fn w016_who_took_an_account_cannot_take_the_way_back_away() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    for address in [NEW, "ada@third.test"] {
        ask(&world, address, Some(PASSWORD)).await;
        let secret = app.secret_to(address, "confirm-email").await;
        assert_eq!(use_link(app, CONFIRM, &secret).await.status, 200);
    }
    // The thief resets the password, signs the old address up, and undoes their own second change.
    app.tell("/t/demo/api/v1/auth/forgot-password", &json!({ "email": "ada@third.test" })).await;
    let reset = app.secret_to("ada@third.test", "reset-password").await;
    let body = json!({ "token": reset, "password": "the words of a thief" });
    assert_eq!(app.tell("/t/demo/api/v1/auth/reset-password", &body).await.status, 200);
    let body = json!({ "email": ADA, "password": PASSWORD });
    assert_eq!(app.tell("/t/demo/api/v1/auth/register", &body).await.status, 202);
    let second = app.secret_to(NEW, "email-changed").await;
    assert_eq!(use_link(app, UNDO, &second).await.json()["data"]["user"]["email"], NEW);
    let first = app.secret_to(ADA, "email-changed").await;
    assert_eq!(use_link(app, UNDO, &first).await.json()["data"]["user"]["email"], ADA);
    assert_eq!(use_link(app, UNDO, &second).await.status, 400);
}

#[tokio::test]
async fn undoing_an_early_change_takes_the_later_ones_along() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    for address in [NEW, "ada@third.test"] {
        ask(&world, address, Some(PASSWORD)).await;
        let secret = app.secret_to(address, "confirm-email").await;
        use_link(app, CONFIRM, &secret).await;
    }
    let (first, second) = (app.secret_to(ADA, "email-changed").await, app.secret_to(NEW, "email-changed").await);
    assert_eq!(use_link(app, UNDO, &first).await.status, 200);
    assert_eq!(use_link(app, UNDO, &second).await.status, 400);
}

#[tokio::test]
async fn w009_a_taken_address_is_not_told_and_the_link_survives_a_conflict() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    world.person("bob@demo.test").await;
    let free = ask(&world, NEW, Some(PASSWORD)).await.look();
    assert_eq!(ask(&world, "BOB@demo.test", Some(PASSWORD)).await.look(), free);
    app.mail_to("bob@demo.test", "address-taken").await;
    assert!(app.mails_to("bob@demo.test").await.iter().all(|mail| mail.mail.kind == "address-taken"));
    assert_eq!(ask(&world, "ADA@demo.test", Some(PASSWORD)).await.status, 422, "her own");
    ask(&world, NEW, Some(PASSWORD)).await;
    let secret = app.secret_to(NEW, "confirm-email").await;
    world.person(NEW).await;
    assert_eq!(use_link(app, CONFIRM, &secret).await.status, 409);
    let squatter = app.app.accounts.look_up(&world.tenant, NEW).await.unwrap();
    let by = chancery::base::Actor::operator();
    let deleted = chancery::store::users::UserStatus::Deleted;
    app.app.accounts.set_status(&world.tenant, &squatter.id, deleted, &by).await.unwrap();
    assert_eq!(use_link(app, CONFIRM, &secret).await.status, 200, "W-017");
}

#[tokio::test]
async fn w134_the_pages_of_a_changed_address_wait_for_their_button() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    ask(&world, NEW, Some(PASSWORD)).await;
    let mut ada = Person::default();
    let confirm = app.mail_to(NEW, "confirm-email").await.link();
    for _ in 0..2 {
        assert_eq!(ada.open(app, &confirm).await.page(), "confirm-email-change");
    }
    assert!(enters(app, NEW, PASSWORD).await.is_none());
    assert_eq!(ada.submit(app, "link-form", &[]).await.page(), "email-changed");
    let undo = app.mail_to(ADA, "email-changed").await.link();
    for _ in 0..2 {
        assert_eq!(ada.open(app, &undo).await.page(), "undo-email-change");
    }
    assert!(enters(app, NEW, PASSWORD).await.is_some());
    assert_eq!(ada.submit(app, "link-form", &[]).await.page(), "email-change-undone");
    assert_eq!(ada.open(app, &undo).await.page(), "error");
}

#[tokio::test]
async fn x2_a_link_of_one_tenant_is_none_of_another() {
    let world = open_world(|_| {}).await;
    let app = &world.app;
    app.tenant("acme", Settings::default()).await;
    ask(&world, NEW, Some(PASSWORD)).await;
    let secret = app.secret_to(NEW, "confirm-email").await;
    let refused: Value = use_link(app, "/t/acme/api/v1/auth/confirm-email-change", &secret).await.json();
    assert_eq!(refused["code"], "invalid_grant");
    assert_eq!(use_link(app, CONFIRM, &secret).await.status, 200);
}
