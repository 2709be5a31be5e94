//! A person signs in for an application, and decides what it gets.

use crate::support::{Answer, CALLBACK, PASSWORD, Person, TestApp, World};

/// A parameter of the answer that an application gets.
fn told(answer: &Answer, name: &str) -> Option<String> {
    let location = url::Url::parse(answer.header("location")).ok()?;
    assert!(location.as_str().starts_with(CALLBACK), "{location}");
    location.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

async fn signed_in(app: &TestApp, person: &mut Person, address: &str) -> Answer {
    assert_eq!(person.open(app, address).await.page(), "login");
    person.submit(app, "login-form", &[("username", "ADA@demo.test"), ("password", PASSWORD)]).await
}

#[tokio::test]
async fn a_person_signs_in_consents_and_the_application_gets_a_code() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = Person::default();
    let consent = signed_in(app, &mut ada, &world.authorize(&[])).await;
    assert_eq!(consent.page(), "consent");
    assert!(consent.body.contains("ada@demo.test") && consent.body.contains("Calendar &#60;b&#62;"), "S5");
    let answer = ada.submit(app, "consent-form", &[("decision", "allow")]).await;
    assert_eq!(answer.status.as_u16(), 303, "A14: {}", answer.body);
    assert!(told(&answer, "code").is_some());
    assert_eq!(told(&answer, "state").as_deref(), Some("s t/a&te"));
    assert_eq!(told(&answer, "iss").as_deref(), Some("http://localhost:8080/t/demo"), "A6");
    let again = ada.open(app, &world.authorize(&[])).await;
    assert!(told(&again, "code").is_some(), "signed in and asked before: no page");
    let more = ada.open(app, &world.authorize(&[("scope", "openid profile email offline_access")])).await;
    assert_eq!(more.page(), "consent", "A10: more than was allowed is asked for");
}

#[tokio::test]
async fn w045_who_says_no_is_sent_back_with_access_denied() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = Person::default();
    signed_in(app, &mut ada, &world.authorize(&[])).await;
    let answer = ada.submit(app, "consent-form", &[("decision", "deny")]).await;
    assert_eq!(told(&answer, "error").as_deref(), Some("access_denied"));
    assert_eq!(told(&answer, "code"), None, "A10");
    let late = ada.submit(app, "consent-form", &[("decision", "allow")]).await;
    assert_eq!((late.page(), late.status.as_u16()), ("error", 400), "an answered request is not answered again");
    let mut grace = Person::default();
    grace.open(app, &world.authorize(&[])).await;
    let answer = grace.submit(app, "login-form", &[("decision", "cancel")]).await;
    assert_eq!(told(&answer, "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn what_is_unticked_is_not_granted_and_nothing_can_be_added() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = Person::default();
    signed_in(app, &mut ada, &world.authorize(&[])).await;
    let answer = ada.submit(app, "consent-form", &[("decision", "allow"), ("scope", "offline_access")]).await;
    assert!(told(&answer, "code").is_some());
    assert_eq!(ada.open(app, &world.authorize(&[])).await.page(), "consent", "profile and email were not allowed");
    assert!(told(&ada.open(app, &world.authorize(&[("scope", "openid")])).await, "code").is_some());
    let sneaked = world.authorize(&[("scope", "openid offline_access")]);
    assert_eq!(
        ada.open(app, &sneaked).await.page(),
        "consent",
        "A10: a ticked box that was not offered counts nothing"
    );
}

#[tokio::test]
async fn u1_a_wrong_password_and_an_unknown_person_get_the_same_page() {
    let world = World::new().await;
    let app = &world.app;
    let mut pages = Vec::new();
    for (name, password) in
        [("ada@demo.test", "wrong"), ("nobody@demo.test", "wrong"), ("ada@demo.test", ""), ("nobody@demo.test", "")]
    {
        let mut person = Person::default();
        person.open(app, &world.authorize(&[])).await;
        let answer = person.submit(app, "login-form", &[("username", name), ("password", password)]).await;
        assert_eq!(answer.page(), "login");
        assert!(answer.body.contains("id=\"login-error\"") && answer.body.contains(name));
        let error = answer.body.split("id=\"login-error\"").nth(1).unwrap().split("</p>").next().unwrap().to_owned();
        pages.push((answer.status, error));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:?}");
}

#[tokio::test]
async fn w044_a_forged_sign_in_or_consent_is_refused() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = Person::default();
    ada.open(app, &world.authorize(&[])).await;
    for csrf in ["", "x"] {
        let form = [("csrf", csrf), ("username", "ada@demo.test"), ("password", PASSWORD)];
        let answer = ada.submit_only(app, "login-form", &form).await;
        assert_eq!((answer.status.as_u16(), answer.page()), (403, "error"));
        ada.open(app, &world.authorize(&[])).await;
    }
    let consent = signed_in(app, &mut ada, &world.authorize(&[])).await;
    assert_eq!(consent.page(), "consent");
    let answer = ada.submit_only(app, "consent-form", &[("csrf", "x"), ("decision", "allow")]).await;
    assert_eq!((answer.status.as_u16(), answer.page()), (403, "error"));
}

