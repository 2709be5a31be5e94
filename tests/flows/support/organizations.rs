//! Organizations of tenant `demo`, and who is what in them.

use chancery::base::{Actor, OrganizationId, UserId};
use chancery::store::organization_members as members;
use serde_json::{Value, json};

use super::World;

/// What the tests ask for organizations with.
pub const SCOPE: &str = "orgs:read orgs:write";

impl World {
    /// Adds to what can be allowed in organizations.
    pub async fn allow(&self, permissions: &[&str]) {
        let app = &self.app.app;
        let mut tenant = app.tenants.look_up("demo").await.unwrap();
        tenant.settings.0.organizations.permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
        app.tenants.change(&app.clock, &tenant, "tenant.updated", &Actor::operator()).await.unwrap();
    }

    /// A person's token for organizations.
    pub async fn orgs(&self, email: &str) -> String {
        self.scoped(email, SCOPE).await
    }

    /// A new organization of this person's; its id.
    pub async fn organization(&self, owner: &str, slug: &str) -> String {
        let token = self.orgs(owner).await;
        let body = json!({ "name": format!("The {slug} Company"), "slug": slug });
        let (status, made) = self.ask(&token, "POST", "/organizations", Some(body)).await;
        assert_eq!(status, 201, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    /// Makes a person what they are in an organization, whatever they were before.
    pub async fn seat(&self, organization: &str, email: &str, role: &str) {
        let (db, now) = (&self.app.app.db, self.app.clock.now());
        let (organization, user) = (OrganizationId::from(organization), UserId::from(self.sub(email).await));
        let at = (&self.tenant.id, &organization);
        if !members::add(db, at, &user, role, now).await.unwrap() {
            assert!(members::set_role(db, at, &user, role).await.unwrap());
        }
    }

    /// What a person is in an organization.
    pub async fn seat_of(&self, organization: &str, email: &str) -> Option<String> {
        let user = UserId::from(self.sub(email).await);
        let found = members::of(&self.app.app.db, &self.tenant.id, &user, organization).await.unwrap();
        found.map(|member| member.role)
    }

    /// The status of an answer, with or without a body.
    pub async fn status(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> u16 {
        self.call(token, method, path, body).await.status.as_u16()
    }
}
