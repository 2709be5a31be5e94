//! A sign-in that rests on one elsewhere ends with it: signed out here and there, or told by the provider.

use axum::http::StatusCode;
use chancery::store::identities;
use serde_json::{Value, json};

use crate::support::others::{Impostor, Others, here, leave, parameter};
use crate::support::{Answer, PASSWORD, Person, SECRET, World};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[tokio::test]
async fn who_signs_out_here_signs_out_there_and_comes_back_to_the_application() {
    let others = Others::new(|new| new.sign_out = true).await;
    others.there.person("new@corp.test").await;
    let (app, far) = (&others.here.app, &others.there.app);
    let (mut neo, mut there) = (Person::default(), Person::default());
    neo.open(app, &others.here.authorize(&[])).await;
    let away = others.leave(&mut neo).await;
    let back = others.sign_in_there(&mut there, &away, "new@corp.test").await;
    assert_eq!(neo.open(app, &back).await.page(), "consent");
    assert_eq!(there.open(far, "/t/demo/account").await.page(), "account");
    let bye = "https://calendar.example/bye";
    let asked = [("client_id", "calendar"), ("post_logout_redirect_uri", bye), ("state", "s")];
    neo.open(app, &format!("/t/demo/oauth/logout?{}", crate::support::encoded(&asked))).await;
    let leaves = neo.submit(app, "logout-form", &[("decision", "logout")]).await;
    let end = leaves.header("location").to_owned();
    assert!(end.starts_with(&format!("{}/oauth/logout?", others.there.issuer("demo"))), "{} {end}", leaves.body);
    let hint = parameter(&end, "id_token_hint");
    assert_eq!(hint.split('.').count(), 3, "{hint}");
    w036_neither_tokens_nor_secrets_lie_open(&others, &hint).await;
    assert_eq!(neo.open(app, "/t/demo/account").await.page(), "login", "it has ended here already");
    let returned = there.open(far, &end).await.header("location").to_owned();
    assert_eq!(there.open(far, "/t/demo/account").await.page(), "login", "and there");
    let home = neo.open(app, &returned).await;
    assert_eq!(home.header("location"), format!("{bye}?state=s"));
    let again = neo.open(app, &returned).await;
    assert_eq!((again.status, again.page()), (StatusCode::OK, "logged-out"), "the way back is good for once");
}

async fn w036_neither_tokens_nor_secrets_lie_open(others: &Others, token: &str) {
    let (db, tenant) = (&others.here.app.app.db, &others.here.tenant.id);
    let found = identities::resting(db, tenant, &others.provider.id, (None, None)).await.unwrap();
    assert!(found.is_empty(), "nothing is asked for by nothing");
    let subject = others.there.sub("new@corp.test").await;
    let known = identities::by_subject(db, tenant, &others.provider.id, &subject).await.unwrap().unwrap();
    let ended = chancery::store::audit::page(db, tenant, "", 100).await.unwrap();
    let ended = ended.into_iter().find(|row| row.action == "user.logout").unwrap();
    let session = chancery::base::SessionId::from(ended.target.unwrap());
    let rests = identities::rests_on(db, tenant, &session).await.unwrap().unwrap();
    let sealed = rests.hint.clone().unwrap();
    assert_eq!(rests.subject, known.subject);
    assert!(!sealed.contains(token) && sealed != token && sealed.split('.').count() == 5, "{sealed}");
    let secret = others.provider.sealed_secret.as_ref().unwrap();
    assert!(!secret.contains(SECRET) && secret.split('.').count() == 5, "{secret}");
}

#[tokio::test]
async fn who_does_not_want_it_stays_signed_in_there() {
    let others = Others::new(|_| {}).await;
    others.there.person("new@corp.test").await;
    let mut neo = Person::default();
    neo.open(&others.here.app, "/t/demo/login").await;
    assert_eq!(others.sign_in(&mut neo, "new@corp.test").await.page(), "account");
    neo.open(&others.here.app, "/t/demo/logout").await;
    let over = neo.submit(&others.here.app, "logout-form", &[("decision", "logout")]).await;
    assert_eq!(over.page(), "logged-out");
}