#[tokio::test]
async fn s1_a_request_of_another_browser_is_not_completed_here() {
    let world = World::new().await;
    let app = &world.app;
    let (mut attacker, mut victim) = (Person::default(), Person::default());
    attacker.open(app, &world.authorize(&[])).await;
    let stolen = attacker.at.clone();
    let answer = victim.open(app, &stolen).await;
    assert_eq!((answer.page(), answer.status.as_u16()), ("error", 400));
    assert_eq!(attacker.open(app, &stolen).await.page(), "login", "its own browser still has it");
}

#[tokio::test]
async fn s1_the_cookie_known_before_a_sign_in_is_nobody_after_it() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = Person::default();
    ada.open(app, &world.authorize(&[])).await;
    let mut planted = Person { cookies: ada.cookies.clone(), ..Person::default() };
    ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert_ne!(ada.cookies, planted.cookies);
    assert_eq!(planted.open(app, &world.authorize(&[])).await.page(), "login");
}

#[tokio::test]
async fn a9_prompt_none_shows_no_page_and_prompt_login_asks_again() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = Person::default();
    let silent = ada.open(app, &world.authorize(&[("prompt", "none")])).await;
    assert_eq!(told(&silent, "error").as_deref(), Some("login_required"));
    signed_in(app, &mut ada, &world.authorize(&[])).await;
    let silent = ada.open(app, &world.authorize(&[("prompt", "none")])).await;
    assert_eq!(told(&silent, "error").as_deref(), Some("consent_required"));
    ada.open(app, &world.authorize(&[])).await;
    ada.submit(app, "consent-form", &[("decision", "allow")]).await;
    assert!(told(&ada.open(app, &world.authorize(&[("prompt", "none")])).await, "code").is_some());
    for again in [("prompt", "login"), ("max_age", "0")] {
        let answer = signed_in(app, &mut ada, &world.authorize(&[again])).await;
        assert!(told(&answer, "code").is_some(), "{again:?}: {}", answer.body);
    }
    assert_eq!(ada.open(app, &world.authorize(&[("prompt", "consent")])).await.page(), "consent");
    app.clock.advance(chancery::base::Seconds(61));
    assert_eq!(ada.open(app, &world.authorize(&[("max_age", "60")])).await.page(), "login");
}

#[tokio::test]
async fn an_answer_by_form_post_is_a_page_that_sends_itself() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = Person::default();
    signed_in(app, &mut ada, &world.authorize(&[("response_mode", "form_post"), ("state", "\"><script>")])).await;
    let answer = ada.submit(app, "consent-form", &[("decision", "allow")]).await;
    assert_eq!(answer.page(), "form-post");
    assert!(answer.body.contains(&format!("action=\"{CALLBACK}\"")) && answer.body.contains("name=\"code\""));
    assert!(answer.body.contains("&#34;&#62;&#60;script&#62;"), "S5");
    assert!(answer.header("content-security-policy").contains("form-action 'self' https:;"));
}

