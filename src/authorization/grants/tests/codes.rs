//! Codes.

use tokio::task::JoinSet;

use super::*;
use crate::keys::{Algorithm, JwkSet, Policy, Typ};
use crate::store::clients::AccessTokenFormat;
use crate::store::tenants::Lifetimes;
use crate::store::users::{self, UserStatus};

async fn claims(house: &House, token: &str, typ: &'static str) -> serde_json::Map<String, serde_json::Value> {
    let jwks = house.keys.jwks(&house.tenant.id).await.unwrap();
    let policy = Policy { algorithms: Algorithm::ALL, typ: Typ::Must(typ) };
    JwkSet::parse(&jwks).unwrap().verify(token, &policy).unwrap().claims.0
}

#[tokio::test]
async fn a_code_gives_tokens_that_say_what_they_should() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let code = house.code(&client.id, "openid email", |_, _| {}).await;
        let answer = house.redeem(&client, &code).await.unwrap();
        assert_eq!(
            (answer.token_type, answer.expires_in, answer.scope.to_string().as_str()),
            ("Bearer", Seconds(600), "email openid")
        );
        assert!(answer.refresh_token.as_deref().is_some_and(|token| token.starts_with("rt_") && token.len() > 40));
        let access = claims(&house, &answer.access_token, "at+jwt").await;
        assert_eq!(access["iss"], house.tenant.issuer);
        assert_eq!(access["sub"], house.user.id.as_str());
        assert_eq!(access["aud"], house.tenant.api_audience());
        assert_eq!(access["client_id"], client.id.as_str());
        assert_eq!(access["scope"], "email openid");
        assert_eq!((&access["iat"], &access["exp"]), (&NOW.0.into(), &(NOW.0 + 600).into()));
        assert!(access["gid"].is_string() && access["sid"].is_string() && access["jti"].is_string());
        let id = claims(&house, answer.id_token.as_deref().unwrap(), "JWT").await;
        assert_eq!((&id["iss"], &id["sub"]), (&access["iss"], &access["sub"]));
        assert_eq!(id["aud"], client.id.as_str());
        assert_eq!(id["nonce"], "n-1");
        assert_eq!(id["auth_time"], NOW.0);
        assert_eq!(id["exp"], NOW.0 + 3_600);
        assert_eq!(id["at_hash"].as_str().unwrap().len(), 22);
        assert!(!id.contains_key("email") && !id.contains_key("name"));
        assert!(house.is_alive(&answer.access_token).await);
    }
}

#[tokio::test]
async fn the_id_token_tells_what_the_claims_parameter_asked_for_and_no_more() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let wishes = serde_json::json!({"id_token": {"name": null, "phone_number": null, "sub": null}});
        let code = house.code(&client.id, "openid", |grant, _| grant.context.0.claims = Some(wishes)).await;
        let answer = house.redeem(&client, &code).await.unwrap();
        let id = claims(&house, answer.id_token.as_deref().unwrap(), "JWT").await;
        assert_eq!(id["name"], "Ada");
        assert_eq!(id["sub"], house.user.id.as_str());
        assert!(!id.contains_key("email") && !id.contains_key("phone_number"));
    }
}

#[tokio::test]
async fn without_openid_there_is_no_id_token_and_without_the_grant_no_refresh_token() {
    for house in houses(Settings::default()).await {
        let client = house
            .client(ClientKind::Confidential, |wish| {
                wish.metadata.grant_types = vec!["authorization_code".to_owned()];
                wish.policy.access_token_format = AccessTokenFormat::Opaque;
                wish.policy.access_token_lifetime = Some(Seconds(30));
            })
            .await;
        let code = house.code(&client.id, "email", |_, _| {}).await;
        let answer = house.redeem(&client, &code).await.unwrap();
        assert!(answer.id_token.is_none() && answer.refresh_token.is_none());
        assert!(answer.access_token.starts_with("at_"));
        assert_eq!(answer.expires_in, Seconds(30));
        assert!(house.is_alive(&answer.access_token).await);
        house.clock.advance(Seconds(30));
        assert!(!house.is_alive(&answer.access_token).await);
    }
}

#[tokio::test]
async fn w055_tokens_carry_no_more_than_client_and_person_may() {
    for house in houses(Settings::default()).await {
        let client = house
            .client(ClientKind::Confidential, |wish| {
                wish.metadata.scope = "openid users:read users:write".parse().unwrap();
            })
            .await;
        let code = house.code(&client.id, "openid users:write email platform:*", |_, _| {}).await;
        assert_eq!(house.redeem(&client, &code).await.unwrap().scope.to_string(), "openid");
        users::set_role(&house.db, &house.tenant.id, &house.user.id, Role::Admin, NOW).await.unwrap();
        let code = house.code(&client.id, "openid users:write email platform:*", |_, _| {}).await;
        assert_eq!(house.redeem(&client, &code).await.unwrap().scope.to_string(), "openid users:write");
    }
}

