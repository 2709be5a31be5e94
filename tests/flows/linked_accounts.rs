//! A person links accounts elsewhere to the one here, sees them, and undoes it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chancery::base::{Seconds, UserId};
use chancery::store::users::{self, User};
use serde_json::{Value, json};

use crate::support::others::Others;
use crate::support::{Answer, PASSWORD, Person, World};

/// Somebody who is signed in here by password.
async fn signed_in(world: &World, email: &str) -> Person {
    let mut person = Person::default();
    person.open(&world.app, "/t/demo/login").await;
    person.submit(&world.app, "login-form", &[("username", email), ("password", PASSWORD)]).await;
    person
}

/// Asks the API with a token of this person, who signed in just now.
async fn ask(world: &World, user: &str, method: &str, path: &str) -> Answer {
    let now = world.app.clock.now();
    ask_since(world, (user, now.0), method, path).await
}

async fn ask_since(world: &World, (user, since): (&str, i64), method: &str, path: &str) -> Answer {
    let claims = [("sub", json!(user)), ("scope", json!("account")), ("auth_time", json!(since))];
    let token = world.token_with(&claims).await;
    let request = Request::builder().method(method).uri(format!("/t/demo/api/v1/users/me/identities{path}"));
    world.app.send(request.header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap()).await
}

fn data(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str::<Value>(&answer.body).unwrap()["data"].clone()
}

/// Begins to link from the account page, as its form does.
async fn link(others: &Others, person: &mut Person) -> Answer {
    let app = &others.here.app;
    person.open(app, "/t/demo/login").await;
    let csrf = person.page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    person.page = format!(
        "<form id=\"link\" action=\"/t/demo/account/identities/other\"><input name=\"csrf\" value=\"{csrf}\"></form>"
    );
    person.submit_only(app, "link", &[]).await
}

#[tokio::test]
async fn who_is_signed_in_links_an_account_of_another_address_and_is_told_by_mail() {
    let others = Others::new(|_| {}).await;
    others.there.person("private@corp.test").await;
    let (here, app) = (&others.here, &others.here.app);
    let mut ada = signed_in(here, "ada@demo.test").await;
    let away = link(&others, &mut ada).await.header("location").to_owned();
    let back = others.sign_in_there(&mut Person::default(), &away, "private@corp.test").await;
    assert_eq!(ada.open(app, &back).await.page(), "account");
    let id = here.sub("ada@demo.test").await;
    let listed = data(&ask(here, &id, "GET", "").await);
    assert_eq!(listed[0]["provider"], "other");
    assert_eq!((&listed[0]["name"], listed.as_array().unwrap().len()), (&json!("private@corp.test"), 1));
    let told = app.mail_to("ada@demo.test", "provider-linked").await;
    assert!(told.content.text.contains("Other"), "{}", told.content.text);
    let mut later = Person::default();
    later.open(app, "/t/demo/login").await;
    assert_eq!(others.sign_in(&mut later, "private@corp.test").await.page(), "account");
    assert!(later.page.contains("ada@demo.test"), "it is Ada's account");
    // Grace cannot take what is Ada's.
    let mut grace = signed_in(here, "grace@demo.test").await;
    let away = link(&others, &mut grace).await.header("location").to_owned();
    let back = others.sign_in_there(&mut Person::default(), &away, "private@corp.test").await;
    assert_eq!(grace.open(app, &back).await.status, StatusCode::CONFLICT);
    let graces = here.sub("grace@demo.test").await;
    assert_eq!(data(&ask(here, &graces, "GET", "").await), json!([]));
}

#[tokio::test]
async fn w026_linking_and_unlinking_need_a_sign_in_of_the_last_ten_minutes() {
    let others = Others::new(|_| {}).await;
    let (here, app) = (&others.here, &others.here.app);
    let mut ada = signed_in(here, "ada@demo.test").await;
    app.clock.advance(Seconds(601));
    assert_eq!(link(&others, &mut ada).await.header("location"), "/t/demo/login");
    // Grace signs in instead: what Ada began is not hers.
    ada.open(app, "/t/demo/login").await;
    let form = [("username", "grace@demo.test"), ("password", PASSWORD)];
    assert_eq!(ada.submit(app, "login-form", &form).await.page(), "account");
    let mut stranger = Person::default();
    assert_eq!(link(&others, &mut stranger).await.header("location"), "/t/demo/login");
    let id = here.sub("ada@demo.test").await;
    let since = app.clock.now().0 - 601;
    let late = ask_since(here, (&id, since), "DELETE", "/x").await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    assert!(late.header("www-authenticate").contains("max_age=\"600\""), "{late:?}");
}

