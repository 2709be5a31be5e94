//! The console's people: an owner of tenant `demo`, an operator, and what each of them sees.

use chancery::base::Actor;
use chancery::store::tenants::Settings;
use chancery::store::users::Role;

use super::{Answer, PASSWORD, Person, TestApp, World};

/// The owner of `demo`.
pub const OWNER: &str = "owner@demo.test";
/// The operator, who is of tenant `system`.
pub const OPERATOR: &str = "operator@system.test";

/// Every page about one tenant that needs nothing in its address, after the console's own.
pub const PAGES: [(&str, &str); 15] = [
    ("", "console-overview"),
    ("/users", "console-users"),
    ("/invitations", "console-invitations"),
    ("/clients", "console-clients"),
    ("/new-client", "console-new-client"),
    ("/keys", "console-keys"),
    ("/api-keys", "console-api-keys"),
    ("/branding", "console-branding"),
    ("/plan", "console-plan"),
    ("/settings", "console-settings"),
    ("/audit", "console-audit"),
    ("/webhooks", "console-webhooks"),
    ("/organizations", "console-organizations"),
    ("/mail", "console-mail"),
    ("/providers", "console-providers"),
];

impl World {
    /// With an owner and an operator.
    pub async fn with_console() -> Self {
        Self::with_console_within(TestApp::start().await).await
    }

    /// The same in this application.
    pub async fn with_console_within(app: TestApp) -> Self {
        let mut world = Self::within(app).await;
        let demo = world.tenant.clone();
        world.person_of_role(OWNER, Role::Owner).await;
        world.tenant = world.app.tenant("system", Settings::default()).await;
        world.person_of_role(OPERATOR, Role::Owner).await;
        world.tenant = demo;
        world
    }

    /// Adds a person of a role.
    pub async fn person_of_role(&self, email: &str, role: Role) {
        self.person(email).await;
        self.set_role(email, role).await;
    }

    /// Gives a person of the tenant at hand another role.
    pub async fn set_role(&self, email: &str, role: Role) {
        let accounts = &self.app.app.accounts;
        let user = accounts.look_up(&self.tenant, email).await.unwrap();
        accounts.set_role(&self.tenant, &user.id, role, &Actor::operator()).await.unwrap();
    }

    /// Somebody who opened a page of the console and signed in.
    pub async fn at_console(&self, email: &str, path: &str) -> (Person, Answer) {
        let mut person = Person::default();
        let page = person.open(&self.app, path).await;
        assert_eq!(page.page(), "login", "{path}: {} {}", page.status, page.body);
        let answer = person.submit(&self.app, "login-form", &[("username", email), ("password", PASSWORD)]).await;
        (person, answer)
    }

    /// The owner at the tenant's own console.
    pub async fn owner_at_console(&self) -> Person {
        let (person, answer) = self.at_console(OWNER, "/t/demo/console").await;
        assert_eq!((answer.status.as_u16(), answer.page()), (200, "console-overview"), "{}", answer.body);
        person
    }

    /// The operator at the operators' console.
    pub async fn operator_at_console(&self) -> Person {
        let (person, answer) = self.at_console(OPERATOR, "/console").await;
        assert_eq!((answer.status.as_u16(), answer.page()), (200, "console-platform"), "{}", answer.body);
        person
    }
}
