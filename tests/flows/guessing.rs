//! Somebody guesses passwords, and others go on signing in.

use chancery::accounts::NewUser;
use chancery::app::App;
use chancery::base::{Actor, Origin, Seconds, Secret};
use chancery::store::Db;
use chancery::store::users::{Profile, Role};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Answer, PASSWORD, Person, TestApp, World};

const LOGIN: &str = "/t/demo/login";

/// A world whose limits are soon reached: three failures at a place, six of an account.
async fn world() -> World {
    let app = TestApp::configured(|config| {
        (config.limits.place, config.limits.account, config.limits.puzzle, config.limits.acts) = (3, 6, 5, 2);
    });
    World::within(app.await).await
}

async fn guess(app: &App, world: &World, address: &str) -> bool {
    let origin = Origin { ip: Some(address.to_owned()), ..Origin::default() };
    let wrong = Secret::new("wrong password");
    let outcome = app.accounts.authenticate(&world.tenant, "ada@demo.test", &wrong, &origin).await;
    matches!(outcome, Err(chancery::base::Stop::Refused(refusal)) if refusal.code.as_str() == "invalid_grant")
}

async fn sign_in(person: &mut Person, world: &World, password: &str, more: &[(&str, &str)]) -> Answer {
    let form = [&[("username", "ada@demo.test"), ("password", password)], more].concat();
    person.submit(&world.app, "login-form", &form).await
}

fn solution(page: &str) -> String {
    let attribute =
        |name: &str| page.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap().to_owned();
    solve(&attribute("data-puzzle"), attribute("data-bits").parse().unwrap())
}

fn solve(puzzle: &str, bits: u64) -> String {
    let zeros = |text: &str| {
        let digest = Sha256::digest(text.as_bytes());
        u64::from(u32::from_be_bytes(digest[..4].try_into().unwrap()).leading_zeros())
    };
    (0..u32::MAX).map(|number| format!("{puzzle}:{number}")).find(|text| zeros(text) >= bits).unwrap()
}

#[tokio::test]
async fn w118_while_strangers_guess_the_owner_passes_by_a_puzzle_and_each_is_good_once() {
    let world = world().await;
    for address in ["6.6.6.1", "6.6.6.2"] {
        for _ in 0..3 {
            assert!(guess(&world.app.app, &world, address).await);
        }
    }
    let mut ada = Person::default();
    ada.open(&world.app, LOGIN).await;
    let asked = sign_in(&mut ada, &world, PASSWORD, &[]).await;
    assert_eq!((asked.status.as_u16(), asked.page()), (429, "login"), "{}", asked.body);
    assert!(asked.body.contains("/challenge.js") && asked.body.contains("id=\"challenge-noscript\""));
    assert_eq!(asked.header("retry-after"), "900");
    let solved = solution(&asked.body);
    let refused = sign_in(&mut ada, &world, PASSWORD, &[("challenge_solution", "x:1")]).await;
    assert_eq!(refused.status.as_u16(), 429);
    let wrong = sign_in(&mut ada, &world, "wrong password", &[("challenge_solution", &solved)]).await;
    assert_eq!((wrong.status.as_u16(), wrong.page()), (200, "login"), "one try, one answer");
    let again = sign_in(&mut ada, &world, PASSWORD, &[("challenge_solution", &solved)]).await;
    assert_eq!(again.status.as_u16(), 429, "a solution is good once");
    let in_now = sign_in(&mut ada, &world, PASSWORD, &[("challenge_solution", &solution(&again.body))]).await;
    assert_eq!(in_now.page(), "account", "{}", in_now.body);
}

