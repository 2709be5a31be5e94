//! Refresh tokens.

use tokio::task::JoinSet;

use super::*;
use crate::store::grants;
use crate::store::tenants::Lifetimes;
use crate::store::users::{self, UserStatus};

impl House {
    /// A grant and its first refresh token.
    async fn granted(&self, client: &KnownClient, scope: &str) -> TokenResponse {
        let code = self.code(&client.id, scope, |_, _| {}).await;
        self.redeem(client, &code).await.unwrap()
    }

    async fn first_refresh(&self, client: &KnownClient, scope: &str) -> String {
        self.granted(client, scope).await.refresh_token.unwrap()
    }
}

#[tokio::test]
async fn w047_a_refresh_token_gives_new_tokens_and_its_successor() {
    for house in houses(Settings::default()).await {
        for kind in [ClientKind::Confidential, ClientKind::Public] {
            let client = house.client(kind, |_| {}).await;
            let first = house.granted(&client, "openid email").await;
            house.clock.advance(Seconds(100));
            let next = house.refresh(&client, first.refresh_token.as_deref().unwrap()).await.unwrap();
            assert_ne!(next.refresh_token, first.refresh_token);
            assert_ne!(next.access_token, first.access_token);
            assert_eq!(next.scope, first.scope);
            assert!(next.id_token.is_some());
            assert!(house.is_alive(&first.access_token).await);
            assert!(house.refresh(&client, next.refresh_token.as_deref().unwrap()).await.is_ok());
        }
    }
}

#[tokio::test]
async fn w049_t1_within_the_grace_a_used_token_is_refused_and_the_family_lives() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let first = house.first_refresh(&client, "openid").await;
        let next = house.refresh(&client, &first).await.unwrap();
        house.clock.advance(Seconds(9));
        assert_eq!(house.refresh(&client, &first).await.unwrap_err(), Code::InvalidGrant);
        assert_eq!(house.events("token.reuse_detected").await, 0);
        assert!(house.is_alive(&next.access_token).await);
        assert!(house.refresh(&client, next.refresh_token.as_deref().unwrap()).await.is_ok());
    }
}

#[tokio::test]
async fn w049_t1_after_the_grace_reuse_ends_the_family_and_its_access_tokens() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Public, |_| {}).await;
        let first = house.first_refresh(&client, "openid offline_access").await;
        let next = house.refresh(&client, &first).await.unwrap();
        house.clock.advance(Seconds(10));
        assert_eq!(house.refresh(&client, &first).await.unwrap_err(), Code::InvalidGrant);
        assert_eq!(house.events("token.reuse_detected").await, 1);
        assert!(!house.is_alive(&next.access_token).await);
        let newest = next.refresh_token.unwrap();
        assert_eq!(house.refresh(&client, &newest).await.unwrap_err(), Code::InvalidGrant);
        assert_eq!(house.refresh(&client, &first).await.unwrap_err(), Code::InvalidGrant);
        assert_eq!(house.events("token.reuse_detected").await, 1);
    }
}

#[tokio::test]
async fn w049_t1_of_fifty_parallel_refreshes_one_wins_and_one_token_lives() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let first = house.first_refresh(&client, "openid").await;
        let mut uses = JoinSet::new();
        for _ in 0..50 {
            let (house, client, first) = (Arc::clone(&house), Arc::clone(&client), first.clone());
            uses.spawn(async move { house.refresh(&client, &first).await });
        }
        let mut won: Vec<_> = uses.join_all().await.into_iter().filter_map(Result::ok).collect();
        assert_eq!(won.len(), 1);
        let answer = won.remove(0);
        assert!(house.is_alive(&answer.access_token).await);
        assert!(house.refresh(&client, answer.refresh_token.as_deref().unwrap()).await.is_ok());
    }
}

#[tokio::test]
async fn w048_t2_scope_narrows_for_one_access_token_and_never_widens() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let first = house.first_refresh(&client, "openid email").await;
        for scope in ["openid email profile", "profile", "openid users:write"] {
            let form = TokenForm { scope: Some(scope), ..refresh_form(&first) };
            assert_eq!(house.ask(&client, form).await.unwrap_err(), Code::InvalidScope, "{scope}");
        }
        let form = TokenForm { scope: Some("email"), ..refresh_form(&first) };
        let narrowed = house.ask(&client, form).await.unwrap();
        assert_eq!(narrowed.scope.to_string(), "email");
        assert!(narrowed.id_token.is_none());
        let whole = house.refresh(&client, narrowed.refresh_token.as_deref().unwrap()).await.unwrap();
        assert_eq!(whole.scope.to_string(), "email openid");
    }
}

