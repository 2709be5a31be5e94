//! Tokens as the tenants' own keys sign them, good and bad, without the way through the token endpoint.

use base64::Engine as _;
use chancery::base::{ClientId, GrantId, Scope, Seconds, Secret, TenantId, Timestamp, UserId};
use chancery::keys::SigningAlgorithm;
use chancery::store::Json;
use chancery::store::client_secrets;
use chancery::store::clients::{AuthMethod, ClientKind};
use chancery::store::grants::{Context, Grant};
use chancery::store::writer::{NewAccess, NewRefresh, Write};
use chancery::tokens::{OPAQUE_PREFIX, REFRESH_PREFIX};
use serde_json::{Map, Value, json};

use super::World;

/// The secret of every confidential client that a test makes.
pub const SECRET: &str = "a secret of forty-three characters, or about";

impl World {
    /// The person's id.
    pub async fn sub(&self, email: &str) -> String {
        self.app.app.accounts.look_up(&self.tenant, email).await.unwrap().id.to_string()
    }

    /// What an access token of client `calendar` for `ada@demo.test` says.
    pub async fn claims(&self) -> Map<String, Value> {
        let (issuer, now) = (self.issuer("demo"), self.app.clock.now());
        let claims = json!({
            "iss": issuer, "sub": self.sub("ada@demo.test").await, "aud": format!("{issuer}/api/v1"), "iat": now,
            "exp": now.plus(Seconds(600)), "jti": uuid::Uuid::now_v7().to_string(), "client_id": "calendar",
            "scope": "email openid profile",
        });
        claims.as_object().unwrap().clone()
    }

    /// An access token that says so.
    pub async fn token(&self, claims: &Map<String, Value>) -> String {
        self.signed(&self.tenant.id, "at+jwt", claims).await
    }

    /// A good access token with these claims changed; `null` leaves one out.
    pub async fn token_with(&self, changes: &[(&str, Value)]) -> String {
        let mut claims = self.claims().await;
        for (name, value) in changes {
            if value.is_null() {
                claims.remove(*name)
            } else {
                claims.insert((*name).to_owned(), value.clone())
            };
        }
        self.token(&claims).await
    }

    /// Signed by a tenant, as a token of this type.
    pub async fn signed(&self, tenant: &TenantId, typ: &str, claims: &Map<String, Value>) -> String {
        self.app.app.keys.sign(tenant, SigningAlgorithm::ES256, typ, claims).await.unwrap()
    }

    /// A tenant's issuer.
    pub fn issuer(&self, slug: &str) -> String {
        format!("{}/t/{slug}", self.app.app.config.base())
    }

    /// Adds a confidential client that proves itself with [`SECRET`] by Basic.
    pub async fn confidential(&self, id: &str, serves: &[&str]) {
        let serves: Vec<String> = serves.iter().map(|audience| (*audience).to_owned()).collect();
        self.client(id, id, |client| {
            client.kind = ClientKind::Confidential;
            client.metadata.0.token_endpoint_auth_method = AuthMethod::ClientSecretBasic;
            client.metadata.0.grant_types.push("client_credentials".to_owned());
            client.policy.0.serves = serves;
        })
        .await;
        let (db, now, id) = (&self.app.app.db, self.app.clock.now(), ClientId::from(id));
        client_secrets::add(db, &self.tenant.id, &id, &Secret::new(SECRET), now).await.unwrap();
    }

    /// What a confidential client sends in `Authorization`.
    pub fn basic(id: &str, secret: &str) -> String {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encode(id), encode(secret));
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
    }

    /// Stores a grant of `ada@demo.test` to this client with a refresh token, and answers the token.
    pub async fn refresh_token(&self, client: &str, grant: &str) -> String {
        let now = self.app.clock.now();
        let grant = Grant {
            tenant_id: self.tenant.id.clone(),
            id: GrantId::from(grant),
            client_id: ClientId::from(client),
            user_id: Some(UserId::from(self.sub("ada@demo.test").await)),
            session_id: None,
            scope: Scope::of(["openid", "email"]),
            context: Json(Context::default()),
            created_at: now,
            expires_at: now.plus(Seconds(9_000_000)),
            revoked_at: None,
            organization_id: None,
        };
        let token = Secret::generate_with_prefix(REFRESH_PREFIX);
        let refresh = NewRefresh {
            tenant_id: self.tenant.id.clone(),
            digest: token.digest().as_str().to_owned(),
            grant_id: grant.id.clone(),
            created_at: now,
            expires_at: now.plus(Seconds(1_000_000)),
        };
        let write = Write { grant: Some(grant), refresh: Some(refresh), ..Write::default() };
        assert!(self.app.app.writer.write(write).await.unwrap());
        token.expose().to_owned()
    }

    /// Stores an opaque access token that says this.
    pub async fn opaque(&self, claims: &Map<String, Value>) -> String {
        let token = Secret::generate_with_prefix(OPAQUE_PREFIX);
        let access = NewAccess {
            tenant_id: self.tenant.id.clone(),
            digest: token.digest().as_str().to_owned(),
            claims: serde_json::to_string(claims).unwrap(),
            expires_at: Timestamp(claims["exp"].as_i64().unwrap()),
        };
        assert!(self.app.app.writer.write(Write { access: Some(access), ..Write::default() }).await.unwrap());
        token.expose().to_owned()
    }
}
