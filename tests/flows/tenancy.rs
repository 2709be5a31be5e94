//! Tenants do not know each other: what belongs to one is worth nothing at another, on any route (W-064, X1, X2).

use std::collections::BTreeSet;

use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use super::support::credentials::{Credentials, gist, show};
use super::support::routes;
use super::support::{PASSWORD, Person, World};

/// `demo` with its people and clients, and `acme` with clients of the same ids.
async fn neighbours() -> (World, Credentials) {
    let mut world = World::new().await;
    world.confidential("orders", &[]).await;
    let issuer = format!("{}/api/v1", world.issuer("demo"));
    world.confidential("resources", &[&issuer]).await;
    let theirs = Credentials::of(&world).await;
    let demo = world.tenant.clone();
    world.tenant = world.app.tenant("acme", Settings::default()).await;
    world.client("calendar", "Agenda", |_| {}).await;
    let issuer = format!("{}/api/v1", world.issuer("acme"));
    world.confidential("resources", &[&issuer]).await;
    world.person("ada@acme.test").await;
    world.tenant = demo;
    (world, theirs)
}

#[tokio::test]
async fn w064_x2_a_credential_of_another_tenant_is_worth_as_much_as_a_made_up_one_on_every_route() {
    let (world, theirs) = neighbours().await;
    let (app, sub) = (&world.app, world.sub("ada@demo.test").await);
    let made_up = theirs.made_up();
    let routes: Vec<_> = routes::all().into_iter().filter(routes::Route::is_of_tenant).collect();
    assert!(routes.len() > 15, "the walk has lost its way: {routes:?}");
    for route in &routes {
        for method in &route.methods {
            for (way, nothing) in theirs.ways().iter().zip(made_up.ways()) {
                let there = show(app, method, &route.at("acme"), way).await;
                let expected = show(app, method, &route.at("acme"), &nothing).await;
                assert_eq!(gist(&there), gist(&expected), "{} at {method} {}", way.name, route.path);
                for fact in ["demo.test", "Calendar", sub.as_str(), "/t/demo"] {
                    assert!(!there.body.contains(fact), "{method} {} tells {fact}", route.path);
                }
            }
        }
    }
    // The same at home is worth something, each on one route at least: so nothing was used up abroad, and the walk
    // shows credentials that are some.
    for (way, nothing) in theirs.ways().iter().zip(made_up.ways()) {
        let mut worth = false;
        for route in &routes {
            for method in &route.methods {
                let here = show(app, method, &route.at("demo"), way).await;
                worth |= gist(&here) != gist(&show(app, method, &route.at("demo"), &nothing).await);
                if worth {
                    break;
                }
            }
            if worth {
                break;
            }
        }
        assert!(worth, "{} is worth nothing at home", way.name);
    }
}

#[tokio::test]
async fn w064_the_answers_are_the_specified_ones() {
    let (world, theirs) = neighbours().await;
    for (name, method, path, status) in [
        ("an access token", "GET", "/t/acme/oauth/userinfo", 401),
        ("an opaque access token", "GET", "/t/acme/oauth/userinfo", 401),
        ("an access token", "GET", "/t/acme/api/v1/whoami", 401),
        ("an API key", "GET", "/t/acme/api/v1/whoami", 401),
        ("a token to look at", "POST", "/t/acme/oauth/introspect", 200),
        ("a client and its secret", "POST", "/t/acme/oauth/token", 401),
        ("a code", "POST", "/t/acme/oauth/token", 400),
        ("a refresh token", "POST", "/t/acme/oauth/token", 400),
        ("a cookie and a reference", "GET", "/t/acme/consent", 400),
        ("a cookie", "GET", "/t/acme/account", 303),
        ("a hint", "GET", "/t/acme/oauth/logout", 400),
    ] {
        let way = theirs.ways().into_iter().find(|way| way.name == name).unwrap();
        let answer = show(&world.app, method, path, &way).await;
        assert_eq!(answer.status.as_u16(), status, "{name} at {path}: {}", answer.body);
        if status == 200 {
            assert_eq!(serde_json::from_str::<Value>(&answer.body).unwrap(), json!({ "active": false }));
        }
    }
}

#[tokio::test]
async fn x2_consent_to_a_client_here_is_no_consent_to_its_namesake_there() {
    let (mut world, _) = neighbours().await;
    world.tenant = world.app.context("acme").await.tenant.clone();
    let mut ada = Person::default();
    ada.open(&world.app, &world.authorize(&[])).await;
    let page = ada.submit(&world.app, "login-form", &[("username", "ada@acme.test"), ("password", PASSWORD)]).await;
    assert_eq!(page.page(), "consent");
    let foreign = ada.open(&world.app, "/t/acme/login").await;
    assert_eq!(foreign.page(), "login");
    let stranger = ada.submit(&world.app, "login-form", &[("username", "ada@demo.test"), ("password", PASSWORD)]).await;
    assert_eq!(stranger.page(), "login", "the neighbour's people are nobody here");
}

#[tokio::test]
async fn x1_tenants_share_no_key_no_issuer_and_no_endpoint() {
    let (world, _) = neighbours().await;
    let mut seen = BTreeSet::new();
    for slug in ["demo", "acme"] {
        let read = async |path: &str| -> Value {
            serde_json::from_str(&world.app.get(&format!("/t/{slug}{path}")).await.body).unwrap()
        };
        let (keys, metadata) = (read("/oauth/jwks").await, read("/.well-known/openid-configuration").await);
        let keys = keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|key| [key["kid"].clone(), key["x"].clone(), key["n"].clone()]);
        let places = metadata
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| name.ends_with("_endpoint") || ["issuer", "jwks_uri"].contains(&name.as_str()));
        for value in keys.chain(places.map(|(_, value)| value.clone())).filter(|value| !value.is_null()) {
            assert!(seen.insert(value.to_string()), "both have {value}");
        }
    }
}
