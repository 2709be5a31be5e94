//! A person signs in with an account elsewhere: an OpenID provider over HTTP, or a server of GitHub's shape.

use chancery::base::{Actor, UserId};
use chancery::store::users::UserStatus;
use chancery::store::{audit, identities};
use serde_json::json;

use crate::support::github::GitHub;
use crate::support::others::{Impostor, Others, back, here, leave, links, parameter};
use crate::support::{Answer, CALLBACK, PASSWORD, Person, World};

/// The code that the application at the end got.
fn code(answer: &Answer) -> Option<String> {
    let location = answer.header("location");
    location.starts_with(CALLBACK).then(|| parameter(location, "code")).filter(|code| !code.is_empty())
}

async fn actions(here: &World) -> Vec<String> {
    let rows = audit::page(&here.app.app.db, &here.tenant.id, "", 100).await.unwrap();
    rows.into_iter().map(|row| row.action).collect()
}

#[tokio::test]
async fn w041_a_stranger_comes_by_another_provider_gets_an_account_and_the_application_its_code() {
    let others = Others::new(|_| {}).await;
    others.there.person("new@corp.test").await;
    let (app, mut neo) = (&others.here.app, Person::default());
    assert_eq!(neo.open(app, &others.here.authorize(&[])).await.page(), "login");
    let away = others.leave(&mut neo).await;
    assert!(away.starts_with(&others.there.issuer("demo")), "{away}");
    assert_eq!(parameter(&away, "code_challenge_method"), "S256");
    assert_eq!(parameter(&away, "redirect_uri"), format!("{}/login/other/callback", others.here.issuer("demo")));
    let back = others.sign_in_there(&mut Person::default(), &away, "new@corp.test").await;
    assert_eq!(neo.open(app, &back).await.page(), "consent", "the request went along");
    let answer = neo.submit(app, "consent-form", &[("decision", "allow")]).await;
    assert!(code(&answer).is_some());
    assert_eq!(links(&others.here, "new@corp.test").await, 1);
    let made = app.app.accounts.look_up(&others.here.tenant, "new@corp.test").await.unwrap();
    assert!(made.email_verified.0 && made.username.is_none());
    for action in ["user.created", "identity.linked", "user.login", "session.created"] {
        assert!(actions(&others.here).await.iter().any(|known| known == action), "{action}");
    }
    // The second time, in another browser, there is nothing to ask.
    let mut again = Person::default();
    again.open(app, &others.here.authorize(&[])).await;
    assert!(code(&others.sign_in(&mut again, "new@corp.test").await).is_some());
    assert_eq!(links(&others.here, "new@corp.test").await, 1);
    let claims = app.app.accounts.look_up(&others.here.tenant, "new@corp.test").await.unwrap();
    assert_eq!(claims.id, made.id);
}

