//! What a tenant tells about itself, and whether it is so.

use std::collections::BTreeSet;

use chancery::store::tenants::Settings;
use serde_json::{Value, json};

use super::support::World;

async fn document(world: &World, path: &str) -> Value {
    let answer = world.app.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn the_metadata_is_the_same_at_every_well_known_address() {
    let world = World::new().await;
    let openid = document(&world, "/t/demo/.well-known/openid-configuration").await;
    for path in [
        "/t/demo/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/t/demo",
        "/.well-known/openid-configuration/t/demo",
    ] {
        assert_eq!(document(&world, path).await, openid);
    }
}

#[tokio::test]
async fn a13_issuer_and_endpoints_are_the_tenants_own_and_answer() {
    let world = World::new().await;
    world.app.tenant("other", Settings { password_grant: true, ..Settings::default() }).await;
    for slug in ["demo", "other"] {
        let metadata = document(&world, &format!("/t/{slug}/.well-known/openid-configuration")).await;
        let issuer = world.issuer(slug);
        assert_eq!(metadata["issuer"], issuer);
        for (name, value) in metadata.as_object().unwrap() {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                let url = value.as_str().unwrap();
                assert!(url.starts_with(&issuer), "{name}");
                let path = url.strip_prefix(world.app.app.config.base()).unwrap();
                assert_ne!(world.app.get(path).await.status, 404, "{name}");
            }
        }
        let password = metadata["grant_types_supported"].as_array().unwrap().contains(&json!("password"));
        assert_eq!(password, slug == "other");
    }
}

#[tokio::test]
async fn a13_nothing_is_offered_that_is_not_given() {
    let world = World::new().await;
    let metadata = document(&world, "/t/demo/.well-known/openid-configuration").await;
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(metadata["request_uri_parameter_supported"], false);
    assert_eq!(metadata["request_parameter_supported"], false);
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    let text = metadata.to_string();
    for never in ["plain", "\"none\",\"RS256\"", "HS256", "implicit", "\"token\"", "platform:"] {
        assert!(!text.contains(never), "{never}");
    }
    let introspection = metadata["introspection_endpoint_auth_methods_supported"].to_string();
    assert!(!introspection.contains("none"));
}

#[tokio::test]
async fn t6_x1_key_sets_are_public_complete_and_no_two_tenants_share_a_key() {
    let world = World::new().await;
    world.app.tenant("other", Settings::default()).await;
    let mut seen = BTreeSet::new();
    for slug in ["demo", "other"] {
        let set = document(&world, &format!("/t/{slug}/oauth/jwks")).await;
        let keys = set["keys"].as_array().unwrap();
        assert!(keys.iter().any(|key| key["alg"] == "RS256"));
        for key in keys {
            let key = key.as_object().unwrap();
            for needed in ["kid", "alg", "use", "kty"] {
                assert!(key.contains_key(needed), "{needed}");
            }
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(!key.contains_key(private), "{private}");
            }
            assert!(seen.insert(key["kid"].to_string()));
            assert!(seen.insert(key.get("n").or(key.get("x")).unwrap().to_string()));
        }
    }
}

#[tokio::test]
async fn the_protected_resource_names_its_authorization_server() {
    let world = World::new().await;
    for path in [
        "/.well-known/oauth-protected-resource/t/demo/api/v1",
        "/t/demo/.well-known/oauth-protected-resource/api/v1",
        "/t/demo/.well-known/oauth-protected-resource",
    ] {
        let metadata = document(&world, path).await;
        assert_eq!(metadata["resource"], format!("{}/api/v1", world.issuer("demo")));
        assert_eq!(metadata["authorization_servers"], json!([world.issuer("demo")]));
        assert_eq!(metadata["bearer_methods_supported"], json!(["header"]));
    }
}
