//! What a provider, or somebody who pretends to be one, can try with a sign-in (W-037, S1): wrong ID tokens, answers of
//! others, answers in other browsers.

use chancery::base::Actor;
use serde_json::{Value, json};

use crate::support::others::{Impostor, Others, back, here, leave, parameter};
use crate::support::{PASSWORD, Person, TestApp, World};

#[tokio::test]
async fn w037_s1_an_answer_counts_once_in_the_browser_that_asked() {
    let others = Others::new(|_| {}).await;
    others.there.person("new@corp.test").await;
    let (app, mut neo) = (&others.here.app, Person::default());
    neo.open(app, &others.here.authorize(&[])).await;
    let away = others.leave(&mut neo).await;
    let back = others.sign_in_there(&mut Person::default(), &away, "new@corp.test").await;
    let mut victim = Person::default();
    victim.open(app, "/t/demo/login").await;
    for mut browser in [Person::default(), victim] {
        let refused = browser.open(app, &back).await;
        assert_eq!((refused.status.as_u16(), refused.page()), (400, "error"));
        assert_eq!(browser.open(app, "/t/demo/account").await.page(), "login");
    }
    let cookie = neo.cookies["chancery"].0.clone();
    assert_eq!(neo.open(app, &back).await.page(), "consent", "the strangers' visits used nothing up");
    assert_ne!(neo.cookies["chancery"].0, cookie, "S1: the cookie from before is worth nothing");
    assert_eq!(neo.open(app, &back).await.status.as_u16(), 400, "once");
}

#[tokio::test]
async fn w037_an_id_token_that_is_not_for_us_here_and_now_proves_nothing() {
    let world = here().await;
    let other = Impostor::new(&world, |_| {}).await;
    let now = world.app.clock.now().0;
    let bad: [(&str, Value); 16] = [
        ("iss", json!("https://elsewhere.test")),
        ("iss", json!(format!("{}/", other.issuer))),
        ("aud", json!("somebody-else")),
        ("aud", json!(["here", "somebody-else"])),
        ("aud", json!([])),
        ("azp", json!("somebody-else")),
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("iat", json!(now + 120)),
        ("iat", json!(now - 3_600)),
        ("sub", json!("")),
        ("sub", Value::Null),
        ("sub", json!("x".repeat(256))),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ];
    for (claim, value) in bad {
        let mut person = Person::default();
        person.open(&world.app, &world.authorize(&[])).await;
        let away = leave(&world, &mut person).await;
        let mut claims = other.good(&away);
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        } else {
            claims[claim] = value.clone();
        }
        other.say(claims);
        let answer = back(&world, &mut person, &away, &[]).await;
        assert_eq!(answer.page(), "login", "{claim} {value}: {}", answer.body);
        assert!(answer.body.contains("proves nothing"), "{claim} {value}: {}", answer.body);
        assert_eq!(person.open(&world.app, "/t/demo/account").await.page(), "login", "{claim} {value}");
    }
    let mut person = Person::default();
    person.open(&world.app, &world.authorize(&[])).await;
    let away = leave(&world, &mut person).await;
    let mut claims = other.good(&away);
    claims["azp"] = json!("here");
    other.say(claims);
    assert_eq!(back(&world, &mut person, &away, &[]).await.page(), "consent", "and a good one lets in");
}

#[tokio::test]
async fn w037_an_answer_that_names_another_issuer_is_a_mix_up() {
    let world = here().await;
    let other = Impostor::new(&world, |_| {}).await;
    *other.metadata.lock().unwrap() = json!({ "authorization_response_iss_parameter_supported": true });
    for (iss, page) in [("https://elsewhere.test", "login"), ("", "login"), (other.issuer.as_str(), "consent")] {
        let mut person = Person::default();
        person.open(&world.app, &world.authorize(&[])).await;
        let away = leave(&world, &mut person).await;
        other.say(other.good(&away));
        let answer = back(&world, &mut person, &away, &[("iss", iss)]).await;
        assert_eq!(answer.page(), page, "{iss}: {}", answer.body);
    }
}

#[tokio::test]
async fn w037_the_way_back_of_one_provider_does_not_take_anothers_answer() {
    let others = Others::new(|_| {}).await;
    let new = chancery::accounts::federation::NewProvider {
        slug: Some("second".to_owned()),
        issuer: Some("https://second.test".to_owned()),
        client_id: "x".to_owned(),
        ..Default::default()
    };
    let (app, tenant) = (&others.here.app, &others.here.tenant);
    app.app.federation.add(tenant, new, &Actor::operator()).await.unwrap();
    let mut ada = Person::default();
    ada.open(app, "/t/demo/login").await;
    let away = others.leave(&mut ada).await;
    let back = others.sign_in_there(&mut Person::default(), &away, "ada@demo.test").await;
    let misled = ada.open(app, &back.replace("/login/other/", "/login/second/")).await;
    assert_eq!((misled.status.as_u16(), misled.page()), (400, "error"));
}