#[tokio::test]
async fn w118_a_browser_in_which_the_owner_has_signed_in_is_not_asked() {
    let world = world().await;
    let mut ada = Person::default();
    ada.open(&world.app, LOGIN).await;
    assert_eq!(sign_in(&mut ada, &world, PASSWORD, &[]).await.page(), "account");
    let (name, device) = ada.cookies.iter().find(|(name, _)| name.ends_with("-device")).unwrap();
    let mut later = Person::default();
    later.cookies.insert(name.clone(), device.clone());
    for address in ["6.6.6.1", "6.6.6.2", "6.6.6.3"] {
        for _ in 0..3 {
            guess(&world.app.app, &world, address).await;
        }
    }
    let mut stranger = Person::default();
    stranger.cookies.insert(name.clone(), ("A".repeat(43), device.1.clone()));
    for (person, status) in [(&mut stranger, 429), (&mut later, 200)] {
        person.open(&world.app, LOGIN).await;
        assert_eq!(sign_in(person, &world, PASSWORD, &[]).await.status.as_u16(), status);
    }
    for other in ["/t/demo/oauth/userinfo", "/t/demo/api/v1/whoami"] {
        let headers = [("cookie", format!("{name}={}", device.0))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(world.app.post(other, &[], &headers).await.header("set-cookie"), "", "it opens nothing");
    }
}

#[tokio::test]
async fn u2_guesses_at_one_process_count_at_every_other() {
    let world = world().await;
    let one = &world.app.app;
    let db = Db::open(&world.app.database, 4).await.unwrap();
    let two = Box::pin(App::build(one.config.clone(), world.app.clock.clone(), db)).await.unwrap();
    let mut answered = 0;
    for app in [one, &two, one, &two, one, &two] {
        answered += u32::from(guess(app, &world, "6.6.6.6").await);
    }
    assert_eq!(answered, 3);
    world.app.clock.advance(Seconds(901));
    assert!(guess(&two, &world, "6.6.6.6").await, "the window is over for all");
}

#[tokio::test]
async fn u2_two_names_of_one_person_are_one_to_guess_at_and_nobody_learns_that_they_are() {
    let world = world().await;
    let new = NewUser {
        email: Some("two@demo.test".parse().unwrap()),
        email_verified: true,
        username: Some("two-names".to_owned()),
        password: Some(Secret::new(PASSWORD)),
        role: Role::User,
        profile: Profile::default(),
    };
    world.app.app.accounts.create(&world.tenant, new, &Actor::operator()).await.unwrap();
    let mut looks = Vec::new();
    for names in [["two@demo.test", "two-names"], ["none@demo.test", "no-names"]] {
        let mut person = Person::default();
        person.open(&world.app, LOGIN).await;
        let mut told = Vec::new();
        for (name, password) in [(0, "wrong password"), (0, "wrong password"), (1, "wrong password"), (1, PASSWORD)] {
            let form = [("username", names[name]), ("password", password)];
            let answer = person.submit(&world.app, "login-form", &form).await;
            told.push((answer.page().to_owned(), answer.header("ratelimit-remaining").to_owned(), answer.status));
        }
        looks.push(told);
        world.app.clock.advance(Seconds(1));
    }
    assert_eq!(looks[0], looks[1], "the fourth guess is in vain, and looks as for nobody (W-009)");
    world.app.clock.advance(Seconds(901));
    let mut owner = Person::default();
    owner.open(&world.app, LOGIN).await;
    let form = [("username", "two-names"), ("password", PASSWORD)];
    assert_eq!(owner.submit(&world.app, "login-form", &form).await.page(), "account");
}

#[tokio::test]
async fn w118_answers_tell_how_near_the_limit_is_and_the_same_for_everybody() {
    let world = world().await;
    for name in ["ada@demo.test", "nobody@demo.test"] {
        let mut told = Vec::new();
        for _ in 0..4 {
            let mut person = Person::default();
            person.open(&world.app, LOGIN).await;
            let form = [("username", name), ("password", "wrong password")];
            let answer = person.submit(&world.app, "login-form", &form).await;
            let headers = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after"];
            let headers = headers.map(|name| answer.header(name).to_owned()).join(" ");
            told.push(format!("{} {headers}", answer.status.as_u16()));
        }
        assert_eq!(told, ["200 3 2 900 ", "200 3 1 900 ", "200 3 0 900 ", "429 3 0 900 900"], "W-009: {name}");
    }
}

#[tokio::test]
async fn w118_at_the_api_the_refusal_carries_the_puzzle_as_the_guide_says() {
    let world = world().await;
    for address in ["6.6.6.1", "6.6.6.2"] {
        for _ in 0..3 {
            guess(&world.app.app, &world, address).await;
        }
    }
    let guide = include_str!("../../docs/guides/limits-and-passwords.md");
    let shown = guide.split_once("```json\n").unwrap().1.split_once("```").unwrap().0;
    let shown: Value = serde_json::from_str(shown).unwrap();
    let sign_in = async |solution: &str| {
        let body = json!({ "identifier": "ada@demo.test", "password": PASSWORD });
        let request = axum::http::Request::post("/t/demo/api/v1/auth/login")
            .header("content-type", "application/json")
            .header("x-challenge-solution", solution)
            .body(body.to_string().into())
            .unwrap();
        world.app.send(request).await
    };
    let refused = sign_in("").await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "900"));
    let told: Value = serde_json::from_str(&refused.body).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(names(&told), names(&shown));
    assert_eq!(names(&told["challenge"]), names(&shown["challenge"]));
    for same in ["type", "title", "detail", "code"] {
        assert_eq!(told[same], shown[same]);
    }
    let challenge = &told["challenge"];
    let solution = solve(challenge["puzzle"].as_str().unwrap(), challenge["bits"].as_u64().unwrap());
    assert_eq!(sign_in(&solution).await.status.as_u16(), 200);
    assert_eq!(sign_in(&solution).await.status.as_u16(), 429, "a solution is good once");
}

#[tokio::test]
async fn what_sends_mail_or_makes_accounts_can_be_asked_for_so_often() {
    let world = world().await;
    let body = r#"{"email":"nobody@demo.test"}"#;
    for expected in [202, 202, 429] {
        let request = axum::http::Request::post("/t/demo/api/v1/auth/forgot-password")
            .header("content-type", "application/json")
            .body(body.into())
            .unwrap();
        let answer = world.app.send(request).await;
        assert_eq!(answer.status.as_u16(), expected, "{}", answer.body);
        assert_eq!(answer.header("ratelimit-limit"), "2");
        if expected == 429 {
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_eq!(answer.header("retry-after"), "3600");
        }
    }
    world.app.clock.advance(Seconds(3_600));
    assert_eq!(world.app.get("/t/demo/login").await.status.as_u16(), 200);
}
