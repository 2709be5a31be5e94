//! A small world: tenant `demo` with two people, and a public client with PKCE.

use chancery::accounts::NewUser;
use chancery::base::{Actor, ClientId, Scope, Secret};
use chancery::store::Json;
use chancery::store::clients::{
    self, ApplicationType, AuthMethod, Client, ClientKind, ClientMetadata, ClientPolicy, ClientStatus,
};
use chancery::store::tenants::{Settings, Tenant};
use chancery::store::users::{Profile, Role};

use super::TestApp;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";
/// The client's redirect URI.
pub const CALLBACK: &str = "https://calendar.example/callback";
/// A `code_verifier` …
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// … and its S256 challenge (RFC 7636 appendix B).
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The application and what is in it.
pub struct World {
    /// The application.
    pub app: TestApp,
    /// Tenant `demo`.
    pub tenant: Tenant,
}

impl World {
    /// With `ada@demo.test` and `grace@demo.test`, and client `calendar`.
    pub async fn new() -> Self {
        Self::within(TestApp::start().await).await
    }

    /// As [`World::new`], in this application.
    pub async fn within(app: TestApp) -> Self {
        let tenant = app.tenant("demo", Settings::default()).await;
        let world = Self { app, tenant };
        for email in ["ada@demo.test", "grace@demo.test"] {
            world.person(email).await;
        }
        world.client("calendar", "Calendar <b>", |_| {}).await;
        world
    }

    /// Adds a person.
    pub async fn person(&self, email: &str) {
        let new = NewUser {
            email: Some(email.parse().unwrap()),
            email_verified: true,
            username: None,
            password: Some(Secret::new(PASSWORD)),
            role: Role::User,
            profile: Profile::default(),
        };
        self.app.app.accounts.create(&self.tenant, new, &Actor::operator()).await.unwrap();
    }

    /// Adds a public client.
    pub async fn client(&self, id: &str, name: &str, change: impl FnOnce(&mut Client)) {
        let metadata = ClientMetadata {
            redirect_uris: vec![CALLBACK.to_owned()],
            post_logout_redirect_uris: vec!["https://calendar.example/bye".to_owned()],
            token_endpoint_auth_method: AuthMethod::None,
            grant_types: vec!["authorization_code".to_owned(), "refresh_token".to_owned()],
            application_type: ApplicationType::Web,
            scope: Scope::of(["openid", "profile", "email", "offline_access"]),
            ..ClientMetadata::default()
        };
        let mut client = Client {
            tenant_id: self.tenant.id.clone(),
            id: ClientId::from(id),
            name: name.to_owned(),
            kind: ClientKind::Public,
            status: ClientStatus::Active,
            metadata: Json(metadata),
            policy: Json(ClientPolicy::default()),
            version: 1,
            created_at: self.app.clock.now(),
            updated_at: self.app.clock.now(),
        };
        change(&mut client);
        assert!(clients::insert(&self.app.app.db, &client).await.unwrap());
    }

    /// The address that client `calendar` sends a browser to, with further parameters.
    pub fn authorize(&self, more: &[(&str, &str)]) -> String {
        let fixed = [
            ("response_type", "code"),
            ("client_id", "calendar"),
            ("redirect_uri", CALLBACK),
            ("scope", "openid profile email"),
            ("state", "s t/a&te"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let kept = fixed.iter().filter(|(name, _)| !more.iter().any(|(changed, _)| changed == name));
        let all: Vec<_> = kept.chain(more).copied().collect();
        format!("/t/{}/oauth/authorize?{}", self.tenant.slug, super::encoded(&all))
    }
}