#[tokio::test]
async fn metadata_or_userinfo_of_somebody_else_is_refused() {
    let world = here().await;
    let other = Impostor::new(&world, |_| {}).await;
    let mut person = Person::default();
    person.open(&world.app, &world.authorize(&[])).await;
    let away = leave(&world, &mut person).await;
    let mut claims = other.good(&away);
    claims.as_object_mut().unwrap().remove("email");
    other.say(claims);
    *other.userinfo.lock().unwrap() = json!({ "sub": "s2", "email": "ada@demo.test", "email_verified": true });
    let answer = back(&world, &mut person, &away, &[]).await;
    assert!(answer.body.contains("proves nothing"), "{}", answer.body);
    let world = here().await;
    let other = Impostor::new(&world, |_| {}).await;
    *other.metadata.lock().unwrap() = json!({ "issuer": "https://elsewhere.test" });
    let mut person = Person::default();
    person.open(&world.app, &world.authorize(&[])).await;
    let answer = person.submit(&world.app, "login-with-other", &[]).await;
    assert_eq!(answer.page(), "login", "{}", answer.body);
    assert!(answer.body.contains("proves nothing"));
}

#[tokio::test]
async fn w043_a_forged_way_to_a_provider_is_refused() {
    let others = Others::new(|_| {}).await;
    let mut ada = Person::default();
    ada.open(&others.here.app, "/t/demo/login").await;
    let forged = ada.submit_only(&others.here.app, "login-with-other", &[("csrf", "guess")]).await;
    assert_eq!(forged.status.as_u16(), 403);
    let unknown = ada.open(&others.here.app, "/t/demo/login/nobody").await;
    assert_eq!((unknown.status.as_u16(), unknown.page()), (404, "error"));
}

#[tokio::test]
async fn who_has_to_prove_it_anew_here_has_to_prove_it_anew_there() {
    let world = here().await;
    let other = Impostor::new(&world, |_| {}).await;
    let now = world.app.clock.now().0;
    for (asked, since, page) in [
        (("prompt", "login"), now - 3_600, "login"),
        (("prompt", "login"), now, "consent"),
        (("max_age", "0"), now - 3_600, "login"),
        (("prompt", "consent"), now - 3_600, "consent"),
    ] {
        let mut person = Person::default();
        person.open(&world.app, &world.authorize(&[asked])).await;
        let away = leave(&world, &mut person).await;
        let anew = if asked.1 == "consent" { "" } else { "login" };
        assert_eq!(parameter(&away, "prompt"), anew, "{asked:?}");
        let mut claims = other.good(&away);
        claims["auth_time"] = json!(since);
        other.say(claims);
        assert_eq!(back(&world, &mut person, &away, &[]).await.page(), page, "{asked:?} {since}");
    }
}

#[tokio::test]
async fn w123_a_provider_that_never_answers_keeps_nobody_else_waiting() {
    let app = TestApp::configured(|config| {
        config.testing.http_callbacks = true;
        config.outbound.timeout = 5;
    });
    let world = World::within(app.await).await;
    // It accepts connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let new = chancery::accounts::federation::NewProvider {
        slug: Some("other".to_owned()),
        issuer: Some(format!("http://{}", silent.local_addr().unwrap())),
        client_id: "x".to_owned(),
        ..Default::default()
    };
    world.app.app.federation.add(&world.tenant, new, &Actor::operator()).await.unwrap();
    let (mut patient, mut ada) = (Person::default(), Person::default());
    patient.open(&world.app, &world.authorize(&[])).await;
    ada.open(&world.app, "/t/demo/login").await;
    let waits = patient.submit(&world.app, "login-with-other", &[]);
    let meanwhile = ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]);
    let mut waits = std::pin::pin!(waits);
    tokio::select! {
        biased;
        answer = &mut waits => panic!("the silent provider was not waited for: {}", answer.body),
        answer = meanwhile => assert_eq!(answer.page(), "account"),
    }
    let told = waits.await;
    assert_eq!(told.page(), "login");
    assert!(told.body.contains("does not answer"), "{}", told.body);
}
