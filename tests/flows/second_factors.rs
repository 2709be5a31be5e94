//! A person protects the account with a second factor, signs in with it, loses it and gets back in.

use chancery::base::{Actor, Seconds};
use chancery::store::tenants::{SecondFactor, Settings};
use chancery::store::users::Role;
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, Told, World};

/// What the authenticator app of this seed shows now, or some steps away.
pub fn code_of(world: &World, secret: &str, steps: i64) -> String {
    let seed = totp_rs::Secret::try_from_base32(secret).unwrap();
    let app = totp_rs::Builder::new().with_secret(seed).build_noncompliant();
    app.generate((world.app.clock.now().0 + 30 * steps).unsigned_abs()).to_string()
}

/// Sets an app up; its seed and the recovery codes.
pub async fn enrolled(world: &World, email: &str) -> (String, Vec<String>) {
    let token = world.app.token_of(email).await;
    let setup = world.app.call("POST", "/users/me/mfa/totp", Some(&token), None).await;
    assert_eq!(setup.status, 201, "{setup:?}");
    let secret = setup.data["secret"].as_str().unwrap().to_owned();
    assert!(setup.data["otpauth_uri"].as_str().unwrap().starts_with("otpauth://totp/"));
    assert!(setup.data["qr"].as_str().unwrap().starts_with("data:image/png;base64,"));
    let code = json!({ "code": code_of(world, &secret, 0) });
    let confirmed = world.app.call("POST", "/users/me/mfa/totp/confirm", Some(&token), Some(code)).await;
    assert_eq!(confirmed.status, 201, "{confirmed:?}");
    let codes: Vec<String> = serde_json::from_value(confirmed.data["recovery_codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

async fn halfway(app: &TestApp, email: &str) -> String {
    let data = app.log_in(email).await;
    assert_eq!((&data["mfa_required"], &data["access_token"]), (&json!(true), &Value::Null));
    data["mfa_token"].as_str().unwrap().to_owned()
}

async fn verify(app: &TestApp, mfa_token: &str, method: &str, code: &str) -> Told {
    let body = json!({ "mfa_token": mfa_token, "method": method, "code": code });
    app.call("POST", "/auth/mfa/verify", None, Some(body)).await
}

#[tokio::test]
async fn w032_w033_a_code_of_the_servers_time_lets_in_once() {
    let world = World::new().await;
    let app = &world.app;
    let (secret, _) = enrolled(&world, "ada@demo.test").await;
    let first = halfway(app, "ada@demo.test").await;
    assert_eq!(verify(app, &first, "totp", &code_of(&world, &secret, 0)).await.status, 401, "W-033: it was the first");
    for away in [-2, 2, -86_400] {
        assert_eq!(verify(app, &first, "totp", &code_of(&world, &secret, away)).await.status, 401, "W-032: {away}");
    }
    app.clock.advance(Seconds(60));
    let code = code_of(&world, &secret, 0);
    let in_two = verify(app, &first, "totp", &code).await;
    assert_eq!(in_two.status, 200, "{in_two:?}");
    assert_eq!(in_two.data["session"]["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(in_two.data["session"]["acr"], "urn:chancery:acr:2fa");
    assert!(in_two.data["access_token"].is_string());
    assert_eq!(verify(app, &first, "totp", &code).await.status, 401, "what stood for the password is spent");
    let second = halfway(app, "ada@demo.test").await;
    assert_eq!(verify(app, &second, "totp", &code).await.status, 401, "W-033");
    let early = code_of(&world, &secret, 1);
    assert_eq!(verify(app, &second, "totp", &early).await.status, 200, "a clock may be a step ahead");
    let with_time = json!({ "mfa_token": second, "method": "totp", "code": early, "time": 1 });
    assert_eq!(app.call("POST", "/auth/mfa/verify", None, Some(with_time)).await.status, 400, "W-032");
}

#[tokio::test]
async fn w034_u2_without_a_first_factor_there_is_no_second_and_guesses_are_few() {
    let world = World::new().await;
    let app = &world.app;
    let (secret, codes) = enrolled(&world, "ada@demo.test").await;
    app.clock.advance(Seconds(60));
    for made_up in ["", "mfa_x", "mfa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(verify(app, made_up, "totp", &code_of(&world, &secret, 0)).await.status, 401, "W-034");
    }
    let token = halfway(app, "ada@demo.test").await;
    assert_eq!(verify(app, &token, "password", PASSWORD).await.status, 400);
    for _ in 0..5 {
        assert_eq!(verify(app, &token, "totp", "000000").await.status, 401);
    }
    let late = verify(app, &token, "totp", &code_of(&world, &secret, 0)).await;
    assert_eq!(late.status, 401, "U2: the sixth guess");
    let token = halfway(app, "ada@demo.test").await;
    app.clock.advance(Seconds(600));
    assert_eq!(verify(app, &token, "recovery_code", &codes[0]).await.status, 401, "it took too long");
    for _ in 0..2 {
        let token = halfway(app, "ada@demo.test").await;
        for _ in 0..5 {
            verify(app, &token, "totp", "000000").await;
        }
    }
    let token = halfway(app, "ada@demo.test").await;
    let right = verify(app, &token, "totp", &code_of(&world, &secret, 0)).await;
    assert_eq!(right.status, 429, "U2: new passwords give no new guesses: {right:?}");
}

#[tokio::test]
async fn w035_a_recovery_code_works_once_even_at_once_and_is_told_by_mail() {
    let world = World::new().await;
    let app = &world.app;
    let (_, codes) = enrolled(&world, "ada@demo.test").await;
    let tokens = [halfway(app, "ada@demo.test").await, halfway(app, "ada@demo.test").await];
    let both = tokens.each_ref().map(|token| verify(app, token, "recovery_code", &codes[3]));
    let [one, two] = both;
    let (one, two) = tokio::join!(one, two);
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    let token = halfway(app, "ada@demo.test").await;
    assert_eq!(verify(app, &token, "recovery_code", "0000-0000-0000-0000").await.status, 401, "W-035");
    let typed = codes[4].to_uppercase().replace('-', " ");
    let told = verify(app, &token, "recovery_code", &typed).await;
    assert_eq!(told.status, 200);
    let access = told.data["access_token"].as_str().unwrap();
    let held = app.call("GET", "/users/me/mfa", Some(access), None).await;
    assert_eq!(held.data["recovery_codes_left"], 8);
}

#[tokio::test]
async fn w038_the_last_factor_goes_only_where_no_policy_wants_it_and_after_a_fresh_sign_in() {
    let world = World::new().await;
    let app = &world.app;
    let (secret, _) = enrolled(&world, "ada@demo.test").await;
    require(&world, SecondFactor::default()).await;
    app.clock.advance(Seconds(60));
    let token = halfway(app, "ada@demo.test").await;
    let told = verify(app, &token, "totp", &code_of(&world, &secret, 0)).await;
    let access = told.data["access_token"].as_str().unwrap().to_owned();
    require(&world, SecondFactor { required: true, ..SecondFactor::default() }).await;
    assert_eq!(app.call("DELETE", "/users/me/mfa/totp", Some(&access), None).await.status, 409, "W-038");
    require(&world, SecondFactor::default()).await;
    app.clock.advance(Seconds(601));
    let stale = app.call("DELETE", "/users/me/mfa/totp", Some(&access), None).await;
    assert_eq!(stale.body["code"], "insufficient_user_authentication", "W-038: {stale:?}");
    let token = halfway(app, "ada@demo.test").await;
    let told = verify(app, &token, "totp", &code_of(&world, &secret, 0)).await;
    let access = told.data["access_token"].as_str().unwrap();
    assert_eq!(app.call("DELETE", "/users/me/mfa/totp", Some(access), None).await.status, 204);
    assert!(app.log_in("ada@demo.test").await["access_token"].is_string(), "the password is enough again");
}

/// Gives tenant `demo` another policy.
async fn require(world: &World, policy: SecondFactor) {
    let mut tenant = world.app.app.tenants.look_up("demo").await.unwrap();
    tenant.settings.0 = Settings { second_factor: policy, ..tenant.settings.0.clone() };
    // So that a token can be alive and its sign-in long ago.
    tenant.settings.0.lifetimes.access_token = Seconds(3_600);
    world.app.app.tenants.change(&world.app.clock, &tenant, "tenant.updated", &Actor::operator()).await.unwrap();
}

#[tokio::test]
async fn where_it_is_required_who_has_none_sets_one_up_on_the_way_in() {
    let world = World::new().await;
    let app = &world.app;
    let ada = app.app.accounts.look_up(&world.tenant, "ada@demo.test").await.unwrap();
    app.app.accounts.set_role(&world.tenant, &ada.id, Role::Admin, &Actor::operator()).await.unwrap();
    require(&world, SecondFactor { required_for: vec![Role::Admin], grace: Seconds(3_600), ..SecondFactor::default() })
        .await;
    assert!(app.log_in("grace@demo.test").await["access_token"].is_string(), "another role");
    assert!(app.log_in("ada@demo.test").await["access_token"].is_string(), "there is time");
    app.clock.advance(Seconds(3_600));
    let data = app.log_in("ada@demo.test").await;
    assert_eq!((&data["enrolment_required"], &data["access_token"]), (&json!(true), &Value::Null));
    let mfa_token = data["mfa_token"].as_str().unwrap();
    assert_eq!(verify(app, mfa_token, "recovery_code", "0000-0000-0000-0000").await.status, 401);
    let asked = json!({ "mfa_token": mfa_token, "method": "totp" });
    let setup = app.call("POST", "/auth/mfa/challenge", None, Some(asked)).await;
    let secret = setup.data["secret"].as_str().unwrap().to_owned();
    assert_eq!(verify(app, mfa_token, "totp", "000000").await.status, 401);
    let told = verify(app, mfa_token, "totp", &code_of(&world, &secret, 0)).await;
    assert_eq!((told.status, told.data["recovery_codes"].as_array().map(Vec::len)), (200, Some(10)), "{told:?}");
    assert_eq!(told.data["session"]["acr"], "urn:chancery:acr:2fa");
    assert_eq!(app.log_in("ada@demo.test").await["mfa_required"], true);
}

#[tokio::test]
async fn w015_a_stolen_token_guesses_no_first_code_for_ever() {
    let world = World::new().await;
    let app = &world.app;
    let token = app.token_of("ada@demo.test").await;
    let confirm = async |code: &str| {
        app.call("POST", "/users/me/mfa/totp/confirm", Some(&token), Some(json!({ "code": code }))).await.status
    };
    assert_eq!(confirm("123456").await, 409, "none was begun");
    let setup = app.call("POST", "/users/me/mfa/totp", Some(&token), None).await;
    for _ in 0..10 {
        assert_eq!(confirm("000000").await, 400);
    }
    let secret = setup.data["secret"].as_str().unwrap();
    assert_eq!(confirm(&code_of(&world, secret, 0)).await, 409, "W-015");
}

#[tokio::test]
async fn the_password_grant_asks_for_the_second_factor_too() {
    let world = World::new().await;
    let app = &world.app;
    world.confidential("legacy", &[]).await;
    let mut tenant = app.app.tenants.look_up("demo").await.unwrap();
    tenant.settings.0.password_grant = true;
    app.app.tenants.change(&app.clock, &tenant, "tenant.updated", &Actor::operator()).await.unwrap();
    let mut client = chancery::store::clients::by_id(&app.app.db, &tenant.id, &"legacy".into()).await.unwrap().unwrap();
    client.metadata.0.grant_types.push("password".to_owned());
    assert!(chancery::store::clients::update(&app.app.db, &client, app.clock.now()).await.unwrap());
    let (secret, _) = enrolled(&world, "ada@demo.test").await;
    app.clock.advance(Seconds(60));
    let basic = World::basic("legacy", crate::support::SECRET);
    let ask = async |form: &[(&str, &str)]| {
        let form: Vec<_> = [("grant_type", "password")].iter().chain(form).copied().collect();
        let answer = app.post("/t/demo/oauth/token", &form, &[("authorization", &basic)]).await;
        (answer.status.as_u16(), serde_json::from_str::<Value>(&answer.body).unwrap())
    };
    let (status, due) = ask(&[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert_eq!((status, due["error"].as_str()), (400, Some("mfa_required")), "{due}");
    let token = due["mfa_token"].as_str().unwrap();
    let abroad = verify(app, token, "totp", "000000").await;
    assert_eq!(abroad.status, 401);
    let (status, told) = ask(&[("mfa_token", token), ("otp", &code_of(&world, &secret, 0))]).await;
    assert!(status == 200 && told["access_token"].is_string(), "{told}");
}
