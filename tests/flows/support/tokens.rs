//! Tokens as the tenants' own keys sign them, good and bad, without the way through the token endpoint.

use chancery::base::{Seconds, TenantId};
use chancery::keys::SigningAlgorithm;
use serde_json::{Map, Value, json};

use super::World;

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
}
