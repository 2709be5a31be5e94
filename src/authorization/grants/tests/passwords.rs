//! The password grant, where somebody switched it on.

use super::*;
use crate::store::users::{self, UserStatus};

fn form(username: &'static str, password: &str) -> TokenForm<'static> {
    TokenForm {
        grant_type: "password",
        username: Some(username),
        password: Some(Secret::new(password)),
        scope: Some("openid email users:write"),
        ..TokenForm::default()
    }
}

fn on() -> Settings {
    Settings { password_grant: true, ..Settings::default() }
}

fn with_passwords(wish: &mut Registration) {
    wish.metadata.grant_types.push("password".to_owned());
}

#[tokio::test]
async fn where_it_is_on_a_person_gets_tokens_that_refresh() {
    for house in houses(on()).await {
        let client = house.client(ClientKind::Confidential, with_passwords).await;
        let answer = house.ask(&client, form("ADA@example.test", PASSWORD)).await.unwrap();
        assert_eq!(answer.scope.to_string(), "email openid");
        assert!(answer.id_token.is_some() && house.is_alive(&answer.access_token).await);
        assert!(house.refresh(&client, &answer.refresh_token.unwrap()).await.is_ok());
    }
}

#[tokio::test]
async fn u1_wrong_names_and_wrong_passwords_are_refused_alike() {
    for house in houses(on()).await {
        let client = house.client(ClientKind::Confidential, with_passwords).await;
        for (name, password) in
            [("ada@example.test", "wrong"), ("nobody@example.test", PASSWORD), ("ada@example.test", "")]
        {
            assert_eq!(house.ask(&client, form(name, password)).await.unwrap_err(), Code::InvalidGrant);
        }
        for missing in [
            TokenForm { username: None, ..form("", PASSWORD) },
            TokenForm { password: None, ..form("ada@example.test", PASSWORD) },
        ] {
            assert_eq!(house.ask(&client, missing).await.unwrap_err(), Code::InvalidRequest);
        }
        users::set_status(&house.db, &house.tenant.id, &house.user.id, UserStatus::Suspended, NOW).await.unwrap();
        assert_eq!(house.ask(&client, form("ada@example.test", PASSWORD)).await.unwrap_err(), Code::InvalidGrant);
    }
}

#[tokio::test]
async fn c3_it_needs_the_tenants_and_the_clients_word() {
    for house in houses(on()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        assert_eq!(house.ask(&client, form("ada@example.test", PASSWORD)).await.unwrap_err(), Code::UnauthorizedClient);
    }
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, with_passwords).await;
        assert_eq!(
            house.ask(&client, form("ada@example.test", PASSWORD)).await.unwrap_err(),
            Code::UnsupportedGrantType
        );
    }
}
