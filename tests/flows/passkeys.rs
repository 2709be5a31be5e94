//! A person makes passkeys and signs in with them; whatever is not quite one opens nothing.

use serde_json::{Value, json};

use crate::support::authenticator::{Answer, Authenticator};
use crate::support::{Person, TestApp, Told, World};

async fn made(app: &TestApp, token: &str, name: &str) -> Authenticator {
    let begun = app.call("POST", "/users/me/passkeys/begin", Some(token), None).await;
    assert_eq!(begun.status, 201, "{begun:?}");
    let options = &begun.data["options"];
    assert_eq!(options["publicKey"]["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["publicKey"]["authenticatorSelection"]["residentKey"], "required");
    let (authenticator, credential) = Authenticator::register(options);
    let added = add(app, token, &begun.data["ceremony"], credential, name).await;
    assert_eq!((added.status, added.data["name"].as_str()), (201, Some(name)), "{added:?}");
    authenticator
}

async fn add(app: &TestApp, token: &str, ceremony: &Value, credential: Value, name: &str) -> Told {
    let body = json!({ "ceremony": ceremony, "credential": credential, "name": name });
    app.call("POST", "/users/me/passkeys", Some(token), Some(body)).await
}

async fn begun(app: &TestApp) -> (Value, Value) {
    let begun = app.call("POST", "/auth/passkeys/begin", None, Some(json!({}))).await;
    assert_eq!(begun.status, 200, "{begun:?}");
    (begun.data["ceremony"].clone(), begun.data["options"].clone())
}

async fn complete(app: &TestApp, ceremony: &Value, credential: &Value) -> Told {
    let body = json!({ "ceremony": ceremony, "credential": credential });
    app.call("POST", "/auth/passkeys/complete", None, Some(body)).await
}

/// Signs in with what `lie` makes of a good answer.
async fn with_lie(app: &TestApp, key: &mut Authenticator, lie: impl FnOnce(&mut Answer)) -> u16 {
    let (ceremony, options) = begun(app).await;
    let mut answer = key.sign(&options);
    lie(&mut answer);
    complete(app, &ceremony, &key.written(&answer)).await.status
}

#[tokio::test]
async fn w031_each_of_several_passkeys_signs_in_alone_and_counts_as_two_factors() {
    let world = World::new().await;
    let app = &world.app;
    let token = app.token_of("ada@demo.test").await;
    let mut keys =
        [made(app, &token, "Phone").await, made(app, &token, "Key").await, made(app, &token, "Laptop").await];
    for key in &mut keys {
        for _ in 0..2 {
            let (ceremony, options) = begun(app).await;
            let told = complete(app, &ceremony, &key.answer(&options)).await;
            assert_eq!(told.status, 200, "{told:?}");
            assert_eq!(told.data["session"]["acr"], "phr");
            assert_eq!(told.data["session"]["amr"], json!(["pop", "user", "mfa"]));
            assert_eq!(told.data["user_id"], world.sub("ada@demo.test").await);
        }
    }
    let list = app.call("GET", "/users/me/passkeys", Some(&token), None).await;
    assert_eq!(list.data.as_array().unwrap().len(), 3);
    let id = list.data[0]["id"].as_str().unwrap();
    let path = format!("/users/me/passkeys/{id}");
    assert_eq!(app.call("PATCH", &path, Some(&token), Some(json!({ "name": "Old phone" }))).await.status, 204);
    let other = app.token_of("grace@demo.test").await;
    assert_eq!(app.call("DELETE", &path, Some(&other), None).await.status, 404, "somebody else's");
    assert_eq!(app.call("DELETE", &path, Some(&token), None).await.status, 204);
    let (ceremony, options) = begun(app).await;
    assert_eq!(complete(app, &ceremony, &keys[0].answer(&options)).await.status, 401, "it is gone");
}

/// How many ceremonies are remembered.
async fn ceremonies(app: &TestApp) -> i64 {
    let text = "SELECT COUNT(*) FROM one_time_secrets WHERE kind = 'passkey_ceremony'";
    match &app.app.db {
        chancery::store::Db::Sqlite { read, .. } => sqlx::query_scalar(text).fetch_one(read).await.unwrap(),
        chancery::store::Db::Postgres(pool) => sqlx::query_scalar(text).fetch_one(pool).await.unwrap(),
    }
}

#[tokio::test]
async fn who_only_looks_at_the_sign_in_page_leaves_nothing_and_a_challenge_is_answered_once_all_the_same() {
    let world = World::new().await;
    let app = &world.app;
    let token = app.token_of("ada@demo.test").await;
    let mut key = made(app, &token, "Phone").await;
    let before = ceremonies(app).await;
    let mut looker = Person::default();
    let page = looker.open(app, "/t/demo/login").await;
    assert!(page.body.contains("data-ceremony=\"get\""), "{}", page.body);
    let again = looker.open(app, "/t/demo/login").await;
    assert_eq!(again.header("set-cookie"), "", "nor is the browser written down again");
    let (ceremony, options) = begun(app).await;
    assert_eq!(ceremonies(app).await, before);
    let answer = key.answer(&options);
    let all = tokio::join!(
        complete(app, &ceremony, &answer),
        complete(app, &ceremony, &answer),
        complete(app, &ceremony, &answer),
        complete(app, &ceremony, &answer),
    );
    let all = [all.0.status, all.1.status, all.2.status, all.3.status];
    assert_eq!(all.iter().filter(|status| **status == 200).count(), 1, "W-030, W-018: {all:?}");
    assert_eq!(ceremonies(app).await, before + 1);
    let (late, options) = begun(app).await;
    let answer = key.answer(&options);
    app.clock.advance(chancery::base::Seconds(301));
    assert_eq!(complete(app, &late, &answer).await.status, 401, "W-030: expired");
    let (altered, options) = begun(app).await;
    let altered = json!(format!("{}x", altered.as_str().unwrap()));
    assert_eq!(complete(app, &altered, &key.answer(&options)).await.status, 401, "it is sealed");
    let (status, data) = world.ask(&world.own("ada@demo.test").await, "POST", "/users/me/export", None).await;
    assert_eq!((status, &data["second_factors"]["passkeys"][0]["name"]), (200, &json!("Phone")), "{data}");
}

#[tokio::test]
async fn w029_a_flipped_bit_anywhere_or_another_key_opens_nothing() {
    let world = World::new().await;
    let app = &world.app;
    let token = app.token_of("ada@demo.test").await;
    let mut key = made(app, &token, "Phone").await;
    assert_eq!(with_lie(app, &mut key, |_| {}).await, 200);
    for at in [0, 5, 40] {
        assert_eq!(with_lie(app, &mut key, |answer| answer.signature[at] ^= 1).await, 401, "signature {at}");
    }
    for at in [0, 31, 32, 36] {
        assert_eq!(with_lie(app, &mut key, |answer| answer.data[at] ^= 4).await, 401, "authenticatorData {at}");
    }
    for at in [2, 30, 60] {
        assert_eq!(with_lie(app, &mut key, |answer| answer.client[at] ^= 1).await, 401, "clientDataJSON {at}");
    }
    assert_eq!(with_lie(app, &mut key, |answer| answer.signature.clear()).await, 401);
    let mut forged = key.forged();
    assert_eq!(with_lie(app, &mut forged, |_| {}).await, 401, "another key under its name");
    assert_eq!(with_lie(app, &mut key, |_| {}).await, 200, "nothing of that did harm");
}

#[tokio::test]
async fn w030_another_origin_party_ceremony_or_challenge_or_no_verification_opens_nothing() {
    let world = World::new().await;
    let app = &world.app;
    let token = app.token_of("ada@demo.test").await;
    let mut key = made(app, &token, "Phone").await;
    key.origin = "http://localhost:8081".to_owned();
    assert_eq!(with_lie(app, &mut key, |_| {}).await, 401, "another origin");
    key.origin = "https://evil.example".to_owned();
    assert_eq!(with_lie(app, &mut key, |_| {}).await, 401, "another origin");
    key.origin = "http://localhost:8080".to_owned();
    key.party = "evil.example".to_owned();
    assert_eq!(with_lie(app, &mut key, |_| {}).await, 401, "another relying party");
    key.party = "localhost".to_owned();
    key.flags = 0x01;
    assert_eq!(with_lie(app, &mut key, |_| {}).await, 401, "nobody was verified");
    key.flags = 0x05;
    key.ceremony = "webauthn.create";
    assert_eq!(with_lie(app, &mut key, |_| {}).await, 401, "another ceremony");
    key.ceremony = "webauthn.get";
    let ((first, options), (second, _)) = (begun(app).await, begun(app).await);
    let answer = key.answer(&options);
    assert_eq!(complete(app, &second, &answer).await.status, 401, "another challenge");
    assert_eq!(complete(app, &first, &answer).await.status, 200);
    assert_eq!(complete(app, &first, &answer).await.status, 401, "a challenge twice");
    let (old, options) = begun(app).await;
    app.clock.advance(chancery::base::Seconds(300));
    assert_eq!(complete(app, &old, &key.answer(&options)).await.status, 401, "a challenge too old");
    assert_eq!(with_lie(app, &mut key, |_| {}).await, 200);
}

#[tokio::test]
async fn w031_a_registration_is_verified_too() {
    let world = World::new().await;
    let app = &world.app;
    let (ada, grace) = (app.token_of("ada@demo.test").await, app.token_of("grace@demo.test").await);
    let begin = async |token: &str| app.call("POST", "/users/me/passkeys/begin", Some(token), None).await.data;
    let (one, two) = (begin(&ada).await, begin(&ada).await);
    let (mut key, credential) = Authenticator::register(&one["options"]);
    assert_eq!(add(app, &ada, &two["ceremony"], credential.clone(), "").await.status, 400, "another challenge");
    assert_eq!(add(app, &grace, &one["ceremony"], credential.clone(), "").await.status, 400, "another person's");
    assert_eq!(add(app, &ada, &one["ceremony"], credential, "").await.status, 400, "it was answered");
    for (lie, why) in [
        (Box::new(|key: &mut Authenticator| key.flags = 0x01) as Box<dyn Fn(&mut Authenticator)>, "nobody verified"),
        (Box::new(|key| key.origin = "https://evil.example".to_owned()), "another origin"),
        (Box::new(|key| key.party = "evil.example".to_owned()), "another relying party"),
    ] {
        let begun = begin(&ada).await;
        let (mut liar, _) = Authenticator::register(&begun["options"]);
        lie(&mut liar);
        let credential = liar.attest(&begun["options"], "webauthn.create");
        assert_eq!(add(app, &ada, &begun["ceremony"], credential, "").await.status, 400, "{why}");
    }
    let begun = begin(&ada).await;
    let credential = key.attest(&begun["options"], "webauthn.get");
    assert_eq!(add(app, &ada, &begun["ceremony"], credential, "").await.status, 400, "another ceremony");
    let begun = begin(&ada).await;
    let credential = key.attest(&begun["options"], "webauthn.create");
    assert_eq!(add(app, &ada, &begun["ceremony"], credential, "").await.status, 201);
    let begun = begin(&grace).await;
    let stolen = key.attest(&begun["options"], "webauthn.create");
    assert_eq!(add(app, &grace, &begun["ceremony"], stolen, "").await.status, 409, "one key, one account");
    key.flags = 0x05;
}

#[tokio::test]
async fn w025_a_suspended_person_does_not_sign_in_by_passkey() {
    use chancery::base::Actor;
    use chancery::store::users::UserStatus;
    let world = World::new().await;
    let app = &world.app;
    let token = app.token_of("ada@demo.test").await;
    let mut key = made(app, &token, "Phone").await;
    let ada = app.app.accounts.look_up(&world.tenant, "ada@demo.test").await.unwrap().id;
    let status = UserStatus::Suspended;
    app.app.accounts.set_status(&world.tenant, &ada, status, &Actor::operator()).await.unwrap();
    assert_eq!(with_lie(app, &mut key, |_| {}).await, 403);
}