#[tokio::test]
async fn t2_another_clients_token_or_another_kind_of_token_is_no_refresh_token() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Public, |_| {}).await;
        let other = house.client(ClientKind::Confidential, |_| {}).await;
        let answer = house.granted(&client, "openid").await;
        let token = answer.refresh_token.unwrap();
        assert_eq!(house.refresh(&other, &token).await.unwrap_err(), Code::InvalidGrant);
        let id_token = answer.id_token.unwrap();
        for bad in [&answer.access_token, &id_token, &token[1..], &format!("{token}x"), &token.to_uppercase(), "rt_"] {
            assert_eq!(house.refresh(&client, bad).await.unwrap_err(), Code::InvalidGrant, "{bad}");
        }
        assert_eq!(house.refresh(&client, &token).await.map(drop), Ok(()));
        let form = TokenForm { refresh_token: None, ..refresh_form("") };
        assert_eq!(house.ask(&client, form).await.unwrap_err(), Code::InvalidRequest);
        assert_eq!(
            house.tokens.access_token(&house.tenant.id, &house.tenant.issuer, &token).await.unwrap().map(drop),
            None
        );
    }
}

#[tokio::test]
async fn w046_w048_refresh_tokens_die_of_disuse_and_families_of_age() {
    let lifetimes = Lifetimes { refresh_idle: Seconds(100), refresh_absolute: Seconds(250), ..Lifetimes::default() };
    for house in houses(Settings { lifetimes, ..Settings::default() }).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let token = house.first_refresh(&client, "openid").await;
        house.clock.advance(Seconds(100));
        assert_eq!(house.refresh(&client, &token).await.unwrap_err(), Code::InvalidGrant);
        let mut token = house.first_refresh(&client, "openid").await;
        for _ in 0..2 {
            house.clock.advance(Seconds(99));
            token = house.refresh(&client, &token).await.unwrap().refresh_token.unwrap();
        }
        house.clock.advance(Seconds(50));
        let last = house.refresh(&client, &token).await.unwrap();
        assert_eq!(last.expires_in, Seconds(2));
        house.clock.advance(Seconds(2));
        assert_eq!(house.refresh(&client, &last.refresh_token.unwrap()).await.unwrap_err(), Code::InvalidGrant);
        assert!(!house.is_alive(&last.access_token).await);
    }
}

#[tokio::test]
async fn a_client_that_may_keep_its_token_keeps_it_alive_by_use() {
    let lifetimes = Lifetimes { refresh_idle: Seconds(100), ..Lifetimes::default() };
    for house in houses(Settings { lifetimes, ..Settings::default() }).await {
        let client = house.client(ClientKind::Confidential, |wish| wish.policy.refresh_rotation = false).await;
        let token = house.first_refresh(&client, "openid").await;
        for _ in 0..3 {
            house.clock.advance(Seconds(90));
            let answer = house.refresh(&client, &token).await.unwrap();
            assert!(answer.refresh_token.is_none());
        }
        house.clock.advance(Seconds(100));
        assert_eq!(house.refresh(&client, &token).await.unwrap_err(), Code::InvalidGrant);
    }
}

#[tokio::test]
async fn signing_out_ends_what_was_not_asked_for_offline() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        for (scope, lives) in [("openid", false), ("openid offline_access", true)] {
            let mut session = None;
            let code = house.code(&client.id, scope, |grant, _| session = grant.session_id.clone()).await;
            let token = house.redeem(&client, &code).await.unwrap().refresh_token.unwrap();
            assert!(sessions::end(&house.db, &house.tenant.id, &session.unwrap(), NOW).await.unwrap());
            assert_eq!(house.refresh(&client, &token).await.is_ok(), lives, "{scope}");
        }
    }
}

#[tokio::test]
async fn u5_a_suspended_person_refreshes_nothing_and_a_demoted_one_less() {
    for house in houses(Settings::default()).await {
        let client = house
            .client(ClientKind::Confidential, |wish| wish.metadata.scope = "openid users:write".parse().unwrap())
            .await;
        let (db, tenant, user) = (&house.db, &house.tenant.id, &house.user.id);
        users::set_role(db, tenant, user, Role::Admin, NOW).await.unwrap();
        let token = house.first_refresh(&client, "openid users:write").await;
        let answer = house.refresh(&client, &token).await.unwrap();
        assert_eq!(answer.scope.to_string(), "openid users:write");
        users::set_role(db, tenant, user, Role::User, NOW).await.unwrap();
        let answer = house.refresh(&client, &answer.refresh_token.unwrap()).await.unwrap();
        assert_eq!(answer.scope.to_string(), "openid");
        users::set_status(db, tenant, user, UserStatus::Suspended, NOW).await.unwrap();
        assert_eq!(house.refresh(&client, &answer.refresh_token.unwrap()).await.unwrap_err(), Code::InvalidGrant);
    }
}

#[tokio::test]
async fn the_database_holds_digests_only() {
    for house in houses(Settings::default()).await {
        let client = house.client(ClientKind::Confidential, |_| {}).await;
        let token = house.first_refresh(&client, "openid").await;
        let stored = Digest::stored(token.clone());
        assert!(grants::refresh_token(&house.db, &house.tenant.id, &stored).await.unwrap().is_none());
        assert!(
            grants::refresh_token(&house.db, &house.tenant.id, &Digest::of(token.as_bytes())).await.unwrap().is_some()
        );
    }
}
