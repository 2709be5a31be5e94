//! The pages of every way in but the password: second factor, passkey, mail.

use chancery::base::{Actor, Seconds};
use chancery::store::tenants::{SecondFactor, SignIn};
use serde_json::{Value, json};

use super::second_factors::{code_of, enrolled};
use crate::support::authenticator::Authenticator;
use crate::support::{Answer, CALLBACK, PASSWORD, Person, World};

/// Whether the application got its code.
fn has_code(answer: &Answer) -> bool {
    let location = answer.header("location");
    location.starts_with(CALLBACK) && location.contains("code=")
}

async fn password(world: &World, ada: &mut Person) -> Answer {
    ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await
}

async fn change(world: &World, change: impl FnOnce(&mut chancery::store::tenants::Settings)) {
    let mut tenant = world.app.app.tenants.look_up("demo").await.unwrap();
    change(&mut tenant.settings.0);
    world.app.app.tenants.change(&world.app.clock, &tenant, "tenant.updated", &Actor::operator()).await.unwrap();
}

#[tokio::test]
async fn a_person_types_the_code_of_the_app_after_the_password() {
    let world = World::new().await;
    let app = &world.app;
    let (secret, codes) = enrolled(&world, "ada@demo.test").await;
    app.clock.advance(Seconds(60));
    let mut ada = Person::default();
    ada.open(app, &world.authorize(&[])).await;
    assert_eq!(password(&world, &mut ada).await.page(), "second-factor");
    assert_eq!(ada.open(app, "/t/demo/account").await.page(), "login", "the password alone opens nothing");
    ada.open(app, &world.authorize(&[])).await;
    assert_eq!(password(&world, &mut ada).await.page(), "second-factor");
    let wrong = ada.submit(app, "totp-form", &[("code", "000000")]).await;
    assert!(wrong.page() == "second-factor" && wrong.body.contains("id=\"second-error\""), "{}", wrong.body);
    let stolen = ada.at.clone();
    assert_ne!(Person::default().open(app, &stolen).await.page(), "second-factor", "S1: another browser");
    let answer = ada.submit(app, "totp-form", &[("code", &code_of(&world, &secret, 0))]).await;
    assert_eq!(answer.page(), "consent", "{}", answer.body);
    assert!(has_code(&ada.submit(app, "consent-form", &[("decision", "allow")]).await));
    let mut other = Person::default();
    other.open(app, "/t/demo/login").await;
    assert_eq!(password(&world, &mut other).await.page(), "second-factor");
    assert_eq!(other.submit(app, "recovery-form", &[("code", &codes[0])]).await.page(), "account");
}

#[tokio::test]
async fn an_application_that_wants_more_gets_it_and_is_told_so() {
    let world = World::new().await;
    let app = &world.app;
    world.client("own", "Own", |client| client.policy.0.first_party = true).await;
    let mut ada = Person::default();
    ada.open(app, &world.authorize(&[("client_id", "own")])).await;
    assert!(has_code(&password(&world, &mut ada).await));
    let (secret, _) = enrolled(&world, "ada@demo.test").await;
    app.clock.advance(Seconds(60));
    let usual = ada.open(app, &world.authorize(&[("client_id", "own")])).await;
    assert!(has_code(&usual), "nobody asked for more");
    let more = world.authorize(&[("client_id", "own"), ("acr_values", "urn:chancery:acr:2fa")]);
    let silent = format!("{more}&prompt=none");
    assert!(ada.open(app, &silent).await.header("location").contains("error=login_required"));
    assert_eq!(ada.open(app, &more).await.page(), "second-factor");
    let answer = ada.submit(app, "totp-form", &[("code", &code_of(&world, &secret, 0))]).await;
    assert!(has_code(&answer), "{}", answer.body);
    assert!(has_code(&ada.open(app, &more).await), "it holds for the session");
    let essential = json!({ "id_token": { "acr": { "essential": true, "value": "phr" } } }).to_string();
    let most = ada.open(app, &world.authorize(&[("client_id", "own"), ("claims", &essential)])).await;
    let location = most.header("location");
    assert!(location.contains("error=unmet_authentication_requirements"), "{location} {}", most.body);
    world
        .client("strict", "Strict", |client| {
            client.policy.0.first_party = true;
            client.policy.0.second_factor = true;
        })
        .await;
    assert!(has_code(&ada.open(app, &world.authorize(&[("client_id", "strict")])).await));
    let mut grace = Person::default();
    grace.open(app, &world.authorize(&[("client_id", "own")])).await;
    let form = [("username", "grace@demo.test"), ("password", PASSWORD)];
    assert!(has_code(&grace.submit(app, "login-form", &form).await));
    assert_eq!(grace.open(app, &world.authorize(&[("client_id", "strict")])).await.page(), "login");
    let asked = grace.submit(app, "login-form", &form).await;
    assert!(asked.page() == "second-factor" && asked.body.contains("id=\"totp-qr\""), "{}", asked.body);
}