#[tokio::test]
async fn p3_p4_p6_a_code_is_bound_to_client_redirect_uri_and_verifier() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let other = house.client(ClientKind::Confidential, |_| {}).await;
        let code = house.code(&client.id, "openid", |_, _| {}).await;
        let long = format!("{VERIFIER}A");
        let nul = format!("{VERIFIER}\0");
        let lower = VERIFIER.to_lowercase();
        let padded = "A".repeat(43);
        for verifier in [
            None,
            Some(""),
            Some(&VERIFIER[1..]),
            Some(&long),
            Some(&nul),
            Some(&lower),
            Some(CHALLENGE),
            Some(&padded),
        ] {
            let form = TokenForm { code_verifier: verifier, ..code_form(&code) };
            assert_eq!(house.ask(&client, form).await.unwrap_err(), Code::InvalidGrant, "{verifier:?}");
        }
        for uri in ["https://a.test/cb/", "https://a.test/CB", "https://b.test/cb", "https://a.test:443/cb"] {
            let form = TokenForm { redirect_uri: Some(uri), ..code_form(&code) };
            assert_eq!(house.ask(&client, form).await.unwrap_err(), Code::InvalidGrant, "{uri}");
        }
        for (redirect_uri, code) in [(None, Some(code.as_str())), (Some(CALLBACK), None)] {
            let form = TokenForm { code, redirect_uri, ..code_form("") };
            assert_eq!(house.ask(&client, form).await.unwrap_err(), Code::InvalidRequest);
        }
        assert_eq!(house.redeem(&other, &code).await.unwrap_err(), Code::InvalidGrant);
        for bad in ["ac_", "x", &code[..code.len() - 1], &format!("{code}A"), &code.to_uppercase()] {
            assert_eq!(house.redeem(&client, bad).await.unwrap_err(), Code::InvalidGrant, "{bad}");
        }
        assert!(house.redeem(&client, &code).await.is_ok());
    }
}

#[tokio::test]
async fn p1_p4_a_code_without_challenge_is_for_clients_whose_policy_allows_it() {
    for house in houses(Settings::default()).await {
        let strict = house.client(ClientKind::Confidential, |_| {}).await;
        let lax = house.client(ClientKind::Confidential, |wish| wish.policy.require_pkce = false).await;
        let without = |_: &mut Grant, request: &mut CodeRequest| request.code_challenge = None;
        let code = house.code(&strict.id, "openid", without).await;
        let form = TokenForm { code_verifier: None, ..code_form(&code) };
        assert_eq!(house.ask(&strict, form).await.unwrap_err(), Code::InvalidGrant);
        let code = house.code(&lax.id, "openid", without).await;
        assert_eq!(house.redeem(&lax, &code).await.unwrap_err(), Code::InvalidGrant);
        let form = TokenForm { code_verifier: None, ..code_form(&code) };
        assert!(house.ask(&lax, form).await.is_ok());
    }
}

#[tokio::test]
async fn w050_p5_a_code_works_once_and_its_replay_ends_everything_it_gave() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let code = house.code(&client.id, "openid offline_access", |_, _| {}).await;
        let answer = house.redeem(&client, &code).await.unwrap();
        assert!(house.is_alive(&answer.access_token).await);
        assert_eq!(house.redeem(&client, &code).await.unwrap_err(), Code::InvalidGrant);
        assert!(!house.is_alive(&answer.access_token).await);
        let token = answer.refresh_token.unwrap();
        assert_eq!(house.refresh(&client, &token).await.unwrap_err(), Code::InvalidGrant);
        assert_eq!(house.redeem(&client, &code).await.unwrap_err(), Code::InvalidGrant);
        assert_eq!(house.events("token.reuse_detected").await, 1);
    }
}

#[tokio::test]
async fn w050_p5_of_fifty_parallel_uses_of_a_code_one_wins() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let code = house.code(&client.id, "openid", |_, _| {}).await;
        let mut uses = JoinSet::new();
        for _ in 0..50 {
            let (house, client, code) = (Arc::clone(&house), Arc::clone(&client), code.clone());
            uses.spawn(async move { house.redeem(&client, &code).await.map(|answer| answer.access_token) });
        }
        let outcomes = uses.join_all().await;
        let won: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(won.len(), 1);
        assert!(outcomes.iter().all(|outcome| outcome.as_ref().err().is_none_or(|code| *code == Code::InvalidGrant)));
        assert!(!house.is_alive(won[0]).await);
    }
}