#[tokio::test]
async fn w037_an_account_of_the_same_address_is_linked_only_after_its_owner_signed_in_here() {
    let others = Others::new(|_| {}).await;
    let (app, mut ada) = (&others.here.app, Person::default());
    ada.open(app, &others.here.authorize(&[])).await;
    let asked = others.sign_in(&mut ada, "ada@demo.test").await;
    assert_eq!(asked.page(), "link", "{}", asked.body);
    assert!(asked.body.contains("ada@demo.test") && asked.body.contains("Other"));
    assert_eq!(links(&others.here, "ada@demo.test").await, 0);
    let account = ada.open(app, "/t/demo/account").await;
    assert_eq!(account.page(), "login", "nobody is signed in yet");
    // Somebody else's password does not link it.
    ada.open(app, "/t/demo/login/link").await;
    let sign_in = sign_in_href(&ada.page);
    assert!(sign_in.contains("request="), "W-041: {sign_in}");
    let page = ada.open(app, &sign_in).await;
    assert!(page.body.contains(r#"value="ada@demo.test""#), "the address is proposed");
    let wrong = ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", "wrong")]).await;
    assert_eq!(wrong.page(), "login");
    assert_eq!(links(&others.here, "ada@demo.test").await, 0);
    let consent = ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert_eq!(consent.page(), "consent", "the request waited all the while");
    assert_eq!(links(&others.here, "ada@demo.test").await, 1);
    let mut later = Person::default();
    later.open(app, &others.here.authorize(&[])).await;
    assert_eq!(others.sign_in(&mut later, "ada@demo.test").await.page(), "consent", "from now on it signs in");
}

#[tokio::test]
async fn w037_whoever_else_signs_in_meanwhile_links_nothing() {
    let others = Others::new(|_| {}).await;
    let (app, mut browser) = (&others.here.app, Person::default());
    browser.open(app, "/t/demo/login").await;
    assert_eq!(others.sign_in(&mut browser, "ada@demo.test").await.page(), "link");
    browser.open(app, "/t/demo/login").await;
    browser.submit(app, "login-form", &[("username", "grace@demo.test"), ("password", PASSWORD)]).await;
    assert_eq!((links(&others.here, "ada@demo.test").await, links(&others.here, "grace@demo.test").await), (0, 0));
    // Ada in another browser does not know of it either.
    let mut elsewhere = Person::default();
    elsewhere.open(app, "/t/demo/login").await;
    elsewhere.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert_eq!(links(&others.here, "ada@demo.test").await, 0);
}

#[tokio::test]
async fn not_now_links_nothing() {
    let others = Others::new(|_| {}).await;
    let (app, mut ada) = (&others.here.app, Person::default());
    ada.open(app, "/t/demo/login").await;
    assert_eq!(others.sign_in(&mut ada, "ada@demo.test").await.page(), "link");
    assert_eq!(ada.submit(app, "link-later", &[]).await.page(), "login");
    ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert_eq!(links(&others.here, "ada@demo.test").await, 0);
}

#[tokio::test]
async fn w037_an_address_that_nobody_vouches_for_links_nothing_and_is_not_taken() {
    for (creation, page) in [("verified", "login"), ("always", "consent")] {
        let world = here().await;
        let other = Impostor::new(&world, |new| new.creation = Some(creation.parse().unwrap())).await;
        let (app, mut eve) = (&world.app, Person::default());
        eve.open(app, &world.authorize(&[])).await;
        let away = leave(&world, &mut eve).await;
        let mut claims = other.good(&away);
        claims["email"] = json!("ada@demo.test");
        claims["email_verified"] = json!(false);
        other.say(claims);
        let answer = back(&world, &mut eve, &away, &[]).await;
        assert_eq!(answer.page(), page, "{creation}: {}", answer.body);
        assert_eq!(links(&world, "ada@demo.test").await, 0);
        if creation == "always" {
            let found = identities::by_subject(&app.app.db, &world.tenant.id, &provider(&world).await, "s1").await;
            let user = found.unwrap().unwrap().user_id;
            let user = app.app.accounts.find(&world.tenant, &user).await.unwrap().unwrap();
            assert_eq!((user.email, user.email_verified.0), (None, false), "the address is still Ada's alone");
        }
    }
}

#[tokio::test]
async fn w037_a_suspended_account_stays_outside_and_a_second_factor_is_still_asked_for() {
    let others = Others::new(|_| {}).await;
    let (app, tenant) = (&others.here.app, &others.here.tenant);
    linked(&others, "ada@demo.test").await;
    let id = UserId::from(others.here.sub("ada@demo.test").await);
    let mut with_factor = tenant.clone();
    chancery::tenants::set_setting(&mut with_factor.settings.0, "second_factor.required=true").unwrap();
    app.app.tenants.change(&app.app.clock, &with_factor, "tenant.updated", &Actor::operator()).await.unwrap();
    let mut ada = Person::default();
    ada.open(app, &others.here.authorize(&[])).await;
    let away = others.leave(&mut ada).await;
    let back = others.sign_in_there(&mut Person::default(), &away, "ada@demo.test").await;
    let due = ada.open(app, &back).await;
    assert!(code(&due).is_none() && due.page() != "consent", "one factor is not enough: {}", due.body);
    assert_eq!(ada.open(app, "/t/demo/account").await.page(), "login", "nor is anybody signed in");
    app.app.accounts.set_status(tenant, &id, UserStatus::Suspended, &Actor::operator()).await.unwrap();
    let mut again = Person::default();
    again.open(app, &others.here.authorize(&[])).await;
    let refused = others.sign_in(&mut again, "ada@demo.test").await;
    assert!(refused.body.contains("suspended"), "{}", refused.body);
    assert_eq!(again.open(app, "/t/demo/account").await.page(), "login");
}

#[tokio::test]
async fn w041_who_says_no_there_or_whose_provider_is_down_may_try_another_way_here() {
    let world = here().await;
    let other = Impostor::new(&world, |_| {}).await;
    let mut ada = Person::default();
    ada.open(&world.app, &world.authorize(&[])).await;
    let away = leave(&world, &mut ada).await;
    let no = [("error", "access_denied"), ("error_description", "<b>call Mallory</b>"), ("code", "")];
    let answer = back(&world, &mut ada, &away, &no).await;
    assert_eq!(answer.page(), "login");
    assert!(answer.body.contains("cancelled") && !answer.body.contains("Mallory"), "{}", answer.body);
    let answer = ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert_eq!(answer.page(), "consent", "the request still waits");
    drop(other);
}

#[tokio::test]
async fn somebody_of_githubs_shape_is_known_by_number_and_primary_address() {
    let world = here().await;
    let github = GitHub::new(&world, |_| {}).await;
    let emails = json!([
        { "email": "public@corp.test", "primary": false, "verified": true },
        { "email": "neo@corp.test", "primary": true, "verified": true },
    ]);
    github.is(json!({ "id": 7, "login": "neo", "name": "Neo", "email": "public@corp.test" }), emails.clone());
    let mut neo = Person::default();
    assert_eq!(github_sign_in(&world, &mut neo).await.page(), "consent");
    assert_eq!(links(&world, "neo@corp.test").await, 1);
    // Another account took the name over: it is somebody else.
    github.is(
        json!({ "id": 8, "login": "neo" }),
        json!([{ "email": "ada@demo.test", "primary": true, "verified": false }]),
    );
    let answer = github_sign_in(&world, &mut Person::default()).await;
    assert_eq!(answer.page(), "login", "{}", answer.body);
    assert!(answer.body.contains("vouch"), "{}", answer.body);
    // The first one changed name and address, and is still the same person.
    github
        .is(json!({ "id": 7, "login": "one" }), json!([{ "email": "x@corp.test", "primary": true, "verified": true }]));
    assert_eq!(links(&world, "neo@corp.test").await, 1);
    let answer = github_sign_in(&world, &mut Person::default()).await;
    assert!(answer.page() == "consent" || code(&answer).is_some(), "{}", answer.body);
    assert!(world.app.app.accounts.look_up(&world.tenant, "x@corp.test").await.is_err());
}

async fn github_sign_in(world: &World, person: &mut Person) -> Answer {
    person.open(&world.app, &world.authorize(&[])).await;
    let away = leave(world, person).await;
    let back = GitHub::visit(world, &away).await;
    person.open(&world.app, &back).await
}

async fn provider(world: &World) -> chancery::base::ProviderId {
    world.app.app.federation.named(&world.tenant, "other").await.unwrap().id
}

/// A browser of somebody whose two accounts are linked.
async fn linked(others: &Others, email: &str) -> Person {
    let (app, mut person) = (&others.here.app, Person::default());
    person.open(app, "/t/demo/login").await;
    assert_eq!(others.sign_in(&mut person, email).await.page(), "link");
    person.open(app, "/t/demo/login").await;
    person.submit(app, "login-form", &[("username", email), ("password", PASSWORD)]).await;
    assert_eq!(links(&others.here, email).await, 1);
    person
}

fn sign_in_href(page: &str) -> String {
    let (_, rest) = page.split_once("id=\"link-sign-in\"").unwrap();
    rest.split_once("href=\"").unwrap().1.split('"').next().unwrap().replace("&#38;", "&")
}
