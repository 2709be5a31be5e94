//! How long things live: each setting is followed by what is told and by what is refused (W-046, W-048, W-061).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chancery::base::{Actor, Code, Seconds, Stop};
use chancery::store::clients::{AccessTokenFormat, ClientKind};
use chancery::tenants::set_setting;
use serde_json::Value;

use super::support::{Answer, PASSWORD, Person, SECRET, World};

/// Changes settings as an operator does.
async fn set(world: &World, assignments: &[&str]) -> Result<(), Stop> {
    let app = &world.app.app;
    let mut tenant = app.tenants.look_up("demo").await?;
    for assignment in assignments {
        set_setting(&mut tenant.settings.0, &format!("lifetimes.{assignment}"))?;
    }
    app.tenants.change(&app.clock, &tenant, "tenant.updated", &Actor::operator()).await
}

async fn with(assignments: &[&str]) -> World {
    let world = World::new().await;
    set(&world, assignments).await.unwrap();
    world
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn is_over(answer: &Answer) -> bool {
    answer.status == 400 && answer.body.contains("\"invalid_grant\"")
}

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn lifetime(token: &Value) -> i64 {
    let claims = claims(token);
    claims["exp"].as_i64().expect("W-061: exp") - claims["iat"].as_i64().unwrap()
}

async fn tokens(world: &World) -> Value {
    json(&world.redeem(&world.code("openid profile email").await).await)
}

async fn userinfo(world: &World, token: &Value) -> u16 {
    let form = [("access_token", token.as_str().unwrap())];
    world.app.post("/t/demo/oauth/userinfo", &form, &[]).await.status.as_u16()
}

fn later(world: &World, seconds: i64) {
    world.app.clock.advance(Seconds(seconds));
}

#[tokio::test]
async fn w046_codes() {
    let world = with(&["code=5"]).await;
    let (early, late) = (world.code("openid").await, world.code("openid").await);
    later(&world, 4);
    assert_eq!(world.redeem(&early).await.status, 200);
    later(&world, 1);
    assert!(is_over(&world.redeem(&late).await));
}

#[tokio::test]
async fn w046_w061_access_tokens_and_id_tokens() {
    let world = with(&["access_token=30", "id_token=40"]).await;
    let given = tokens(&world).await;
    assert_eq!(given["expires_in"], 30);
    assert_eq!((lifetime(&given["access_token"]), lifetime(&given["id_token"])), (30, 40));
    later(&world, 29);
    assert_eq!(userinfo(&world, &given["access_token"]).await, 200);
    later(&world, 1);
    assert_eq!(userinfo(&world, &given["access_token"]).await, 401);
    let refreshed = json(&world.refresh(given["refresh_token"].as_str().unwrap()).await);
    assert_eq!((lifetime(&refreshed["access_token"]), lifetime(&refreshed["id_token"])), (30, 40));
}

#[tokio::test]
async fn w046_w061_opaque_tokens_and_the_clients_own_lifetimes() {
    let world = with(&["access_token=30"]).await;
    let api = format!("{}/api/v1", world.issuer("demo"));
    let (service, secret) = world
        .registered(ClientKind::Service, |wish| {
            wish.policy.access_token_format = AccessTokenFormat::Opaque;
            wish.policy.access_token_lifetime = Some(Seconds(20));
        })
        .await;
    world.confidential("resources", &[&api]).await;
    let basic = World::basic(service.id.as_str(), &secret);
    let form = [("grant_type", "client_credentials")];
    let given = json(&world.app.post("/t/demo/oauth/token", &form, &[("authorization", &basic)]).await);
    assert_eq!(given["expires_in"], 20);
    let basic = World::basic("resources", SECRET);
    let look = async || {
        let form = [("token", given["access_token"].as_str().unwrap())];
        json(&world.app.post("/t/demo/oauth/introspect", &form, &[("authorization", &basic)]).await)
    };
    let seen = look().await;
    assert_eq!(seen["exp"].as_i64().unwrap() - seen["iat"].as_i64().unwrap(), 20);
    later(&world, 19);
    assert_eq!(look().await["active"], true);
    later(&world, 1);
    assert_eq!(look().await["active"], false);
}

#[tokio::test]
async fn w046_w048_refresh_tokens_idle_and_absolute() {
    let world = with(&["refresh_idle=50", "refresh_absolute=100"]).await;
    let idle = tokens(&world).await["refresh_token"].as_str().unwrap().to_owned();
    let mut kept = tokens(&world).await["refresh_token"].as_str().unwrap().to_owned();
    let mut last = Value::Null;
    for step in [49, 49] {
        later(&world, step);
        last = json(&world.refresh(&kept).await);
        last["refresh_token"].as_str().unwrap().clone_into(&mut kept);
    }
    assert!(is_over(&world.refresh(&idle).await), "not used for 98 seconds");
    assert_eq!(last["expires_in"], 2, "no access token outlives its grant");
    assert_eq!(lifetime(&last["access_token"]), 2);
    later(&world, 2);
    assert!(is_over(&world.refresh(&kept).await), "W-048: used or not");
    assert_eq!(userinfo(&world, &last["access_token"]).await, 401);
}

#[tokio::test]
async fn w046_the_grace_of_a_used_refresh_token() {
    let world = with(&["refresh_grace=3"]).await;
    let used = tokens(&world).await["refresh_token"].as_str().unwrap().to_owned();
    let second = json(&world.refresh(&used).await)["refresh_token"].as_str().unwrap().to_owned();
    later(&world, 2);
    assert!(is_over(&world.refresh(&used).await), "within the grace nothing is given");
    let third = json(&world.refresh(&second).await)["refresh_token"].as_str().unwrap().to_owned();
    later(&world, 3);
    assert!(is_over(&world.refresh(&second).await), "reuse");
    assert!(is_over(&world.refresh(&third).await), "the family is over");
}

async fn signed_in(world: &World) -> Person {
    let mut ada = Person::default();
    ada.open(&world.app, "/t/demo/login").await;
    let fields = [("username", "ada@demo.test"), ("password", PASSWORD)];
    assert_eq!(ada.submit(&world.app, "login-form", &fields).await.page(), "account");
    ada
}

#[tokio::test]
async fn w046_sessions_idle_and_absolute() {
    let world = with(&["session_idle=120", "session_absolute=400"]).await;
    let mut ada = signed_in(&world).await;
    for (wait, page) in [(119, "account"), (119, "account"), (120, "login")] {
        later(&world, wait);
        assert_eq!(ada.open(&world.app, "/t/demo/account").await.page(), page, "{wait}");
    }
    let mut ada = signed_in(&world).await;
    for (wait, page) in [(100, "account"), (100, "account"), (100, "account"), (99, "account"), (1, "login")] {
        later(&world, wait);
        assert_eq!(ada.open(&world.app, "/t/demo/account").await.page(), page, "{wait}");
    }
}

#[tokio::test]
async fn w046_a_person_has_this_long_to_sign_in_and_to_decide() {
    let world = with(&["authorization_request=60"]).await;
    let fields = [("username", "ada@demo.test"), ("password", PASSWORD)];
    let (mut quick, mut slow) = (Person::default(), Person::default());
    quick.open(&world.app, &world.authorize(&[])).await;
    slow.open(&world.app, &world.authorize(&[])).await;
    later(&world, 59);
    assert_eq!(quick.submit(&world.app, "login-form", &fields).await.page(), "consent");
    later(&world, 1);
    let late = quick.submit(&world.app, "consent-form", &[("decision", "allow")]).await;
    assert_eq!((late.status.as_u16(), late.page(), late.header("location")), (400, "error", ""));
    let late = slow.submit(&world.app, "login-form", &fields).await;
    assert_eq!((late.status.as_u16(), late.page(), late.header("location")), (400, "error", ""));
}

#[tokio::test]
async fn lifetimes_that_cannot_be_are_refused_in_words() {
    let world = World::new().await;
    for (bad, word) in [
        ("access_token=86401", "86400"),
        ("id_token=86401", "86400"),
        ("code=601", "600"),
        ("access_token=0", "one second"),
        ("refresh_idle=-1", "one second"),
        ("session_idle=soon", "session_idle"),
        ("access_token=99999999999999999999", "access_token"),
        ("access_token=1.5", "access_token"),
        ("nothing=1", "nothing"),
    ] {
        match set(&world, &[bad]).await {
            Err(Stop::Refused(refusal)) => {
                assert_eq!(refusal.code, Code::Unprocessable, "{bad}");
                assert!(refusal.description.contains(word), "{bad}: {}", refusal.description);
            }
            other => panic!("{bad}: {other:?}"),
        }
    }
    set(&world, &["access_token=86400", "id_token=86400", "refresh_absolute=9223372036854775807"]).await.unwrap();
    let given = tokens(&world).await;
    assert_eq!((lifetime(&given["access_token"]), lifetime(&given["id_token"])), (86_400, 86_400));
}