/// Somebody who is signed in here by a provider that called the sign-in there `x1`.
async fn signed_in(world: &World, other: &Impostor) -> Person {
    let mut person = Person::default();
    person.open(&world.app, "/t/demo/login").await;
    let away = leave(world, &mut person).await;
    let mut claims = other.good(&away);
    claims["sid"] = json!("x1");
    other.say(claims);
    let state = parameter(&away, "state");
    let answer = person.open(&world.app, &format!("/t/demo/login/other/callback?code=c&state={state}")).await;
    assert_eq!(answer.page(), "account", "{}", answer.body);
    person
}

fn logout_token(world: &World, other: &Impostor) -> Value {
    let now = world.app.clock.now().0;
    json!({
        "iss": other.issuer, "aud": "here", "iat": now, "exp": now + 120, "jti": uuid::Uuid::now_v7().to_string(),
        "sub": "s1", "sid": "x1", "events": { EVENT: {} },
    })
}

async fn tell(world: &World, token: &str) -> Answer {
    world.app.post("/t/demo/login/other/backchannel-logout", &[("logout_token", token)], &[]).await
}

#[tokio::test]
async fn a_provider_that_tells_of_a_sign_out_ends_what_rests_on_it() {
    let world = here().await;
    let other = Impostor::new(&world, |_| {}).await;
    for left_out in ["sid", "sub", ""] {
        let mut neo = signed_in(&world, &other).await;
        let mut ada = Person::default();
        ada.open(&world.app, "/t/demo/login").await;
        ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
        let mut claims = logout_token(&world, &other);
        claims.as_object_mut().unwrap().remove(left_out);
        let token = other.signed("logout+jwt", &claims).await;
        let answer = tell(&world, &token).await;
        assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"), "{}", answer.body);
        assert_eq!(neo.open(&world.app, "/t/demo/account").await.page(), "login", "without {left_out:?}");
        assert_eq!(ada.open(&world.app, "/t/demo/account").await.page(), "account", "who does not rest on it stays");
        assert_eq!(tell(&world, &token).await.status, StatusCode::BAD_REQUEST, "once");
    }
}

#[tokio::test]
async fn a_logout_token_that_is_not_the_providers_for_us_ends_nothing() {
    let world = here().await;
    let other = Impostor::new(&world, |_| {}).await;
    let mut neo = signed_in(&world, &other).await;
    let now = world.app.clock.now().0;
    for (claim, value) in [
        ("iss", json!("https://elsewhere.test")),
        ("aud", json!("somebody-else")),
        ("iat", json!(now - 3_600)),
        ("iat", Value::Null),
        ("exp", json!(now - 61)),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("nonce", json!("n")),
        ("events", json!({})),
        ("events", json!({ EVENT: true })),
        ("events", Value::Null),
        ("sub", json!(7)),
        ("sid", json!("")),
        ("sid", json!("x2")),
    ] {
        let mut claims = logout_token(&world, &other);
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        } else {
            claims[claim] = value.clone();
        }
        let answer = tell(&world, &other.signed("logout+jwt", &claims).await).await;
        // Another sign-in of the same person is a good token about nothing here.
        let expected = if value == json!("x2") { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        assert_eq!(answer.status, expected, "{claim} {value}: {}", answer.body);
        assert_eq!(neo.open(&world.app, "/t/demo/account").await.page(), "account", "{claim} {value}");
    }
    let good = logout_token(&world, &other);
    let foreign = world.signed(&world.tenant.id, "logout+jwt", good.as_object().unwrap()).await;
    for bad in [foreign, other.signed("at+jwt", &good).await, "x.y.z".to_owned(), String::new()] {
        assert_eq!(tell(&world, &bad).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    assert_eq!(neo.open(&world.app, "/t/demo/account").await.page(), "account");
}
