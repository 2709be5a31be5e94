//! Tokens and their ends, on every database.

use serde_json::{Map, Value, json};

use super::*;
use crate::base::{ClientId, GrantId, Origin, Scope, Seconds, Secret, SessionId, TenantId, Timestamp, UserId};
use crate::entitlements::Entitlements;
use crate::keys::{MasterKey, Schedule, SigningAlgorithm};
use crate::store::audit::{self, Event};
use crate::store::grants::{Context, Grant};
use crate::store::users::{Profile, Role, User, UserStatus};
use crate::store::writer::{NewAccess, NewRefresh, Write, Writer};
use crate::store::{Flag, Json, testing, users};

const START: Timestamp = Timestamp(1_800_000_000);
const ISSUER: &str = "https://as.test/t/one";

/// One tenant on one database, as one process sees it.
struct World {
    db: Db,
    clock: Clock,
    keys: Keys,
    tokens: Tokens,
    tenant: TenantId,
    client: ClientId,
    user: UserId,
}

impl World {
    async fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for db in testing::databases().await {
            let clock = Clock::fixed(START);
            let master = MasterKey::parse(&MasterKey::generate()).unwrap();
            let keys = Keys::new(db.clone(), master, clock.clone(), Schedule::default()).unwrap();
            let tokens =
                Tokens::open(db.clone(), clock.clone(), keys.clone(), Entitlements::new(db.clone(), clock.clone()));
            let tokens = tokens.await.unwrap();
            let tenant = testing::tenant(&db, "one").await;
            let user = person(&db, &tenant).await;
            all.push(Self { db, clock, keys, tokens, tenant, client: ClientId::from("client"), user });
        }
        all
    }

    /// Another process on the same database.
    async fn neighbour(&self) -> Tokens {
        let entitlements = Entitlements::new(self.db.clone(), self.clock.clone());
        Tokens::open(self.db.clone(), self.clock.clone(), self.keys.clone(), entitlements).await.unwrap()
    }

    fn claims(&self, jti: &str) -> Map<String, Value> {
        let now = self.clock.now();
        let claims = json!({
            "iss": ISSUER, "sub": self.user.as_str(), "aud": format!("{ISSUER}/api/v1"), "iat": now,
            "exp": now.plus(Seconds(600)), "jti": jti, "client_id": self.client.as_str(), "scope": "openid",
            "gid": "grant", "sid": "session",
        });
        claims.as_object().unwrap().clone()
    }

    async fn signed(&self, claims: &Map<String, Value>) -> String {
        self.keys.sign(&self.tenant, SigningAlgorithm::ES256, ACCESS_TYP, claims).await.unwrap()
    }

    async fn jwt(&self, jti: &str) -> String {
        self.signed(&self.claims(jti)).await
    }

    async fn opaque(&self, jti: &str) -> String {
        let token = Secret::generate_with_prefix(OPAQUE_PREFIX);
        let access = NewAccess {
            tenant_id: self.tenant.clone(),
            digest: token.digest().as_str().to_owned(),
            claims: serde_json::to_string(&self.claims(jti)).unwrap(),
            expires_at: self.clock.now().plus(Seconds(600)),
        };
        let write = Write { access: Some(access), ..Write::default() };
        assert!(Writer::start(self.db.clone()).write(write).await.unwrap());
        token.expose().to_owned()
    }

    async fn refresh(&self, grant: &str, scope: &str) -> String {
        let now = self.clock.now();
        let grant = Grant {
            tenant_id: self.tenant.clone(),
            id: GrantId::from(grant),
            client_id: self.client.clone(),
            user_id: Some(self.user.clone()),
            session_id: Some(SessionId::from("session")),
            scope: scope.parse::<Scope>().unwrap(),
            context: Json(Context::default()),
            created_at: now,
            expires_at: now.plus(Seconds(9_000_000)),
            revoked_at: None,
            organization_id: None,
        };
        let token = Secret::generate_with_prefix(REFRESH_PREFIX);
        let refresh = NewRefresh {
            tenant_id: self.tenant.clone(),
            digest: token.digest().as_str().to_owned(),
            grant_id: grant.id.clone(),
            created_at: now,
            expires_at: now.plus(Seconds(1_000_000)),
        };
        let write = Write { grant: Some(grant), refresh: Some(refresh), ..Write::default() };
        assert!(Writer::start(self.db.clone()).write(write).await.unwrap());
        token.expose().to_owned()
    }

    async fn lives(&self, token: &str) -> bool {
        self.lives_at(&self.tokens, token).await
    }

    async fn lives_at(&self, tokens: &Tokens, token: &str) -> bool {
        tokens.inspect(&self.tenant, ISSUER, token).await.unwrap().is_some()
    }

    async fn revoke(&self, token: &str, client: &str) {
        let place = (&self.tenant, ISSUER);
        self.tokens.revoke(place, token, &ClientId::from(client), &Origin::default()).await.unwrap();
    }

    async fn end(&self, what: Ending<'_>) {
        let event = Event::new(&self.tenant, self.clock.now(), "test");
        self.tokens.end(&self.tenant, what, event).await.unwrap();
    }
}

async fn person(db: &Db, tenant: &TenantId) -> UserId {
    let user = User {
        tenant_id: tenant.clone(),
        id: UserId::generate(),
        email: None,
        email_verified: Flag(false),
        username: None,
        status: UserStatus::Active,
        role: Role::User,
        profile: Json(Profile::default()),
        created_at: START,
        updated_at: START,
        last_login_at: None,
    };
    assert!(users::insert(db, &user).await.unwrap());
    user.id
}