#[tokio::test]
async fn w026_a_link_that_needed_a_new_sign_in_goes_on_by_itself_after_it() {
    let others = Others::new(|_| {}).await;
    others.there.person("private@corp.test").await;
    let (here, app) = (&others.here, &others.here.app);
    let mut ada = signed_in(here, "ada@demo.test").await;
    app.clock.advance(Seconds(601));
    others.there.app.clock.advance(Seconds(601));
    assert_eq!(link(&others, &mut ada).await.header("location"), "/t/demo/login");
    ada.open(app, "/t/demo/login").await;
    let form = [("username", "ada@demo.test"), ("password", PASSWORD)];
    let away = ada.submit_only(app, "login-form", &form).await.header("location").to_owned();
    assert!(away.starts_with(&others.there.issuer("demo")), "{away}");
    let back = others.sign_in_there(&mut Person::default(), &away, "private@corp.test").await;
    assert_eq!(ada.open(app, &back).await.page(), "account");
    let id = here.sub("ada@demo.test").await;
    assert_eq!(data(&ask(here, &id, "GET", "").await)[0]["name"], "private@corp.test");
    let (status, all) = here.ask(&here.own("ada@demo.test").await, "POST", "/users/me/export", None).await;
    assert_eq!((status, &all["linked_accounts"][0]["provider"]), (200, &json!("Other")), "{all}");
    assert_eq!(all["linked_accounts"][0]["name"], "private@corp.test");
}

#[tokio::test]
async fn unlinking_ends_what_rests_on_it_and_the_account_elsewhere_opens_nothing_any_more() {
    let others = Others::new(|_| {}).await;
    others.there.person("new@corp.test").await;
    let (here, app) = (&others.here, &others.here.app);
    let mut neo = Person::default();
    neo.open(app, "/t/demo/login").await;
    assert_eq!(others.sign_in(&mut neo, "new@corp.test").await.page(), "account");
    let id = here.sub("new@corp.test").await;
    let link = data(&ask(here, &id, "GET", "").await)[0]["id"].as_str().unwrap().to_owned();
    let graces = here.sub("grace@demo.test").await;
    let not_hers = ask(here, &graces, "DELETE", &format!("/{link}")).await;
    assert_eq!(not_hers.status, StatusCode::NOT_FOUND);
    let gone = ask(here, &id, "DELETE", &format!("/{link}")).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    assert_eq!(neo.open(app, "/t/demo/account").await.page(), "login");
    assert_eq!(ask(here, &id, "DELETE", &format!("/{link}")).await.status, StatusCode::NOT_FOUND);
    app.mail_to("new@corp.test", "provider-unlinked").await;
    let mut again = Person::default();
    again.open(app, "/t/demo/login").await;
    assert_eq!(others.sign_in(&mut again, "new@corp.test").await.page(), "link", "it is a stranger's again");
}

#[tokio::test]
async fn the_only_way_into_an_account_is_not_unlinked() {
    let others = Others::new(|new| new.creation = Some("always".parse().unwrap())).await;
    let (here, there) = (&others.here, &others.there);
    let mut settings = there.tenant.clone();
    settings.settings.0.unverified_sign_in = true;
    let clock = &there.app.clock;
    let by = chancery::base::Actor::operator();
    there.app.app.tenants.change(clock, &settings, "tenant.updated", &by).await.unwrap();
    let unverified = User {
        email_verified: chancery::store::Flag(false),
        ..there.app.app.accounts.look_up(&there.tenant, "grace@demo.test").await.unwrap()
    };
    set_unverified(there, &unverified).await;
    let mut person = Person::default();
    person.open(&here.app, "/t/demo/login").await;
    let account = others.sign_in(&mut person, "grace@demo.test").await;
    assert_eq!(account.page(), "account", "{}", account.body);
    let provider = here.app.app.federation.named(&here.tenant, "other").await.unwrap();
    let id = unverified.id.as_str();
    let found = chancery::store::identities::by_subject(&here.app.app.db, &here.tenant.id, &provider.id, id).await;
    let link = found.unwrap().unwrap();
    assert_ne!(link.user_id, UserId::from(here.sub("grace@demo.test").await), "the address is somebody else's here");
    let refused = ask(here, link.user_id.as_str(), "DELETE", &format!("/{}", link.id)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
}

/// Makes the address one that nobody has proven.
async fn set_unverified(world: &World, user: &User) {
    let found = users::by_id(&world.app.app.db, &world.tenant.id, &user.id).await.unwrap();
    assert!(found.is_some());
    let statement = "UPDATE users SET email_verified = 0 WHERE email_key = 'grace@demo.test'";
    if world.app.database.starts_with("sqlite:") {
        let pool = sqlx::SqlitePool::connect(&world.app.database).await.unwrap();
        sqlx::query(statement).execute(&pool).await.unwrap();
    } else {
        let pool = sqlx::PgPool::connect(&world.app.database).await.unwrap();
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
}