#[tokio::test]
async fn who_has_to_have_a_second_factor_sets_it_up_on_the_page_and_goes_on() {
    let world = World::new().await;
    let app = &world.app;
    change(&world, |settings| settings.second_factor = SecondFactor { required: true, ..SecondFactor::default() })
        .await;
    let mut ada = Person::default();
    ada.open(app, &world.authorize(&[])).await;
    let page = password(&world, &mut ada).await;
    let secret = |page: &Answer| page.body.split("id=\"totp-secret\">").nth(1).unwrap()[..32].to_owned();
    let shown = secret(&page);
    let wrong = ada.submit(app, "totp-form", &[("code", "000000")]).await;
    assert_eq!(secret(&wrong), shown, "a wrong code makes no new seed");
    let codes = ada.submit(app, "totp-form", &[("code", &code_of(&world, &shown, 0))]).await;
    assert_eq!((codes.page(), codes.body.matches("<li><code>").count()), ("recovery-codes", 10), "{}", codes.body);
    let next = codes.body.split("id=\"recovery-continue\"").nth(1).unwrap();
    let next = next.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(ada.open(app, &next).await.page(), "consent");
}

#[tokio::test]
async fn a_passkey_signs_in_from_the_login_page() {
    let world = World::new().await;
    let app = &world.app;
    let token = app.token_of("ada@demo.test").await;
    let begun = app.call("POST", "/users/me/passkeys/begin", Some(&token), None).await.data;
    let (mut key, credential) = Authenticator::register(&begun["options"]);
    let body = json!({ "ceremony": begun["ceremony"], "credential": credential });
    assert_eq!(app.call("POST", "/users/me/passkeys", Some(&token), Some(body)).await.status, 201);
    let mut ada = Person::default();
    ada.open(app, &world.authorize(&[])).await;
    let options = |page: &str| -> Value {
        let text = page.split("data-options=\"").nth(1).unwrap().split('"').next().unwrap();
        serde_json::from_str(&text.replace("&#34;", "\"")).unwrap()
    };
    let bad = ada.submit(app, "passkey-form", &[("credential", "{}")]).await;
    assert!(bad.page() == "login" && bad.body.contains("id=\"login-error\""), "{}", bad.body);
    let answer = key.answer(&options(&ada.page)).to_string();
    let page = ada.submit(app, "passkey-form", &[("credential", &answer)]).await;
    assert_eq!(page.page(), "consent", "{}", page.body);
    change(&world, |settings| settings.sign_in = SignIn { passkey: false, ..SignIn::default() }).await;
    assert!(!Person::default().open(app, "/t/demo/login").await.body.contains("passkey-form"));
}

#[tokio::test]
async fn w027_w134_a_mailed_code_or_link_works_in_the_browser_that_asked_and_by_a_button() {
    let world = World::new().await;
    let app = &world.app;
    let both = SignIn { email_code: true, magic_link: true, ..SignIn::default() };
    change(&world, |settings| settings.sign_in = both).await;
    for by_link in [false, true] {
        let mut ada = Person::default();
        let login = ada.open(app, &world.authorize(&[])).await;
        let href = login.body.split("id=\"login-by-mail\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(ada.open(app, href).await.page(), "login-email");
        assert_eq!(ada.submit(app, "email-form", &[("email", "ada@demo.test")]).await.page(), "login-code");
        app.clock.advance(Seconds(1));
        let mail = app.mail_to("ada@demo.test", "sign-in-code").await;
        let link = mail.link();
        let mut thief = Person::default();
        assert_eq!(thief.open(app, &link).await.page(), "login-link");
        assert_eq!(thief.submit(app, "link-form", &[]).await.page(), "login-link", "W-027: another browser");
        let answer = if by_link {
            for _ in 0..3 {
                assert_eq!(ada.open(app, &link).await.page(), "login-link", "W-134: looking uses nothing up");
            }
            ada.submit(app, "link-form", &[]).await
        } else {
            let digits = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
            let code = mail.content.text.split_whitespace().find(digits).unwrap().to_owned();
            assert_eq!(ada.submit(app, "code-form", &[("code", "x")]).await.page(), "login-code");
            ada.submit(app, "code-form", &[("code", &code)]).await
        };
        assert_eq!(answer.page(), "consent", "{}", answer.body);
    }
}

#[tokio::test]
async fn a_browser_that_its_person_trusts_is_not_asked_again_until_its_time_is_over() {
    let world = World::new().await;
    let app = &world.app;
    let (secret, _) = enrolled(&world, "ada@demo.test").await;
    app.clock.advance(Seconds(60));
    let mut ada = Person::default();
    let arrives = async |ada: &mut Person| {
        ada.cookies.retain(|name, _| name != "chancery");
        ada.open(app, "/t/demo/login").await;
        password(&world, ada).await.page().to_owned()
    };
    assert_eq!(arrives(&mut ada).await, "second-factor");
    let code = code_of(&world, &secret, 0);
    assert_ne!(ada.submit(app, "totp-form", &[("code", &code), ("remember", "yes")]).await.page(), "second-factor");
    assert_ne!(arrives(&mut ada).await, "second-factor", "it was to be remembered");
    assert_eq!(arrives(&mut Person::default()).await, "second-factor", "another browser");
    ada.open(app, &world.authorize(&[("acr_values", "urn:chancery:acr:2fa")])).await;
    assert_eq!(ada.open(app, &ada.at.clone()).await.page(), "second-factor", "an application wants it");
    app.clock.advance(Seconds(30 * 86_400));
    assert_eq!(arrives(&mut ada).await, "second-factor", "its time is over");
}