#[tokio::test]
async fn w051_a_revoked_access_token_is_dead_here_at_once_and_everywhere_within_seconds() {
    for world in World::all().await {
        let neighbour = world.neighbour().await;
        for token in [world.jwt("a").await, world.opaque("b").await] {
            assert!(world.lives(&token).await && world.lives_at(&neighbour, &token).await);
            world.revoke(&token, "client").await;
            assert!(!world.lives(&token).await);
            for _ in 0..50 {
                if !world.lives_at(&neighbour, &token).await {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            assert!(!world.lives_at(&neighbour, &token).await);
            assert!(!world.lives_at(&world.neighbour().await, &token).await, "after a start");
        }
        assert!(world.lives(&world.jwt("c").await).await);
        let events = audit::page(&world.db, &world.tenant, "", 10).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.action == "token.revoked").count(), 2);
    }
}

#[tokio::test]
async fn t10_the_end_of_a_refresh_token_is_the_end_of_its_access_tokens() {
    for world in World::all().await {
        let (refresh, jwt, opaque) =
            (world.refresh("grant", "openid").await, world.jwt("a").await, world.opaque("b").await);
        world.revoke(&refresh, "client").await;
        for token in [&refresh, &jwt, &opaque] {
            assert!(!world.lives(token).await);
        }
        world.revoke(&refresh, "client").await;
    }
}

#[tokio::test]
async fn t10_another_clients_token_is_left_alone() {
    for world in World::all().await {
        let all = [world.refresh("grant", "openid").await, world.jwt("a").await, world.opaque("b").await];
        for token in &all {
            world.revoke(token, "stranger").await;
            assert!(world.lives(token).await);
        }
        for nonsense in ["", "x", "a.b.c", "at_x", "rt_x", "\0", &"x".repeat(100_000)] {
            world.revoke(nonsense, "client").await;
            assert!(!world.lives(nonsense).await);
        }
    }
}

#[tokio::test]
async fn the_end_of_a_session_spares_offline_access_and_the_end_of_a_person_spares_nothing() {
    for world in World::all().await {
        let (online, offline) =
            (world.refresh("grant", "openid").await, world.refresh("other", "offline_access openid").await);
        let mut claims = world.claims("b");
        claims.insert("scope".to_owned(), "offline_access openid".into());
        let (jwt, offline_jwt) = (world.jwt("a").await, world.signed(&claims).await);
        world.end(Ending::Session(&SessionId::from("session"))).await;
        assert!(!world.lives(&online).await && !world.lives(&jwt).await);
        assert!(world.lives(&offline).await && world.lives(&offline_jwt).await);
        world.end(Ending::User(&world.user)).await;
        assert!(!world.lives(&offline).await && !world.lives(&offline_jwt).await);
        world.clock.advance(Seconds(1));
        claims.insert("iat".to_owned(), json!(world.clock.now()));
        claims.insert("sid".to_owned(), "later".into());
        assert!(world.lives(&world.signed(&claims).await).await, "what begins later is new");
    }
}

#[tokio::test]
async fn u5_a_suspended_persons_refresh_token_is_not_alive() {
    for world in World::all().await {
        let refresh = world.refresh("grant", "openid").await;
        assert!(world.lives(&refresh).await);
        let now = world.clock.now();
        users::set_status(&world.db, &world.tenant, &world.user, UserStatus::Suspended, now).await.unwrap();
        assert!(!world.lives(&refresh).await);
    }
}

#[tokio::test]
async fn t5_what_is_expired_foreign_or_of_another_kind_is_not_alive() {
    for world in World::all().await {
        let (jwt, opaque) = (world.jwt("a").await, world.opaque("b").await);
        let other = testing::tenant(&world.db, "two").await;
        for token in [&jwt, &opaque] {
            assert!(world.lives(token).await);
            assert!(world.tokens.inspect(&other, ISSUER, token).await.unwrap().is_none(), "x2");
            let foreign = world.tokens.inspect(&world.tenant, "https://as.test/t/two", token).await.unwrap();
            assert!(foreign.is_none());
        }
        let id_token = world.keys.sign(&world.tenant, SigningAlgorithm::ES256, ID_TOKEN_TYP, &world.claims("c")).await;
        assert!(!world.lives(&id_token.unwrap()).await, "w062");
        let refresh = world.refresh("grant", "openid").await;
        assert!(world.tokens.access_token(&world.tenant, ISSUER, &refresh).await.unwrap().is_none(), "t2");
        world.clock.advance(Seconds(599));
        assert!(world.lives(&jwt).await && world.lives(&opaque).await);
        world.clock.advance(Seconds(1));
        assert!(!world.lives(&jwt).await && !world.lives(&opaque).await);
    }
}

#[tokio::test]
async fn a_token_that_outlives_the_memory_of_revocations_asks_its_grant() {
    for world in World::all().await {
        let refresh = world.refresh("grant", "openid").await;
        let mut claims = world.claims("a");
        claims.insert("exp".to_owned(), json!(START.plus(Seconds(5_000_000))));
        let jwt = world.signed(&claims).await;
        assert!(world.lives(&jwt).await);
        world.revoke(&refresh, "client").await;
        world.clock.advance(Ending::REMEMBERED);
        let neighbour = world.neighbour().await;
        assert!(!world.lives(&jwt).await && !world.lives_at(&neighbour, &jwt).await);
    }
}