#[tokio::test]
async fn a_login_hint_fills_the_form_and_a_suspended_person_stays_outside() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = Person::default();
    let page = ada.open(app, &world.authorize(&[("login_hint", "ada@demo.test\"><script>")])).await;
    assert!(page.body.contains("value=\"ada@demo.test&#34;&#62;&#60;script&#62;\""), "S5");
    let tenant = app.context("demo").await;
    let user = app.app.accounts.look_up(&tenant, "ada@demo.test").await.unwrap();
    let suspended = chancery::store::users::UserStatus::Suspended;
    app.app.accounts.set_status(&tenant, &user.id, suspended, &chancery::base::Actor::operator()).await.unwrap();
    let answer = ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert!(answer.page() == "login" && answer.body.contains("suspended"), "W-059");
}

#[tokio::test]
async fn x2_a_session_of_one_tenant_is_nobody_at_another() {
    let world = World::new().await;
    let app = &world.app;
    app.tenant("acme", chancery::store::tenants::Settings::default()).await;
    let mut ada = Person::default();
    signed_in(app, &mut ada, &world.authorize(&[])).await;
    let cookies = ada.cookies.iter().map(|(name, (value, _))| (name.clone(), (value.clone(), "/".to_owned())));
    let mut abroad = Person { cookies: cookies.collect(), ..Person::default() };
    assert_eq!(abroad.open(app, "/t/acme/account").await.page(), "login");
    assert_eq!(ada.open(app, "/t/demo/account").await.page(), "account");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_answers_to_one_question_at_the_same_time_one_yields_a_code() {
    let world = World::new().await;
    let mut ada = Person::default();
    signed_in(&world.app, &mut ada, &world.authorize(&[])).await;
    let mut together = Vec::new();
    for _ in 0..10 {
        let (cookies, at, page) = (ada.cookies.clone(), ada.at.clone(), ada.page.clone());
        let mut tab = Person { cookies, at, page, ..Person::default() };
        let app = &world.app;
        together.push(Box::pin(async move { tab.submit_only(app, "consent-form", &[("decision", "allow")]).await }));
    }
    let answers = join_all(together).await;
    let codes = answers.iter().filter(|answer| answer.header("location").contains("code=")).count();
    let errors = answers.iter().filter(|answer| answer.page() == "error").count();
    assert_eq!((codes, errors), (1, 9));
}

#[tokio::test]
async fn w041_the_challenge_survives_an_error_the_back_button_and_the_sign_in() {
    let world = World::new().await;
    let app = &world.app;
    let mut ada = Person::default();
    ada.open(app, &world.authorize(&[("nonce", "n-1")])).await;
    let first = (ada.at.clone(), ada.page.clone());
    let wrong = ada.submit(app, "login-form", &[("username", "ada@demo.test"), ("password", "wrong")]).await;
    assert_eq!(wrong.page(), "login");
    let right = [("username", "ada@demo.test"), ("password", PASSWORD)];
    assert_eq!(ada.submit(app, "login-form", &right).await.page(), "consent");
    // Back to the first page, as it was; its anti-forgery token is the one from before the sign-in.
    (ada.at, ada.page) = first.clone();
    assert_eq!(ada.submit(app, "login-form", &right).await.page(), "error");
    let again = ada.open(app, &first.0).await;
    assert!(["login", "consent"].contains(&again.page()), "{}", again.page());
    let page = if again.page() == "login" { ada.submit(app, "login-form", &right).await } else { again };
    assert_eq!(page.page(), "consent");
    let answer = ada.submit(app, "consent-form", &[("decision", "allow")]).await;
    let location = url::Url::parse(answer.header("location")).unwrap();
    let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let without =
        [("grant_type", "authorization_code"), ("client_id", "calendar"), ("code", &code), ("redirect_uri", CALLBACK)];
    assert_eq!(
        app.post("/t/demo/oauth/token", &without, &[]).await.status,
        400,
        "P3: the challenge is still asked for"
    );
    let other = world.code("openid").await;
    assert_eq!(world.redeem(&other).await.status, 200);
}

async fn join_all<F: Future<Output = Answer>>(mut futures: Vec<std::pin::Pin<Box<F>>>) -> Vec<Answer> {
    let mut answers = Vec::new();
    std::future::poll_fn(|context| {
        futures.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                answers.push(answer);
                false
            }
            std::task::Poll::Pending => true,
        });
        if futures.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    answers
}