#[tokio::test]
async fn p7_a_code_dies_with_its_time_its_person_and_its_session() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let code = house.code(&client.id, "openid", |_, _| {}).await;
        house.clock.advance(Seconds(60));
        assert_eq!(house.redeem(&client, &code).await.unwrap_err(), Code::InvalidGrant);
        let mut session = None;
        let code = house.code(&client.id, "openid", |grant, _| session = grant.session_id.clone()).await;
        assert!(sessions::end(&house.db, &house.tenant.id, &session.unwrap(), NOW).await.unwrap());
        assert_eq!(house.redeem(&client, &code).await.unwrap_err(), Code::InvalidGrant);
        for status in [UserStatus::Suspended, UserStatus::Deleted] {
            let code = house.code(&client.id, "openid offline_access", |_, _| {}).await;
            users::set_status(&house.db, &house.tenant.id, &house.user.id, status, NOW).await.unwrap();
            assert_eq!(house.redeem(&client, &code).await.unwrap_err(), Code::InvalidGrant);
        }
    }
}

#[tokio::test]
async fn w058_a_code_of_one_tenant_is_nothing_in_another_and_leaves_a_trace() {
    for house in houses(Settings::default()).await {
        let id = testing::tenant(&house.db, "other").await;
        let other = House::new(house.db.clone(), id, Settings::default()).await;
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let twin = other.client(ClientKind::Confidential, |wish| wish.id = Some(client.id.clone())).await;
        let code = house.code(&client.id, "openid", |_, _| {}).await;
        assert_eq!(other.redeem(&twin, &code).await.unwrap_err(), Code::InvalidGrant);
        assert_eq!(other.events("token.unknown_code").await, 1);
        assert!(house.redeem(&client, &code).await.is_ok());
    }
}

#[tokio::test]
async fn a_resource_narrows_the_audience_to_exactly_it() {
    let api = "https://api.test/orders".to_owned();
    let settings = Settings { resources: vec![api.clone(), "https://api.test/x".to_owned()], ..Settings::default() };
    for house in houses(settings).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let code = house.code(&client.id, "openid", |grant, _| grant.context.0.resource = vec![api.clone()]).await;
        let form = TokenForm { resources: vec!["https://api.test/x"], ..code_form(&code) };
        assert_eq!(house.ask(&client, form).await.unwrap_err(), Code::InvalidTarget);
        let answer = house.redeem(&client, &code).await.unwrap();
        assert_eq!(claims(&house, &answer.access_token, "at+jwt").await["aud"], api);
        let code = house.code(&client.id, "openid", |_, _| {}).await;
        let form = TokenForm { resources: vec!["https://evil.test/"], ..code_form(&code) };
        assert_eq!(house.ask(&client, form).await.unwrap_err(), Code::InvalidTarget);
        let form = TokenForm { resources: vec![&api, "https://api.test/x"], ..code_form(&code) };
        let answer = house.ask(&client, form).await.unwrap();
        let aud = serde_json::json!([api, "https://api.test/x"]);
        assert_eq!(claims(&house, &answer.access_token, "at+jwt").await["aud"], aud);
    }
}

#[tokio::test]
async fn id_tokens_are_signed_as_the_client_registered() {
    for house in houses(Settings::default()).await {
        for (algorithm, hash_length) in [("RS256", 22), ("ES256", 22), ("EdDSA", 43)] {
            let client = house
                .client(ClientKind::Confidential, |wish| {
                    wish.metadata.id_token_signed_response_alg = algorithm.to_owned();
                })
                .await;
            let code = house.code(&client.id, "openid", |_, _| {}).await;
            let answer = house.redeem(&client, &code).await.unwrap();
            let jwks = house.keys.jwks(&house.tenant.id).await.unwrap();
            let only = [algorithm.parse::<Algorithm>().unwrap()];
            let policy = Policy { algorithms: &only, typ: Typ::Must("JWT") };
            let verified = JwkSet::parse(&jwks).unwrap().verify(answer.id_token.as_deref().unwrap(), &policy).unwrap();
            assert_eq!(verified.claims.text("at_hash").map(str::len), Some(hash_length), "{algorithm}");
        }
    }
}

#[tokio::test]
async fn w046_each_lifetime_that_a_tenant_sets_is_the_one_that_holds() {
    let lifetimes =
        Lifetimes { code: Seconds(5), access_token: Seconds(70), id_token: Seconds(90), ..Lifetimes::default() };
    for house in houses(Settings { lifetimes, ..Settings::default() }).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let late = house.code(&client.id, "openid", |_, _| {}).await;
        house.clock.advance(Seconds(5));
        assert_eq!(house.redeem(&client, &late).await.unwrap_err(), Code::InvalidGrant);
        let code = house.code(&client.id, "openid", |_, _| {}).await;
        let now = house.clock.now();
        let answer = house.redeem(&client, &code).await.unwrap();
        assert_eq!(answer.expires_in, Seconds(70));
        assert_eq!(claims(&house, &answer.access_token, "at+jwt").await["exp"], now.0 + 70);
        assert_eq!(claims(&house, answer.id_token.as_deref().unwrap(), "JWT").await["exp"], now.0 + 90);
        house.clock.advance(Seconds(69));
        assert!(house.is_alive(&answer.access_token).await);
        house.clock.advance(Seconds(1));
        assert!(!house.is_alive(&answer.access_token).await);
    }
}
