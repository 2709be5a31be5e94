//! Clients that act for themselves.

use super::*;
use crate::store::clients::AccessTokenFormat;

fn form<'a>(scope: Option<&'a str>, resources: Vec<&'a str>) -> TokenForm<'a> {
    TokenForm { grant_type: "client_credentials", scope, resources, ..TokenForm::default() }
}

#[tokio::test]
async fn c3_a_machine_gets_what_it_is_registered_for_and_nothing_about_people() {
    for house in houses(Settings::default()).await {
        for format in [AccessTokenFormat::Jwt, AccessTokenFormat::Opaque] {
            let client = house
                .client(ClientKind::Service, |wish| {
                    wish.metadata.scope = "users:read users:write openid".parse().unwrap();
                    wish.policy.access_token_format = format;
                })
                .await;
            for (asked, given) in [
                (None, "users:read users:write"),
                (Some("users:read"), "users:read"),
                (Some("users:read tenant:write openid offline_access"), "users:read"),
            ] {
                let answer = house.ask(&client, form(asked, vec![])).await.unwrap();
                assert_eq!(answer.scope.to_string(), given);
                assert!(answer.refresh_token.is_none() && answer.id_token.is_none());
                let token = house.tokens.inspect(&house.tenant.id, &house.tenant.issuer, &answer.access_token).await;
                let token = token.unwrap().unwrap();
                assert_eq!((token.subject(), token.user(), token.grant()), (client.id.as_str(), None, None));
                assert_eq!(token.scope().to_string(), given);
            }
            for asked in ["tenant:write", "openid", "platform:*", "Users:read"] {
                assert_eq!(house.ask(&client, form(Some(asked), vec![])).await.unwrap_err(), Code::InvalidScope);
            }
            assert_eq!(house.ask(&client, form(Some("a\u{e9}"), vec![])).await.map(drop), Err(Code::InvalidScope));
        }
    }
}

#[tokio::test]
async fn a_machine_gets_tokens_for_the_resources_it_may_name() {
    let (one, two) = ("https://api.test/one".to_owned(), "https://api.test/two".to_owned());
    let settings = Settings { resources: vec![one.clone(), two.clone()], ..Settings::default() };
    for house in houses(settings).await {
        let limited = house.client(ClientKind::Service, |wish| wish.policy.resources = vec![one.clone()]).await;
        for (asked, expected) in [
            (vec![], Ok(&one)),
            (vec![one.as_str()], Ok(&one)),
            (vec![two.as_str()], Err(Code::InvalidTarget)),
            (vec!["http://localhost:8080/t/demo/api/v1"], Err(Code::InvalidTarget)),
        ] {
            let answer = house.ask(&limited, form(None, asked)).await;
            match expected {
                Ok(audience) => {
                    let token = answer.unwrap().access_token;
                    let found = house.tokens.inspect(&house.tenant.id, &house.tenant.issuer, &token).await.unwrap();
                    assert!(found.unwrap().is_for(audience));
                }
                Err(code) => assert_eq!(answer.unwrap_err(), code),
            }
        }
    }
}

#[tokio::test]
async fn c3_grants_that_are_not_registered_or_not_known_are_refused() {
    for house in houses(Settings::default()).await {
        let service = house.client(ClientKind::Service, |_| {}).await;
        let app = house.client(ClientKind::Confidential, |_| {}).await;
        let public = house.client(ClientKind::Public, |_| {}).await;
        let ask = |client: Arc<KnownClient>, grant_type: &'static str| {
            let house = Arc::clone(&house);
            async move { house.ask(&client, TokenForm { grant_type, ..code_form("x") }).await.map(drop) }
        };
        assert_eq!(ask(service.clone(), "authorization_code").await, Err(Code::UnauthorizedClient));
        assert_eq!(ask(service, "refresh_token").await, Err(Code::UnauthorizedClient));
        assert_eq!(ask(app.clone(), "client_credentials").await, Err(Code::UnauthorizedClient));
        assert_eq!(ask(public, "client_credentials").await, Err(Code::UnauthorizedClient));
        for unknown in ["password", "implicit", "Authorization_Code", "urn:x", "\u{e9}"] {
            assert_eq!(ask(app.clone(), unknown).await, Err(Code::UnsupportedGrantType), "{unknown}");
        }
    }
}
