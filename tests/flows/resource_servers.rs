//! A tenant describes its own APIs: each gets tokens of its own, with its own scopes, which people read in words.

use chancery::base::Scope;
use chancery::store::users::Role;
use serde_json::{Value, json};

use super::support::{CALLBACK, PASSWORD, Person, SECRET, VERIFIER, World};

const ORDERS: &str = "https://orders.example/api";

async fn world() -> (World, String) {
    let world = World::new().await;
    world.person("admin@demo.test").await;
    world.promote("admin@demo.test", Role::Admin).await;
    let token = world.scoped("admin@demo.test", "clients:read clients:write users:read orders:read").await;
    (world, token)
}

fn orders() -> Value {
    json!({
        "audience": ORDERS, "name": "Orders",
        "scopes": [
            { "scope": "orders:read", "description": { "en": "Look at your orders", "de": "Deine Bestellungen ansehen" } },
            { "scope": "orders:write" },
        ],
    })
}

/// What a resource server learns of a token.
async fn told(world: &World, token: &str) -> Value {
    let headers = [("authorization", World::basic("inspector", SECRET))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = world.app.post("/t/demo/oauth/introspect", &[("token", token)], &headers).await;
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn an_api_is_described_changed_and_taken_away() {
    let (world, token) = world().await;
    let (status, made) = world.ask(&token, "POST", "/resource-servers", Some(orders())).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(world.ask(&token, "POST", "/resource-servers", Some(orders())).await.0, 409);
    let path = format!("/resource-servers/{}", made["id"].as_str().unwrap());
    let (status, changed) =
        world.ask(&token, "PATCH", &path, Some(json!({ "token_lifetime": 60, "name": "All orders" }))).await;
    assert_eq!((status, &changed["scopes"]), (200, &made["scopes"]));
    for (bad, status) in [
        (json!({ "audience": "https://other.example" }), 422),
        (json!({ "id": "x" }), 400),
        (json!({ "owner": "x" }), 400),
        (json!({ "scopes": [{ "scope": "users:write", "description": { "en": "Read your name" } }] }), 422),
    ] {
        assert_eq!(world.ask(&token, "PATCH", &path, Some(bad.clone())).await.0, status, "{bad}");
    }
    let (_, listed) = world.ask(&token, "GET", "/resource-servers", None).await;
    assert_eq!(listed, json!([changed]));
    let metadata = world.app.get("/t/demo/.well-known/openid-configuration").await;
    assert!(metadata.body.contains("orders:write"));
    assert_eq!(world.call(&token, "DELETE", &path, None).await.status, 204);
    assert_eq!(world.ask(&token, "GET", &path, None).await.0, 404);
}

#[tokio::test]
async fn a_machines_token_for_an_api_says_its_scopes_and_no_others() {
    let (world, admin) = world().await;
    let mut wish = orders();
    wish["token_lifetime"] = 60.into();
    assert_eq!(world.ask(&admin, "POST", "/resource-servers", Some(wish)).await.0, 201);
    world.confidential("inspector", &[ORDERS, &format!("{}/api/v1", world.issuer("demo"))]).await;
    let machine = json!({ "type": "service", "client_name": "Robot", "scope": "orders:read users:read" });
    let (status, made) = world.ask(&admin, "POST", "/clients", Some(machine)).await;
    assert_eq!(status, 201, "{made}");
    let basic = World::basic(made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
    let ask = async |form: &[(&str, &str)]| {
        let form = [&[("grant_type", "client_credentials")][..], form].concat();
        let answer = world.app.post("/t/demo/oauth/token", &form, &[("authorization", &basic)]).await;
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        (answer.status.as_u16(), told)
    };
    let (_, there) = ask(&[("resource", ORDERS)]).await;
    assert_eq!((&there["scope"], &there["expires_in"]), (&json!("orders:read"), &json!(60)));
    let claims = told(&world, there["access_token"].as_str().unwrap()).await;
    assert_eq!((&claims["aud"], &claims["scope"]), (&json!(ORDERS), &json!("orders:read")));
    let (_, here) = ask(&[]).await;
    assert_eq!(here["scope"], "users:read");
    let (status, refused) = ask(&[("resource", ORDERS), ("scope", "users:read")]).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_scope")));
    let there = there["access_token"].as_str().unwrap();
    assert_eq!(world.call(there, "GET", "/users", None).await.status, 401, "it is for another API");
    let (status, refused) = ask(&[("resource", "https://unknown.example")]).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_target")));
}

#[tokio::test]
async fn a_person_reads_what_an_api_is_asked_for_and_gives_a_token_for_it_alone() {
    let (world, admin) = world().await;
    assert_eq!(world.ask(&admin, "POST", "/resource-servers", Some(orders())).await.0, 201);
    world
        .client("shop", "Shop", |client| {
            client.metadata.0.scope = Scope::of(["openid", "email", "orders:read", "orders:write"]);
        })
        .await;
    let mut ada = Person::default();
    let asked = [("client_id", "shop"), ("scope", "openid email orders:read"), ("resource", ORDERS)];
    ada.open(&world.app, &world.authorize(&asked)).await;
    let page = ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert!(page.body.contains("Look at your orders"), "{}", page.body);
    let answer = ada.submit(&world.app, "consent-form", &[("decision", "allow")]).await;
    let location = url::Url::parse(answer.header("location")).unwrap();
    let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "shop"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("code", code.as_str()),
    ];
    let answer = world.app.post("/t/demo/oauth/token", &form, &[]).await;
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&told["scope"], told["id_token"].is_string()), (&json!("orders:read"), true), "{told}");
    let token = told["access_token"].as_str().unwrap();
    let headers = [("authorization", format!("Bearer {token}"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(world.app.post("/t/demo/oauth/userinfo", &[], &headers).await.status, 401, "it is not for userinfo");
}

#[tokio::test]
async fn what_stood_in_the_plain_lists_goes_on_until_it_is_described() {
    let (mut world, admin) = world().await;
    world.tenant.settings.0.resources = vec![ORDERS.to_owned(), "https://old.example".to_owned()];
    world.tenant.settings.0.scopes = vec!["orders:read".to_owned(), "old".to_owned()];
    let by = chancery::base::Actor::operator();
    world.app.app.tenants.change(&world.app.clock, &world.tenant, "tenant.updated", &by).await.unwrap();
    assert_eq!(world.ask(&admin, "POST", "/resource-servers", Some(orders())).await.0, 201);
    let settings = world.app.app.tenants.look_up("demo").await.unwrap().settings.0;
    assert_eq!((settings.resources, settings.scopes), (vec!["https://old.example".to_owned()], vec!["old".to_owned()]));
}
