//! The guides about sign-up and recovery, done as they are written.

use chancery::base::{Actor, Seconds, Secret};
use chancery::store::tenants::Settings;
use chancery::store::users::{Role, credentials};
use chancery::tenants::set_setting;
use serde_json::{Value, json};

use super::support::{PASSWORD, TestApp, World};

const GUIDES: [&str; 2] = [include_str!("../../docs/guides/sign-up.md"), include_str!("../../docs/guides/recovery.md")];

/// What stands between the fences that begin with this.
fn blocks(guide: &str, kind: &str) -> Vec<(String, String)> {
    let fences = guide.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix(kind));
    fences
        .map(|block| block.split_once('\n').unwrap())
        .map(|(head, body)| (head.trim().to_owned(), body.to_owned()))
        .collect()
}

/// The settings that the guide's commands set.
fn settings(guide: &str) -> Settings {
    let mut settings = Settings::default();
    let mut set = 0;
    for (_, commands) in blocks(guide, "sh") {
        for assignment in commands.split_whitespace().filter(|word| word.contains('=')) {
            set_setting(&mut settings, assignment).unwrap_or_else(|stop| panic!("{assignment}: {stop:?}"));
            set += 1;
        }
    }
    assert!(set >= 5, "the guide sets {set} things");
    settings
}

/// A token for what the path asks: one's own account, or an administrator's work.
async fn token(world: &World, path: &str) -> Option<String> {
    let admin = world.sub("grace@demo.test").await;
    match path {
        path if path.contains("/accept") => None,
        path if path.contains("/users/me/") => Some(world.token_with(&[("scope", json!("account"))]).await),
        path if path.contains("/users") || path.contains("/invitations") => {
            let scope = json!("users:write users:invite users:roles");
            Some(world.token_with(&[("sub", json!(admin)), ("scope", scope)]).await)
        }
        _ => None,
    }
}

/// The secret of the newest mail with a link, to anybody or to the one that is named.
async fn secret(app: &TestApp, wanted: &str) -> String {
    let named = wanted.strip_prefix("the token of the mail to ");
    let all = chancery::store::mails::newest_of_all_tenants(&app.app.db, 100).await.unwrap();
    let links = all.into_iter().filter(|mail| named.is_none_or(|to| mail.recipient_key == to)).filter_map(|mail| {
        let text = app.app.mail.read(&mail).unwrap()?.text;
        let (_, rest) = text.split_once("token=")?;
        Some(rest.split_whitespace().next()?.to_owned())
    });
    links.into_iter().next().expect("a mail with a link")
}

#[tokio::test]
async fn w128_the_guides_about_sign_up_and_recovery_do_what_they_say() {
    for guide in GUIDES {
        let app = TestApp::start().await;
        let tenant = app.tenant("demo", settings(guide)).await;
        let world = World { app, tenant };
        for email in ["ada@demo.test", "grace@demo.test"] {
            world.person(email).await;
        }
        let grace = world.app.app.accounts.look_up(&world.tenant, "grace@demo.test").await.unwrap();
        world.app.app.accounts.set_role(&world.tenant, &grace.id, Role::Admin, &Actor::operator()).await.unwrap();
        world.client("calendar", "Calendar", |_| {}).await;
        let mut last = Value::Null;
        let all = blocks(guide, "json");
        assert!(all.len() >= 5);
        for (head, body) in all {
            let [method, path, status] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head}") };
            let mut body: Value = serde_json::from_str(&body).unwrap();
            if let Some(wanted) = body["token"].as_str().map(str::to_owned) {
                body["token"] = secret(&world.app, &wanted).await.into();
            }
            let mut path = path.replace("{id}", last["data"]["id"].as_str().unwrap_or_default());
            if path.contains("{token}") {
                path = path.replace("{token}", &secret(&world.app, "").await);
            }
            world.app.clock.advance(Seconds(1));
            let token = token(&world, &path).await;
            let answer = world.app.tell_as(method, &format!("/t/demo{path}"), token.as_deref(), &body).await;
            assert_eq!(answer.status.as_u16().to_string(), status, "{head}: {}", answer.body);
            last = answer.json();
        }
    }
}

#[tokio::test]
async fn w028_an_imported_hash_signs_in_once_and_is_argon2id_afterwards() {
    let world = World::new().await;
    let app = &world.app;
    let grace = app.app.accounts.look_up(&world.tenant, "grace@demo.test").await.unwrap();
    app.app.accounts.set_role(&world.tenant, &grace.id, Role::Admin, &Actor::operator()).await.unwrap();
    let token = token(&world, "/users").await;
    let make = async |body: Value| app.tell_as("POST", "/t/demo/api/v1/users", token.as_deref(), &body).await;
    for bad in ["", "not a hash", "$2b$31$abc", PASSWORD] {
        assert_eq!(make(json!({ "username": "x", "password_hash": bad })).await.status, 422, "{bad}");
    }
    let all = blocks(GUIDES[0], "json");
    let shown = all.iter().map(|(_, body)| serde_json::from_str::<Value>(body).unwrap());
    let gretta = shown.into_iter().find(|body| body["password_hash"].is_string()).unwrap();
    let mut both = gretta.clone();
    both["password"] = PASSWORD.into();
    assert_eq!(make(both).await.status, 422);
    assert_eq!(make(gretta).await.status, 201);
    let origin = chancery::base::Origin::default();
    let enter = async |password: &str| {
        app.app.accounts.authenticate(&world.tenant, "gretta", &Secret::new(password), &origin).await.is_ok()
    };
    assert!(!enter(PASSWORD).await && enter("a password of hers").await);
    let stored = credentials(&app.app.db, &world.tenant.id, "gretta").await.unwrap().unwrap().hash.unwrap();
    assert!(stored.starts_with("$argon2id$"), "{stored}");
    assert!(enter("a password of hers").await);
}
