//! Tokens that open less than their client may have: for one collection, for one service, for some rows of it
//! (RFC 8707, RFC 9396).

use chancery::store::clients::ClientKind;
use serde_json::{Value, json};

use crate::support::{Answer, CALLBACK, PASSWORD, Person, VERIFIER, World};

const TOKEN: &str = "/t/demo/oauth/token";
const ASIA: &str = r#"[{"type":"storage","actions":["write"],"collections":["orders"]}]"#;
const EUROPE: &str =
    r#"[{"type":"storage","actions":["read"],"collections":["orders"],"filter":{"region":"eu"},"fields":["n"]}]"#;

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"))
}

/// What the payload of a JWT says.
fn claims(tokens: &Value) -> Value {
    let payload = tokens["access_token"].as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).unwrap())
        .unwrap()
}

/// A program that may read and write documents and read files.
async fn robot(world: &World) -> (String, String) {
    let made = world.registered(ClientKind::Service, |wish| {
        wish.metadata.scope = "storage:read storage:write archive:read".parse().unwrap();
    });
    let (client, secret) = made.await;
    (client.id.as_str().to_owned(), secret)
}

async fn ask(world: &World, (id, secret): &(String, String), more: &[(&str, &str)]) -> Value {
    let form = [&[("grant_type", "client_credentials")][..], more].concat();
    json_of(&world.app.post(TOKEN, &form, &[("authorization", &World::basic(id, secret))]).await)
}

#[tokio::test]
async fn a_program_asks_for_one_collection_or_one_service_alone() {
    let world = World::new().await;
    let robot = robot(&world).await;
    let one = ask(&world, &robot, &[("scope", "storage:read:orders storage:admin:orders payments:read")]).await;
    assert_eq!(one["scope"], "storage:read:orders", "what it does not hold is left out");
    let here = format!("{}/api/v1/storage", world.issuer("demo"));
    let there = ask(&world, &robot, &[("resource", &here)]).await;
    assert_eq!(claims(&there)["aud"], json!(here));
    let elsewhere = format!("{}/api/v1/mail", world.issuer("demo"));
    assert_eq!(ask(&world, &robot, &[("resource", &elsewhere)]).await["error"], "invalid_target");
}

#[tokio::test]
async fn a_program_narrows_its_token_to_rows_and_fields() {
    let world = World::new().await;
    let robot = robot(&world).await;
    let given = ask(&world, &robot, &[("authorization_details", EUROPE)]).await;
    let wanted: Value = serde_json::from_str(EUROPE).unwrap();
    assert_eq!((&given["authorization_details"], &claims(&given)["authorization_details"]), (&wanted, &wanted));
    let odd = EUROPE.replace("region", "$where");
    for bad in ["{}", "[]", "x", r#"[{"type":"payment_initiation"}]"#, &odd] {
        let refused = ask(&world, &robot, &[("authorization_details", bad)]).await;
        assert_eq!(refused["error"], "invalid_authorization_details", "{bad}");
    }
}

#[tokio::test]
async fn a_person_sees_what_a_token_is_narrowed_to_and_no_exchange_widens_it() {
    let world = World::new().await;
    world
        .client("calendar2", "Reports", |client| client.metadata.0.scope = "openid storage:read".parse().unwrap())
        .await;
    let asked = [("client_id", "calendar2"), ("scope", "openid storage:read"), ("authorization_details", EUROPE)];
    let mut ada = Person::default();
    ada.open(&world.app, &world.authorize(&asked)).await;
    let consent = ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert_eq!(consent.page(), "consent", "{}", consent.body);
    let shown = consent.body.split("id=\"consent-details\"").nth(1).unwrap();
    assert!(shown.contains("orders") && shown.contains("region"), "{shown}");
    let back = ada.submit(&world.app, "consent-form", &[("decision", "allow")]).await;
    let code = crate::support::others::parameter(back.header("location"), "code");
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "calendar2"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ];
    let tokens = json_of(&world.app.post(TOKEN, &form, &[]).await);
    assert_eq!(claims(&tokens)["authorization_details"], serde_json::from_str::<Value>(EUROPE).unwrap());
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("client_id", "calendar2"), ("refresh_token", refresh)];
    let wider = [&form[..], &[("authorization_details", ASIA)]].concat();
    assert_eq!(json_of(&world.app.post(TOKEN, &wider, &[]).await)["error"], "invalid_authorization_details");
    let tokens = json_of(&world.app.post(TOKEN, &form, &[]).await);
    assert_eq!(tokens["authorization_details"], serde_json::from_str::<Value>(EUROPE).unwrap());
    let again = ada.open(&world.app, &world.authorize(&asked)).await;
    assert_eq!(again.page(), "consent", "rows are asked about each time");
}
